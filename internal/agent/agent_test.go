package agent

import (
	"bufio"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
)

// example is a line of testdata/agents.jsonl: a change in the form of `gatehold
// judge`, and what must be said of it.
type example struct {
	ID, Label, Why string
	Agents         []string
	Strength       gate.Strength
	Instigators    []string

	Author  change.Actor
	HeadRef string `json:"head_ref"`
	Title   string
	Body    string
	Labels  []string
	Commits []struct {
		SHA               string
		Message           string
		Author, Committer change.Person
		Verified          bool
	}
}

func (e *example) change() *change.Change {
	c := &change.Change{Vouched: true, Author: e.Author, HeadRef: e.HeadRef, Title: e.Title, Body: e.Body, Labels: e.Labels}
	for _, k := range e.Commits {
		c.Commits = append(c.Commits, change.Commit{SHA: k.SHA, Message: k.Message, Author: k.Author, Committer: k.Committer,
			Verified: k.Verified})
	}
	return c
}

func examples(t testing.TB) []example {
	f, err := os.Open("../../testdata/agents.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []example
	for in := bufio.NewScanner(f); in.Scan(); {
		var e example
		if err := json.Unmarshal(in.Bytes(), &e); err != nil {
			t.Fatal(err)
		}
		out = append(out, e)
	}
	return out
}

// TestExamples holds every case of ours: recall and precision are 1 here, and
// names, strength and instigators are what they should be.
func TestExamples(t *testing.T) {
	all := examples(t)
	if len(all) < 150 {
		t.Fatalf("only %d examples", len(all))
	}
	for _, e := range all {
		got := Attribute(e.change(), Options{})
		if got.Is != (e.Label != "human") {
			t.Errorf("%s (%s: %s): is %v by %+v", e.ID, e.Label, e.Why, got.Is, got.Evidence)
			continue
		}
		if e.Label == "bot" && (len(got.Automation) == 0 || got.Strength != gate.Verified && len(got.Names) == 0) {
			t.Errorf("%s (%s): automation %q by %+v", e.ID, e.Why, got.Automation, got.Evidence)
		}
		names := slices.Sorted(slices.Values(got.Names))
		if !slices.Equal(names, e.Agents) && len(names)+len(e.Agents) > 0 {
			t.Errorf("%s (%s): names %q, want %q", e.ID, e.Why, names, e.Agents)
		}
		if e.Strength != "" && got.Strength != e.Strength {
			t.Errorf("%s (%s): strength %s, want %s by %+v", e.ID, e.Why, got.Strength, e.Strength, got.Evidence)
		}
		if e.Instigators != nil && !slices.Equal(got.Instigators, e.Instigators) {
			t.Errorf("%s (%s): instigators %q, want %q", e.ID, e.Why, got.Instigators, e.Instigators)
		}
	}
}

func signed(by change.Person, message string) change.Commit {
	return change.Commit{SHA: "1", Message: message, Author: by, Committer: by, Verified: true}
}

func TestPresumeAgent(t *testing.T) {
	mira := change.Person{Name: "Mira", Email: "mira@example.com", Login: "mira", ID: 7, Type: change.User}
	other := change.Person{Name: "Ola", Email: "ola@example.com", Login: "ola", ID: 8, Type: change.User}
	byMira := change.Actor{Login: "mira", ID: 7, Type: change.User}
	onServer := signed(mira, "Edit")
	onServer.SignedByGitHub = true
	unsigned := signed(mira, "Fix")
	unsigned.Verified = false
	committed := signed(mira, "Fix")
	committed.Committer = other
	renamed := signed(change.Person{Login: "mira", ID: 70, Type: change.User}, "Fix")

	for name, tc := range map[string]struct {
		c     change.Change
		human bool
	}{
		"signed by who opened it": {change.Change{Author: byMira, Commits: []change.Commit{signed(mira, "Fix")}}, true},
		"and pushed by the same": {change.Change{Author: byMira, Pusher: byMira,
			Commits: []change.Commit{signed(mira, "Fix")}}, true},
		"ids unknown, logins agree, vouched": {change.Change{Vouched: true,
			Author:  change.Actor{Login: "Mira", Type: change.User},
			Commits: []change.Commit{signed(change.Person{Login: "mira"}, "Fix")}}, true},
		"pushed by another": {change.Change{Author: byMira,
			Pusher: change.Actor{Login: "ola", ID: 8, Type: change.User}, Commits: []change.Commit{signed(mira, "Fix")}}, false},
		"a commit without a signature": {change.Change{Author: byMira,
			Commits: []change.Commit{signed(mira, "Fix"), unsigned}}, false},
		"a commit of another":                {change.Change{Author: byMira, Commits: []change.Commit{signed(other, "Fix")}}, false},
		"committed by another":               {change.Change{Author: byMira, Commits: []change.Commit{committed}}, false},
		"same login, other id":               {change.Change{Author: byMira, Commits: []change.Commit{renamed}}, false},
		"made on the server, as a token can": {change.Change{Author: byMira, Commits: []change.Commit{onServer}}, false},
		"through an App with the user's token": {change.Change{Author: byMira, Via: "some-app",
			Commits: []change.Commit{signed(mira, "Fix")}}, false},
		"no commits to go by": {change.Change{Author: byMira}, false},
		"something could not be read": {change.Change{Author: byMira, Gaps: []string{"commits past 250"},
			Commits: []change.Commit{signed(mira, "Fix")}}, false},
	} {
		got := Attribute(&tc.c, Options{PresumeAgent: true})
		if got.Is == tc.human || got.Presumed == tc.human {
			t.Errorf("%s: is %v, presumed %v", name, got.Is, got.Presumed)
		}
		if got.Presumed && (got.Strength != gate.None || !slices.Contains(got.Instigators, tc.c.Author.Login)) {
			t.Errorf("%s: strength %s, instigators %q", name, got.Strength, got.Instigators)
		}
		if Attribute(&tc.c, Options{}).Is {
			t.Errorf("%s: an agent without presumption", name)
		}
	}
	claimed := change.Change{Author: byMira,
		Commits: []change.Commit{signed(mira, "Fix\n\nCo-Authored-By: Claude <noreply@anthropic.com>")}}
	if got := Attribute(&claimed, Options{PresumeAgent: true}); !got.Is || got.Presumed {
		t.Errorf("evidence counts before presumption: %+v", got)
	}
}

func TestVerifiedCommit(t *testing.T) {
	claude := change.Person{Name: "claude[bot]", Email: "209825114+claude[bot]@users.noreply.github.com", Login: "claude[bot]",
		ID: 209825114, Type: change.Bot}
	c := change.Change{Author: change.Actor{Login: "mira", ID: 7, Type: change.User},
		Commits: []change.Commit{{SHA: "1", Author: claude, Verified: true, SignedByGitHub: true}}}
	if got := Attribute(&c, Options{}); got.Strength != gate.Verified || !slices.Equal(got.Instigators, []string{"mira"}) {
		t.Errorf("signed by GitHub for the App: %+v", got)
	}
	c.Commits[0].SignedByGitHub = false // anybody's key under anybody's e-mail
	if got := Attribute(&c, Options{}); got.Strength != gate.Declared {
		t.Errorf("signed by somebody: %+v", got)
	}
}

func TestPusherAndApp(t *testing.T) {
	mira := change.Actor{Login: "mira", ID: 7, Type: change.User}
	for name, c := range map[string]change.Change{
		"pusher": {Author: mira, Pusher: change.Actor{Login: "cursor[bot]", ID: 206951365, Type: change.Bot}},
		"app":    {Author: mira, Via: "devin-ai-integration"},
	} {
		if got := Attribute(&c, Options{}); got.Strength != gate.Verified || len(got.Names) != 1 {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestAssignees(t *testing.T) {
	c := change.Change{
		Author:    change.Actor{Login: "Copilot", ID: 198982749, Type: change.Bot},
		Assignees: []change.Actor{{Login: "Copilot", ID: 198982749, Type: change.Bot}, {Login: "ola", ID: 8, Type: change.User}},
		Commits: []change.Commit{{
			Message:   "Fix\n\nCo-authored-by: Ola <8+Ola@users.noreply.github.com>\nCo-authored-by: Pia Dahl <pia@example.com>",
			Author:    change.Person{Name: "copilot-swe-agent[bot]", Email: "198982749+Copilot@users.noreply.github.com"},
			Committer: change.Person{Name: "GitHub", Email: "noreply@github.com", Login: "web-flow"},
		}},
	}
	if got := Attribute(&c, Options{}).Instigators; !slices.Equal(got, []string{"ola", "Pia Dahl <pia@example.com>"}) {
		t.Errorf("instigators %q", got)
	}
}

// Who is named by an address is called as GitHub calls the account now, not as the
// address did once: the login in it may be somebody else's today.
func TestWhoIsNamedByAnAddressHasTheLoginOfToday(t *testing.T) {
	bo := change.Person{Name: "Bo", Email: "bo@users.noreply.github.com", Login: "bo-2", ID: 9, Type: change.User}
	for name, c := range map[string]change.Commit{
		"as a co-author": {Message: "Fix\n\nCo-authored-by: Bo <Bo@users.noreply.github.com>", CoAuthors: []change.Person{bo}},
		"as the author":  {Message: "Fix\n\nCo-authored-by: Bo <bo@users.noreply.github.com>", Author: bo},
	} {
		got := Attribute(&change.Change{
			Author:  change.Actor{Login: "devin-ai-integration[bot]", ID: 158243242, Type: change.Bot},
			Commits: []change.Commit{c},
		}, Options{}).Instigators
		if !slices.Equal(got, []string{"bo-2"}) {
			t.Errorf("%s: on behalf of %q", name, got)
		}
	}
}

func TestKnown(t *testing.T) {
	o := Options{Known: []Known{
		{Name: "acme-fixer", Login: "acme-fixer[bot]", Owner: "@acme/platform"},
		{Name: "machine", Login: "acme-machine", ID: 900},
		{Name: "writer", Email: "writer@acme.example"},
		{Name: "runner", Branch: "Runner/", Trailer: "Acme-Run: r", Text: "Made by the Acme runner"},
		{Name: "aider", Branch: "cursor/", Trailer: "Claude-Session"}, // signs of others: those stay theirs
	}}
	for name, tc := range map[string]struct {
		c    change.Change
		want string
		how  gate.Strength
	}{
		"an App": {change.Change{Author: change.Actor{Login: "acme-fixer[bot]", ID: 5, Type: change.Bot}},
			"acme-fixer", gate.Verified},
		"a machine user": {change.Change{Author: change.Actor{Login: "acme-machine", ID: 900, Type: change.User}}, "machine",
			gate.Verified},
		"its name, re-used": {change.Change{Author: change.Actor{Login: "acme-machine", ID: 901, Type: change.User}}, "machine",
			gate.Suspected},
		"an e-mail": {change.Change{Commits: []change.Commit{{Author: change.Person{Name: "W",
			Email: "Writer@acme.example"}}}}, "writer", gate.Declared},
		"a co-author": {change.Change{Commits: []change.Commit{{Message: "Fix\n\nCo-authored-by: acme-fixer " +
			"<x@acme.example>"}}}, "acme-fixer", gate.Declared},
		"a branch":  {change.Change{HeadRef: "runner/fix-1"}, "runner", gate.Suspected},
		"a trailer": {change.Change{Commits: []change.Commit{{Message: "Fix\n\nAcme-Run: R-12"}}}, "runner", gate.Declared},
		"a text":    {change.Change{Body: "Fixes it.\n\n---\n*made by the ACME runner*"}, "runner", gate.Declared},
		"another's trailer": {change.Change{Commits: []change.Commit{{Message: "Fix\n\nClaude-Session: 1"}}}, "claude-code",
			gate.Declared},
		"a built-in one": {change.Change{Author: change.Actor{Login: "cursor[bot]", ID: 206951365, Type: change.Bot}},
			"cursor", gate.Verified},
	} {
		got := Attribute(&tc.c, o)
		if !slices.Equal(got.Names, []string{tc.want}) || got.Strength != tc.how {
			t.Errorf("%s: %q %s", name, got.Names, got.Strength)
		}
	}
	for name, c := range map[string]change.Change{
		"a branch that goes on":    {HeadRef: "runners-up"},
		"a value of another":       {Commits: []change.Commit{{Message: "Fix\n\nAcme-Run: 12"}}},
		"a text that is quoted":    {Body: "> made by the acme runner\n\nWhat is this?"},
		"a trailer without value":  {Commits: []change.Commit{{Message: "Fix\n\nAcme-Run:"}}},
		"a text that stops before": {Body: "made by the acme run"},
	} {
		if got := Attribute(&c, o); len(got.Names) > 0 {
			t.Errorf("%s: %q", name, got.Names)
		}
	}
}

func TestEvidenceIsBoundedAndClean(t *testing.T) {
	var c change.Change
	c.Author.Login = "mira"
	c.Body = strings.Repeat("x", 5<<20) + "\n\nCo-Authored-By: Claude \x1b[31m\u202e\u200b" + strings.Repeat("y", 4000) +
		" <noreply@anthropic.com>"
	for range 3000 {
		c.Commits = append(c.Commits, change.Commit{SHA: "1", Message: c.Body[len(c.Body)-5000:],
			Author: change.Person{Name: strings.Repeat("\u202ez", 999), Email: "noreply@anthropic.com"}})
	}
	got := Attribute(&c, Options{})
	if !got.Is || len(got.Evidence) > 20 {
		t.Fatalf("%d pieces of evidence", len(got.Evidence))
	}
	for _, e := range got.Evidence {
		if len([]rune(e.Text)) > maxShown || strings.ContainsAny(e.Text, "\x1b\u202e\u200b\n") {
			t.Errorf("shown: %q", e.Text)
		}
	}
}
