//go:build services

package stories

import (
	"encoding/base64"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	virtual "github.com/descope/virtualwebauthn"

	"github.com/gatehold/gatehold/internal/notify/notifytest"
	"github.com/gatehold/gatehold/internal/passkey"
	"github.com/gatehold/gatehold/internal/testworld"
)

// pagesAt is where people reach the pages. Browsers make no passkeys for an address
// that is a number, so the stories' have a name that leads to the door.
const pagesAt = "https://gate.acme.test"

func party(r *rig) passkey.Party {
	r.Helper()
	p, err := passkey.NewParty(pagesAt)
	r.must(err)
	return p
}

// browser is one person's: it keeps cookies, and holds an authenticator.
type browser struct {
	*desk
	login   string
	cookies map[string]string
	hub     *http.Client // at GitHub
	rp      virtual.RelyingParty
	device  virtual.Authenticator
	key     virtual.Credential
}

// browsers is a desk whose pages people sign in to.
func newBrowsers(t *testing.T, text string) *desk {
	t.Helper()
	return newBrowsersIn(t, text, nil)
}

func newBrowsersIn(t *testing.T, text string, slack *notifytest.Workspace) *desk {
	t.Helper()
	w := newWorld(t, testworld.Options{People: testworld.People{"ana": "sre", "bo": "sre", "cy": "sre"}, Rules: text})
	w.doors, w.signedIn, w.slack = true, true, slack
	w.Shop.Collaborate(w.Bo, "write")
	w.Shop.Collaborate(w.hub.Account("cy"), "write")
	d := &desk{&clicks{world: w, t: t}}
	d.begin()
	d.open(d.Tidy(), "Held: needs 1 approval")
	return d
}

