//go:build services

package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/actions"
	"github.com/gatehold/gatehold/internal/testworld"
)

const credentialRules = deployRules + `credentials:
  - id: deploy
    for: { workflow: .github/workflows/deploy.yml, environment: production, branches: [main] }
    gate: required
    github: { permissions: { contents: write } }
    identity: { audience: [sts.amazonaws.com], claims: { team: shop } }
`

// exchanged is an answer of the door for workloads.
type exchanged struct {
	Token       string `json:"access_token"`
	Kind        string `json:"issued_token_type"`
	ExpiresIn   int    `json:"expires_in"`
	Scope       string `json:"scope"`
	Error       string `json:"error"`
	Code        string `json:"code"`
	Description string `json:"error_description"`
	Interval    int    `json:"interval"`
}

// TestADeployWithoutASecret: a job waits at its gate, is approved, is given a token for
// its repository, and GitHub refuses that token a moment after the job has ended.
func TestADeployWithoutASecret(t *testing.T) {
	t.Parallel()
	w, s := newCredentials(t)
	audience := s.pages
	run, err := w.Hub.StartRun(w.Shop, actions.RunSpec{Actor: w.Ana, Jobs: []actions.JobSpec{
		{Name: "production", Environment: "production", IDToken: true},
	}})
	if err != nil {
		t.Fatal(err)
	}
	w.says(run.View().SHA, toProduction, "Held: needs 1 approval", "")
	ask := func(token, credential string) exchanged {
		return s.exchange(url.Values{
			"grant_type":    {"urn:ietf:params:oauth:grant-type:token-exchange"},
			"subject_token": {token}, "subject_token_type": {"urn:ietf:params:oauth:token-type:jwt"}, "credential": {credential},
		})
	}
	// The job does not run before its gate opens, so nobody has a token of it yet. What
	// is not signed by GitHub is nothing.
	if got := ask("x.y.z", "deploy"); got.Error != "invalid_grant" || got.Description == "" {
		t.Errorf("a made-up token is answered with %+v", got)
	}
	w.approves(run.View().SHA, toProduction, "Released")
	identity := func() string { return w.identity(run, audience) }
	first := identity()
	if got := ask(first, "other"); got.Error != "access_denied" || got.Code != "credential_unknown" {
		t.Errorf("what no rule names is answered with %+v", got)
	}
	got := ask(first, "deploy")
	if got.Token == "" || got.Scope != "contents:write" || got.ExpiresIn < 800 || got.ExpiresIn > 900 {
		t.Fatalf("it was given %+v", got)
	}
	if status := w.reads(got.Token); status != http.StatusOK {
		t.Errorf("GitHub takes the token with %d", status)
	}
	if again := ask(first, "deploy"); again.Error != "invalid_grant" || again.Code != "token_used" {
		t.Errorf("the same identity token again is answered with %+v", again)
	}
	next := ask(identity(), "deploy")
	if next.Token == "" || w.reads(got.Token) != http.StatusUnauthorized || w.reads(next.Token) != http.StatusOK {
		t.Errorf("of two requests both have a token, or none: %+v", next)
	}
	s.signs(identity(), run.View().SHA)
	if err := w.Hub.FinishJob(run, "production", "success"); err != nil {
		t.Fatal(err)
	}
	until(t, 20*time.Second, "the token outlives its job", func() bool { return w.reads(next.Token) == http.StatusUnauthorized })
	s.kill()
	s.scanned(got.Token, next.Token, first)
}

// newCredentials is a world in which a deploy is given a token of another App.
func newCredentials(t *testing.T) (*world, *server) {
	t.Helper()
	w := newWorld(t, fakehub.Options{}, testworld.Options{People: testworld.People{"ana": "sre", "bo": "sre"}, Rules: credentialRules,
		Files: fakehub.Files{".github/workflows/deploy.yml": testworld.DeployWorkflow}})
	w.Hub.CreateEnvironment(w.Shop, "production").Protect(w.App, true)
	second, err := w.Hub.CreateApp(fakehub.NewApp{Slug: "acme-deploys", Events: []string{},
		Permissions: map[string]string{"metadata": "read", "contents": "write"}})
	if err != nil {
		t.Fatal(err)
	}
	second.Install(w.Acme)
	return w, newMinting(t, w, second)
}

