package issuer_test

import (
	"context"
	"crypto"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	goidc "github.com/coreos/go-oidc/v3/oidc"
	"github.com/lestrrat-go/jwx/v3/jwk"
	"github.com/lestrrat-go/jwx/v3/jwt"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/issuer"
	"github.com/gatehold/gatehold/internal/oidc"
)

// served is an issuer at an address of its own.
func served(t testing.TB) (*issuer.Issuer, *httptest.Server) {
	t.Helper()
	var door http.Handler
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { door.ServeHTTP(w, r) }))
	t.Cleanup(server.Close)
	i := given(t, server.URL)
	door = i
	return i, server
}

// signed is the identity of a deployment.
func signed(t testing.TB, i *issuer.Issuer, change ...func(*gate.Grant, *gate.Workload)) (string, error) {
	t.Helper()
	g, w := deploy()
	for _, f := range change {
		f(&g, &w)
	}
	token, key, err := i.Sign(g, w, "once", started, started.Add(10*time.Minute))
	if err == nil && (key == "" || !strings.Contains(part(t, token, 0), key)) {
		t.Errorf("the key is %q, and the header %s", key, part(t, token, 0))
	}
	return token, err
}

func part(t testing.TB, token string, n int) string {
	t.Helper()
	text, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[n])
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func claimsOf(t testing.TB, token string) map[string]any {
	t.Helper()
	var out map[string]any
	if err := json.Unmarshal([]byte(part(t, token, 1)), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func get(t testing.TB, server *httptest.Server, path string) (*http.Response, []byte) {
	t.Helper()
	answer, err := server.Client().Get(server.URL + path)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, text
}

// The verifier that Kubernetes and many others use, from discovery on.
func TestVerifiedByGoOIDC(t *testing.T) {
	t.Parallel()
	i, server := served(t)
	token, err := signed(t, i)
	if err != nil {
		t.Fatal(err)
	}
	ctx := goidc.ClientContext(context.Background(), server.Client())
	provider, err := goidc.NewProvider(ctx, server.URL)
	if err != nil {
		t.Fatal(err)
	}
	at := func(audience string, now time.Time) error {
		_, err := provider.Verifier(&goidc.Config{ClientID: audience, Now: func() time.Time { return now }}).Verify(ctx, token)
		return err
	}
	if err := at("sts.amazonaws.com", started.Add(time.Minute)); err != nil {
		t.Error(err)
	}
	for what, err := range map[string]error{"for another audience": at("other", started), "after its end": at("sts.amazonaws.com", started.Add(11*time.Minute))} {
		if err == nil {
			t.Errorf("it is taken %s", what)
		}
	}
}

// A second one, from the keys alone.
func TestVerifiedByJWX(t *testing.T) {
	t.Parallel()
	i, server := served(t)
	token, err := signed(t, i)
	if err != nil {
		t.Fatal(err)
	}
	_, text := get(t, server, issuer.KeysPath)
	keys, err := jwk.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	parse := func(token string) error {
		_, err := jwt.Parse([]byte(token), jwt.WithKeySet(keys), jwt.WithIssuer(server.URL), jwt.WithAudience("sts.amazonaws.com"),
			jwt.WithSubject("repo:acme/shop:environment:production"), jwt.WithClock(jwt.ClockFunc(func() time.Time { return started.Add(time.Second) })))
		return err
	}
	if err := parse(token); err != nil {
		t.Error(err)
	}
	parts := strings.Split(token, ".")
	for what, forged := range map[string]string{
		"without a signature": base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + "." + parts[1] + ".",
		"with other claims":   parts[0] + "." + base64.RawURLEncoding.EncodeToString([]byte(strings.ReplaceAll(part(t, token, 1), "42", "43"))) + "." + parts[2],
	} {
		if parse(forged) == nil {
			t.Errorf("it is taken %s", what)
		}
	}
	key, _ := keys.Key(0)
	sum, err := key.Thumbprint(crypto.SHA256)
	if id, _ := key.KeyID(); err != nil || base64.RawURLEncoding.EncodeToString(sum) != id {
		t.Errorf("the key is called %s, and its thumbprint is %x: %v", id, sum, err)
	}
}

// A third one: gatehold's own, that trusts no issuer more than it has to.
func TestVerifiedByAnotherGatehold(t *testing.T) {
	t.Parallel()
	i, server := served(t)
	token, err := signed(t, i)
	if err != nil {
		t.Fatal(err)
	}
	v := oidc.New(oidc.Config{Now: func() time.Time { return started.Add(time.Minute) }, Issuers: []oidc.Issuer{{URL: server.URL, Audience: "sts.amazonaws.com",
		Local: true, CA: string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))}}})
	w, err := v.Verify(context.Background(), token)
	if err != nil || w.Subject != "repo:acme/shop:environment:production" || w.Claims["gate"] != "deploy/42/7/production" || w.Claims["team"] != "shop" {
		t.Errorf("it is %+v: %v", w, err)
	}
}

