package keeper_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/report"
)

// github is the keeper's port with a memory: pull requests as they are, and
// check runs with GitHub's semantics (creating is not idempotent, the newest
// run decides). Faults are asked for before each call.
type github struct {
	mu      sync.Mutex
	pulls   map[int]*change.Facts
	runs    map[string][]run // by SHA, and name where it is not gatehold, oldest first
	lanes   string           // what the rules of main say of branches
	nextID  int64
	calls   map[string]int
	painted []painted // all that was, the oldest first
	// seen is told of a painting before the answer is on its way.
	seen func(p painted)
	// whole is asked before the texts of a change are read without a limit.
	whole func(ctx context.Context, s gate.Subject) error
	// fault is asked before a call; lost says that the effect happens and the
	// answer does not arrive.
	fault func(call string) (err error, lost bool)
}

type run struct {
	id    int64
	check report.Check
}

// painted is one state of a check run as people saw it, and what was true then
// of the first pull request.
type painted struct {
	order int
	check report.Check
	truth truth
}

// truth is what an approval is for.
type truth struct{ head, base, files string }

func (g *github) truth() truth {
	f := g.pulls[1]
	if f == nil {
		return truth{}
	}
	out := truth{head: f.Change.Head, base: f.Change.BaseRef}
	for _, file := range f.Change.Files {
		out.files += file.Path + " "
	}
	return out
}

func newGitHub() *github {
	return &github{pulls: map[int]*change.Facts{}, runs: map[string][]run{}, calls: map[string]int{}}
}

var errLost = errors.New("the connection was closed before the answer")

func (g *github) begin(call string) (lost bool, err error) {
	g.calls[call]++
	if g.fault == nil {
		return false, nil
	}
	err, lost = g.fault(call)
	return lost, err
}

func (g *github) Facts(_ context.Context, s gate.Subject, _ change.Hint) (change.Facts, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if _, err := g.begin("facts"); err != nil {
		return change.Facts{}, err
	}
	facts, ok := g.pulls[s.Number]
	if !ok {
		return change.Facts{}, &gate.Error{Code: "not_found", Text: "There is no such pull request.", Final: true}
	}
	copied := *facts
	copied.Change.Files = slices.Clone(facts.Change.Files)
	if copied.Default.Name == "" { // the rules of main, where they are those of the base
		copied.Default = change.Branch{Name: "main", Tip: "main's tip", Rules: copied.Repo}
		if copied.Change.BaseRef != "main" && copied.Repo.State == change.RulesFound {
			copied.Default.Rules = rulesFile
		}
		if g.lanes != "" {
			copied.Default.Rules.Text = slices.Concat(copied.Default.Rules.Text, []byte("branches: ["+g.lanes+"]\n"))
		}
	}
	return copied, nil
}

func (g *github) TextsWithin(ctx context.Context, s gate.Subject, c *change.Change, want func(*change.File) bool, limit int64) error {
	if limit == 0 && g.whole != nil {
		if err := g.whole(ctx, s); err != nil {
			return err
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if _, err := g.begin("texts"); err != nil {
		return err
	}
	size := int64(0)
	for i := range c.Files {
		size += int64(len(c.Files[i].After.Body))
	}
	if limit > 0 && size > limit {
		return &gate.Error{Code: "texts_past_limit", Text: "There is more."}
	}
	for i := range c.Files {
		if f := &c.Files[i]; want(f) && f.After.State == change.NotLoaded {
			f.After = change.TextOf("text of " + f.Path + "\n")
		}
	}
	return nil
}

func (g *github) FindCheck(_ context.Context, _ gate.Repo, sha, name string) (int64, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if _, err := g.begin("find"); err != nil {
		return 0, err
	}
	if runs := g.runs[on(sha, name)]; len(runs) > 0 {
		return runs[len(runs)-1].id, nil
	}
	return 0, nil
}

func (g *github) PutCheck(_ context.Context, _ gate.Repo, id int64, c report.Check) (int64, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	lost, err := g.begin("put")
	if err != nil && !lost {
		return 0, err
	}
	runs := g.runs[on(c.HeadSHA, c.Name)]
	p := painted{order: len(g.painted), check: c, truth: g.truth()}
	g.painted = append(g.painted, p)
	if g.seen != nil {
		defer g.seen(p)
	}
	if id == 0 {
		g.nextID++
		id = g.nextID
		g.runs[on(c.HeadSHA, c.Name)] = append(runs, run{id, c})
	} else {
		found := false
		for i := range runs {
			if runs[i].id == id {
				runs[i].check, found = c, true
			}
		}
		if !found {
			return 0, fmt.Errorf("there is no run %d on %s", id, c.HeadSHA)
		}
	}
	if lost {
		return 0, errLost
	}
	return id, nil
}

// Pushes tells of each pull request of a branch that its author pushed it.
func (g *github) Pushes(_ context.Context, branch gate.Subject) ([]gate.Push, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	var out []gate.Push
	for _, f := range g.pulls {
		by := f.Change.Author
		if f.Change.HeadRef != branch.Name {
			continue
		}
		p := gate.Push{After: f.Change.Head, By: gate.Actor{Login: by.Login, ID: by.ID, Type: string(by.Type)}}
		for i := range f.Change.Commits {
			p.Commits = append(p.Commits, f.Change.Commits[i].SHA)
		}
		out = append(out, p)
	}
	return out, nil
}

// on is where the runs of a commit by one name are kept.
func on(sha, name string) string {
	if strings.HasPrefix(name, gate.CheckName+": ") && !strings.HasPrefix(name, gate.RunCheck) {
		return sha + " " + name
	}
	return sha
}

// deciding is the run that GitHub would look at for a commit, and how many
// there are.
func (g *github) deciding(sha string) (report.Check, int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	runs := g.runs[sha]
	if len(runs) == 0 {
		return report.Check{}, 0
	}
	return runs[len(runs)-1].check, len(runs)
}

func (g *github) count(call string) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.calls[call]
}

// set makes a pull request what it now is.
func (g *github) set(number int, edit func(*change.Facts)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	facts, ok := g.pulls[number]
	if !ok {
		facts = &change.Facts{Open: true, Org: change.RulesFile{State: change.RulesAbsent}}
		facts.Change = change.Change{
			Repository: "acme/shop", RepositoryID: 42, Number: number,
			Base: "ba5e", BaseRef: "main", HeadRef: "devin/1-x", HeadRepository: "acme/shop", HeadRepositoryID: 42,
			Author: change.Actor{Login: "devin-ai-integration[bot]", ID: 158243242, Type: change.Bot},
		}
		g.pulls[number] = facts
	}
	edit(facts)
}

func mkdir(dir string) error { return os.MkdirAll(dir, 0o755) }
