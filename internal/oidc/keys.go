package oidc

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
)

const (
	keepFor  = time.Hour        // keys, before they are read again
	staleFor = 6 * time.Hour    // keys that cannot be read again
	pause    = 30 * time.Second // between two readings, whoever asks
	maxKeys  = 100
)

// Sizes of RSA keys: what is smaller is too weak, what is larger costs too much to try.
const (
	minRSA = 2048
	maxRSA = 8192
)

// algorithms are those that an issuer can be allowed, with the curve of their keys.
var algorithms = map[jose.SignatureAlgorithm]string{
	jose.RS256: "", jose.RS384: "", jose.RS512: "", jose.PS256: "", jose.PS384: "", jose.PS512: "",
	jose.ES256: "P-256", jose.ES384: "P-384", jose.ES512: "P-521", jose.EdDSA: "",
}

// algorithm is the one that a token names, where the issuer may use it.
func (i *issuer) algorithm(name string) (jose.SignatureAlgorithm, bool) {
	alg := jose.SignatureAlgorithm(name)
	_, known := algorithms[alg]
	return alg, known && slices.Contains(i.Algorithms, name)
}

// fits reports whether a key is one of an algorithm's.
func fits(key jose.JSONWebKey, alg jose.SignatureAlgorithm) bool {
	if key.Algorithm != "" && key.Algorithm != string(alg) {
		return false
	}
	switch public := key.Key.(type) {
	case *rsa.PublicKey:
		size := public.N.BitLen()
		return (alg[0] == 'R' || alg[0] == 'P') && size >= minRSA && size <= maxRSA
	case *ecdsa.PublicKey:
		curve := algorithms[alg]
		return curve != "" && public.Curve.Params().Name == curve
	case ed25519.PublicKey:
		return alg == jose.EdDSA
	}
	return false
}

// readKeys reads a set of keys. Those that it does not know, or that are for
// something else, are left out, as the specification has it.
func readKeys(text []byte) ([]jose.JSONWebKey, error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(text, &set); err != nil {
		return nil, errors.New("its keys are not readable JSON")
	}
	if len(set.Keys) > maxKeys {
		return nil, fmt.Errorf("it has %d keys, more than any issuer needs", len(set.Keys))
	}
	var out []jose.JSONWebKey
	for _, one := range set.Keys {
		var key jose.JSONWebKey
		if err := json.Unmarshal(one, &key); err != nil || key.KeyID == "" || !key.IsPublic() || !key.Valid() {
			continue
		}
		if key.Use == "" || key.Use == "sig" || key.Use == "jwt-svid" { // SPIFFE has a word of its own
			out = append(out, key)
		}
	}
	if len(out) == 0 {
		return nil, errors.New("it has no key that gatehold could use")
	}
	return out, nil
}

// keyring has an issuer's keys.
type keyring struct {
	read func(context.Context) ([]jose.JSONWebKey, error)
	now  func() time.Time

	mu      sync.Mutex
	keys    []jose.JSONWebKey
	at      time.Time     // when they were read
	tried   time.Time     // when it was last begun to read them
	failed  error         // how that ended
	reading chan struct{} // closed when it ends; nil: nobody reads
}

// find gives the keys by an id that fit an algorithm, reading them again where they
// are old or have none. All that wait for one reading share it; it goes on where one
// of them is gone.
func (k *keyring) find(ctx context.Context, id string, alg jose.SignatureAlgorithm) ([]jose.JSONWebKey, error) {
	k.mu.Lock()
	now := k.now()
	found := k.by(id, alg)
	if len(found) > 0 && within(now, k.at, keepFor) {
		k.mu.Unlock()
		return found, nil
	}
	if k.reading == nil && !within(now, k.tried, pause) {
		k.tried, k.reading = now, make(chan struct{})
		go k.readAgain(context.WithoutCancel(ctx), k.reading)
	}
	reading := k.reading
	k.mu.Unlock()
	if reading != nil {
		select {
		case <-reading:
		case <-ctx.Done():
			return nil, later(IssuerUnavailable, "The token's issuer did not tell its keys in time: try again.", time.Time{}, ctx.Err())
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.have(id, alg)
}

// have is what there is to say once nobody reads any more.
func (k *keyring) have(id string, alg jose.SignatureAlgorithm) ([]jose.JSONWebKey, error) {
	usable := len(k.keys) > 0 && k.now().Sub(k.at) < staleFor
	found := k.by(id, alg)
	switch {
	case usable && len(found) > 0:
		return found, nil
	case k.failed != nil || !usable:
		return nil, later(IssuerUnavailable, "The keys of the token's issuer cannot be read: try again."+hint(k.failed),
			k.tried.Add(pause), k.failed)
	}
	return nil, later(KeyUnknown, "The token is signed by a key that its issuer does not name, or by one of another kind: ask the issuer "+
		"for a new token.", k.tried.Add(pause), nil)
}

func (k *keyring) readAgain(ctx context.Context, done chan struct{}) {
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	keys, err := k.read(ctx)
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.failed = err; err == nil {
		k.keys, k.at = keys, k.now()
	}
	k.reading = nil
	close(done)
}

func (k *keyring) by(id string, alg jose.SignatureAlgorithm) []jose.JSONWebKey {
	var out []jose.JSONWebKey
	for _, key := range k.keys {
		if key.KeyID == id && fits(key, alg) {
			out = append(out, key)
		}
	}
	return out
}

// within reports whether less than d has passed since then. A clock that was set back
// does not make it last longer.
func within(now, then time.Time, d time.Duration) bool {
	passed := now.Sub(then)
	return !then.IsZero() && passed >= 0 && passed < d
}
