package policy

import (
	"slices"
	"testing"

	"github.com/gatehold/gatehold/internal/gate"
)

// TestTheFloorNamesTheCommandLine: what names no channel takes any but the
// command line, and a file that may only be stricter cannot add it.
func TestTheFloorNamesTheCommandLine(t *testing.T) {
	sre := []string{"@acme/sre"}
	floor := gate.Need{Approvals: 1, From: sre}
	named := gate.Need{Approvals: 1, From: sre, Via: []string{"button", "cli"}}
	button := gate.Need{Approvals: 1, From: sre, Via: []string{"button"}}
	for name, c := range map[string]struct {
		a, b gate.Need
		want bool
	}{
		"cli instead of any": {named, floor, false}, "button instead of any": {button, floor, true},
		"button instead of either": {button, named, true},
		"any instead of either":    {floor, named, false}, "either of either": {named, named, true}, "any of any": {floor, floor, true},
	} {
		if Covers(c.a, c.b) != c.want {
			t.Errorf("%s: covered is %v", name, !c.want)
		}
	}
	joined := Strictest(&floor, &named)
	choice := gate.Choice{Counted: gate.Counted{By: gate.Actor{ID: 1}, Answer: gate.Approve, Via: gate.ViaCLI, Groups: sre}}
	if joined.Progress([]gate.Choice{choice}, choice.At).Met {
		t.Error("an answer by the command line meets a floor that does not name it")
	}
	for _, c := range []struct{ asked, place, want []string }{
		{nil, []string{"button", "cli"}, []string{"button"}}, {nil, []string{"cli"}, nil}, {[]string{"cli"}, nil, []string{"cli"}},
		{[]string{"button", "cli"}, []string{"cli"}, []string{"cli"}}, {[]string{"button"}, []string{"cli"}, nil},
	} {
		if got := ChannelsBoth(c.asked, c.place); !slices.Equal(got, c.want) {
			t.Errorf("%v within %v are %v, want %v", c.asked, c.place, got, c.want)
		}
	}
}

// TestTheFloorNamesSlack: a file that may only be stricter cannot add the buttons of
// Slack, and a passkey is stricter than they are.
func TestTheFloorNamesSlack(t *testing.T) {
	sre := []string{"@acme/sre"}
	by := func(via ...string) gate.Need { return gate.Need{Approvals: 1, From: sre, Via: via} }
	for name, c := range map[string]struct {
		a, b gate.Need
		want bool
	}{
		"slack instead of any": {by("slack"), by(), false}, "any instead of slack": {by(), by("slack"), false},
		"slack instead of the button": {by("slack"), by("button"), false}, "slack instead of a passkey": {by("slack"), by("passkey"), false},
		"a passkey instead of slack": {by("passkey"), by("slack"), true}, "either instead of slack": {by("passkey", "slack"), by("slack"), true},
		"the button instead of slack": {by("button"), by("slack"), false}, "cli instead of slack": {by("cli"), by("slack"), false},
	} {
		if Covers(c.a, c.b) != c.want {
			t.Errorf("%s: covered is %v", name, !c.want)
		}
	}
	if got := ChannelsBoth(nil, []string{"passkey", "slack"}); !slices.Equal(got, []string{"passkey"}) {
		t.Errorf("narrowing any channel comes to %v", got)
	}
}
