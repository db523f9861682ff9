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
)

// TestPagesDuringAHeldDeployment reads, as a person does, what runs where, what
// waits and which ways to deploy are held, before and after a deployment goes
// out, and after another went by its gate. Every name that a person can give is
// hostile.
func TestPagesDuringAHeldDeployment(t *testing.T) {
	t.Parallel()
	d := newDeploys(t, map[string]string{"issues": "read"})
	d.commit(d.ana, fakehub.Files{".github/workflows/ship.yml": strings.Replace(shipWorkflow, "run: ./ship",
		"run: kubectl apply -f prod.yml", 1)})
	site := "http://" + d.s.addr
	first := d.deploy(d.ana)
	sha := first.View().SHA
	d.says(sha, toProduction, "Held: needs 1 approval", "the first to reach production")
	d.press(sha, toProduction, "Approve", d.bo)
	d.ends(first, "success")

	issue := d.shop.OpenIssue(d.ana, "Tidy up", "Please.")
	pull, err := d.shop.OpenPull(fakehub.NewPull{
		Author: d.agent, Title: hostile, Head: "devin/1-drop", Files: fakehub.Files{"db/migrations/0001_drop.sql": "DROP TABLE orders;\n"},
		Body: fmt.Sprintf("Closes #%d\n\nLink to Devin run: https://app.devin.ai/sessions/a1b2?token=hush", issue.Number),
	})
	if err != nil {
		t.Fatal(err)
	}
	c := &clicks{world: d.world, t: t, s: d.s, bo: d.bo, pull: pull}
	c.says("Held: needs 1 approval", "")
	c.press("Approve", d.bo)
	c.says("Released: approved by @bo", "")
	if _, err := pull.Merge(d.ana); err != nil {
		t.Fatal(err)
	}
	run := d.deploy(d.ana)
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
	b.open(site + fmt.Sprintf("/gates/pr/%d/%d", d.shop.ID, pull.Number))
	b.says("main", "What led here", "session https://app.devin.ai/sessions/a1b2 by devin, an agent")
	b.sees("pull request")
	d.waysToDeploy(b, site)

	d.press(sha, toProduction, "Approve", d.bo)
	d.ends(run, "success")
	until(t, time.Minute, "what was let go has not reached the environment", func() bool {
		var all board.Environments
		err := json.Unmarshal([]byte(d.s.ask("/environments", "application/json")), &all)
		return err == nil && len(all.List) > 0 && all.List[0].Runs != nil && all.List[0].Runs.SHA == sha
	})
	if _, err := d.hub.Deploy(d.shop, actions.NewDeployment{By: d.agent, Environment: "production", States: []string{"success"}}); err != nil {
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
		"the rules hold nothing in `staging`", "job production", ".github/workflows/deploy.yml")
	b.sees("repository")
	b.bothPaints("repository")
	var repo board.RepoSummary
	if err := json.Unmarshal([]byte(d.s.ask(fmt.Sprintf("/repositories/repo/%d", d.shop.ID), "application/json")),
		&repo); err != nil || len(repo.Paths) != 3 || repo.Paths[0].Held != gate.NotHeld {
		d.t.Errorf("%+v, %v", repo.Paths, err)
	}
	// What changes the workflows changes the page within seconds.
	d.commit(d.ana,
		fakehub.Files{".github/workflows/ship.yml": "on: push\npermissions: {}\njobs:\n  test:\n    runs-on: " +
			"ubuntu-latest\n    steps:\n      - run: make test\n"})
	until(d.t, 30*time.Second, "a changed workflow is not seen", func() bool {
		b.open(site + fmt.Sprintf("/repositories/repo/%d", d.shop.ID))
		return !strings.Contains(b.text("main"), "job ship")
	})
}
