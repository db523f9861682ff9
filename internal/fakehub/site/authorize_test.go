package site_test

import (
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
)

const (
	callback = "http://127.0.0.1:4711/sign-in/callback"
	verifier = "0123456789-0123456789-0123456789-0123456789"
	secret   = "the client's secret"
)

func challengeOf(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// webFlow is an App that asks who people are, in their browsers.
type webFlow struct {
	*world
	clock *clock
}

func newWebFlow(t *testing.T) webFlow {
	t.Helper()
	w, c := deployWorld(t, fakehub.Options{})
	w.app.SetClientSecret(secret)
	w.app.SetCallbacks(callback, callback+"/other")
	return webFlow{w, c}
}

// ask is the address to which the App sends a browser; change is names and values in
// turn, and no value takes the name away.
func (f webFlow) ask(change ...string) string {
	q := url.Values{"client_id": {f.app.ClientID()}, "redirect_uri": {callback}, "state": {"a state"},
		"code_challenge": {challengeOf(verifier)}, "code_challenge_method": {"S256"}, "allow_signup": {"false"}}
	return f.base + "/login/oauth/authorize?" + altered(q, change).Encode()
}

func altered(q url.Values, change []string) url.Values {
	for i := 0; i+1 < len(change); i += 2 {
		if q.Set(change[i], change[i+1]); change[i+1] == "" {
			q.Del(change[i])
		}
	}
	return q
}

// code is what a yes of alice gives the App.
func (f webFlow) code(change ...string) string {
	f.t.Helper()
	to, err := f.hub.Authorize(f.ask(change...), "alice")
	f.do(err)
	u, err := url.Parse(to)
	f.do(err)
	if !strings.HasPrefix(to, callback+"?") || u.Query().Get("state") != "a state" || u.Query().Get("code") == "" {
		f.t.Fatalf("the browser goes to %s", to)
	}
	return u.Query().Get("code")
}

// exchange shows a code as the App does, but for what is changed.
func (f webFlow) exchange(code string, change ...string) *reply {
	f.t.Helper()
	q := url.Values{"client_id": {f.app.ClientID()}, "client_secret": {secret}, "code": {code}, "code_verifier": {verifier},
		"redirect_uri": {callback}}
	return f.post("/login/oauth/access_token", altered(q, change), "application/json").want(200)
}

func TestSigningInThroughABrowser(t *testing.T) {
	f := newWebFlow(t)
	got := f.exchange(f.code()).is("token_type", "bearer").is("scope", "").is("expires_in", 28800)
	token := got.value("access_token").(string)
	f.as(token).get("/user").want(200).is("login", "alice").is("id", f.alice.ID).is("type", "User")
	f.exchange(f.code("redirect_uri", ""), "redirect_uri", "").is("token_type", "bearer") // the first callback, and no word of it
	f.exchange(f.code("code_challenge", "", "code_challenge_method", ""), "code_verifier", "").is("token_type", "bearer")
	f.clock.forward(8 * time.Hour)
	f.as(token).get("/user").want(401).says("Bad credentials")
}

func TestACodeIsRefused(t *testing.T) {
	f := newWebFlow(t)
	other, err := f.hub.CreateApp(fakehub.NewApp{Slug: "other", PrivateKey: key(), ClientSecret: "its own", Callbacks: []string{callback}})
	f.do(err)
	const bad = "bad_verification_code"
	for name, c := range map[string]struct {
		change []string
		want   string
	}{
		"another verifier":  {[]string{"code_verifier", verifier + "0"}, bad},
		"no verifier":       {[]string{"code_verifier", ""}, bad},
		"the challenge":     {[]string{"code_verifier", challengeOf(verifier)}, bad},
		"another redirect":  {[]string{"redirect_uri", callback + "/other"}, "redirect_uri_mismatch"},
		"another App":       {[]string{"client_id", other.ClientID(), "client_secret", "its own"}, bad},
		"another's secret":  {[]string{"client_secret", "its own"}, "incorrect_client_credentials"},
		"no secret":         {[]string{"client_secret", ""}, "incorrect_client_credentials"},
		"an unknown client": {[]string{"client_id", "nobody"}, "incorrect_client_credentials"},
		"another code":      {[]string{"code", "0123456789abcdef0123"}, bad},
		"no code":           {[]string{"code", ""}, bad},
	} {
		t.Run(name, func(t *testing.T) { f.exchange(f.code(), c.change...).is("error", c.want) })
	}

	code := f.code()
	f.exchange(code).is("token_type", "bearer")
	f.exchange(code).is("error", bad) // replayed
	code = f.code()
	f.exchange(code, "code_verifier", "wrong").is("error", bad)
	f.exchange(code).is("error", bad) // used up by that
	code = f.code()
	f.exchange(code, "client_secret", "wrong").is("error", "incorrect_client_credentials")
	f.exchange(code).is("token_type", "bearer") // nobody has shown it who could
	code = f.code()
	f.clock.forward(10*time.Minute - time.Second)
	f.exchange(code).is("token_type", "bearer")
	code = f.code()
	f.clock.forward(10 * time.Minute)
	f.exchange(code).is("error", bad) // expired
	code = f.code()
	f.alice.VerifyMail(false)
	f.exchange(code).is("error", "unverified_user_email")
	f.alice.VerifyMail(true)
	other.SetClientSecret("")
	f.exchange(f.code(), "client_id", other.ClientID(), "client_secret", "").is("error", "incorrect_client_credentials")
}

func TestWhoCannotAuthorize(t *testing.T) {
	f := newWebFlow(t)
	for name, c := range map[string]struct{ address, login string }{
		"a bot":                 {f.ask(), "fixer[bot]"},
		"an organisation":       {f.ask(), "acme"},
		"nobody":                {f.ask(), "mallory"},
		"an unknown client":     {f.ask("client_id", "nobody"), "alice"},
		"another callback":      {f.ask("redirect_uri", callback+"/x"), "alice"},
		"a callback in another": {f.ask("redirect_uri", callback+"?x=1"), "alice"},
		"another host":          {f.ask("redirect_uri", "https://evil.example/sign-in/callback"), "alice"},
		"a plain challenge":     {f.ask("code_challenge_method", "plain"), "alice"},
		"no method":             {f.ask("code_challenge_method", ""), "alice"},
		"a method of nothing":   {f.ask("code_challenge", ""), "alice"},
		"no digest":             {f.ask("code_challenge", verifier), "alice"},
		"another page":          {f.base + "/login?client_id=" + f.app.ClientID(), "alice"},
		"another site":          {strings.Replace(f.ask(), "127.0.0.1", "127.0.0.2", 1), "alice"},
	} {
		if to, err := f.hub.Authorize(c.address, c.login); err == nil {
			t.Errorf("%s: sent to %s", name, to)
		}
		if to, err := f.hub.Decline(c.address, c.login); err == nil {
			t.Errorf("%s: sent to %s", name, to)
		}
	}
	f.app.SetCallbacks()
	if to, err := f.hub.Authorize(f.ask("redirect_uri", ""), "alice"); err == nil {
		t.Errorf("without a callback: sent to %s", to)
	}
}

func TestASuspendedPersonIsNobody(t *testing.T) {
	f := newWebFlow(t)
	code, token := f.code(), f.exchange(f.code()).value("access_token").(string)
	bot := f.hub.UserToken(f.app, f.agent)
	f.alice.Suspend(true)
	f.exchange(code).is("error", "bad_verification_code")
	f.as(token).get("/user").want(403).says("suspended")
	if to, err := f.hub.Authorize(f.ask(), "alice"); err == nil {
		t.Errorf("sent to %s", to)
	}
	f.alice.Suspend(false)
	f.as(token).get("/user").want(200)
	f.as(bot).get("/user").want(200).is("type", "Bot")
}

// client is the App with its client id and secret.
func (f webFlow) client() *caller {
	c := f.as("")
	c.header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(f.app.ClientID()+":"+secret)))
	return c
}

