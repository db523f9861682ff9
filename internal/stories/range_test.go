//go:build services

package stories

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/actions"
	"github.com/gatehold/gatehold/internal/fakehub/faults"
	"github.com/gatehold/gatehold/internal/gate"
)

func TestHistoryThatDoesNotFollowIsHeldAndSaid(t *testing.T) {
	t.Parallel()
	s := begun(t, standard, "production")
	// A forced push to another commit on what was there before.
	sha, err := s.Shop.CommitOn(s.Shop.Tip("main"), "side",
		fakehub.NewCommit{Author: s.Ana, Message: "Side", Files: fakehub.Files{"side.txt": "x"}})
	s.must(err)
	s.merge(s.Ana, false)
	s.ended(s.deploy(s.Ana, "production"), "success")
	s.must(s.Shop.SetBranch("main", sha, s.Ana))
	s.settle()
	run := s.deploy(s.Ana, "production")
	s.gate(run, "production", "pending")
	s.says(run, "production", "Held", "does not follow from")
	s.press(run, "production", "Approve", s.Bo)
	s.ended(run, "success")
}

func TestLongRangesAreJudgedWhole(t *testing.T) {
	t.Parallel()
	s := begun(t, standard, "production")
	files := fakehub.Files{"zzz/migrations/9999_last.sql": "DROP TABLE last_of_all;\n"}
	for i := range 320 {
		files[fmt.Sprintf("docs/%04d.md", i)] = "x\n"
	}
	pull, err := s.Shop.OpenPull(fakehub.NewPull{Author: s.Agent, Title: "Much", Files: files})
	s.must(err)
	s.settle()
	_, err = pull.Merge(s.Ana)
	s.must(err)
	run := s.deploy(s.Ana, "production")
	s.gate(run, "production", "pending")
	s.says(run, "production", "Held", "last_of_all")
	s.press(run, "production", "Approve", s.Bo)
	s.ended(run, "success")
	for i := range 270 {
		by, file := s.Ana, fakehub.Files{fmt.Sprintf("notes/%03d.txt", i): "x\n"}
		if i == 3 {
			by = s.Agent
			file = fakehub.Files{"db/migrations/0500_old.sql": "DROP TABLE oldest_of_many;\n"}
		}
		_, err := s.Shop.Commit("main", fakehub.NewCommit{Author: by, Message: fmt.Sprint("Note ", i), Files: file})
		s.must(err)
	}
	run = s.deploy(s.Ana, "production")
	s.gate(run, "production", "pending")
	s.says(run, "production", "Held", "oldest_of_many", "270")
}

func TestWhatWasMergedIsNotWhatWasApproved(t *testing.T) {
	t.Parallel()
	s := begun(t, standard, "production")
	pull, err := s.Shop.OpenPull(fakehub.NewPull{Author: s.Agent, Title: "Drop",
		Files: fakehub.Files{"db/migrations/0001_a.sql": "DROP TABLE a;\n"}})
	s.must(err)
	s.settle()
	s.click(pull.HeadSHA(), gate.CheckName, "Approve", s.Bo)
	remove := s.hub.InjectHook(faults.HookFault{Kind: faults.Drop}) // nobody hears of what came after
	_, err = pull.Push(fakehub.Files{"db/migrations/0002_b.sql": "DROP TABLE b;\n"})
	s.must(err)
	_, err = pull.Merge(s.Ana)
	s.must(err)
	remove()
	run := s.deploy(s.Ana, "production")
	s.gate(run, "production", "pending")
	s.says(run, "production", "Held", "It was merged at", "**not approved**")
}

func TestDirectCommitsAreSaid(t *testing.T) {
	t.Parallel()
	s := begun(t, standard, "production")
	s.commit(s.Agent, fakehub.Files{"db/migrations/0001_a.sql": "DROP TABLE direct_one;\n"})
	run := s.deploy(s.Ana, "production")
	s.gate(run, "production", "pending")
	s.says(run, "production", "Held", "no pull request brought it", "direct_one")
	s.press(run, "production", "Approve", s.Bo)
	s.commit(s.Ana, fakehub.Files{"notes.md": "People's\n"})
	run = s.deploy(s.Ana, "production")
	s.gate(run, "production", "approved")
}

