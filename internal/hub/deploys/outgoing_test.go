package deploys_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/hubtest"
)

// goingOut is a stub whose main follows from its merge commit, as the commit
// that runs, and what GraphQL says of the commits.
type goingOut struct {
	*hubtest.Stub
	pulls  map[string][]any // associated with a commit
	name   string           // of the repository, as GitHub names it
	most   int              // commits that one query may ask for; 0: any
	asked  []int            // commits, per query
	owners []string         // asked for, per query
	lost   string           // a commit that is left out
	fail   map[string]any   // an error beside the data
}

func newGoingOut(t *testing.T) *goingOut {
	g := &goingOut{Stub: hubtest.NewStub(t), pulls: map[string][]any{}, name: "acme/shop"}
	g.Tip = g.Merge // what runs is the merge base
	g.Intercept = func(w http.ResponseWriter, r *http.Request, body []byte) bool {
		if !strings.Contains(string(body), "defaultBranchRef") && !strings.Contains(string(body), "InRange") {
			return false
		}
		g.Set(func() { g.Counts["outgoing"]++ })
		g.answer(w, body)
		return true
	}
	return g
}

func (g *goingOut) answer(w http.ResponseWriter, body []byte) {
	var q struct {
		Query     string
		Variables map[string]any
	}
	if err := json.Unmarshal(body, &q); err != nil {
		g.T.Error(err)
	}
	nodes := map[string]any{}
	for name, v := range q.Variables {
		if name[0] != 'c' {
			continue
		}
		id := v.(string)
		node := map[string]any{"oid": id, "signature": map[string]any{"isValid": true, "wasSignedByGitHub": true},
			"authors":                map[string]any{"nodes": g.Authors},
			"associatedPullRequests": map[string]any{"nodes": g.pulls[id]}}
		if id != g.lost {
			nodes[name] = node
		}
	}
	g.Mu.Lock()
	g.asked = append(g.asked, len(nodes))
	g.owners = append(g.owners, q.Variables["owner"].(string))
	g.Mu.Unlock()
	if g.most > 0 && len(nodes) > g.most {
		hubtest.Reply(w, 200, map[string]any{"data": nil, "errors": []any{map[string]any{"type": "RESOURCE_LIMITS_EXCEEDED",
			"path": []any{"range", "c0"}, "message": "Resource limits for this query exceeded."}}})
		return
	}
	answer := map[string]any{"data": map[string]any{
		"repository": map[string]any{"databaseId": 99, "nameWithOwner": g.name,
			"defaultBranchRef": map[string]any{"name": "main", "target": map[string]any{"oid": hubtest.SHA("tip"), "file": g.Rules}}},
		"range": nodes, "org": g.Org,
	}}
	switch {
	case g.fail != nil:
		answer["errors"] = []any{g.fail}
	case g.Org == nil && strings.Contains(q.Query, "org:"):
		answer["errors"] = []any{map[string]any{"type": "NOT_FOUND", "path": []any{"org"},
			"message": "Could not resolve to a Repository with the name 'acme/.github'."}}
	}
	hubtest.Reply(w, 200, answer)
}

func (g *goingOut) read() (change.Outgoing, error) {
	return g.Hub().Outgoing(g.T.Context(), heldDeploy, g.Merge, g.HeadID)
}

func merged(number int, at, base string, repo int64) map[string]any {
	p := map[string]any{
		"number": number, "title": fmt.Sprintf("Pull %d", number), "headRefOid": hubtest.SHA("head of", at),
		"mergeCommit": map[string]any{"oid": hubtest.SHA("merge of", at)},
		"baseRefName": base, "baseRepository": map[string]any{"databaseId": repo}, "mergedAt": nil,
		"mergedBy": map[string]any{"__typename": "User", "login": "alice", "databaseId": 1},
		"author":   map[string]any{"__typename": "Bot", "login": "fixer", "databaseId": 5},
	}
	if at != "" {
		p["mergedAt"] = at
	}
	return p
}

func TestWhichPullRequestBroughtACommit(t *testing.T) {
	const early, late = "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"
	for name, test := range map[string]struct {
		pulls []any
		want  int // 0: none
	}{
		"one":                         {[]any{merged(7, early, "main", 99)}, 7},
		"open":                        {[]any{merged(7, "", "main", 99)}, 0},
		"open and merged":             {[]any{merged(7, "", "main", 99), merged(8, late, "main", 99)}, 8},
		"into a fork":                 {[]any{merged(7, early, "main", 5)}, 0},
		"the first":                   {[]any{merged(8, late, "main", 99), merged(7, early, "main", 99)}, 7},
		"at once":                     {[]any{merged(8, early, "main", 99), merged(7, early, "main", 99)}, 7},
		"into the default branch":     {[]any{merged(7, early, "feature", 99), merged(8, late, "main", 99)}, 8},
		"into another one only":       {[]any{merged(7, early, "feature", 99)}, 7},
		"nothing":                     {nil, 0},
		"holes":                       {[]any{nil, map[string]any{}, merged(0, early, "main", 99)}, 0},
		"a repository that is hidden": {[]any{map[string]any{"number": 7, "mergedAt": early, "baseRepository": nil}}, 0},
	} {
		g := newGoingOut(t)
		g.Fill(1)
		g.pulls[g.HeadID] = test.pulls
		o, err := g.read()
		if err != nil || len(o.Change.Commits) != 1 {
			t.Fatalf("%s: %+v, %v", name, o, err)
		}
		if test.want == 0 {
			if len(o.Pulls) != 0 || len(o.Direct) != 1 || o.Direct[0].SHA != g.HeadID {
				t.Errorf("%s: %+v", name, o)
			}
			continue
		}
		if len(o.Pulls) != 1 || o.Pulls[0].Number != test.want || len(o.Direct) != 0 ||
			o.Pulls[0].Author.Login != "fixer[bot]" || o.Pulls[0].MergedBy.ID != 1 {
			t.Errorf("%s: %+v", name, o)
		}
	}
}

