package suggest

import (
	"cmp"
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/judge"
	"github.com/gatehold/gatehold/internal/policy"
)

// ref names a rule as a finding does: ids are unique within a file only.
type ref struct{ id, from string }

// found are the rules that a verdict names, each once, and whether they only
// watched there.
func found(v *gate.Verdict) map[ref]bool {
	out := map[ref]bool{}
	for _, f := range v.Findings {
		r := ref{f.Rule, f.Pack}
		watched, seen := out[r]
		out[r] = f.Observe && (watched || !seen)
	}
	return out
}

// mark says whether a rule found something, and whether it only watched.
func mark(v *gate.Verdict, r ref) (ok, watched bool) {
	for _, f := range v.Findings {
		if f.Rule == r.id && f.Pack == r.from {
			ok, watched = true, f.Observe
			if !watched {
				return true, false
			}
		}
	}
	return ok, watched
}

// names is the question whether a rule found something.
func names(r ref) func(*gate.Verdict) bool {
	return func(v *gate.Verdict) bool {
		ok, _ := mark(v, r)
		return ok
	}
}

// gravest are the rules that weigh most in a verdict, of those that counted.
func gravest(v *gate.Verdict) []ref {
	highest := 0
	for _, f := range v.Findings {
		if !f.Observe {
			highest = max(highest, f.Risk)
		}
	}
	var out []ref
	for _, f := range v.Findings {
		if r := (ref{f.Rule, f.Pack}); !f.Observe && f.Risk == highest && !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	return out
}

// only is a verdict with what one rule found, as if it counted.
func only(v *gate.Verdict, r ref) *gate.Verdict {
	out := *v
	out.Findings, out.Problems, out.Hidden = nil, nil, 0
	for _, f := range v.Findings {
		if f.Rule == r.id && f.Pack == r.from {
			f.Observe = false
			out.Findings = append(out.Findings, f)
		}
	}
	return &out
}

// count adds a change.
func (f *Figures) count(p *past, held, wouldHold bool, denied, overrides bool) {
	f.Found++
	add := func(n *int, yes bool) {
		if yes {
			*n++
		}
	}
	add(&f.Held, held)
	add(&f.WouldHold, wouldHold)
	add(&f.Passed, p.outcome == passed)
	add(&f.Clean, p.clean())
	add(&f.Critical, p.clean() && p.verdict.Level == gate.Critical)
	add(&f.Denied, denied)
	add(&f.Overridden, overrides)
	add(&f.Reverted, p.reverted)
	add(&f.Unreleased, p.outcome == unreleased)
	add(&f.Unmerged, p.outcome == unmerged)
	add(&f.Open, p.outcome == open)
}

func (p *past) acted(answer gate.Answer, about func(*gate.Verdict) bool) bool {
	return slices.ContainsFunc(p.acts, func(a act) bool { return a.answer == answer && a.verdict != nil && about(a.verdict) })
}

// total counts the changes whatever was found in them.
func total(pasts []*past) Figures {
	var f Figures
	any := func(*gate.Verdict) bool { return true }
	for _, p := range pasts {
		f.count(p, p.verdict.Held, p.verdict.WouldHold, p.acted(gate.Deny, any), p.acted(gate.Override, any))
	}
	return f
}

// figures counts the changes for each rule in force, those of more evidence
// first. A rule that only watches would have held what it finds grave enough by
// itself, enforced.
func figures(rules *policy.Rules, enforced func(ref) *policy.Rules, pasts []*past) []RuleFigures {
	by := map[ref]*RuleFigures{}
	for _, in := range rules.Explain().Rules {
		by[ref{in.ID, in.From}] = &RuleFigures{Rule: in.ID, From: in.From, Mode: in.Mode, Agents: map[string]Figures{},
			Repositories: map[string]Figures{}}
	}
	for _, p := range pasts {
		for r, watched := range p.rules() {
			into := by[r]
			if into == nil {
				continue
			}
			about := names(r)
			held, wouldHold := p.verdict.Held && !watched, p.verdict.WouldHold && !watched
			if watched && about(p.verdict) {
				wouldHold = judge.Weigh(enforced(r), only(p.verdict, r)).Waits
			}
			add := func(f Figures) Figures {
				f.count(p, held, wouldHold, p.acted(gate.Deny, about), p.acted(gate.Override, about))
				return f
			}
			into.Figures = add(into.Figures)
			into.Repositories[p.repo] = add(into.Repositories[p.repo])
			for _, name := range p.agents() {
				into.Agents[name] = add(into.Agents[name])
			}
		}
	}
	var out []RuleFigures
	for _, f := range by {
		if f.Figures.Found > 0 {
			out = append(out, *f)
		}
	}
	slices.SortFunc(out, func(a, b RuleFigures) int {
		return cmp.Or(cmp.Compare(b.Figures.Found, a.Figures.Found), strings.Compare(a.Rule, b.Rule), strings.Compare(a.From, b.From))
	})
	return out
}

// rules are those that found something in what the change came to last, or in
// what was denied or overridden of it.
func (p *past) rules() map[ref]bool {
	out := found(p.verdict)
	for _, a := range p.acts {
		if a.verdict == nil {
			continue
		}
		for r, watched := range found(a.verdict) {
			if had, ok := out[r]; !ok || had {
				out[r] = watched
			}
		}
	}
	return out
}

// by reports whether a change went by an agent's name, last or when it was
// denied or overridden.
func (p *past) by(agent string) bool {
	return slices.Contains(p.agents(), agent) ||
		slices.ContainsFunc(p.acts, func(a act) bool { return a.verdict != nil && slices.Contains(a.verdict.Agent.Names, agent) })
}

// agents are the names that a change goes by; a human's has that one.
func (p *past) agents() []string {
	if len(p.verdict.Agent.Names) > 0 {
		return p.verdict.Agent.Names
	}
	if p.verdict.Agent.ByAutomation() {
		return p.verdict.Agent.Automation
	}
	if p.verdict.Agent.Is {
		return []string{"not named"}
	}
	return []string{"human"}
}
