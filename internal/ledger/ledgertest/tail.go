package ledgertest

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/ledger"
)

func tailPages(t *testing.T, place Place) {
	logs := handles(t, place, 2)
	var want []ledger.Record
	streams := make(map[string][]ledger.Record)
	for i := range 20 {
		name := streamIn(3, i%4)
		b := seal(name, streams[name], draft(""))
		// The order is that of appending, whatever a writer's clock says.
		b.Records = ledger.Seal(name, headOf(streams[name]), noon.Add(-time.Duration(i)*time.Hour), draft(fmt.Sprint("a", i)), draft(""))
		mustAppend(t, logs[i%2], b)
		streams[name] = append(streams[name], b.Records...)
		want = append(want, b.Records...)
		mustAppend(t, logs[i%2], seal(streamIn(4, i), nil, draft("other shard")))
	}
	for _, size := range []int{1, 7, 40, 1000} {
		got, cursor := readTail(t, logs[1], 3, 0, size)
		same(t, fmt.Sprintf("tail in pages of %d", size), got, want)
		more, end, err := logs[0].Tail(t.Context(), 3, cursor, size)
		if err != nil || len(more) != 0 || end != cursor {
			t.Errorf("tail at its end: %d records, cursor %d, was %d, %v", len(more), end, cursor, err)
		}
	}
	// A cursor may be kept from any page, and the same records come again.
	_, cursor, err := logs[0].Tail(t.Context(), 3, 0, 13)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		got, _ := readTail(t, logs[1], 3, cursor, 5)
		same(t, "tail from a cursor", got, want[13:])
	}
	if got, cursor, err := logs[0].Tail(t.Context(), 3, 0, 0); len(got) != 0 || cursor != 0 || err != nil {
		t.Errorf("tail of at most 0: %d records, cursor %d, %v", len(got), cursor, err)
	}
	if got, _, err := logs[0].Tail(t.Context(), 5, 0, 10); len(got) != 0 || err != nil {
		t.Errorf("tail of an empty shard: %d records, %v", len(got), err)
	}
}

// tooMany is more than any test here appends.
const tooMany = 5000

// readTail reads pages to the end and checks that none is larger than asked.
func readTail(t *testing.T, l ledger.Store, shard int, cursor ledger.Cursor, size int) ([]ledger.Record, ledger.Cursor) {
	t.Helper()
	var all []ledger.Record
	for {
		page, next, err := l.Tail(t.Context(), shard, cursor, size)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) > size {
			t.Fatalf("tail of at most %d gave %d", size, len(page))
		}
		if len(page) == 0 {
			return all, cursor
		}
		all, cursor = append(all, page...), next
		if len(all) > tooMany {
			t.Fatalf("tail gives records without end")
		}
	}
}

// tailSkipsNothing reads the tail of a shard while writers on two handles
// append to it: what the readers saw is what is there in the end, in that
// order, each record once, and each stream's records in the order of versions.
func tailSkipsNothing(t *testing.T, place Place) {
	logs := handles(t, place, 2)
	const writers, rounds, shard = 8, 20, 7
	var running atomic.Int32
	running.Store(writers)
	seen := make([][]ledger.Record, 3)
	readers := make(chan struct{})
	go func() {
		defer close(readers)
		inParallel(len(seen), func(r int) {
			seen[r] = follow(t, logs[r%2], shard, 1+r*4, func() bool { return running.Load() == 0 })
		})
	}()
	inParallel(writers, func(w int) {
		defer running.Add(-1)
		stream := streamIn(shard, w)
		var records []ledger.Record
		for i := range rounds {
			b := seal(stream, records, draft(fmt.Sprint(i)), draft(""))
			if i%3 == 0 {
				b = seal(stream, records, draft(fmt.Sprint(i)))
			}
			if err := logs[w%2].Append(context.WithoutCancel(t.Context()), b); err != nil {
				t.Errorf("append: %v", err)
				return
			}
			records = append(records, b.Records...)
		}
	})
	<-readers
	want, _ := readTail(t, logs[0], shard, 0, 50)
	for r := range seen {
		same(t, fmt.Sprintf("reader %d", r), seen[r], want)
	}
	next := make(map[string]uint64)
	for _, record := range want {
		if next[record.Stream]++; next[record.Stream] != record.Version {
			t.Fatalf("%s: version %d comes as number %d", record.Stream, record.Version, next[record.Stream])
		}
	}
	for w := range writers {
		if n := len(mustRead(t, logs[0], streamIn(shard, w))); n == 0 || uint64(n) != next[streamIn(shard, w)] {
			t.Errorf("%s: %d records, %d in the tail", streamIn(shard, w), n, next[streamIn(shard, w)])
		}
	}
}

// follow reads a tail until it is at its end after the writers have stopped.
func follow(t *testing.T, l ledger.Store, shard, size int, stopped func() bool) []ledger.Record {
	var all []ledger.Record
	var cursor ledger.Cursor
	for {
		last := stopped()
		page, next, err := l.Tail(t.Context(), shard, cursor, size)
		if err != nil {
			t.Errorf("tail: %v", err)
			return all
		}
		all, cursor = append(all, page...), next
		if last && len(page) == 0 {
			return all
		}
		if len(all) > tooMany {
			t.Errorf("tail gives records without end")
			return all
		}
	}
}