// identity is a token of the run's job, once that runs.
func (w *world) identity(run *actions.WorkflowRun, audience string) (token string) {
	w.t.Helper()
	until(w.t, 20*time.Second, "the job does not run", func() bool {
		var err error
		token, err = w.Hub.JobToken(run, "production", audience)
		return err == nil
	})
	return token
}

// newMinting is a server that gives tokens of another App.
func newMinting(t testing.TB, w *world, second *fakehub.App) *server {
	t.Helper()
	s := &server{addr: freeAddress(t), store: ledgerIn(t)}
	_, port, _ := strings.Cut(s.addr, ":")
	s.pages = "http://localhost:" + port
	w.signIn.SetCallbacks(s.pages + "/sign-in/callback")
	key := filepath.Join(t.TempDir(), "credentials.pem")
	if err := os.WriteFile(key, second.PrivateKeyPEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	s.env = []string{fmt.Sprintf("GATEHOLD_CREDENTIAL_APP_ID=%d", second.ID), "GATEHOLD_CREDENTIAL_PRIVATE_KEY_FILE=" + key,
		"GATEHOLD_IDENTITIES=true"}
	return serve(t, w, s)
}

// signs asks for the identity of a deployment, and believes it as a cloud does: by what
// stands at the issuer's address.
func (s *server) signs(token, sha string) {
	s.t.Helper()
	got := s.exchange(url.Values{
		"grant_type":    {"urn:ietf:params:oauth:grant-type:token-exchange"},
		"subject_token": {token}, "subject_token_type": {"urn:ietf:params:oauth:token-type:jwt"}, "credential": {"deploy"},
		"requested_token_type": {"urn:ietf:params:oauth:token-type:jwt"},
	})
	ctx := oidc.ClientContext(s.t.Context(), client)
	provider, err := oidc.NewProvider(ctx, s.pages)
	if err != nil {
		s.t.Fatal(err)
	}
	identity, err := provider.Verifier(&oidc.Config{ClientID: "sts.amazonaws.com"}).Verify(ctx, got.Token)
	if err != nil {
		s.t.Fatalf("%v: %+v", err, got)
	}
	var says struct{ SHA, Gate, Verdict, Team, Credential string }
	if err := identity.Claims(&says); err != nil {
		s.t.Fatal(err)
	}
	if identity.Subject != "repo:acme/shop:environment:production" || says.SHA != sha || says.Gate == "" || says.Verdict == "" ||
		says.Team != "shop" || says.Credential != "deploy" || identity.Expiry.Sub(identity.IssuedAt) > 15*time.Minute {
		s.t.Errorf("%s says %+v", identity.Subject, says)
	}
}

// exchange asks the door for workloads.
func (s *server) exchange(form url.Values) exchanged {
	s.t.Helper()
	resp, err := client.PostForm("http://"+s.addr+"/token", form)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	var got exchanged
	if err := json.NewDecoder(resp.Body).Decode(&got); err != nil {
		s.t.Fatal(err)
	}
	return got
}

// scanned fails where something stands in the log or in the ledger.
func (s *server) scanned(secrets ...string) {
	s.t.Helper()
	files, _ := filepath.Glob(strings.TrimPrefix(s.store, "sqlite:") + "*")
	for _, name := range append(files, s.log.Name()) {
		text, err := os.ReadFile(name)
		if err != nil {
			s.t.Fatal(err)
		}
		for i, secret := range secrets {
			if strings.Contains(string(text), secret) {
				s.t.Errorf("%s holds the secret %d", filepath.Base(name), i)
			}
		}
	}
}

// reads is how GitHub takes a token.
func (w *world) reads(token string) int {
	w.t.Helper()
	req, err := http.NewRequest(http.MethodGet, w.Base+"/installation/repositories", nil)
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := client.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	return resp.StatusCode
}