func TestAnAppChecksAndRevokesItsTokens(t *testing.T) {
	f := newWebFlow(t)
	token := f.exchange(f.code()).value("access_token").(string)
	of := "/applications/" + f.app.ClientID() + "/token"
	in := fields{"access_token": token}
	f.client().do("POST", of, in).want(200).is("token", token).is("user.login", "alice").is("app.client_id", f.app.ClientID())
	other, err := f.hub.CreateApp(fakehub.NewApp{Slug: "other", PrivateKey: key(), ClientSecret: "its own"})
	f.do(err)
	f.client().do("POST", "/applications/"+other.ClientID()+"/token", in).want(404)
	f.client().do("POST", of, fields{"access_token": f.hub.UserToken(other, f.alice)}).want(404)
	f.client().do("POST", of, fields{"access_token": f.token}).want(404)
	f.as("").do("DELETE", of, in).want(401)
	f.as(token).do("DELETE", of, in).want(403)
	f.as(f.appJWT()).do("DELETE", of, in).want(403)
	wrong := f.as("")
	for _, basic := range []string{f.app.ClientID() + ":wrong", f.app.ClientID() + ":", other.ClientID() + ":" + secret, "x"} {
		wrong.header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(basic)))
		wrong.do("DELETE", of, in).want(401)
	}
	f.as(token).get("/user").want(200)
	f.client().get("/user").want(403)
	f.client().do("DELETE", of, in).want(204)
	f.as(token).get("/user").want(401)
	f.client().do("DELETE", of, in).want(404)
	f.client().do("POST", of, in).want(404)
}
