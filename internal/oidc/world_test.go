package oidc_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/oidc"
)

const audience = "https://gate.acme.example"

var started = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)

type fields = map[string]any

// keyPair makes each key once: RSA keys take their time.
func keyPair(bits int) func() *rsa.PrivateKey {
	return sync.OnceValue(func() *rsa.PrivateKey {
		key, err := rsa.GenerateKey(rand.Reader, bits)
		if err != nil {
			panic(err)
		}
		return key
	})
}

var (
	ours, theirs, weak = keyPair(2048), keyPair(2048), keyPair(1024)

	curved = sync.OnceValue(func() *ecdsa.PrivateKey {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			panic(err)
		}
		return key
	})
)

// world is an issuer on this machine, and a verifier that trusts it.
type world struct {
	t      testing.TB
	now    time.Time
	server *httptest.Server
	issuer oidc.Issuer
	v      *oidc.Verifier

	mu     sync.Mutex
	asked  []string
	keys   []jose.JSONWebKey
	answer map[string]func(w http.ResponseWriter, r *http.Request) // by path, before what is said by itself
}

func newWorld(t testing.TB, change ...func(*oidc.Issuer)) *world {
	t.Helper()
	w := &world{t: t, now: started, answer: map[string]func(http.ResponseWriter, *http.Request){}}
	w.publish("k1", ours().Public())
	w.server = httptest.NewTLSServer(w)
	t.Cleanup(w.server.Close)
	w.issuer = oidc.Issuer{URL: w.server.URL, Audience: audience, Kind: oidc.Actions, Local: true,
		CA: string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: w.server.Certificate().Raw}))}
	for _, f := range change {
		f(&w.issuer)
	}
	w.v = oidc.New(oidc.Config{Issuers: []oidc.Issuer{w.issuer}, Now: func() time.Time { return w.now }})
	return w
}

func other(i *oidc.Issuer) { i.Kind = "" }

func (w *world) publish(kid string, public crypto.PublicKey) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.keys = append(w.keys, jose.JSONWebKey{Key: public, KeyID: kid, Use: "sig"})
}

func (w *world) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked = append(w.asked, r.URL.Path)
	if f := w.answer[r.URL.Path]; f != nil {
		f(rw, r)
		return
	}
	switch r.URL.Path {
	case "/.well-known/openid-configuration":
		write(rw, fields{"issuer": w.server.URL, "jwks_uri": w.server.URL + "/.well-known/jwks",
			"id_token_signing_alg_values_supported": []string{"RS256"}})
	case "/.well-known/jwks":
		write(rw, jose.JSONWebKeySet{Keys: w.keys})
	default:
		http.NotFound(rw, r)
	}
}

func write(w http.ResponseWriter, v any) {
	if err := json.NewEncoder(w).Encode(v); err != nil {
		panic(err)
	}
}

// requests are those that the issuer had since it was last asked for them.
func (w *world) requests() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := w.asked
	w.asked = nil
	return out
}

// job are the claims of a token of GitHub Actions, in the form that GitHub gives them.
func (w *world) job(change ...fields) fields {
	at := w.now.Unix()
	c := fields{
		"iss": w.issuer.URL, "aud": audience, "sub": "repo:acme@7/shop@42:environment:production", "jti": "0ef2a3c5-1f0e-4e0f-9d4d-0a1b2c3d4e5f",
		"iat": at, "nbf": at - 300, "exp": at + 300,
		"repository": "acme/shop", "repository_id": "42", "repository_owner": "acme", "repository_owner_id": "7",
		"repository_visibility": "private",
		"run_id":                "9000000001", "run_number": "12", "run_attempt": "2", "check_run_id": "40000000001",
		"environment": "production", "ref": "refs/heads/main", "ref_type": "branch", "ref_protected": "true", "head_ref": "", "base_ref": "",
		"sha": strings.Repeat("a", 40), "event_name": "workflow_dispatch", "workflow": "deploy",
		"workflow_ref": "acme/shop/.github/workflows/deploy.yml@refs/heads/main", "workflow_sha": strings.Repeat("a", 40),
		"job_workflow_ref": "acme/shop/.github/workflows/deploy.yml@refs/heads/main", "job_workflow_sha": strings.Repeat("a", 40),
		"runner_environment": "github-hosted", "actor": "ana", "actor_id": "1001", "enterprise": "acme-inc", "enterprise_id": "3",
	}
	for _, f := range change {
		maps.Copy(c, f)
	}
	return c
}

func without(c fields, names ...string) fields {
	c = maps.Clone(c)
	for _, name := range names {
		delete(c, name)
	}
	return c
}

func part(text []byte) string { return base64.RawURLEncoding.EncodeToString(text) }

func encode(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return part(text)
}

var normal = fields{"alg": "RS256", "typ": "JWT", "kid": "k1"}

// sign signs what it is given, however odd.
func sign(header, payload string, key crypto.Signer) string {
	text := header + "." + payload
	sum := sha256.Sum256([]byte(text))
	var (
		signature []byte
		err       error
	)
	switch key := key.(type) {
	case *rsa.PrivateKey:
		signature, err = rsa.SignPKCS1v15(nil, key, crypto.SHA256, sum[:])
	case *ecdsa.PrivateKey:
		r, s, e := ecdsa.Sign(rand.Reader, key, sum[:])
		signature, err = append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...), e
	case ed25519.PrivateKey:
		signature = ed25519.Sign(key, []byte(text))
	}
	if err != nil {
		panic(err)
	}
	return text + "." + part(signature)
}

func token(claims fields) string { return sign(encode(normal), encode(claims), ours()) }

func (w *world) good(raw string) gate.Workload {
	w.t.Helper()
	got, err := w.v.Verify(w.t.Context(), raw)
	if err != nil {
		w.t.Fatalf("a good token is refused: %v", err)
	}
	return got
}

// refused checks the code, and that no sentence repeats anything of the token.
func (w *world) refused(what, raw, code string) *gate.Error {
	w.t.Helper()
	got, err := w.v.Verify(w.t.Context(), raw)
	e := gate.AsError(err)
	if err == nil || e.Code != code || got.Issuer != "" || e.Text == "" {
		w.t.Errorf("%s: %+v, %v; want %s", what, got, err, code)
		return e
	}
	for _, secret := range strings.Split(raw, ".") {
		if len(secret) > 8 && strings.Contains(fmt.Sprint(err, e.Err), secret) {
			w.t.Errorf("%s: the error repeats the token: %v", what, err)
		}
	}
	return e
}
