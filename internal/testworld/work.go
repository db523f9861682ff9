package testworld

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"

	"github.com/gatehold/gatehold/internal/fakehub"
)

// Page is a change that harms nothing, and another one for each n.
func Page(n int) fakehub.Files {
	return fakehub.Files{fmt.Sprintf("docs/%d.md", n): fmt.Sprintf("# Page %d\n", n)}
}

// Drops is a change that Rules hold as critical, and another one for each n.
func Drops(n int) fakehub.Files {
	return fakehub.Files{fmt.Sprintf("db/migrations/%04d_drop.sql", n): fmt.Sprintf("DROP TABLE orders_%d;\n", n)}
}

// Change is a page, and where it harms a migration that drops a table beside it.
func Change(n int, harms bool) fakehub.Files {
	files := Page(n)
	if harms {
		maps.Copy(files, Drops(n))
	}
	return files
}

// Dropped is the migration of Tidy.
var Dropped = fakehub.Files{"db/migrations/0001_drop.sql": "DROP TABLE orders;\n"}

// Tidy is what most tests are about: ana had the agent tidy up, and it drops a table.
func (w *World) Tidy() fakehub.NewPull {
	return fakehub.NewPull{Author: w.Agent, Title: "Tidy up", Head: "devin/1-tidy", Assignees: []*fakehub.Account{w.Ana},
		Files: Dropped}
}

// Open opens a pull request in shop. Whose work it is, its title and its branch are
// the agent's own where p does not say them.
func (w *World) Open(p fakehub.NewPull) (*fakehub.Pull, error) {
	w.proposed++
	if p.Author == nil {
		p.Author = w.Agent
	}
	if p.Title == "" {
		p.Title = fmt.Sprintf("Change %d", w.proposed)
	}
	if p.Head == "" {
		p.Head = fmt.Sprintf("devin/%d-change", w.proposed)
	}
	return w.Shop.OpenPull(p)
}

// Checks are the App's check runs by a name on a commit of shop, oldest first; by
// any name where it is empty.
func (w *World) Checks(sha, name string) (ours []fakehub.CheckRun) {
	for _, r := range w.Shop.CheckRuns(sha) {
		if r.AppID == w.On.App.ID && (name == "" || r.Name == name) {
			ours = append(ours, r)
		}
	}
	return ours
}

// Check is the newest of Checks, and nothing where there is none.
func (w *World) Check(sha, name string) (newest fakehub.CheckRun) {
	for _, r := range w.Checks(sha, name) {
		if r.ID > newest.ID {
			newest = r
		}
	}
	return newest
}

// Passes reports whether GitHub lets a pull request be merged by a check that is
// required and pinned to the App.
func (w *World) Passes(p *fakehub.Pull, check string) bool {
	return p.RequiredCheck(check, w.On.App.ID).Passes
}

// Judged says what is wrong with the check of a pull request that is to be held, or
// to pass: there is one, it has come to an end, and it says that. It says nothing
// where all is well.
func (w *World) Judged(p *fakehub.Pull, held bool) string {
	want := "success"
	if held {
		want = "action_required"
	}
	ours := w.Checks(p.HeadSHA(), "") // by whatever name
	if len(ours) == 1 && ours[0].Status == "completed" && ours[0].Conclusion == want {
		return ""
	}
	wrong := fmt.Sprintf("#%d has %d check runs, want one that says %s:", p.Number, len(ours), want)
	for _, r := range ours {
		wrong += fmt.Sprintf(" %d %s %s %q", r.ID, r.Status, r.Conclusion, r.Title)
	}
	return wrong
}

// Press has somebody press a button of the newest check by a name on a commit.
func (w *World) Press(sha, name, button string, by *fakehub.Account) error {
	return w.On.Hub.Press(w.Check(sha, name).ID, button, by)
}

// Delivery is a webhook as GitHub sends it to an address, signed with Secret.
func Delivery(to, event, guid string, body []byte) (*http.Request, error) {
	req, err := http.NewRequest(http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	mac := hmac.New(sha256.New, []byte(Secret))
	mac.Write(body)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-GitHub-Event", event)
	req.Header.Set("X-GitHub-Delivery", guid)
	req.Header.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(mac.Sum(nil)))
	return req, nil
}

// DeployWorkflow deploys by hand: to staging, and after that to production.
const DeployWorkflow = `name: deploy
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