// TestRequestsPerHeldDeployment: the range is of twenty pull requests that were
// judged before.
func TestRequestsPerHeldDeployment(t *testing.T) {
	t.Parallel()
	s := begun(t, standard, "production")
	for i := range 20 {
		if i%2 == 0 {
			s.merge(s.Agent, true, s.Bo)
		} else {
			s.merge(s.Ana, false)
		}
	}
	s.pass(10 * time.Minute) // what is cached for a minute is read anew
	s.hub.ResetCounts()
	run := s.deploy(s.Ana, "production")
	s.gate(run, "production", "pending")
	s.says(run, "production", "Held", "20")
	held, judged := s.hub.Counts(), s.hub.Total()
	s.press(run, "production", "Approve", s.Bo)
	s.gate(run, "production", "approved")
	total := s.hub.Total()
	told := ""
	for rs, n := range held {
		told += fmt.Sprintf("\n%d x %s %d", n, rs.Route, rs.Status)
	}
	t.Logf("%d requests until it is held and shown, %d more until it went out:%s", judged, total-judged, told)
	if judged > 8 {
		t.Errorf("%d requests for a held deployment, want 8 at most", judged)
	}
}

func TestRunsThatNoRuleNamesCostNothing(t *testing.T) {
	t.Parallel()
	s := begun(t, ship("check"), "production")
	s.pass(10 * time.Minute)
	s.hub.ResetCounts()
	for i := range 30 {
		run := s.run(actions.RunSpec{Workflow: ".github/workflows/ci.yml", Event: "push", Actor: s.Agent,
			Jobs: []actions.JobSpec{{Name: "test", Ends: "success"}}})
		s.ended(run, "success")
		if n := s.hub.Total(); n > i+1 {
			t.Fatalf("%d requests after %d runs: %v", n, i+1, s.hub.Counts())
		}
	}
	t.Logf("%d requests for 30 runs within a minute", s.hub.Total())
}

// waitingForRoot is a held deployment, and an administrator who can start it.
func waitingForRoot(t *testing.T) (*story, *actions.WorkflowRun, *fakehub.Account) {
	t.Helper()
	s := begun(t, standard, "production")
	admin := s.hub.CreateUser("root")
	s.Acme.AddMember(admin, "admin")
	s.merge(s.Agent, true)
	run := s.deploy(s.Ana, "production")
	s.gate(run, "production", "pending")
	return s, run, admin
}

// TestPastTheGate: an administrator starts what waits, and other tools deploy.
func TestPastTheGate(t *testing.T) {
	t.Parallel()
	s, run, admin := waitingForRoot(t)
	s.must(s.hub.StartWaiting(run, "production", admin))
	s.settle()
	s.gate(run, "production", "bypassed")
	s.ended(run, "success")
	if n := s.said.count("reached an environment without passing a gate"); n != 1 {
		t.Errorf("said %d times", n)
	}
	_, err := s.hub.Deploy(s.Shop, actions.NewDeployment{By: s.Agent, Environment: "Production", States: []string{"in_progress", "success"}})
	s.must(err)
	s.settle()
	if n := s.said.count("reached an environment without passing a gate"); n != 2 {
		t.Errorf("said %d times", n)
	}
	if n := len(s.record("production").Bypassed()); n != 2 {
		t.Errorf("%d on record", n)
	}
	if state := s.state(s.subject(run, "production")); state.Answered() != "" || !state.Done {
		t.Errorf("on record is %q, over: %v", state.Answered(), state.Done)
	}
	// What went past is part of what is judged next.
	s.merge(s.Ana, false)
	next := s.deploy(s.Ana, "production")
	s.gate(next, "production", "pending")
	s.says(next, "production", "Held", "without passing a gate", "drops a table")
	s.press(next, "production", "Approve", s.Bo)
	s.ended(next, "success")
	if n := len(s.record("production").Bypassed()); n != 0 {
		t.Errorf("%d on record after a deployment that was held", n)
	}
}