// What a cloud's log has to name: the gate, what it was judged by, and by whose yes.
func TestAnIdentitySaysWhyItWasGiven(t *testing.T) {
	t.Parallel()
	i := given(t, "https://gate.acme.example/")
	token, err := signed(t, i)
	if err != nil {
		t.Fatal(err)
	}
	got := claimsOf(t, token)
	for name, want := range map[string]any{
		"iss": "https://gate.acme.example", "sub": "repo:acme/shop:environment:production", "aud": "sts.amazonaws.com", "jti": "once",
		"iat": started.Unix(), "nbf": started.Unix(), "exp": started.Add(10 * time.Minute).Unix(), "repository": "acme/shop",
		"repository_id": "42", "repository_owner_id": "9", "environment": "production", "sha": "5ha", "ref": "refs/heads/main", "run_id": "7",
		"run_attempt": "1", "workflow": "acme/shop/.github/workflows/deploy.yml@refs/heads/main", "runner_environment": "github-hosted",
		"credential": "deploy", "gate": "deploy/42/7/production", "gate_url": "https://gate.acme.example/gates/deploy/42/7/production",
		"verdict": "d1ge57", "rules": "ru1e5", "approvers": "[3 4]", "channels": "[passkey]", "team": "shop",
	} {
		if is := got[name]; fmt.Sprint(is) != fmt.Sprint(want) && is != float64(number(want)) {
			t.Errorf("%s is %v, and should be %v", name, is, want)
		}
	}
	tags := got[issuer.AWSTags].(map[string]any)
	if text := fmt.Sprint(tags["principal_tags"]); !strings.Contains(text, "gate:[deploy/42/7/production]") || !strings.Contains(text, "approvers:[3 4]") ||
		!strings.Contains(text, "team:[shop]") {
		t.Errorf("the tags are %s", text)
	}
	if keys := fmt.Sprint(tags["transitive_tag_keys"]); !strings.Contains(keys, "gate") || strings.Contains(keys, "team") {
		t.Errorf("the tags that stay are %s", keys)
	}
}

func number(v any) int64 {
	n, _ := v.(int64)
	return n
}

// AttackRuleClaims: no rule makes a token say what gatehold alone says, in whatever
// letters, and no token of such a rule is signed.
func TestAttackRuleClaims(t *testing.T) {
	t.Parallel()
	i := given(t, "https://gate.acme.example")
	names := []string{"sub", "iss", "aud", "exp", "nbf", "iat", "jti", "SUB", "Aud", "act", "cnf", "azp", "email", issuer.AWSTags, "Gate"}
	for name := range claimsOf(t, must(signed(t, i))) {
		if name != "team" {
			names = append(names, name)
		}
	}
	for _, name := range append(names, "agent", "agent_owner", "actors") {
		_, err := signed(t, i, func(g *gate.Grant, _ *gate.Workload) { g.Claims = map[string]string{name: "x"} })
		if known := gate.AsError(err); known.Code != "claim_reserved" || !known.Final {
			t.Errorf("a rule gives %s: %v", name, err)
		}
	}
}

