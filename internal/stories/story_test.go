//go:build services

package stories

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/actions"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/testworld"
)

// story is a shop with three protected environments, and people of all kinds: ana
// makes things, bo and cy are of sre, di is of incident.
type story struct {
	*rig
	*testworld.World
	staging, production *actions.Environment
	home                *fakehub.Repo // of acme's own rules, where it has any
	pulls               int
}

// needs is how every story's rules begin.
const needs = testworld.Rules

const (
	deployFile = ".github/workflows/deploy.yml"
	deployText = `on: { workflow_dispatch: {} }
permissions: { contents: read }
jobs:
  staging:
    runs-on: ubuntu-latest
    environment: staging
    steps: [{ run: ./deploy staging }]
  production:
    needs: staging
    runs-on: ubuntu-latest
    environment: production
    steps: [{ run: ./deploy production }]
`
)

// tell begins a story under rules, which follow needs.
func tell(t testing.TB, rules string, more ...fakehub.Files) *story {
	t.Helper()
	s := beforeIt(t, rules, more...)
	s.begin()
	return s
}

// beforeIt is the world of a story that no gatehold looks at yet.
func beforeIt(t testing.TB, rules string, more ...fakehub.Files) *story {
	t.Helper()
	c, err := description()
	if err != nil {
		t.Fatal(err)
	}
	s := &story{rig: newRig(t, fakehub.Options{Contract: c})}
	files := fakehub.Files{deployFile: deployText}
	for _, m := range more {
		maps.Copy(files, m)
	}
	s.World = s.on.Settle(testworld.Options{People: testworld.People{"bo": "sre", "cy": "sre", "di": "incident"},
		Rules: needs + rules, Files: files})
	s.staging, s.production = s.protect("staging"), s.protect("Production")
	return s
}

func (s *story) begin() {
	s.Helper()
	s.start()
	s.compared()
}

// compared waits until gatehold has compared its ledger with GitHub, as it does
// when it begins.
func (s *story) compared() {
	s.Helper()
	s.await(func() bool { return !s.keeper.Repos.Compared(s.Shop.ID).IsZero() })
	s.settle()
}

func (s *story) protect(name string) *actions.Environment {
	e := s.hub.CreateEnvironment(s.Shop, name)
	e.Protect(s.app, true)
	return e
}

// begun is a story in which everything on the default branch was approved and
// runs in the environments.
func begun(t testing.TB, rules string, environments ...string) *story {
	t.Helper()
	s := tell(t, rules)
	for _, e := range environments {
		run := s.deploy(s.Ana, e)
		s.says(run, e, "Held", "the first to reach")
		s.press(run, e, "Approve", s.Bo)
		s.ended(run, "success")
	}
	s.hub.ResetCounts()
	return s
}

// merge has a pull request merged that changes what its risk says.
func (s *story) merge(by *fakehub.Account, drops bool, approvers ...*fakehub.Account) *fakehub.Pull {
	s.Helper()
	s.pulls++
	pull, err := s.Shop.OpenPull(fakehub.NewPull{Author: by, Title: fmt.Sprintf("Change %d", s.pulls),
		Files: testworld.Change(s.pulls, drops)})
	s.must(err)
	s.settle()
	for _, a := range approvers {
		s.click(pull.HeadSHA(), gate.CheckName, "Approve", a)
	}
	_, err = pull.Merge(s.Ana)
	s.must(err)
	s.settle()
	return pull
}

// commit brings files to the default branch without a pull request.
func (s *story) commit(by *fakehub.Account, files fakehub.Files) string {
	s.Helper()
	sha, err := s.Shop.Commit("main", fakehub.NewCommit{Author: by, Message: "Change something", Files: files})
	s.must(err)
	s.settle()
	return sha
}

// rules changes the rules on the default branch.
func (s *story) rules(text string) {
	s.Helper()
	s.commit(s.Ana, fakehub.Files{".github/gatehold.yml": needs + text})
}

// run starts a workflow run.
func (s *story) run(spec actions.RunSpec) *actions.WorkflowRun {
	s.Helper()
	if spec.Actor == nil {
		spec.Actor = s.Ana
	}
	run, err := s.hub.StartRun(s.Shop, spec)
	s.must(err)
	s.settle()
	return run
}

// deploy starts a run with a job for each environment, one after the other,
// that succeeds as soon as it may start.
func (s *story) deploy(by *fakehub.Account, environments ...string) *actions.WorkflowRun {
	s.Helper()
	return s.run(actions.RunSpec{Actor: by, Jobs: jobs("success", environments...)})
}

