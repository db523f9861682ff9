package pulls_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/hubtest"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

// What an event said is old by the time it is read.
func TestStaleEvents(t *testing.T) {
	w := hubtest.NewWorld(t)
	pull, opened := w.Open(fakehub.NewPull{Files: fakehub.Files{"a.txt": "a\n"}})
	if _, err := pull.Push(fakehub.Files{"b.txt": "b\n"}); err != nil {
		t.Fatal(err)
	}
	if f := w.Facts(opened); f.Change.Head != pull.HeadSHA() || len(f.Change.Files) != 2 || len(f.Change.Commits) != 2 {
		t.Errorf("after a push: %+v", f.Change)
	}
	base := w.Shop.Tip("main")
	if _, err := w.Shop.Commit("main", fakehub.NewCommit{Message: "Stricter", Author: w.Alice,
		Files: fakehub.Files{wire.RulesPath: "version: 1 # stricter\n", "c.txt": "c\n"}}); err != nil {
		t.Fatal(err)
	}
	w.Asked()
	f := w.Facts(w.Last("synchronize"))
	if f.Change.Base != base || len(f.Change.Files) != 2 || string(f.Repo.Text) != "version: 1 # stricter\n" {
		t.Errorf("after a commit on the base: base %s, files %+v, rules %s", f.Change.Base, f.Change.Files, f.Repo.Text)
	}
	if sent := w.Asked(); len(sent) != 2 {
		t.Errorf("only the base moved, and 2 requests are enough: %v", sent)
	}
	if err := w.Shop.SetBranch("release/1.x", base, w.Alice); err != nil {
		t.Fatal(err)
	}
	if err := pull.Retarget("release/1.x", w.Alice); err != nil {
		t.Fatal(err)
	}
	for _, seen := range []gate.Seen{opened, w.Last("edited")} {
		if f := w.Facts(seen); f.Change.BaseRef != "release/1.x" || string(f.Repo.Text) != "version: 1\n" || len(f.Change.Files) != 2 {
			t.Errorf("after retargeting: %+v %s", f.Change, f.Repo.Text)
		}
	}
	pull.Close(w.Alice)
	if f := w.Facts(opened); f.Open {
		t.Error("a closed pull request is open")
	}
}

func TestOrganisationsRulesAreSeenOrNot(t *testing.T) {
	w := hubtest.NewWorld(t)
	_, seen := w.Open(fakehub.NewPull{Files: fakehub.Files{"a.txt": "a\n"}})
	rules := w.Acme.CreateRepo(".github", fakehub.Files{wire.RulesPath: "version: 1 # acme\n"})
	if f := w.Facts(seen); f.Org.State != change.RulesFound || string(f.Org.Text) != "version: 1 # acme\n" ||
		f.Org.Name != hubtest.RuleName("acme/.github", "version: 1 # acme\n") {
		t.Errorf("%+v", f.Org)
	}
	if _, err := rules.Commit("main", fakehub.NewCommit{Message: "Link", Author: w.Alice,
		Files: fakehub.Files{wire.RulesPath: fakehub.Symlink("../x")}}); err != nil {
		t.Fatal(err)
	}
	if f := w.Facts(seen); f.Org.State != change.RulesRefused {
		t.Errorf("%+v", f.Org)
	}
}

func TestOrganisationsRulesOutOfSight(t *testing.T) {
	w := hubtest.NewWorld(t)
	w.Acme.CreateRepo(".github", fakehub.Files{wire.RulesPath: "version: 1 # acme\n"})
	w.Installation.Select(w.Shop)
	_, seen := w.Open(fakehub.NewPull{Files: fakehub.Files{"a.txt": "a\n"}})
	if f := w.Facts(seen); f.Org.State != change.RulesAbsent || !strings.Contains(f.Org.Reason, "acme/.github") {
		t.Errorf("%+v", f.Org)
	}
}

func TestForks(t *testing.T) {
	w := hubtest.NewWorld(t)
	mallory := w.Fake.CreateUser("mallory")
	fork := w.Shop.Fork(mallory)
	_, seen := w.Open(fakehub.NewPull{Author: mallory, From: fork,
		Files: fakehub.Files{wire.RulesPath: "version: 1\nmode: observe\n", "x.txt": "x\n"}})
	f := w.Facts(seen)
	if f.Change.HeadRepository != "mallory/shop" || f.Change.Author.Login != "mallory" || len(f.Change.Files) != 2 {
		t.Errorf("%+v", f.Change)
	}
	if string(f.Repo.Text) != "version: 1\n" {
		t.Errorf("the rules come from the head: %s", f.Repo.Text)
	}
	if files := w.Texts(seen, &f); files["x.txt"].After.Body != "x\n" || files[wire.RulesPath].Before.Body != "version: 1\n" {
		t.Errorf("%+v", files)
	}
}

