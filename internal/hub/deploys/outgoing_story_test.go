package deploys_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/actions"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/hubtest"
)

func outgoingOf(w *hubtest.World, base, head string) change.Outgoing {
	w.T.Helper()
	o, err := w.Hub.Outgoing(w.T.Context(), w.At(), base, head)
	w.Must(err)
	return o
}

func paths(c change.Change) []string {
	var out []string
	for _, f := range c.Files {
		out = append(out, string(f.Status)+" "+f.Path)
	}
	return out
}

func shas(commits []change.Commit) []string {
	var out []string
	for _, c := range commits {
		out = append(out, c.SHA)
	}
	return out
}

func TestWhatGoesOut(t *testing.T) {
	w := hubtest.NewWorld(t)
	base := w.Shop.Tip("main")
	merged, err := w.Shop.OpenPull(fakehub.NewPull{Author: w.Agent, Title: "A merge", Files: fakehub.Files{"a.txt": "1\n"}, Commits: nil})
	w.Must(err)
	second, err := merged.Push(fakehub.Files{"b.txt": "2\n"})
	w.Must(err)
	mergeCommit, err := merged.Merge(w.Alice)
	w.Must(err)
	squashed, err := w.Shop.OpenPull(fakehub.NewPull{Author: w.Alice, Title: "A squash",
		Files: fakehub.Files{"db/2.sql": "DROP TABLE x;\n"}})
	w.Must(err)
	squash, err := squashed.Squash(w.Alice)
	w.Must(err)
	direct := w.Commit("main", fakehub.NewCommit{Message: "Straight\n\nCo-authored-by: A <1+a@users.noreply.github.com>\n",
		Files: fakehub.Files{"old.txt": ""}, SignedByGitHub: true})
	head := w.Shop.Tip("main")
	w.Asked()
	o := outgoingOf(w, base, head)
	if n := w.Asked(); len(n) != 2 {
		t.Errorf("it took %v", n)
	}
	c := o.Change
	if c.Base != base || c.Head != head || c.Repository != "acme/shop" || c.RepositoryID != w.Shop.ID || c.BaseRef != "main" ||
		o.Default != "main" || c.Author != (change.Actor{}) || len(c.Gaps) != 0 || o.Backwards || o.Unrelated != "" {
		t.Errorf("%+v", o)
	}
	if len(c.Commits) != 5 || len(c.Files) != 4 || o.Repo.State != change.RulesFound || string(o.Repo.Text) != "version: 1\n" ||
		o.Org.State != change.RulesAbsent {
		t.Errorf("%d commits, files %v, rules %+v %+v", len(c.Commits), paths(c), o.Repo, o.Org)
	}
	if len(o.Pulls) != 2 || o.Pulls[0].Number != squashed.Number || o.Pulls[1].Number != merged.Number {
		t.Fatalf("the pull requests are %+v", o.Pulls)
	}
	p := o.Pulls[1]
	if p.Title != "A merge" || p.Head != second || p.MergeCommit != mergeCommit || p.BaseRef != "main" ||
		p.Author.ID != w.Agent.ID || p.Author.Type != change.Bot || p.MergedBy.ID != w.Alice.ID || p.MergedAt.IsZero() {
		t.Errorf("%+v", p)
	}
	if len(p.Commits) != 3 || !slices.Contains(p.Commits, mergeCommit) || !slices.Equal(o.Pulls[0].Commits, []string{squash}) {
		t.Errorf("they brought %v and %v", p.Commits, o.Pulls[0].Commits)
	}
	if got := shas(o.Direct); !slices.Equal(got, []string{direct}) || !o.Direct[0].SignedByGitHub ||
		len(o.Direct[0].CoAuthors) != 1 || o.Direct[0].CoAuthors[0].ID != 1 {
		t.Errorf("without a pull request: %+v", o.Direct)
	}
	w.Must(w.Hub.Texts(t.Context(), w.At(), &c, func(*change.File) bool { return true }))
	if n := w.Asked(); len(n) != 1 {
		t.Errorf("the texts took %v", n)
	}
	for _, f := range c.Files {
		if f.Before.State != change.Loaded && f.Before.State != change.Absent ||
			f.After.State != change.Loaded && f.After.State != change.Absent {
			t.Errorf("%+v", f)
		}
	}
}

