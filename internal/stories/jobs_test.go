//go:build services

package stories

import (
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub/actions"
	"github.com/gatehold/gatehold/internal/fakehub/faults"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/gate/env"
)

// two are two jobs of one run to the same environment, side by side or one
// after the other.
func two(after bool, ends string) []actions.JobSpec {
	jobs := []actions.JobSpec{{Name: "eu", Environment: "production", Ends: ends}, {Name: "us", Environment: "PRODUCTION", Ends: ends}}
	if after {
		jobs[1].Needs = []string{"eu"}
	}
	return jobs
}

func (s *story) record(environment string) env.State {
	s.Helper()
	repo := gate.Repo{Installation: s.Inst.ID, ID: s.Shop.ID, Owner: "acme", Name: "shop"}
	return s.environment(gate.Subject{Kind: gate.Environment, Repo: repo, Environment: environment})
}

// subjectsOf are all gates of a run and an environment in its present attempt.
func (s *story) subjectsOf(run *actions.WorkflowRun, environment string) (out []gate.Subject) {
	for _, d := range s.hub.Deployments(s.Shop, environment) {
		if d.RunID == run.ID && d.Attempt == run.View().Attempt {
			one := s.subject(run, environment)
			one.DeploymentID, one.Environment = d.ID, d.Environment
			out = append(out, one)
		}
	}
	return out
}

// TestTwoJobsSideBySideAreOneAnswer: GitHub takes an answer for a run and an
// environment, and cannot tell the jobs apart.
func TestTwoJobsSideBySideAreOneAnswer(t *testing.T) {
	t.Parallel()
	for _, button := range []string{"Approve", "Deny"} {
		s := tell(t, standard)
		run := s.run(actions.RunSpec{Jobs: two(false, "")})
		if gates := s.gates(run, "production"); len(gates) != 2 {
			t.Fatalf("GitHub asked %d times", len(gates))
		}
		s.press(run, "production", button, s.Bo)
		s.pass(time.Hour)
		want := map[string]string{"Approve": "approved", "Deny": "rejected"}[button]
		for _, g := range s.gates(run, "production") {
			if g.State != want {
				t.Errorf("%s: %+v", button, g)
			}
		}
		for _, one := range s.subjectsOf(run, "production") {
			if state := s.state(one); string(state.Answered()) != want && !(button == "Deny" && state.Done) {
				t.Errorf("%s: on record of %s is %q, failure %+v", button, one.Stream(), state.Answered(), state.Failure)
			}
		}
		if button == "Deny" {
			continue
		}
		s.must(s.hub.FinishJob(run, "eu", "success"))
		s.must(s.hub.FinishJob(run, "us", "success"))
		s.settle()
		if past := s.record("production").Bypassed(); len(past) != 0 {
			t.Errorf("said to have gone past its gate: %+v", past)
		}
		for _, one := range s.subjectsOf(run, "production") {
			if !s.state(one).Done {
				t.Errorf("%s stays open", one.Stream())
			}
		}
	}
}

// TestAJobAfterAnotherWaitsForItsOwnAnswer: nothing repeats the first answer,
// not even when events of the first job come late.
func TestAJobAfterAnotherWaitsForItsOwnAnswer(t *testing.T) {
	t.Parallel()
	s := tell(t, "environments:\n  production: { hold: always, need: high }\n")
	run := s.run(actions.RunSpec{Jobs: two(true, "")})
	s.press(run, "production", "Approve", s.Bo)
	s.pass(time.Hour)
	s.must(s.hub.FinishJob(run, "eu", "success"))
	s.settle()
	s.gate(run, "production", "pending")
	first := s.hub.Deployments(s.Shop, "production")[0]
	s.must(s.hub.SetDeployment(s.Shop, first.ID, "success", s.Ana)) // told once more
	s.settle()
	s.pass(time.Hour)
	s.restart()
	s.compared()
	s.pass(time.Hour)
	s.gate(run, "production", "pending")
	s.press(run, "production", "Approve", s.Bo)
	s.gate(run, "production", "approved")
	s.must(s.hub.FinishJob(run, "us", "success"))
	s.settle()
	if past := s.record("production").Bypassed(); len(past) != 0 {
		t.Errorf("said to have gone past its gate: %+v", past)
	}
}

// TestAnAnswerThatHadNoEffectIsRepeated: GitHub took it and goes on waiting.
func TestAnAnswerThatHadNoEffectIsRepeated(t *testing.T) {
	t.Parallel()
	s := tell(t, standard)
	run := s.long(s.Ana, "production")
	swallowed := s.hub.Inject(faults.Fault{Route: respondRoute, Kind: faults.Status, Code: 204, Body: " ", Times: 1})
	s.press(run, "production", "Approve", s.Bo)
	s.gate(run, "production", "pending")
	s.clock.set(s.clock.now().Add(10 * time.Minute))
	s.restart() // which compares
	s.await(func() bool { return s.gates(run, "production")[0].State == "approved" })
	if swallowed.Hits() != 1 {
		t.Errorf("struck %d times", swallowed.Hits())
	}
}

// TestAnApprovalThatCarriesOver: GitHub does not ask again for a later job.
func TestAnApprovalThatCarriesOver(t *testing.T) {
	t.Parallel()
	s := tell(t, standard)
	s.hub.SetAsking(actions.Asking{CarryOver: true})
	run := s.run(actions.RunSpec{Jobs: two(true, "success")})
	s.press(run, "production", "Approve", s.Bo)
	s.settle()
	s.ended(run, "success")
	s.pass(time.Hour)
	if past := s.record("production").Bypassed(); len(past) != 0 {
		t.Errorf("said to have gone past its gate: %+v", past)
	}
	for _, one := range s.subjectsOf(run, "production") {
		if state := s.state(one); state.Version > 0 && !state.Done {
			t.Errorf("%s stays open", one.Stream())
		}
	}
}

// TestNamesOfEnvironments are what GitHub takes: any letters, slashes, spaces.
func TestNamesOfEnvironments(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"prod/eu west", "PROD/Éire", "a%2Fb", "prod eu: 1 + 1?"} {
		s := tell(t, "environments:\n  \""+name+"\": { hold: always, need: high }\n")
		s.protect(name)
		run := s.deploy(s.Ana, name)
		s.gate(run, name, "pending")
		s.says(run, name, "Held")
		s.press(run, name, "Approve", s.Bo)
		s.gate(run, name, "approved")
		s.ended(run, "success")
	}
}

// TestAnEnvironmentThatDoesNotAskIsNoGate: what is deployed there is on record,
// and no check says that it waits.
func TestAnEnvironmentThatDoesNotAskIsNoGate(t *testing.T) {
	t.Parallel()
	s := tell(t, standard)
	s.hub.CreateEnvironment(s.Shop, "preview")
	s.hub.ResetCounts()
	run := s.run(actions.RunSpec{Actor: s.Agent, Workflow: ".github/workflows/preview.yml", Jobs: jobs("success", "preview", "preview")})
	s.pass(time.Hour)
	if r := s.Check(run.View().SHA, "gatehold: deploy to preview"); r.ID != 0 {
		t.Errorf("a check says %q", r.Title)
	}
	if n := s.hub.Total(); n > 4 { // one for each job that ended
		t.Errorf("%d requests: %v", n, s.hub.Counts())
	}
	if a := s.record("preview").Last(); a == nil || a.Gate != "" || a.SHA != run.View().SHA {
		t.Errorf("on record is %+v", a)
	}
}
