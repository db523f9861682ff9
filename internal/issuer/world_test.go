package issuer_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/issuer"
	"github.com/gatehold/gatehold/internal/ledger"
)

var started = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)

// store is a ledger's stream and a vault that replicas share.
type store struct {
	mu      sync.Mutex
	records []ledger.Record
	secrets map[string]string
}

// replica is one process at the store, which may not answer it.
type replica struct {
	*store
	down   bool // nothing is answered
	unsure bool // appends are written, and answered with an error
	locked bool // the vault cannot be opened
}

var errDown = errors.New("the store does not answer")

func (r *replica) Append(_ context.Context, b ledger.Batch) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.down {
		return errDown
	}
	if uint64(len(r.records)) != b.After {
		return ledger.ErrMoved
	}
	r.records = append(r.records, b.Records...)
	if r.unsure {
		return errDown
	}
	return nil
}

func (r *replica) Read(_ context.Context, _ string, after uint64) ([]ledger.Record, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.down {
		return nil, errDown
	}
	return append([]ledger.Record(nil), r.records[min(after, uint64(len(r.records))):]...), nil
}

func (r *replica) Keep(_ context.Context, id, secret string, _ time.Time) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.down {
		return errDown
	}
	r.secrets[id] = secret
	return nil
}

func (r *replica) Take(_ context.Context, id string) (string, bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.down {
		return "", false, errDown
	}
	if r.locked {
		return "", false, &gate.Error{Code: "vault_locked", Text: "It was sealed with other keys."}
	}
	secret, found := r.secrets[id]
	return secret, found, nil
}

func (r *replica) Forget(_ context.Context, id string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.down {
		return errDown
	}
	delete(r.secrets, id)
	return nil
}

// cheap are keys that are made once, and are shorter than any that signs: these tests are
// about when, and not about what.
var cheap = sync.OnceValue(func() []*rsa.PrivateKey {
	out := make([]*rsa.PrivateKey, 40)
	for i := range out {
		key, err := rsa.GenerateKey(rand.Reader, 1024)
		if err != nil {
			panic(err)
		}
		out[i] = key
	}
	return out
})

// maker hands the cheap keys out, each once.
func maker() func() (*rsa.PrivateKey, error) {
	n := 0
	return func() (*rsa.PrivateKey, error) {
		n++
		return cheap()[n-1], nil
	}
}

var long = sync.OnceValue(func() []*rsa.PrivateKey {
	out := make([]*rsa.PrivateKey, 2)
	for i := range out {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		out[i] = key
	}
	return out
})

// given is an issuer with a key of its own.
func given(t testing.TB, url string) *issuer.Issuer {
	t.Helper()
	keys, err := issuer.NewGiven(long()[0])
	if err != nil {
		t.Fatal(err)
	}
	return issuer.New(issuer.Config{URL: url, Keys: keys, Link: func(s string) string { return "https://gate.acme.example/gates/" + s }})
}

// deploy is a grant of a deployment that was released, and the job that asks.
func deploy() (gate.Grant, gate.Workload) {
	repo := gate.Repo{Installation: 1, ID: 42, Owner: "acme", Name: "shop"}
	g := gate.Grant{
		ID:   "cred_1",
		Wish: gate.Wish{Rule: "deploy", Type: gate.IdentityToken, Audience: []string{"sts.amazonaws.com"}},
		Repo: repo, Claims: map[string]string{"team": "shop"}, Lifetime: "15m0s",
		Gate: "deploy/42/7/production", Subject: &gate.Subject{Kind: gate.Deployment, Repo: repo, Run: 7, Environment: "Production"},
		For: gate.For{Head: "5ha", Verdict: "d1ge57", Attempt: 1}, RulesFile: "ru1e5",
		Approvers: []gate.Approver{{ID: 3, Login: "ana", Channel: "passkey"}, {ID: 4, Login: "ben", Channel: "passkey"}},
	}
	w := gate.Workload{Issuer: "https://token.actions.githubusercontent.com", Subject: "repo:acme/shop:environment:production", Job: &gate.WorkflowJob{
		Repo: 42, Owner: 9, FullName: "acme/shop", Run: 7, Attempt: 1, Environment: "production", SHA: "5ha", Ref: "refs/heads/main",
		Workflow: "acme/shop/.github/workflows/deploy.yml@refs/heads/main", JobWorkflow: "acme/shop/.github/workflows/deploy.yml@refs/heads/main",
		Runner: "github-hosted",
	}}
	return g, w
}

// pemOf is a key as files hold it.
func pemOf(t testing.TB, kind string, key *rsa.PrivateKey) string {
	t.Helper()
	bytes := x509.MarshalPKCS1PrivateKey(key)
	var err error
	switch kind {
	case "PRIVATE KEY":
		bytes, err = x509.MarshalPKCS8PrivateKey(key)
	case "PUBLIC KEY":
		bytes, err = x509.MarshalPKIXPublicKey(&key.PublicKey)
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: bytes}))
}
