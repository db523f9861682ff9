package site_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/site"
)

// key is shared: making one takes longer than most tests.
var key = sync.OnceValue(func() *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return k
})

// world is a small organisation with an App on it.
type world struct {
	t     *testing.T
	hub   *site.Hub
	base  string
	acme  *fakehub.Org
	alice *fakehub.Account
	agent *fakehub.Account
	shop  *fakehub.Repo
	app   *fakehub.App
	inst  *fakehub.Installation
	token string
	hooks *receiver
	now   func() time.Time // the hub's
}

func newWorld(t *testing.T, opt fakehub.Options) *world {
	t.Helper()
	w := &world{t: t, hub: site.New(opt), hooks: newReceiver(t), now: opt.Now}
	if w.now == nil {
		w.now = time.Now
	}
	base, err := w.hub.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.hub.Close)
	w.base = base
	w.acme = w.hub.CreateOrg("acme")
	w.alice = w.hub.CreateUser("alice")
	w.agent = w.hub.CreateBot("fixer")
	w.acme.AddMember(w.alice, "admin")
	w.shop = w.acme.CreateRepo("shop", fakehub.Files{"README.md": "hello\n", "db/1.sql": "SELECT 1;\n", "old.txt": "one\ntwo\nthree\n"})
	w.app, err = w.hub.CreateApp(fakehub.NewApp{Slug: "gatehold", PrivateKey: key(), WebhookURL: w.hooks.url, WebhookSecret: "s3cret"})
	if err != nil {
		t.Fatal(err)
	}
	w.inst = w.app.Install(w.acme)
	w.token = w.newToken(nil)
	return w
}

// jwt makes an App's JWT of these claims, signed by k.
func jwt(t *testing.T, k *rsa.PrivateKey, claims map[string]any) string {
	t.Helper()
	body, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	text := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"RS256","typ":"JWT"}`)) + "." + base64.RawURLEncoding.EncodeToString(body)
	sum := sha256.Sum256([]byte(text))
	sig, err := rsa.SignPKCS1v15(rand.Reader, k, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(sig)
}

func (w *world) appJWT() string { return w.jwtOf(w.app) }

// jwtOf is for Apps that share the key, at the hub's time.
func (w *world) jwtOf(app *fakehub.App) string {
	now := w.now()
	return jwt(w.t, key(), map[string]any{"iss": fmt.Sprint(app.ID), "iat": now.Add(-time.Minute).Unix(),
		"exp": now.Add(5 * time.Minute).Unix()})
}

func (w *world) newToken(ask any) string {
	w.t.Helper()
	var got struct{ Token string }
	w.as(w.appJWT()).do("POST", fmt.Sprintf("/app/installations/%d/access_tokens", w.inst.ID), ask).want(201).into(&got)
	return got.Token
}

// caller makes requests with one token.
type caller struct {
	t      *testing.T
	base   string
	token  string
	header http.Header
}

func (w *world) as(token string) *caller {
	return &caller{t: w.t, base: w.base, token: token, header: http.Header{}}
}
func (w *world) api() *caller { return w.as(w.token) }

type reply struct {
	t      *testing.T
	what   string
	status int
	header http.Header
	body   []byte
}

func (c *caller) do(method, path string, body any) *reply {
	c.t.Helper()
	r, err := c.try(method, path, body)
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
	return r
}

func (c *caller) try(method, path string, body any) (*reply, error) {
	var in io.Reader
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		in = bytes.NewReader(data)
	}
	req, err := http.NewRequest(method, c.base+path, in)
	if err != nil {
		return nil, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("Accept", "application/vnd.github+json")
	for k, v := range c.header {
		req.Header[k] = v
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	resp, err := (&http.Client{Timeout: 10 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	return &reply{t: c.t, what: method + " " + path, status: resp.StatusCode, header: resp.Header, body: data}, err
}

func (c *caller) get(path string) *reply { c.t.Helper(); return c.do("GET", path, nil) }

func (r *reply) want(status int) *reply {
	r.t.Helper()
	if r.status != status {
		r.t.Fatalf("%s: status %d, want %d: %s", r.what, r.status, status, r.body)
	}
	return r
}

func (r *reply) into(v any) *reply {
	r.t.Helper()
	if err := json.Unmarshal(r.body, v); err != nil {
		r.t.Fatalf("%s: %v in %s", r.what, err, r.body)
	}
	return r
}

// says fails unless the body has the text.
func (r *reply) says(text string) *reply {
	r.t.Helper()
	if !strings.Contains(string(r.body), text) {
		r.t.Fatalf("%s: no %q in %s", r.what, text, r.body)
	}
	return r
}

// value is one value out of a JSON document, by a path like "head.sha" or
// "0.filename".
func (r *reply) value(path string) any {
	r.t.Helper()
	var v any
	d := json.NewDecoder(bytes.NewReader(r.body))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		r.t.Fatalf("%s: %v in %s", r.what, err, r.body)
	}
	if path == "" {
		return v
	}
	for part := range strings.SplitSeq(path, ".") {
		switch at := v.(type) {
		case map[string]any:
			v = at[part]
		case []any:
			var i int
			if _, err := fmt.Sscan(part, &i); err != nil || i >= len(at) {
				r.t.Fatalf("%s: nothing at %s in %s", r.what, path, r.body)
			}
			v = at[i]
		default:
			r.t.Fatalf("%s: nothing at %s in %s", r.what, path, r.body)
		}
	}
	return v
}
func (r *reply) is(path string, want any) *reply {
	r.t.Helper()
	if got := fmt.Sprint(r.value(path)); got != fmt.Sprint(want) {
		r.t.Errorf("%s: %s is %s, want %v", r.what, path, got, want)
	}
	return r
}
