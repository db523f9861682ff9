package hub_test

import (
	"crypto/sha1" // git's object ids
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/faults"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/report"
)

// ruleName is the name that a rules file has by its content: git's own id of it.
func ruleName(repo, text string) string {
	sum := sha1.Sum([]byte(fmt.Sprintf("blob %d\x00%s", len(text), text)))
	return repo + "/" + rulesPath + "@" + hex.EncodeToString(sum[:])[:12]
}

// approveID is the identifier of a button of some painting.
const approveID = "aabcdefghijklmno2345"

func checkOf(f change.Facts, conclusion report.Conclusion) report.Check {
	return report.Check{Name: "gatehold", HeadSHA: f.Change.Head, ExternalID: "check/1", Conclusion: conclusion, Title: "Held",
		Summary: "Why",
		Actions: []report.Action{{Label: "Approve", Description: "Release what is shown", Identifier: approveID}},
		Annotations: []report.Annotation{{Path: "db/1.sql", StartLine: 1, EndLine: 1, Level: "warning", Title: "Drops",
			Message: "It drops a table."}}}
}

// From a webhook to a required check that holds, and to one that passes.
func TestStory(t *testing.T) {
	w := newWorld(t)
	pull, seen := w.open(fakehub.NewPull{
		Title: "Drop the old table", Body: "Because.", Labels: []string{"db"}, Assignees: []*fakehub.Account{w.alice},
		Files: fakehub.Files{"db/1.sql": "DROP TABLE orders;\n", "old.txt": fakehub.Deleted,
			"new.sh": fakehub.Executable("#!/bin/sh\n"), "link": fakehub.Symlink("/etc/passwd")},
	})
	if seen.Sender.Login != "copilot-swe-agent[bot]" || seen.Sender.Type != "Bot" || seen.Head != pull.HeadSHA() ||
		seen.ChangedFiles != 4 || seen.BaseRef != "main" {
		t.Errorf("seen %+v", seen)
	}
	f := w.facts(seen)
	c := f.Change
	if !f.Open || c.Title != "Drop the old table" || c.Body != "Because." || c.Author.Login != "copilot-swe-agent[bot]" ||
		c.Author.Type != change.Bot || c.Author.ID != seen.Sender.ID {
		t.Errorf("change %+v", c)
	}
	if c.Head != pull.HeadSHA() || c.Base != w.shop.Tip("main") || len(c.Gaps) != 0 || len(c.Labels) != 1 ||
		len(c.Assignees) != 1 || c.Assignees[0].Login != "alice" || len(c.Commits) != 1 {
		t.Errorf("change %+v", c)
	}
	if f.Repo.State != change.RulesFound || string(f.Repo.Text) != "version: 1\n" || f.Repo.Name != ruleName("acme/shop", "version: 1\n") {
		t.Errorf("rules %+v", f.Repo)
	}
	if f.Org.State != change.RulesAbsent || f.Org.Reason != "" {
		t.Errorf("rules of the organisation %+v", f.Org)
	}
	files := w.texts(seen, &f)
	if got := files["db/1.sql"]; got.Status != change.Modified || got.Before.Body != "SELECT 1;\n" ||
		got.After.Body != "DROP TABLE orders;\n" || got.Mode != change.ModeFile || got.PreviousMode != change.ModeFile {
		t.Errorf("%+v", got)
	}
	if got := files["old.txt"]; got.Status != change.Removed || got.Before.Body != "one\ntwo\nthree\n" || got.After.State != change.Absent {
		t.Errorf("%+v", got)
	}
	if files["new.sh"].Mode != change.ModeExecutable || files["link"].Mode != change.ModeSymlink || files["link"].Status != change.Added {
		t.Errorf("%+v %+v", files["new.sh"], files["link"])
	}
	repo := seen.Subject.Repo
	id, err := w.hub.PutCheck(t.Context(), repo, 0, checkOf(f, report.ActionRequired))
	if err != nil {
		t.Fatal(err)
	}
	if sent := w.asked(); len(sent) != 4 {
		t.Errorf("from the delivery to the check 4 requests are enough: %v", sent)
	}
	if state := pull.RequiredCheck("gatehold", w.app.ID); state.Passes || state.Conclusion != "action_required" || state.RunID != id {
		t.Errorf("%+v", state)
	}
	if found, err := w.hub.FindCheck(t.Context(), repo, c.Head, "gatehold"); found != id || err != nil {
		t.Errorf("found %d, %v", found, err)
	}
	if same, err := w.hub.PutCheck(t.Context(), repo, id, checkOf(f, report.Success)); same != id || err != nil {
		t.Errorf("patched %d, %v", same, err)
	}
	if state := pull.RequiredCheck("gatehold", w.app.ID); !state.Passes {
		t.Errorf("%+v", state)
	}
	if runs := w.shop.CheckRuns(c.Head); len(runs) != 1 {
		t.Errorf("%d runs", len(runs))
	}
	if err := w.gh.Rerequest(id, w.alice); err != nil {
		t.Fatal(err)
	}
	if again := w.last("rerequested"); again.Subject.Kind != gate.Check || again.Subject.SHA != c.Head || again.Subject.Repo != repo {
		t.Errorf("seen %+v", again)
	}
}