// A held deployment whose range has 20 pull requests takes 8 requests at most.
func TestRequestsForAHeldDeployment(t *testing.T) {
	w := deployWorld(t)
	base := w.Shop.Tip("main")
	for i := range 20 {
		pull, err := w.Shop.OpenPull(fakehub.NewPull{Author: w.Agent, Title: "One more",
			Files: fakehub.Files{fmt.Sprintf("f%d.sql", i): "SELECT 1;\n"}})
		w.Must(err)
		_, err = pull.Merge(w.Alice)
		w.Must(err)
	}
	seen := heldBy(w, startRun(w, actions.RunSpec{}))
	w.Asked()
	run := runOf(w, seen.Subject)
	o, err := w.Hub.Outgoing(t.Context(), seen.Subject, base, run.Head)
	w.Must(err)
	w.Must(w.Hub.Texts(t.Context(), seen.Subject, &o.Change, func(*change.File) bool { return true }))
	w.Must(w.Hub.Respond(t.Context(), seen.Subject, gate.Commented, "waits for @ana"))
	if n := w.Asked(); len(n) != 6 { // the check run is the seventh
		t.Errorf("it took %d requests: %v", len(n), n)
	}
	if len(o.Pulls) != 20 || len(o.Direct) != 0 || len(o.Change.Commits) != 40 || len(o.Change.Files) != 20 {
		t.Errorf("%d pull requests, %d direct, %d commits, %d files", len(o.Pulls), len(o.Direct), len(o.Change.Commits),
			len(o.Change.Files))
	}
}

func TestTheFirstDeployment(t *testing.T) {
	w := hubtest.NewWorld(t)
	head := w.Commit("main", fakehub.NewCommit{Files: fakehub.Files{"new.txt": "x\n"}})
	w.Asked()
	o := outgoingOf(w, "", head)
	if n := w.Asked(); len(n) != 2 {
		t.Errorf("it took %v", n)
	}
	if got := paths(o.Change); !slices.Equal(got,
		[]string{"added .github/gatehold.yml", "added README.md", "added db/1.sql", "added new.txt", "added old.txt"}) {
		t.Errorf("files %v", got)
	}
	c := o.Change
	if c.Base != "" || c.Head != head || len(c.Commits)+len(o.Pulls)+len(o.Direct) != 0 || len(c.Gaps) != 0 ||
		o.Unrelated != "" || o.Repo.State != change.RulesFound {
		t.Errorf("%+v", o)
	}
	w.Must(w.Hub.Texts(t.Context(), w.At(), &c, func(*change.File) bool { return true }))
	for _, f := range c.Files {
		if f.Before.State != change.Absent || f.After.State != change.Loaded || f.Mode != change.ModeFile {
			t.Errorf("%+v", f)
		}
	}
	bad := change.Change{Head: head, Files: []change.File{{Path: "README.md", Status: change.Modified}}}
	if e := gate.AsError(w.Hub.Texts(t.Context(), w.At(), &bad, func(*change.File) bool { return true })); e.Code != "invalid_request" {
		t.Errorf("a file of a base that there is not: %+v", e)
	}
}

func TestTheSameCommitAgain(t *testing.T) {
	w := hubtest.NewWorld(t)
	head := w.Shop.Tip("main")
	if o := outgoingOf(w, head, head); len(o.Change.Files)+len(o.Change.Commits) != 0 || o.Change.Base != head || o.Backwards ||
		o.Unrelated != "" || o.Repo.State != change.RulesFound {
		t.Errorf("%+v", o)
	}
}

