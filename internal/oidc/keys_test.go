package oidc_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/oidc"
)

const (
	discovery = "/.well-known/openid-configuration"
	keySet    = "/.well-known/jwks"
)

func (w *world) clock() time.Time { return w.now }

func by(kid string) string { return encode(fields{"alg": "RS256", "kid": kid}) }

func down(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }

// set changes what the issuer answers; nil: as ever.
func (w *world) set(path string, f func(http.ResponseWriter, *http.Request)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.answer[path] = f
}

func (w *world) drop() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.keys = nil
}

func TestKeysRotate(t *testing.T) {
	w := newWorld(t)
	w.good(token(w.job()))
	w.publish("k2", theirs().Public())
	w.now = w.now.Add(time.Minute)
	w.requests()
	w.good(sign(by("k2"), encode(w.job()), theirs()))
	w.good(token(w.job()))
	if n := w.requests(); len(n) != 1 || n[0] != keySet {
		t.Errorf("a new key took %v", n)
	}
	w.drop()
	w.publish("k2", theirs().Public())
	w.good(token(w.job())) // for an hour at most
	w.now = w.now.Add(time.Hour)
	w.refused("a key that was taken away", token(w.job()), oidc.KeyUnknown)
	w.good(sign(by("k2"), encode(w.job()), theirs()))
}

func TestAFloodOfUnknownKeysIsOneRequest(t *testing.T) {
	w := newWorld(t)
	w.good(token(w.job()))
	w.now = w.now.Add(time.Minute)
	w.requests()
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			w.refused("unknown", sign(by(fmt.Sprint("x", i)), encode(w.job()), theirs()), oidc.KeyUnknown)
		})
	}
	wg.Wait()
	for i := range 50 {
		w.refused("unknown", sign(by(fmt.Sprint("y", i)), encode(w.job()), theirs()), oidc.KeyUnknown)
	}
	if n := w.requests(); len(n) != 1 {
		t.Errorf("it took %v", n)
	}
	w.now = w.now.Add(29 * time.Second)
	e := w.refused("too soon", sign(by("z"), encode(w.job()), theirs()), oidc.KeyUnknown)
	if len(w.requests()) != 0 || e.Final || !e.Until.Equal(w.now.Add(time.Second)) {
		t.Errorf("it may be tried again at %s: %v", e.Until, e)
	}
	w.now = w.now.Add(time.Second)
	w.refused("again", sign(by("z"), encode(w.job()), theirs()), oidc.KeyUnknown)
	if n := w.requests(); len(n) != 1 {
		t.Errorf("half a minute later it took %v", n)
	}
	w.good(token(w.job()))
}

func TestAnIssuerThatIsDown(t *testing.T) {
	w := newWorld(t)
	w.set(discovery, down)
	e := w.refused("from the start", token(w.job()), oidc.IssuerUnavailable)
	if e.Final || !e.Until.Equal(w.now.Add(30*time.Second)) {
		t.Errorf("it is %+v", e)
	}
	w.refused("again", token(w.job()), oidc.IssuerUnavailable)
	if n := w.requests(); len(n) != 1 {
		t.Errorf("it is asked %v", n)
	}
	w.set(discovery, nil)
	w.now = w.now.Add(30 * time.Second)
	w.good(token(w.job()))
	read := w.now
	w.set(keySet, down)
	for _, after := range []time.Duration{time.Hour, 3 * time.Hour, 6*time.Hour - time.Second} {
		w.now = read.Add(after)
		w.good(token(w.job()))
	}
	w.refused("a key that may be new", sign(by("k2"), encode(w.job()), theirs()), oidc.IssuerUnavailable)
	w.now = read.Add(6 * time.Hour)
	w.refused("keys that are too old", token(w.job()), oidc.IssuerUnavailable)
	w.set(keySet, nil)
	w.now = w.now.Add(time.Minute)
	w.good(token(w.job()))
}

