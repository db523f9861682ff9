package hub

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
)

func (s *stub) hint() change.Hint {
	return change.Hint{Head: s.headID, BaseRef: "main", Files: len(s.changed())}
}

func everything(*change.File) bool { return true }

// fill gives the stub n changed files: added, modified and removed in turn.
func (s *stub) fill(n int) {
	for i := range n {
		path := fmt.Sprintf("dir%d/file%04d.txt", i%10, i)
		old, young := testFile{change.ModeFile, fmt.Sprintf("old %d\n", i)}, testFile{change.ModeFile, fmt.Sprintf("new %d\n", i)}
		switch i % 3 {
		case 0:
			s.head[path] = young
		case 1:
			s.base[path], s.head[path] = old, young
		case 2:
			s.base[path] = old
		}
	}
}

func facts(t *testing.T, h *Hub, hint change.Hint) change.Facts {
	t.Helper()
	f, err := h.Facts(t.Context(), testSubject, hint)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func codeOf(t *testing.T, err error) *gate.Error {
	t.Helper()
	if err == nil {
		t.Fatal("there was no error")
	}
	return gate.AsError(err)
}

func TestFactsOfAPullRequest(t *testing.T) {
	s := newStub(t)
	s.fill(3)
	s.rules = rulesEntry(33188, "version: 1\n")
	s.org = map[string]any{"nameWithOwner": "acme/.github",
		"defaultBranchRef": map[string]any{"name": "main", "target": map[string]any{"oid": sha("org"), "file": nil}}}
	h := s.hub()
	f := facts(t, h, s.hint())
	c := f.Change
	if !f.Open || c.Repository != "acme/shop" || c.RepositoryID != 99 || c.Number != 12 || c.Head != s.headID || c.Base != s.merge ||
		c.BaseRef != "main" || c.HeadRef != "copilot/x" || c.HeadRepository != "acme/shop" || c.Title != "Title" || c.Body != "Body" {
		t.Errorf("change is %+v", c)
	}
	if want := (change.Actor{Login: "copilot-swe-agent[bot]", ID: 198982749, Type: change.Bot}); c.Author != want {
		t.Errorf("author is %+v", c.Author)
	}
	if len(c.Labels) != 1 || c.Labels[0] != "db" || len(c.Assignees) != 1 || c.Assignees[0].ID != 1 {
		t.Errorf("labels %v, assignees %v", c.Labels, c.Assignees)
	}
	if len(c.Commits) != 1 || !c.Commits[0].Verified || !c.Commits[0].SignedByGitHub || c.Commits[0].Author.Login != "alice" ||
		c.Commits[0].Message != "Commit 0" {
		t.Errorf("commits are %+v", c.Commits)
	}
	if len(c.Files) != 3 || len(c.Gaps) != 0 {
		t.Errorf("files %+v, gaps %v", c.Files, c.Gaps)
	}
	if f.Repo.State != change.RulesFound || string(f.Repo.Text) != "version: 1\n" ||
		f.Repo.Name != "acme/shop/.github/gatehold.yml@"+(testFile{text: "version: 1\n"}).id()[:12] {
		t.Errorf("rules of the repository: %+v", f.Repo)
	}
	if f.Org.State != change.RulesAbsent || f.Org.Reason != "" || f.Org.Name != "acme/.github/.github/gatehold.yml" {
		t.Errorf("rules of the organisation: %+v", f.Org)
	}
	if err := h.Texts(t.Context(), testSubject, &c, everything); err != nil {
		t.Fatal(err)
	}
	for _, file := range c.Files {
		if file.Status != change.Added && (file.Before.State != change.Loaded || !strings.HasPrefix(file.Before.Body, "old") ||
			file.PreviousMode != change.ModeFile) {
			t.Errorf("before of %s: %+v", file.Path, file)
		}
		if file.Status != change.Removed && (file.After.State != change.Loaded || !strings.HasPrefix(file.After.Body, "new") ||
			file.Mode != change.ModeFile) {
			t.Errorf("after of %s: %+v", file.Path, file)
		}
		if file.Status == change.Added && file.Before.State != change.Absent ||
			file.Status == change.Removed && file.After.State != change.Absent {
			t.Errorf("absent side of %s: %+v", file.Path, file)
		}
	}
}

// A pull request of up to 100 files takes three requests; the check is the fourth.
func TestRequestsPerPullRequest(t *testing.T) {
	for _, test := range []struct{ files, commits, requests int }{
		{10, 1, 3}, {100, 60, 3}, {300, 250, 5}, {3000, 1, 34},
	} {
		s := newStub(t)
		s.fill(test.files)
		s.commits = test.commits
		h := s.hub()
		f := facts(t, h, s.hint())
		if err := h.Texts(t.Context(), testSubject, &f.Change, everything); err != nil {
			t.Fatal(err)
		}
		if n := s.requests(); n != test.requests {
			t.Errorf("%d files: %d requests, want %d: %v", test.files, n, test.requests, s.counts)
		}
		if len(f.Change.Files) != test.files || len(f.Change.Gaps) > 0 {
			t.Errorf("%d files: got %d, gaps %v", test.files, len(f.Change.Files), f.Change.Gaps)
		}
		for _, file := range f.Change.Files {
			if file.Before.State == change.NotLoaded || file.After.State == change.NotLoaded ||
				file.Before.State == change.Unreadable || file.After.State == change.Unreadable {
				t.Fatalf("%s was not read: %+v", file.Path, file)
			}
		}
	}
}

func TestHintIsOnlyAGuess(t *testing.T) {
	for name, test := range map[string]struct {
		hint     func(*stub) change.Hint
		compares int
	}{
		"right, by branch":   {(*stub).hint, 1},
		"right, by commit":   {func(s *stub) change.Hint { return change.Hint{Head: s.headID, Base: s.tip} }, 1},
		"no hint":            {func(*stub) change.Hint { return change.Hint{} }, 1},
		"the head moved":     {func(*stub) change.Hint { return change.Hint{Head: sha("old head"), BaseRef: "main"} }, 2},
		"the base moved":     {func(s *stub) change.Hint { return change.Hint{Head: s.headID, Base: sha("old base")} }, 2},
		"retargeted":         {func(s *stub) change.Hint { return change.Hint{Head: s.headID, BaseRef: "release"} }, 2},
		"hint is no SHA":     {func(s *stub) change.Hint { return change.Hint{Head: "../../x", Base: s.tip} }, 1},
		"hint with no base":  {func(s *stub) change.Hint { return change.Hint{Head: s.headID} }, 1},
		"wrong file counter": {func(s *stub) change.Hint { return change.Hint{Head: s.headID, BaseRef: "main", Files: 1 << 30} }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStub(t) // a guess that was wrong is not waited for: it may reach the stub late
			s.fill(5)
			f := facts(t, s.hub(), test.hint(s))
			if f.Change.Head != s.headID || f.Change.Base != s.merge || len(f.Change.Files) != 5 {
				t.Errorf("change is %+v", f.Change)
			}
			if n := s.count("compare"); n > test.compares {
				t.Errorf("%d comparisons, want %d", n, test.compares)
			}
		})
	}
}