// A button leads from the check to a click by name, and goes away with the next
// publication that has none.
func TestButtons(t *testing.T) {
	w := newWorld(t)
	_, seen := w.open(fakehub.NewPull{Files: fakehub.Files{"a.txt": "a\n"}})
	f := w.facts(seen)
	id, err := w.hub.PutCheck(t.Context(), seen.Subject.Repo, 0, checkOf(f, report.ActionRequired))
	if err != nil {
		t.Fatal(err)
	}
	if err := w.gh.Press(id, "Approve", w.alice); err != nil {
		t.Fatal(err)
	}
	click := w.last("requested_action")
	if click.Button != "approve" || click.Nonce != approveID[1:] || click.Run != id || click.Subject.Kind != gate.Check ||
		click.Subject.SHA != f.Change.Head ||
		click.Sender != (gate.Actor{Login: "alice", ID: w.alice.ID, Type: "User"}) {
		t.Errorf("seen %+v", click)
	}
	c := checkOf(f, report.Success)
	c.Actions = nil
	if _, err := w.hub.PutCheck(t.Context(), seen.Subject.Repo, id, c); err != nil {
		t.Fatal(err)
	}
	if runs := w.shop.CheckRuns(f.Change.Head); len(runs) != 1 || len(runs[0].Actions) != 0 {
		t.Errorf("runs %+v", runs)
	}
	if err := w.gh.Rerequest(id, w.alice); err != nil {
		t.Fatal(err)
	}
	if again := w.last("rerequested"); again.Run != id || again.Button != "" {
		t.Errorf("seen %+v", again)
	}
}

// What an event said is old by the time it is read.
func TestStaleEvents(t *testing.T) {
	w := newWorld(t)
	pull, opened := w.open(fakehub.NewPull{Files: fakehub.Files{"a.txt": "a\n"}})
	if _, err := pull.Push(fakehub.Files{"b.txt": "b\n"}); err != nil {
		t.Fatal(err)
	}
	if f := w.facts(opened); f.Change.Head != pull.HeadSHA() || len(f.Change.Files) != 2 || len(f.Change.Commits) != 2 {
		t.Errorf("after a push: %+v", f.Change)
	}
	base := w.shop.Tip("main")
	if _, err := w.shop.Commit("main", fakehub.NewCommit{Message: "Stricter", Author: w.alice,
		Files: fakehub.Files{rulesPath: "version: 1 # stricter\n", "c.txt": "c\n"}}); err != nil {
		t.Fatal(err)
	}
	w.asked()
	f := w.facts(w.last("synchronize"))
	if f.Change.Base != base || len(f.Change.Files) != 2 || string(f.Repo.Text) != "version: 1 # stricter\n" {
		t.Errorf("after a commit on the base: base %s, files %+v, rules %s", f.Change.Base, f.Change.Files, f.Repo.Text)
	}
	if sent := w.asked(); len(sent) != 2 {
		t.Errorf("only the base moved, and 2 requests are enough: %v", sent)
	}
	if err := w.shop.SetBranch("release/1.x", base, w.alice); err != nil {
		t.Fatal(err)
	}
	if err := pull.Retarget("release/1.x", w.alice); err != nil {
		t.Fatal(err)
	}
	for _, seen := range []gate.Seen{opened, w.last("edited")} {
		if f := w.facts(seen); f.Change.BaseRef != "release/1.x" || string(f.Repo.Text) != "version: 1\n" || len(f.Change.Files) != 2 {
			t.Errorf("after retargeting: %+v %s", f.Change, f.Repo.Text)
		}
	}
	pull.Close(w.alice)
	if f := w.facts(opened); f.Open {
		t.Error("a closed pull request is open")
	}
}

