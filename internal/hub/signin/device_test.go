package signin_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/api"
	"github.com/gatehold/gatehold/internal/hub/hubtest"
	"github.com/gatehold/gatehold/internal/hub/signin"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

const userToken = "ghu_nobody-may-see-this"

// desk is a GitHub whose web host and API host are two, as they are.
type desk struct {
	t        testing.TB
	web, api *httptest.Server
	hub      *signin.SignIns
	log      bytes.Buffer

	own   string // what GitHub says of the App that holds the gates
	mu    sync.Mutex
	web1  http.HandlerFunc // answers the web host
	api1  http.HandlerFunc // answers the API host
	seen  []string         // "host method path authorization"
	quota []int            // as observed
}

func newDesk(t testing.TB) *desk {
	d := &desk{t: t, own: `{"id":4711,"client_id":"Iv1.anotherone"}`}
	d.web1 = func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/login/device/code" {
			io.WriteString(w,
				`{"device_code":"d3v1c3","user_code":"ABCD-1234","verification_uri":"https://github.com/login/device","expires_in":899,"interval":5}`)
			return
		}
		io.WriteString(w, `{"access_token":"`+userToken+`","token_type":"bearer","scope":""}`)
	}
	d.api1 = func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, `{"login":"ana","id":11,"type":"User"}`)
	}
	door := func(host string, answer func() http.HandlerFunc) *httptest.Server {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/app" { // which App holds the gates
				io.WriteString(w, d.own)
				return
			}
			d.mu.Lock()
			d.seen = append(d.seen, strings.Join([]string{host, r.Method, r.URL.Path, r.Header.Get("Authorization")}, " "))
			d.mu.Unlock()
			answer()(w, r)
		}))
		t.Cleanup(s.Close)
		return s
	}
	d.web = door("web", func() http.HandlerFunc { return d.web1 })
	d.api = door("api", func() http.HandlerFunc { return d.api1 })
	rest, _ := url.Parse(d.api.URL)
	web, _ := url.Parse(d.web.URL)
	gh, err := api.New(api.Config{
		API: rest, GraphQL: rest.JoinPath("graphql"), AppID: hubtest.AppID, PrivateKey: hubtest.Key(), Web: web, ClientID: "Iv1.c0ffee",
		Log: slog.New(slog.NewTextHandler(&d.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Observe: func(_ string, _ int, _ time.Duration, left int) {
			d.mu.Lock()
			defer d.mu.Unlock()
			d.quota = append(d.quota, left)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	d.hub = signin.New(gh, api.NewIdentity(gh))
	return d
}

// refused wants a code, and that nothing tells the token.
func (d *desk) refused(code string) {
	d.t.Helper()
	who, _, err := d.hub.SignedIn(d.t.Context(), "d3v1c3")
	if gate.AsError(err).Code != code || who.ID != 0 {
		d.t.Errorf("SignedIn is %+v, %v; want the code %s", who, err, code)
	}
	if err != nil && strings.Contains(err.Error(), "ghu_") || strings.Contains(d.log.String(), "ghu_") {
		d.t.Errorf("the token is told: %v", err)
	}
}

func answers(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

func TestWhatGoesToWhichHost(t *testing.T) {
	d := newDesk(t)
	if _, err := d.hub.SignIn(t.Context()); err != nil {
		t.Fatal(err)
	}
	d.api1 = func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Ratelimit-Remaining", "7")
		io.WriteString(w, `{"login":"ana","id":11,"type":"User"}`)
	}
	who, _, err := d.hub.SignedIn(t.Context(), "d3v1c3")
	if err != nil || who != (gate.Actor{Login: "ana", ID: 11, Type: "User"}) {
		t.Fatalf("SignedIn is %+v, %v", who, err)
	}
	want := "web POST /login/device/code |web POST /login/oauth/access_token |api GET /user Bearer " + userToken
	if got := strings.Join(d.seen, "|"); got != want {
		t.Errorf("sent %s\nwant %s", got, want)
	}
	for _, left := range d.quota {
		if left == 7 {
			t.Errorf("the quota of a person's token, %d, passes for the installation's", left)
		}
	}
}

func TestNobodySignsInWhereGitHubDoesNotSayToWhat(t *testing.T) {
	d := newDesk(t)
	for _, own := range []string{`{"id":4711}`, `{"id":4711,"client_id":"Iv1.c0ffee"}`} {
		d.own = own
		if _, err := d.hub.SignIn(t.Context()); gate.AsError(err).Code != "channel_off" {
			t.Errorf("with %s: %v", own, err)
		}
	}
	d.own = `{"id":4711,"client_id":"Iv1.anotherone"}`
	if _, err := d.hub.SignIn(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestAttackBotsToken(t *testing.T) {
	d := newDesk(t)
	for _, user := range []string{
		`{"login":"devin-ai-integration[bot]","id":158243242,"type":"Bot"}`, `{"login":"acme","id":5,"type":"Organization"}`,
		`{"login":"ghost","id":5,"type":"Mannequin"}`, `{"login":"ana","id":5}`,
	} {
		d.api1 = answers(200, user)
		d.refused("not_human")
	}
}

func TestAttackABearerOfNobody(t *testing.T) {
	d := newDesk(t)
	d.api1 = answers(401, `{"message":"Bad credentials"}`)
	d.refused("sign_in_denied")
	for _, user := range []string{`{}`, `{"login":"ana","id":0,"type":"User"}`, `{"login":"","id":5,"type":"User"}`,
		`{"login":"a/../b","id":5,"type":"User"}`, `[]`, userToken} {
		d.api1 = answers(200, user)
		d.refused("github_unavailable")
	}
	for _, answer := range []string{`{}`, `{"access_token":"a b","token_type":"bearer"}`,
		`{"access_token":"x\r\nX-Evil: 1","token_type":"bearer"}`, `{"access_token":"x","token_type":"mac"}`} {
		d.web1 = answers(200, answer)
		d.refused("github_unavailable")
	}
}

func TestAnAnswerThatIsLateIsAskedForAgain(t *testing.T) {
	d := newDesk(t)
	n := 0
	d.api1 = func(w http.ResponseWriter, _ *http.Request) {
		if n++; n == 1 {
			w.WriteHeader(502)
			return
		}
		io.WriteString(w, `{"login":"ana","id":11,"type":"User"}`)
	}
	if who, _, err := d.hub.SignedIn(t.Context(), "d3v1c3"); err != nil || who.ID != 11 {
		t.Errorf("SignedIn is %+v, %v", who, err)
	}
}

func TestAttackRedirectOfASignIn(t *testing.T) {
	d := newDesk(t)
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a redirect was followed") }))
	defer elsewhere.Close()
	d.web1 = func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.URL+r.URL.Path, http.StatusTemporaryRedirect)
	}
	d.refused("github_unavailable")
	d = newDesk(t)
	d.api1 = func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.URL+"/user", http.StatusFound)
	}
	d.refused("github_unavailable")
}

func TestSigningInIsLimited(t *testing.T) {
	d := newDesk(t)
	d.web1 = func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "60")
		w.WriteHeader(429)
	}
	d.refused("rate_limited")
	d.web1 = answers(200, strings.Repeat("x", 1<<17))
	d.refused("answer_too_large")
	d.web1 = answers(200, `{"error":"unsupported_grant_type"}`)
	d.refused("github_refused")
}

