//go:build services

package stories

import (
	"context"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/testworld"
)

// world is a shop without environments, and an agent in it.
type world struct {
	*rig
	*testworld.World
}

func newWorld(t testing.TB, opt testworld.Options) *world {
	t.Helper()
	c, err := description()
	if err != nil {
		t.Fatal(err)
	}
	r := newRig(t, fakehub.Options{Contract: c})
	r.lanes = true
	return &world{r, r.on.Settle(opt)}
}

// begin starts a gatehold, and waits until it knows the shop.
func (w *world) begin() {
	w.Helper()
	w.start()
	w.await(func() bool { return !w.keeper.Repos.Compared(w.Shop.ID).IsZero() })
	w.settle()
}

// until waits for something that has to come about within a time of the clock,
// which goes on only where nothing else does.
func (w *world) until(limit time.Duration, complaint string, ok func() bool) {
	w.Helper()
	for end := w.clock.now().Add(limit); !w.meanwhile(ok); w.later(time.Second) {
		if !w.clock.now().Before(end) {
			w.Fatalf("%s within %s", complaint, limit)
		}
	}
}

// meanwhile looks at a condition for as long as anything goes on, and says whether
// it held.
func (w *world) meanwhile(condition func() bool) bool {
	w.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for quiet, n := 0, 0; quiet < 3; n++ {
		if condition() {
			return true
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			w.Fatalf("it does not settle within %s", patience)
		}
		if n%looks != 0 {
			continue
		}
		if w.quiet() {
			quiet++
		} else {
			quiet = 0
		}
	}
	return condition()
}

// looks is how often a condition is looked at for each time that the ledger is.
const looks = int(poll / (5 * time.Millisecond))

// quiet reports whether every webhook was answered, and nothing is due.
func (w *world) quiet() bool {
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	return w.hub.Settle(ctx) == nil && w.settled()
}

func (w *world) later(d time.Duration) {
	w.clock.set(w.clock.now().Add(d))
	w.hub.Tick()
}
