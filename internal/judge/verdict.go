package judge

import (
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/detect/redact"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/policy"
	"github.com/gatehold/gatehold/internal/report"
	"github.com/gatehold/gatehold/internal/rulesfile"
	"github.com/gatehold/gatehold/internal/words"
)

// verdict sums up what was found.
func (j *judgement) verdict() gate.Verdict {
	r := j.rules
	j.found.trim()
	v := gate.Verdict{
		ID: j.change.ID, Repository: j.change.Repository, Number: j.change.Number, Base: j.change.Base, Head: j.change.Head,
		Agent: j.attribution, Mode: string(r.Mode()), Findings: j.found.kept, Hidden: j.found.hidden,
		Rules: r.Ref(), Read: j.read(), Beyond: j.found.beyond(), Tell: r.Tell(),
	}
	v.Problems = append(v.Problems, r.Problems...)
	v.Problems = append(v.Problems, j.incomplete()...)
	v.Problems = append(v.Problems, j.problems...)
	v.Notes = j.notes
	v.Score, v.Level = j.score()
	v.Agent.Owners = r.Owners(j.attribution)
	v.Contributors, v.Excluded = contributors(j.change, j.attribution), r.Excluded(j.attribution)
	need, problem := j.ownedNeed(j.need(v.Level, len(v.Problems) > 0), &v)
	if problem != nil {
		v.Problems = append(v.Problems, *problem)
		need, _ = j.ownedNeed(j.need(v.Level, true), &v)
	}
	if need != nil || len(v.Problems) > 0 {
		v.Needs = need
		v.Held = r.Mode() == rulesfile.Enforce
		v.WouldHold = !v.Held
	}
	if v.Held {
		v.BreakGlass = r.BreakGlass().Need()
	}
	v.Reason = j.reason(&v)
	if j.owners != nil && problem == nil && (v.Held || v.WouldHold) {
		v.Reason = strings.TrimSpace(v.Reason + " " + j.owners.say())
	}
	if len(v.Problems) == 0 {
		v.FindingsDigest = j.found.same.digest()
	}
	fillLists(&v)
	v.Brings = j.brings
	v.Intent = j.intent()
	j.seal(&v)
	v.Proposed = withoutSecrets(j.proposed)
	return v
}

// fillLists makes absent lists empty ones: a verdict is JSON, where a list is a list.
func fillLists(v *gate.Verdict) {
	if v.Findings == nil {
		v.Findings = []gate.Finding{}
	}
	if v.Agent.Names == nil {
		v.Agent.Names = []string{}
	}
	if v.Agent.Evidence == nil {
		v.Agent.Evidence = []gate.Evidence{}
	}
	if v.Agent.Instigators == nil {
		v.Agent.Instigators = []string{}
	}
}

// score is 100 * (1 - product(1 - risk/100)) over the rules that matched, each
// once at its highest risk, and the level that follows.
func (j *judgement) score() (int, gate.Level) {
	var risks []int
	level := gate.Low
	for i, rule := range j.rules.Active {
		if j.risk[i] == 0 || rule.Observe {
			continue
		}
		risks = append(risks, j.risk[i])
		level = level.Max(rule.Level)
	}
	if j.unreadRisk > 0 {
		risks = append(risks, j.unreadRisk)
	}
	score := scoreOf(risks)
	return score, level.Max(levelOf(score))
}

// scoreOf computes in whole numbers, so that neither order nor rounding of a
// machine changes it.
func scoreOf(risks []int) int {
	rest, whole := big.NewInt(1), big.NewInt(1)
	hundred := big.NewInt(100)
	for _, risk := range risks {
		rest.Mul(rest, big.NewInt(int64(100-risk)))
		whole.Mul(whole, hundred)
	}
	// round(100 * (whole - rest) / whole), halves up
	sum := new(big.Int).Sub(whole, rest)
	sum.Mul(sum, big.NewInt(200)).Add(sum, whole)
	score := int(sum.Div(sum, whole.Mul(whole, big.NewInt(2))).Int64())
	if score >= HighFrom && slices.Max(risks) < gate.GraveFrom {
		return HighFrom - 1
	}
	return score
}

