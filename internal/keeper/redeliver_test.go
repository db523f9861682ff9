package keeper_test

import (
	"context"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/keeper"
	"github.com/gatehold/gatehold/internal/keeper/keepertest"
	"github.com/gatehold/gatehold/internal/ledger/sqlite"
	"github.com/gatehold/gatehold/internal/report"
)

// deliveryLog is GitHub's log: what is asked for again arrives only after a
// number of further failures.
type deliveryLog struct {
	mu       sync.Mutex
	attempts []gate.Attempt
	left     map[string]int // failures still to come, by event
	asked    []int64
	broken   int // how many readings fail first
}

func (l *deliveryLog) Deliveries(_ context.Context, after int64) ([]gate.Attempt, bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.broken > 0 {
		l.broken--
		return nil, false, &gate.Error{Code: "github_unavailable", Text: "GitHub answered 502."}
	}
	var out []gate.Attempt
	whole := after == 0
	for _, a := range l.attempts {
		if a.ID > after {
			out = append(out, a)
		}
		whole = whole || a.ID <= after
	}
	return out, whole, nil
}

func (l *deliveryLog) Redeliver(_ context.Context, id int64) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked = append(l.asked, id)
	i := slices.IndexFunc(l.attempts, func(a gate.Attempt) bool { return a.ID == id })
	guid := l.attempts[i].GUID
	l.left[guid]--
	l.attempts = append(l.attempts, gate.Attempt{ID: int64(len(l.attempts) + 1), GUID: guid, At: time.Now(), OK: l.left[guid] < 0})
	return nil
}

func TestMissedDeliveriesAreAskedForUntilTheyArrive(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		store, err := sqlite.Open(filepath.Join(dir, "ledger.db"), sqlite.Options{})
		if err != nil {
			t.Fatal(err)
		}
		log := &deliveryLog{broken: 1, left: map[string]int{"lost": 2}, attempts: []gate.Attempt{
			{ID: 1, GUID: "fine", OK: true}, {ID: 2, GUID: "lost"}, {ID: 3, GUID: "mended"}, {ID: 4, GUID: "mended", OK: true},
		}}
		k := keeper.New(keepertest.Whole(keeper.Config{Log: store, Hub: newGitHub(), Missed: log, Now: time.Now, Holder: "test"}))
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error, 1)
		go func() { done <- k.Run(ctx) }()
		<-time.After(10 * time.Minute) // virtual time
		synctest.Wait()
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if err := store.Close(); err != nil {
			t.Error(err)
		}
		if want := []int64{2, 5, 6}; !slices.Equal(log.asked, want) {
			t.Errorf("asked for attempts %v, want %v: each failure of what is lost, and nothing else", log.asked, want)
		}
	})
}

// TestAGapInTheLogIsFound: what the log has lost is looked for at once.
func TestAGapInTheLogIsFound(t *testing.T) {
	story(t, func(h *house) {
		h.close()
		store, err := sqlite.Open(h.path, sqlite.Options{})
		if err != nil {
			t.Fatal(err)
		}
		h.log = store
		log := &deliveryLog{left: map[string]int{}, attempts: []gate.Attempt{{ID: 1, GUID: "a", OK: true}, {ID: 2, GUID: "b", OK: true}}}
		h.keeper = keeper.New(keepertest.Whole(keeper.Config{Log: store, Hub: h.hub, Missed: log, Inventory: listing{h.hub}, Now: time.Now, Holder: "test"}))
		ctx, cancel := context.WithCancel(context.Background())
		h.stop, h.done = cancel, make(chan error, 1)
		go func() { h.done <- h.keeper.Run(ctx) }()
		h.settle(90 * time.Second)
		if n := h.hub.count("list"); n != 1 {
			t.Fatalf("compared %d times at start", n)
		}
		log.mu.Lock()
		log.attempts = append(log.attempts, gate.Attempt{ID: 3, GUID: "c", OK: true})
		log.mu.Unlock()
		h.settle(2 * time.Minute)
		if n := h.hub.count("list"); n != 1 {
			t.Fatalf("compared %d times although nothing is missing", n-1)
		}
		h.hub.set(1, pull("aaa1", "db/drop.sql"))
		log.mu.Lock()
		log.attempts = []gate.Attempt{{ID: 90, GUID: "z", OK: true}} // what came before is gone from it
		log.mu.Unlock()
		h.settle(2 * time.Minute)
		if n := h.hub.count("list"); n != 2 {
			t.Errorf("compared %d times after a gap, want once", n-1)
		}
		h.expect("aaa1", report.ActionRequired, "Held")
	})
}