// plainAddress holds for an address that people can be sent to.
func plainAddress(s string) bool {
	u, err := url.Parse(s)
	unprintable := strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' })
	return err == nil && !unprintable && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil
}

// FuzzSignIn: whatever GitHub's web host answers, nothing but a whole code comes
// of it, and nobody signs in without an account of a person.
func FuzzSignIn(f *testing.F) {
	for _, s := range []string{
		`{"device_code":"d","user_code":"ABCD-1234","verification_uri":"https://github.com/login/device","expires_in":899,"interval":5}`,
		`{"device_code":"d","user_code":"\u001b[2J","verification_uri":"javascript:alert(1)","expires_in":-1,"interval":99999999999}`,
		`{"error":"slow_down","interval":-5}`, `{"access_token":"x","token_type":"bearer"}`,
		`{"login":"ana","id":11,"type":"User"}`, `[]`, ``,
	} {
		f.Add([]byte(s))
	}
	d := newDesk(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		d.web1, d.api1 = answers(200, string(body)), answers(200, string(body))
		if in, err := d.hub.SignIn(t.Context()); err == nil {
			if in.Interval < time.Second || in.Interval > time.Minute || in.Life < time.Second || in.Life > 15*time.Minute ||
				!wire.IsToken(in.UserCode) || !plainAddress(in.Address) {
				t.Errorf("%s gave %+v", body, in)
			}
		}
		var user wire.Account
		if who, _, err := d.hub.SignedIn(t.Context(), "d3v1c3"); err == nil && who.ID != 0 &&
			(json.Unmarshal(body, &user) != nil || user.Type != "User" || user.ID != who.ID) {
			t.Errorf("%s signed %+v in", body, who)
		}
	})
}
