package page

import (
	"github.com/gatehold/gatehold/internal/gate"
)

// matched is one rule with all its findings, as a person reads them.
type matched struct {
	Rule, Pack, Why string
	Risk            int
	Observe         bool
	Findings        []gate.Finding
}

// byRule puts findings under their rules, in the order of the verdict.
func byRule(findings []gate.Finding) []matched {
	var rules []matched
	at := map[[2]string]int{}
	for _, f := range findings {
		key := [2]string{f.Pack, f.Rule}
		i, ok := at[key]
		if !ok {
			i = len(rules)
			at[key] = i
			rules = append(rules, matched{Rule: f.Rule, Pack: f.Pack, Why: f.Why, Risk: f.Risk, Observe: f.Observe})
		}
		rules[i].Findings = append(rules[i].Findings, f)
		rules[i].Risk = max(rules[i].Risk, f.Risk)
	}
	return rules
}