func TestOrganisationsRulesAreSeenOrNot(t *testing.T) {
	w := newWorld(t)
	_, seen := w.open(fakehub.NewPull{Files: fakehub.Files{"a.txt": "a\n"}})
	rules := w.acme.CreateRepo(".github", fakehub.Files{rulesPath: "version: 1 # acme\n"})
	if f := w.facts(seen); f.Org.State != change.RulesFound || string(f.Org.Text) != "version: 1 # acme\n" ||
		f.Org.Name != ruleName("acme/.github", "version: 1 # acme\n") {
		t.Errorf("%+v", f.Org)
	}
	if _, err := rules.Commit("main", fakehub.NewCommit{Message: "Link", Author: w.alice,
		Files: fakehub.Files{rulesPath: fakehub.Symlink("../x")}}); err != nil {
		t.Fatal(err)
	}
	if f := w.facts(seen); f.Org.State != change.RulesRefused {
		t.Errorf("%+v", f.Org)
	}
}

func TestOrganisationsRulesOutOfSight(t *testing.T) {
	w := newWorld(t)
	w.acme.CreateRepo(".github", fakehub.Files{rulesPath: "version: 1 # acme\n"})
	w.inst.Select(w.shop)
	_, seen := w.open(fakehub.NewPull{Files: fakehub.Files{"a.txt": "a\n"}})
	if f := w.facts(seen); f.Org.State != change.RulesAbsent || !strings.Contains(f.Org.Reason, "acme/.github") {
		t.Errorf("%+v", f.Org)
	}
}

func TestForks(t *testing.T) {
	w := newWorld(t)
	mallory := w.gh.CreateUser("mallory")
	fork := w.shop.Fork(mallory)
	_, seen := w.open(fakehub.NewPull{Author: mallory, From: fork,
		Files: fakehub.Files{rulesPath: "version: 1\nmode: observe\n", "x.txt": "x\n"}})
	f := w.facts(seen)
	if f.Change.HeadRepository != "mallory/shop" || f.Change.Author.Login != "mallory" || len(f.Change.Files) != 2 {
		t.Errorf("%+v", f.Change)
	}
	if string(f.Repo.Text) != "version: 1\n" {
		t.Errorf("the rules come from the head: %s", f.Repo.Text)
	}
	if files := w.texts(seen, &f); files["x.txt"].After.Body != "x\n" || files[rulesPath].Before.Body != "version: 1\n" {
		t.Errorf("%+v", files)
	}
}

func TestSignaturesOfCommits(t *testing.T) {
	w := newWorld(t)
	_, seen := w.open(fakehub.NewPull{Commits: []fakehub.NewCommit{
		{Message: "signed by alice", Author: w.alice, Verified: true, Files: fakehub.Files{"1": "1\n"}},
		{Message: "made on GitHub", Author: w.agent, SignedByGitHub: true, Files: fakehub.Files{"2": "2\n"}},
		{Message: "as somebody else", Author: w.agent, AuthorName: "Alice", AuthorEmail: "alice@example.com",
			Files: fakehub.Files{"3": "3\n"}},
	}})
	f := w.facts(seen)
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
	w := newWorld(t)
	bo := w.gh.CreateUser("bo")
	_, seen := w.open(fakehub.NewPull{Commits: []fakehub.NewCommit{
		{Message: "Fix\n\nCo-authored-by: Bo <" + bo.Email + ">\nCo-authored-by: Nobody <nobody@example.com>", Author: w.agent,
			Files: fakehub.Files{"1": "1\n"}},
		{Message: "Alone", Author: w.agent, Files: fakehub.Files{"2": "2\n"}},
	}})
	f := w.facts(seen)
	want := []change.Person{{Name: "Bo", Email: bo.Email, Login: "bo", ID: bo.ID, Type: change.User},
		{Name: "Nobody", Email: "nobody@example.com"}}
	if got := f.Change.Commits; len(got) != 2 || !slices.Equal(got[0].CoAuthors, want) || len(got[1].CoAuthors) != 0 {
		t.Errorf("%+v", got)
	}
}

func TestManyFilesAndCommits(t *testing.T) {
	w := newWorld(t)
	files := fakehub.Files{"old.txt": fakehub.Deleted, "moved/old.txt": "one\ntwo\nthree\n", "link": fakehub.Symlink("x")}
	for i := range 3001 {
		files[fmt.Sprintf("many/%d/%d.txt", i%50, i)] = fmt.Sprintf("%d\n", i)
	}
	commits := []fakehub.NewCommit{{Message: "many", Author: w.agent, Files: files}}
	for i := range 299 {
		commits = append(commits, fakehub.NewCommit{Message: fmt.Sprint(i), Author: w.agent, SignedByGitHub: true,
			Files: fakehub.Files{"counter": fmt.Sprint(i)}})
	}
	_, seen := w.open(fakehub.NewPull{Commits: commits})
	f := w.facts(seen)
	if len(f.Change.Files) != 3001+3 || len(f.Change.Gaps) != 0 || len(f.Change.Commits) != 300 {
		t.Errorf("%d files, %d commits, gaps %v", len(f.Change.Files), len(f.Change.Commits), f.Change.Gaps)
	}
	for i, c := range f.Change.Commits[1:] {
		if c.Message != fmt.Sprint(i) || !c.SignedByGitHub {
			t.Fatalf("commit %d: %+v", i+1, c)
		}
	}
	read := w.texts(seen, &f)
	if got := read["moved/old.txt"]; got.Status != change.Renamed || got.PreviousPath != "old.txt" ||
		got.Before.Body != got.After.Body || got.After.Body == "" {
		t.Errorf("%+v", got)
	}
	if read["link"].Mode != change.ModeSymlink || read["many/1/1.txt"].After.Body != "1\n" {
		t.Errorf("%+v %+v", read["link"], read["many/1/1.txt"])
	}
}

