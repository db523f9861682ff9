package policy

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/report"
	"github.com/gatehold/gatehold/internal/rulesfile/rulestest"
)

// strictest asks for all of its needs, and covers never says yes wrongly.
func TestNeedsAgainstApprovals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := rulestest.MustParse(t, "needs", "version: 1\nneeds:\n  medium: "+rulestest.DrawNeed(t,
			1)+"\n  high: "+rulestest.DrawNeed(t, 1)+"\n")
		a, b := f.Needs[gate.Medium].Need, f.Needs[gate.High].Need
		if Covers(*a, *b) && !rulestest.MeetsBoth(*a, *b) {
			t.Fatalf("%s is said to be stricter than %s", report.Need(a), report.Need(b))
		}
		both := Strictest(a, b)
		if !rulestest.MeetsBoth(*both, *a) || !rulestest.MeetsBoth(*both, *b) {
			t.Fatalf("%s and %s make %s, which is less", report.Need(a), report.Need(b), report.Need(both))
		}
		if turned := Strictest(b, a); string(encodeNeed(*turned)) != string(encodeNeed(*both)) {
			t.Fatalf("the order matters: %s, %s", report.Need(both), report.Need(turned))
		}
	})
}

func TestSayNeed(t *testing.T) {
	for text, want := range map[string]string{
		"{ approvals: 1 }": "1 approval",
		"{ approvals: 2, from: [\"@b/x\", \"@a\"], via: [passkey, button], expires: 90m, reason: required }": "2 approvals from @a or @b/x by button or passkey with a reason, valid for 1h30m",
		"{ any: [{ approvals: 1, from: [\"@a\"] }, { all: [{ approvals: 1 }, { approvals: 2 }] }] }":         "1 approval from @a or (1 approval and 2 approvals)",
		"{ all: [{ approvals: 1 }, { approvals: 1, from: [\"@a\"] }], expires: 24h }":                        "1 approval, valid for 24h and 1 approval from @a, valid for 24h",
	} {
		f := rulestest.MustParse(t, "need", "version: 1\nneeds: { high: "+text+" }\n")
		if got := report.Need(f.Needs[gate.High].Need); got != want {
			t.Errorf("%s is said as %q, want %q", text, got, want)
		}
	}
}