func must(token string, err error) string {
	if err != nil {
		panic(err)
	}
	return token
}

// AttackTags: AWS would refuse a token for what it does not take in a tag; who deploys
// cannot have it refused, or say a tag twice.
func TestAttackTags(t *testing.T) {
	t.Parallel()
	i := given(t, "https://gate.acme.example")
	long := strings.Repeat("é", 300)
	token := must(signed(t, i, func(g *gate.Grant, w *gate.Workload) {
		w.Job.Environment, w.Job.SHA = "prod{}", long
		g.Claims = map[string]string{"team": "a,b", "TEAM2": "x", "team2": "y", "aws.x": "fine"}
		for n := range 100 {
			g.Claims[fmt.Sprint("more", n)] = "x"
		}
	}))
	tags := claimsOf(t, token)[issuer.AWSTags].(map[string]any)["principal_tags"].(map[string]any)
	if len(tags) > 50 {
		t.Errorf("there are %d tags", len(tags))
	}
	sha := tags["sha"].([]any)[0].(string)
	if _, has := tags["environment"]; has || tags["team"] != nil || len([]rune(sha)) != 256 || tags["TEAM2"] != nil && tags["team2"] != nil {
		t.Errorf("the tags are %v", tags)
	}
}

// AttackSubject: whose gate was not released is never the subject of an environment,
// whatever its job says; and no name of anything makes one subject look like another.
func TestAttackSubject(t *testing.T) {
	t.Parallel()
	i := given(t, "https://gate.acme.example")
	for _, c := range []struct {
		want   string
		change func(*gate.Grant, *gate.Workload)
	}{
		{"repo:acme/shop:environment:production", func(*gate.Grant, *gate.Workload) {}},
		{"repo:acme/shop:environment:production", func(g *gate.Grant, _ *gate.Workload) { g.Agent = "fixer" }},
		{"repo:acme/shop:credential:deploy", func(g *gate.Grant, _ *gate.Workload) { g.Gate, g.Subject = "", nil }},
		{"repo:acme/shop:agent:fixer:credential:deploy", func(g *gate.Grant, _ *gate.Workload) { g.Gate, g.Subject, g.Agent = "", nil, "Fixer" }},
		{"repo:acme/shop:credential:deploy", func(g *gate.Grant, _ *gate.Workload) { g.Subject.Kind = gate.WorkflowRun }},
		{"repo:acme/shop:environment:x:credential:deploy", func(g *gate.Grant, _ *gate.Workload) { g.Subject.Environment = "x:credential:deploy" }},
	} {
		if got := claimsOf(t, must(signed(t, i, c.change)))["sub"]; got != c.want {
			t.Errorf("the subject is %s, and should be %s", got, c.want)
		}
	}
	for code, change := range map[string]func(*gate.Grant, *gate.Workload){
		"subject_long":     func(g *gate.Grant, _ *gate.Workload) { g.Subject.Environment = strings.Repeat("x", 255) },
		"subject_missing":  func(g *gate.Grant, _ *gate.Workload) { g.Repo.Owner = "" },
		"audience_missing": func(g *gate.Grant, _ *gate.Workload) { g.Audience = []string{"a", "b"} },
	} {
		if _, err := signed(t, i, change); gate.AsError(err).Code != code {
			t.Errorf("%s: %v", code, err)
		}
	}
	if _, err := signed(t, i, func(g *gate.Grant, _ *gate.Workload) { g.Subject.Environment = "a\nb" }); gate.AsError(err).Code != "subject_long" {
		t.Errorf("a line ends in a subject: %v", err)
	}
}

