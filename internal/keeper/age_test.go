package keeper_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/keeper"
	"github.com/gatehold/gatehold/internal/keeper/keepertest"
	"github.com/gatehold/gatehold/internal/ledger/sqlite"
	"github.com/gatehold/gatehold/internal/report"
)

// waiting is a GitHub whose merge group can be read, and whose pull request
// cannot: the group's check stays in progress.
type waiting struct{ *github }

func (w waiting) Facts(ctx context.Context, s gate.Subject, hint change.Hint) (change.Facts, error) {
	if s.Kind != gate.MergeGroup {
		return change.Facts{}, &gate.Error{Code: "no_permission", Text: "The App may not read it.", Final: true}
	}
	facts, err := w.github.Facts(ctx, s, hint)
	facts.PullHead, facts.Change.Head = facts.Change.Head, s.SHA
	return facts, err
}

// TestARunInProgressDoesNotBecomeStale: GitHub makes it so after 14 days, so it
// is painted again after 13, the same, as long as somebody waits for it.
func TestARunInProgressDoesNotBecomeStale(t *testing.T) {
	story(t, func(h *house) {
		h.close()
		log, err := sqlite.Open(h.path, sqlite.Options{})
		if err != nil {
			t.Fatal(err)
		}
		var ahead atomic.Int64 // of virtual time: a fortnight of polls would take long
		h.log = log
		h.keeper = keeper.New(keepertest.Whole(keeper.Config{Log: log, Hub: waiting{h.hub}, Holder: "test",
			Now: func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }}))
		ctx, cancel := context.WithCancel(context.Background())
		h.stop, h.done = cancel, make(chan error, 1)
		go func() { h.done <- h.keeper.Run(ctx) }()

		h.hub.set(1, pull("aaa1", "db/drop.sql"))
		group := gate.Subject{Kind: gate.MergeGroup, Repo: shop, Number: 1, SHA: "c0ffee"}
		take := func(key string, closed bool) {
			t.Helper()
			_, err := h.keeper.Deliveries.Take(context.Background(), gate.Delivery{Key: key, Seen: &gate.Seen{
				Subject: group, Event: "merge_group", Head: group.SHA, BaseRef: "main", Closed: closed,
			}})
			if err != nil {
				t.Fatal(err)
			}
		}
		take("1:1", false)
		h.settle(10 * time.Second)
		check, runs := h.hub.deciding(group.SHA)
		if runs != 1 || check.Conclusion != report.InProgress || !strings.Contains(check.Title, "Waiting") {
			t.Fatalf("%d runs, %q: %q", runs, check.Conclusion, check.Title)
		}
		puts := h.hub.count("put")
		skip := func(d time.Duration) int {
			ahead.Add(int64(d))
			h.settle(10 * time.Second)
			return h.hub.count("put") - puts
		}
		if n := skip(12*24*time.Hour + 23*time.Hour); n != 0 {
			t.Errorf("painted %d times before it grows old", n)
		}
		if n := skip(2 * time.Hour); n != 1 {
			t.Errorf("painted %d times after 13 days, want once", n)
		}
		if n := skip(12 * 24 * time.Hour); n != 1 {
			t.Errorf("painted %d times, want once in 13 days", n)
		}
		if n := skip(25 * time.Hour); n != 2 {
			t.Errorf("painted %d times after 26 days, want twice", n)
		}
		again, runs := h.hub.deciding(group.SHA)
		if runs != 1 || again.Title != check.Title || again.Conclusion != report.InProgress {
			t.Errorf("%d runs, %q: %q", runs, again.Conclusion, again.Title)
		}
		take("1:2", true) // the group is gone, and nobody waits any more
		h.settle(10 * time.Second)
		puts = h.hub.count("put")
		if n := skip(40 * 24 * time.Hour); n != 0 {
			t.Errorf("painted %d times for nobody", n)
		}
	})
}
