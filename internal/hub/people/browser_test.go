package people_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/api"
	"github.com/gatehold/gatehold/internal/hub/hubtest"
	"github.com/gatehold/gatehold/internal/hub/people"
)

const (
	browserClient   = "Iv1.c0ffee"
	browserSecret   = "the-client-secret-of-forty-characters/+="
	browserToken    = "ghu_nobody-may-see-this"
	browserCode     = "0123456789abcdef-code"
	browserVerifier = "0123456789-0123456789-0123456789-verifier~."
	browserRedirect = "https://gate.example/sign-in/callback"
)

// desk is a GitHub whose web host and API host are two, as they are.
type desk struct {
	t       testing.TB
	web     string
	browser *people.Browser
	log     bytes.Buffer

	mu   sync.Mutex
	seen []string
	// What each step is answered; nil: as it should be.
	app, exchange, who, revoke http.HandlerFunc
}

func newDesk(t testing.TB, change func(*api.Config)) *desk {
	t.Helper()
	d := &desk{t: t}
	mux := func(host string, steps map[string]func(http.ResponseWriter, *http.Request)) *url.URL {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			step := steps[r.Method+" "+r.URL.Path]
			if step == nil {
				t.Errorf("%s was asked for %s %s", host, r.Method, r.URL.Path)
				return
			}
			body, err := io.ReadAll(r.Body)
			if err != nil {
				t.Error(err)
			}
			r.Body = io.NopCloser(bytes.NewReader(body))
			d.mu.Lock()
			d.seen = append(d.seen, strings.Join([]string{host, r.Method, r.URL.Path, r.Header.Get("Authorization"), string(body)}, " "))
			d.mu.Unlock()
			step(w, r)
		}))
		t.Cleanup(s.Close)
		u, err := url.Parse(s.URL)
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	or := func(step *http.HandlerFunc, status int, body string) func(http.ResponseWriter, *http.Request) {
		return func(w http.ResponseWriter, r *http.Request) {
			if *step != nil {
				(*step)(w, r)
				return
			}
			said(status, body)(w, r)
		}
	}
	web := mux("web", map[string]func(http.ResponseWriter, *http.Request){
		"POST /login/oauth/access_token": or(&d.exchange, 200,
			`{"access_token":"`+browserToken+`","token_type":"bearer","scope":"","refresh_token":"ghr_nor-this"}`)})
	rest := mux("api", map[string]func(http.ResponseWriter, *http.Request){
		"GET /api/v3/app":  or(&d.app, 200, `{"id":4711,"client_id":"Iv1.anotherone"}`),
		"GET /api/v3/user": or(&d.who, 200, `{"login":"ana","id":11,"type":"User"}`),
		"DELETE /api/v3/applications/" + browserClient + "/token": or(&d.revoke, 204, ""),
	})
	cfg := api.Config{API: rest.JoinPath("api/v3"), GraphQL: rest.JoinPath("api/graphql"), AppID: hubtest.AppID, PrivateKey: hubtest.Key(),
		Web: web, ClientID: browserClient, ClientSecret: browserSecret,
		Log: slog.New(slog.NewTextHandler(&d.log, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	if change != nil {
		change(&cfg)
	}
	gh, err := api.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	d.web, d.browser = web.String(), people.NewBrowser(gh, api.NewIdentity(gh))
	return d
}

func said(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

func (d *desk) signIn() (gate.Actor, error) {
	return d.browser.SignedInWith(d.t.Context(), browserCode, browserVerifier, browserRedirect)
}

// refused wants a code, nobody signed in, and nothing told.
func (d *desk) refused(code string) {
	d.t.Helper()
	who, err := d.signIn()
	if gate.AsError(err).Code != code || who != (gate.Actor{}) {
		d.t.Errorf("SignedInWith is %+v, %v; want the code %s", who, err, code)
	}
	d.tellsNothing(err)
}

// revoked says how often a token was revoked.
func (d *desk) revoked() (n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, s := range d.seen {
		if strings.HasPrefix(s, "api DELETE ") {
			n++
		}
	}
	return n
}

var browserSecrets = []string{browserSecret, url.QueryEscape(browserSecret), browserToken, browserCode, browserVerifier, "ghr_nor-this",
	base64.StdEncoding.EncodeToString([]byte(browserClient + ":" + browserSecret))}

// tellsNothing holds an error, by whatever it is printed, and the log.
func (d *desk) tellsNothing(err error) {
	d.t.Helper()
	told := d.log.String() + fmt.Sprintf("%v %+v %s %q", err, err, err, err)
	for e := err; e != nil; e = errors.Unwrap(e) {
		told += fmt.Sprintf("%v %+v", e, e)
	}
	for _, secret := range browserSecrets {
		if strings.Contains(told, secret) {
			d.t.Errorf("%q is told: %.400s", secret, told)
		}
	}
}

func TestWhereABrowserIsSent(t *testing.T) {
	d := newDesk(t, nil)
	const state, challenge = "a&state=of+its own", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
	for prompt, address := range map[string]string{"": d.browser.Authorize(state, challenge, browserRedirect),
		"select_account": d.browser.AuthorizeAnother(state, challenge, browserRedirect)} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		want := url.Values{"client_id": {browserClient}, "redirect_uri": {browserRedirect}, "state": {state}, "code_challenge": {challenge},
			"code_challenge_method": {"S256"}, "allow_signup": {"false"}}
		if prompt != "" {
			want.Set("prompt", prompt)
		}
		if got := u.Query().Encode(); got != want.Encode() || !strings.HasPrefix(address, d.web+"/login/oauth/authorize?") {
			t.Errorf("a browser is sent to %s, want the query %s", address, want.Encode())
		}
	}
}

func TestWhatASignInSendsToWhichHost(t *testing.T) {
	d := newDesk(t, nil)
	for range 2 {
		if who, err := d.signIn(); err != nil || who != (gate.Actor{Login: "ana", ID: 11, Type: "User"}) {
			t.Fatalf("SignedInWith is %+v, %v", who, err)
		}
	}
	form := url.Values{"client_id": {browserClient}, "client_secret": {browserSecret}, "code": {browserCode},
		"code_verifier": {browserVerifier}, "redirect_uri": {browserRedirect}}
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte(browserClient+":"+browserSecret))
	once := []string{"web POST /login/oauth/access_token  " + form.Encode(), "api GET /api/v3/user Bearer " + browserToken + " ",
		"api DELETE /api/v3/applications/" + browserClient + "/token " + basic + ` {"access_token":"` + browserToken + `"}`}
	want := append(slices.Clone(once), once...) // whose the gate's App is, is asked once
	if got := d.seen[1:]; !strings.HasPrefix(d.seen[0], "api GET /api/v3/app ") || !slices.Equal(got, want) {
		t.Errorf("sent\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	d.tellsNothing(nil)
}

func TestNobodySignsInWhereItIsOff(t *testing.T) {
	for name, change := range map[string]func(*api.Config){
		"no client id":     func(c *api.Config) { c.ClientID = "" },
		"no client secret": func(c *api.Config) { c.ClientSecret = "" },
		"nothing":          func(c *api.Config) { c.ClientID, c.ClientSecret, c.Web = "", "", nil },
	} {
		d := newDesk(t, change)
		d.refused("channel_off")
		if address := d.browser.Authorize("state", "challenge", browserRedirect); address != "" || len(d.seen) != 0 {
			t.Errorf("%s: sent to %q, asked %q", name, address, d.seen)
		}
	}
	d := newDesk(t, nil)
	for _, own := range []string{`{"id":4711}`, `{"id":4711,"client_id":"` + browserClient + `"}`} {
		d.app = said(200, own)
		d.refused("channel_off")
	}
	d.app = said(503, "")
	d.refused("github_unavailable")
	if n := len(d.seen); n != 3 {
		t.Errorf("a code was shown: %q", d.seen)
	}
}

func TestWhatNoBrowserBringsIsNotSent(t *testing.T) {
	d := newDesk(t, nil)
	for _, c := range [][2]string{{"", browserVerifier}, {"a b", browserVerifier}, {"a\r\nb", browserVerifier}, {"\u00e9", browserVerifier},
		{strings.Repeat("x", 513), browserVerifier}, {browserCode, ""}, {browserCode, browserVerifier[:42]},
		{browserCode, strings.Repeat("x", 129)}, {browserCode, strings.Repeat("x", 42) + "+"}} {
		if _, err := d.browser.SignedInWith(t.Context(), c[0], c[1], browserRedirect); gate.AsError(err).Code != "invalid_request" {
			t.Errorf("%q: %v", c, err)
		}
	}
	if len(d.seen) != 0 {
		t.Errorf("sent %q", d.seen)
	}
}

func TestGitHubsRefusalsOfACode(t *testing.T) {
	d := newDesk(t, nil)
	for word, want := range map[string]string{
		"bad_verification_code": "sign_in_expired", "unverified_user_email": "sign_in_denied", "access_denied": "sign_in_denied",
		"incorrect_client_credentials": "channel_off", "redirect_uri_mismatch": "channel_off", "application_suspended": "channel_off",
		"something_new": "github_refused", "<b>": "github_refused", browserSecret: "github_refused",
	} {
		d.exchange = said(200, `{"error":"`+word+`","error_description":"`+browserCode+`"}`)
		d.refused(want)
	}
	d.exchange = said(404, `{"error":"Not Found"}`)
	d.refused("channel_off")
	for _, body := range []string{`{}`, `{"access_token":"a b","token_type":"bearer"}`, `{"access_token":"x","token_type":"mac"}`,
		`{"access_token":"x\r\nX-Evil: 1","token_type":"bearer"}`, `[]`, ``, browserToken, `access_token=x&token_type=bearer`} {
		d.exchange = said(200, body)
		d.refused("github_unavailable")
	}
	d.exchange = said(200, strings.Repeat(" ", 1<<17))
	d.refused("answer_too_large")
	d.exchange = said(500, "")
	d.refused("github_unavailable")
	d.exchange = func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "60")
		w.WriteHeader(429)
	}
	d.refused("rate_limited")
	if n := d.revoked(); n != 0 {
		t.Errorf("%d tokens were revoked, and none was given", n)
	}
}

func TestAttackBotsTokenInABrowser(t *testing.T) {
	d := newDesk(t, nil)
	for i, c := range []struct {
		answer http.HandlerFunc
		code   string
	}{
		{said(200, `{"login":"devin-ai-integration[bot]","id":158243242,"type":"Bot"}`), "not_human"},
		{said(200, `{"login":"acme","id":5,"type":"Organization"}`), "not_human"},
		{said(200, `{"login":"ghost","id":5,"type":"Mannequin"}`), "not_human"},
		{said(200, `{"login":"ana","id":5}`), "not_human"},
		{said(200, `{"login":"ana","id":0,"type":"User"}`), "github_unavailable"},
		{said(200, `{"login":"a/../b","id":5,"type":"User"}`), "github_unavailable"},
		{said(200, `{}`), "github_unavailable"},
		{said(401, `{"message":"Bad credentials"}`), "sign_in_denied"},
		{said(403, `{"message":"Sorry. Your account was suspended."}`), "sign_in_denied"},
	} {
		d.who = c.answer
		d.refused(c.code)
		if n := d.revoked(); n != i+1 { // nobody signs in, and the token ends all the same
			t.Errorf("%d tokens were revoked, want %d", n, i+1)
		}
	}
}

func TestAPersonIsSignedInWhetherTheTokenIsRevokedOrNot(t *testing.T) {
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		tried  int
	}{
		"not there":   {said(404, `{"message":"`+browserToken+`"}`), 1},
		"refused":     {said(422, browserToken), 1},
		"trouble":     {said(502, browserToken), 2},
		"limited":     {said(429, browserToken), 2},
		"too large":   {said(200, strings.Repeat("x", 1<<17)), 2},
		"not by that": {said(200, `{}`), 1},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, nil)
			d.revoke = c.answer
			if who, err := d.signIn(); err != nil || who.ID != 11 {
				t.Errorf("SignedInWith is %+v, %v", who, err)
			}
			if n := d.revoked(); n != c.tried || !strings.Contains(d.log.String(), "level=WARN") {
				t.Errorf("tried %d times, and the log says %q", n, d.log.String())
			}
			d.tellsNothing(nil)
		})
	}
}

