package pulls_test

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/hub/hubtest"
)

func TestFactsOfAPullRequest(t *testing.T) {
	s := hubtest.NewStub(t)
	s.Fill(3)
	s.Rules = hubtest.RulesEntry(33188, "version: 1\n")
	s.Org = map[string]any{"nameWithOwner": "acme/.github",
		"defaultBranchRef": map[string]any{"name": "main", "target": map[string]any{"oid": hubtest.SHA("org"), "file": nil}}}
	h := s.Hub()
	f := hubtest.Facts(t, h, s.Hint())
	c := f.Change
	if !f.Open || c.Repository != "acme/shop" || c.RepositoryID != 99 || c.Number != 12 || c.Head != s.HeadID || c.Base != s.Merge ||
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
		f.Repo.Name != "acme/shop/.github/gatehold.yml@"+(hubtest.File{Text: "version: 1\n"}).ID()[:12] {
		t.Errorf("rules of the repository: %+v", f.Repo)
	}
	if f.Org.State != change.RulesAbsent || f.Org.Reason != "" || f.Org.Name != "acme/.github/.github/gatehold.yml" {
		t.Errorf("rules of the organisation: %+v", f.Org)
	}
	if err := h.Texts(t.Context(), hubtest.Pull, &c, hubtest.Everything); err != nil {
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
		s := hubtest.NewStub(t)
		s.Fill(test.files)
		s.Commits = test.commits
		h := s.Hub()
		f := hubtest.Facts(t, h, s.Hint())
		if err := h.Texts(t.Context(), hubtest.Pull, &f.Change, hubtest.Everything); err != nil {
			t.Fatal(err)
		}
		if n := s.Requests(); n != test.requests {
			t.Errorf("%d files: %d requests, want %d: %v", test.files, n, test.requests, s.Counts)
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
		hint     func(*hubtest.Stub) change.Hint
		compares int
	}{
		"right, by branch":   {(*hubtest.Stub).Hint, 1},
		"right, by commit":   {func(s *hubtest.Stub) change.Hint { return change.Hint{Head: s.HeadID, Base: s.Tip} }, 1},
		"no hint":            {func(*hubtest.Stub) change.Hint { return change.Hint{} }, 1},
		"the head moved":     {func(*hubtest.Stub) change.Hint { return change.Hint{Head: hubtest.SHA("old head"), BaseRef: "main"} }, 2},
		"the base moved":     {func(s *hubtest.Stub) change.Hint { return change.Hint{Head: s.HeadID, Base: hubtest.SHA("old base")} }, 2},
		"retargeted":         {func(s *hubtest.Stub) change.Hint { return change.Hint{Head: s.HeadID, BaseRef: "release"} }, 2},
		"hint is no SHA":     {func(s *hubtest.Stub) change.Hint { return change.Hint{Head: "../../x", Base: s.Tip} }, 1},
		"hint with no base":  {func(s *hubtest.Stub) change.Hint { return change.Hint{Head: s.HeadID} }, 1},
		"wrong file counter": {func(s *hubtest.Stub) change.Hint { return change.Hint{Head: s.HeadID, BaseRef: "main", Files: 1 << 30} }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := hubtest.NewStub(t) // a guess that was wrong is not waited for: it may reach the stub late
			s.Fill(5)
			f := hubtest.Facts(t, s.Hub(), test.hint(s))
			if f.Change.Head != s.HeadID || f.Change.Base != s.Merge || len(f.Change.Files) != 5 {
				t.Errorf("change is %+v", f.Change)
			}
			if n := s.Count("compare"); n > test.compares {
				t.Errorf("%d comparisons, want %d", n, test.compares)
			}
		})
	}
}

