package signin_test

import (
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/site"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub"
	"github.com/gatehold/gatehold/internal/hub/api"
	"github.com/gatehold/gatehold/internal/hub/hubtest"
	"github.com/gatehold/gatehold/internal/testworld"
)

// signing is a GitHub whose clock the test sets, with an App that people sign
// in to.
type signing struct {
	t   *testing.T
	gh  *site.Hub
	app *fakehub.App // holds the gates
	in  *fakehub.App // people sign in to it
	ana *fakehub.Account
	hub *hub.Hub

	mu   sync.Mutex
	late time.Duration
}

func newSigning(t *testing.T) *signing {
	s := &signing{t: t}
	on, err := testworld.Serve(fakehub.Options{Contract: hubtest.Contract(t), Now: s.now},
		fakehub.NewApp{PrivateKey: testworld.Key(), WebhookSecret: "s3cret"})
	if err != nil {
		t.Fatal(err)
	}
	s.gh, s.app = on.Hub, on.App
	t.Cleanup(func() {
		s.gh.Close()
		for _, v := range s.gh.Violations() {
			t.Error("against GitHub's description: ", v)
		}
	})
	s.ana = s.gh.CreateUser("ana")
	if s.in, err = on.SignIn(); err != nil {
		t.Fatal(err)
	}
	s.hub = s.known(on.Base, s.in.ClientID())
	return s
}

// known is a hub with a client id.
func (s *signing) known(base, client string) *hub.Hub {
	s.t.Helper()
	web, err := url.Parse(base)
	if err != nil {
		s.t.Fatal(err)
	}
	h, err := hub.New(api.Config{
		API: web.JoinPath("api/v3/"), GraphQL: web.JoinPath("api/graphql"), AppID: s.app.ID, PrivateKey: s.app.PrivateKeyPEM(),
		Web: web, ClientID: client, Now: s.now,
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return h
}

func (s *signing) now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Now().Add(s.late)
}

func (s *signing) pass(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.late += d
}

func (s *signing) begin() gate.SignIn {
	s.t.Helper()
	in, err := s.hub.SignIn(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	if in.Interval != 5*time.Second || in.Life != 15*time.Minute || in.UserCode == "" || in.Address != s.gh.URL()+"/login/device" {
		s.t.Fatalf("the code is %+v", in)
	}
	return in
}

// ends wants a code of refusal, or with "" the person.
func (s *signing) ends(in gate.SignIn, code string) gate.Actor {
	s.t.Helper()
	s.pass(in.Interval)
	who, wait, err := s.hub.SignedIn(s.t.Context(), in.Device)
	got := ""
	if err != nil {
		got = gate.AsError(err).Code
	}
	if got != code || wait != 0 {
		s.t.Fatalf("SignedIn is %+v, %s, %v; want the code %q", who, wait, err, code)
	}
	return who
}

func TestAPersonSignsIn(t *testing.T) {
	s := newSigning(t)
	in := s.begin()
	if who := s.ends(in, ""); who.ID != 0 {
		t.Fatalf("%+v signed in, and nobody has entered the code", who)
	}
	_, wait, err := s.hub.SignedIn(t.Context(), in.Device) // too soon
	if err != nil || wait != 10*time.Second {
		t.Fatalf("asked too soon: %s, %v", wait, err)
	}
	s.pass(wait)
	if err := s.gh.EnterCode(in.UserCode, "ana"); err != nil {
		t.Fatal(err)
	}
	if who := s.ends(in, ""); who != (gate.Actor{Login: "ana", ID: s.ana.ID, Type: "User"}) {
		t.Fatalf("%+v signed in", who)
	}
	s.ends(in, "sign_in_expired") // it is told once
}

func TestAttackUserSignedInRenamed(t *testing.T) {
	s := newSigning(t)
	in := s.begin()
	if err := s.gh.EnterCode(in.UserCode, "ana"); err != nil {
		t.Fatal(err)
	}
	s.ana.Rename("ana-the-second")
	thief := s.gh.CreateUser("ana")
	if who := s.ends(in, ""); who.ID != s.ana.ID || who.ID == thief.ID || who.Login != "ana-the-second" {
		t.Errorf("%+v signed in", who)
	}
}

// A token of the App that holds the gates could write its check: nobody signs
// in to that one.
func TestAttackTokenOfTheGatesOwnApp(t *testing.T) {
	s := newSigning(t)
	_, err := s.known(s.gh.URL(), s.app.ClientID()).SignIn(t.Context())
	if gate.AsError(err).Code != "channel_off" || !strings.Contains(gate.AsError(err).Text, "could be forged") {
		t.Errorf("the gate's own App signs people in: %v", err)
	}
}

func TestWhoDoesNotSignIn(t *testing.T) {
	s := newSigning(t)
	for _, client := range []string{"", "Iv1.wrong"} {
		if _, err := s.known(s.gh.URL(), client).SignIn(t.Context()); gate.AsError(err).Code != "channel_off" {
			t.Errorf("with the client id %q: %v", client, err)
		}
	}

	in := s.begin()
	if err := s.gh.DenyCode(in.UserCode, "ana"); err != nil {
		t.Fatal(err)
	}
	s.ends(in, "sign_in_denied")

	in = s.begin()
	s.pass(15 * time.Minute)
	s.ends(in, "sign_in_expired")

	s.ends(gate.SignIn{Device: "nobody-was-given-this"}, "sign_in_expired")
	s.ends(gate.SignIn{Device: "a b\nc"}, "invalid_request")

	s.in.SetDeviceFlow(false)
	if _, err := s.hub.SignIn(t.Context()); gate.AsError(err).Code != "channel_off" {
		t.Errorf("with the device flow disabled: %v", err)
	}
	s.in.SetDeviceFlow(true)
}
