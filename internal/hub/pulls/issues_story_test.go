package pulls_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/hub/hubtest"
	"github.com/gatehold/gatehold/internal/judge"
	"github.com/gatehold/gatehold/internal/policy"
	"github.com/gatehold/gatehold/internal/rulesfile"
)

const declares = "```gatehold-intent\npaths: [docs/]\n```\n"

// seeIssues gives the App the permission that it can do without.
func seeIssues(w *hubtest.World) {
	permissions := maps.Clone(fakehub.DefaultPermissions())
	permissions["issues"] = "read"
	w.Installation.Grant(permissions)
}

// An issue that a human wrote holds an agent to what it declares, at no request
// more, and says so; without the permission the change is judged all the same,
// and a person is told what was not looked at.
func TestIssueOfAPullRequest(t *testing.T) {
	rules := mustRules(t, "version: 1\nextends: [intent]\n")
	for name, c := range map[string]struct {
		grant     bool
		body      string
		score     int
		says, not string
	}{
		"with the permission":         {true, "Fixes #1", 35, "declared in issue #1 by @alice are the paths docs/**", "issues: read"},
		"without":                     {false, "Fixes #1", 0, "the App lacks the permission issues: read", "declared in"},
		"without, and nothing linked": {false, "See #1", 0, "", "issues: read"},
	} {
		t.Run(name, func(t *testing.T) {
			w := hubtest.NewWorld(t)
			if c.grant {
				seeIssues(w)
			}
			w.Shop.OpenIssue(w.Alice, "Words", declares)
			_, seen := w.Open(fakehub.NewPull{Body: c.body, Files: fakehub.Files{"db/1.sql": "SELECT 2;\n"}})
			w.Asked()
			f := w.Facts(seen)
			if sent := w.Asked(); len(sent) != 2 {
				t.Errorf("the issue costs requests: %v", sent)
			}
			if len(f.Change.Gaps) != 0 {
				t.Errorf("gaps %q", f.Change.Gaps)
			}
			w.Texts(seen, &f)
			v := judge.Change(rules, &f.Change)
			said := strings.Join(v.Notes, "\n")
			for _, found := range v.Findings {
				said += "\n" + found.Message
			}
			if v.Score != c.score || len(v.Problems) != 0 || !strings.Contains(said, c.says) || strings.Contains(said, c.not) ||
				c.says == "" && said != "" {
				t.Errorf("score %d, problems %+v: %s", v.Score, v.Problems, said)
			}
		})
	}
}

func mustRules(t *testing.T, text string) *policy.Rules {
	t.Helper()
	file, err := rulesfile.Parse(rulesfile.Source{Name: "acme/shop", Text: []byte(text)})
	if err != nil {
		t.Fatal(err)
	}
	rules, err := policy.Compile(nil, file)
	if err != nil {
		t.Fatal(err)
	}
	return rules
}

// Who wrote an issue, who edited it last, and where it stands is told as GitHub
// tells it; what is unknown stays unknown.
func TestWhoWroteAnIssue(t *testing.T) {
	w := hubtest.NewWorld(t)
	seeIssues(w)
	bob := w.Fake.CreateUser("bob")
	plan := w.Acme.CreateRepo("plan", nil)
	w.Shop.OpenIssue(w.Alice, "By a human", "a")
	w.Shop.OpenIssue(w.Agent, "By an agent", "b").Edit("b2", bob)
	w.Shop.OpenIssue(w.Alice, "Edited by an agent", "c").Edit("c2", w.Agent)
	w.Shop.OpenIssue(nil, "By nobody any more", "d")
	w.Shop.OpenIssue(w.Alice, "Edited by nobody any more", "e").Edit("e2", nil)
	elsewhere := plan.OpenIssue(bob, "Elsewhere", "f")
	pull, err := w.Shop.OpenPull(fakehub.NewPull{Author: w.Agent, Title: "All",
		Body: "closes #1, fixed #2, resolve #3\nFixes: #4\nfix #5", Files: fakehub.Files{"a": "a\n"}})
	if err != nil {
		t.Fatal(err)
	}
	pull.LinkIssue(elsewhere)
	f := w.Facts(w.Last("opened"))

	user := func(a *fakehub.Account) change.Actor {
		return change.Actor{Login: a.Login, ID: a.ID, Type: change.User}
	}
	alice, editor, agent := user(w.Alice), user(bob), change.Actor{Login: "copilot-swe-agent[bot]", ID: w.Agent.ID, Type: change.Bot}
	ghost := change.Actor{Login: "ghost"}
	want := []change.Issue{
		{Title: "By a human", Body: "a", Author: alice},
		{Title: "By an agent", Body: "b2", Author: agent, Editor: &editor},
		{Title: "Edited by an agent", Body: "c2", Author: alice, Editor: &agent},
		{Title: "By nobody any more", Body: "d", Author: ghost},
		{Title: "Edited by nobody any more", Body: "e2", Author: alice, Editor: &ghost},
		{Title: "Elsewhere", Body: "f", Author: editor},
	}
	if got := f.Change.Issues; len(got) != len(want) {
		t.Fatalf("%d issues: %+v", len(got), got)
	}
	for i, got := range f.Change.Issues {
		repo := "acme/shop"
		if i == 5 {
			repo = "acme/plan"
		}
		if got.Title != want[i].Title || got.Body != want[i].Body || got.Author != want[i].Author || got.Repository != repo ||
			(got.Editor == nil) != (want[i].Editor == nil) || got.Editor != nil && *got.Editor != *want[i].Editor ||
			!strings.Contains(got.URL, "/issues/") {
			t.Errorf("issue %d: %+v, edited by %+v", i, got, got.Editor)
		}
	}
	if f.Change.IssuesLeft != 0 || f.Change.IssuesUnseen != "" {
		t.Errorf("%d left, %q", f.Change.IssuesLeft, f.Change.IssuesUnseen)
	}
	for range 6 {
		pull.LinkIssue(w.Shop.OpenIssue(w.Alice, "More", ""))
	}
	if f = w.Facts(w.Last("opened")); len(f.Change.Issues) != 10 || f.Change.IssuesLeft != 2 {
		t.Errorf("%d issues, %d left", len(f.Change.Issues), f.Change.IssuesLeft)
	}
}