func TestManyFiles(t *testing.T) {
	t.Run("trees tell 3001 whole", func(t *testing.T) {
		s := hubtest.NewStub(t)
		s.Fill(3001)
		s.Base["same.txt"], s.Head["same.txt"] = hubtest.File{Mode: change.ModeFile, Text: "same"}, hubtest.File{Mode: change.ModeFile, Text: "same"}
		s.Base["was.sh"], s.Head["was.sh"] = hubtest.File{Mode: change.ModeFile, Text: "x"}, hubtest.File{Mode: change.ModeExecutable, Text: "x"}
		s.Base["old/name.go"], s.Head["new/name.go"] = hubtest.File{Mode: change.ModeFile, Text: "moved"}, hubtest.File{Mode: change.ModeFile, Text: "moved"}
		s.Base["empty1"], s.Head["empty2"] = hubtest.File{Mode: change.ModeFile, Text: ""}, hubtest.File{Mode: change.ModeFile, Text: ""}
		s.Head["link"] = hubtest.File{Mode: change.ModeSymlink, Text: "/etc/passwd"}
		s.Head["module"] = hubtest.File{Mode: change.ModeSubmodule, Text: "commit"}
		f := hubtest.Facts(t, s.Hub(), s.Hint())
		files := map[string]change.File{}
		for _, file := range f.Change.Files {
			files[file.Path] = file
		}
		if len(f.Change.Gaps) != 0 || len(f.Change.Files) != len(files) || len(files) != 3001+6 {
			t.Fatalf("%d files, gaps %v", len(f.Change.Files), f.Change.Gaps)
		}
		if s.Count("files") != 0 {
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
		s := hubtest.NewStub(t)
		s.Fill(9)
		s.CompareFiles = 4
		f := hubtest.Facts(t, s.Hub(), s.Hint())
		if len(f.Change.Files) != 9 || s.Count("tree") != 2 {
			t.Errorf("%d files after %v", len(f.Change.Files), s.Counts)
		}
	})
	t.Run("truncated trees, whole pages", func(t *testing.T) {
		s := hubtest.NewStub(t)
		s.Fill(3000)
		s.Truncated = true
		f := hubtest.Facts(t, s.Hub(), s.Hint())
		if len(f.Change.Files) != 3000 || len(f.Change.Gaps) != 0 || s.Count("files") != 30 {
			t.Errorf("%d files, gaps %v, %v", len(f.Change.Files), f.Change.Gaps, s.Counts)
		}
	})
	t.Run("truncated trees, 3001 files", func(t *testing.T) {
		s := hubtest.NewStub(t)
		s.Fill(3001)
		s.Truncated = true
		f := hubtest.Facts(t, s.Hub(), s.Hint())
		if len(f.Change.Files) != 3000 || len(f.Change.Gaps) != 1 || !strings.Contains(f.Change.Gaps[0], "3000 of the 3001") {
			t.Errorf("%d files, gaps %v", len(f.Change.Files), f.Change.Gaps)
		}
	})
	t.Run("the head moves between the pages", func(t *testing.T) {
		s := hubtest.NewStub(t)
		s.Fill(400)
		s.Truncated = true
		s.Intercept = func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
			if strings.HasSuffix(r.URL.Path, "/pulls/12") {
				hubtest.Reply(w, 200, map[string]any{"head": map[string]any{"sha": hubtest.SHA("newer")}, "changed_files": 400})
				return true
			}
			return false
		}
		_, err := s.Hub().Facts(t.Context(), hubtest.Pull, s.Hint())
		if e := hubtest.CodeOf(t, err); e.Code != "moved" || e.Final {
			t.Errorf("error is %v", err)
		}
	})
	t.Run("a tree that does not say whether it is whole", func(t *testing.T) {
		s := hubtest.NewStub(t)
		s.Fill(400)
		s.Intercept = func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
			if strings.Contains(r.URL.Path, "/git/trees/") {
				hubtest.Reply(w, 200, map[string]any{"tree": []any{}})
				return true
			}
			return false
		}
		_, err := s.Hub().Facts(t.Context(), hubtest.Pull, s.Hint())
		if e := hubtest.CodeOf(t, err); e.Code != "github_unavailable" {
			t.Errorf("error is %v", err)
		}
	})
}

