package gate_test

import (
	"testing"

	"github.com/gatehold/gatehold/internal/gate"
)

// TestTheCommandLineHasToBeNamed: an answer by the command line counts where
// the rules name that channel, and a denial everywhere.
func TestTheCommandLineHasToBeNamed(t *testing.T) {
	sre := []string{"@acme/sre"}
	for name, c := range map[string]struct {
		need   gate.Need
		answer gate.Answer
		code   string // of the refusal; empty: it counts
	}{
		"named":         {gate.Need{Approvals: 1, From: sre, Via: []string{"button", "cli"}}, gate.Approve, ""},
		"not named":     {gate.Need{Approvals: 1, From: sre}, gate.Approve, "channel"},
		"another named": {gate.Need{Approvals: 1, From: sre, Via: []string{"button"}}, gate.Approve, "channel"},
		"named elsewhere": {gate.Need{All: []gate.Need{{Approvals: 1, From: sre},
			{Approvals: 1, From: []string{"@acme/dev"}, Via: []string{"cli"}}}}, gate.Approve, "channel"},
		"no reason":   {gate.Need{Approvals: 1, From: sre, Via: []string{"cli"}, Reason: true}, gate.Approve, "reason"},
		"not of them": {gate.Need{Approvals: 1, From: []string{"@acme/dev"}, Via: []string{"cli"}}, gate.Approve, "not_entitled"},
		"denial":      {gate.Need{Approvals: 1, From: sre}, gate.Deny, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := gate.State{Verdict: &gate.Verdict{Head: "a1", Digest: "d", Held: true, Needs: &c.need}, BaseRef: "main",
				Wanted: 1, Covered: 1}
			o := gate.Offer{Offered: gate.Offered{By: people[0].Actor, Answer: c.answer, Via: gate.ViaCLI, For: s.For()},
				Version: 2, At: start}
			code := ""
			if refused, is := s.Count(o, people[0]).(gate.Refused); is {
				code = refused.Code
			}
			if code != c.code {
				t.Errorf("the code is %q, want %q", code, c.code)
			}
		})
	}
}