func TestManyFiles(t *testing.T) {
	t.Run("trees tell 3001 whole", func(t *testing.T) {
		s := newStub(t)
		s.fill(3001)
		s.base["same.txt"], s.head["same.txt"] = testFile{change.ModeFile, "same"}, testFile{change.ModeFile, "same"}
		s.base["was.sh"], s.head["was.sh"] = testFile{change.ModeFile, "x"}, testFile{change.ModeExecutable, "x"}
		s.base["old/name.go"], s.head["new/name.go"] = testFile{change.ModeFile, "moved"}, testFile{change.ModeFile, "moved"}
		s.base["empty1"], s.head["empty2"] = testFile{change.ModeFile, ""}, testFile{change.ModeFile, ""}
		s.head["link"] = testFile{change.ModeSymlink, "/etc/passwd"}
		s.head["module"] = testFile{change.ModeSubmodule, "commit"}
		f := facts(t, s.hub(), s.hint())
		files := map[string]change.File{}
		for _, file := range f.Change.Files {
			files[file.Path] = file
		}
		if len(f.Change.Gaps) != 0 || len(f.Change.Files) != len(files) || len(files) != 3001+6 {
			t.Fatalf("%d files, gaps %v", len(f.Change.Files), f.Change.Gaps)
		}
		if s.count("files") != 0 {
			t.Error("pages were asked for although the trees are whole")
		}
		if got := files["was.sh"]; got.Status != change.Changed || got.Mode != change.ModeExecutable ||
			got.PreviousMode != change.ModeFile {
			t.Errorf("mode change: %+v", got)
		}
		if got := files["new/name.go"]; got.Status != change.Renamed || got.PreviousPath != "old/name.go" {
			t.Errorf("rename: %+v", got)
		}
		if files["empty1"].Status != change.Removed || files["empty2"].Status != change.Added {
			t.Error("empty files count as a rename")
		}
		if files["link"].Mode != change.ModeSymlink || files["module"].Mode != change.ModeSubmodule {
			t.Error("link or submodule is not seen")
		}
		if _, ok := files["same.txt"]; ok {
			t.Error("an unchanged file is listed")
		}
		if !slices.IsSortedFunc(f.Change.Files, func(a, b change.File) int { return strings.Compare(a.Path, b.Path) }) {
			t.Error("files are not in the order of their paths")
		}
	})
	t.Run("the count differs", func(t *testing.T) {
		s := newStub(t)
		s.fill(9)
		s.compareFiles = 4
		f := facts(t, s.hub(), s.hint())
		if len(f.Change.Files) != 9 || s.count("tree") != 2 {
			t.Errorf("%d files after %v", len(f.Change.Files), s.counts)
		}
	})
	t.Run("truncated trees, whole pages", func(t *testing.T) {
		s := newStub(t)
		s.fill(3000)
		s.truncated = true
		f := facts(t, s.hub(), s.hint())
		if len(f.Change.Files) != 3000 || len(f.Change.Gaps) != 0 || s.count("files") != 30 {
			t.Errorf("%d files, gaps %v, %v", len(f.Change.Files), f.Change.Gaps, s.counts)
		}
	})
	t.Run("truncated trees, 3001 files", func(t *testing.T) {
		s := newStub(t)
		s.fill(3001)
		s.truncated = true
		f := facts(t, s.hub(), s.hint())
		if len(f.Change.Files) != 3000 || len(f.Change.Gaps) != 1 || !strings.Contains(f.Change.Gaps[0], "3000 of the 3001") {
			t.Errorf("%d files, gaps %v", len(f.Change.Files), f.Change.Gaps)
		}
	})
	t.Run("the head moves between the pages", func(t *testing.T) {
		s := newStub(t)
		s.fill(400)
		s.truncated = true
		s.intercept = func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
			if strings.HasSuffix(r.URL.Path, "/pulls/12") {
				reply(w, 200, map[string]any{"head": map[string]any{"sha": sha("newer")}, "changed_files": 400})
				return true
			}
			return false
		}
		_, err := s.hub().Facts(t.Context(), testSubject, s.hint())
		if e := codeOf(t, err); e.Code != "moved" || e.Final {
			t.Errorf("error is %v", err)
		}
	})
	t.Run("a tree that does not say whether it is whole", func(t *testing.T) {
		s := newStub(t)
		s.fill(400)
		s.intercept = func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
			if strings.Contains(r.URL.Path, "/git/trees/") {
				reply(w, 200, map[string]any{"tree": []any{}})
				return true
			}
			return false
		}
		_, err := s.hub().Facts(t.Context(), testSubject, s.hint())
		if e := codeOf(t, err); e.Code != "github_unavailable" {
			t.Errorf("error is %v", err)
		}
	})
}