// Whoever gives up takes nobody along: the reading goes on, and what it finds is kept.
func TestOneThatGivesUp(t *testing.T) {
	w := newWorld(t)
	begun, on := make(chan struct{}), make(chan struct{})
	w.set(discovery, func(rw http.ResponseWriter, _ *http.Request) {
		close(begun)
		<-on
		write(rw, fields{"issuer": w.server.URL, "jwks_uri": w.server.URL + keySet})
	})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() {
		_, err := w.v.Verify(ctx, token(w.job()))
		ended <- err
	}()
	<-begun
	cancel()
	if err := <-ended; gate.AsError(err).Code != oidc.IssuerUnavailable {
		t.Errorf("it ends with %v", err)
	}
	close(on)
	w.good(token(w.job()))
}

// A clock that is set back keeps no key for longer, and locks nobody out.
func TestAClockThatIsSetBack(t *testing.T) {
	w := newWorld(t)
	w.good(token(w.job()))
	w.requests()
	w.now = w.now.Add(-24 * time.Hour)
	w.good(token(w.job()))
	if n := w.requests(); len(n) == 0 {
		t.Error("the keys are from a time to come, and not read again")
	}
}

func TestAttackDiscoveryLeadsAway(t *testing.T) {
	for name, c := range map[string]struct {
		issuer, jwks string // %s is the issuer itself
	}{
		"another issuer":    {"https://evil.example", "%s" + keySet},
		"a slash more":      {"%s/", "%s" + keySet},
		"no issuer":         {"", "%s" + keySet},
		"another host":      {"%s", "https://evil.example/jwks"},
		"this machine":      {"%s", "https://127.0.0.1/jwks"},
		"another port":      {"%s", "https://127.0.0.1:6379/"},
		"the metadata":      {"%s", "http://169.254.169.254/latest/meta-data/"},
		"in the clear":      {"%s", "http%.0s://127.0.0.1/jwks"},
		"a user":            {"%s", "https://user@127.0.0.1/jwks"},
		"a file":            {"%s", "file:///etc/passwd"},
		"a relative one":    {"%s", "/jwks"},
		"none":              {"%s", ""},
		"data":              {"%s", `data:application/json,{"keys":[]}`},
		"a user as a host":  {"%s", "%s@evil.example/jwks"},
		"a host as a start": {"%s", "%s.evil.example/jwks"},
	} {
		w := newWorld(t)
		fill := func(s string) string {
			if strings.Contains(s, "%s") {
				return strings.Replace(s, "%s", w.issuer.URL, 1)
			}
			return s
		}
		w.set(discovery, func(rw http.ResponseWriter, _ *http.Request) {
			write(rw, fields{"issuer": fill(c.issuer), "jwks_uri": fill(c.jwks)})
		})
		w.refused(name, token(w.job()), oidc.IssuerUnavailable)
		if n := w.requests(); len(n) != 1 {
			t.Errorf("%s: %v", name, n)
		}
	}
}

func TestAttackRedirects(t *testing.T) {
	for _, from := range []string{discovery, keySet} {
		for _, to := range []string{"/elsewhere", "https://evil.example/", "http://169.254.169.254/latest/meta-data/", "http://127.0.0.1:1/"} {
			for _, status := range []int{301, 302, 303, 307, 308} {
				w := newWorld(t)
				w.set(from, func(rw http.ResponseWriter, r *http.Request) { http.Redirect(rw, r, to, status) })
				w.refused(to, token(w.job()), oidc.IssuerUnavailable)
				for _, path := range w.requests() {
					if path == "/elsewhere" {
						t.Errorf("a redirect from %s is followed", from)
					}
				}
			}
		}
	}
}

// Names that lead to this machine: the address is looked at when it is dialled.
func TestAttackDiscoveryOfThisMachine(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*oidc.Issuer)
	}{
		{"a public one", func(i *oidc.Issuer) { i.Local = false }},
		{"one of a private network", func(i *oidc.Issuer) { i.Local, i.Private = false, true }},
		{"by a name", func(i *oidc.Issuer) { i.Local, i.URL = false, strings.Replace(i.URL, "127.0.0.1", "localhost", 1) }},
		{"by the keys' address", func(i *oidc.Issuer) { i.Local, i.JWKS = false, i.URL+keySet }},
	} {
		w := newWorld(t, c.change)
		e := w.refused(c.name, token(w.job()), oidc.IssuerUnavailable)
		if len(w.requests()) != 0 || !strings.Contains(e.Text, "gatehold's own machine") {
			t.Errorf("%s: %v", c.name, e)
		}
	}
	w := newWorld(t, func(i *oidc.Issuer) { i.Local, i.URL = false, "http://"+strings.TrimPrefix(i.URL, "https://") })
	if e := w.refused("in the clear", token(w.job()), oidc.IssuerUnavailable); !strings.Contains(e.Error(), "not https") {
		t.Errorf("in the clear: %v", e)
	}
}

