package agent

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
)

var (
	ana      = change.Actor{Login: "ana", ID: 5, Type: change.User}
	bo       = change.Actor{Login: "bo", ID: 6, Type: change.User}
	bot      = change.Actor{Login: "my-own-agent[bot]", ID: 999, Type: change.Bot}
	actions  = change.Actor{Login: "github-actions[bot]", ID: 41898282, Type: change.Bot}
	queue    = change.Actor{Login: "github-merge-queue[bot]", ID: 118344674, Type: change.Bot}
	devin    = change.Actor{Login: "devin-ai-integration[bot]", ID: 158243242, Type: change.Bot}
	somebody = change.Actor{Login: "x"}
)

// TestOnlyAPersonIsAPerson: whose change it is by the account that opened it.
func TestOnlyAPersonIsAPerson(t *testing.T) {
	for name, tc := range map[string]struct {
		author     change.Actor
		is         bool
		names      []string
		automation []string
		unknown    string
	}{
		"a person":             {ana, false, nil, nil, ""},
		"an unknown App's bot": {bot, true, []string{"my-own-agent[bot]"}, nil, ""},
		"a bot without an id":  {change.Actor{Login: "x[bot]", Type: change.Bot}, true, []string{"x[bot]"}, nil, ""},
		"github-actions":       {actions, true, nil, []string{"github-actions"}, ""},
		"dependabot": {change.Actor{Login: "dependabot[bot]", ID: 49699333, Type: change.Bot}, true, nil,
			[]string{"dependabot"}, ""},
		"dependabot's name, another id": {change.Actor{Login: "dependabot[bot]", ID: 7, Type: change.Bot}, true,
			[]string{"dependabot[bot]"}, nil, ""},
		"a reviewer": {change.Actor{Login: "coderabbitai[bot]", ID: 136622811, Type: change.Bot}, true, nil,
			[]string{"coderabbit"}, ""},
		"ghost": {change.Actor{Login: "ghost"}, true, nil, nil, "Who opened it is not known"},
		"ghost's own account": {change.Actor{Login: "ghost", ID: 10137, Type: change.User}, true, nil, nil,
			"Who opened it is not known"},
		"nobody": {change.Actor{}, true, nil, nil, "Who opened it is not known"},
		"a mannequin": {change.Actor{Login: "old", ID: 7, Type: change.Mannequin}, true, nil, nil,
			"@old, who opened it, is a person: the account is of type Mannequin"},
		"an organisation": {change.Actor{Login: "acme", ID: 7, Type: change.Organization}, true, nil, nil,
			"of type Organization"},
		"an enterprise's": {change.Actor{Login: "eua", ID: 7, Type: "EnterpriseUserAccount"}, true, nil, nil,
			"of type EnterpriseUserAccount"},
		"without a type": {change.Actor{Login: "ana", ID: 5}, true, nil, nil, "did not authenticate @ana"},
		"without an id":  {change.Actor{Login: "ana", Type: change.User}, true, nil, nil, "did not authenticate @ana"},
	} {
		got := Attribute(&change.Change{Author: tc.author}, Options{})
		if got.Is != tc.is || !slices.Equal(got.Names, append([]string{}, tc.names...)) || !slices.Equal(got.Automation, tc.automation) {
			t.Errorf("%s: is %v, names %q, automation %q", name, got.Is, got.Names, got.Automation)
		}
		if (tc.unknown == "") != (len(got.Unknown) == 0) || !strings.Contains(strings.Join(got.Unknown, " "), tc.unknown) {
			t.Errorf("%s: %q", name, got.Unknown)
		}
		if got.Presumed != (tc.unknown != "") || tc.is && !got.Presumed && got.Strength != gate.Verified {
			t.Errorf("%s: presumed %v, %s", name, got.Presumed, got.Strength)
		}
	}
	told := change.Change{Vouched: true, Author: change.Actor{Login: "ana", Type: change.User}}
	if got := Attribute(&told, Options{}); got.Is {
		t.Errorf("who tells of a change from a file answers for its accounts: %+v", got)
	}
	told.Author.Login = "ghost"
	if got := Attribute(&told, Options{}); !got.Is {
		t.Error("ghost is nobody, whoever tells")
	}
}

