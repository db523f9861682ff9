package judge

import (
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/catalog"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/policy"
	"github.com/gatehold/gatehold/internal/rulesfile"
)

// Weight is what rules come to for findings that are on record.
type Weight struct {
	Score int
	Level gate.Level
	Need  *gate.Need // nil: nothing is asked; `codeowners` stands as it is written
	// Waits is true where somebody would have to approve; in observe mode too,
	// where nothing is held.
	Waits bool
	Held  bool
}

// Weigh says what these rules would have come to, had they found what a verdict
// on record shows. Each finding counts by the rule of its id as it is in force
// now, at the risk that it has now; one whose rule is gone counts for nothing.
// It finds nothing new: a rule that looks wider than it did is not asked again,
// and findings beyond a verdict's bound are not known.
func Weigh(r *policy.Rules, v *gate.Verdict) Weight {
	j := &judgement{rules: r, attribution: v.Agent, risk: make([]int, len(r.Active))}
	unread := map[place]int{} // what no rule counts in earnest, and its own risk
	known := map[place]bool{} // of what that is on record
	for i := range v.Findings {
		if f := &v.Findings[i]; f.Pack == builtinPack {
			j.unreadRisk, known[place{observationOf(*f), f.Path}] = max(j.unreadRisk, f.Risk), true
		} else {
			j.weigh(v, f, unread)
		}
	}
	for at, risk := range unread {
		if !known[at] {
			j.unreadRisk = max(j.unreadRisk, risk)
		}
	}
	incomplete := len(v.Problems) > 0
	w := Weight{}
	w.Score, w.Level = j.score()
	w.Need = j.need(w.Level, incomplete)
	w.Waits = w.Need != nil || incomplete
	w.Held = w.Waits && r.Mode() == rulesfile.Enforce
	return w
}

// place is where something was that could not be read.
type place struct{ id, path string }

func (j *judgement) weigh(v *gate.Verdict, f *gate.Finding, unread map[place]int) {
	rule := rule(j.rules, f.Rule, f.Pack)
	if rule == nil || !rule.Everyone && !v.Agent.Is || !meantFor(rule, v) {
		return
	}
	own := f.Risk
	id := observationOf(*f)
	if id != "" {
		if rule.Detect != nil && !rule.Detect.Match(id) {
			return
		}
		own = riskOf(j.rules, id, f.Risk)
		if unreadable(id) { // what a reader gave up at may have been graver
			own = max(own, min(f.Risk, largeRisk))
		}
	}
	risk := rule.Risk
	if risk == 0 {
		risk = own
	}
	risk = max(risk, rule.Floor)
	j.risk[rule.Index] = max(j.risk[rule.Index], risk)
	if at := (place{id, f.Path}); unreadable(id) { // as in observe
		if before, ok := unread[at]; !rule.Observe && risk >= own {
			unread[at] = 0
		} else if !ok || before > 0 {
			unread[at] = own
		}
	}
}

// unreadable reports whether an observation is of what nobody could read, which
// counts whether or not a rule asks about it.
func unreadable(id string) bool {
	return strings.HasSuffix(id, "/unreadable") && catalog.Namespace(id) != "intent"
}

// meantFor reports whether one of those who made a change is among the rule's
// actors, as far as the verdict tells.
func meantFor(a *policy.ActiveRule, v *gate.Verdict) bool {
	if len(a.Actors) == 0 || len(v.Contributors) == 0 {
		return true
	}
	if len(v.Agent.Unknown) > 0 && anyOf(a.Actors, []string{unknown}) {
		return true
	}
	return anyOf(a.Actors, v.Agent.Names) || slices.ContainsFunc(v.Contributors, func(c gate.Contributor) bool {
		return c.Role != roleCommitted && c.Role != roleInstigated && c.Login != "" && anyOf(a.Actors, append([]string{c.Login}, c.Known...))
	})
}

// rule finds a rule by its id and what it is from, as a finding names it.
func rule(r *policy.Rules, id, from string) *policy.ActiveRule {
	i := slices.IndexFunc(r.Active, func(a *policy.ActiveRule) bool { return a.FullID == id && a.Pack == from })
	if i < 0 {
		return nil
	}
	return r.Active[i]
}

// riskOf is an observation's own risk; one that is not known any more keeps
// that of its finding.
func riskOf(r *policy.Rules, id string, found int) int {
	i, ok := slices.BinarySearchFunc(r.Registry.Kinds, id, func(k *detect.Kind, id string) int { return strings.Compare(k.ID, id) })
	if !ok {
		return found
	}
	return min(max(r.Registry.Kinds[i].Risk, 1), 100)
}

// Reach is what a rule in force can come upon: the observations that it names,
// and the highest risk that they have of themselves or by the rule.
func Reach(r *policy.Rules, id, from string) (observations []string, risk int) {
	rule := rule(r, id, from)
	if rule == nil {
		return nil, 0
	}
	risk = max(rule.Risk, rule.Floor)
	for _, k := range r.Registry.Kinds {
		if rule.Detect.Match(k.ID) {
			observations, risk = append(observations, k.ID), max(risk, k.Risk)
		}
	}
	return observations, risk
}

// Milder reports whether a weight asks for less than another in any way: a
// lower level or score, or a need that the other's does not follow from.
func (w Weight) Milder(than Weight) bool {
	switch {
	case w.Score < than.Score, w.Level.Rank() < than.Level.Rank(), than.Waits && !w.Waits, than.Held && !w.Held:
		return true
	case than.Need == nil:
		return false
	}
	return w.Need == nil || !policy.Covers(*w.Need, *than.Need)
}
