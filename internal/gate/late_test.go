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