// Going back is the change from what runs to what ran before.
func TestGoingBack(t *testing.T) {
	w := hubtest.NewWorld(t)
	old := w.Shop.Tip("main")
	pull, err := w.Shop.OpenPull(fakehub.NewPull{Author: w.Agent, Title: "A migration",
		Files: fakehub.Files{"db/2.sql": "ALTER TABLE x ADD y int;\n", "README.md": "new\n"}})
	w.Must(err)
	_, err = pull.Merge(w.Alice)
	w.Must(err)
	direct := w.Commit("main", fakehub.NewCommit{Files: fakehub.Files{"old.txt": ""}})
	o := outgoingOf(w, w.Shop.Tip("main"), old)
	if !o.Backwards || o.Unrelated != "" || o.Change.Base != w.Shop.Tip("main") || o.Change.Head != old || len(o.Change.Gaps) != 0 {
		t.Errorf("%+v", o)
	}
	if got := paths(o.Change); !slices.Equal(got, []string{"modified README.md", "removed db/2.sql", "added old.txt"}) &&
		!slices.Equal(got, []string{"modified README.md", "removed db/2.sql", "modified old.txt"}) {
		t.Errorf("files %v", got)
	}
	if len(o.Pulls) != 1 || o.Pulls[0].Number != pull.Number || !slices.Equal(shas(o.Direct), []string{direct}) {
		t.Errorf("taken back: %+v, %v", o.Pulls, shas(o.Direct))
	}
	c := o.Change
	w.Must(w.Hub.Texts(t.Context(), w.At(), &c, func(*change.File) bool { return true }))
	for _, f := range c.Files {
		if f.Path == "README.md" && (f.Before.Body != "new\n" || f.After.Body != "hello\n") ||
			f.Path == "db/2.sql" && (f.After.State != change.Absent || !strings.HasPrefix(f.Before.Body, "ALTER")) {
			t.Errorf("%+v", f)
		}
	}
}

func TestHistoriesThatParted(t *testing.T) {
	w := hubtest.NewWorld(t)
	common := w.Shop.Tip("main")
	runs := w.Commit("main", fakehub.NewCommit{Files: fakehub.Files{"lost.txt": "x\n"}})
	forced, err := w.Shop.CommitOn(common, "hotfix",
		fakehub.NewCommit{Author: w.Agent, Message: "Fix", Files: fakehub.Files{"fix.txt": "y\n"}})
	w.Must(err)
	o := outgoingOf(w, runs, forced)
	if o.Backwards || !strings.Contains(o.Unrelated, runs[:12]) || !strings.Contains(o.Unrelated, forced[:12]) || o.Change.Base != runs {
		t.Errorf("%+v", o)
	}
	if got := paths(o.Change); !slices.Equal(got, []string{"added fix.txt", "removed lost.txt"}) {
		t.Errorf("files %v", got)
	}
	if !slices.Equal(shas(o.Direct), []string{forced}) || len(o.Change.Gaps) != 0 {
		t.Errorf("%+v", o)
	}
	gone := strings.Repeat("ab", 20)
	o = outgoingOf(w, gone, forced)
	if o.Change.Base != "" || !strings.Contains(o.Unrelated, gone[:12]) || len(o.Change.Files) != 5 || len(o.Change.Commits) != 0 {
		t.Errorf("what ran is gone: %+v", o)
	}
	if _, err := w.Hub.Outgoing(t.Context(), w.At(), runs, gone); gate.AsError(err).Code != "not_found" {
		t.Errorf("what is to run is gone: %v", err)
	}
	for _, bad := range [][2]string{{"main", forced}, {runs, "main"}, {"", ""}} {
		if _, err := w.Hub.Outgoing(t.Context(), w.At(), bad[0], bad[1]); gate.AsError(err).Code != "invalid_request" {
			t.Errorf("%v: %v", bad, err)
		}
	}
}

// What is beyond GitHub's bounds on one comparison is read all the same.
func TestALargeRange(t *testing.T) {
	w := hubtest.NewWorld(t)
	base := w.Shop.Tip("main")
	for i := range 260 {
		w.Commit("main", fakehub.NewCommit{Files: fakehub.Files{fmt.Sprintf("f%d/a", i): "1\n", fmt.Sprintf("f%d/b", i): "2\n"}})
	}
	w.Asked()
	o := outgoingOf(w, base, w.Shop.Tip("main"))
	if len(o.Change.Files) != 520 || len(o.Change.Commits) != 260 || len(o.Direct) != 260 || len(o.Change.Gaps) != 0 {
		t.Errorf("%d files, %d commits, %d direct, gaps %v", len(o.Change.Files), len(o.Change.Commits), len(o.Direct), o.Change.Gaps)
	}
	if n := w.Asked(); len(n) != 1+3+3+2 { // comparison, its pages, GraphQL, trees
		t.Errorf("it took %d: %v", len(n), n)
	}
}