func TestManyCommits(t *testing.T) {
	for _, test := range []struct{ commits, want, gaps int }{{250, 250, 0}, {251, 251, 0}, {2000, 2000, 0}, {2500, 2250, 1}} {
		s := newStub(t)
		s.fill(1)
		s.commits = test.commits
		f := facts(t, s.hub(), s.hint())
		if len(f.Change.Commits) != test.want || len(f.Change.Gaps) != test.gaps {
			t.Errorf("%d commits: got %d, gaps %v", test.commits, len(f.Change.Commits), f.Change.Gaps)
		}
		for _, c := range f.Change.Commits {
			if !c.Verified || !c.SignedByGitHub {
				t.Fatalf("commit %+v", c)
			}
		}
	}
}

func TestSignaturesMustAgree(t *testing.T) {
	s := newStub(t)
	s.fill(1)
	s.pr["commits"] = map[string]any{"nodes": []any{map[string]any{"commit": map[string]any{"oid": s.headID, "signature": nil}}}}
	f := facts(t, s.hub(), s.hint())
	if c := f.Change.Commits[0]; c.Verified || c.SignedByGitHub {
		t.Errorf("REST says verified, GraphQL unsigned: %+v", c)
	}
}

func TestClosedAndOddPullRequests(t *testing.T) {
	s := newStub(t)
	s.fill(2)
	s.pr = map[string]any{"state": "MERGED"}
	if f := facts(t, s.hub(), change.Hint{}); f.Open || !f.Merged || len(f.Change.Gaps) == 0 {
		t.Errorf("merged: %+v", f)
	}
	s.pr = map[string]any{"author": nil, "headRepository": nil}
	f := facts(t, s.hub(), change.Hint{})
	if f.Change.Author.Login != "ghost" || f.Change.Author.ID != 0 || f.Change.HeadRepository != "" {
		t.Errorf("deleted account and fork: %+v", f.Change)
	}
	s.pr = map[string]any{"baseRef": nil}
	f = facts(t, s.hub(), change.Hint{})
	if f.Repo.State != change.RulesUnknown || f.Change.Base != s.merge {
		t.Errorf("the base branch is gone: %+v", f.Repo)
	}
}

