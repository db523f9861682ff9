package judge

import (
	"slices"
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/agent"
	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/rulesfile"
	"github.com/gatehold/gatehold/rules"
)

func helpersChange() *change.Change {
	return &change.Change{
		Author: change.Actor{Login: "dependabot[bot]", ID: 49699333, Type: change.Bot},
		Files: []change.File{{Path: "db/1.sql", Status: change.Added, Before: change.NoText(),
			After: change.TextOf("DROP TABLE users;\n")}},
	}
}

// TestHelpersAreJudged: automation is named and judged, unless the rules say that
// it is no agent; the organisation's file is a floor for that too.
func TestHelpersAreJudged(t *testing.T) {
	const trusting = "version: 1\nextends: [default]\nmode: enforce\nagents: { helpers: [dependabot] }\n"
	const plain = "version: 1\nextends: [default]\nmode: enforce\n"
	const none = "version: 1\nagents: { helpers: [] }\n"
	for name, tc := range map[string]struct {
		org, repo string
		held      bool
	}{
		"not said":                           {"", plain, true},
		"the repository's alone":             {"", trusting, false},
		"another helper":                     {"", strings.Replace(trusting, "dependabot", "renovate", 1), true},
		"the organisation's":                 {trusting, "version: 1\n", false},
		"the organisation does not name it":  {plain, trusting, true},
		"the repository leaves it out":       {trusting, none, true},
		"both":                               {trusting, trusting, false},
		"the organisation's alone, no other": {trusting, "", false},
	} {
		inForce := layered(t, tc.org, tc.repo)
		v := Change(inForce, helpersChange())
		if v.Held != tc.held || v.Agent.Is != tc.held {
			t.Errorf("%s: held %v: %s", name, v.Held, v.Reason)
		}
		if strings.Contains(v.Reason, "Human") || !slices.Equal(v.Agent.Automation, []string{"dependabot"}) {
			t.Errorf("%s: %q, automation %q", name, v.Reason, v.Agent.Automation)
		}
	}
	if layered(t, "", plain).Digest() == layered(t, "", trusting).Digest() {
		t.Error("rules that trust a helper have the digest of those that do not")
	}
	if _, err := rulesfile.Parse(rulesfile.Source{Name: "x", Text: []byte("version: 1\nagents: { helpers: [devin] }\n")}); err == nil ||
		!strings.Contains(err.Error(), "dependabot") {
		t.Errorf("an agent is no helper: %v", err)
	}
}

// TestNothingButAPersonIsAHuman: no verdict calls what is not known to be a
// person's a human change.
func TestNothingButAPersonIsAHuman(t *testing.T) {
	inForce := layered(t, "", "version: 1\nextends: []\nmode: enforce\n")
	for _, a := range []change.Actor{
		{}, {Login: "ghost"}, {Login: "x[bot]", ID: 9, Type: change.Bot}, {Login: "github-actions[bot]", ID: 41898282, Type: change.Bot},
		{Login: "acme", ID: 1, Type: change.Organization}, {Login: "old", ID: 7, Type: change.Mannequin}, {Login: "ana", Type: change.User},
	} {
		v := Change(inForce, &change.Change{Author: a})
		if !v.Agent.Is || strings.Contains(v.Reason, "Human") {
			t.Errorf("%+v: %s", a, v.Reason)
		}
	}
	if v := Change(inForce, &change.Change{Author: change.Actor{Login: "ana", ID: 5, Type: change.User}}); v.Agent.Is ||
		!strings.HasPrefix(v.Reason, "Human change") {
		t.Errorf("a person: %s", v.Reason)
	}
}

// TestPushersHaveAPart: none of those who pushed can release it, GitHub's own
// accounts are nobody.
func TestPushersHaveAPart(t *testing.T) {
	c := helpersChange()
	c.Pushers = []change.Actor{{Login: "bo", ID: 6, Type: change.User}, {Login: "github-merge-queue[bot]", ID: 118344674, Type: change.Bot}}
	c.Commits = []change.Commit{{SHA: "1", Committer: change.Person{Login: "web-flow", ID: 19864447, Type: change.User}}}
	c.Assignees = []change.Actor{{Login: "cy", ID: 8, Type: change.User}}
	c.Pushes = change.PushesWhole
	var got []string
	for _, who := range Change(layered(t, "", "version: 1\nextends: [default]\n"), c).Contributors {
		got = append(got, who.Login+" "+who.Role)
	}
	if want := []string{"dependabot[bot] opened it", "bo pushed to it"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	c.Author = change.Actor{Login: "devin-ai-integration[bot]", ID: 158243242, Type: change.Bot}
	if got := Change(layered(t, "", "version: 1\nextends: [default]\n"), c).Contributors; !slices.ContainsFunc(got,
		func(w gate.Contributor) bool { return w.Login == "cy" }) {
		t.Errorf("whoever was assigned to an agent's work had it made: %+v", got)
	}
}

func TestHelperNamesAreInTheSchema(t *testing.T) {
	want := `"enum": ["` + strings.Join(agent.HelperNames(), `", "`) + `"]`
	if !strings.Contains(string(rules.Schema), want) {
		t.Errorf("rules/schema.json lacks %s", want)
	}
}