// AttackLifetime: no identity is good for longer than a quarter of an hour, or for none.
func TestAttackLifetime(t *testing.T) {
	t.Parallel()
	i := given(t, "https://gate.acme.example")
	g, w := deploy()
	for life, fine := range map[time.Duration]bool{15 * time.Minute: true, 15*time.Minute + time.Second: false, 0: false, -time.Minute: false} {
		if _, _, err := i.Sign(g, w, "once", started, started.Add(life)); (err == nil) != fine {
			t.Errorf("for %s: %v", life, err)
		}
	}
}

// Whoever asks is told by what to verify, and nothing of the private halves.
func TestWhatVerifiersRead(t *testing.T) {
	t.Parallel()
	_, server := served(t)
	answer, text := get(t, server, issuer.DiscoveryPath)
	var found map[string]any
	if err := json.Unmarshal(text, &found); err != nil || found["issuer"] != server.URL || found["jwks_uri"] != server.URL+issuer.KeysPath {
		t.Errorf("discovery says %s: %v", text, err)
	}
	if fmt.Sprint(found["id_token_signing_alg_values_supported"]) != "[RS256]" || answer.Header.Get("Cache-Control") != "public, max-age=3600" ||
		answer.Header.Get("Content-Type") != "application/json" {
		t.Errorf("discovery says %s, %v", text, answer.Header)
	}
	answer, text = get(t, server, issuer.KeysPath)
	var keys struct{ Keys []map[string]string }
	if err := json.Unmarshal(text, &keys); err != nil || len(keys.Keys) != 1 || answer.Header.Get("Cache-Control") != "public, max-age=900" {
		t.Fatalf("the keys are %s: %v", text, err)
	}
	for name := range keys.Keys[0] {
		if !slices.Contains([]string{"kty", "use", "alg", "kid", "n", "e"}, name) {
			t.Errorf("a key tells %s", name)
		}
	}
	if answer, _ := get(t, server, "/.well-known/other"); answer.StatusCode != http.StatusNotFound {
		t.Errorf("another address is answered with %d", answer.StatusCode)
	}
	down := &replica{store: &store{secrets: map[string]string{}}, down: true}
	kept := issuer.NewKept(issuer.KeptConfig{Log: down, Vault: down, Now: func() time.Time { return started }, Make: maker()})
	said := httptest.NewRecorder()
	issuer.New(issuer.Config{URL: "https://gate.acme.example", Keys: kept}).ServeHTTP(said, httptest.NewRequest(http.MethodGet, issuer.KeysPath, nil))
	if said.Code != http.StatusServiceUnavailable || said.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("without a ledger it says %d, %v", said.Code, said.Header())
	}
}

// Keys are taken as openssl writes them, several one after the other, and none is taken
// that is too short or of another kind.
func TestKeysThatAreGiven(t *testing.T) {
	t.Parallel()
	pkcs1 := pemOf(t, "RSA PRIVATE KEY", long()[0])
	pkcs8 := pemOf(t, "PRIVATE KEY", long()[1])
	keys, err := issuer.ReadKeys([]byte(pkcs1 + pkcs8))
	if err != nil {
		t.Fatal(err)
	}
	g, err := issuer.NewGiven(keys...)
	if err != nil {
		t.Fatal(err)
	}
	published, _ := g.Published(context.Background())
	if first, _ := g.Signing(context.Background()); len(published) != 2 || first.ID != published[0].ID {
		t.Errorf("%s signs, and published are %+v", first.ID, published)
	}
	for what, text := range map[string]string{"nothing": "", "no PEM": "x", "a public key": pemOf(t, "PUBLIC KEY", long()[0]),
		"a broken one": pkcs1 + "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"} {
		if _, err := issuer.ReadKeys([]byte(text)); gate.AsError(err).Code != "issuer_key_invalid" {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := issuer.NewGiven(cheap()[0]); gate.AsError(err).Code != "issuer_key_invalid" {
		t.Errorf("a short key: %v", err)
	}
	if _, err := issuer.NewGiven(long()[0], long()[0]); gate.AsError(err).Code != "issuer_key_invalid" {
		t.Errorf("a key twice: %v", err)
	}
}
