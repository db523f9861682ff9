package report

import (
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/gate"
)

func TestACheckOfNoLaneSaysSo(t *testing.T) {
	g := Gate{Subject: gate.Subject{Kind: gate.PullRequest, Number: 7}, Standing: gate.IsPassed,
		Verdict: &gate.Verdict{Head: "h1", Mode: "enforce", Level: gate.Low}, Base: "stage"}
	check := CheckRun(Input{Name: gate.NoLane.Check(), HeadSHA: "h1", Gates: []Gate{g}})
	if !strings.HasSuffix(check.Title, " - no lane, counts nowhere") ||
		!strings.Contains(check.Summary, "The branch `stage` is neither the default branch nor a protected one") {
		t.Errorf("%q\n%s", check.Title, check.Summary)
	}
	check = CheckRun(Input{Name: "gatehold", HeadSHA: "h1", Gates: []Gate{g}})
	if strings.Contains(check.Title+check.Summary, "lane") {
		t.Errorf("%q\n%s", check.Title, check.Summary)
	}
}

func TestACheckThatIsTakenBackSaysWhatItWasFor(t *testing.T) {
	check := CheckRun(Input{Name: "gatehold: release/**", HeadSHA: "h1", Before: Success, TakenBack: true,
		Left: []string{"release/1`", "x"}})
	if check.Conclusion != ActionRequired || !strings.HasPrefix(check.Title, "Held: ") ||
		!strings.Contains(check.Summary, "was said for") || !strings.Contains(check.Summary, "`x`") {
		t.Errorf("%s %q\n%s", check.Conclusion, check.Title, check.Summary)
	}
}