func TestOtherRepositoryUnderTheName(t *testing.T) {
	s := newStub(t)
	subject := testSubject
	subject.Repo.ID = 100
	_, err := s.hub().Facts(context.Background(), subject, change.Hint{})
	if e := codeOf(t, err); e.Code != "not_found" || e.Final {
		t.Errorf("error is %v", err)
	}
	// GitHub knows the one that was meant, under another name: it is asked for once.
	asked := 0
	s.intercept = func(w http.ResponseWriter, r *http.Request, body []byte) bool {
		switch {
		case strings.HasSuffix(r.URL.Path, "/repositories/100"):
			asked++
			reply(w, 200, map[string]any{"id": 100, "name": "store", "owner": map[string]any{"login": "acme"}})
		case strings.HasSuffix(r.URL.Path, "/graphql") && strings.Contains(string(body), `"name":"store"`):
			reply(w, 200, map[string]any{"data": map[string]any{
				"repository": map[string]any{"databaseId": 100, "nameWithOwner": "acme/store",
					"pullRequest": map[string]any{"state": "CLOSED", "headRefOid": sha("head"), "baseRefName": "main"}},
				"org": nil,
			}})
		default:
			return false
		}
		return true
	}
	h := s.hub()
	for range 2 {
		f, err := h.Facts(context.Background(), subject, change.Hint{})
		if err != nil || f.Change.Repository != "acme/store" || f.Open {
			t.Errorf("%+v, %v", f, err)
		}
	}
	if asked != 1 {
		t.Errorf("the name was asked for %d times", asked)
	}
}

// Where the signatures make the query too costly, REST tells them.
func TestLightState(t *testing.T) {
	s := newStub(t)
	s.fill(2)
	s.intercept = func(w http.ResponseWriter, r *http.Request, body []byte) bool {
		if !strings.Contains(string(body), "wasSignedByGitHub") {
			return false
		}
		reply(w, 200, map[string]any{"data": nil, "errors": []any{map[string]any{"type": "RESOURCE_LIMITS_EXCEEDED",
			"path": []any{"repository", "pullRequest", "commits"}, "message": "Resource limits for this query exceeded."}}})
		return true
	}
	s.pr["commits"] = nil
	f := facts(t, s.hub(), s.hint())
	if len(f.Change.Files) != 2 || len(f.Change.Commits) != 1 || !f.Change.Commits[0].SignedByGitHub {
		t.Errorf("%+v", f.Change)
	}
}

// The organisation's rules are those of the owner that the repository has now,
// not of one that it had, and never of a repository elsewhere.
func TestOrganisationRulesAfterATransfer(t *testing.T) {
	s := newStub(t)
	s.fill(1)
	owners := []string{}
	s.intercept = func(w http.ResponseWriter, r *http.Request, body []byte) bool {
		if strings.Contains(string(body), "pullRequest(") {
			var q struct{ Variables map[string]any }
			if err := json.Unmarshal(body, &q); err != nil {
				t.Error(err)
			}
			s.set(func() { owners = append(owners, q.Variables["owner"].(string)) })
		}
		return false
	}
	subject := testSubject
	subject.Repo.Owner = "former"
	if f, err := s.hub().Facts(t.Context(), subject, change.Hint{}); err != nil || f.Change.Repository != "acme/shop" ||
		!strings.HasPrefix(f.Org.Name, "acme/.github") {
		t.Errorf("%+v, %v", f, err)
	}
	if len(owners) != 2 || owners[0] != "former" || owners[1] != "acme" {
		t.Errorf("asked for %v", owners)
	}
	s.org = map[string]any{"nameWithOwner": "elsewhere/.github",
		"defaultBranchRef": map[string]any{"name": "main",
			"target": map[string]any{"oid": sha("org"), "file": rulesEntry(33188, "mode: observe\n")}}}
	if f := facts(t, s.hub(), change.Hint{}); f.Org.State != change.RulesUnknown || f.Org.Text != nil {
		t.Errorf("%+v", f.Org)
	}
}

func TestComparisonOfAnotherHead(t *testing.T) {
	s := newStub(t)
	s.fill(1)
	s.intercept = func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
		if !strings.Contains(r.URL.Path, "/compare/") {
			return false
		}
		commit := s.commit(0)
		commit["sha"] = sha("elsewhere")
		reply(w, 200, map[string]any{"base_commit": map[string]any{"sha": s.tip},
			"merge_base_commit": map[string]any{"sha": s.merge}, "total_commits": 1, "commits": []any{commit}, "files": s.changed()})
		return true
	}
	_, err := s.hub().Facts(t.Context(), testSubject, s.hint())
	if e := codeOf(t, err); e.Code != "github_unavailable" {
		t.Errorf("error is %v", err)
	}
}
