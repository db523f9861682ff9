package judge

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/policy"
	"github.com/gatehold/gatehold/internal/report"
	"github.com/gatehold/gatehold/internal/rulesfile"
	"github.com/gatehold/gatehold/internal/rulesfile/rulestest"
)

// TestDeployments judges the cases of testdata/deployments. README.txt there
// says how a case is written.
func TestDeployments(t *testing.T) {
	names, err := filepath.Glob("../../testdata/deployments/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("no cases found: %v", err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) { runDeployment(t, name) })
	}
}

func runDeployment(t *testing.T, name string) {
	a, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	c := newDeployCase(t)
	for i := range a.Files {
		f := &a.Files[i]
		if !strings.HasPrefix(f.Name, "verdict") {
			c.read(f.Name, string(f.Data))
			continue
		}
		got := c.verdict()
		if *update {
			f.Data = []byte(got)
		} else if got != string(f.Data) {
			t.Errorf("%s:\ngot:\n%s\nwant:\n%s", f.Name, got, f.Data)
		}
		org, repo, owners := c.org, c.repo, c.owners
		c = newDeployCase(t)
		c.org, c.repo, c.owners = org, repo, owners
	}
	if *update {
		if err := os.WriteFile(name, txtar.Format(a), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// deployCase reads one deployment, or one run where no line says "to".
type deployCase struct {
	caseReader
	d     Deployment
	paths bool
}

// tuesday is what "now" is where a case does not say it.
var tuesday = time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)

func newDeployCase(t *testing.T) *deployCase {
	c := &deployCase{caseReader: caseReader{t: t,
		change: change.Change{Repository: "acme/shop", Base: strings.Repeat("b", 40), Head: strings.Repeat("a", 40)}}}
	c.d.Now, c.d.BaseAt, c.d.HeadAt = tuesday, tuesday.AddDate(0, 0, -7), tuesday.Add(-48*time.Hour)
	c.d.Run = change.Run{ID: 7, Attempt: 1, Workflow: ".github/workflows/deploy.yml", Event: "push", Head: c.change.Head,
		Branch: "main", CreatedAt: tuesday, Actor: actor("ops"), Triggered: actor("ops")}
	c.d.Outgoing.Default = "main"
	c.d.Existing = []string{"staging", "production"}
	c.d.Protected = c.d.Existing
	c.d.Workflow = &change.Workflow{Path: c.d.Run.Workflow,
		Text: change.TextOf("on: push\njobs:\n  ship:\n    runs-on: ubuntu-latest\n    environment: production\n    steps: " +
			"[{ run: kubectl apply -f . }]\n")}
	return c
}

func (c *deployCase) read(name, text string) {
	side, rest, _ := strings.Cut(name, "/")
	switch {
	case name == "deployment" || name == "run":
		for line := range strings.Lines(text) {
			c.line(strings.TrimSpace(line))
		}
	case name == "workflow":
		c.d.Workflow.Text = change.TextOf(text)
	case side == "calls":
		c.d.Workflow.Calls = append(c.d.Workflow.Calls, change.Called{Uses: rest, Text: change.TextOf(text)})
	default:
		c.caseReader.read(name, text)
	}
}

func (c *deployCase) time(s string) time.Time {
	t, err := time.Parse("2006-01-02T15:04", s)
	if err != nil {
		c.t.Fatal(err)
	}
	return t
}

func (c *deployCase) line(line string) {
	word, rest, _ := strings.Cut(line, " ")
	words := strings.Fields(rest)
	d := &c.d
	switch word {
	case "to":
		d.Environment = rest
	case "now":
		d.Now = c.time(rest)
	case "head-at":
		d.HeadAt = c.time(rest)
	case "started":
		d.Run.Actor, d.Run.Triggered = actor(words[0]), actor(words[0])
		if len(words) > 1 {
			d.Run.Event = words[1]
		}
	case "again":
		d.Run.Attempt, d.Run.Triggered = 2, actor(rest)
	case "branch":
		d.Run.Branch = rest
	case "fork":
		d.Run.Fork = true
	case "first":
		c.change.Base, d.BaseAt = "", time.Time{}
	case "unrelated":
		d.Outgoing.Unrelated = rest
	case "backwards":
		d.Outgoing.Backwards = true
	case "same":
		c.change.Base = c.change.Head
	case "before":
		d.Before = &gate.Arrival{SHA: c.change.Head, Approved: rest == "approved"}
	case "staged":
		s := Staged{Environment: words[0], SucceededAt: c.time(words[1])}
		if len(words) > 2 {
			s.FailedAt = c.time(words[2])
		}
		d.Staged = append(d.Staged, s)
	case "running":
		d.Running, _ = strconv.Atoi(rest)
	case "protected":
		d.Protected = words
	case "may-cancel":
		d.CanCancel = true
	case "no-workflow":
		d.Workflow = nil
	case "unreadable-call":
		d.Workflow.Calls = append(d.Workflow.Calls,
			change.Called{Uses: rest, Text: change.Text{State: change.Unreadable, Reason: "no access"}})
	case "paths":
		c.paths = true
	case "pull":
		c.pull(words)
	case "commit":
		d.Outgoing.Direct = append(d.Outgoing.Direct, commitBy(fmt.Sprintf("d%d", len(d.Outgoing.Direct)), rest))
	default:
		c.caseReader.line(line)
	}
}

func commitBy(sha, login string) change.Commit {
	a := actor(login)
	who := change.Person{Name: login, Email: login + "@acme.example", Login: a.Login, ID: a.ID, Type: a.Type}
	if login == "Copilot" {
		who.Email = "198982749+Copilot@users.noreply.github.com"
	}
	return change.Commit{SHA: sha, Message: "Do it\n", Author: who, Committer: who}
}

// pull reads "pull 12 by LOGIN [unknown|moved|denied] [LEVEL SCORE] [drops]
// [approved LOGIN GROUP CHANNEL]".
func (c *deployCase) pull(words []string) {
	n, err := strconv.Atoi(words[0])
	if err != nil || len(words) < 3 {
		c.t.Fatalf("pull %v", words)
	}
	sha := "m" + words[0]
	author := actor(words[2])
	c.d.Outgoing.Pulls = append(c.d.Outgoing.Pulls,
		change.Pull{Number: n, Title: "Change " + words[0], MergeCommit: sha, Author: author, Commits: []string{sha}})
	c.change.Commits = append(c.change.Commits, commitBy(sha, words[2]))
	p := Part{Outgoing: gate.Outgoing{Number: n, Level: gate.Low, Valid: true}}
	p.By = attribute(&change.Change{Author: author}, policy.EnforcedDefault().Agents)
	p.Agent = p.By.Is
	known := true
	for i := 3; i < len(words); i++ {
		switch w := words[i]; w {
		case "unknown":
			known = false
		case "moved":
			p.Valid, p.Why = false, "its head moved after the approval"
		case "low", "medium", "high", "critical":
			p.Level = gate.Level(w)
			p.Score, _ = strconv.Atoi(words[i+1])
			i++
		case "drops":
			p.Worst = rulestest.ToyDrop.Title
		case "approved", "denied":
			answer := gate.Approve
			if w == "denied" {
				answer = gate.Deny
			}
			p.ApprovedBy = append(p.ApprovedBy, words[i+1])
			p.Choices = append(p.Choices, gate.Choice{At: tuesday.Add(-time.Hour), Counted: gate.Counted{
				By: gate.Actor{Login: words[i+1], ID: int64(100 + i)}, Answer: answer, Groups: []string{words[i+2]}, Via: words[i+3],
			}})
			i += 3
		default:
			c.t.Fatalf("pull: %q", w)
		}
	}
	if known {
		c.d.Parts = append(c.d.Parts, p)
	}
}

func (c *deployCase) rules() *policy.Rules {
	var files [2]*rulesfile.File
	for i, source := range []rulesfile.Source{{Name: "organisation.yml", Text: c.org}, {Name: "repository.yml", Text: c.repo}} {
		if source.Text != nil {
			files[i] = rulestest.MustParse(c.t, source.Name, string(source.Text))
		}
	}
	return mustCompile(c.t, files[0], files[1])
}

// verdict judges and prints what a reader of the case wants to see.
func (c *deployCase) verdict() string {
	var b strings.Builder
	r := c.rules()
	if c.paths {
		for _, job := range DeployPaths(r, []change.Workflow{*c.d.Workflow}, c.d.Protected, c.d.Existing, c.d.CanCancel) {
			fmt.Fprintf(&b, "%s %s %s: %s\n", job.Held, job.Workflow, job.ID, job.Why)
		}
		return b.String()
	}
	c.d.Outgoing.Change = c.change
	c.d.Outgoing.Change.Owners = c.owners
	var v gate.Verdict
	if c.d.Environment == "" {
		v = Run(r, &c.d.RunFacts)
	} else {
		v = Deploy(r, &c.d)
	}
	fmt.Fprintf(&b, "%s: %s risk, score %d\n%s\n%s\n", outcome(v), v.Level, v.Score, v.Reason, v.Deploy.Summary)
	if v.Deploy.Rollback {
		fmt.Fprintln(&b, "rollback")
	}
	if v.Deploy.Cancel {
		fmt.Fprintln(&b, "cancel")
	}
	if v.Needs != nil {
		fmt.Fprintf(&b, "needs %s\n", report.Need(v.Needs))
	}
	for _, p := range v.Problems {
		fmt.Fprintf(&b, "problem %s\n", p.Code)
	}
	for _, w := range v.Deploy.Waits {
		fmt.Fprintf(&b, "wait %s until %s%s: %s\n", w.Code, w.Until.UTC().Format("2006-01-02T15:04"), sayExcept(w.Except), w.Text)
	}
	for _, j := range v.Deploy.Jobs {
		fmt.Fprintf(&b, "job %s %s: %s (%s)\n", j.ID, j.Held, j.Why, strings.Join(j.Can, ", "))
	}
	for _, f := range v.Findings {
		fmt.Fprintf(&b, "finding %d %s: %s\n", f.Risk, f.Rule, f.Message)
	}
	var excluded []string
	for _, p := range v.Contributors {
		excluded = append(excluded, p.Login)
	}
	slices.Sort(excluded)
	fmt.Fprintf(&b, "cannot release: %s\n", strings.Join(excluded, ", "))
	return b.String()
}

func sayExcept(groups []string) string {
	if len(groups) == 0 {
		return ""
	}
	return " except " + strings.Join(groups, ", ")
}
