package report

import (
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/gate"
)

// What was released before is named, what counts in full is said with its reason,
// and what nobody can name is counted.
func TestWhatIsBroughtIsSaid(t *testing.T) {
	all := func(pulls ...gate.BroughtPull) *gate.Brings {
		return &gate.Brings{Pulls: pulls, Left: []string{"a", "b"}, New: 3}
	}
	many := &gate.Brings{Left: []string{"a"}}
	for n := range 2 * maxBrought {
		many.Pulls = append(many.Pulls, gate.BroughtPull{Number: n + 1})
	}
	for name, tc := range map[string]struct {
		brings *gate.Brings
		want   []string // in this order
	}{
		"nothing":  {nil, nil},
		"released": {all(gate.BroughtPull{Number: 12}, gate.BroughtPull{Number: 14}), []string{"released here before, in #12 and #14: 2 files that nothing else", "New in it: 3 files."}},
		"one counts": {all(gate.BroughtPull{Number: 12}, gate.BroughtPull{Number: 14, Counts: gate.CountsHeld}),
			[]string{"in #12: 2 files", "#14 counts in full: it was merged while it was held."}},
		"all count": {&gate.Brings{Pulls: []gate.BroughtPull{{Number: 14, Counts: gate.CountsDenied}}, New: 1},
			[]string{"brings 1 pull request that went in before, and all of it is counted: 1 file.", "somebody denied it"}},
		"a reason of another version": {all(gate.BroughtPull{Number: 14, Counts: "of tomorrow"}),
			[]string{"brings some of what was released here before: 2 files", "#14 counts in full."}},
		"many": {many, []string{"and #30: 1 file ", "And 30 pull requests that are not named here."}},
	} {
		got := strings.Join(Brings(tc.brings), "\n")
		if tc.want == nil && got != "" {
			t.Errorf("%s: %s", name, got)
		}
		at := 0
		for _, want := range tc.want {
			i := strings.Index(got[at:], want)
			if i < 0 {
				t.Errorf("%s: it does not say %q:\n%s", name, want, got)
				break
			}
			at += i
		}
	}
	for _, why := range []gate.FullWhy{gate.CountsUnjudged, gate.CountsHeld, gate.CountsDenied, gate.CountsOverride, gate.CountsMoreAsked,
		gate.CountsMixed, gate.CountsUnlisted, gate.CountsUnfinal} {
		if countsBecause[why] == "" {
			t.Errorf("%s has no words", why)
		}
	}
}
