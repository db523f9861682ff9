package ledgertest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/ledger"
)

func reopenKeeps(t *testing.T, place Place) {
	open := place(t)
	l, err := open()
	if err != nil {
		t.Fatal(err)
	}
	b := seal("s", nil, draft("a"), draft("b"))
	b.Due = noon
	mustAppend(t, l, b)
	_, cursor, err := l.Tail(t.Context(), ledger.ShardOf("s"), 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	if ok, err := l.Lease(t.Context(), "runner", "one", time.Hour); !ok || err != nil {
		t.Fatalf("lease: %v, %v", ok, err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}

	l = mustOpen(t, open)
	same(t, "read", mustRead(t, l, "s"), b.Records)
	tail, _, err := l.Tail(t.Context(), ledger.ShardOf("s"), cursor, 10)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "tail from a cursor of before", tail, b.Records[1:])
	if got := strings.Join(mustDue(t, l, noon, 9, ledger.ShardOf("s")), " "); got != "s" {
		t.Errorf("due is %q", got)
	}
	if ok, err := l.Lease(t.Context(), "runner", "two", time.Hour); ok || err != nil {
		t.Errorf("another holder's lease: %v, %v", ok, err)
	}
	if err := l.Append(t.Context(), b); !errors.Is(err, ledger.ErrSeen) {
		t.Errorf("append again = %v, want ErrSeen", err)
	}
}

func cancelled(t *testing.T, place Place) {
	l := handles(t, place, 1)[0]
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if err := l.Append(over, seal("s", nil, draft("a"))); !errors.Is(err, context.Canceled) {
		t.Errorf("append = %v, want context.Canceled", err)
	}
	if _, err := l.Read(over, "s", 0); !errors.Is(err, context.Canceled) {
		t.Errorf("read = %v, want context.Canceled", err)
	}
	if _, _, err := l.Tail(over, 0, 0, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("tail = %v, want context.Canceled", err)
	}
	if _, err := l.Due(over, []int{0}, noon, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("due = %v, want context.Canceled", err)
	}
	if ok, err := l.Lease(over, "runner", "one", time.Hour); ok || !errors.Is(err, context.Canceled) {
		t.Errorf("lease = %v, %v, want context.Canceled", ok, err)
	}
	if got := mustRead(t, l, "s"); len(got) != 0 {
		t.Errorf("a context that was over before the append left %d records", len(got))
	}
	cancelledUnderWay(t, l)
}

// cancelledUnderWay ends contexts at any moment of an append: whoever is told
// yes finds the record, and nothing is ever there in part.
func cancelledUnderWay(t *testing.T, l ledger.Store) {
	inParallel(8, func(w int) {
		for i := range 15 {
			stream := fmt.Sprintf("under way %d %d", w, i)
			ctx, cancel := context.WithCancel(t.Context())
			go cancel()
			b := seal(stream, nil, draft("a"), draft("b"))
			err := l.Append(ctx, b)
			cancel()
			got, readErr := l.Read(t.Context(), stream, 0)
			switch {
			case readErr != nil:
				t.Errorf("read: %v", readErr)
			case err == nil && len(got) != 2, len(got) == 1:
				t.Errorf("append = %v, and %d of 2 records are there", err, len(got))
			case err != nil && !errors.Is(err, context.Canceled):
				t.Errorf("append = %v, want nil or context.Canceled", err)
			}
		}
	})
}

func closed(t *testing.T, place Place) {
	open := place(t)
	l, err := open()
	if err != nil {
		t.Fatal(err)
	}
	// Appends that are under way finish, one way or the other: told yes is there.
	const writers = 16
	kept := make([]bool, writers)
	done := make(chan struct{})
	go func() {
		defer close(done)
		inParallel(writers, func(w int) {
			err := l.Append(t.Context(), seal(fmt.Sprintf("s%d", w), nil, draft("a")))
			kept[w] = err == nil
			if err != nil && !errors.Is(err, ledger.ErrClosed) {
				t.Errorf("append while closing = %v, want nil or ErrClosed", err)
			}
		})
	}()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	<-done
	if err := l.Append(t.Context(), seal("s", nil, draft("a"))); !errors.Is(err, ledger.ErrClosed) {
		t.Errorf("append after close = %v, want ErrClosed", err)
	}
	if _, err := l.Read(t.Context(), "s", 0); !errors.Is(err, ledger.ErrClosed) {
		t.Errorf("read after close = %v, want ErrClosed", err)
	}
	if err := l.Close(); err != nil {
		t.Errorf("closing again = %v", err)
	}
	l = mustOpen(t, open)
	for w, yes := range kept {
		if n := len(mustRead(t, l, fmt.Sprintf("s%d", w))); yes && n != 1 || !yes && n != 0 {
			t.Errorf("s%d: told %v, %d records are there", w, yes, n)
		}
	}
}