// A host that somebody else answers for.
func TestAttackAnotherCertificate(t *testing.T) {
	w := newWorld(t, func(i *oidc.Issuer) { i.CA = "" })
	w.refused("not signed by the system's", token(w.job()), oidc.IssuerUnavailable)
	w = newWorld(t, func(i *oidc.Issuer) { i.CA = "no certificate" })
	w.refused("by nobody", token(w.job()), oidc.IssuerUnavailable)
	if n := w.requests(); len(n) != 0 {
		t.Errorf("it is asked %v", n)
	}
}

func TestAttackAnswersOfAnIssuer(t *testing.T) {
	key := func(change fields) fields {
		text, err := json.Marshal(jose.JSONWebKey{Key: ours().Public(), KeyID: "k1"})
		k := fields{}
		if err == nil {
			err = json.Unmarshal(text, &k)
		}
		if err != nil {
			t.Fatal(err)
		}
		for name, v := range change {
			k[name] = v
		}
		return k
	}
	keys := func(list ...any) string {
		text, err := json.Marshal(fields{"keys": list})
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	many := make([]any, 101)
	for i := range many {
		many[i] = key(nil)
	}
	for name, c := range map[string]struct{ text, code string }{
		"nothing":               {"", oidc.IssuerUnavailable},
		"a page":                {"<html>", oidc.IssuerUnavailable},
		"no keys":               {keys(), oidc.IssuerUnavailable},
		"too long":              {`{"keys":[],"x":"` + strings.Repeat("x", 512<<10) + `"}`, oidc.IssuerUnavailable},
		"too many":              {keys(many...), oidc.IssuerUnavailable},
		"a shared one":          {keys(fields{"kty": "oct", "kid": "k1", "k": "AAAA"}), oidc.IssuerUnavailable},
		"a private one":         {keys(jose.JSONWebKey{Key: ours(), KeyID: "k1"}), oidc.IssuerUnavailable},
		"for encryption":        {keys(key(fields{"use": "enc"})), oidc.IssuerUnavailable},
		"without an id":         {keys(key(fields{"kid": ""})), oidc.IssuerUnavailable},
		"of another algorithm":  {keys(key(fields{"alg": "RS512"})), oidc.KeyUnknown},
		"an exponent of one":    {keys(key(fields{"e": "AQ"})), oidc.IssuerUnavailable},
		"among unknown ones":    {keys(fields{"kty": "AKP", "kid": "k1", "alg": "ML-DSA-44"}, key(nil)), ""},
		"two by one id":         {keys(jose.JSONWebKey{Key: theirs().Public(), KeyID: "k1"}, key(nil)), ""},
		"with certificates bad": {keys(key(fields{"x5c": []string{"AAAA"}})), oidc.IssuerUnavailable},
	} {
		w := newWorld(t)
		w.set(keySet, func(rw http.ResponseWriter, _ *http.Request) { fmt.Fprint(rw, c.text) })
		if c.code == "" {
			w.good(token(w.job()))
		} else {
			w.refused(name, token(w.job()), c.code)
		}
	}
}

// Whoever changes an issuer's keys is that issuer for as long; what was read before is
// not kept beside it.
func TestAttackKeysAreSwapped(t *testing.T) {
	w := newWorld(t)
	w.good(token(w.job()))
	w.drop()
	w.publish("k1", theirs().Public())
	w.refused("before it is read", sign(encode(normal), encode(w.job()), theirs()), oidc.SignatureWrong)
	w.good(token(w.job()))
	w.now = w.now.Add(time.Hour)
	w.refused("the key that was", token(w.job()), oidc.SignatureWrong)
}
