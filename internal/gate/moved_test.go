package gate_test

import (
	"testing"

	"github.com/gatehold/gatehold/internal/gate"
)

// TestAVerdictThatWasHiddenIsToldAgain: two events come in the wrong order while
// the first verdict is made, so that the newest names a base that is none any
// more and no check shows the verdict. The next one is the same, and has to be
// shown all the same.
func TestAVerdictThatWasHiddenIsToldAgain(t *testing.T) {
	for name, late := range map[string]gate.Seen{"base": seen("a1", "main"), "head": seen("b2", "release")} {
		t.Run(name, func(t *testing.T) {
			s := &stream{t: t, at: start}
			s.add(seen("a1", "release"))
			first := judged(s.state, "a1", false)
			s.add(late)
			s.add(first)
			s.add(gate.Told{Covers: s.state.Changed, Checks: []string{"a1"}})
			if step, _ := s.state.Due(); step != gate.Assess {
				t.Fatalf("%q is due", step)
			}
			s.add(gate.Judged{Covers: s.state.Version, Head: "a1", BaseRef: "release", Digest: first.Digest})
			if step, _ := s.state.Due(); step != gate.NotifyChecks {
				t.Errorf("%q is due: the checks go on saying that it is being judged", step)
			}
		})
	}
}