func TestManyCommits(t *testing.T) {
	for _, test := range []struct{ commits, want, gaps int }{{250, 250, 0}, {251, 251, 0}, {2000, 2000, 0}, {2500, 2250, 1}} {
		s := hubtest.NewStub(t)
		s.Fill(1)
		s.Commits = test.commits
		f := hubtest.Facts(t, s.Hub(), s.Hint())
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
	s := hubtest.NewStub(t)
	s.Fill(1)
	s.PullState["commits"] = map[string]any{"nodes": []any{map[string]any{"commit": map[string]any{"oid": s.HeadID, "signature": nil}}}}
	f := hubtest.Facts(t, s.Hub(), s.Hint())
	if c := f.Change.Commits[0]; c.Verified || c.SignedByGitHub {
		t.Errorf("REST says verified, GraphQL unsigned: %+v", c)
	}
}

func TestClosedAndOddPullRequests(t *testing.T) {
	s := hubtest.NewStub(t)
	s.Fill(2)
	s.PullState = map[string]any{"state": "MERGED"}
	if f := hubtest.Facts(t, s.Hub(), change.Hint{}); f.Open || !f.Merged || len(f.Change.Gaps) == 0 {
		t.Errorf("merged: %+v", f)
	}
	s.PullState = map[string]any{"author": nil, "headRepository": nil}
	f := hubtest.Facts(t, s.Hub(), change.Hint{})
	if f.Change.Author.Login != "ghost" || f.Change.Author.ID != 0 || f.Change.HeadRepository != "" {
		t.Errorf("deleted account and fork: %+v", f.Change)
	}
	s.PullState = map[string]any{"baseRef": nil}
	f = hubtest.Facts(t, s.Hub(), change.Hint{})
	if f.Repo.State != change.RulesUnknown || f.Change.Base != s.Merge {
		t.Errorf("the base branch is gone: %+v", f.Repo)
	}
}

func TestOtherRepositoryUnderTheName(t *testing.T) {
	s := hubtest.NewStub(t)
	subject := hubtest.Pull
	subject.Repo.ID = 100
	_, err := s.Hub().Facts(context.Background(), subject, change.Hint{})
	if e := hubtest.CodeOf(t, err); e.Code != "not_found" || e.Final {
		t.Errorf("error is %v", err)
	}
	// GitHub knows the one that was meant, under another name: it is asked for once.
	asked := 0
	s.Intercept = func(w http.ResponseWriter, r *http.Request, body []byte) bool {
		switch {
		case strings.HasSuffix(r.URL.Path, "/repositories/100"):
			asked++
			hubtest.Reply(w, 200, map[string]any{"id": 100, "name": "store", "owner": map[string]any{"login": "acme"}})
		case strings.HasSuffix(r.URL.Path, "/graphql") && strings.Contains(string(body), `"name":"store"`):
			hubtest.Reply(w, 200, map[string]any{"data": map[string]any{
				"repository": map[string]any{"databaseId": 100, "nameWithOwner": "acme/store",
					"pullRequest": map[string]any{"state": "CLOSED", "headRefOid": hubtest.SHA("head"), "baseRefName": "main"}},
				"org": nil,
			}})
		default:
			return false
		}
		return true
	}
	h := s.Hub()
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
	s := hubtest.NewStub(t)
	s.Fill(2)
	s.Intercept = func(w http.ResponseWriter, r *http.Request, body []byte) bool {
		if !strings.Contains(string(body), "wasSignedByGitHub") {
			return false
		}
		hubtest.Reply(w, 200, map[string]any{"data": nil, "errors": []any{map[string]any{"type": "RESOURCE_LIMITS_EXCEEDED",
			"path": []any{"repository", "pullRequest", "commits"}, "message": "Resource limits for this query exceeded."}}})
		return true
	}
	s.PullState["commits"] = nil
	f := hubtest.Facts(t, s.Hub(), s.Hint())
	if len(f.Change.Files) != 2 || len(f.Change.Commits) != 1 || !f.Change.Commits[0].SignedByGitHub {
		t.Errorf("%+v", f.Change)
	}
}

// The organisation's rules are those of the owner that the repository has now,
// not of one that it had, and never of a repository elsewhere.
func TestOrganisationRulesAfterATransfer(t *testing.T) {
	s := hubtest.NewStub(t)
	s.Fill(1)
	owners := []string{}
	s.Intercept = func(w http.ResponseWriter, r *http.Request, body []byte) bool {
		if strings.Contains(string(body), "pullRequest(") {
			var q struct{ Variables map[string]any }
			if err := json.Unmarshal(body, &q); err != nil {
				t.Error(err)
			}
			s.Set(func() { owners = append(owners, q.Variables["owner"].(string)) })
		}
		return false
	}
	subject := hubtest.Pull
	subject.Repo.Owner = "former"
	if f, err := s.Hub().Facts(t.Context(), subject, change.Hint{}); err != nil || f.Change.Repository != "acme/shop" ||
		!strings.HasPrefix(f.Org.Name, "acme/.github") {
		t.Errorf("%+v, %v", f, err)
	}
	if len(owners) != 2 || owners[0] != "former" || owners[1] != "acme" {
		t.Errorf("asked for %v", owners)
	}
	s.Org = map[string]any{"nameWithOwner": "elsewhere/.github",
		"defaultBranchRef": map[string]any{"name": "main",
			"target": map[string]any{"oid": hubtest.SHA("org"), "file": hubtest.RulesEntry(33188, "mode: observe\n")}}}
	if f := hubtest.Facts(t, s.Hub(), change.Hint{}); f.Org.State != change.RulesUnknown || f.Org.Text != nil {
		t.Errorf("%+v", f.Org)
	}
}

func TestComparisonOfAnotherHead(t *testing.T) {
	s := hubtest.NewStub(t)
	s.Fill(1)
	s.Intercept = func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
		if !strings.Contains(r.URL.Path, "/compare/") {
			return false
		}
		commit := s.Commit(0)
		commit["sha"] = hubtest.SHA("elsewhere")
		hubtest.Reply(w, 200, map[string]any{"base_commit": map[string]any{"sha": s.Tip},
			"merge_base_commit": map[string]any{"sha": s.Merge}, "total_commits": 1, "commits": []any{commit}, "files": s.Changed()})
		return true
	}
	_, err := s.Hub().Facts(t.Context(), hubtest.Pull, s.Hint())
	if e := hubtest.CodeOf(t, err); e.Code != "github_unavailable" {
		t.Errorf("error is %v", err)
	}
}