func TestBatchesOfCommits(t *testing.T) {
	for _, test := range []struct {
		commits, most int
		asked         []int // sorted
	}{
		{1, 0, []int{1}}, {100, 0, []int{100}}, {101, 0, []int{1, 100}}, {250, 0, []int{50, 100, 100}},
		{8, 3, []int{0, 2, 2, 2, 2, 4, 4, 8, 8}},
	} {
		g := newGoingOut(t)
		g.Fill(1)
		g.Commits, g.most = test.commits, test.most
		g.pulls[g.HeadID] = []any{merged(7, "2026-01-01T00:00:00Z", "main", 99)}
		o, err := g.read()
		slices.Sort(g.asked)
		if err != nil || !slices.Equal(g.asked, test.asked) || len(o.Change.Commits) != test.commits ||
			len(o.Direct) != test.commits-1 || len(o.Pulls) != 1 {
			t.Errorf("%+v: asked %v, %d direct, %v", test, g.asked, len(o.Direct), err)
		}
	}
	g := newGoingOut(t)
	g.Fill(1)
	g.Commits = 2300
	o, err := g.read()
	if err != nil || len(o.Change.Gaps) != 1 || !strings.Contains(o.Change.Gaps[0], "of the 2300 commits") {
		t.Errorf("gaps %v, %v", o.Change.Gaps, err)
	}
}

// Whatever is missing is an error or a gap.
func TestARangeThatCannotBeToldWhole(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*goingOut)
		code   string
	}{
		"a commit is left out": {func(g *goingOut) { g.lost = g.HeadID }, "github_unavailable"},
		"too much even for one commit": {func(g *goingOut) {
			g.most = -1
			g.fail = map[string]any{"type": "RESOURCE_LIMITS_EXCEEDED", "message": "x"}
		}, "github_unavailable"},
		"pull requests are hidden": {func(g *goingOut) {
			g.fail = map[string]any{"type": "FORBIDDEN", "path": []any{"range", "c0", "associatedPullRequests"},
				"message": "Resource not accessible by integration"}
		}, "no_permission"},
	} {
		g := newGoingOut(t)
		g.Fill(1)
		test.change(g)
		if o, err := g.read(); err == nil || gate.AsError(err).Code != test.code {
			t.Errorf("%s: %+v, %v", name, o, err)
		}
	}
	t.Run("the organisation's rules are hidden", func(t *testing.T) {
		g := newGoingOut(t)
		g.Fill(1)
		g.fail = map[string]any{"type": "FORBIDDEN", "path": []any{"org"}, "message": "no"}
		if o, err := g.read(); err != nil || o.Org.State != change.RulesUnknown || o.Org.Reason == "" {
			t.Errorf("%+v, %v", o.Org, err)
		}
	})
	t.Run("trees are cut short", func(t *testing.T) {
		g := newGoingOut(t)
		g.Fill(301)
		g.Truncated = true
		if o, err := g.read(); err != nil || len(o.Change.Gaps) != 1 {
			t.Errorf("gaps %v, %v", o.Change.Gaps, err)
		}
		if o, err := g.Hub().Outgoing(t.Context(), heldDeploy, "", g.HeadID); err != nil || len(o.Change.Gaps) != 1 {
			t.Errorf("the first deployment: gaps %v, %v", o.Change.Gaps, err)
		}
	})
	t.Run("300 files may be more", func(t *testing.T) {
		g := newGoingOut(t)
		g.Fill(300)
		if o, err := g.read(); err != nil || len(o.Change.Files) != 300 || g.Count("tree") != 2 {
			t.Errorf("%d files by %v, %v", len(o.Change.Files), g.Counts, err)
		}
	})
	t.Run("the comparison fails", func(t *testing.T) {
		g := newGoingOut(t)
		g.Fill(1)
		before := g.Intercept
		g.Intercept = func(w http.ResponseWriter, r *http.Request, body []byte) bool {
			if strings.Contains(r.URL.Path, "/compare/") {
				hubtest.Reply(w, 500, map[string]any{"message": "no"})
				return true
			}
			return before(w, r, body)
		}
		if _, err := g.read(); hubtest.CodeOf(t, err).Code != "github_unavailable" {
			t.Errorf("%v", err)
		}
	})
}

// The rules are those of the owner that the repository has now.
func TestWhatGoesOutAfterATransfer(t *testing.T) {
	g := newGoingOut(t)
	g.Fill(1)
	g.name = "novel/shop"
	g.Org = map[string]any{"nameWithOwner": "novel/.github",
		"defaultBranchRef": map[string]any{"name": "main",
			"target": map[string]any{"oid": hubtest.SHA("org"), "file": hubtest.RulesEntry(33188, "mode: enforce\n")}}}
	o, err := g.read()
	if err != nil || o.Change.Repository != "novel/shop" || o.Org.State != change.RulesFound ||
		!slices.Equal(g.owners, []string{"acme", "novel"}) {
		t.Errorf("%+v, asked for %v, %v", o.Org, g.owners, err)
	}
	other := heldDeploy
	other.Repo.ID = 100
	if _, err := g.Hub().Outgoing(t.Context(), other, g.Merge, g.HeadID); hubtest.CodeOf(t, err).Code != "repository_moved" &&
		hubtest.CodeOf(t, err).Code != "not_found" {
		t.Errorf("another repository under the name: %v", err)
	}
}
