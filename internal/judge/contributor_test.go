package judge

import (
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
)

// TestWhomARuleIsFor: a rule that lets somebody's changes be looks at all who had a
// part, and at whose the login was when the rule named it.
func TestWhomARuleIsFor(t *testing.T) {
	const rule = "version: 1\nextends: []\nrules:\n  - { id: docs, title: Docs, for: everyone, paths: [\"docs/**\"], risk: 60, "
	ana, bo := change.Actor{Login: "ana", ID: 1, Type: change.User}, change.Actor{Login: "bo", ID: 2, Type: change.User}
	anna, other := change.Actor{Login: "anna", ID: 1, Type: change.User}, change.Actor{Login: "ana", ID: 9, Type: change.User}
	by := func(who change.Actor, pushers ...change.Actor) change.Change {
		return change.Change{
			Base: "1", Head: "2", BaseRef: "main", Author: who, Pusher: who, Pushers: pushers, Pushes: change.PushesWhole,
			Commits: []change.Commit{{SHA: "2", Author: change.Person{Login: who.Login, ID: who.ID, Type: who.Type}, Verified: true}},
			Files:   []change.File{{Path: "docs/a.md", Status: change.Added}},
			Names:   map[string]int64{"ana": 1, "gone": 0},
		}
	}
	const but = `when: 'change.author.login != "ana"'`
	const only = `when: '["Ana", "cy"].exists(l, l == change.author.login || l == change.pusher.login)'`
	gone := change.Actor{Login: "gone", ID: 7, Type: change.User}
	pushed := func(who, pusher change.Actor) change.Change {
		c := by(who, who, pusher)
		c.Pusher = pusher
		return c
	}
	for name, test := range map[string]struct {
		rule   string
		change change.Change
		is     bool
	}{
		"ana herself":                            {`actors: ["*", "!ana"]`, by(ana), false},
		"ana, and bo pushed to it":               {`actors: ["*", "!ana"]`, by(ana, ana, bo), true},
		"ana, and nobody knows who pushed to it": {`actors: ["*", "!ana"]`, by(ana, change.Actor{Login: "", ID: 0, Type: change.User}), true},
		"another who has the login":              {`actors: ["*", "!ana"]`, by(other), true},
		"who has a login that nobody had":        {`actors: ["*", "!gone"]`, by(gone), true},
		"ana is meant, under another login":      {`actors: [ana]`, by(anna), true},
		"another who has the login of who is":    {`actors: [ana]`, by(other), true},
		"bo is not meant":                        {`actors: [ana]`, by(bo), false},

		"a condition, ana herself":                     {but, by(ana), false},
		"a condition, bo":                              {but, by(bo), true},
		"a condition, another who has the login":       {but, by(other), true},
		"a condition, who has a login that nobody had": {strings.ReplaceAll(but, "ana", "gone"), by(gone), true},
		"a condition, ana under another login":         {strings.ToLower(only), by(anna), true},
		"a condition, who pushed under another login":  {strings.ToLower(only), pushed(bo, anna), true},
		"a condition, bo is not meant":                 {only, by(bo), false},
	} {
		v := Change(rulesOf(t, rule+test.rule+" }\n"), &test.change)
		if got := v.Score >= 60; got != test.is {
			t.Errorf("%s: the rule applies %v, score %d: %+v", name, got, v.Score, v.Findings)
		}
		deployed := Weigh(rulesOf(t, rule+test.rule+" }\n"), &v)
		all := Weigh(rulesOf(t, rule+"actors: [\"*\"] }\n"), &gate.Verdict{Findings: v.Findings, Contributors: v.Contributors})
		if test.is && deployed.Score != all.Score {
			t.Errorf("%s: once it goes out it weighs %d, and %d by itself", name, deployed.Score, all.Score)
		}
	}
}
