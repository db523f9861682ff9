package judge

import (
	"slices"
	"testing"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/policy"
)

// TestAChangeIsJudgedUnderItsOrganisation: the same change of a file is judged
// by what it changes there.
func TestAChangeIsJudgedUnderItsOrganisation(t *testing.T) {
	text := func(s string) change.RulesFile {
		return change.RulesFile{State: change.RulesFound, Name: "x", Text: []byte(s)}
	}
	const before, after = "version: 1\nneeds: { high: { approvals: 2 } }\n", "version: 1\nneeds: { high: { approvals: 1 } }\n"
	const floor = "version: 1\nextends: [default]\nneeds: { high: { approvals: 3 }, critical: { approvals: 3 } }\n"
	for name, c := range map[string]struct {
		repository string
		rules      *policy.Rules
		weaker     bool
	}{
		"alone":              {"acme/shop", policy.Load(change.RulesFile{State: change.RulesAbsent}, text(before)), true},
		"on a stricter one":  {"acme/shop", policy.Load(text(floor), text(before)), false},
		"the organisation's": {"acme/.github", policy.Load(text(before), text(before)), true},
	} {
		v := Change(c.rules, &change.Change{Repository: c.repository, HeadRef: "copilot/fix",
			Author: change.Actor{Login: "Copilot", ID: 198982749, Type: change.Bot},
			Files: []change.File{{Path: policy.FileName, Status: change.Modified, Mode: change.ModeFile, PreviousMode: change.ModeFile,
				Before: change.TextOf(before), After: change.TextOf(after)}}})
		is := slices.ContainsFunc(v.Findings, func(f gate.Finding) bool {
			return f.Observation != nil && *f.Observation == "gateconfig/rules-weakened"
		})
		if is != c.weaker {
			t.Errorf("%s: %+v", name, v.Findings)
		}
	}
}
