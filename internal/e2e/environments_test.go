//go:build services

package e2e

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/board"
	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/actions"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/testworld"
)

const deployRules = testworld.Rules + `environments:
  production: { hold: agent_changes, need: high, rollback: always }
  staging:    { hold: never }
workflows:
  ship: { paths: [".github/workflows/ship.yml"], hold: cancel, need: high }
`

const shipWorkflow = `name: ship
on: { workflow_dispatch: {} }
permissions: { contents: read, id-token: write }
jobs:
  ship:
    runs-on: ubuntu-latest
    steps:
      - run: ./ship
`

// deploys is a world with two protected environments.
type deploys struct {
	*world
	s *server
}

// newDeploys has the App granted that it may read issues before it has any token.
func newDeploys(t *testing.T) *deploys {
	w := newWorld(t, fakehub.Options{}, testworld.Options{People: testworld.People{"ana": "sre", "bo": "sre"}, Rules: deployRules,
		Files: fakehub.Files{".github/workflows/deploy.yml": testworld.DeployWorkflow}})
	permissions := fakehub.DefaultPermissions()
	permissions["issues"] = "read"
	w.Inst.Grant(permissions)
	for _, name := range []string{"staging", "Production"} {
		w.Hub.CreateEnvironment(w.Shop, name).Protect(w.App, true)
	}
	return &deploys{w, newServer(t, w, ledgerIn(t))}
}

// workflow changes the workflow that ships.
func (d *deploys) workflow(text string) {
	d.t.Helper()
	if _, err := d.Shop.Commit("main", fakehub.NewCommit{Author: d.Ana, Message: "Change something",
		Files: fakehub.Files{".github/workflows/ship.yml": text}}); err != nil {
		d.t.Fatal(err)
	}
}

