package site_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
)

// login is a client of the device flow that asks for JSON.
func (w *world) login(path, client, code string) *reply {
	w.t.Helper()
	form := url.Values{"client_id": {client}}
	if code != "" {
		form.Set("device_code", code)
		form.Set("grant_type", "urn:ietf:params:oauth:grant-type:device_code")
	}
	return w.post(path, form, "application/json")
}

func (w *world) post(path string, form url.Values, accept string) *reply {
	w.t.Helper()
	req, err := http.NewRequest(http.MethodPost, w.base+path, strings.NewReader(form.Encode()))
	w.do(err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", accept)
	resp, err := (&http.Client{Timeout: 10 * time.Second}).Do(req)
	w.do(err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	w.do(err)
	return &reply{t: w.t, what: "POST " + path, status: resp.StatusCode, header: resp.Header, body: body}
}

// device asks for a code; poll then asks what became of it, when it may.
func (w *world) device(c *clock) (userCode string, poll func() *reply) {
	w.t.Helper()
	asked := w.login("/login/device/code", w.app.ClientID(), "").want(200).is("verification_uri",
		w.base+"/login/device").is("expires_in", 900).is("interval", 5)
	code := asked.value("device_code").(string)
	return asked.value("user_code").(string), func() *reply {
		w.t.Helper()
		c.forward(5 * time.Second)
		return w.login("/login/oauth/access_token", w.app.ClientID(), code).want(200)
	}
}

func TestSigningInThroughADevice(t *testing.T) {
	w, c := deployWorld(t, fakehub.Options{})
	code, poll := w.device(c)
	poll().is("error", "authorization_pending")
	if err := w.hub.EnterCode("WRNG-CODE", "alice"); err == nil {
		t.Error("a code that nobody was given was taken")
	}
	if err := w.hub.EnterCode(code, "fixer[bot]"); err == nil {
		t.Error("a bot entered a code")
	}
	w.do(w.hub.EnterCode(strings.ToLower(strings.ReplaceAll(code, "-", "")), "Alice"))
	if err := w.hub.EnterCode(code, "alice"); err == nil {
		t.Error("a code was taken twice")
	}
	got := poll().is("token_type", "bearer").is("scope", "").is("expires_in", 28800)
	token := got.value("access_token").(string)
	if !strings.HasPrefix(token, "ghu_") || !strings.HasPrefix(got.value("refresh_token").(string), "ghr_") {
		t.Errorf("the tokens are %s", got.body)
	}
	poll().is("error", "incorrect_device_code")
	w.as(token).get("/user").want(200).is("login", "alice").is("id", w.alice.ID).is("type", "User")
	w.as(w.token).get("/user").want(403)
	w.as("").get("/user").want(401)
	w.as("ghu_wrong").get("/user").want(401)
	c.forward(8 * time.Hour)
	w.as(token).get("/user").want(401).says("Bad credentials")
}

func TestADeviceIsRefused(t *testing.T) {
	w, c := deployWorld(t, fakehub.Options{})
	code, poll := w.device(c)
	poll().is("error", "authorization_pending")
	c.forward(-time.Second) // four seconds after the last question
	poll().is("error", "slow_down").is("interval", 10)
	poll().is("error", "slow_down").is("interval", 15)
	c.forward(10 * time.Second)
	poll().is("error", "authorization_pending")
	w.do(w.hub.DenyCode(code, "alice"))
	c.forward(10 * time.Second)
	poll().is("error", "access_denied")
	code, poll = w.device(c)
	c.forward(15 * time.Minute)
	poll().is("error", "expired_token")
	if err := w.hub.EnterCode(code, "alice"); err == nil {
		t.Error("a code was taken that had run out")
	}
	w.login("/login/oauth/access_token", "nobody", "x").want(200).is("error", "incorrect_client_credentials")
	w.login("/login/oauth/access_token", w.app.ClientID(), "x").want(200).is("error", "incorrect_device_code")
	w.login("/login/oauth/access_token", w.app.ClientID(), "").want(200).is("error", "unsupported_grant_type")
	w.login("/login/device/code", "nobody", "").want(404)
	w.login("/api/v3/login/device/code", w.app.ClientID(), "").want(501)
	w.app.SetDeviceFlow(false)
	w.login("/login/device/code", w.app.ClientID(), "").want(200).is("error", "device_flow_disabled")
}

func TestACodeIsEnteredOnThePage(t *testing.T) {
	w, c := deployWorld(t, fakehub.Options{})
	form := func(code, answer string) url.Values {
		return url.Values{"code": {code}, "as": {"alice"}, "answer": {answer}}
	}
	code, poll := w.device(c)
	w.browse("/login/device?code=" + code).want(200).says(`value="` + code + `"`).says("<option>alice</option>")
	w.submit("/login/device", "cross-site", form(code, "allow")).want(403)
	w.submit("/login/device", "same-origin", form("<b>wrong", "allow")).want(422)
	poll().is("error", "authorization_pending")
	w.submit("/login/device", "same-origin", form(code, "allow")).want(200)
	poll().is("token_type", "bearer")
	code, poll = w.device(c)
	w.submit("/login/device", "same-origin", form(code, "deny")).want(200)
	poll().is("error", "access_denied")
	if v := w.hub.Violations(); len(v) > 0 {
		t.Errorf("the page is no API: %q", v)
	}
}

func TestTheWebHostAnswersInFormsUnlessAskedForJSON(t *testing.T) {
	w, _ := deployWorld(t, fakehub.Options{DeviceInterval: time.Second})
	r := w.post("/login/device/code", url.Values{"client_id": {w.app.ClientID()}}, "*/*").want(200)
	form, err := url.ParseQuery(string(r.body))
	if err != nil || len(form.Get("user_code")) != 9 || form.Get("interval") != "1" {
		t.Errorf("the answer is %s (%v)", r.body, err)
	}
	in := fields{"client_id": w.app.ClientID(), "device_code": form.Get("device_code"),
		"grant_type": "urn:ietf:params:oauth:grant-type:device_code"}
	w.as("").do("POST", "/login/oauth/access_token", in).want(200).is("error", "authorization_pending")
	if n := r.header.Get("X-Ratelimit-Limit"); n != "" {
		t.Errorf("the web host has the API's quota of %s", n)
	}
}

func TestAUserTokenCanDoWhatPersonAndAppBothMay(t *testing.T) {
	w, _ := deployWorld(t, fakehub.Options{})
	bob := w.hub.CreateUser("bob")
	w.inst.Select(w.shop)
	other := w.acme.CreateRepo("other", nil)
	alice := w.as(w.hub.UserToken(w.app, w.alice))
	alice.get("/repos/acme/shop").want(200)
	alice.get("/repos/acme/other").want(404)
	alice.get("/repos/acme/shop/environments").want(200)
	w.as(w.hub.PersonalToken(w.alice)).get("/repos/acme/other").want(200)
	w.as(w.hub.UserToken(w.app, bob)).get("/repos/acme/shop").want(404)
	alice.do("POST", "/repos/acme/shop/environments/prod%2Feu/deployment_protection_rules", fields{"integration_id": w.app.ID}).want(403)
	ask := func(repo string) *reply {
		return alice.ask(`query($r: String!) { repository(owner: "acme", name: $r) { object(expression: "main") { oid `+
			`} deployments(first: 1) { totalCount } } }`, fields{"r": repo})
	}
	ask("shop").is("data.repository.deployments.totalCount", 0)
	ask("other").is("errors.0.type", "NOT_FOUND")
	w.inst.AcceptPermissions(map[string]string{"metadata": "read", "contents": "read"})
	ask("shop").is("errors.0.type", "FORBIDDEN").is("data.repository.object.oid", w.shop.Tip("main"))
	alice.get("/repos/acme/shop/environments").want(403)
	other.SetPrivate(false)
	alice.get("/repos/acme/other").want(200)
}

func TestInstallationsTellOfTheirPermissionsAndRepositories(t *testing.T) {
	w, _ := deployWorld(t, fakehub.Options{})
	w.inst.AcceptPermissions(map[string]string{"metadata": "read", "checks": "write"})
	w.inst.Select()
	w.inst.Select(w.shop)
	hooks := w.took()
	p := reply{t: t, body: only(hooks, "installation", "new_permissions_accepted")[0].body}
	p.is("installation.permissions.checks", "write").is("installation.id", w.inst.ID)
	added := reply{t: t, body: only(hooks, "installation_repositories", "added")[0].body}
	added.is("repositories_added.0.name", "shop")
}

func TestAPushListsThePathsOfEachCommit(t *testing.T) {
	w, _ := deployWorld(t, fakehub.Options{})
	before := w.shop.Tip("main")
	after, err := w.shop.Commit("main", fakehub.NewCommit{Author: w.agent, Message: "Paths", Files: fakehub.Files{
		"README.md": "other\n", "new.txt": "x\n", "db/1.sql": fakehub.Deleted}})
	w.do(err)
	p := reply{t: t, body: only(w.took(), "push", "")[0].body}
	p.is("ref", "refs/heads/main").is("before", before).is("after", after).is("commits.0.added", "[new.txt]").
		is("commits.0.modified", "[README.md]").is("commits.0.removed", "[db/1.sql]")
}