// TestEveryPusherCounts: who pushed any of it has a part in it.
func TestEveryPusherCounts(t *testing.T) {
	for name, tc := range map[string]struct {
		pushers []change.Actor
		pushes  change.PushRecord
		names   []string
		unknown string
	}{
		"no record, as before":       {nil, change.PushesUntold, nil, ""},
		"people":                     {[]change.Actor{ana, bo}, change.PushesWhole, nil, ""},
		"an agent, then a person":    {[]change.Actor{devin, ana}, change.PushesWhole, []string{"devin"}, ""},
		"a bot on no list":           {[]change.Actor{ana, bot}, change.PushesWhole, []string{"my-own-agent[bot]"}, ""},
		"the merge queue":            {[]change.Actor{ana, queue}, change.PushesWhole, nil, ""},
		"somebody nobody named":      {[]change.Actor{ana, {}}, change.PushesWhole, nil, "it is not on record who"},
		"an account without an id":   {[]change.Actor{somebody}, change.PushesWhole, nil, "it is not on record who"},
		"a push that is not known":   {[]change.Actor{ana}, change.PushesGap, nil, "Not every push to it is on record"},
		"an agent and a gap besides": {[]change.Actor{devin}, change.PushesGap, []string{"devin"}, "Not every push"},
	} {
		got := Attribute(&change.Change{Author: ana, Pushers: tc.pushers, Pushes: tc.pushes}, Options{})
		if !slices.Equal(got.Names, append([]string{}, tc.names...)) || !strings.Contains(strings.Join(got.Unknown, " "), tc.unknown) ||
			(tc.unknown == "") != (len(got.Unknown) == 0) || got.Is != (tc.names != nil || tc.unknown != "") {
			t.Errorf("%s: %+v", name, got)
		}
		if tc.names != nil && got.Strength != gate.Verified {
			t.Errorf("%s: %s, and GitHub authenticated who pushed", name, got.Strength)
		}
		if got.Is && !slices.Contains(got.Instigators, "ana") {
			t.Errorf("%s: on behalf of %q", name, got.Instigators)
		}
	}
	if got := Attribute(&change.Change{Author: ana, Pushers: []change.Actor{actions}, Pushes: change.PushesWhole},
		Options{}); !got.Is || !got.ByAutomation() {
		t.Errorf("github-actions pushed: %+v", got)
	}
}

// TestOneMoreNeverMakesItAPersons: whatever is added to what is known, a change
// that counted as an agent's still does.
func TestOneMoreNeverMakesItAPersons(t *testing.T) {
	all := []change.Actor{ana, bo, bot, actions, queue, devin, somebody, {}, {Login: "ghost", ID: 10137, Type: change.User},
		{Login: "acme", ID: 1, Type: change.Organization}}
	rapid.Check(t, func(t *rapid.T) {
		one := rapid.SampledFrom(all)
		c := change.Change{
			Author: one.Draw(t, "author"), Pusher: one.Draw(t, "pusher"), Pushers: rapid.SliceOfN(one, 0, 4).Draw(t, "pushers"),
			Pushes: rapid.SampledFrom([]change.PushRecord{change.PushesUntold, change.PushesWhole, change.PushesGap}).Draw(t, "record"),
		}
		before := Attribute(&c, Options{})
		persons := c.Author.IsPerson() && c.Pushes != change.PushesGap
		for _, a := range append([]change.Actor{}, c.Pushers...) {
			persons = persons && (a.IsPerson() || a.IsTransport())
		}
		if c.Pusher != (change.Actor{}) {
			persons = persons && (c.Pusher.IsPerson() || c.Pusher.IsTransport())
		}
		if c.Author.IsTransport() {
			return
		}
		if before.Is == persons {
			t.Fatalf("is %v of %+v", before.Is, c)
		}
		c.Pushers = append(c.Pushers, one.Draw(t, "one more"))
		if after := Attribute(&c, Options{}); before.Is && !after.Is {
			t.Fatal("one more pusher made it a person's")
		}
	})
}

func TestTransportHasNoPart(t *testing.T) {
	merge := change.Commit{
		SHA: "1", Message: "Merge pull request #1", Verified: true, SignedByGitHub: true,
		Author: change.Person{Name: "github-merge-queue", Email: "118344674+github-merge-queue@users.noreply.github.com",
			Login: queue.Login, ID: queue.ID, Type: change.Bot},
		Committer: change.Person{Name: "GitHub", Email: "noreply@github.com", Login: "web-flow", ID: 19864447, Type: change.User},
	}
	got := Attribute(&change.Change{Author: ana, Pusher: queue, Commits: []change.Commit{merge}}, Options{})
	if got.Is || len(got.Automation)+len(got.Evidence) > 0 {
		t.Errorf("GitHub carried it: %+v", got)
	}
	if got := AttributeCommits(&change.Change{Commits: []change.Commit{merge}}, Options{}); got.Is {
		t.Errorf("pushed by GitHub: %+v", got)
	}
}

