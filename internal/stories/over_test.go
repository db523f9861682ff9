//go:build services

package stories

import (
	"testing"

	"github.com/gatehold/gatehold/internal/fakehub/actions"
)

// TestGoingBackOverWhatIsUnderWay: what is under way will have done what it does when
// the next deployment begins. To go back over it is judged as going back from it,
// whether or not it has ended by then.
func TestGoingBackOverWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	for conclusion, after := range map[string]string{"success": "pending", "failure": "approved"} {
		t.Run(conclusion, func(t *testing.T) {
			t.Parallel()
			s := begun(t, "environments: { production: { hold: agent_changes, need: high, rollback: allow } }\n", "production")
			good := s.Shop.Tip("main")
			s.merge(s.Agent, true, s.Bo)
			run := s.long(s.Ana, "production")
			s.press(run, "production", "Approve", s.Cy)
			s.gate(run, "production", "approved")
			back := s.run(actions.RunSpec{Actor: s.Ana, SHA: good, Jobs: jobs("success", "production")})
			s.gate(back, "production", "pending")
			s.says(back, "production", "Held", "undo this", "goes back by 1 change", "is under way")
			s.must(s.hub.FinishJob(run, "to production 0", conclusion))
			s.settle()
			s.gate(back, "production", after)
		})
	}
}

// TestAYesFromBeforeSomethingElseWasLetGo is no yes to go back over that.
func TestAYesFromBeforeSomethingElseWasLetGo(t *testing.T) {
	t.Parallel()
	s := begun(t, "environments: { production: { hold: always, need: high } }\n", "production")
	good := s.Shop.Tip("main")
	frozen := "freeze: [ { from: 2031-03-03, until: 2031-03-04, except: [\"@cy\"] } ]"
	s.rules("environments: { production: { hold: always, need: high, " + frozen + " } }\n")
	s.settle()
	back := s.run(actions.RunSpec{Actor: s.Ana, SHA: good, Jobs: jobs("success", "production")})
	s.says(back, "production", "", "the commit that runs there already")
	s.merge(s.Agent, true, s.Bo)
	run := s.long(s.Di, "production")
	s.press(back, "production", "Approve", s.Bo) // and it goes out when the freeze is over
	s.press(run, "production", "Approve", s.Cy)
	s.gate(run, "production", "approved")
	s.pass(day)
	s.gate(back, "production", "pending")
	s.says(back, "production", "Held", "goes back by 2 changes", "is under way")
	s.press(back, "production", "Approve", s.Cy)
	s.gate(back, "production", "approved")
}

// TestGoingOnFromWhatIsUnderWay is judged from what runs there: that has all of it.
func TestGoingOnFromWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	s := begun(t, "environments: { production: { hold: agent_changes, need: high } }\n", "production")
	s.merge(s.Agent, true, s.Bo)
	first := s.long(s.Ana, "production")
	s.press(first, "production", "Approve", s.Cy)
	s.gate(first, "production", "approved")
	s.merge(s.Agent, false)
	next := s.long(s.Ana, "production")
	s.says(next, "production", "Held", "`2` changes since")
	s.press(next, "production", "Approve", s.Cy)
	s.gate(next, "production", "approved")
}