// Whatever goes wrong once is an error that says when to try again, and the
// next attempt does.
func TestFaults(t *testing.T) {
	for name, test := range map[string]struct {
		fault faults.Fault
		code  string
	}{
		"502":             {faults.Fault{Kind: faults.Status}, "github_unavailable"},
		"secondary limit": {faults.Fault{Kind: faults.SecondaryLimit, RetryAfter: time.Second}, "rate_limited"},
		"429":             {faults.Fault{Kind: faults.TooMany, RetryAfter: time.Second}, "rate_limited"},
		"primary limit":   {faults.Fault{Kind: faults.PrimaryLimit, RetryAfter: time.Second}, "rate_limited"},
		"lost answer":     {faults.Fault{Kind: faults.LostAnswer}, "github_unavailable"},
		"lost request":    {faults.Fault{Kind: faults.LostRequest}, "github_unavailable"},
		"half of it":      {faults.Fault{Kind: faults.Malformed}, "github_unavailable"},
		"foreign host":    {faults.Fault{Kind: faults.Redirect, Location: "http://127.0.0.1:1/steal"}, "redirect_refused"},
	} {
		for _, route := range []string{"POST /graphql", "*compare*", "POST */check-runs", "*access_tokens"} {
			t.Run(name+" "+strings.Trim(route, "*"), func(t *testing.T) {
				w := newWorld(t)
				_, seen := w.open(fakehub.NewPull{Files: fakehub.Files{"a.txt": "a\n"}})
				test.fault.Route, test.fault.Times = route, 1
				injected := w.gh.Inject(test.fault)
				attempt := func() error {
					f, err := w.hub.Facts(t.Context(), seen.Subject, change.Hint{})
					if err == nil {
						err = w.hub.Texts(t.Context(), seen.Subject, &f.Change, func(*change.File) bool { return true })
					}
					if err == nil {
						_, err = w.hub.PutCheck(t.Context(), seen.Subject.Repo, 0, checkOf(f, report.ActionRequired))
					}
					return err
				}
				began := time.Now()
				err := attempt()
				if injected.Hits() != 1 {
					t.Fatalf("the fault struck %d times", injected.Hits())
				}
				if err == nil && test.code == "github_unavailable" {
					return // net/http itself repeats a request whose connection was lost
				}
				e := gate.AsError(err)
				if route == "*access_tokens" && test.code == "redirect_refused" && e.Code == "github_unavailable" {
					return // a redirect is no token, and is not followed at all
				}
				if e.Code != test.code || e.Final {
					t.Fatalf("error is %v", err)
				}
				if test.code == "rate_limited" {
					if e.Until.Before(began) {
						t.Errorf("until %v", e.Until)
					}
					return // go-github refuses on its own until then
				}
				if err := attempt(); err != nil {
					t.Errorf("the second attempt: %v", err)
				}
				if runs := w.shop.CheckRuns(seen.Head); len(runs) != 1 {
					t.Errorf("%d runs", len(runs))
				}
			})
		}
	}
}

func TestPermissionsThatAreMissing(t *testing.T) {
	w := newWorld(t)
	_, seen := w.open(fakehub.NewPull{Files: fakehub.Files{"a.txt": "a\n"}})
	f := w.facts(seen)
	w.inst.Grant(map[string]string{"metadata": "read", "contents": "read", "pull_requests": "read", "checks": "read"})
	_, err := w.hub.PutCheck(t.Context(), seen.Subject.Repo, 0, checkOf(f, report.Success))
	if e := gate.AsError(err); e.Code != "no_permission" || !strings.Contains(e.Text, "checks") {
		t.Errorf("error is %v", err)
	}
	w.inst.Suspend(true)
	_, err = w.hub.Facts(t.Context(), seen.Subject, change.Hint{})
	if e := gate.AsError(err); e.Code != "no_permission" {
		t.Errorf("error is %v", err)
	}
}