// deploy starts the workflow that deploys to both environments.
func (d *deploys) deploy() *actions.WorkflowRun {
	d.t.Helper()
	run, err := d.Hub.StartRun(d.Shop, actions.RunSpec{
		Actor: d.Ana, Jobs: []actions.JobSpec{
			{Name: "staging", Environment: "staging", Ends: "success"},
			{Name: "production", Environment: "production", Needs: []string{"staging"}, Ends: "success"},
		},
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return run
}

// approves presses Approve as bo, and again where the check was painted anew
// meanwhile, until it shows the title.
func (w *world) approves(sha, name, title string) {
	w.t.Helper()
	pressed := ""
	until(w.t, 20*time.Second, name+" does not say "+title, func() bool {
		r := w.Check(sha, name)
		for _, button := range r.Actions {
			if button.Label == "Approve" && button.Identifier != pressed && !strings.Contains(r.Title, title) {
				pressed = button.Identifier
				if err := w.Hub.Press(r.ID, button.Label, w.Bo); err != nil {
					w.t.Logf("what was pressed is not there any more: %v", err)
				}
			}
		}
		return strings.Contains(r.Title, title)
	})
}

// goesOut has bo let a run go to production, and waits until it is there.
func (d *deploys) goesOut(run *actions.WorkflowRun) {
	d.t.Helper()
	d.approves(run.View().SHA, toProduction, "Let go")
	until(d.t, 20*time.Second, fmt.Sprintf("the run does not end with success: %+v", run.View()), func() bool {
		return run.View().Conclusion == "success"
	})
}

const toProduction = "gatehold: deploy to production"

// TestPagesDuringAHeldDeployment reads, as a person does, what runs where, what
// waits and which ways to deploy are held, before and after a deployment goes
// out, and after another went by its gate. Every name that a person can give is
// hostile.
func TestPagesDuringAHeldDeployment(t *testing.T) {
	t.Parallel()
	d := newDeploys(t)
	d.workflow(strings.Replace(shipWorkflow, "run: ./ship", "run: kubectl apply -f prod.yml", 1))
	site := "http://" + d.s.addr
	first := d.deploy()
	sha := first.View().SHA
	d.says(sha, toProduction, "Held: needs 1 approval", "the first to reach production")
	d.goesOut(first)

	issue := d.Shop.OpenIssue(d.Ana, "Tidy up", "Please.")
	pull := d.opens(fakehub.NewPull{
		Title: hostile, Files: testworld.Dropped,
		Body: fmt.Sprintf("Closes #%d\n\nLink to Devin run: https://app.devin.ai/sessions/a1b2?token=hush", issue.Number),
	})
	d.says(pull.HeadSHA(), gate.CheckName, "Held: needs 1 approval", "")
	d.approves(pull.HeadSHA(), gate.CheckName, "Released: approved by @bo")
	if _, err := pull.Merge(d.Ana); err != nil {
		t.Fatal(err)
	}
	run := d.deploy()
	sha = run.View().SHA
	d.says(sha, toProduction, "Held: needs 1 approval", "")

	b := newBrowser(t, 1100, 800)
	until(t, time.Minute, "the environments do not show what waits", func() bool {
		b.open(site + "/environments")
		return strings.Contains(b.text("main"), "1 waiting") && strings.Contains(b.text("main"), "1 running")
	})
	b.says("main", "acme/shop Production", "let go by @bo", "Waits: acme/shop run")
	b.bothPaints("environments")
	b.click(".waits a")
	b.says("main", "What goes out", "#"+fmt.Sprint(pull.Number), "approved by @bo", "What the run can do", "held for certain",
		"What led here", "https://app.devin.ai/sessions/a1b2", "merge", "What GitHub was told", "commented", `\u202egnp\u202c`)
	b.says(".chain", fmt.Sprintf("issue #%d by ana", issue.Number),
		"session https://app.devin.ai/sessions/a1b2 by devin, an agent", "pull request #", "deployment production")
	if strings.Contains(b.text(".chain"), "hush") {
		t.Error("what could be a token is a part of the chain")
	}
	b.sees("deployment")
	b.bothPaints("deployment")
	b.size(420, 800)
	b.bothPaints("deployment-narrow")
	b.size(1100, 800)
	b.open(site + fmt.Sprintf("/gates/pr/%d/%d", d.Shop.ID, pull.Number))
	b.says("main", "What led here", "session https://app.devin.ai/sessions/a1b2 by devin, an agent")
	b.sees("pull request")
	d.waysToDeploy(b, site)

	d.goesOut(run)
	until(t, time.Minute, "what was let go has not reached the environment", func() bool {
		var all board.Environments
		err := json.Unmarshal([]byte(d.s.ask("/environments", "application/json")), &all)
		return err == nil && len(all.List) > 0 && all.List[0].Runs != nil && all.List[0].Runs.SHA == sha
	})
	if _, err := d.Hub.Deploy(d.Shop, actions.NewDeployment{By: d.Agent, Environment: "production", States: []string{"success"}}); err != nil {
		t.Fatal(err)
	}
	until(t, time.Minute, "what went by its gate is not said", func() bool {
		b.open(site + "/environments?repository=acme/shop&standing=bypassed")
		return strings.Contains(b.text("main"), "1 deployment reached an environment without passing a gate")
	})
	b.says("main", "1 shown", "acme/shop Production", "Reached without passing a gate:", "deployed by @devin-ai-integration[bot]")
	b.bothPaints("environments-bypassed")
	b.click(".rows a[href^='/environments/']")
	b.says("main", "What reached it", "it passed no gate", "its gate: let go by @bo")
	b.sees("environment")
	b.bothPaints("environment")
	b.size(420, 800)
	b.bothPaints("environment-narrow")
	b.quiet()

	var all board.Environments
	if err := json.Unmarshal([]byte(d.s.ask("/environments", "application/json")), &all); err != nil || len(all.List) != 2 {
		t.Fatalf("%+v, %v", all, err)
	}
	prod := all.List[0]
	if prod.Standing != board.WasBypassed || prod.Runs == nil || prod.Runs.Gate != "" || len(prod.Bypassed) != 1 ||
		prod.Enforcement == nil || !prod.Enforcement.Enforced {
		t.Errorf("%+v", prod)
	}
}

// waysToDeploy reads the page of the repository.
func (d *deploys) waysToDeploy(b *browser, site string) {
	d.t.Helper()
	until(d.t, time.Minute, "the ways to deploy are not known", func() bool {
		b.open(site + "/repositories")
		return strings.Contains(b.text("main"), "3 ways to deploy")
	})
	b.click(".rows a[href^='/repositories/']")
	b.says("main", "2 not held", "1 held for certain", "job ship", "names no environment", "actions: write",
		"the rules hold nothing in “staging”", "job production", ".github/workflows/deploy.yml")
	b.sees("repository")
	b.bothPaints("repository")
	var repo board.RepoSummary
	if err := json.Unmarshal([]byte(d.s.ask(fmt.Sprintf("/repositories/repo/%d", d.Shop.ID), "application/json")),
		&repo); err != nil || len(repo.Paths) != 3 || repo.Paths[0].Held != gate.NotHeld {
		d.t.Errorf("%+v, %v", repo.Paths, err)
	}
	// What changes the workflows changes the page within seconds.
	d.workflow("on: push\npermissions: {}\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: make test\n")
	until(d.t, 30*time.Second, "a changed workflow is not seen", func() bool {
		b.open(site + fmt.Sprintf("/repositories/repo/%d", d.Shop.ID))
		return !strings.Contains(b.text("main"), "job ship")
	})
}
