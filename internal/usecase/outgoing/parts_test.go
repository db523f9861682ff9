package outgoing

import (
	"testing"

	"github.com/gatehold/gatehold/internal/change"
)

// TestWhoActsInAChain: GitHub's own accounts carry what people decide; who is no
// person acts by itself.
func TestWhoActsInAChain(t *testing.T) {
	for name, tc := range map[string]struct {
		who  change.Actor
		acts bool
	}{
		"a person":        {change.Actor{Login: "ana", ID: 5, Type: change.User}, false},
		"the merge queue": {change.Actor{Login: "github-merge-queue[bot]", ID: 118344674, Type: change.Bot}, false},
		"web-flow":        {change.Actor{Login: "web-flow", ID: 19864447, Type: change.User}, false},
		"dependabot":      {change.Actor{Login: "dependabot[bot]", ID: 49699333, Type: change.Bot}, true},
		"a bot":           {change.Actor{Login: "x[bot]", ID: 9, Type: change.Bot}, true},
		"an organisation": {change.Actor{Login: "acme", ID: 1, Type: change.Organization}, true},
	} {
		if acts(tc.who) != tc.acts {
			t.Errorf("%s: %v", name, !tc.acts)
		}
	}
}
