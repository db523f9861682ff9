package ledgertest

import (
	"bytes"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/ledger"
)

func readsBack(t *testing.T, place Place) {
	l := handles(t, place, 1)[0]
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	// Names, kinds and keys come from outside in part: bytes like any other.
	stream := "gate/\x00\xff 'ü'} {07}"
	drafts := []ledger.Draft{
		{Kind: "plain", Key: "key", Body: []byte(`{"a":1}`)},
		{Kind: "no key"},
		{Kind: "", Key: "\x00", Body: []byte{}},
		{Kind: "k\x00\xfe", Key: "\x00\xff\xfe", Body: every},
		{Kind: "large", Key: "Key", Body: bytes.Repeat([]byte{0, 0xff, '\n'}, 300_000)},
	}
	first := seal(stream, nil, drafts...)
	mustAppend(t, l, first)
	late := ledger.Batch{Stream: stream, After: 5, Records: ledger.Seal(stream,
		ledger.Head{Version: 5, Hash: first.Records[4].Hash}, time.Date(1969, 12, 31, 23, 59, 59, 999999999, time.FixedZone("x", 3600)),
		ledger.Draft{Kind: "before the epoch"})}
	mustAppend(t, l, late)

	want := append(first.Records, late.Records...)
	got := mustRead(t, l, stream)
	same(t, "read", got, want)
	if err := ledger.Verify(got); err != nil {
		t.Error(err)
	}
	for after := range uint64(8) {
		part, err := l.Read(t.Context(), stream, after)
		if err != nil {
			t.Fatal(err)
		}
		same(t, fmt.Sprintf("read after %d", after), part, want[min(after, 6):])
	}
	if part, err := l.Read(t.Context(), stream, 1<<64-1); err != nil || len(part) != 0 {
		t.Errorf("read after the last number there is: %d records, %v", len(part), err)
	}
	if none := mustRead(t, l, "gate/none"); len(none) != 0 {
		t.Errorf("a stream that is not there has %d records", len(none))
	}
}

// A stream may be longer than what a store reads at once.
func readsLong(t *testing.T, place Place) {
	l := handles(t, place, 1)[0]
	var all []ledger.Record
	for _, n := range []int{1, 255, 257, 300} {
		b := seal("s", all, make([]ledger.Draft, n)...)
		mustAppend(t, l, b)
		all = append(all, b.Records...)
	}
	for _, after := range []int{0, 1, 255, 256, 257, 512, 600, 812, 813} {
		got, err := l.Read(t.Context(), "s", uint64(after))
		if err != nil {
			t.Fatal(err)
		}
		same(t, fmt.Sprintf("read after %d", after), got, all[after:])
	}
	tail, _ := readTail(t, l, ledger.ShardOf("s"), 0, 1000)
	same(t, "tail", tail, all)
}

func refusesMoved(t *testing.T, place Place) {
	l := handles(t, place, 1)[0]
	first := seal("s", nil, draft("a"), draft("b"))
	ahead := seal("s", first.Records, draft("c"))
	if err := l.Append(t.Context(), ahead); !errors.Is(err, ledger.ErrMoved) {
		t.Fatalf("append after version 2 of an empty stream = %v, want ErrMoved", err)
	}
	mustAppend(t, l, first)
	for name, b := range map[string]ledger.Batch{
		"behind the start": seal("s", nil, draft("c")),
		"behind":           seal("s", first.Records[:1], draft("c"), draft("d")),
		"ahead":            seal("s", ahead.Records, draft("d")),
	} {
		if err := l.Append(t.Context(), b); !errors.Is(err, ledger.ErrMoved) {
			t.Errorf("%s: append = %v, want ErrMoved", name, err)
		}
	}
	same(t, "after refusals", mustRead(t, l, "s"), first.Records)
	mustAppend(t, l, ahead)
}

func refusesSeen(t *testing.T, place Place) {
	l := handles(t, place, 1)[0]
	first := seal("s", nil, draft("a"), draft(""), draft("b"))
	first.Due = noon
	mustAppend(t, l, first)

	again := seal("s", first.Records, draft("new"), draft("a"))
	again.Due = noon.Add(time.Hour)
	for name, b := range map[string]ledger.Batch{
		"the very same":       first,
		"one new, one seen":   again,
		"seen and moved both": seal("s", first.Records[:1], draft("b")),
		"seen, far ahead":     {Stream: "s", After: 9, Records: ledger.Seal("s", ledger.Head{Version: 9}, noon, draft("a"))},
	} {
		if err := l.Append(t.Context(), b); !errors.Is(err, ledger.ErrSeen) {
			t.Errorf("%s: append = %v, want ErrSeen", name, err)
		}
	}
	same(t, "after refusals", mustRead(t, l, "s"), first.Records)
	if got := mustDue(t, l, noon, 9, ledger.ShardOf("s")); len(got) != 1 {
		t.Errorf("a refused append changed the due time: due is %q", got)
	}
	tail, _, err := l.Tail(t.Context(), ledger.ShardOf("s"), 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "tail after refusals", tail, first.Records)

	// Nothing of the refused batch is left: its other key is free. Keys are a
	// matter of their stream, to the byte, and none is no key.
	mustAppend(t, l, seal("s", first.Records, draft("new"), draft(""), draft("A"), draft("a ")))
	mustAppend(t, l, seal("another", nil, draft("a"), draft("b")))
}

