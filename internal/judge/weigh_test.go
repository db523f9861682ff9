package judge

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/policy"
	"github.com/gatehold/gatehold/internal/proptest"
	"github.com/gatehold/gatehold/internal/report"
	"github.com/gatehold/gatehold/internal/rulesfile/rulestest"
)

// What a verdict found weighs under the same rules what it weighed then.
func TestWeighingAnewIsJudging(t *testing.T) {
	proptest.Check(t, func(t *rapid.T, came func(string)) {
		orgText, repoText := rulestest.DrawFile(t, "org"), rulestest.DrawFile(t, "repo")
		r := mustCompile(t, rulestest.MustParse(t, "organisation", orgText), rulestest.MustParse(t, "repository", repoText))
		c := drawChange(t)
		v := Change(r, c)
		w := Weigh(r, &v)
		need, _ := (&judgement{change: c}).ownedNeed(w.Need, &v)
		if w.Score != v.Score || w.Level != v.Level || w.Held != v.Held || w.Waits != (v.Held || v.WouldHold) ||
			report.Need(need) != report.Need(v.Needs) {
			t.Fatalf("weighed %+v, judged %+v\n--- organisation\n%s--- repository\n%s", w, v, orgText, repoText)
		}
		if w.Milder(w) {
			t.Fatalf("%+v is milder than itself", w)
		}
		if w.Waits {
			came("waits")
		}
	}, "waits")
}

func TestWeighingUnderOtherRules(t *testing.T) {
	begin := "version: 1\nextends: [migrations]\nneeds: { high: { approvals: 1 }, critical: { approvals: 2 } }\nrules:\n"
	rules := func(text string) *policy.Rules { return mustCompile(t, nil, rulestest.MustParse(t, "r", begin+text)) }
	drop := "sql/drop-table"
	v := gate.Verdict{
		Agent: gate.Attribution{Is: true, Names: []string{"Fixer"}},
		Findings: []gate.Finding{
			{Rule: "own", Pack: "repository", Risk: 10},
			{Rule: "migrations/sql", Pack: "migrations", Observation: &drop, Risk: 1},
			{Rule: "gone", Pack: "repository", Risk: 100},
			{Rule: "own", Pack: "organisation", Risk: 100},
		},
		Contributors: []gate.Contributor{{Login: "fixer[bot]", Role: "opened it"}, {Login: "web-flow", Role: roleCommitted}},
	}
	own := "  - { id: own, title: Own, paths: [\"**\"], risk: 60"
	sum := Weigh(rules(own+" }\n"), &v)
	alone := Weigh(mustCompile(t, nil,
		rulestest.MustParse(t, "r", "version: 1\nextends: []\nneeds: { high: { approvals: 1 } }\nrules:\n"+own+" }\n")), &v)
	if alone.Score != 60 || alone.Level != gate.High || !alone.Held || sum.Score <= 60 {
		t.Errorf("the rule's risk and the observation's own count, not those on record: %+v, alone %+v", sum, alone)
	}
	for _, c := range []struct {
		text   string
		milder bool
	}{
		{own + " }\n", false},
		{own + ", level: critical }\n", false},
		{own + ", mode: observe }\n", true},
		{own + ", actors: [\"*\", \"!fixer\", \"!fixer[bot]\"] }\n", true},
		{own + ", actors: [\"*\", \"!fixer\"] }\n", false},
		{own + " }\nadjust: { migrations/sql: { mode: observe } }\n", true},
	} {
		if w := Weigh(rules(c.text), &v); w.Milder(sum) != c.milder {
			t.Errorf("%s: %+v, before %+v: milder must be %v", c.text, w, sum, c.milder)
		}
	}
}

func TestReach(t *testing.T) {
	r := policy.EnforcedDefault()
	observations, risk := Reach(r, "migrations/sql", "migrations")
	if !slices.Contains(observations, "sql/drop-table") || risk < 80 {
		t.Errorf("%v, %d", observations, risk)
	}
	if observations, risk := Reach(r, "migrations/files", "migrations"); len(observations) != 0 || risk != 15 {
		t.Errorf("%v, %d", observations, risk)
	}
	if _, risk := Reach(r, "migrations/sql", "repository"); risk != 0 {
		t.Errorf("a rule that is not there reaches %d", risk)
	}
}
