package account_test

import (
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/gate/account"
)

// A link counts once both sides have said so; an account has one in a workspace, and a
// member is of one account; what has run out or was removed is worth nothing.
func TestLinks(t *testing.T) {
	start := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	u1, u2 := gate.SlackUser{Team: "T1", User: "U1"}, gate.SlackUser{Team: "T1", User: "U2"}
	ana, bo := gate.Actor{ID: 1, Login: "ana"}, gate.Actor{ID: 2, Login: "bo"}
	linking := func(nonce string, of gate.SlackUser, by gate.Actor) gate.Event {
		return gate.Linking{Nonce: nonce, Of: of, By: by, Until: start.Add(time.Hour)}
	}
	var s account.State
	after := func(at time.Duration, events ...gate.Event) {
		for _, e := range events {
			s = s.After(gate.Entry{Version: s.Version + 1, At: start.Add(at), Event: e})
		}
	}
	code := func(nonce string, of gate.SlackUser, by int64, at time.Duration) string {
		if err := s.Confirm(nonce, of, by, start.Add(at)); err != nil {
			return gate.AsError(err).Code
		}
		return ""
	}
	after(0, linking("a", u1, ana))
	if _, is := s.InSlack(u1); is {
		t.Error("one side is enough")
	}
	for _, c := range []struct {
		nonce string
		of    gate.SlackUser
		by    int64
		at    time.Duration
		want  string
	}{{"a", u1, 1, 0, ""}, {"b", u1, 1, 0, "link_unknown"}, {"a", u2, 1, 0, "link_unknown"}, {"a", u1, 2, 0, "link_unknown"},
		{"a", u1, 1, time.Hour, "link_expired"}} {
		if got := code(c.nonce, c.of, c.by, c.at); got != c.want {
			t.Errorf("%+v: %q", c, got)
		}
	}
	after(time.Minute, gate.Linked{Nonce: "a"}, gate.Linked{Nonce: "nobody's"})
	if l, is := s.InSlack(u1); !is || l.By.ID != 1 || code("a", u1, 1, 0) != "link_used" {
		t.Errorf("it is %+v", l)
	}
	after(2*time.Minute, linking("b", u1, bo), gate.Linked{Nonce: "b"})
	if l, _ := s.InSlack(u1); l.By.ID != 2 || len(s.Links) != 1 {
		t.Errorf("a member is of %+v", s.Links)
	}
	after(3*time.Minute, linking("c", u2, bo), gate.Linked{Nonce: "c"})
	if _, is := s.InSlack(u1); is || len(s.Links) != 1 {
		t.Errorf("an account has in one workspace %+v", s.Links)
	}
	after(4*time.Minute, gate.Unlinked{Nonce: "c"})
	if _, is := s.InSlack(u2); is {
		t.Error("a link that was removed counts")
	}
	for range 30 {
		after(5*time.Minute, linking(time.Duration(s.Version).String(), u1, ana))
	}
	if len(s.Links) > 10 {
		t.Errorf("%d links are on their way", len(s.Links))
	}
	after(2*time.Hour, linking("z", u1, ana))
	if len(s.Links) != 1 {
		t.Errorf("those that ran out are kept: %d", len(s.Links))
	}
	for id, valid := range map[string]bool{"U1": true, "": false, "u1": false, "U/1": false, "U": false, "U12345678901234567890": false} {
		if (gate.SlackUser{Team: "T1", User: id}).Valid() != valid {
			t.Errorf("%q is valid: %v", id, !valid)
		}
	}
}
