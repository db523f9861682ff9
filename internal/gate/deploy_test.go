package gate_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/proptest"
)

// platform is GitHub's side of one deployment: it takes one answer for an
// attempt, and none that it did not ask for.
type platform struct {
	attempt int
	waiting bool
	answers []gate.Reply // of this attempt
}

// deploying is a deployment's gate with those who work on it: the keeper, which
// does what is due and may be killed in the middle of it, GitHub, and people.
type deploying struct {
	*stream
	rt    *rapid.T
	hub   *platform
	shown []gate.For
}

func newDeploying(t *rapid.T) *deploying {
	d := &deploying{stream: &stream{t: t, at: start}, rt: t, hub: &platform{attempt: 1, waiting: true}}
	d.add(gate.Seen{Subject: gate.Subject{Kind: gate.Deployment, Run: 9, DeploymentID: 5, Environment: "production", SHA: "a1"},
		Event: "deployment_protection_rule", Head: "a1"})
	return d
}

// judge records a verdict on what would go out.
func (d *deploying) judge() {
	t := d.rt
	need := rapid.SampledFrom(needs).Draw(t, "need")
	held := rapid.Bool().Draw(t, "held")
	base := rapid.SampledFrom([]string{"b1", "b2"}).Draw(t, "base")
	v := &gate.Verdict{Head: "a1", Held: held, Contributors: contributors, Rules: gate.RulesRef{Digest: "r1"},
		Digest: fmt.Sprint(held, need, base, d.hub.attempt),
		Deploy: &gate.Deploy{Environment: "production", Run: 9, Attempt: d.hub.attempt, Base: base}}
	if held {
		v.Needs = &need
	}
	if rapid.IntRange(0, 3).Draw(t, "wait") == 0 {
		w := gate.Wait{Code: "freeze", Text: "It is frozen.",
			Until: d.at.Add(time.Duration(rapid.IntRange(1, 90).Draw(t, "frozen")) * time.Minute)}
		if rapid.Bool().Draw(t, "liftable") {
			w.Except = []string{"@acme/security"}
		}
		v.Deploy.Waits = []gate.Wait{w}
	}
	d.add(gate.Judged{Covers: d.state.Version, Head: "a1", BaseRef: base, Digest: v.Digest, Verdict: v})
	d.shown = append(d.shown, d.state.For())
}

// work does what is due, if anything is at this moment, as the keeper does. It
// reports whether it did.
func (d *deploying) work(crash bool) bool {
	step, when := d.state.Due()
	if step == gate.Nothing || d.at.Before(when) {
		return false
	}
	switch step {
	case gate.NotifyChecks:
		d.add(gate.Told{Covers: d.state.Changed, Checks: []string{"a1"}})
	case gate.Assess:
		d.judge()
	case gate.Count:
		offer := d.state.Offers[0]
		for _, p := range people {
			if p.Actor.ID == offer.By.ID {
				d.add(d.state.Count(offer, p))
				return true
			}
		}
	case gate.Lapse:
		d.add(gate.Lapsed{})
	case gate.Respond:
		d.respond(crash)
	default:
		d.t.Fatalf("a deployment wants %q", step)
	}
	return true
}

// respond follows keeper.respond: read the run, write what is to be said, say
// it, write that it was said.
func (d *deploying) respond(crash bool) {
	reply := d.state.Reply(d.at)
	switch {
	case d.state.Verdict != nil && d.state.Verdict.Deploy.Attempt != d.hub.attempt:
		d.add(gate.Seen{Subject: d.state.Subject, Event: "gatehold", Action: "attempt"})
	case reply == "":
		d.add(gate.Lapsed{})
	case reply == gate.Commented:
		d.add(gate.Replied{Covers: d.state.Version, Reply: reply, Attempt: d.hub.attempt})
	case !d.hub.waiting:
		if r := d.state.Deployment.Replying; r != nil && r.Attempt == d.hub.attempt {
			d.add(gate.Replied{Covers: d.state.Version, Reply: r.Reply, Attempt: r.Attempt, For: r.For})
			return
		}
		d.t.Fatalf("the run does not wait, and nobody answered it")
	default:
		d.answer(reply, crash)
	}
}

func (d *deploying) answer(reply gate.Reply, crash bool) {
	if reply == gate.Approved {
		d.entitled()
	}
	d.add(gate.Replying{Reply: reply, Attempt: d.hub.attempt, For: d.state.For()})
	d.hub.answers = append(d.hub.answers, reply)
	d.hub.waiting = false
	if len(d.hub.answers) > 1 {
		d.t.Fatalf("GitHub was answered twice: %v", d.hub.answers)
	}
	if crash {
		return // before it could be written down
	}
	d.add(gate.Replied{Covers: d.state.Version, Reply: reply, Attempt: d.hub.attempt, For: d.state.For()})
}

// entitled fails unless what GitHub is about to be told is backed by people who
// may, for exactly this, with all waits over and nobody denying.
func (d *deploying) entitled() {
	s := d.state
	if s.Denied() != nil || s.Wanted > s.Covered || s.Verdict.Deploy.Attempt != d.hub.attempt {
		d.t.Fatalf("approved although %+v", s)
	}
	for _, w := range s.Verdict.Deploy.Waits {
		if !d.at.Before(w.Until) || len(w.Except) > 0 {
			continue
		}
		d.t.Fatalf("approved during %q", w.Text)
	}
	if s.Verdict.Held {
		justified(d.rt, d.stream)
	}
}

func TestADeploymentIsAnsweredOnceAndOnlyWithANeedMet(t *testing.T) {
	proptest.Check(t, func(t *rapid.T, came func(string)) {
		d := newDeploying(t)
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			switch rapid.IntRange(0, 9).Draw(t, "what") {
			case 0:
				d.add(gate.Seen{Subject: d.state.Subject, Event: "gatehold", Action: "reconciled"})
			case 1:
				d.at = d.at.Add(time.Duration(rapid.IntRange(1, 3000).Draw(t, "minutes")) * time.Minute)
			case 2: // the run is started again
				d.hub = &platform{attempt: d.hub.attempt + 1, waiting: true}
				d.add(gate.Seen{Subject: d.state.Subject, Event: "deployment_protection_rule", Head: "a1"})
			case 3, 4, 5:
				if len(d.shown) > 0 {
					offer(t, d.stream, d.shown)
				}
			default:
				d.work(rapid.IntRange(0, 4).Draw(t, "crash") == 0)
			}
		}
		// People go away, and time goes on: there is an answer in the end.
		for i := 0; d.state.Answered() == "" || d.state.Wanted > d.state.Covered; i++ {
			if i > 500 {
				t.Fatalf("no answer after all: due %v, %+v", d.state.Wanted, d.state)
			}
			if d.work(false) {
				continue
			}
			_, when := d.state.Due()
			d.at = when
		}
		came(string(d.state.Answered()))
		if len(d.hub.answers) != 1 || d.hub.answers[0] != d.state.Answered() {
			t.Fatalf("GitHub heard %v, the ledger says %s", d.hub.answers, d.state.Answered())
		}
	}, string(gate.Approved), string(gate.Rejected))
}