func (d *desk) browser(login string) *browser {
	d.t.Helper()
	jar, err := cookiejar.New(nil)
	d.must(err)
	return &browser{desk: d, login: login, cookies: map[string]string{},
		hub: &http.Client{Jar: jar, Timeout: 30 * time.Second,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		rp: virtual.RelyingParty{ID: "gate.acme.test", Name: "gatehold", Origin: pagesAt}, device: virtual.NewAuthenticator(),
		key: newKey()}
}

// seenPage is what a door answers.
type seenPage struct {
	status   int
	location string
	body     string
	header   http.Header
}

// ask sends one request to the door, from a site: "same-origin" for a form of ours.
func (b *browser) ask(method, path, site string, form url.Values) seenPage {
	b.t.Helper()
	req := httptest.NewRequest(method, pagesAt+path, strings.NewReader(form.Encode()))
	req.Header.Set("Accept", "text/html")
	req.Header.Set("Sec-Fetch-Site", site)
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, value := range b.cookies {
		req.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	(*b.door.Load()).ServeHTTP(w, req)
	for _, c := range w.Result().Cookies() {
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
			continue
		}
		if !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || !strings.HasPrefix(c.Name, "__Host-") || c.Path != "/" {
			b.t.Errorf("the cookie %s is not bound to this host: %+v", c.Name, c)
		}
		b.cookies[c.Name] = c.Value
	}
	return seenPage{status: w.Code, location: w.Header().Get("Location"), body: w.Body.String(), header: w.Header()}
}

func (b *browser) get(path string) seenPage { b.t.Helper(); return b.ask("GET", path, "none", nil) }

func (b *browser) post(path string, form url.Values) seenPage {
	b.t.Helper()
	return b.ask("POST", path, "same-origin", form)
}

// want checks what a page says.
func (b *browser) want(p seenPage, status int, says ...string) seenPage {
	b.t.Helper()
	if p.status != status {
		b.t.Fatalf("it answers %d, not %d: %s", p.status, status, plain(p.body))
	}
	for _, s := range says {
		if !strings.Contains(plain(p.body), s) {
			b.t.Fatalf("the page does not say %q: %s", s, plain(p.body))
		}
	}
	return p
}

var tags = regexp.MustCompile(`<(style|script)[^>]*>[^<]*</(style|script)>|<[^>]*>`)

// plain is the text of a page.
func plain(body string) string {
	return strings.Join(strings.Fields(html.UnescapeString(tags.ReplaceAllString(body, " "))), " ")
}

// atGitHub sends a request to the fake GitHub, as the browser would.
func (b *browser) atGitHub(method, path string, form url.Values) string {
	b.t.Helper()
	req, err := http.NewRequest(method, b.on.Base+strings.TrimPrefix(path, b.on.Base), strings.NewReader(form.Encode()))
	b.must(err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	resp, err := b.hub.Do(req)
	b.must(err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	b.must(err)
	if resp.StatusCode >= 400 {
		b.t.Fatalf("GitHub answers %s %s with %d: %s", method, path, resp.StatusCode, body)
	}
	return resp.Header.Get("Location")
}

// authorized is the way back from GitHub, which has been told yes.
func (b *browser) authorized(at string) string {
	b.t.Helper()
	_, asked, _ := strings.Cut(at, "?")
	to := b.atGitHub("GET", at, nil)
	if strings.HasPrefix(to, "/login?") {
		u, err := url.Parse(to)
		b.must(err)
		to = b.atGitHub("POST", "/login", url.Values{"as": {b.login}, "return_to": {u.Query().Get("return_to")}})
		to = b.atGitHub("GET", to, nil)
	}
	if to == "" {
		to = b.atGitHub("POST", "/login/oauth/authorize", url.Values{"asked": {asked}, "as": {b.login}, "answer": {"allow"}})
	}
	if !strings.HasPrefix(to, pagesAt+"/sign-in/callback?") {
		b.t.Fatalf("GitHub sends the browser to %q", to)
	}
	return strings.TrimPrefix(to, pagesAt)
}

// signIn signs the person in.
func (b *browser) signIn() *browser {
	b.t.Helper()
	at := b.want(b.get("/sign-in?to=/you"), 302).location
	if to := b.want(b.get(b.authorized(at)), 302).location; to != "/you" {
		b.t.Fatalf("signed in, the browser goes to %s", to)
	}
	return b
}

var (
	ticket  = regexp.MustCompile(`name="ticket" value="([^"]*)"`)
	options = regexp.MustCompile(`data-options="([^"]*)"`)
)

func (b *browser) field(p seenPage, field *regexp.Regexp) string {
	b.t.Helper()
	m := field.FindStringSubmatch(p.body)
	if m == nil {
		b.t.Fatalf("the page lacks %s: %s", field, plain(p.body))
	}
	return html.UnescapeString(m[1])
}

// create has the device make a key, as a page asks.
func (b *browser) create(p seenPage) url.Values {
	b.t.Helper()
	asked, err := virtual.ParseAttestationOptions(`{"publicKey":` + b.field(p, options) + `}`)
	b.must(err)
	return url.Values{"ticket": {b.field(p, ticket)}, "response": {virtual.CreateAttestationResponse(b.rp, b.device, b.key, *asked)}}
}

// sign has the device sign, as a page asks.
func (b *browser) sign(p seenPage) url.Values {
	b.t.Helper()
	asked, err := virtual.ParseAssertionOptions(`{"publicKey":` + b.field(p, options) + `}`)
	b.must(err)
	b.key.Counter++
	return url.Values{"ticket": {b.field(p, ticket)}, "response": {virtual.CreateAssertionResponse(b.rp, b.device, b.key, *asked)}}
}

// enrol makes a first key.
func (b *browser) enrol() *browser {
	b.t.Helper()
	made := b.want(b.post("/you/keys", url.Values{"name": {"laptop of " + b.login}}), 200)
	b.want(b.post("/you/keys/made", b.create(made)), 303)
	b.want(b.get("/you"), 200, "waits laptop of "+b.login)
	return b
}

func (b *browser) keyID() string { return base64.RawURLEncoding.EncodeToString(b.key.ID) }

// gatePage is the page of the pull request.
func (b *browser) gatePage() seenPage { b.t.Helper(); return b.want(b.get("/gates/"+b.stream()), 200) }

// answers gives an answer on a page of the gate: by the page, or signed.
func (b *browser) answers(shown seenPage, answer, reason string) seenPage {
	b.t.Helper()
	return b.post("/answer", url.Values{"ticket": {b.field(shown, ticket)}, "answer": {answer}, "reason": {reason}})
}

// signs gives an answer by passkey, and returns what became of it.
func (b *browser) signs(answer, reason string) seenPage {
	b.t.Helper()
	asked := b.want(b.answers(b.gatePage(), answer+"/passkey", reason), 200, "This is what your passkey signs")
	return b.follow(b.post("/sign", b.sign(asked)))
}

func (b *browser) follow(p seenPage) seenPage {
	b.t.Helper()
	return b.get(b.want(p, 303).location)
}

// newKey is a key whose coordinates are whole: the library leaves out zeros in front,
// which is no key to anybody else.
func newKey() virtual.Credential {
	for {
		if key := virtual.NewCredential(virtual.KeyTypeEC2); len(key.Key.AttestationData()) == 77 {
			return key
		}
	}
}
