package gate_test

import (
	"testing"

	"github.com/gatehold/gatehold/internal/gate"
)

// TestSlackHasToBeNamed: what is pressed in Slack counts where the rules name that
// channel and nowhere else, a denial and the end of a freeze as well. A passkey is more.
func TestSlackHasToBeNamed(t *testing.T) {
	sre, slack := []string{"@acme/sre"}, []string{gate.ViaSlack}
	named := gate.Need{Approvals: 1, From: sre, Via: slack}
	for name, c := range map[string]struct {
		need   *gate.Need
		answer gate.Answer
		via    string
		code   string // of the refusal; empty: it counts
	}{
		"named":          {&named, gate.Approve, gate.ViaSlack, ""},
		"a denial":       {&named, gate.Deny, gate.ViaSlack, ""},
		"left out":       {&gate.Need{Approvals: 1, From: sre}, gate.Approve, gate.ViaSlack, "channel"},
		"another named":  {&gate.Need{Approvals: 1, From: sre, Via: []string{"button", "cli", "passkey"}}, gate.Approve, gate.ViaSlack, "channel"},
		"denial unnamed": {&gate.Need{Approvals: 1, From: sre}, gate.Deny, gate.ViaSlack, "channel"},
		"no need":        {nil, gate.Deny, gate.ViaSlack, "no_way"},
		"at once":        {&named, gate.Override, gate.ViaSlack, "channel"},
		"by the button":  {&named, gate.Approve, gate.ViaCLI, "channel"},
		"by the page":    {&named, gate.Approve, gate.ViaPage, "channel"},
		"not of them":    {&gate.Need{Approvals: 1, From: []string{"@acme/dev"}, Via: slack}, gate.Approve, gate.ViaSlack, "not_entitled"},
		"no reason":      {&gate.Need{Approvals: 1, From: sre, Via: slack, Reason: true}, gate.Approve, gate.ViaSlack, "reason"},
	} {
		t.Run(name, func(t *testing.T) {
			s := gate.State{Verdict: &gate.Verdict{Head: "a1", Digest: "d", Held: true, Needs: c.need,
				BreakGlass: &gate.Need{Approvals: 1, From: sre, Via: []string{"passkey"}}}, BaseRef: "main", Wanted: 1, Covered: 1}
			o := gate.Offer{Offered: gate.Offered{By: people[0].Actor, Answer: c.answer, Via: c.via, For: s.For()}, Version: 2, At: start}
			code := ""
			if refused, is := s.Count(o, people[0]).(gate.Refused); is {
				code = refused.Code
			}
			if code != c.code {
				t.Errorf("the code is %q, want %q", code, c.code)
			}
		})
	}
	if !named.Takes(gate.ViaPasskey) {
		t.Error("Slack is enough, and a passkey is not")
	}
}