func refusesUnsealed(t *testing.T, place Place) {
	l := handles(t, place, 1)[0]
	gap := seal("s", nil, draft("a"), draft("b"))
	gap.Records = gap.Records[1:]
	foreign := seal("s", nil, draft("a"))
	foreign.Stream = "another"
	for name, b := range map[string]ledger.Batch{
		"no records": {Stream: "s"},
		"a gap":      gap,
		"foreign":    foreign,
		"twice":      seal("s", nil, draft("a"), draft("a")),
		"no name":    seal("", nil, draft("a")),
	} {
		err := l.Append(t.Context(), b)
		if err == nil || errors.Is(err, ledger.ErrSeen) || errors.Is(err, ledger.ErrMoved) {
			t.Errorf("%s: append = %v, want an error of its own", name, err)
		}
	}
	if got := mustRead(t, l, "s"); len(got) != 0 {
		t.Errorf("refused batches left %d records", len(got))
	}
}

// oneWinner lets writers on two handles push the same stream forward: each
// version is written by exactly one, and nobody is told otherwise.
func oneWinner(t *testing.T, place Place) {
	logs := handles(t, place, 2)
	const writers, goal = 8, 40
	var mu sync.Mutex
	won := make(map[uint64]string)
	inParallel(writers, func(w int) {
		l := logs[w%len(logs)]
		for {
			records, err := l.Read(t.Context(), "s", 0)
			if err != nil {
				t.Errorf("read: %v", err)
				return
			}
			if len(records) >= goal {
				return
			}
			name := fmt.Sprintf("writer %d", w)
			b := seal("s", records, ledger.Draft{Kind: "test", Body: []byte(name)})
			switch err := l.Append(t.Context(), b); {
			case errors.Is(err, ledger.ErrMoved):
			case err != nil:
				t.Errorf("append: %v", err)
				return
			default:
				mu.Lock()
				if other, twice := won[b.After+1]; twice {
					t.Errorf("version %d was won by %s and by %s", b.After+1, other, name)
				}
				won[b.After+1] = name
				mu.Unlock()
			}
		}
	})
	records := mustRead(t, logs[0], "s")
	if err := ledger.Verify(records); err != nil {
		t.Fatal(err)
	}
	if len(records) != len(won) {
		t.Fatalf("%d records, %d appends succeeded", len(records), len(won))
	}
	for _, r := range records {
		if won[r.Version] != string(r.Body) {
			t.Errorf("version %d is of %s, but %q was told it won", r.Version, r.Body, won[r.Version])
		}
	}
}

// oneWinnerKey gives every writer the same deliveries: each is recorded once.
func oneWinnerKey(t *testing.T, place Place) {
	logs := handles(t, place, 2)
	const writers, deliveries = 6, 12
	var mu sync.Mutex
	taken := make(map[string]int)
	inParallel(writers, func(w int) {
		l := logs[w%len(logs)]
		for d := range deliveries {
			key := fmt.Sprintf("delivery-%d", d)
			for again := true; again; {
				records, err := l.Read(t.Context(), "s", 0)
				if err != nil {
					t.Errorf("read: %v", err)
					return
				}
				err = l.Append(t.Context(), seal("s", records, draft(key)))
				again = errors.Is(err, ledger.ErrMoved)
				if err == nil {
					mu.Lock()
					taken[key]++
					mu.Unlock()
				} else if !again && !errors.Is(err, ledger.ErrSeen) {
					t.Errorf("append: %v", err)
					return
				}
			}
		}
	})
	for d := range deliveries {
		if key := fmt.Sprintf("delivery-%d", d); taken[key] != 1 {
			t.Errorf("%s was taken %d times", key, taken[key])
		}
	}
	if err := ledger.Verify(mustRead(t, logs[0], "s")); err != nil {
		t.Error(err)
	}
}

// manyStreams mixes appends that succeed, move and are seen in the same
// moment: each writer gets the answer for its own.
func manyStreams(t *testing.T, place Place) {
	l := handles(t, place, 1)[0]
	const writers, rounds = 24, 6
	inParallel(writers, func(w int) {
		stream := fmt.Sprintf("stream-%d", w)
		var records []ledger.Record
		for i := range rounds {
			b := seal(stream, records, draft(fmt.Sprintf("key-%d", i)))
			for _, try := range []struct {
				batch ledger.Batch
				want  error
			}{{b, nil}, {b, ledger.ErrSeen}, {seal(stream, records, draft("")), ledger.ErrMoved}} {
				if err := l.Append(t.Context(), try.batch); !errors.Is(err, try.want) {
					t.Errorf("%s, round %d: append = %v, want %v", stream, i, err, try.want)
					return
				}
			}
			records = append(records, b.Records...)
			// What returned is seen by the next read, always.
			got, err := l.Read(t.Context(), stream, 0)
			if err != nil || len(got) != len(records) {
				t.Errorf("%s, round %d: read gives %d records, want %d (%v)", stream, i, len(got), len(records), err)
				return
			}
		}
	})
	for w := range writers {
		records := mustRead(t, l, fmt.Sprintf("stream-%d", w))
		if err := ledger.Verify(records); err != nil || len(records) != rounds {
			t.Errorf("stream-%d: %d records, want %d; %v", w, len(records), rounds, err)
		}
	}
}

func inParallel(n int, f func(i int)) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { f(i) })
	}
	wg.Wait()
}