func jobs(ends string, environments ...string) (out []actions.JobSpec) {
	for i, e := range environments {
		j := actions.JobSpec{Name: fmt.Sprintf("to %s %d", e, i), Environment: e, Ends: ends}
		if i > 0 {
			j.Needs = []string{out[i-1].Name}
		}
		out = append(out, j)
	}
	return out
}

// gates are what we were asked about a run and an environment in its present
// attempt, oldest first.
func (s *story) gates(run *actions.WorkflowRun, environment string) []actions.Gate {
	var out []actions.Gate
	for _, d := range s.hub.Deployments(s.Shop, environment) {
		if d.RunID == run.ID && d.Attempt == run.View().Attempt {
			out = append(out, d.Gates...)
		}
	}
	return out
}

// gate is the last of gates, with what became of it.
func (s *story) gate(run *actions.WorkflowRun, environment, state string) actions.Gate {
	s.Helper()
	all := s.gates(run, environment)
	if len(all) == 0 {
		s.Fatalf("GitHub did not ask about run %d and %s", run.ID, environment)
	}
	last := all[len(all)-1]
	if last.State != state {
		s.Errorf("the gate of %s is %s, want %s: %+v\n%q", environment, last.State, state, run.View(),
			s.Check(run.View().SHA, gate.DeployCheck(environment)).Title)
	}
	return last
}

func (s *story) text(sha, name string) string {
	r := s.Check(sha, name)
	return fmt.Sprintf("%s: %s %s %q\n%s", name, r.Status, r.Conclusion, r.Title, r.Summary)
}

// says asks for words in the title and in the summary of a deployment's check.
func (s *story) says(run *actions.WorkflowRun, environment, title string, words ...string) {
	s.Helper()
	s.shows(run.View().SHA, gate.DeployCheck(environment), title, words...)
}

func (s *story) shows(sha, name, title string, words ...string) {
	s.Helper()
	r := s.Check(sha, name)
	if !strings.Contains(r.Title, title) {
		s.Errorf("the title lacks %q:\n%s", title, s.text(sha, name))
	}
	for _, w := range words {
		if !strings.Contains(r.Summary, w) {
			s.Errorf("the summary lacks %q:\n%s", w, s.text(sha, name))
		}
	}
}

// press has somebody press a button on a deployment's check.
func (s *story) press(run *actions.WorkflowRun, environment, button string, by *fakehub.Account) {
	s.Helper()
	s.click(run.View().SHA, gate.DeployCheck(environment), button, by)
}

func (s *story) click(sha, name, button string, by *fakehub.Account) {
	s.Helper()
	if err := s.Press(sha, name, button, by); err != nil {
		s.Fatalf("%v\n%s", err, s.text(sha, name))
	}
	s.settle()
}

func (s *story) ended(run *actions.WorkflowRun, conclusion string) {
	s.Helper()
	if v := run.View(); v.Conclusion != conclusion {
		s.Errorf("the run has come to %q, want %q: %+v", v.Conclusion, conclusion, v)
	}
}

// subjects are the gates of a run and an environment on our record.
func (s *story) subject(run *actions.WorkflowRun, environment string) gate.Subject {
	s.Helper()
	repo := gate.Repo{Installation: s.Inst.ID, ID: s.Shop.ID, Owner: "acme", Name: "shop"}
	for _, d := range s.hub.Deployments(s.Shop, environment) {
		if d.RunID == run.ID && d.Attempt == run.View().Attempt {
			return gate.Subject{Kind: gate.Deployment, Repo: repo, Run: run.ID, DeploymentID: d.ID, Environment: d.Environment}
		}
	}
	return gate.Subject{Kind: gate.WorkflowRun, Repo: repo, Run: run.ID}
}

// answers counts what gatehold posted about deployments, by status.
func (s *story) answers() map[int]int {
	out := map[int]int{}
	for rs, n := range s.hub.Counts() {
		if strings.HasSuffix(rs.Route, "/deployment_protection_rule") && strings.HasPrefix(rs.Route, "POST") {
			out[rs.Status] += n
		}
	}
	return out
}

// dispatch is how most runs start, with a job to production that runs on until
// FinishJob.
func (s *story) long(by *fakehub.Account, environment string) *actions.WorkflowRun {
	s.Helper()
	return s.run(actions.RunSpec{Actor: by, Jobs: jobs("", environment)})
}

const day = 24 * time.Hour
