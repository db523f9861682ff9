//go:build services

package stories

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/testworld"
)

// pageRules take an approval by a click, on the check or the page.
const pageRules = `version: 1
extends: [default]
mode: enforce
needs:
  high:     { approvals: 1, from: ["@acme/sre"], via: [button, passkey] }
  critical: { approvals: 1, from: ["@acme/sre"], via: [button, passkey] }
`

// Who knocks, from whoever may do least.
var kinds = []string{"nobody", "expired", "stranger", "reader", "writer", "approver", "owner"}

// knock is what is asked of one route, and what each kind of person gets for it, in the
// order of kinds.
type knock struct {
	path string
	form func(*browser) url.Values
	want []int
	// anywhere says that it knows nobody by a cookie, so that it is all the same from
	// where it is asked.
	anywhere bool
}

func same(status int) []int { return slices.Repeat([]int{status}, len(kinds)) }

// toSignIn is for pages: who is not signed in is led to sign in.
func toSignIn(stranger, others int) []int {
	return []int{302, 302, stranger, others, others, others, others}
}

// signedOut is for actions: who is not signed in is refused.
func signedOut(status int) []int {
	return []int{401, 401, status, status, status, status, status}
}

// house is a private repository with a gate and an environment, and people of each kind.
type house struct {
	*desk
	people map[string]*browser
	ticket string // of the approver's page
}

func newHouse(t *testing.T) *house {
	t.Helper()
	w := newWorld(t, testworld.Options{People: testworld.People{"ana": "sre", "bo": "sre", "cy": "sre"}, Rules: pageRules})
	w.doors, w.signedIn, w.guard = true, true, true
	w.Shop.SetPrivate(true)
	w.hub.CreateEnvironment(w.Shop, "production").Protect(w.app, true)
	d := &desk{&clicks{world: w, t: t}}
	h := &house{desk: d, people: map[string]*browser{}}
	account := map[string]string{"stranger": "eve", "reader": "rae", "writer": "wim", "approver": "bo", "owner": "oda", "expired": "cy"}
	for _, kind := range []string{"stranger", "reader", "writer", "owner"} {
		who := w.hub.CreateUser(account[kind])
		switch kind {
		case "reader":
			w.Shop.Collaborate(who, "read")
		case "writer":
			w.Shop.Collaborate(who, "write")
		case "owner":
			w.Acme.AddMember(who, "admin")
		}
	}
	w.Shop.Collaborate(w.Bo, "write")
	d.begin()
	d.open(d.Tidy(), "Held: needs 1 approval")
	h.people["nobody"] = d.browser("bo")
	h.people["expired"] = d.browser(account["expired"]).signIn()
	d.later(13 * time.Hour)
	for _, kind := range []string{"stranger", "reader", "writer", "approver", "owner"} {
		h.people[kind] = d.browser(account[kind]).signIn()
	}
	h.ticket = h.field(h.people["approver"], "/gates/"+d.stream())
	return h
}

func (h *house) field(b *browser, path string) string {
	h.t.Helper()
	return b.field(b.get(path), ticket)
}

// answer is an answer with the ticket of a person's own page, or the approver's where
// theirs has none.
func (h *house) answer(b *browser) url.Values {
	t := h.ticket
	if m := ticket.FindStringSubmatch(b.get("/gates/" + h.stream()).body); m != nil {
		t = m[1]
	}
	return url.Values{"ticket": {t}, "answer": {"deny/page"}, "reason": {"The table is used."}}
}

