//go:build services

package stories

import (
	"context"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
)

// rules hold what is harmful, as needs does, and say nothing of deployments.
const rules = needs

// world is a shop without environments, and an agent in it.
type world struct {
	*rig
	inst  *fakehub.Installation
	acme  *fakehub.Org
	sre   *fakehub.Team
	shop  *fakehub.Repo
	ana   *fakehub.Account
	agent *fakehub.Account
}

func newWorld(t testing.TB, opt fakehub.Options) *world {
	t.Helper()
	c, err := description()
	if err != nil {
		t.Fatal(err)
	}
	opt.Contract = c
	w := &world{rig: newRig(t, opt)}
	w.lanes = true
	w.ana = w.hub.CreateUser("ana")
	w.agent = w.hub.CreateKnownBot("devin-ai-integration", 158243242)
	w.acme = w.hub.CreateOrg("acme")
	w.acme.AddMember(w.ana, "member")
	w.sre = w.acme.CreateTeam("sre", nil)
	w.sre.Add(w.ana, "member")
	w.shop = w.acme.CreateRepo("shop", fakehub.Files{"README.md": "# Shop\n", ".github/gatehold.yml": rules})
	w.inst = w.app.Install(w.acme)
	return w
}

// begin starts a gatehold, and waits until it knows the shop.
func (w *world) begin() {
	w.Helper()
	w.start()
	w.await(func() bool { return !w.keeper.Repos.Compared(w.shop.ID).IsZero() })
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
