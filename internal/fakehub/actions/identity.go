package actions

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"sync"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub/wire"
)

// IssuerPath is where the tokens of jobs come from, below the hub's address: as
// GitHub Enterprise Server has it.
const IssuerPath = "/_services/token"

// tokenLife is how long a job's token is good. Its beginning lies as long before.
const tokenLife = 5 * time.Minute

// identities is the issuer of jobs' tokens. It is in no moment: a key that was made
// stays.
type identities struct {
	mu     sync.Mutex
	keys   []signer              // the newest signs
	asking map[string]*JobRecord // by what a runner shows
}

type signer struct {
	id  string
	key *rsa.PrivateKey
}

// Runner is what the runner of a job is given to ask for the job's tokens:
// ACTIONS_ID_TOKEN_REQUEST_URL and ACTIONS_ID_TOKEN_REQUEST_TOKEN. Whoever has both
// adds &audience= to the address.
type Runner struct {
	URL, Token string
}

// Issuer is the `iss` of jobs' tokens.
func (s *Actions) Issuer() string { return s.hub.URL() + IssuerPath }

// RunnerOf is that of a job in progress in the current attempt. A job without
// id-token: write has none, nor has one of a pull request from a fork.
func (s *Actions) RunnerOf(run *WorkflowRun, name string) (Runner, error) {
	s.hub.State.RLock()
	defer s.hub.State.RUnlock()
	j, err := run.identified(name)
	if err != nil {
		return Runner{}, err
	}
	token := base64.RawURLEncoding.EncodeToString(s.hub.Random.Bytes(48))
	s.issuer.mu.Lock()
	defer s.issuer.mu.Unlock()
	if s.issuer.asking == nil {
		s.issuer.asking = map[string]*JobRecord{}
	}
	s.issuer.asking[token] = j
	return Runner{URL: fmt.Sprintf("%s/_services/pipelines/jobs/%d/idtoken?api-version=2.0", s.hub.URL(), j.ID), Token: token}, nil
}

// JobToken is a token that a job in progress of the current attempt asks for. Its
// audience is the owner's address where it is "".
func (s *Actions) JobToken(run *WorkflowRun, name, audience string) (string, error) {
	claims, err := s.JobClaims(run, name, audience)
	if err != nil {
		return "", err
	}
	return s.SignClaims(claims), nil
}

// JobClaims is what the next token of a job would say, for a test to change.
func (s *Actions) JobClaims(run *WorkflowRun, name, audience string) (map[string]any, error) {
	s.hub.State.RLock()
	defer s.hub.State.RUnlock()
	j, err := run.identified(name)
	if err != nil {
		return nil, err
	}
	return s.claims(j, audience), nil
}

// identified is a job that may ask for tokens now.
func (r *WorkflowRun) identified(name string) (*JobRecord, error) {
	jobs := r.Current().Jobs
	i := slices.IndexFunc(jobs, func(j *JobRecord) bool { return j.Spec.Name == name })
	if i < 0 {
		return nil, fmt.Errorf("workflow run %d has no job %s", r.ID, name)
	}
	if why := jobs[i].anonymous(); why != "" {
		return nil, fmt.Errorf("the job %s gets no token: %s", name, why)
	}
	return jobs[i], nil
}

// anonymous says why a job gets no token, "" where it gets one.
func (j *JobRecord) anonymous() string {
	switch {
	case !j.Spec.IDToken:
		return "it has no id-token: write"
	case j.run.fromFork():
		return "a pull request from a fork has no id-token: write"
	case j.Status != jobRunning:
		return "it is not in progress"
	}
	return ""
}

// Redeem is the answer to a runner that asks with its token. The caller holds the
// state's lock.
func (s *Actions) Redeem(bearer string, job int64, audience string) (token string, ok bool) {
	s.issuer.mu.Lock()
	j := s.issuer.asking[bearer]
	s.issuer.mu.Unlock()
	if j == nil || j.ID != job || j.anonymous() != "" {
		return "", false
	}
	return s.SignClaims(s.claims(j, audience)), true
}

// SignClaims signs whatever it is given, by the newest key.
func (s *Actions) SignClaims(claims map[string]any) string {
	s.issuer.mu.Lock()
	defer s.issuer.mu.Unlock()
	by := s.newest()
	text := base64.RawURLEncoding.EncodeToString(wire.Encode(wire.Object{"alg", "RS256", "typ", "JWT", "kid", by.id, "x5t", by.id}))
	body, err := json.Marshal(claims)
	if err != nil {
		panic(err) // a test's own value
	}
	text += "." + base64.RawURLEncoding.EncodeToString(body)
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, by.key, crypto.SHA256, sum[:])
	if err != nil {
		panic(err)
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(signature)
}

// RotateKey makes a new key, which signs from now on. Those before it stay published,
// until RetireKeys.
func (s *Actions) RotateKey() {
	s.issuer.mu.Lock()
	defer s.issuer.mu.Unlock()
	s.newest()
	s.issuer.make(s.hub.Random.Bytes(20))
}

// RetireKeys publishes the newest key alone.
func (s *Actions) RetireKeys() {
	s.issuer.mu.Lock()
	defer s.issuer.mu.Unlock()
	s.newest()
	s.issuer.keys = s.issuer.keys[len(s.issuer.keys)-1:]
}

// newest is made when it is first needed: that takes longer than most tests.
func (s *Actions) newest() signer {
	if len(s.issuer.keys) == 0 {
		s.issuer.make(s.hub.Random.Bytes(20))
	}
	return s.issuer.keys[len(s.issuer.keys)-1]
}

func (i *identities) make(id []byte) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	i.keys = append(i.keys, signer{base64.RawURLEncoding.EncodeToString(id), key})
}

// Discovery is the issuer's document of that name.
func (s *Actions) Discovery() wire.Object {
	return wire.Object{"issuer", s.Issuer(), "jwks_uri", s.Issuer() + "/.well-known/jwks",
		"subject_types_supported", []string{"public", "pairwise"}, "response_types_supported", []string{"id_token"},
		"claims_supported", supported, "id_token_signing_alg_values_supported", []string{"RS256"}, "scopes_supported", []string{"openid"}}
}

// KeySet has the keys that are published.
func (s *Actions) KeySet() wire.Object {
	s.issuer.mu.Lock()
	defer s.issuer.mu.Unlock()
	s.newest()
	list := wire.List{}
	for _, k := range s.issuer.keys {
		number := func(n *big.Int) string { return base64.RawURLEncoding.EncodeToString(n.Bytes()) }
		list = append(list, wire.Object{"kty", "RSA", "alg", "RS256", "use", "sig", "kid", k.id, "x5t", k.id, "n", number(k.key.N),
			"e", number(big.NewInt(int64(k.key.E)))})
	}
	return wire.Object{"keys", list}
}