// matrix is every route with what it answers to whom. A route that is not here fails the
// test.
func (h *house) matrix() map[string]knock {
	repo := "/repositories/" + gate.Subject{Kind: gate.Repository, Repo: gate.Repo{ID: h.Shop.ID}}.Stream()
	env := "/environments/" + gate.Subject{Kind: gate.Environment, Repo: gate.Repo{ID: h.Shop.ID}, Environment: "production"}.Stream()
	nothing := func(*browser) url.Values { return url.Values{} }
	out := map[string]knock{
		"GET /healthz": {path: "/healthz", want: same(200)}, "GET /readyz": {path: "/readyz", want: same(200)},
		"GET /metrics":  {path: "/metrics", want: same(200)},
		"POST /webhook": {path: "/webhook", form: nothing, want: same(401)},
		"GET /sign-in":  {path: "/sign-in", want: same(302)}, "GET /signed-out": {path: "/signed-out", want: same(200)},
		"GET /sign-in/callback":                  {path: "/sign-in/callback?code=x&state=y", want: same(410)},
		"GET /":                                  {path: "/", want: toSignIn(302, 302)},
		"GET /gates/*stream":                     {path: "/gates/" + h.stream(), want: toSignIn(404, 200)},
		"GET /repositories/*stream":              {path: repo, want: toSignIn(404, 200)},
		"GET /environments/*stream":              {path: env, want: toSignIn(404, 200)},
		"GET /events":                            {path: "/events?of=" + h.stream(), want: toSignIn(404, 200)},
		"GET /you":                               {path: "/you", want: toSignIn(200, 200)},
		"GET /people/:account/keys/:key":         {path: "/people/1/keys/x", want: toSignIn(404, 404)},
		"POST /people/:account/keys/:key/vouch":  {path: "/people/1/keys/x/vouch", form: nothing, want: signedOut(400)},
		"POST /people/:account/keys/:key/object": {path: "/people/1/keys/x/object", form: nothing, want: signedOut(404)},
		"POST /you/keys":                         {path: "/you/keys", form: nothing, want: signedOut(200)}, // a question for the browser
		"POST /you/keys/made":                    {path: "/you/keys/made", form: nothing, want: signedOut(400)},
		"POST /you/keys/add":                     {path: "/you/keys/add", form: nothing, want: signedOut(400)},
		"POST /you/keys/revoke":                  {path: "/you/keys/revoke", form: nothing, want: signedOut(404)},
		"POST /sign":                             {path: "/sign", form: nothing, want: signedOut(400)},
		"GET /people":                            {path: "/people", want: toSignIn(200, 200)},
		"POST /people/:account/keys/:key/end":    {path: "/people/1/keys/x/end", form: nothing, want: signedOut(404)},
		"POST /people/:account/keys/:key/ended":  {path: "/people/1/keys/x/ended", form: nothing, want: signedOut(400)},
		"POST /mine":                             {path: "/mine", form: nothing, want: signedOut(400)},
		"POST /mine/signed":                      {path: "/mine/signed", form: nothing, want: signedOut(400)},
		"POST /sign-out":                         {path: "/sign-out", form: nothing, want: signedOut(303)},
		// A ticket is for the session whose page it is of; the pages of the others have none.
		"POST /answer": {path: "/answer", form: h.answer, want: []int{401, 401, 400, 400, 400, 303, 400}},
	}
	for _, list := range []string{"/gates", "/waiting", "/agents", "/rules", "/trends", "/coverage", "/repositories", "/environments"} {
		out["GET "+list] = knock{path: list, want: toSignIn(200, 200)}
	}
	// Whoever asks these proves it otherwise: by an identity token, by Slack's signature, by
	// a link that was sent to them. Here nobody is given credentials, and Slack is not set up.
	for path, status := range map[string]int{"/token": 404, "/token/revoke": 404, "/slack/actions": 404, "/unsubscribe": 400} {
		out["POST "+path] = knock{path, nothing, same(status), true}
	}
	for path, status := range map[string]int{"/you/slack": 404, "/you/mail": 400} {
		out["GET "+path] = knock{path: path, want: toSignIn(status, status)}
	}
	out["GET /unsubscribe"] = knock{path: "/unsubscribe", want: same(400)}
	for path, status := range map[string]int{"/you/slack": 400, "/you/slack/remove": 404, "/you/settings": 400, "/you/mail": 400} {
		out["POST "+path] = knock{path: path, form: nothing, want: signedOut(status)}
	}
	for _, step := range []string{"/api/requests", "/api/requests/complete", "/api/answers", "/api/answers/outcome"} {
		out["POST "+step] = knock{path: step, form: nothing, want: same(415)} // they know nobody by a cookie
	}
	return out
}

