package report

import (
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
)

func TestACheckThatGitHubDoesNotWaitForSaysSo(t *testing.T) {
	open := &gate.Enforcement{Branch: "main",
		Missing: []string{"The check gatehold is not required: what it holds can be merged. Run gatehold require."}}
	blind := &gate.Enforcement{Branch: "rel`ease\n# x", Unknown: "The App lacks\nmetadata: read."}
	pinned := &gate.Enforcement{Branch: "main", Enforced: true, Bypass: []string{"Owners can bypass it."}}
	one := func(v *gate.Verdict, e *gate.Enforcement) Check {
		return checkRun(Input{Name: "gatehold", HeadSHA: headSHA, Gates: []Gate{{Subject: pull(12), Verdict: v, Enforcement: e}}})
	}
	if c := one(held(), open); !strings.HasSuffix(c.Title, " - not enforced") ||
		!strings.HasPrefix(c.Summary,
			"**Not enforced** on the branch `main`: what this check holds can be merged. The check gatehold is not required") ||
		c.Conclusion != ActionRequired {
		t.Errorf("%q\n%s", c.Title, c.Summary)
	}
	if c := one(held(), blind); strings.Contains(c.Title, "enforced") ||
		!strings.HasPrefix(c.Summary, "**Enforced or not: unknown.** Whether the branch ") || strings.Contains(c.Summary, "\n# x") {
		t.Errorf("%q\n%s", c.Title, c.Summary)
	}
	for name, c := range map[string]Check{"enforced": one(held(), pinned), "not told": one(held(), nil),
		"only watched": one(watching(), open)} {
		if strings.Contains(c.Title, "nforced") || strings.Contains(c.Summary, "nforced") {
			t.Errorf("%s: %q\n%s", name, c.Title, c.Summary)
		}
	}
	if c := one(passed(), open); strings.Contains(c.Title, "enforced") || !strings.HasPrefix(c.Summary, "**Not enforced**") ||
		c.Conclusion != Success {
		t.Errorf("%q\n%s", c.Title, c.Summary)
	}
	both := checkRun(Input{Name: "gatehold", HeadSHA: headSHA, Gates: []Gate{
		{Subject: pull(12), Verdict: held(), Enforcement: open}, {Subject: pull(13), Verdict: passed(), Enforcement: open},
		{Subject: pull(14), Verdict: passed(), Enforcement: blind},
	}})
	if strings.Count(both.Summary, "**Not enforced**") != 1 || strings.Count(both.Summary, "**Enforced or not: unknown.**") != 1 {
		t.Errorf("each branch is told once:\n%s", both.Summary)
	}
}

func TestACheckSaysWhenItWasCompared(t *testing.T) {
	in := Input{Name: "gatehold", HeadSHA: headSHA, Gates: []Gate{{Subject: pull(12), Verdict: held()}}}
	before := checkRun(in)
	in.Compared = time.Date(2026, 3, 4, 10, 20, 31, 0, time.UTC)
	after := checkRun(in)
	if after.Summary != before.Summary+"\nLast compared with GitHub: 2026-03-04 10:20 UTC.\n" || after.Title != before.Title {
		t.Errorf("%s", after.Summary)
	}
}
