//go:build services

package stories

import (
	"fmt"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/actions"
	"github.com/gatehold/gatehold/internal/fakehub/faults"
	"github.com/gatehold/gatehold/internal/fakehub/hooks"
)

// What a deployment has come to is told by events, of which some never come: the
// App is not installed for a while, or GitHub forgets to send one.

// deaf are ways in which nothing of what is done is heard of, and what ends them.
var deaf = map[string]func(s *story, do func()){
	"it is not delivered": func(s *story, do func()) {
		end := s.hub.InjectHook(faults.HookFault{Kind: faults.Drop})
		do()
		end()
	},
	"how it ended is not delivered": func(s *story, do func()) {
		end := s.hub.InjectHook(faults.HookFault{Event: "deployment_status", Kind: faults.Drop})
		do()
		end()
	},
	"the App is not installed": func(s *story, do func()) {
		s.Inst.Uninstall()
		do()
		s.Inst = s.app.Install(s.Acme)
	},
	"the organisation is called otherwise meanwhile": func(s *story, do func()) {
		s.must(s.Acme.Rename("umbrella"))
		s.Inst.Uninstall()
		do()
		s.Inst = s.app.Install(s.Acme)
		s.must(s.Acme.Rename("acme"))
	},
}

// unheard has something happen of which nobody is told, and the ledger compared
// with GitHub.
func (s *story) unheard(by string, do func()) {
	s.Helper()
	deaf[by](s, func() { do(); s.pass(time.Minute) })
	s.restart()
	s.compared()
	s.pass(15 * time.Minute)
}

// TestADeploymentEndsAndNobodyIsTold: how it ended is on record all the same, what
// waits for it goes on, and what comes next is judged from there.
func TestADeploymentEndsAndNobodyIsTold(t *testing.T) {
	t.Parallel()
	for by := range deaf {
		for _, conclusion := range []string{"success", "failure"} {
			t.Run(by+", "+conclusion, func(t *testing.T) {
				t.Parallel()
				s := tell(t, oneAtATime)
				run := s.long(s.Ana, "production")
				s.press(run, "production", "Approve", s.Bo)
				s.gate(run, "production", "approved")
				s.unheard(by, func() { s.must(s.hub.FinishJob(run, "to production 0", conclusion)) })
				s.wentOut(run, conclusion != "success")
				sha := s.commit(s.Ana, fakehub.Files{"a.txt": "a"})
				next := s.long(s.Ana, "production")
				base := s.state(s.subject(next, "production")).Verdict.Deploy.Base
				if first := run.View().SHA; conclusion == "success" && base != first {
					t.Errorf("%s is judged from %q, not from %s that runs there", sha, base, first)
				}
				s.press(next, "production", "Approve", s.Bo)
				s.gate(next, "production", "approved")
			})
		}
	}
}

// wentOut: the end of a run's deployment to production is on record once.
func (s *story) wentOut(run *actions.WorkflowRun, failed bool) {
	s.Helper()
	subject := s.subject(run, "production")
	all := s.record("production").Arrivals
	if len(all) != 1 || all[0].DeploymentID != subject.DeploymentID || all[0].Failed != failed || all[0].Run != run.ID ||
		all[0].Gate != subject.Stream() || !all[0].Approved || all[0].At.IsZero() {
		s.Errorf("on record as having ended: %+v\n%s", all, s.tales([]string{subject.Stream()}))
	}
}

// TestAJobEndsUnheardWhileItsRunGoesOn: the room that it took is free again after
// the next comparison, whatever else the run does for how long.
func TestAJobEndsUnheardWhileItsRunGoesOn(t *testing.T) {
	t.Parallel()
	s := tell(t, oneAtATime)
	run := s.run(actions.RunSpec{Jobs: append(jobs("", "production"), actions.JobSpec{Name: "smoke test"})})
	s.press(run, "production", "Approve", s.Bo)
	s.gate(run, "production", "approved")
	s.unheard("it is not delivered", func() { s.must(s.hub.FinishJob(run, "to production 0", "success")) })
	s.wentOut(run, false)
	s.commit(s.Ana, fakehub.Files{"a.txt": "a"})
	next := s.long(s.Ana, "production")
	s.press(next, "production", "Approve", s.Bo)
	s.gate(next, "production", "approved")
}

// TestAnUnheardEndIsNotSaidByAnybodyElse: of a deployment whose job failed unheard
// somebody with a token says that it succeeded; and of one that goes on.
func TestAnUnheardEndIsNotSaidByAnybodyElse(t *testing.T) {
	t.Parallel()
	for _, ended := range []bool{true, false} {
		s := tell(t, oneAtATime)
		run := s.run(actions.RunSpec{Jobs: append(jobs("", "production"), actions.JobSpec{Name: "smoke test"})})
		s.press(run, "production", "Approve", s.Bo)
		s.unheard("it is not delivered", func() {
			if ended {
				s.must(s.hub.FinishJob(run, "to production 0", "failure"))
			}
			s.forge(s.deployed(run, "production"), "success")
		})
		if ended {
			s.wentOut(run, true)
			continue
		}
		if all := s.record("production").Arrivals; len(all) > 0 {
			t.Errorf("it goes on, and is on record as having ended: %+v", all)
		}
	}
}

