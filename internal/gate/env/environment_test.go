package env_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/gate/env"
)

// place is an environment's stream.
type place struct {
	state env.State
	at    time.Time
}

func (p *place) add(e gate.Event) {
	p.at = p.at.Add(time.Second)
	p.state = p.state.After(gate.Entry{Version: p.state.Version + 1, At: p.at, Event: e})
}

func (p *place) land(arrivals ...gate.Arrival) {
	p.add(gate.Landed{Covers: p.state.Version, Arrivals: arrivals})
}

func passing(id int64, sha string) gate.Arrival {
	return gate.Arrival{DeploymentID: id, SHA: sha, Run: id, Gate: fmt.Sprint("deploy/", id), Approved: true}
}

// Whoever may write deployments can say of an old one that it succeeded, again:
// that is not what runs there, and what was taken back stays taken back.
func TestWhatWentOutOnceDoesNotGoOutAgainByAStatus(t *testing.T) {
	p := &place{}
	p.land(passing(1, "x"))
	p.land(passing(2, "y"))
	p.land(passing(3, "x")) // rolled back
	p.land(gate.Arrival{DeploymentID: 9, SHA: "z", Run: 9})
	p.land(passing(2, "y")) // forged
	if a := p.state.Passed(); a == nil || a.DeploymentID != 3 {
		t.Errorf("what is judged from is %+v, want deployment 3", a)
	}
	if got := p.state.Bypassed(); len(got) != 1 || got[0].DeploymentID != 9 {
		t.Errorf("past the gate went %+v, want deployment 9", got)
	}
	p.land(gate.Arrival{DeploymentID: 4, SHA: "w", Failed: true})
	p.land(passing(4, "w"))
	if a := p.state.WasApproved("w"); a != nil {
		t.Errorf("what failed ran there: %+v", a)
	}
}

// A flood of deployments that nobody let go does not make an environment forget
// those that somebody did.
func TestAFloodDoesNotMakeAnEnvironmentForget(t *testing.T) {
	p := &place{}
	p.land(passing(1, "x"))
	for i := range int64(1000) {
		p.land(gate.Arrival{DeploymentID: 100 + i, SHA: "f"})
		p.land(passing(1, "x")) // said again and again
	}
	if a := p.state.Passed(); a == nil || a.DeploymentID != 1 || p.state.WasApproved("x") == nil {
		t.Errorf("it forgot what passed: %+v", a)
	}
	if n := len(p.state.Arrivals); n > 401 {
		t.Errorf("it keeps %d arrivals", n)
	}
	for i := range int64(1000) {
		p.land(passing(5000+i, "x"))
	}
	if n := len(p.state.Arrivals); n > 401 {
		t.Errorf("it keeps %d arrivals", n)
	}
}

// The first deployment that GitHub told of divides those that had a gate to
// pass from those before.
func TestTheFirstDeploymentThatWasTold(t *testing.T) {
	p := &place{}
	see := func(event string, id int64) {
		p.add(gate.Seen{Subject: gate.Subject{Kind: gate.Environment, DeploymentID: id, Environment: "production"}, Event: event})
	}
	see("deployment_status", 3) // of one from before
	see("deployment", 8)
	see("deployment", 7)
	see("deployment", 9)
	if p.state.First != 7 {
		t.Errorf("the first is %d, want 7", p.state.First)
	}
}

// What is found later of how deployments ended comes to the same as if it had been
// told in time: what runs there is what ended last.
func TestAnEndThatIsFoundLateStandsInItsPlace(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var all []gate.Arrival
		for i := range rapid.IntRange(1, 12).Draw(t, "deployments") {
			a := passing(int64(1+i), rapid.SampledFrom([]string{"x", "y", "z"}).Draw(t, "sha"))
			a.At = time.Unix(int64(1000+i), 0)
			a.Failed = rapid.IntRange(0, 3).Draw(t, "failed") == 0
			if rapid.IntRange(0, 3).Draw(t, "went by") == 0 {
				a.Gate, a.Approved = "", false
			}
			all = append(all, a)
		}
		told, found := &place{}, &place{}
		var missed []gate.Arrival
		for _, a := range all {
			told.land(a)
			if rapid.Bool().Draw(t, "lost") {
				a.Found = true
				missed = append(missed, a)
				continue
			}
			found.land(a)
		}
		for _, i := range rapid.Permutation(indexes(len(missed))).Draw(t, "found") {
			found.land(missed[i])
		}
		same := slices.EqualFunc(told.state.Arrivals, found.state.Arrivals, func(a, b gate.Arrival) bool {
			b.Found = false
			return a == b
		})
		if !same {
			t.Fatalf("told: %+v\nfound: %+v", told.state.Arrivals, found.state.Arrivals)
		}
	})
}

func indexes(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}
