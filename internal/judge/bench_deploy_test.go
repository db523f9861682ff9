package judge

import (
	"fmt"
	"testing"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/policy"
)

// BenchmarkJudgeDeployment judges a range of 20 pull requests with 300 files,
// by the shipped rules.
func BenchmarkJudgeDeployment(b *testing.B) {
	r := policy.EnforcedDefault()
	d := &Deployment{Environment: "production"}
	d.Now, d.Run = tuesday, change.Run{ID: 1, Attempt: 1, Event: "push", Workflow: ".github/workflows/deploy.yml", Triggered: actor("ana")}
	d.Workflow = &change.Workflow{Path: d.Run.Workflow,
		Text: change.TextOf("jobs:\n  ship: { runs-on: ubuntu-latest, environment: production, steps: [{ run: kubectl apply -f . }] }\n")}
	c := &d.Outgoing.Change
	c.Base, c.Head = "b", "a"
	for i := range 20 {
		sha := fmt.Sprintf("m%d", i)
		d.Outgoing.Pulls = append(d.Outgoing.Pulls, change.Pull{Number: i + 1, Author: actor("Copilot"), Commits: []string{sha}})
		c.Commits = append(c.Commits, commitBy(sha, "Copilot"))
		d.Parts = append(d.Parts, Part{Outgoing: gate.Outgoing{Number: i + 1, Agent: true, Valid: true}})
		for k := range 15 {
			f := change.File{Path: fmt.Sprintf("src/%d/%d.go", i, k), Status: change.Modified,
				Before: change.TextOf("package a\n"), After: change.TextOf("package a\n\nvar X = 1\n")}
			if k == 0 {
				f.Path, f.After = fmt.Sprintf("db/migrations/%d.sql", i), change.TextOf("ALTER TABLE t ADD COLUMN a int;\n")
				f.Status, f.Before = change.Added, change.NoText()
			}
			c.Files = append(c.Files, f)
		}
	}
	for b.Loop() {
		if v := Deploy(r, d); !v.Held {
			b.Fatal(v.Reason)
		}
	}
}
