package people_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/faults"
	"github.com/gatehold/gatehold/internal/fakehub/site"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub"
	"github.com/gatehold/gatehold/internal/hub/api"
	"github.com/gatehold/gatehold/internal/hub/hubtest"
	"github.com/gatehold/gatehold/internal/testworld"
)

func contextWith(t *testing.T) (context.Context, context.CancelFunc) {
	return context.WithCancel(t.Context())
}

// lobby is a GitHub whose clock the test sets, with an App that people sign in to.
type lobby struct {
	t   *testing.T
	gh  *site.Hub
	app *fakehub.App // holds the gates
	in  *fakehub.App // people sign in to it
	ana *fakehub.Account
	hub *hub.Hub

	mu   sync.Mutex
	late time.Duration
}

func newLobby(t *testing.T) *lobby {
	l := &lobby{t: t}
	on, err := testworld.Serve(fakehub.Options{Contract: hubtest.Contract(t), Now: l.now}, fakehub.NewApp{PrivateKey: testworld.Key()})
	if err != nil {
		t.Fatal(err)
	}
	l.gh, l.app = on.Hub, on.App
	t.Cleanup(func() {
		l.gh.Close()
		for _, v := range l.gh.Violations() {
			t.Error("against GitHub's description: ", v)
		}
	})
	l.ana = l.gh.CreateUser("ana")
	if l.in, err = on.SignIn(browserRedirect, browserRedirect+"/other"); err != nil {
		t.Fatal(err)
	}
	l.hub = l.known(l.in.ClientID(), testworld.SignInSecret())
	return l
}

// known is a hub with a client id and a secret.
func (l *lobby) known(client, secret string) *hub.Hub {
	l.t.Helper()
	web, err := url.Parse(l.gh.URL())
	if err != nil {
		l.t.Fatal(err)
	}
	h, err := hub.New(api.Config{API: web.JoinPath("api/v3/"), GraphQL: web.JoinPath("api/graphql"), AppID: l.app.ID,
		PrivateKey: l.app.PrivateKeyPEM(), Web: web, ClientID: client, ClientSecret: secret, Now: l.now})
	if err != nil {
		l.t.Fatal(err)
	}
	return h
}

func (l *lobby) now() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return time.Now().Add(l.late)
}

func (l *lobby) pass(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.late += d
}

const lobbyState = "a state of the caller's & its own"

// address is where a browser is sent.
func (l *lobby) address(redirect string) string {
	sum := sha256.Sum256([]byte(browserVerifier))
	return l.hub.Authorize(lobbyState, base64.RawURLEncoding.EncodeToString(sum[:]), redirect)
}

// code is what ana's browser comes back with, beside the state.
func (l *lobby) code() string {
	l.t.Helper()
	to, err := l.gh.Authorize(l.address(browserRedirect), "ana")
	if err != nil {
		l.t.Fatal(err)
	}
	u, err := url.Parse(to)
	if err != nil {
		l.t.Fatal(err)
	}
	if !strings.HasPrefix(to, browserRedirect+"?") || u.Query().Get("state") != lobbyState {
		l.t.Fatalf("the browser comes back to %s", to)
	}
	return u.Query().Get("code")
}

// ends wants a code of refusal, or with "" ana.
func (l *lobby) ends(h *hub.Hub, code, verifier, redirect, want string) {
	l.t.Helper()
	who, err := h.SignedInWith(l.t.Context(), code, verifier, redirect)
	got := ""
	if err != nil {
		got = gate.AsError(err).Code
	}
	if got != want || (err == nil) != (who.ID == l.ana.ID) {
		l.t.Fatalf("SignedInWith is %+v, %v; want the code %q", who, err, want)
	}
}

func (l *lobby) count(method, route string, status int) int {
	n := 0
	for at, times := range l.gh.Counts() {
		if at.Route == method+" "+route && at.Status == status {
			n += times
		}
	}
	return n
}

func TestAPersonSignsInInABrowser(t *testing.T) {
	l := newLobby(t)
	who, err := l.hub.SignedInWith(t.Context(), l.code(), browserVerifier, browserRedirect)
	if err != nil || who != actorOf(l.ana) {
		t.Fatalf("SignedInWith is %+v, %v", who, err)
	}
	if n := l.count("DELETE", "/applications/{client_id}/token", 204); n != 1 {
		t.Errorf("%d tokens were revoked", n)
	}
}