func (h *house) routes() gin.RoutesInfo {
	engine, is := (*h.door.Load()).(*gin.Engine)
	if !is {
		h.t.Fatal("the doors are no gin engine")
	}
	return engine.Routes()
}

// TestEveryDoorToEveryPerson walks the routes as they are, each of them as every kind of
// person, from our own page, from another site's, and by methods that it does not have.
func TestEveryDoorToEveryPerson(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	matrix := h.matrix()
	methods := map[string][]string{}
	for _, r := range h.routes() {
		methods[r.Path] = append(methods[r.Path], r.Method)
		if strings.HasPrefix(r.Path, "/static/") {
			matrix["GET "+r.Path] = knock{path: r.Path, want: same(200)}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(matrix)) {
		method, path, _ := strings.Cut(name, " ")
		if !slices.Contains(methods[path], method) {
			t.Errorf("%s is in the table, and no route", name)
		}
	}
	for _, r := range h.routes() {
		name := r.Method + " " + r.Path
		k, known := matrix[name]
		if !known {
			t.Errorf("%s is a route, and not in the table: who may what there?", name)
			continue
		}
		if name == "POST /sign-out" || name == "POST /answer" {
			continue // in the end: they end something
		}
		h.asEverybody(name, k)
	}
	h.asEverybody("POST /answer", matrix["POST /answer"])
	h.says("Denied by @bo", "")
	h.asEverybody("POST /sign-out", matrix["POST /sign-out"])
	for kind, b := range h.people {
		if p := b.get("/you"); p.status != 302 {
			t.Errorf("%s signed out, and is still there: %d", kind, p.status)
		}
	}
	h.wrongMethods(matrix, methods)
}

// asEverybody knocks as every kind of person, and first from another site.
func (h *house) asEverybody(name string, k knock) {
	method, _, _ := strings.Cut(name, " ")
	for i, kind := range kinds {
		b := h.people[kind]
		form := url.Values{}
		if k.form != nil {
			form = k.form(b)
		}
		if method == http.MethodPost {
			for _, from := range []http.Header{{"Sec-Fetch-Site": {"cross-site"}}, {"Sec-Fetch-Site": {"same-site"}}, {"Origin": {"https://evil.test"}},
				{"Origin": {"null"}}} {
				want := k.want[i]
				if want != 401 && want != 415 && !k.anywhere {
					want = 403
				}
				if p := b.knock(method, k.path, from, form); p.status != want {
					h.t.Errorf("%s as %s from another site (%v): %d, want %d: %s", name, kind, from, p.status, want, plain(p.body))
				}
			}
		}
		p := b.knock(method, k.path, http.Header{"Sec-Fetch-Site": {"same-origin"}}, form)
		if p.status != k.want[i] {
			h.t.Errorf("%s as %s: %d, want %d: %.300s", name, kind, p.status, k.want[i], plain(p.body))
		}
		h.careful(name+" as "+kind, p)
		if p.status == 404 && method == http.MethodGet && strings.HasSuffix(name, "*stream") {
			none := b.knock(method, k.path[:strings.LastIndex(k.path, "/")]+"/999", http.Header{"Sec-Fetch-Site": {"same-origin"}}, form)
			if none.status != 404 || none.body != p.body || fmt.Sprint(none.header) != fmt.Sprint(p.header) {
				h.t.Errorf("%s as %s: what is hidden is told from what is not there", name, kind)
			}
		}
	}
}

// careful holds what every answer carries.
func (h *house) careful(what string, p seenPage) {
	h.t.Helper()
	for name, want := range map[string]string{
		"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin", "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
	} {
		if got := p.header.Get(name); got != want {
			h.t.Errorf("%s: %s is %q", what, name, got)
		}
	}
	csp := p.header.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"} {
		if !strings.Contains(csp, want) {
			h.t.Errorf("%s: the policy lacks %s", what, want)
		}
	}
	if strings.Contains(csp, "unsafe") || p.header.Get("Access-Control-Allow-Origin") != "" {
		h.t.Errorf("%s: it lets others in: %q %q", what, csp, p.header.Get("Access-Control-Allow-Origin"))
	}
	if cache := p.header.Get("Cache-Control"); !strings.Contains(cache, "no-store") && !strings.Contains(what, "/static/") {
		h.t.Errorf("%s may be kept: %q", what, cache)
	}
	if kind := p.header.Get("Content-Type"); p.body != "" && !strings.Contains(kind, "utf-8") && kind != "text/event-stream" {
		h.t.Errorf("%s has the type %q", what, kind)
	}
}

