package report

import (
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
)

func overrideBy(login, reason string, version uint64) gate.OverrideRecord {
	return gate.OverrideRecord{Choice: gate.Choice{Version: version, At: time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC),
		Counted: gate.Counted{
			By: gate.Actor{Login: login, ID: int64(version), Type: "User"}, Answer: gate.Override, Via: gate.ViaButton, Reason: reason,
		}}}
}

func heldGate(number int) Gate {
	return Gate{Subject: gate.Subject{Kind: gate.PullRequest, Number: number}, Verdict: &gate.Verdict{
		Head: "aaaa", Held: true, Score: 60, Level: gate.High, Reason: "Held.", Mode: "enforce",
		Needs:      &gate.Need{Approvals: 1, From: []string{"@acme/sre"}},
		BreakGlass: &gate.Need{Approvals: 1, From: []string{"@acme/incident"}, Via: []string{"button"}},
	}}
}

func labels(c Check) string {
	var out []string
	for _, a := range c.Actions {
		out = append(out, a.Identifier)
	}
	return strings.Join(out, " ")
}

func checkOf(gates ...Gate) Check {
	return checkRun(Input{Name: "gatehold", HeadSHA: "aaaa", Stream: "check/1/aaaa", Gates: gates, Before: Success})
}

func overridden(g Gate, o gate.OverrideRecord) Gate {
	g.Approvals.Overrides = append(g.Approvals.Overrides, o)
	g.Approvals.Overridden = &o.Choice
	return g
}

func TestTheButtonsOfAReleaseAtOnce(t *testing.T) {
	with := func(edit func(*Gate)) Gate {
		g := heldGate(1)
		edit(&g)
		return g
	}
	closed := overridden(heldGate(2), overrideBy("ana", "", 1))
	closed.Closed = true
	for name, c := range map[string]struct {
		gate Gate
		want string
	}{
		"held":                       {heldGate(1), "approve deny override"},
		"nobody may":                 {with(func(g *Gate) { g.Verdict.BreakGlass = nil }), "approve deny recheck"},
		"a reason, which none gives": {with(func(g *Gate) { g.Verdict.BreakGlass.Reason = true }), "approve deny recheck"},
		"by passkey only":            {with(func(g *Gate) { g.Verdict.BreakGlass.Via = []string{"passkey"} }), "approve deny recheck"},
		"no way but this":            {with(func(g *Gate) { g.Verdict.Needs = nil }), "override recheck"},
		"denied":                     {with(func(g *Gate) { g.Approvals.Denied = &gate.Choice{} }), "approve deny recheck"},
		"released at once":           {overridden(heldGate(1), overrideBy("ana", "", 1)), "deny review recheck"},
		"held again, not reviewed": {with(func(g *Gate) {
			g.Approvals.Overrides = []gate.OverrideRecord{overrideBy("ana", "",
				1)}
		}), "approve deny review"},
		"closed, not reviewed": {closed, "review"},
	} {
		if got := labels(checkOf(c.gate)); got != c.want {
			t.Errorf("%s: the buttons are %q, want %q", name, got, c.want)
		}
	}
	for _, a := range []Action{overrideAction, reviewAction} {
		if len(a.Label) > 20 || len(a.Description) > 40 || len(a.Identifier) > 20 {
			t.Errorf("GitHub refuses %+v", a)
		}
	}
}

func TestAReleaseAtOnceIsLoud(t *testing.T) {
	o := overrideBy("ana", "the shop is down\n## All is well", 1)
	g := overridden(heldGate(1), o)
	c := checkOf(g)
	if c.Conclusion != Success || !strings.HasPrefix(c.Title, "Released at once by @ana (the shop is down") ||
		!strings.Contains(c.Title, "not reviewed yet") || strings.Contains(c.Title, "\n") {
		t.Errorf("%s %q", c.Conclusion, c.Title)
	}
	if !strings.Contains(c.Summary, "### Released at once") || !strings.Contains(c.Summary, "Not reviewed yet") ||
		strings.Contains(c.Summary, "\n## All") {
		t.Errorf("the summary says:\n%s", c.Summary)
	}
	g.Approvals.Overrides[0].Review = &gate.Choice{Counted: gate.Counted{By: gate.Actor{Login: "bo"}, Answer: gate.Review,
		Via: gate.ViaButton}}
	c = checkOf(g)
	if strings.Contains(c.Title, "not reviewed") || !strings.Contains(c.Title, "reviewed by @bo") ||
		!strings.Contains(c.Summary, "Reviewed by `@bo`") || strings.Contains(labels(c), "review") {
		t.Errorf("after the review: %q %s\n%s", c.Title, labels(c), c.Summary)
	}
	// A push voided it: the change is held again, and the override still waits.
	g = heldGate(1)
	g.Approvals.Overrides = []gate.OverrideRecord{o}
	c = checkOf(g)
	if c.Conclusion != ActionRequired || !strings.HasPrefix(c.Title, "Held") ||
		!strings.Contains(c.Title, "released at once by @ana before, not reviewed yet") {
		t.Errorf("%s %q", c.Conclusion, c.Title)
	}
}

// The override of one pull request never lets another with the same head pass.
func TestAClosedGateDecidesNothing(t *testing.T) {
	closed := overridden(heldGate(1), overrideBy("ana", "", 1))
	closed.Closed, closed.Verdict = true, nil
	if c := checkOf(closed); c.Conclusion != Success || !strings.Contains(c.Title, "not reviewed yet") {
		t.Errorf("alone: %s %q", c.Conclusion, c.Title)
	}
	in := Input{HeadSHA: "aaaa", Gates: []Gate{closed}, Before: ActionRequired}
	if c := checkRun(in); c.Conclusion != ActionRequired {
		t.Error("closing made a held check pass")
	}
	c := checkOf(closed, heldGate(2))
	if c.Conclusion != ActionRequired || !strings.HasPrefix(c.Title, "Held") ||
		!strings.Contains(c.Summary, "Released at once (#1)") || labels(c) != "approve deny review" {
		t.Errorf("beside a held one: %s %q %s\n%s", c.Conclusion, c.Title, labels(c), c.Summary)
	}
	if c := checkOf(closed, Gate{Subject: gate.Subject{Number: 3}}); c.Conclusion != ActionRequired {
		t.Errorf("beside one that is not judged: %s", c.Conclusion)
	}
	if c := checkOf(overridden(heldGate(1), overrideBy("ana", "", 1)), heldGate(2)); c.Conclusion != ActionRequired {
		t.Errorf("open beside a held one: %s", c.Conclusion)
	}
}

// TestADenialOutlivesWhatWasHeld: other rules hold nothing of it, and it is held
// all the same until the head is another. The title does not say that it passed.
func TestADenialOutlivesWhatWasHeld(t *testing.T) {
	g := Gate{Subject: pull(12), Verdict: passed(), Standing: gate.IsHeld}
	g.Approvals.Denied = &gate.Choice{Counted: gate.Counted{Answer: gate.Deny, By: gate.Actor{Login: "mira", ID: 1, Type: "User"}}}
	check := CheckRun(Input{HeadSHA: headSHA, Gates: []Gate{g}})
	if check.Conclusion != ActionRequired || !strings.HasPrefix(check.Title, "Denied by @mira") {
		t.Errorf("%s: %q", check.Conclusion, check.Title)
	}
}
