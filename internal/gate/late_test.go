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