// wrongMethods asks each path in ways that it does not have.
func (h *house) wrongMethods(matrix map[string]knock, methods map[string][]string) {
	for name, k := range matrix {
		_, path, _ := strings.Cut(name, " ")
		for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE"} {
			if slices.Contains(methods[path], method) {
				continue
			}
			p := h.people["approver"].knock(method, k.path, http.Header{"Sec-Fetch-Site": {"same-origin"}}, url.Values{})
			if p.status != 405 {
				h.t.Errorf("%s %s answers %d", method, k.path, p.status)
			}
			h.careful(method+" "+k.path, p)
		}
	}
}

// TestAPageThatAsksByItselfKeepsNobodySignedIn: two hours after somebody looked last
// they are signed out, though a page of theirs asks for news.
func TestAPageThatAsksByItselfKeepsNobodySignedIn(t *testing.T) {
	t.Parallel()
	d := newBrowsers(t, pageRules)
	bo := d.browser("bo").signIn()
	d.later(10 * time.Minute)
	asks := func(what string) string {
		p := bo.knock("GET", "/gates", http.Header{"Sec-Fetch-Site": {"same-origin"}, "Sec-Fetch-Dest": {what}}, nil)
		bo.want(p, 200)
		return p.header.Get("Set-Cookie")
	}
	if given := asks("empty"); given != "" {
		t.Errorf("a page that asks by itself is given %q", given)
	}
	if given := asks("document"); !strings.HasPrefix(given, "__Host-gatehold=") {
		t.Errorf("who looks is given %q", given)
	}
	d.later(2 * time.Hour)
	if p := bo.knock("GET", "/gates", http.Header{"Sec-Fetch-Dest": {"document"}}, nil); p.status != 302 {
		t.Errorf("who was away for two hours is answered %d", p.status)
	}
}

var knocks atomic.Int64

// knock sends one request as a browser does, with what it says of where it comes from.
// An answer that does not end is cut off with its first words.
func (b *browser) knock(method, path string, from http.Header, form url.Values) seenPage {
	b.t.Helper()
	ctx, cancel := context.WithCancel(b.t.Context())
	defer cancel()
	req := httptest.NewRequestWithContext(ctx, method, pagesAt+path, strings.NewReader(form.Encode()))
	maps.Copy(req.Header, from)
	n := knocks.Add(1) // each from another address: what limits bound is not asked here
	req.RemoteAddr = fmt.Sprintf("10.%d.%d.%d:1", n>>16&255, n>>8&255, n&255)
	req.Header.Set("Accept", "text/html")
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for name, value := range b.cookies {
		req.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	(*b.door.Load()).ServeHTTP(firstWords{w, cancel}, req)
	return seenPage{status: w.Code, location: w.Header().Get("Location"), body: w.Body.String(), header: w.Header()}
}

// firstWords hangs up when something was said.
type firstWords struct {
	*httptest.ResponseRecorder
	hangUp func()
}

func (f firstWords) Write(p []byte) (int, error) {
	defer f.hangUp()
	return f.ResponseRecorder.Write(p)
}

func (f firstWords) WriteString(s string) (int, error) {
	defer f.hangUp()
	return f.ResponseRecorder.WriteString(s)
}
