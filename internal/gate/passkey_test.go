package gate_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
)

// byPasskey is a gate that one approval by passkey has released.
func byPasskey(t *testing.T) (*stream, gate.Person) {
	t.Helper()
	need := gate.Need{Approvals: 1, From: []string{"@acme/sre"}, Via: []string{gate.ViaPasskey}}
	s := &stream{t: t, at: start}
	s.add(seen("aaaaaaaaaa", "main"))
	s.add(gate.Judged{Covers: s.state.Version, Head: "aaaaaaaaaa", BaseRef: "main", Digest: "d", Verdict: &gate.Verdict{
		Head: "aaaaaaaaaa", Held: true, Needs: &need, Digest: "d", Rules: gate.RulesRef{Digest: "r"}}})
	bo := gate.Person{Actor: gate.Actor{Login: "bo", ID: 2, Type: "User"}, Groups: []string{"@acme/sre", gate.KeyGroup("key of bo")}}
	offered := gate.Offered{By: bo.Actor, Answer: gate.Approve, Via: gate.ViaPasskey, For: s.state.For(), Saw: gate.Sight{Version: s.state.Version}}
	offered.Proof = signed(s, offered)
	s.add(offered)
	s.add(s.state.Count(s.state.Offers[0], bo))
	if !s.state.Released(s.at) {
		t.Fatalf("a yes by passkey does not count: %+v", s.state.Refusals)
	}
	return s, bo
}

func TestAKeyThatIsRevokedTakesItsYesWithIt(t *testing.T) {
	s, bo := byPasskey(t)
	if _, moved := s.state.Unconfirmed([]gate.Person{bo}, 0); moved {
		t.Fatal("nothing has changed, and something is on record of it")
	}
	bo.Groups = []string{"@acme/sre"}
	confirmed, moved := s.state.Unconfirmed([]gate.Person{bo}, 0)
	if !moved {
		t.Fatal("a key is gone, and nobody sees it")
	}
	s.add(confirmed)
	if s.state.Released(s.at) || len(s.state.Voided) != 1 || !strings.Contains(s.state.Voided[0].Why, "passkey") {
		t.Errorf("released %v, voided %+v", s.state.Released(s.at), s.state.Voided)
	}
}

// A passkey is more than a button, and our page no more than one.
func TestChannelsAreRanked(t *testing.T) {
	for _, tc := range []struct {
		need []string
		want []string
	}{
		{nil, []string{gate.ViaButton, gate.ViaPage, gate.ViaPasskey}},
		{[]string{gate.ViaButton}, []string{gate.ViaButton, gate.ViaPage, gate.ViaPasskey}},
		{[]string{gate.ViaPasskey}, []string{gate.ViaPasskey}},
		{[]string{gate.ViaCLI}, []string{gate.ViaCLI}},
		{[]string{gate.ViaCLI, gate.ViaButton}, []string{gate.ViaButton, gate.ViaCLI, gate.ViaPage, gate.ViaPasskey}},
	} {
		var takes []string
		for _, via := range []string{gate.ViaButton, gate.ViaCLI, gate.ViaPage, gate.ViaPasskey} {
			if (gate.Need{Approvals: 1, Via: tc.need}).Takes(via) {
				takes = append(takes, via)
			}
		}
		if !slices.Equal(takes, tc.want) {
			t.Errorf("%v takes %v, not %v", tc.need, takes, tc.want)
		}
	}
}

func FuzzStatement(f *testing.F) {
	f.Add(gate.Statement{V: 1, Act: gate.ActAnswer, By: 2, At: start, Expires: start.Add(time.Minute), Answer: gate.Approve}.Text())
	f.Add(`{"v":2}`)
	f.Fuzz(func(t *testing.T, text string) {
		s, err := gate.ReadStatement(text)
		if err != nil {
			return
		}
		again, err := gate.ReadStatement(s.Text())
		if err != nil || again.Text() != s.Text() {
			t.Errorf("%q is read as %+v, and that as %+v: %v", text, s, again, err)
		}
	})
}
