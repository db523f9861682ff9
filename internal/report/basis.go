package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/words"
)

// grouped is the findings by rule, the riskiest rule first.
func grouped(findings []gate.Finding) [][]gate.Finding {
	at := map[string]int{}
	var out [][]gate.Finding
	for _, f := range findings {
		i, ok := at[f.Rule]
		if !ok {
			i = len(out)
			at[f.Rule] = i
			out = append(out, nil)
		}
		out[i] = append(out[i], f)
	}
	slices.SortStableFunc(out, func(a, b []gate.Finding) int {
		return cmp.Or(cmp.Compare(watched(a[0]), watched(b[0])), cmp.Compare(risk(b), risk(a)), cmp.Compare(a[0].Rule, b[0].Rule))
	})
	return out
}

func watched(f gate.Finding) int {
	if f.Observe {
		return 1
	}
	return 0
}

// risk is that of a rule that matched: its highest, should places differ.
func risk(group []gate.Finding) int {
	most := 0
	for _, f := range group {
		most = max(most, f.Risk)
	}
	return most
}

// strengthWords say what a piece of evidence is worth.
var strengthWords = map[gate.Strength]string{
	gate.Verified:  "verified by GitHub",
	gate.Declared:  "the change says so itself",
	gate.Suspected: "suspected",
}

var kindWords = map[string]string{
	"login": "account", gate.KindAutomation: "account", "app": "App", "email": "git identity", "name": "git name",
	"trailer": "trailer", "branch": "branch", "body": "text", "message": "commit message", "label": "label",
}

func (p *page) attribution(v *gate.Verdict) {
	a := v.Agent
	p.heading("Who wrote it")
	switch {
	case a.ByAutomation():
		p.line("- Known automation, which is judged like an agent unless the rules say otherwise.")
	case len(a.Unknown) > 0 && len(a.Names) == 0:
		p.line("- Counts as an agent's: it is not known that a person made it.")
	case a.Presumed:
		p.line("- Presumed an agent's: nothing proves that a human made it, and the rules ask for that proof.")
	case a.Is:
		p.line("- An agent: %s", words.List(agents(a, func(s string) string { return code(s, 60) }), "and"))
	case a.Signed != "":
		p.line("- Signed as theirs by @%s, passkey. Nothing points to an agent.", prose(a.Signed, 60))
	default:
		p.line("- Nothing points to an agent. That proves nothing by itself: an agent can leave no trace.")
	}
	for _, text := range a.Unknown[:min(len(a.Unknown), maxEvidence)] {
		p.line("  - %s", prose(text, 200))
	}
	for _, e := range a.Evidence[:min(len(a.Evidence), maxEvidence)] {
		kind := kindWords[e.Kind]
		if kind == "" {
			kind = "sign"
		}
		word := strengthWords[e.Strength]
		if e.Strength == gate.Suspected {
			word = "suspected from"
		}
		at := ""
		if e.Commit != "" {
			at = " in commit " + code(words.Short(e.Commit), 12)
		}
		p.line("  - %s: %s %s%s", word, kind, code(e.Text, 200), at)
	}
	if n := len(a.Evidence) - maxEvidence; n > 0 {
		p.line("  - and %s", words.Plural(n, "more sign"))
	}
	if len(a.Instigators) > 0 {
		p.line("- On behalf of%s", strings.TrimPrefix(except(a.Instigators), ":"))
	}
	if len(a.Automation) > 0 {
		bots := make([]string, 0, maxPlaces)
		for _, bot := range a.Automation[:min(len(a.Automation), maxPlaces)] {
			bots = append(bots, code(bot, 60))
		}
		p.line("- Automation that is no coding agent took part: %s", words.List(bots, "and"))
	}
}

// agents names the agents of a change, each with what is known of it: that one
// is verified says nothing of another.
func agents(a gate.Attribution, name func(string) string) []string {
	out := make([]string, 0, maxPlaces)
	for _, agent := range a.Names[:min(len(a.Names), maxPlaces)] {
		best := gate.Suspected
		for _, e := range a.Evidence {
			if e.Agent == agent && e.Strength.Rank() > best.Rank() {
				best = e.Strength
			}
		}
		out = append(out, name(agent)+" ("+strengthWords[best]+")")
	}
	if n := len(a.Names) - maxPlaces; n > 0 {
		out = append(out, fmt.Sprintf("%d more", n))
	}
	return out
}

func (p *page) score(v *gate.Verdict) {
	p.heading("How it was scored")
	p.line("- Score %d of 100: %s", v.Score, prose(string(v.Level), 20))
	parts, left, gravest := []string{}, 0, 0
	for _, group := range grouped(v.Findings) {
		if !group[0].Observe {
			gravest = max(gravest, risk(group))
		}
		switch {
		case group[0].Observe:
		case len(parts) >= maxRules/2:
			left++
		default:
			parts = append(parts, fmt.Sprintf("%s %d", code(group[0].Rule, 80), risk(group)))
		}
	}
	if left > 0 {
		parts = append(parts, words.Plural(left, "more rule"))
	}
	if len(parts) > 0 {
		p.line("- From the risk of each rule that matched, counted once: %s", words.List(parts, "and"))
		p.line("- Put together as 100 × (1 - product of (1 - risk / 100)): order plays no part, and nothing lowers it.")
	}
	if gravest > 0 && gravest < gate.GraveFrom && v.Score >= gate.GraveFrom {
		p.line("- None of them is %d or more: together they stop below high, however many they are.", gate.GraveFrom)
	}
	for _, f := range v.Findings {
		if f.Level == v.Level && !f.Observe {
			p.line("- The rule %s sets the level to %s at least.", code(f.Rule, 80), prose(string(f.Level), 20))
			break
		}
	}
}

func (p *page) rules(v *gate.Verdict) {
	p.heading("By which rules")
	if v.Rules.Builtin {
		p.line("- No rules file: the built-in default only watches. Put `.github/gatehold.yml` into the repository, or into " +
			"the organisation's `.github` repository, to have changes held.")
	} else if v.Mode == "observe" {
		p.line("- The rules only watch (`mode: observe`): they record and show, and hold nothing.")
	}
	sources := make([]string, 0, maxPlaces)
	for _, s := range v.Rules.Sources[:min(len(v.Rules.Sources), maxPlaces)] {
		sources = append(sources, code(s, 160))
	}
	if len(sources) > 0 {
		p.line("- From %s, never from the change itself", words.List(sources, "and"))
	}
	p.line("- Rules %s, verdict %s", code(digest(v.Rules.Digest), 20), code(digest(v.Digest), 20))
}

func digest(s string) string { return s[:min(len(s), 12)] }