func TestSignaturesOfCommits(t *testing.T) {
	w := hubtest.NewWorld(t)
	_, seen := w.Open(fakehub.NewPull{Commits: []fakehub.NewCommit{
		{Message: "signed by alice", Author: w.Alice, Verified: true, Files: fakehub.Files{"1": "1\n"}},
		{Message: "made on GitHub", Author: w.Agent, SignedByGitHub: true, Files: fakehub.Files{"2": "2\n"}},
		{Message: "as somebody else", Author: w.Agent, AuthorName: "Alice", AuthorEmail: "alice@example.com",
			Files: fakehub.Files{"3": "3\n"}},
	}})
	f := w.Facts(seen)
	if len(f.Change.Commits) != 3 {
		t.Fatalf("%+v", f.Change.Commits)
	}
	for i, want := range []struct{ verified, byGitHub bool }{{true, false}, {true, true}, {false, false}} {
		if c := f.Change.Commits[i]; c.Verified != want.verified || c.SignedByGitHub != want.byGitHub {
			t.Errorf("%q: verified %v, by GitHub %v", c.Message, c.Verified, c.SignedByGitHub)
		}
	}
	if a := f.Change.Commits[2].Author; a.Name != "Alice" || a.Email != "alice@example.com" {
		t.Errorf("%+v", a)
	}
}

// Who worked on a commit beside its author is told with the account.
func TestCoAuthorsOfCommits(t *testing.T) {
	w := hubtest.NewWorld(t)
	bo := w.Fake.CreateUser("bo")
	_, seen := w.Open(fakehub.NewPull{Commits: []fakehub.NewCommit{
		{Message: "Fix\n\nCo-authored-by: Bo <" + bo.Email + ">\nCo-authored-by: Nobody <nobody@example.com>", Author: w.Agent,
			Files: fakehub.Files{"1": "1\n"}},
		{Message: "Alone", Author: w.Agent, Files: fakehub.Files{"2": "2\n"}},
	}})
	f := w.Facts(seen)
	want := []change.Person{{Name: "Bo", Email: bo.Email, Login: "bo", ID: bo.ID, Type: change.User},
		{Name: "Nobody", Email: "nobody@example.com"}}
	if got := f.Change.Commits; len(got) != 2 || !slices.Equal(got[0].CoAuthors, want) || len(got[1].CoAuthors) != 0 {
		t.Errorf("%+v", got)
	}
}

func TestManyFilesAndCommits(t *testing.T) {
	w := hubtest.NewWorld(t)
	files := fakehub.Files{"old.txt": fakehub.Deleted, "moved/old.txt": "one\ntwo\nthree\n", "link": fakehub.Symlink("x")}
	for i := range 3001 {
		files[fmt.Sprintf("many/%d/%d.txt", i%50, i)] = fmt.Sprintf("%d\n", i)
	}
	commits := []fakehub.NewCommit{{Message: "many", Author: w.Agent, Files: files}}
	for i := range 299 {
		commits = append(commits, fakehub.NewCommit{Message: fmt.Sprint(i), Author: w.Agent, SignedByGitHub: true,
			Files: fakehub.Files{"counter": fmt.Sprint(i)}})
	}
	_, seen := w.Open(fakehub.NewPull{Commits: commits})
	f := w.Facts(seen)
	if len(f.Change.Files) != 3001+3 || len(f.Change.Gaps) != 0 || len(f.Change.Commits) != 300 {
		t.Errorf("%d files, %d commits, gaps %v", len(f.Change.Files), len(f.Change.Commits), f.Change.Gaps)
	}
	for i, c := range f.Change.Commits[1:] {
		if c.Message != fmt.Sprint(i) || !c.SignedByGitHub {
			t.Fatalf("commit %d: %+v", i+1, c)
		}
	}
	read := w.Texts(seen, &f)
	if got := read["moved/old.txt"]; got.Status != change.Renamed || got.PreviousPath != "old.txt" ||
		got.Before.Body != got.After.Body || got.After.Body == "" {
		t.Errorf("%+v", got)
	}
	if read["link"].Mode != change.ModeSymlink || read["many/1/1.txt"].After.Body != "1\n" {
		t.Errorf("%+v %+v", read["link"], read["many/1/1.txt"])
	}
}