func TestATokenIsRevokedEvenIfNobodyWaits(t *testing.T) {
	d := newDesk(t, nil)
	ctx, gone := contextWith(t)
	d.who = func(w http.ResponseWriter, _ *http.Request) {
		gone()
		said(200, `{"login":"ana","id":11,"type":"User"}`)(w, nil)
	}
	_, err := d.browser.SignedInWith(ctx, browserCode, browserVerifier, browserRedirect)
	d.tellsNothing(err)
	if n := d.revoked(); n != 1 {
		t.Errorf("%d tokens were revoked", n)
	}
}

func TestAttackRedirectOfASignInInABrowser(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a redirect was followed") }))
	defer elsewhere.Close()
	away := func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.URL+r.URL.Path+"?"+url.Values{"x": browserSecrets}.Encode(), http.StatusTemporaryRedirect)
	}
	d := newDesk(t, nil)
	d.exchange = away
	d.refused("github_unavailable")
	d = newDesk(t, nil)
	d.who, d.revoke = away, away
	d.refused("github_unavailable")
	if n := d.revoked(); n != 1 {
		t.Errorf("revoking was tried %d times", n)
	}
}

// echo is a GitHub, or a proxy on the way, that answers with what it was sent, and all
// else that must not be told, in the place that step has for it.
func echo(step int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		sent, err := httputil.DumpRequest(r, true)
		if err != nil {
			panic(err)
		}
		all := strings.Join(append(slices.Clone(browserSecrets), string(sent)), " ")
		quoted := fmt.Sprintf("%q", strings.ToValidUTF8(all, ""))
		switch step {
		case 0:
			w.Header().Set("Location", "http://elsewhere.invalid/?"+url.Values{"all": {all}}.Encode())
			w.WriteHeader(302)
		case 1:
			fmt.Fprintf(w, `{"error":%s,"error_description":%s}`, quoted, quoted)
		case 2:
			fmt.Fprintf(w, `{"login":%s,"id":5,"type":%s,"message":%s}`, quoted, quoted, quoted)
		case 3:
			fmt.Fprintf(w, `{"login":%q,"id":5,"type":"Bot"}`, browserToken)
		case 4:
			fmt.Fprintf(w, `{"access_token":%s,"token_type":%s}`, quoted, quoted)
		case 5, 6, 7, 8, 9, 10:
			w.WriteHeader([]int{400, 401, 403, 404, 429, 500}[step-5])
			io.WriteString(w, all)
		case 11:
			io.WriteString(w, all) // no JSON
		case 12:
			w.Header().Set("Content-Length", "100000")
			io.WriteString(w, all) // cut off
		case 13:
			fmt.Fprintf(w, `{"client_id":%s,"id":%s}`, quoted, quoted)
		case 14:
			fmt.Fprintf(w, `{"error":%q}`, browserCode)
		}
	}
}

