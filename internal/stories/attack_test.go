//go:build services

package stories

import (
	"testing"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/actions"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/gate/check"
)

// deployed is the id of a run's deployment to an environment.
func (s *story) deployed(run *actions.WorkflowRun, environment string) int64 {
	s.Helper()
	return s.subject(run, environment).DeploymentID
}

// forge has somebody with a token write a deployment's status.
func (s *story) forge(id int64, state string) {
	s.Helper()
	s.must(s.hub.SetDeployment(s.Shop, id, state, s.Agent))
	s.settle()
}

const production = `environments:
  production: { hold: agent_changes, rollback: allow }
`

// Attack: what was rolled back is said to have succeeded once more, so that it
// seems to run there, and nothing to go out.
func TestAttackARolledBackDeploymentIsSaidToSucceedAgain(t *testing.T) {
	t.Parallel()
	s := begun(t, production, "production")
	before := s.Shop.Tip("main")
	s.merge(s.Agent, true, s.Bo)
	bad := s.deploy(s.Ana, "production")
	s.press(bad, "production", "Approve", s.Bo)
	s.ended(bad, "success")
	back := s.run(actions.RunSpec{SHA: before, Jobs: jobs("success", "production")})
	s.says(back, "production", "Held", "does not undo")
	s.press(back, "production", "Approve", s.Bo)
	s.ended(back, "success")

	s.forge(s.deployed(bad, "production"), "success")
	again := s.deploy(s.Ana, "production")
	s.says(again, "production", "Held: needs 1 approval")
	s.gate(again, "production", "pending")
}

// Attack: a deployment that nobody let go is cancelled and said to have
// succeeded, so that the next one is judged from there; in an environment that
// nothing has reached yet, there is nothing else to judge from.
func TestAttackAHeldDeploymentIsSaidToSucceed(t *testing.T) {
	t.Parallel()
	s := tell(t, production)
	s.merge(s.Agent, true, s.Bo)
	for range 2 { // two, so that each looks older than the other's question
		held := s.deploy(s.Agent, "production")
		s.says(held, "production", "Held")
		s.must(s.hub.CancelRun(held, true))
		s.settle()
		s.forge(s.deployed(held, "production"), "success")
	}
	for i := range 1001 { // so many are over since then that the list of gates has forgotten them
		if i%100 == 0 {
			s.settle()
		}
		_, err := s.hub.StartRun(s.Shop, actions.RunSpec{Workflow: ".github/workflows/test.yml", Actor: s.Agent,
			Jobs: []actions.JobSpec{{Name: "test", Ends: "success"}}})
		s.must(err)
	}
	s.settle()
	next := s.deploy(s.Ana, "production")
	s.says(next, "production", "Held: needs 1 approval", "the first to reach")
	s.gate(next, "production", "pending")
}

// Attack: hundreds of invented deployments, so that the environment forgets
// what people let go and what it is judged from.
func TestAttackAFloodOfInventedDeployments(t *testing.T) {
	t.Parallel()
	s := begun(t, production, "production")
	s.merge(s.Ana, false)
	for range 250 {
		_, err := s.hub.Deploy(s.Shop, actions.NewDeployment{By: s.Agent, Environment: "production", States: []string{"success"}})
		s.must(err)
	}
	s.settle()
	next := s.deploy(s.Ana, "production")
	s.says(next, "production", "Let go", "`1` change since the deploy of")
}

// Attack: runs that nobody holds, without end, on one commit. They cost a record
// or two each, and no check is told of them.
func TestAttackRunsWithoutEnd(t *testing.T) {
	t.Parallel()
	s := tell(t, "workflows: { ship: { paths: [\".github/workflows/ship.yml\"], hold: check } }\n")
	start := func(workflow string, n int) check.State {
		for range n {
			_, err := s.hub.StartRun(s.Shop, actions.RunSpec{Workflow: workflow, Actor: s.Agent, Event: "schedule",
				Jobs: []actions.JobSpec{{Name: "x", Ends: "success"}}})
			s.must(err)
		}
		s.settle()
		of := gate.Subject{Kind: gate.Check, Repo: s.subject(s.hub.Runs(s.Shop)[0], "").Repo, SHA: s.Shop.Tip("main"), Name: gate.RunCheck}
		records, err := s.log.Read(t.Context(), of.Stream(), 0)
		s.must(err)
		var state check.State
		for _, r := range records {
			ev, err := gate.Decode(r.Kind, r.Body)
			s.must(err)
			state = state.After(gate.Entry{Version: r.Version, At: r.At, Event: ev})
		}
		return state
	}
	if check := start(".github/workflows/test.yml", 100); check.Version != 0 {
		t.Errorf("a check has %d records of runs that no rule names", check.Version)
	}
	if check := start(".github/workflows/ship.yml", 60); len(check.Members) > 30 {
		t.Errorf("the check knows of %d runs", len(check.Members))
	}
}

// Attack: a run of a commit that is on no branch, started from a tag that is
// called as the branch that may be deployed.
func TestAttackATagIsCalledAsTheBranch(t *testing.T) {
	t.Parallel()
	s := begun(t, "environments:\n  production: { hold: agent_changes, from_branches: [main, \"release/**\"] }\n", "production")
	evil, err := s.Shop.Commit("quick-fix", fakehub.NewCommit{Author: s.Ana, Message: "Change something",
		Files: fakehub.Files{"docs/evil.md": "x\n"}})
	s.must(err)
	s.settle()
	for _, name := range []string{"main", "release/1", "Main"} {
		run := s.run(actions.RunSpec{Branch: name, SHA: evil, Event: "push", Jobs: jobs("success", "production")})
		s.says(run, "production", "Held", "the rules take only")
		s.gate(run, "production", "pending")
		s.must(s.hub.CancelRun(run, true))
		s.settle()
	}
	before := s.Shop.Tip("main")
	s.merge(s.Ana, false)
	for _, sha := range []string{before, s.Shop.Tip("main")} { // on it, at its tip or not
		run := s.run(actions.RunSpec{SHA: sha, Event: "push", Jobs: jobs("success", "production")})
		s.gate(run, "production", "approved")
	}
}