func TestBotsInCommits(t *testing.T) {
	person := func(name, email string) change.Person { return change.Person{Name: name, Email: email} }
	by := func(p change.Person) change.Commit {
		return change.Commit{SHA: "1", Message: "Fix", Author: p, Committer: p}
	}
	signedFor := func(a change.Actor) change.Commit {
		c := by(change.Person{Name: a.Login, Login: a.Login, ID: a.ID, Type: a.Type})
		c.Verified, c.SignedByGitHub = true, true
		return c
	}
	for name, tc := range map[string]struct {
		commit   change.Commit
		names    []string
		strength gate.Strength
	}{
		"an App's address on no list": {by(person("fixer", "77+acme-fixer[bot]@users.noreply.github.com")),
			[]string{"acme-fixer[bot]"}, gate.Declared},
		"an App's name":                   {by(person("acme-fixer[bot]", "x@acme.example")), []string{"acme-fixer[bot]"}, gate.Declared},
		"signed by GitHub for a bot":      {signedFor(bot), []string{"my-own-agent[bot]"}, gate.Verified},
		"signed by GitHub for automation": {signedFor(actions), nil, gate.Verified},
		"automation by its word": {by(person("dependabot[bot]", "49699333+dependabot[bot]@users.noreply.github.com")),
			nil, gate.None},
		"a reviewer that wrote": {by(person("coderabbitai[bot]",
			"136622811+coderabbitai[bot]@users.noreply.github.com")), []string{"coderabbit"}, gate.Declared},
		"Claude, at somebody's address":   {by(person("Claude", "ana@acme.example")), []string{"claude-code"}, gate.Suspected},
		"a person called Claude":          {by(person("Claude", "claude.f@acme.example")), nil, gate.None},
		"a person called Claude Fontaine": {by(person("Claude Fontaine", "cf@acme.example")), nil, gate.None},
		"Claude Code":                     {by(person("Claude Code", "ana@acme.example")), []string{"claude-code"}, gate.Suspected},
	} {
		got := Attribute(&change.Change{Author: ana, Commits: []change.Commit{tc.commit}}, Options{})
		if !slices.Equal(got.Names, append([]string{}, tc.names...)) || got.Strength != tc.strength ||
			got.Is != (tc.strength != gate.None) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestHelpersThatTheRulesTrust(t *testing.T) {
	dependabot := change.Actor{Login: "dependabot[bot]", ID: 49699333, Type: change.Bot}
	bump := change.Commit{SHA: "1", Message: "Bump x",
		Author: change.Person{Login: dependabot.Login, ID: dependabot.ID, Type: change.Bot}, Verified: true, SignedByGitHub: true}
	unsigned := bump
	unsigned.Verified, unsigned.SignedByGitHub = false, false
	trusting := Options{Helpers: []string{"dependabot"}}
	presuming := Options{Helpers: []string{"dependabot"}, PresumeAgent: true}
	for name, tc := range map[string]struct {
		c  change.Change
		o  Options
		is bool
	}{
		"not named": {change.Change{Author: dependabot, Commits: []change.Commit{bump}}, Options{}, true},
		"another is named": {change.Change{Author: dependabot, Commits: []change.Commit{bump}},
			Options{Helpers: []string{"renovate"}}, true},
		"named": {change.Change{Author: dependabot, Commits: []change.Commit{bump}}, trusting, false},
		"an agent pushed to it": {change.Change{Author: dependabot, Pushers: []change.Actor{devin},
			Pushes: change.PushesWhole}, trusting, true},
		"another helper did": {change.Change{Author: dependabot, Pushers: []change.Actor{actions},
			Pushes: change.PushesWhole}, trusting, true},
		"nobody knows who did": {change.Change{Author: dependabot, Pushes: change.PushesGap}, trusting, true},
		"a trailer speaks": {change.Change{Author: dependabot,
			Commits: []change.Commit{bump, {Message: "x\n\nMade-with: Cursor"}}}, trusting, true},
		"its name, another id":   {change.Change{Author: change.Actor{Login: "dependabot[bot]", ID: 7, Type: change.Bot}}, trusting, true},
		"presumed, signed":       {change.Change{Author: dependabot, Commits: []change.Commit{bump}}, presuming, false},
		"presumed, not signed":   {change.Change{Author: dependabot, Commits: []change.Commit{unsigned}}, presuming, true},
		"presumed, no commits":   {change.Change{Author: dependabot}, presuming, true},
		"a person's, none of it": {change.Change{Author: ana}, trusting, false},
	} {
		if got := Attribute(&tc.c, tc.o); got.Is != tc.is {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
