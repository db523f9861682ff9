package keeper_test

import (
	"context"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/keeper"
	"github.com/gatehold/gatehold/internal/keeper/keepertest"
	"github.com/gatehold/gatehold/internal/ledger"
	"github.com/gatehold/gatehold/internal/ledger/sqlite"
	"github.com/gatehold/gatehold/internal/report"
)

// cutOff is a ledger that does not take a record of a kind: whoever writes it dies
// just before. What happens then is called first.
type cutOff struct {
	ledger.Store
	kind string
	then func()
	dead bool
}

func (c *cutOff) Append(ctx context.Context, b ledger.Batch) error {
	if c.dead {
		return errDead
	}
	if slices.ContainsFunc(b.Records, func(r ledger.Record) bool { return r.Kind == c.kind }) && c.then != nil {
		then := c.then
		c.then = nil
		then()
		c.dead = true
		return errDead
	}
	return c.Store.Append(ctx, b)
}

// TestATellingThatIsCutOffLeavesNoGreen: the check of a head was told of its gate
// and painted green. Before it was on record that it was, the pull request got
// another head and the process died.
func TestATellingThatIsCutOffLeavesNoGreen(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, dir)
		h.hub.lanes = `"base*"`
		h.settle(time.Second)
		h.close()

		store, err := sqlite.Open(filepath.Join(dir, "ledger.db"), sqlite.Options{})
		if err != nil {
			t.Fatal(err)
		}
		cut := &cutOff{Store: store, kind: gate.Told{}.Kind()}
		h.keeper = keeper.New(keepertest.Whole(keeper.Config{Log: cut, Hub: h.hub, Now: time.Now, Holder: "cut off"}))
		into := func(head string) {
			h.hub.set(1, pull(head, "README.md"))
			h.hub.set(1, func(f *change.Facts) { f.Change.BaseRef = "base1" })
		}
		cut.then = func() { // the other beat paints meanwhile
			<-time.After(time.Second)
			into("aaa2")
			h.deliver(1, "synchronize")
		}
		ctx, cancel := context.WithCancel(context.Background())
		ran := make(chan error, 1)
		go func() { ran <- h.keeper.Run(ctx) }()
		into("aaa1")
		h.deliver(1, "opened")
		h.settle(5 * time.Second)
		h.expect("aaa1 gatehold: base*", report.Success, "Passed")
		cancel()
		<-ran
		store.Close()

		h.start()
		defer h.close()
		h.settle(20 * time.Second)
		h.expect("aaa2 gatehold: base*", report.Success, "Passed")
		h.expect("aaa1 gatehold: base*", report.ActionRequired, "nothing that is open in this lane")
	})
}

// shared is a ledger whose leases are everybody's, as for a while after one has
// run out.
type shared struct{ ledger.Store }

func (shared) Lease(context.Context, string, string, time.Duration) (bool, error) { return true, nil }

// TestALateFailureOfWhatIsDoneIsNone: another process could not read what this one
// has judged meanwhile, and says so afterwards. Nothing would be tried again.
func TestALateFailureOfWhatIsDoneIsNone(t *testing.T) {
	story(t, func(h *house) {
		first := true
		h.hub.fault = func(call string) (error, bool) { // called with the lock held
			if call != "facts" || !first {
				return nil, false
			}
			first = false
			h.hub.mu.Unlock()
			<-time.After(5 * time.Second)
			h.hub.mu.Lock()
			return &gate.Error{Code: "rate_limited", Text: "Slow down.", Until: time.Now().Add(time.Minute)}, false
		}
		h.hub.set(1, pull("aaa1", "README.md"))
		h.deliver(1, "opened")
		h.settle(time.Second)

		other := keeper.New(keepertest.Whole(keeper.Config{Log: shared{h.log}, Hub: h.hub, Now: time.Now, Holder: "other"}))
		ctx, cancel := context.WithCancel(context.Background())
		ran := make(chan error, 1)
		go func() { ran <- other.Run(ctx) }()
		h.settle(2 * time.Second)
		cancel()
		<-ran
		h.expect("aaa1", report.Success, "Passed")

		h.settle(10 * time.Minute)
		h.expect("aaa1", report.Success, "Passed")
	})
}
