//go:build services

package e2e

import (
	"fmt"
	"maps"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/actions"
)

const deployRules = `version: 1
extends: [default]
mode: enforce
needs:
  high:     { approvals: 1, from: ["@acme/sre"] }
  critical: { approvals: 1, from: ["@acme/sre"] }
environments:
  production: { hold: agent_changes, need: high, rollback: always }
  staging:    { hold: never }
workflows:
  ship: { paths: [".github/workflows/ship.yml"], hold: cancel, need: high }
`

const deployWorkflow = `name: deploy
on:
  workflow_dispatch:
permissions:
  contents: read
jobs:
  staging:
    runs-on: ubuntu-latest
    environment: staging
    steps:
      - run: ./deploy staging
  production:
    needs: staging
    runs-on: ubuntu-latest
    environment: production
    steps:
      - run: ./deploy production
`

// deploys is a world with two protected environments and people of two kinds.
type deploys struct {
	*world
	t                   *testing.T
	s                   *server
	bo                  *fakehub.Account
	staging, production *actions.Environment
}

// newDeploys has the App granted more than it asks for before it has any token.
func newDeploys(t *testing.T, more map[string]string) *deploys {
	w := newWorld(t, fakehub.Options{})
	permissions := fakehub.DefaultPermissions()
	maps.Copy(permissions, more)
	w.inst.Grant(permissions)
	d := &deploys{world: w, t: t, bo: w.hub.CreateUser("bo")}
	w.acme.AddMember(d.bo, "member")
	d.sre.Add(d.bo, "member")
	d.commit(w.ana, fakehub.Files{".github/gatehold.yml": deployRules, ".github/workflows/deploy.yml": deployWorkflow})
	d.staging, d.production = w.hub.CreateEnvironment(w.shop, "staging"), w.hub.CreateEnvironment(w.shop, "Production")
	for _, e := range []*actions.Environment{d.staging, d.production} {
		e.Protect(w.app, true)
	}
	d.s = newServer(t, w, "sqlite:"+filepath.Join(t.TempDir(), "ledger.db"))
	return d
}

func (d *deploys) commit(by *fakehub.Account, files fakehub.Files) string {
	d.t.Helper()
	sha, err := d.shop.Commit("main", fakehub.NewCommit{Author: by, Message: "Change something", Files: files})
	if err != nil {
		d.t.Fatal(err)
	}
	return sha
}

// merged has an agent's pull request merged that drops a table, approved by bo.
func (d *deploys) merged(n int) *fakehub.Pull {
	d.t.Helper()
	pull := d.open(n, true)
	c := &clicks{world: d.world, t: d.t, s: d.s, bo: d.bo, pull: pull}
	c.says("Held: needs 1 approval", "")
	c.press("Approve", d.bo)
	c.says("Released: approved by @bo", "")
	if _, err := pull.Merge(d.ana); err != nil {
		d.t.Fatal(err)
	}
	return pull
}

// deploy starts the workflow that deploys to both environments.
func (d *deploys) deploy(by *fakehub.Account) *actions.WorkflowRun {
	d.t.Helper()
	run, err := d.hub.StartRun(d.shop, actions.RunSpec{
		Actor: by, Jobs: []actions.JobSpec{
			{Name: "staging", Environment: "staging", Ends: "success"},
			{Name: "production", Environment: "production", Needs: []string{"staging"}, Ends: "success"},
		},
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return run
}

// check is our newest check run by a name on a commit.
func (d *deploys) check(sha, name string) (newest fakehub.CheckRun) {
	for _, r := range d.shop.CheckRuns(sha) {
		if r.AppID == d.app.ID && r.Name == name && r.ID > newest.ID {
			newest = r
		}
	}
	return newest
}

// says waits until the check of a deployment holds the words.
func (d *deploys) says(sha, name, title, summary string) {
	d.t.Helper()
	defer func() {
		if d.t.Failed() {
			r := d.check(sha, name)
			d.t.Logf("%s says %s %q:\n%s", name, r.Conclusion, r.Title, r.Summary)
			for _, run := range d.hub.Runs(d.shop) {
				d.t.Logf("run: %+v", run.View())
			}
		}
	}()
	until(d.t, 20*time.Second, fmt.Sprintf("%s does not say %q / %q", name, title, summary), func() bool {
		r := d.check(sha, name)
		return strings.Contains(r.Title, title) && strings.Contains(r.Summary, summary)
	})
}

func (d *deploys) press(sha, name, button string, by *fakehub.Account) {
	d.t.Helper()
	quiet(d.t, d.world, 300*time.Millisecond)
	if err := d.hub.Press(d.check(sha, name).ID, button, by); err != nil {
		d.t.Fatal(err)
	}
}

// ends waits until a run is over as told.
func (d *deploys) ends(run *actions.WorkflowRun, conclusion string) {
	d.t.Helper()
	until(d.t, 20*time.Second, fmt.Sprintf("the run does not end with %s: %+v", conclusion, run.View()), func() bool {
		return run.View().Conclusion == conclusion
	})
}

const toProduction, toStaging = "gatehold: deploy to production", "gatehold: deploy to staging"

func TestADeploymentIsHeldApprovedAndRolledBack(t *testing.T) {
	t.Parallel()
	d := newDeploys(t, nil)
	// What runs first is the whole branch, and nobody says whose it is: somebody
	// has to look at that once. Staging holds nothing.
	first := d.deploy(d.ana)
	sha := first.View().SHA
	d.says(sha, toProduction, "Held: needs 1 approval", "the first to reach production")
	d.press(sha, toProduction, "Approve", d.bo)
	d.ends(first, "success")
	d.says(sha, toStaging, "Let go. The run has ended (success)", "")
	d.says(sha, toProduction, "Let go, approved by @bo. The run has ended (success)", "")

	pull := d.merged(1)
	run := d.deploy(d.ana)
	sha2 := run.View().SHA
	d.says(sha2, toProduction, "Held: needs 1 approval from @acme/sre", "#"+fmt.Sprint(pull.Number))
	d.press(sha2, toProduction, "Approve", d.ana) // she merged it, and started the run
	d.says(sha2, toProduction, "Held", "Did not count")
	d.press(sha2, toProduction, "Approve", d.bo)
	d.ends(run, "success")
	d.says(sha2, toProduction, "Let go, approved by @bo", "")

	// Back to what was approved there and ran there: no new approval.
	back, err := d.hub.StartRun(d.shop, actions.RunSpec{Actor: d.ana, SHA: sha,
		Jobs: []actions.JobSpec{{Name: "production", Environment: "PRODUCTION", Ends: "success"}}})
	if err != nil {
		t.Fatal(err)
	}
	d.says(sha, toProduction, "Let go. The run has ended (success)", "that does not undo this")
	d.ends(back, "success")
	// Forward again is no going back.
	again, err := d.hub.StartRun(d.shop, actions.RunSpec{Actor: d.ana, SHA: sha2,
		Jobs: []actions.JobSpec{{Name: "production", Environment: "production", Ends: "success"}}})
	if err != nil {
		t.Fatal(err)
	}
	d.says(sha2, toProduction, "Held: needs 1 approval", "")
	d.press(sha2, toProduction, "Deny", d.bo)
	d.ends(again, "failure")
	d.says(sha2, toProduction, "Denied by @bo", "")
}

const shipWorkflow = `name: ship
on: { workflow_dispatch: {} }
permissions: { contents: read, id-token: write }
jobs:
  ship:
    runs-on: ubuntu-latest
    steps:
      - run: ./ship
`
