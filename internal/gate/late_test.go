package gate_test

import (
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/gatehold/gatehold/internal/gate"
)

// TestWhoWasStoppedSaysNothingNew: what somebody read, and puts on record once
// another has read what came after it, changes nothing: not the verdict, nor whether
// the gate is closed, nor what people chose.
func TestWhoWasStoppedSaysNothingNew(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := &stream{t: t, at: start}
		s.add(seen("a", "main"))
		heads := rapid.SampledFrom([]string{"a", "b"})
		told := rapid.Bool().Draw(t, "told")    // else nothing says which of two that it is closed is newer
		read := func(label string) gate.Event { // what is found by whoever looks now
			if told && rapid.IntRange(0, 3).Draw(t, label+" closed") == 0 {
				return gate.Closed{Covers: s.state.Version, Why: "The pull request is closed."}
			}
			j := judged(s.state, heads.Draw(t, label), rapid.Bool().Draw(t, label+" held"))
			j.Of = &gate.Said{At: s.at, Head: j.Head, BaseRef: "main"}
			return j
		}
		late := read("late")
		if told {
			s.add(seen(heads.Draw(t, "seen"), "main"))
		}
		s.at = s.at.Add(time.Second)
		newer := read("newer")
		s.add(newer)
		before := s.state
		s.add(late)
		after := s.state
		after.Version = before.Version
		if !reflect.DeepEqual(before, after) {
			t.Fatalf("after %+v, %+v changes\n%+v into\n%+v", newer, late, before, after)
		}
	})
}

// TestALookIsAtWhatWasFound: a branch that a look has found, and no event told of,
// is what the next look is for: the lane of the check does not go back meanwhile.
func TestALookIsAtWhatWasFound(t *testing.T) {
	s := &stream{t: t, at: start}
	s.add(seen("a", "sandbox"))
	s.add(judged(s.state, "a", true))
	s.add(gate.Look{Subject: s.state.Subject, Why: gate.Reconciled})
	found := judged(s.state, "b", true) // it was pushed to and retargeted, and nobody told
	found.BaseRef = "main"
	s.add(found)
	if s.state.Head() != "b" || s.state.Base() != "main" {
		t.Fatalf("found is %s into %s", s.state.Head(), s.state.Base())
	}
	for _, why := range []gate.Reason{gate.RulesChanged, gate.LanesChanged} {
		s.add(gate.Look{Subject: s.state.Subject, Why: why})
		if s.state.Head() != "b" || s.state.Base() != "main" || s.state.Moved {
			t.Errorf("while it is looked at again it is %s into %s, moved %v", s.state.Head(), s.state.Base(), s.state.Moved)
		}
	}
	s.add(seen("c", "main"))
	if s.state.Head() != "c" {
		t.Error("what an event tells is newer")
	}
}

// TestAFailureOfWhatAnotherHasDoneSaysNothing: two replicas do one step, one of them
// succeeds, and the other gives up late: nothing would be tried again, so the gate
// would show a failure that is none until something else happens.
func TestAFailureOfWhatAnotherHasDoneSaysNothing(t *testing.T) {
	deployment := gate.Subject{Kind: gate.Deployment, Run: 9, DeploymentID: 5, Environment: "production", SHA: "a"}
	run := gate.Subject{Kind: gate.WorkflowRun, Run: 9, SHA: "a"}
	cancels := func(s gate.State) gate.Event {
		j := judged(s, "a", true)
		j.Verdict.Deploy = &gate.Deploy{Run: 9, Attempt: 1, Cancel: true}
		return j
	}
	goes := func(s gate.State) gate.Event {
		j := judged(s, "a", false)
		j.Verdict.Deploy = &gate.Deploy{Environment: "production", Run: 9, Attempt: 1}
		return j
	}
	told := func(s gate.State) gate.Event { return gate.Told{Covers: s.Changed, Checks: []string{"a"}} }
	for _, c := range []struct {
		name string
		step gate.Step // what both do
		of   gate.Event
		then []func(gate.State) gate.Event // until it is due
		done func(gate.State) gate.Event
	}{
		{"assess", gate.Assess, seen("a", "main"), nil, func(s gate.State) gate.Event { return judged(s, "a", true) }},
		{"tell", gate.NotifyChecks, seen("a", "main"), []func(gate.State) gate.Event{
			func(s gate.State) gate.Event { return judged(s, "a", true) }}, told},
		{"answer", gate.Respond, gate.Seen{Subject: deployment, Head: "a"},
			[]func(gate.State) gate.Event{goes, told},
			func(s gate.State) gate.Event {
				return gate.Replied{Covers: s.Version, Reply: gate.Approved, Attempt: 1, For: s.For()}
			}},
		{"close", gate.Respond, gate.Seen{Subject: deployment, Head: "a"},
			[]func(gate.State) gate.Event{goes, told},
			func(s gate.State) gate.Event { return gate.Closed{Covers: s.Version, Why: "The run is over."} }},
		{"cancel", gate.CancelRun, gate.Seen{Subject: run, Head: "a"}, []func(gate.State) gate.Event{cancels, told},
			func(gate.State) gate.Event { return gate.Halted{Attempt: 1} }},
		{"run over", gate.CancelRun, gate.Seen{Subject: run, Head: "a"}, []func(gate.State) gate.Event{cancels, told},
			func(s gate.State) gate.Event { return gate.Closed{Covers: s.Version, Why: "The run is over."} }},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &stream{t: t, at: start}
			s.add(c.of)
			for _, next := range c.then {
				s.add(next(s.state))
			}
			if step, _ := s.state.Due(); step != c.step {
				t.Fatalf("%q is due", step)
			}
			late := gate.Failed{Step: string(c.step), Code: "github_unreachable", Attempt: 3,
				Since: s.at.Add(-time.Hour), Next: s.at.Add(time.Hour)}
			s.add(c.done(s.state))
			before := s.state
			s.add(late)
			after := s.state
			after.Version = before.Version
			if !reflect.DeepEqual(before, after) {
				t.Errorf("a late failure of %q changes\n%+v into\n%+v", c.step, before, after)
			}
		})
	}
}
