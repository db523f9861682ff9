package ledgertest

import (
	"fmt"
	"reflect"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/ledger"
)

func dueOrder(t *testing.T, place Place) {
	l := handles(t, place, 1)[0]
	// Twelve streams over three shards, due in an order that is neither that of
	// their names nor that of their appending.
	var names []string
	for i := range 12 {
		name := streamIn(i%3, i)
		names = append(names, name)
		b := seal(name, nil, draft("a"))
		b.Due = noon.Add(time.Duration(i*5%12) * time.Microsecond)
		mustAppend(t, l, b)
	}
	mustAppend(t, l, seal(streamIn(0, 99), nil, draft("not due by itself")))
	byDue := make([]string, 12)
	for i, name := range names {
		byDue[i*5%12] = name
	}
	check := func(what string, got, want []string) {
		t.Helper()
		if len(got) != len(want) || len(want) > 0 && !reflect.DeepEqual(got, want) {
			t.Errorf("%s: due is %q, want %q", what, got, want)
		}
	}
	late := noon.Add(time.Hour)
	check("all", mustDue(t, l, late, 100, allShards()...), byDue)
	check("three shards", mustDue(t, l, late, 100, 2, 0, 1), byDue)
	check("the first five", mustDue(t, l, late, 5, allShards()...), byDue[:5])
	check("nothing yet", mustDue(t, l, noon.Add(-time.Microsecond), 100, allShards()...), nil)
	check("not after now", mustDue(t, l, noon.Add(6*time.Microsecond), 100, allShards()...), byDue[:7])
	check("no shards", mustDue(t, l, late, 100), nil)
	check("an empty shard", mustDue(t, l, late, 100, 9), nil)
	check("at most none", mustDue(t, l, late, 0, allShards()...), nil)
	var second []string
	for _, name := range byDue {
		if ledger.ShardOf(name) == 1 {
			second = append(second, name)
		}
	}
	check("one shard", mustDue(t, l, late, 100, 1), second)
	check("one shard, two of it", mustDue(t, l, late, 2, 1), second[:2])
}

func dueMoves(t *testing.T, place Place) {
	l := handles(t, place, 1)[0]
	shard := ledger.ShardOf("s")
	var records []ledger.Record
	for i, step := range []struct {
		due time.Time
		at  map[time.Duration]bool // after noon: is it due?
	}{
		{noon, map[time.Duration]bool{-time.Second: false, 0: true, time.Hour: true}},
		{noon.Add(time.Hour), map[time.Duration]bool{0: false, time.Hour - time.Microsecond: false, time.Hour: true}},
		{noon.Add(-time.Hour), map[time.Duration]bool{-time.Hour - time.Microsecond: false, -time.Hour: true}},
		{time.Time{}, map[time.Duration]bool{0: false, 1e6 * time.Hour: false}},
		{noon.Add(time.Minute), map[time.Duration]bool{0: false, time.Minute: true}},
	} {
		b := seal("s", records, draft(fmt.Sprint(i)))
		b.Due = step.due
		mustAppend(t, l, b)
		records = append(records, b.Records...)
		for after, want := range step.at {
			// Being asked does not use it up.
			for range 2 {
				if got := mustDue(t, l, noon.Add(after), 9, shard); (len(got) == 1) != want {
					t.Errorf("step %d, %v after noon: due is %q, want it: %v", i, after, got, want)
				}
			}
		}
	}
	moved := seal("s", records[:2], draft("x"))
	moved.Due = noon.Add(-time.Hour)
	if err := l.Append(t.Context(), moved); err == nil {
		t.Fatal("an append that moved was taken")
	}
	if got := mustDue(t, l, noon, 9, shard); len(got) != 0 {
		t.Errorf("a refused append moved the due time: %q", got)
	}
}

func mustLease(t *testing.T, l ledger.Store, name, holder string, ttl time.Duration, want bool) {
	t.Helper()
	got, err := l.Lease(t.Context(), name, holder, ttl)
	if err != nil {
		t.Fatalf("lease: %v", err)
	}
	if got != want {
		t.Errorf("lease of %s for %s, %v: %v, want %v", name, holder, ttl, got, want)
	}
}

func leaseTurns(t *testing.T, place Place) {
	logs := handles(t, place, 2)
	mustLease(t, logs[0], "runner/1", "one", time.Hour, true)
	mustLease(t, logs[1], "runner/1", "two", time.Hour, false)
	mustLease(t, logs[0], "runner/1", "one", time.Hour, true) // renewed
	mustLease(t, logs[1], "runner/2", "two", time.Hour, true) // another name
	mustLease(t, logs[1], "runner/1", "two", 0, false)        // not its own to give back
	mustLease(t, logs[1], "runner/1", "two", time.Hour, false)
	mustLease(t, logs[0], "runner/1", "one", 0, false)
	mustLease(t, logs[0], "runner/1", "one", 0, false) // nothing left to give back
	mustLease(t, logs[1], "runner/1", "two", time.Hour, true)
	mustLease(t, logs[0], "runner/1", "one", time.Hour, false)
}

func leaseEnds(t *testing.T, place Place) {
	logs := handles(t, place, 2)
	mustLease(t, logs[0], "runner", "one", time.Hour, true)
	mustLease(t, logs[0], "runner", "one", 20*time.Millisecond, true) // renewing shortens, too
	eventually(t, "the lease ends", func() bool {
		ok, err := logs[1].Lease(t.Context(), "runner", "two", time.Hour)
		if err != nil {
			t.Fatalf("lease: %v", err)
		}
		return ok
	})
	mustLease(t, logs[0], "runner", "one", time.Hour, false)
}

func leaseOneHolder(t *testing.T, place Place) {
	logs := handles(t, place, 2)
	var holders atomic.Int32
	inParallel(12, func(w int) {
		ok, err := logs[w%2].Lease(t.Context(), "runner", fmt.Sprint("holder ", w), time.Hour)
		if err != nil {
			t.Errorf("lease: %v", err)
		}
		if ok {
			holders.Add(1)
		}
	})
	if n := holders.Load(); n != 1 {
		t.Errorf("%d holders at once", n)
	}
}
