package check_test

import (
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/gate/check"
)

// A check forgets gates that it does not show any more, but for one that had
// news while it was painted.
func TestACheckForgetsWhatIsGone(t *testing.T) {
	on := gate.Subject{Kind: gate.Check, Repo: gate.Repo{ID: 1}, SHA: "a1", Name: gate.RunCheck}
	run := func(n int64) gate.Subject {
		return gate.Subject{Kind: gate.WorkflowRun, Repo: gate.Repo{ID: 1}, Run: n}
	}
	var s check.State
	add := func(e gate.Event) {
		s = s.After(gate.Entry{Version: s.Version + 1, At: time.Unix(int64(s.Version), 0), Event: e})
	}
	for n := range int64(4) {
		add(gate.News{Check: on, Gate: run(n)})
	}
	covers, before := s.Version, s
	add(gate.News{Check: on, Gate: run(1)}) // it begins again
	add(gate.Published{Covers: covers, Gone: []string{run(0).Stream(), run(1).Stream()}})
	if len(s.Members) != 3 || s.Members[0].Run != 2 || s.Members[2].Run != 1 {
		t.Errorf("it knows of %+v, want runs 2, 3 and 1", s.Members)
	}
	if len(before.Members) != 4 {
		t.Errorf("an earlier state was changed: %+v", before.Members)
	}
	if step, _ := s.Due(); step != gate.Publish {
		t.Errorf("its news are %q", step)
	}
	add(gate.News{Check: on, Gate: run(0)})
	if len(s.Members) != 4 || s.Members[3].Run != 0 {
		t.Errorf("one that is back is not known: %+v", s.Members)
	}
}
