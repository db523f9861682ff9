//go:build services

package stories

import (
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/actions"
	"github.com/gatehold/gatehold/internal/fakehub/faults"
)

// TestAPermissionThatIsMissingIsAskedForAtLeisure: an answer that GitHub
// refuses for good is repeated all the same, and not without end at once.
func TestAPermissionThatIsMissingIsAskedForAtLeisure(t *testing.T) {
	t.Parallel()
	s := tell(t, standard)
	run := s.deploy(s.Ana, "production")
	lesser := fakehub.DefaultPermissions()
	lesser["deployments"] = "read"
	s.Inst.Grant(lesser)
	s.hub.ResetCounts()
	s.press(run, "production", "Approve", s.Bo)
	s.pass(time.Hour)
	// At most 21 attempts, where chance shortens each wait, of six requests at most.
	if n := s.hub.Total(); n > 126 {
		t.Errorf("%d requests in an hour of missing permission: %v", n, s.hub.Counts())
	}
	s.says(run, "production", "", "not passed on to GitHub yet")
	s.Inst.Grant(fakehub.DefaultPermissions())
	s.pass(30 * time.Minute)
	s.gate(run, "production", "approved")
	s.ended(run, "success")
}

func TestAnAppThatIsGoneDoesNotHammer(t *testing.T) {
	t.Parallel()
	s := tell(t, standard)
	run := s.deploy(s.Ana, "production")
	s.hub.ResetCounts()
	s.must(s.hub.Press(s.Check(run.View().SHA, toProduction).ID, "Approve", s.Bo))
	s.Inst.Uninstall()
	s.pass(time.Hour)
	if n := s.hub.Total(); n > 100 {
		t.Errorf("%d requests in an hour without an installation", n)
	}
}

const shipFile = ".github/workflows/ship.yml"

const shipText = `on: { workflow_dispatch: {} }
permissions: { contents: read, id-token: write }
jobs:
  ship:
    runs-on: ubuntu-latest
    steps: [{ run: ./ship }]
`

func ship(hold string) string {
	return standard + "workflows:\n  ship: { paths: [\".github/workflows/ship.yml\"], hold: " + hold + ", need: high }\n"
}

func (s *story) ship(by *fakehub.Account) *actions.WorkflowRun {
	s.Helper()
	return s.run(actions.RunSpec{Workflow: shipFile, Actor: by, Jobs: []actions.JobSpec{{Name: "ship"}}})
}

const toShip = "gatehold: deploy"

func (s *story) mayCancel() {
	s.Helper()
	more := fakehub.DefaultPermissions()
	more["actions"] = "write"
	s.Inst.Grant(more)
	s.restart() // a token has what was granted when it was made
	s.compared()
}

func TestARunIsNotCancelledWithoutThePermission(t *testing.T) {
	t.Parallel()
	s := tell(t, ship("cancel"), fakehub.Files{shipFile: shipText})
	s.hub.ResetCounts()
	run := s.ship(s.Agent)
	s.shows(run.View().SHA, toShip, "Held", "names no environment", "the App was not granted")
	s.pass(time.Hour)
	if n := s.hub.Total(); n > 60 {
		t.Errorf("%d requests in an hour", n)
	}
	s.ended(run, "")
}

func TestARunIsCancelledAndStartedAgain(t *testing.T) {
	t.Parallel()
	s := tell(t, ship("cancel"), fakehub.Files{shipFile: shipText})
	s.mayCancel()
	run := s.ship(s.Agent)
	s.ended(run, "cancelled")
	s.shows(run.View().SHA, toShip, "Cancelled until it is approved", "names no environment")
	s.click(run.View().SHA, toShip, "Approve", s.Bo)
	if v := run.View(); v.Attempt != 2 || v.Conclusion != "" {
		t.Errorf("it was not started again: %+v", v)
	}
	s.pass(time.Hour)
	s.ended(run, "")
	s.must(s.hub.FinishJob(run, "ship", "success"))
	s.settle()
	s.shows(run.View().SHA, toShip, "The run has ended (success)")
	if !s.state(s.subject(run, "")).Done {
		t.Error("the gate stays open")
	}
}

// TestAnAgentThatStartsItAgainIsCancelledAgain: what was cancelled is not what
// an agent starts, and its approval is for nothing else.
func TestAnAgentThatStartsItAgainIsCancelledAgain(t *testing.T) {
	t.Parallel()
	s := tell(t, ship("cancel"), fakehub.Files{shipFile: shipText})
	s.mayCancel()
	run := s.ship(s.Agent)
	for attempt := 2; attempt < 4; attempt++ {
		s.must(s.hub.Rerun(run, s.Agent))
		s.settle()
		if v := run.View(); v.Attempt != attempt || v.Conclusion != "cancelled" {
			t.Errorf("attempt %d runs: %+v", attempt, v)
		}
	}
	s.click(run.View().SHA, toShip, "Approve", s.Bo)
	if v := run.View(); v.Attempt != 4 || v.Conclusion != "" {
		t.Errorf("it was not started again: %+v", v)
	}
	s.must(s.hub.CancelRun(run, true)) // by somebody
	s.settle()
	s.must(s.hub.Rerun(run, s.Agent))
	s.settle()
	if v := run.View(); v.Attempt != 5 || v.Conclusion != "cancelled" {
		t.Errorf("the agent's own start of what was approved once runs: %+v", v)
	}
}

// TestALostRestartIsNotDoneTwice: GitHub has started the run again, and its
// answer was lost.
func TestALostRestartIsNotDoneTwice(t *testing.T) {
	t.Parallel()
	for _, restart := range []bool{false, true} {
		s := tell(t, ship("cancel"), fakehub.Files{shipFile: shipText})
		s.mayCancel()
		run := s.ship(s.Agent)
		lost := s.hub.Inject(faults.Fault{Route: "POST /repos/*/rerun", Kind: faults.LostAnswer, Times: 1})
		s.click(run.View().SHA, toShip, "Approve", s.Bo)
		if restart {
			s.restart()
		}
		s.pass(time.Hour)
		if v := run.View(); lost.Hits() != 1 || v.Attempt != 2 || v.Conclusion != "" {
			t.Errorf("struck %d times, and it is %+v", lost.Hits(), v)
		}
		s.must(s.hub.FinishJob(run, "ship", "success"))
		s.pass(time.Hour)
		if v := run.View(); v.Attempt != 2 {
			t.Errorf("what has succeeded was started again: %+v", v)
		}
	}
}

// TestACancelledRunDoesNotWaitForEver: GitHub starts nothing again after a month.
func TestACancelledRunDoesNotWaitForEver(t *testing.T) {
	t.Parallel()
	s := tell(t, ship("cancel"), fakehub.Files{shipFile: shipText})
	s.mayCancel()
	run := s.ship(s.Agent)
	s.ended(run, "cancelled")
	s.pass(29 * day)
	if !s.state(s.subject(run, "")).Done {
		t.Error("the gate stays open")
	}
	s.shows(run.View().SHA, toShip, "28 days")
}

func TestAHeldRunIsSaidByACheck(t *testing.T) {
	t.Parallel()
	s := tell(t, ship("check"), fakehub.Files{shipFile: shipText})
	s.mayCancel()
	run := s.ship(s.Agent)
	s.shows(run.View().SHA, toShip, "Held", "names no environment")
	s.ended(run, "")
	s.must(s.hub.FinishJob(run, "ship", "success"))
	s.settle()
	s.shows(run.View().SHA, toShip, "The run has ended (success)")
}