// leaky is a way to the network that fails with all that it was to send.
type leaky struct {
	next http.RoundTripper
	fail func(*http.Request) bool
}

func (l leaky) RoundTrip(req *http.Request) (*http.Response, error) {
	if !l.fail(req) {
		return l.next.RoundTrip(req)
	}
	all, err := httputil.DumpRequestOut(req, true)
	return nil, errors.Join(err, fmt.Errorf("%s %s", all, strings.Join(browserSecrets, " ")))
}

// Whatever goes wrong, wherever, and whoever repeats what must not be told: it is in no
// error and no log.
func TestNothingOfASignInIsEverTold(t *testing.T) {
	wrong := 0
	try := func(d *desk) {
		t.Helper()
		who, err := d.signIn()
		if err != nil || d.log.Len() > 0 {
			wrong++
		}
		if err != nil && who != (gate.Actor{}) {
			t.Errorf("%+v signed in: %v", who, err)
		}
		if err != nil && len(gate.AsError(err).Text) < 20 {
			t.Errorf("nothing says what to do: %v", err)
		}
		d.tellsNothing(err)
	}
	for kind := range 15 {
		for step := range 4 {
			d := newDesk(t, nil)
			*[]*http.HandlerFunc{&d.app, &d.exchange, &d.who, &d.revoke}[step] = echo(kind)
			try(d)
		}
	}
	for _, path := range []string{"/app", "/access_token", "/user", "/token"} {
		try(newDesk(t, func(c *api.Config) {
			c.Transport = leaky{http.DefaultTransport, func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, path) }}
		}))
	}
	if wrong < 45 {
		t.Errorf("only %d of these went wrong", wrong)
	}
}

// FuzzSignedInWith: whatever GitHub answers, nobody signs in but the person of a whole
// account, and nothing is told.
func FuzzSignedInWith(f *testing.F) {
	for _, s := range []string{`{"access_token":"x","token_type":"bearer","login":"ana","id":11,"type":"User"}`,
		`{"error":"bad_verification_code"}`, `{"error":"` + browserSecret + `"}`, `{"login":"a","id":-1,"type":"User"}`, `[]`, ``, `{`} {
		f.Add([]byte(s), 200)
	}
	d := newDesk(f, nil)
	f.Fuzz(func(t *testing.T, body []byte, status int) {
		answer := said(200+(status%400+400)%400, string(body))
		d.t, d.exchange, d.who, d.revoke = t, answer, answer, answer
		who, err := d.signIn()
		d.tellsNothing(err)
		d.log.Reset()
		if err == nil && (who.ID <= 0 || who.Type != "User" || who.Login == "") || err != nil && who != (gate.Actor{}) {
			t.Errorf("%s: %+v signed in, %v", body, who, err)
		}
	})
}