// Whether people can sign in is known before anybody tries.
func TestASignInIsCheckedWithoutAPerson(t *testing.T) {
	l := newLobby(t)
	for name, c := range map[string]struct {
		id, secret string
		says       string // empty: they can
	}{
		"as it must be":  {l.in.ClientID(), testworld.SignInSecret(), ""},
		"no secret":      {l.in.ClientID(), "", ""},
		"another secret": {l.in.ClientID(), "another", "GitHub does not take the client secret"},
		"nobody's id":    {"Iv23liNobody", testworld.SignInSecret(), "GitHub does not take the client secret"},
		"the gates' App": {l.app.ClientID(), testworld.SignInSecret(), "is of the App that holds the gates"},
	} {
		err := l.known(c.id, c.secret).CheckSignIn(t.Context(), browserRedirect)
		if (err == nil) != (c.says == "") || err != nil && !strings.Contains(gate.AsError(err).Text, c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAttackCodesOfOthers(t *testing.T) {
	l := newLobby(t)
	code := l.code()
	l.ends(l.hub, code, browserVerifier, browserRedirect, "")
	l.ends(l.hub, code, browserVerifier, browserRedirect, "sign_in_expired") // replayed
	l.ends(l.hub, l.code(), strings.ToUpper(browserVerifier), browserRedirect, "sign_in_expired")
	l.ends(l.hub, l.code(), "", browserRedirect, "invalid_request")
	l.ends(l.hub, l.code(), browserVerifier, browserRedirect+"/other", "channel_off")
	other, err := l.gh.CreateApp(fakehub.NewApp{Slug: "other", PublicKey: l.app.PublicKey, ClientSecret: "a secret of its own",
		Callbacks: []string{browserRedirect}})
	if err != nil {
		t.Fatal(err)
	}
	l.ends(l.known(other.ClientID(), "a secret of its own"), l.code(), browserVerifier, browserRedirect, "sign_in_expired")
	l.ends(l.known(l.in.ClientID(), "a secret of its own"), l.code(), browserVerifier, browserRedirect, "channel_off")
	l.ends(l.known("Iv1.nobody", "a secret of its own"), l.code(), browserVerifier, browserRedirect, "channel_off")
	l.app.SetClientSecret("the secret of the gates")
	l.ends(l.known(l.app.ClientID(), "the secret of the gates"), l.code(), browserVerifier, browserRedirect, "channel_off")
	code = l.code()
	l.pass(10 * time.Minute)
	l.ends(l.hub, code, browserVerifier, browserRedirect, "sign_in_expired")
	l.ends(l.hub, "nobody-was-given-this", browserVerifier, browserRedirect, "sign_in_expired")
}

func TestWhoDoesNotSignInInABrowser(t *testing.T) {
	l := newLobby(t)
	for _, login := range []string{"devin[bot]", "acme", "nobody"} {
		l.gh.CreateBot("devin")
		l.gh.CreateOrg("acme")
		if to, err := l.gh.Authorize(l.address(browserRedirect), login); err == nil {
			t.Errorf("@%s is sent to %s", login, to)
		}
	}
	if to, err := l.gh.Authorize(l.address("https://elsewhere.example/"), "ana"); err == nil {
		t.Errorf("sent to %s", to)
	}
	to, err := l.gh.Decline(l.address(browserRedirect), "ana")
	if u, _ := url.Parse(to); err != nil || u.Query().Get("error") != "access_denied" || u.Query().Get("state") != lobbyState {
		t.Errorf("after a no sent to %s, %v", to, err)
	}
	code := l.code()
	l.ana.VerifyMail(false)
	l.ends(l.hub, code, browserVerifier, browserRedirect, "sign_in_denied")
	l.ana.VerifyMail(true)
	code = l.code()
	l.ana.Suspend(true)
	l.ends(l.hub, code, browserVerifier, browserRedirect, "sign_in_expired")
	l.ana.Suspend(false)
	l.ends(l.hub, l.code(), browserVerifier, browserRedirect, "")
}

func TestAttackUserSignedInInABrowserRenamed(t *testing.T) {
	l := newLobby(t)
	code := l.code()
	if err := l.ana.Rename("ana-the-second"); err != nil {
		t.Fatal(err)
	}
	thief := l.gh.CreateUser("ana")
	who, err := l.hub.SignedInWith(t.Context(), code, browserVerifier, browserRedirect)
	if err != nil || who.ID != l.ana.ID || who.ID == thief.ID || who.Login != "ana-the-second" {
		t.Errorf("%+v signed in, %v", who, err)
	}
}

func TestAPersonSignsInWhereTheTokenIsNotRevoked(t *testing.T) {
	l := newLobby(t)
	l.gh.Inject(faults.Fault{Route: "DELETE /applications/*", Kind: faults.Status, Code: 502, Times: 1})
	l.ends(l.hub, l.code(), browserVerifier, browserRedirect, "")
	if n := l.count("DELETE", "/applications/{client_id}/token", 204); n != 1 {
		t.Errorf("%d tokens were revoked at the second attempt", n)
	}
	l.gh.Inject(faults.Fault{Route: "DELETE /applications/*", Kind: faults.Status, Code: 502})
	l.ends(l.hub, l.code(), browserVerifier, browserRedirect, "")
	l.gh.Inject(faults.Fault{Route: "GET /user", Kind: faults.Status, Code: 502, Times: 1})
	l.ends(l.hub, l.code(), browserVerifier, browserRedirect, "") // asked again: the token comes once
}
