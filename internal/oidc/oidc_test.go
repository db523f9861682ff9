package oidc_test

import (
	"crypto/ed25519"
	"crypto/elliptic"
	"encoding/base64"
	"encoding/json"
	"maps"
	"math/big"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/oidc"
)

func TestAJobOfGitHubActionsIsWhoItsTokenSays(t *testing.T) {
	w := newWorld(t)
	got := w.good(token(w.job()))
	sha := strings.Repeat("a", 40)
	want := gate.Workload{
		Issuer: w.issuer.URL, Subject: "repo:acme@7/shop@42:environment:production", Until: started.Add(5 * time.Minute),
		Token: gate.TokenKey(w.issuer.URL, "0ef2a3c5-1f0e-4e0f-9d4d-0a1b2c3d4e5f"),
		Job: &gate.WorkflowJob{Repo: 42, Owner: 7, FullName: "acme/shop", Run: 9000000001, Attempt: 2, CheckRun: 40000000001,
			Environment: "production", SHA: sha, Ref: "refs/heads/main", Event: "workflow_dispatch",
			Workflow: "acme/shop/.github/workflows/deploy.yml@refs/heads/main", WorkflowSHA: sha,
			JobWorkflow: "acme/shop/.github/workflows/deploy.yml@refs/heads/main", JobWorkflowSHA: sha,
			Runner: "github-hosted", By: 1001, Login: "ana"},
		Claims: map[string]string{"repository_owner": "acme", "repository_visibility": "private", "run_number": "12", "ref_type": "branch",
			"ref_protected": "true", "workflow": "deploy", "enterprise": "acme-inc", "enterprise_id": "3"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("it is\n%+v %+v\nwant\n%+v %+v", got, got.Job, want, want.Job)
	}
	if n := w.requests(); len(n) != 2 {
		t.Errorf("that took %v", n)
	}
	// An older server tells less.
	got = w.good(token(without(w.job(), "check_run_id", "environment", "sha", "workflow_sha", "job_workflow_sha", "runner_environment")))
	if got.Job.CheckRun != 0 || got.Job.Environment != "" || got.Job.SHA != "" {
		t.Errorf("it is %+v", got.Job)
	}
	if n := w.requests(); len(n) != 0 {
		t.Errorf("keys that are known are asked for again: %v", n)
	}
}

// The tokens of others, in the forms that they give them.
func TestTokensOfOtherIssuers(t *testing.T) {
	at := started.Unix()
	cluster := fields{"aud": []string{audience}, "exp": at + 3607, "iat": at, "nbf": at, "jti": "9a1b2c3d-0000-4000-8000-000000000001",
		"kubernetes.io": fields{"namespace": "ci", "node": fields{"name": "n1", "uid": "u1"}, "pod": fields{"name": "runner-1", "uid": "u2"},
			"serviceaccount": fields{"name": "deployer", "uid": "u3"}, "warnafter": at + 3607},
		"sub": "system:serviceaccount:ci:deployer"}
	lab := fields{"aud": audience, "sub": "project_path:acme/shop:ref_type:branch:ref:main", "iat": at, "nbf": at - 5, "exp": at + 3600,
		"jti": "235b3a54-b797-45c7-ae9a-f72d7bc6ef5b", "project_id": "20", "project_path": "acme/shop", "namespace_id": "72", "user_id": "1",
		"user_login": "ana", "user_email": "ana@acme.example", "user_access_level": "developer",
		"user_identities": []fields{{"provider": "github", "extern_uid": "2435223452345"}}, "pipeline_id": "574", "pipeline_source": "push",
		"job_id": "302", "ref": "main", "ref_type": "branch", "ref_protected": "true", "environment": "production",
		"groups_direct": []string{"acme/sre"}, "runner_id": 1, "runner_environment": "self-hosted", "sha": strings.Repeat("b", 40)}
	spiffe := fields{"aud": []string{audience}, "exp": at + 300, "iat": at, "sub": "spiffe://acme.example/ns/ci/sa/deployer"}
	for _, c := range []struct {
		name   string
		claims fields
		header fields
		change func(*oidc.Issuer)
		claim  string
		want   string
	}{
		{"Kubernetes", cluster, fields{"alg": "RS256", "kid": "k1"}, func(i *oidc.Issuer) { i.Life = 2 * time.Hour }, "kubernetes.io", ""},
		{"GitLab", lab, normal, other, "project_id", "20"},
		{"SPIFFE", spiffe, fields{"alg": "ES256", "kid": "e1", "typ": "JWT"}, func(i *oidc.Issuer) { i.Algorithms = []string{"ES256"} }, "", ""},
	} {
		w := newWorld(t, other, c.change)
		w.publish("e1", curved().Public())
		c.claims["iss"] = w.issuer.URL
		raw := sign(encode(c.header), encode(c.claims), ours())
		if c.header["kid"] == "e1" {
			raw = sign(encode(c.header), encode(c.claims), curved())
		}
		got := w.good(raw)
		if got.Subject != c.claims["sub"] || got.Job != nil || got.Claims[c.claim] != c.want || len(got.Token) != 64 {
			t.Errorf("%s: %+v", c.name, got)
		}
		if c.name == "GitLab" && (got.Claims["runner_id"] != "1" || got.Claims["user_identities"] != "" || got.Claims["jti"] != "") {
			t.Errorf("%s: %v", c.name, got.Claims)
		}
	}
}

// Anybody can make a second signature by an elliptic curve out of the first: it is
// still the same token.
func TestASecondSignatureIsNoSecondToken(t *testing.T) {
	w := newWorld(t, other, func(i *oidc.Issuer) { i.Algorithms = []string{"ES256"} })
	w.publish("e1", curved().Public())
	claims := without(w.job(), "jti")
	raw := sign(encode(fields{"alg": "ES256", "kid": "e1"}), encode(claims), curved())
	at := strings.LastIndexByte(raw, '.') + 1
	signature, err := base64.RawURLEncoding.DecodeString(raw[at:])
	if err != nil {
		t.Fatal(err)
	}
	s := new(big.Int).Sub(elliptic.P256().Params().N, new(big.Int).SetBytes(signature[32:]))
	s.FillBytes(signature[32:])
	second := raw[:at] + part(signature)
	if first, again := w.good(raw), w.good(second); raw == second || first.Token != again.Token {
		t.Errorf("%s and %s are two tokens", first.Token, again.Token)
	}
	claims["sub"] = "another"
	if w.good(raw).Token == w.good(sign(encode(fields{"alg": "ES256", "kid": "e1"}), encode(claims), curved())).Token {
		t.Error("two tokens are one")
	}
}

func TestKeysFromAFileAndFromAnAddress(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.json")
	put := func(keys ...jose.JSONWebKey) {
		text, err := json.Marshal(jose.JSONWebKeySet{Keys: keys})
		if err == nil {
			err = os.WriteFile(path, text, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	_, edwards, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	put(jose.JSONWebKey{Key: edwards.Public(), KeyID: "ed"})
	w := newWorld(t, func(i *oidc.Issuer) { i.JWKS, i.Algorithms = path, []string{"RS256", "EdDSA"} })
	w.good(sign(encode(fields{"alg": "EdDSA", "kid": "ed"}), encode(w.job()), edwards))
	w.refused("a key that the file lacks", token(w.job()), oidc.KeyUnknown)
	put(jose.JSONWebKey{Key: ours().Public(), KeyID: "k1", Use: "jwt-svid"}) // as SPIFFE writes it
	w.now = w.now.Add(time.Minute)
	w.good(token(w.job()))
	if n := w.requests(); len(n) != 0 {
		t.Errorf("the issuer is asked: %v", n)
	}
	w = newWorld(t)
	w.issuer.JWKS = w.server.URL + "/.well-known/jwks"
	w.v = oidc.New(oidc.Config{Issuers: []oidc.Issuer{w.issuer}, Now: func() time.Time { return w.now }})
	w.good(token(w.job()))
	if n := w.requests(); len(n) != 1 {
		t.Errorf("with an address of the keys that took %v", n)
	}
}

func TestWhenATokenIsGood(t *testing.T) {
	w := newWorld(t)
	at := started.Unix()
	for _, c := range []struct {
		name          string
		iat, nbf, exp any
		code          string
	}{
		{"as GitHub gives it", at, at - 300, at + 300, ""},
		{"out within the skew", at - 300, at - 600, at - 59, ""},
		{"out", at - 300, at - 600, at - 60, oidc.Expired},
		{"early within the skew", at + 60, at + 60, at + 300, ""},
		{"issued in the future", at + 61, at, at + 300, oidc.Early},
		{"not before later", at, at + 61, at + 300, oidc.Early},
		{"old within the skew", at - 960, at - 960, at + 300, ""},
		{"too old", at - 961, at - 961, at + 300, oidc.TooOld},
		{"an hour long", at, at, at + 3600, ""},
		{"longer", at, at, at + 3601, oidc.TooLong},
		{"for no time", at, at, at, oidc.TooLong},
		{"for less than none", at + 30, at, at + 20, oidc.TooLong},
		{"fractions", json.Number("1796040000.25"), json.Number("1796039999.9"), at + 300, ""},
		{"no end", at, at, nil, oidc.ClaimsMissing},
		{"no beginning", nil, at, at + 300, oidc.ClaimsMissing},
		{"words", "now", at, at + 300, oidc.ClaimsMissing},
		{"numbers as text", at, at, "1796040300", oidc.ClaimsMissing},
		{"nbf null", at, nil, at + 300, oidc.ClaimsMissing},
		{"an exponent", at, at, json.Number("1e30"), oidc.ClaimsMissing},
		{"beyond all time", at, at, json.Number("179604030000"), oidc.ClaimsMissing},
		{"negative", json.Number("-5"), at, at + 300, oidc.ClaimsMissing},
	} {
		raw := token(w.job(fields{"iat": c.iat, "nbf": c.nbf, "exp": c.exp}))
		if c.code == "" {
			w.good(raw)
		} else {
			w.refused(c.name, raw, c.code)
		}
	}
	w.good(token(without(w.job(), "nbf")))
	w.refused("no times", token(without(w.job(), "iat", "exp", "nbf")), oidc.ClaimsMissing)

	w = newWorld(t, other, func(i *oidc.Issuer) { i.Age, i.Life = time.Hour, 24*time.Hour })
	w.good(token(w.job(fields{"iat": at - 3600, "nbf": at - 3600, "exp": at + 86400 - 3600})))
}

func TestWhatAJobMustSay(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"sub", "jti", "repository", "repository_id", "repository_owner_id", "run_id", "run_attempt", "actor",
		"actor_id",
		"ref", "event_name", "workflow_ref", "job_workflow_ref"} {
		w.refused("without "+name, token(without(w.job(), name)), oidc.ClaimsMissing)
		w.refused("with an empty "+name, token(w.job(fields{name: ""})), oidc.ClaimsMissing)
		w.refused("with null for "+name, token(w.job(fields{name: nil})), oidc.ClaimsMissing)
		w.refused("with a list for "+name, token(w.job(fields{name: []string{"42"}})), oidc.ClaimsMissing)
	}
	for _, name := range []string{"repository_id", "repository_owner_id", "run_id", "run_attempt", "actor_id", "check_run_id"} {
		for _, odd := range []any{42, 42.0, "0", "-1", "+42", "042", "42.0", " 42", "42 ", "4_2", "0x2a", "1e3", "٤٢",
			"99999999999999999999", true} {
			w.refused(name, token(w.job(fields{name: odd})), oidc.ClaimsMissing)
		}
	}
	w.refused("run_attempt", token(w.job(fields{"run_attempt": "4294967297"})), oidc.ClaimsMissing)
	for _, name := range []string{"sha", "workflow_sha", "job_workflow_sha"} {
		for _, odd := range []string{"main", strings.Repeat("A", 40), strings.Repeat("a", 39), strings.Repeat("a", 40) + "\n"} {
			w.refused(name, token(w.job(fields{name: odd})), oidc.ClaimsMissing)
		}
	}
	if got := w.good(token(w.job(fields{"sub": "whatever it says", "sha": strings.Repeat("b", 64)}))); got.Subject != "whatever it says" {
		t.Errorf("the subject is taken apart: %+v", got)
	}
}

func TestClaimsAreBounded(t *testing.T) {
	w := newWorld(t, other)
	many := fields{}
	for i := range 101 {
		many["c"+string(rune('a'+i/26))+string(rune('a'+i%26))] = i
	}
	base := fields{"iss": w.issuer.URL, "aud": audience, "sub": "s", "iat": w.now.Unix(), "exp": w.now.Unix() + 60}
	with := func(more fields) string {
		c := maps.Clone(base)
		maps.Copy(c, more)
		return token(c)
	}
	w.refused("many", with(many), oidc.Unreadable)
	w.refused("a long name", with(fields{strings.Repeat("n", 129): "v"}), oidc.Unreadable)
	w.refused("a long value", with(fields{"v": strings.Repeat("v", 2049)}), oidc.Unreadable)
	w.refused("a long subject", with(fields{"sub": strings.Repeat("v", 2049)}), oidc.ClaimsMissing)
	w.refused("long", with(fields{"v": []string{strings.Repeat("v", 12<<10)}}), oidc.Unreadable)
	got := w.good(with(fields{"yes": true, "no": false, "n": json.Number("1.50"), "nothing": nil, "list": []int{1}, "deep": fields{"a": 1}}))
	if want := map[string]string{"yes": "true", "no": "false", "n": "1.50"}; !maps.Equal(got.Claims, want) {
		t.Errorf("the claims are %v, want %v", got.Claims, want)
	}
}