// TestADeploymentWentByItsGateUnheard: an administrator let it go, and neither that
// nor its end was heard of: it is on record as having gone by its gate.
func TestADeploymentWentByItsGateUnheard(t *testing.T) {
	t.Parallel()
	s := tell(t, oneAtATime)
	root := s.hub.CreateUser("root")
	s.Acme.AddMember(root, "admin")
	run := s.deploy(s.Ana, "production")
	s.unheard("it is not delivered", func() { s.must(s.hub.StartWaiting(run, "production", root)) })
	s.ended(run, "success")
	if by := s.record("production").Bypassed(); len(by) != 1 || by[0].Run != run.ID {
		t.Errorf("on record as having gone by: %+v", by)
	}
}

// TestAQuestionIsFoundUnderItsNumberHoweverTheRepositoryWasCalled: two runs of one
// commit wait, of which nobody was told, and since then the repository has another
// name. Each has the one gate that events would have opened.
func TestAQuestionIsFoundUnderItsNumberHoweverTheRepositoryWasCalled(t *testing.T) {
	t.Parallel()
	for name, rename := range map[string]func(s *story) error{
		"the repository": func(s *story) error { return s.Shop.Rename("store", s.Ana) },
		"its owner":      func(s *story) error { return s.Acme.Rename("umbrella") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := tell(t, oneAtATime)
			var runs []*actions.WorkflowRun
			s.unheard("it is not delivered", func() {
				for range 2 {
					runs = append(runs, s.long(s.Ana, "production"))
				}
				s.must(rename(s))
			})
			for _, run := range runs {
				if is := s.state(s.subject(run, "production")); is.Verdict == nil {
					t.Errorf("run %d waits, and no gate holds its deployment", run.ID)
				}
				nameless := s.subject(run, "production")
				nameless.DeploymentID = 0
				if is := s.state(nameless); is.Version > 0 {
					t.Errorf("run %d has a gate of no deployment", run.ID)
				}
			}
		})
	}
}

// TestWhatWaitsForAnotherEnvironmentHearsOfIt: the end of what went to an environment
// that gatehold does not hold was told to nobody; whatever waits for it finds out.
func TestWhatWaitsForAnotherEnvironmentHearsOfIt(t *testing.T) {
	t.Parallel()
	for _, conclusion := range []string{"success", "failure"} {
		s := tell(t, "environments: { production: { hold: never, after: preview, healthy: 30m } }\n")
		s.hub.CreateEnvironment(s.Shop, "preview")
		run := s.run(actions.RunSpec{Jobs: []actions.JobSpec{{Name: "preview", Environment: "preview"},
			{Name: "production", Environment: "production", Ends: "success"}}})
		s.gate(run, "production", "pending")
		s.unheard("how it ended is not delivered", func() { s.must(s.hub.FinishJob(run, "preview", conclusion)) })
		s.pass(2 * time.Hour)
		s.gate(run, "production", map[string]string{"success": "approved", "failure": "pending"}[conclusion])
	}
}

// TestWhatCameLastIsAskedForBeforeWhatComesNextIsJudged: a deployment has ended, and
// the event that tells so is late, or lost. What comes next is judged from what runs
// there, not from what ran there before: to go back to that undoes what is new.
func TestWhatCameLastIsAskedForBeforeWhatComesNextIsJudged(t *testing.T) {
	t.Parallel()
	for _, lost := range []bool{false, true} {
		t.Run(fmt.Sprintf("lost %v", lost), func(t *testing.T) {
			t.Parallel()
			s := begun(t, "environments: { production: { hold: agent_changes, need: high, rollback: allow } }\n", "production")
			good := s.Shop.Tip("main")
			s.merge(s.Agent, true, s.Bo)
			late := []*hooks.Held{s.hub.Hold("deployment_status", ""), s.hub.Hold("workflow_run", "completed")}
			run := s.deploy(s.Ana, "production")
			s.press(run, "production", "Approve", s.Cy)
			s.ended(run, "success")
			for _, held := range late {
				if lost {
					held.Lose()
				}
			}
			back := s.run(actions.RunSpec{Actor: s.Ana, SHA: good, Jobs: jobs("success", "production")})
			s.gate(back, "production", "pending")
			s.says(back, "production", "Held", "undo this")
			for _, held := range late {
				held.End()
			}
			s.settle()
			s.gate(back, "production", "pending")
			s.says(back, "production", "Held", "undo this")
			if on := s.record("production").Passed(); on.SHA != run.View().SHA {
				t.Errorf("on record as running there: %+v", on)
			}
		})
	}
}

// TestEndsAreHeardInAnyOrder: what ended last runs there, whatever was heard last.
func TestEndsAreHeardInAnyOrder(t *testing.T) {
	t.Parallel()
	s := begun(t, "environments: { production: { hold: agent_changes, need: high } }\n", "production")
	var runs []*actions.WorkflowRun
	for range 2 {
		s.merge(s.Agent, true, s.Bo)
		run := s.long(s.Ana, "production")
		s.press(run, "production", "Approve", s.Cy)
		s.gate(run, "production", "approved")
		runs = append(runs, run)
	}
	late := []*hooks.Held{s.hub.Hold("deployment_status", ""), s.hub.Hold("workflow_run", "completed")}
	for _, run := range runs {
		s.must(s.hub.FinishJob(run, "to production 0", "success"))
		s.later()
	}
	for _, held := range late {
		var order []int
		for i := range held.Waiting() {
			order = append([]int{i}, order...)
		}
		held.Release(order...)
		held.End()
	}
	s.settle()
	if on, want := s.record("production").Passed(), runs[1].View().SHA; on.SHA != want {
		t.Errorf("on record as running there: %+v, want %s", on, want)
	}
}