// The least score of each level above low.
const (
	MediumFrom   = 20
	HighFrom     = 50
	CriticalFrom = 80
)

func levelOf(score int) gate.Level {
	switch {
	case score >= CriticalFrom:
		return gate.Critical
	case score >= HighFrom:
		return gate.High
	case score >= MediumFrom:
		return gate.Medium
	}
	return gate.Low
}

// need is what releases the change, or nil where nothing holds it: the need of
// its level and of each rule that matched, and for a change that was not judged
// whole, what such a change needs.
func (j *judgement) need(level gate.Level, incomplete bool) *gate.Need {
	var needs []*gate.Need
	counted := j.attribution.Is || j.unreadRisk > 0
	for i, rule := range j.rules.Active {
		if j.risk[i] == 0 || rule.Observe {
			continue
		}
		counted = true
		needs = append(needs, rule.Need)
		if rule.NeedOf != "" {
			needs = append(needs, j.rules.Needs[rule.NeedOf.Rank()])
		}
	}
	if counted {
		needs = append(needs, j.rules.Needs[level.Rank()])
	}
	if incomplete {
		needs = append(needs, j.rules.Incomplete)
	}
	return policy.Strictest(needs...)
}

// reason is one sentence: why the change passes, or why it waits.
func (j *judgement) reason(v *gate.Verdict) string {
	observes := "The rules only observe"
	if j.rules.Builtin {
		observes = "There is no rules file, and the built-in default only observes"
	}
	switch {
	case len(v.Problems) > 0 && v.Problems[0].Code == proposedInvalid && v.Held:
		return "Held: " + v.Problems[0].Text
	case len(v.Problems) > 0 && v.Problems[0].Code == proposedInvalid:
		return observes + "; enforced, it would be held: " + v.Problems[0].Text
	case len(v.Problems) > 0 && v.Held:
		return "Held because it could not be judged for certain: " + v.Problems[0].Text
	case len(v.Problems) > 0:
		return observes + "; enforced, it would be held because it could not be judged for certain: " + v.Problems[0].Text
	case v.Held:
		return fmt.Sprintf("Held: %s risk, score %d; needs %s.", v.Level, v.Score, report.Need(v.Needs))
	case v.WouldHold:
		return fmt.Sprintf("%s; enforced, it would be held: %s risk, score %d, needs %s.", observes, v.Level, v.Score, report.Need(v.Needs))
	case !v.Agent.Is && len(v.Agent.Evidence) == 0 && v.Score == 0:
		return "Human change: nothing points to an agent, and no rule for everyone matched."
	case !v.Agent.Is && v.Score == 0:
		return whose(v.Agent) + ": no rule for everyone matched."
	case !v.Agent.Is:
		return fmt.Sprintf("%s: what the rules for everyone found is of %s risk (score %d), which needs no approval.",
			whose(v.Agent), v.Level, v.Score)
	case v.Score == 0:
		return whose(v.Agent) + ", and no rule matched."
	}
	return fmt.Sprintf("%s of %s risk (score %d), which needs no approval.", whose(v.Agent), v.Level, v.Score)
}

// whose says whose change it is, as the beginning of a sentence.
func whose(a gate.Attribution) string {
	switch {
	case a.ByAutomation() && !a.Is:
		return "Automation's change (" + redact.Quote(words.Clip(words.List(a.Automation, "and"))) + "), which the rules take for no agent's"
	case a.ByAutomation():
		return "Automation's change (" + redact.Quote(words.Clip(words.List(a.Automation, "and"))) + ")"
	case len(a.Unknown) > 0 && len(a.Names) == 0:
		return "Change that is not known to be a person's"
	case a.Is:
		return "Agent's change"
	}
	return "Human change"
}
