// Package trial tries rules: a case, a change and what has to come of it, is judged
// as the gate would, and compared.
package trial

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/judge"
	"github.com/gatehold/gatehold/internal/policy"
	"github.com/gatehold/gatehold/internal/report"
	"github.com/gatehold/gatehold/internal/rulesfile"
	"github.com/gatehold/gatehold/internal/words"
)

// Outcome is what came of a case.
type Outcome struct {
	Name        string        `json:"name"`
	File        string        `json:"file"`
	Line        int           `json:"line"`
	Passed      bool          `json:"passed"`
	Differences []string      `json:"differences,omitempty"`
	Verdict     *gate.Verdict `json:"verdict"`
}

// SayNeed puts a need into the words that a case expects: "1 approval from
// @acme/sre by passkey", or "none".
func SayNeed(n *gate.Need) string {
	if n == nil {
		return "none"
	}
	return report.Need(n)
}

// Try judges a case as the gate would, with the texts that the gate would read,
// and compares.
func Try(r *policy.Rules, c *rulesfile.Case) Outcome {
	seen := c.Change
	seen.Files = slices.Clone(c.Change.Files)
	for i := range seen.Files {
		if f := &seen.Files[i]; !r.Wants(f) {
			f.Before, f.After = unread(f.Before), unread(f.After)
		}
	}
	if seen.Owners.State == change.RulesUnknown { // the case says nothing of it
		seen.Owners.State = change.RulesAbsent
	}
	v := judge.Change(r, &seen)
	t := &trial{rules: r, verdict: &v, expect: &c.Expect}
	t.outcome()
	t.matched()
	t.attribution()
	return Outcome{Name: c.Name, File: c.File, Line: c.Line, Passed: len(t.said) == 0, Differences: t.said, Verdict: &v}
}

// unread is a text that nobody asked for.
func unread(t change.Text) change.Text {
	if t.State == change.Absent {
		return t
	}
	return change.Text{}
}

// trial compares a verdict with what was expected.
type trial struct {
	rules   *policy.Rules
	verdict *gate.Verdict
	expect  *rulesfile.Expectation
	said    []string
}

func (t *trial) say(format string, args ...any) {
	t.said = append(t.said, fmt.Sprintf(format, args...))
}

func (t *trial) outcome() {
	v, e := t.verdict, t.expect
	if e.Held != nil && *e.Held != v.Held {
		t.say("want %s, got %s%s", heldWord(*e.Held), judge.SayOutcome(v), t.found())
	}
	if e.WouldHold != nil && *e.WouldHold != v.WouldHold {
		want := "that only `mode: observe` lets it pass"
		if !*e.WouldHold {
			want = "that it is not held by `mode: observe` alone"
		}
		t.say("want %s, got %s%s", want, judge.SayOutcome(v), t.found())
	}
	if e.Level != "" && e.Level != v.Level {
		t.say("want %s risk, got %s%s", e.Level, judge.SayOutcome(v), t.found())
	}
	if s := e.Score; s != nil && (v.Score < s.Min || v.Score > s.Max) {
		t.say("want %s, got %s%s", s, judge.SayOutcome(v), t.found())
	}
	if e.Needs != "" && e.Needs != SayNeed(v.Needs) {
		t.say("want it to need %q, got %q", e.Needs, SayNeed(v.Needs))
	}
	for _, p := range v.Problems {
		if !slices.Contains(e.Problems, p.Code) {
			t.say("it was not judged for certain (%s): %s", p.Code, p.Text)
		}
	}
	for _, code := range e.Problems {
		if !slices.ContainsFunc(v.Problems, func(p gate.Problem) bool { return p.Code == code }) {
			t.say("want the problem %s, got none of that code", code)
		}
	}
}

func heldWord(held bool) string {
	if held {
		return "held"
	}
	return "not held"
}

// found sums up the findings, for whoever wonders why.
func (t *trial) found() string {
	var said []string
	for _, f := range t.verdict.Findings {
		note := fmt.Sprintf("%s (risk %d)", f.Rule, f.Risk)
		if f.Observation != nil {
			note = fmt.Sprintf("%s (%s, risk %d)", f.Rule, *f.Observation, f.Risk)
		}
		if f.Observe {
			note += " only watched"
		}
		if !slices.Contains(said, note) {
			said = append(said, note)
		}
	}
	if len(said) == 0 {
		return "; no findings"
	}
	text := "; findings: " + strings.Join(said[:min(len(said), 10)], ", ")
	if n := len(said) - 10; n > 0 {
		text += fmt.Sprintf(" and %d more", n)
	}
	return text
}

// matched compares which rules matched and what was observed.
func (t *trial) matched() {
	rules, observations := map[string]bool{}, map[string]bool{}
	for _, f := range t.verdict.Findings {
		rules[f.Rule] = true
		if f.Observation != nil {
			observations[*f.Observation] = true
		}
	}
	for _, id := range t.expect.Rules {
		if t.known(id) && !rules[id] {
			t.say("want the rule %s to match, and it did not%s", id, t.found())
		}
	}
	for _, id := range t.expect.NoRules {
		if t.known(id) && rules[id] {
			t.say("want the rule %s not to match, and it did: %s", id, t.message(func(f gate.Finding) bool { return f.Rule == id }))
		}
	}
	for _, id := range t.expect.Observations {
		if !observations[id] {
			t.say("want %s to be observed, and it was not%s", id, t.found())
		}
	}
	for _, id := range t.expect.NoObservations {
		if observations[id] {
			seen := func(f gate.Finding) bool { return f.Observation != nil && *f.Observation == id }
			t.say("want %s not to be observed, and it was: %s", id, t.message(seen))
		}
	}
	if n := t.verdict.Hidden; n > 0 &&
		len(t.expect.Rules)+len(t.expect.NoRules)+len(t.expect.Observations)+len(t.expect.NoObservations) > 0 {
		t.say("%s are not listed, so what matched is not known for certain: make the case's change smaller", words.Plural(n, "finding"))
	}
}

// known refuses a rule that is not in force: a case about it could never fail.
func (t *trial) known(id string) bool {
	ids := []string{"unreadable"}
	for _, r := range t.rules.Active {
		ids = append(ids, r.FullID)
	}
	if slices.Contains(ids, id) {
		return true
	}
	t.say("no rule %q is in force%s", id, words.DidYouMean(id, ids))
	return false
}

func (t *trial) message(which func(gate.Finding) bool) string {
	if i := slices.IndexFunc(t.verdict.Findings, which); i >= 0 {
		return t.verdict.Findings[i].Message
	}
	return ""
}

func (t *trial) attribution() {
	a := t.verdict.Agent
	if want := t.expect.Agent; want != nil && *want != a.Is {
		word := "a human's"
		if *want {
			word = "an agent's"
		}
		t.say("want %s change, got %s", word, sayAttribution(a))
	}
	if want := t.expect.Strength; want != "" && want != a.Strength {
		t.say("want evidence that is %s, got %s", want, sayAttribution(a))
	}
}

func sayAttribution(a gate.Attribution) string {
	text := "that nothing points to an agent"
	switch {
	case a.ByAutomation():
		text = "automation's: " + words.List(a.Automation, "and")
	case a.Presumed:
		text = "that it is presumed an agent's"
	case a.Is:
		text = "an agent's: " + words.List(a.Names, "and")
	}
	if a.Strength != gate.None {
		text += ", evidence " + string(a.Strength)
	}
	for _, e := range a.Evidence[:min(len(a.Evidence), 3)] {
		text += fmt.Sprintf("; %s %s %q", e.Strength, e.Kind, words.Clip(e.Text))
	}
	return text
}
