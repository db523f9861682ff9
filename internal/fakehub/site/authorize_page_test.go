package site_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"
)

// browserOf is a browser that keeps cookies, says from which site a form is, and goes
// nowhere by itself.
func (f webFlow) browserOf() func(method, path, site string, form url.Values) *reply {
	f.t.Helper()
	jar, err := cookiejar.New(nil)
	f.do(err)
	client := &http.Client{Timeout: 10 * time.Second, Jar: jar,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return func(method, path, site string, form url.Values) *reply {
		f.t.Helper()
		req, err := http.NewRequest(method, f.base+strings.TrimPrefix(path, f.base), strings.NewReader(form.Encode()))
		f.do(err)
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Sec-Fetch-Site", site)
		resp, err := client.Do(req)
		f.do(err)
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		f.do(err)
		return &reply{t: f.t, what: method + " " + path, status: resp.StatusCode, header: resp.Header, body: body}
	}
}

func TestAPersonAuthorizesOnThePage(t *testing.T) {
	f := newWebFlow(t)
	f.hub.CreateUser("bob")
	visit := f.browserOf()
	get := func(path string) *reply { t.Helper(); return visit("GET", path, "none", nil) }
	location := func(r *reply) string { t.Helper(); return r.header.Get("Location") }
	login := location(get(f.ask()).want(302))
	if !strings.HasPrefix(login, "/login?return_to=%2Flogin%2Foauth%2Fauthorize%3F") {
		t.Fatalf("nobody is signed in, and the browser goes to %s", login)
	}
	get(login).want(200).says("<option>alice</option>").says("<option>bob</option>")
	u, err := url.Parse(login)
	f.do(err)
	back := u.Query().Get("return_to")
	in := url.Values{"as": {"alice"}, "return_to": {back}}
	visit("POST", "/login", "cross-site", in).want(403)
	visit("POST", "/login", "same-origin", url.Values{"as": {"fixer[bot]"}, "return_to": {back}}).want(422).says("nobody who could")
	signed := visit("POST", "/login", "same-origin", in).want(303)
	if location(signed) != back || !strings.Contains(signed.header.Get("Set-Cookie"), "HttpOnly; SameSite=Lax") {
		t.Fatalf("signed in, the browser goes to %s with %s", location(signed), signed.header.Get("Set-Cookie"))
	}
	page := get(back).want(200).says("would like permission to").says("@alice").says(callback)
	if policy := page.header.Get("Content-Security-Policy"); !strings.Contains(policy, "form-action 'self' http://127.0.0.1:4711;") {
		t.Errorf("the page's form does not lead back: %s", policy)
	}
	_, asked, _ := strings.Cut(back, "?")
	answer := func(site, as, answer string) *reply {
		t.Helper()
		return visit("POST", "/login/oauth/authorize", site, url.Values{"asked": {asked}, "as": {as}, "answer": {answer}})
	}
	answer("cross-site", "alice", "allow").want(403)
	answer("same-origin", "bob", "allow").want(403)
	to := location(answer("same-origin", "alice", "deny").want(302))
	if !strings.HasPrefix(to, callback+"?error=access_denied&") || !strings.HasSuffix(to, "&state=a+state") || strings.Contains(to, "code") {
		t.Errorf("after a no the browser goes to %s", to)
	}
	get(back).want(200) // a no is not remembered
	to = location(answer("same-origin", "alice", "allow").want(302))
	u, err = url.Parse(to)
	f.do(err)
	token := f.exchange(u.Query().Get("code")).is("token_type", "bearer").value("access_token").(string)
	if to := location(get(back).want(302)); !strings.HasPrefix(to, callback+"?code=") {
		t.Errorf("whom the App knows goes to %s", to)
	}
	if to := location(get(f.ask("prompt", "select_account")).want(302)); !strings.HasPrefix(to, "/login?") || strings.Contains(to, "prompt") {
		t.Errorf("whoever is to choose goes to %s", to)
	}
	f.client().do("DELETE", "/applications/"+f.app.ClientID()+"/grant", fields{"access_token": token}).want(204)
	f.as(token).get("/user").want(401)
	get(back).want(200).says("would like permission to")
	f.alice.Suspend(true)
	get(back).want(302)
	answer("same-origin", "alice", "allow").want(403)
	for _, v := range f.hub.Violations() {
		t.Error(v)
	}
}

func TestASignInLeadsToThisSiteOnly(t *testing.T) {
	f := newWebFlow(t)
	for _, back := range []string{"https://evil.example/", "//evil.example/x", `/\evil.example`, "javascript:alert(1)", "/\t/evil.example", "x", "", ":"} {
		r := f.browserOf()("POST", "/login", "same-origin", url.Values{"as": {"alice"}, "return_to": {back}}).want(303)
		if to := r.header.Get("Location"); to != "/" {
			t.Errorf("%q leads to %q", back, to)
		}
	}
	r := f.browserOf()("GET", f.ask("redirect_uri", "https://evil.example/"), "none", nil).want(404).says("not associated")
	if r.header.Get("Location") != "" {
		t.Error("the browser is sent on")
	}
}
