package judge

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/policy"
	"github.com/gatehold/gatehold/internal/report"
	"github.com/gatehold/gatehold/internal/rulesfile"
	"github.com/gatehold/gatehold/internal/rulesfile/rulestest"
)

var update = flag.Bool("update", false, "write what the tests expect from what they get")

// TestCases judges the cases of testdata/rules. README.txt there says how a
// case is written.
func TestCases(t *testing.T) {
	names, err := filepath.Glob("../../testdata/rules/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("no cases found: %v", err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) { runCase(t, name) })
	}
}

func runCase(t *testing.T, name string) {
	a, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	c := &caseReader{t: t, owners: change.RulesFile{State: change.RulesAbsent},
		change: change.Change{Repository: "acme/shop", BaseRef: "main"}}
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
		c.change = change.Change{Repository: "acme/shop", BaseRef: "main"}
	}
	if *update {
		if err := os.WriteFile(name, txtar.Format(a), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

type caseReader struct {
	t         *testing.T
	org, repo []byte
	change    change.Change
	owners    change.RulesFile // CODEOWNERS on the base branch, for all changes
}

func (c *caseReader) read(name, text string) {
	side, path, _ := strings.Cut(name, "/")
	switch {
	case name == "organisation.yml":
		c.org = []byte(text)
	case name == "repository.yml":
		c.repo = []byte(text)
	case name == "CODEOWNERS":
		c.owners = change.RulesFile{State: change.RulesFound, Name: "acme/shop/CODEOWNERS", Text: []byte(text)}
	case name == "body":
		c.change.Body = text
	case side == "issue":
		c.issue(path, text)
	case name == "change":
		for line := range strings.Lines(text) {
			c.line(strings.TrimSpace(line))
		}
	case side == "before" || side == "after":
		i := slices.IndexFunc(c.change.Files, func(f change.File) bool { return f.Path == path })
		if i < 0 {
			c.t.Fatalf("%s: the change has no such file", name)
		}
		if side == "before" {
			c.change.Files[i].Before = change.TextOf(text)
		} else {
			c.change.Files[i].After = change.TextOf(text)
		}
	default:
		c.t.Fatalf("%s is no part of a case", name)
	}
}

// issue reads "12", "12 by LOGIN" or "12 by LOGIN edited by LOGIN" and its text.
func (c *caseReader) issue(about, text string) {
	about, editor, edited := strings.Cut(about, " edited by ")
	about, author, _ := strings.Cut(about, " by ")
	repo, number, other := strings.Cut(about, "#")
	if !other {
		repo, number = "acme/shop", about
	}
	n, err := strconv.Atoi(number)
	if err != nil {
		c.t.Fatalf("%q is no issue", about)
	}
	issue := change.Issue{Repository: repo, Number: n, Body: text, Author: actor(author)}
	if edited {
		by := actor(editor)
		issue.Editor = &by
	}
	c.change.Issues = append(c.change.Issues, issue)
}

// actor is a person, an agent (Copilot), a bot (NAME[bot]), or an account that
// is gone (ghost).
func actor(login string) change.Actor {
	switch {
	case login == "Copilot":
		return change.Actor{Login: login, ID: 198982749, Type: change.Bot}
	case login == "ghost":
		return change.Actor{Login: login}
	case strings.HasSuffix(login, "[bot]"):
		return change.Actor{Login: login, ID: 3, Type: change.Bot}
	}
	return change.Actor{Login: login, ID: 1, Type: change.User}
}

// line reads one line of a change.
func (c *caseReader) line(line string) {
	word, rest, _ := strings.Cut(line, " ")
	f := change.File{Path: rest, Mode: change.ModeFile, PreviousMode: change.ModeFile, Before: change.TextOf("before\n"),
		After: change.TextOf("after\n")}
	from, to, moved := strings.Cut(rest, " to ")
	switch word {
	case "":
		return
	case "by":
		c.change.Author = actor(rest)
		return
	case "unseen":
		c.change.IssuesUnseen = rest
		return
	case "more-issues":
		n, err := strconv.Atoi(rest)
		if err != nil {
			c.t.Fatal(err)
		}
		c.change.IssuesLeft = n
		return
	case "from":
		c.change.HeadRef, c.change.BaseRef = from, to
		return
	case "title":
		c.change.Title = rest
		return
	case "label":
		c.change.Labels = append(c.change.Labels, rest)
		return
	case "unusable-owners":
		c.change.Owners = change.RulesFile{State: change.RulesRefused, Reason: rest}
		return
	case "gap":
		c.change.Gaps = append(c.change.Gaps, rest)
		return
	case "added":
		f.Status, f.PreviousMode, f.Before = change.Added, "", change.NoText()
	case "removed":
		f.Status, f.Mode, f.After = change.Removed, "", change.NoText()
	case "modified":
		f.Status = change.Modified
	case "unfetched":
		f.Status, f.Before, f.After = change.Modified, change.Text{}, change.Text{}
	case "executable":
		f.Status, f.Mode = change.Changed, change.ModeExecutable
	case "symlink":
		f.Status, f.Mode = change.Modified, change.ModeSymlink
	case "submodule":
		f.Status, f.Mode = change.Modified, change.ModeSubmodule
	case "renamed":
		if !moved {
			c.t.Fatalf("%q: renamed OLD to NEW", line)
		}
		f.Status, f.PreviousPath, f.Path = change.Renamed, from, to
	default:
		c.t.Fatalf("%q is no line of a change", line)
	}
	c.change.Files = append(c.change.Files, f)
}

// verdict judges and prints what a reader of the case wants to see.
func (c *caseReader) verdict() string {
	var b strings.Builder
	var files [2]*rulesfile.File
	for i, source := range []rulesfile.Source{{Name: "organisation.yml", Text: c.org}, {Name: "repository.yml", Text: c.repo}} {
		if source.Text == nil {
			continue
		}
		f, err := rulesfile.ParseWith(source, rulestest.Toys, rulesfile.PackRuleIDs)
		if err != nil {
			fmt.Fprintf(&b, "%v\n", err)
			continue
		}
		files[i] = f
	}
	if b.Len() > 0 {
		return b.String()
	}
	r, err := policy.CompileWith(files[0], files[1], rulestest.Toys)
	if err != nil {
		c.t.Fatal(err)
	}
	if c.change.Owners.State == change.RulesUnknown {
		c.change.Owners = c.owners
	}
	v := Change(r, &c.change)
	fmt.Fprintf(&b, "%s: %s risk, score %d\n", outcome(v), v.Level, v.Score)
	fmt.Fprintln(&b, v.Reason)
	if v.Needs != nil {
		fmt.Fprintf(&b, "needs %s\n", report.Need(v.Needs))
	}
	for _, x := range v.Excluded {
		fmt.Fprintf(&b, "excluded %s, which %s\n", x.Group, x.Role)
	}
	if v.BreakGlass != nil {
		fmt.Fprintf(&b, "at once %s\n", report.Need(v.BreakGlass))
	}
	for _, p := range v.Problems {
		fmt.Fprintf(&b, "problem %s\n", p.Code)
	}
	for _, note := range v.Notes {
		fmt.Fprintf(&b, "note %s\n", note)
	}
	for _, f := range v.Findings {
		word := "finding"
		if f.Observe {
			word = "watched"
		}
		fmt.Fprintf(&b, "%s %d %s: %s\n", word, f.Risk, f.Rule, f.Message)
	}
	e := r.Explain()
	for _, o := range e.Overruled {
		fmt.Fprintf(&b, "overruled %s %s (%s): %s\n", o.Name, o.Value, o.From, o.Why)
	}
	for _, o := range e.Ignored {
		fmt.Fprintf(&b, "without effect %s (%s): %s\n", o.Name, o.From, o.Why)
	}
	return b.String()
}

func outcome(v gate.Verdict) string {
	switch {
	case v.Held:
		return "held"
	case v.WouldHold:
		return "only observed"
	}
	return "passes"
}