// TestPastTheGateIsSaidOnce: the run tells that it has ended before the deployment does.
func TestPastTheGateIsSaidOnce(t *testing.T) {
	t.Parallel()
	s, run, admin := waitingForRoot(t)
	late := s.hub.Hold("deployment_status", "")
	s.must(s.hub.StartWaiting(run, "production", admin))
	s.ended(run, "success")
	const words = "reached an environment without passing a gate"
	s.await(func() bool { return s.said.count(words) > 0 })
	for range 2 { // when it was found, and when it is told
		if n := s.said.count(words); n != 1 {
			t.Errorf("said %d times", n)
		}
		if on := s.record("production").Bypassed(); len(on) != 1 {
			t.Errorf("on record: %+v", on)
		}
		late.End()
		s.settle()
	}
}

// TestRunsThatAgentsStart, in all the ways that there are.
func TestRunsThatAgentsStart(t *testing.T) {
	t.Parallel()
	for name, spec := range map[string]func(*story) actions.RunSpec{
		"dispatch":            func(s *story) actions.RunSpec { return actions.RunSpec{Actor: s.Agent} },
		"repository dispatch": func(s *story) actions.RunSpec { return actions.RunSpec{Event: "repository_dispatch", Actor: s.Agent} },
		"schedule":            func(s *story) actions.RunSpec { return actions.RunSpec{Event: "schedule", Actor: s.Agent} },
		"push":                func(s *story) actions.RunSpec { return actions.RunSpec{Event: "push", Actor: s.Agent} },
		"re-run":              func(s *story) actions.RunSpec { return actions.RunSpec{Actor: s.Ana, TriggeringActor: s.Agent} },
	} {
		t.Run(name, func(t *testing.T) {
			s := begun(t, ship("check"), "production")
			s.commit(s.Ana, fakehub.Files{shipFile: shipText})
			of := spec(s)
			of.Jobs = jobs("success", "production")
			run := s.run(of)
			s.gate(run, "production", "pending")
			s.says(run, "production", "Held", "an agent")
			of.Workflow, of.Jobs = shipFile, []actions.JobSpec{{Name: "ship"}}
			run = s.run(of)
			s.shows(run.View().SHA, toShip, "Held", "names no environment", "started the run")
		})
	}
}

const callingText = `on: { workflow_dispatch: {} }
jobs:
  call:
    uses: ./.github/workflows/reused.yml
    secrets: inherit
`

const reusedText = `on: { workflow_call: {} }
permissions: { id-token: write, contents: read }
jobs:
  inner:
    runs-on: [self-hosted]
    environment: brand-new
    steps: [{ run: "./ship ${{ secrets.KEY }}" }]
`

func TestWorkflowsThatAreCalledAreFollowed(t *testing.T) {
	t.Parallel()
	s := tell(t, ship("check"), fakehub.Files{shipFile: callingText, ".github/workflows/reused.yml": reusedText})
	run := s.ship(s.Agent)
	s.shows(run.View().SHA, toShip, "Held", "call / inner", "brand-new",
		"which does not exist: GitHub makes it, and nobody protects it", "runs on your own machines")
}

func TestPeoplesRunsPass(t *testing.T) {
	t.Parallel()
	s := tell(t, ship("cancel"), fakehub.Files{shipFile: shipText})
	s.mayCancel()
	run := s.ship(s.Agent)
	s.click(run.View().SHA, toShip, "Approve", s.Bo)
	s.must(s.hub.FinishJob(run, "ship", "success"))
	s.settle()
	run = s.ship(s.Ana)
	s.ended(run, "")
	if title := s.Check(run.View().SHA, toShip).Title; !strings.Contains(title, "Passed") {
		t.Errorf("it says %q", title)
	}
}
