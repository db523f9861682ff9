// Package oidc says who asks for a credential, by a token of workload identity: of a
// job of GitHub Actions, or of any other issuer that the operator names.
//
// The order is the contract. What a token says of its issuer is taken to find that
// issuer among the configured ones, byte by byte, and for nothing else; before it is
// found nothing is asked of anybody. Then the issuer's algorithms, its keys, the
// signature, and only then what is claimed: one audience, ours, and times that are
// bounded. A token is refused for whatever is written twice in it, is longer than it
// has to be, or asks to be understood in another way; keys and addresses that it
// brings along are not looked at.
//
// Keys are kept for an hour. One that is not among them has the set read again, at
// most once in half a minute, however many tokens name it. Where the issuer does not
// answer, the keys that were read are good for six hours and no longer. No redirect is
// followed, and no address of this machine, of a private network or of a cloud's
// metadata is connected to unless the issuer's configuration says so; the address is
// looked at when it is dialled, so that no name can lead there later.
//
// No error repeats anything of a token.
package oidc

import (
	"context"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
)

// Actions is the kind of an issuer whose tokens are of jobs of GitHub Actions. Others
// have none.
const Actions = "actions"

// Bounds of time, where an issuer's configuration has no others.
const (
	skew    = time.Minute      // by which the issuer's clock may differ
	maxAge  = 15 * time.Minute // since a token was issued
	maxLife = time.Hour        // from then to its end
)

// Issuer is one whose word is taken.
type Issuer struct {
	URL        string // as it stands in `iss`, compared byte by byte
	Audience   string // the one that tokens for gatehold name
	Kind       string // Actions, or ""
	Algorithms []string
	// JWKS is where its keys are, a URL or the path of a file, where its discovery
	// document is not to be asked.
	JWKS string
	CA   string // certificates of who signed its host's, PEM; "": those of the system

	Age  time.Duration // a token's greatest; 0: 15 minutes
	Life time.Duration // a token's longest; 0: an hour

	Private bool // it lies in a private network
	Local   bool // it lies on this machine, and may be http
}

// Config is what a Verifier needs.
type Config struct {
	Issuers []Issuer
	Now     func() time.Time
}

// Verifier verifies tokens. It is safe for concurrent use.
type Verifier struct {
	issuers map[string]*issuer // by URL
	now     func() time.Time
}

type issuer struct {
	Issuer
	keys *keyring
}

// New asks nobody. Of two issuers by one URL the first counts.
func New(c Config) *Verifier {
	v := &Verifier{issuers: map[string]*issuer{}, now: c.Now}
	for _, one := range c.Issuers {
		if len(one.Algorithms) == 0 {
			one.Algorithms = []string{"RS256"}
		}
		if one.Age == 0 {
			one.Age = maxAge
		}
		if one.Life == 0 {
			one.Life = maxLife
		}
		if v.issuers[one.URL] == nil {
			from := &source{Issuer: one, client: newClient(one), now: c.Now}
			v.issuers[one.URL] = &issuer{Issuer: one, keys: &keyring{read: from.read, now: c.Now}}
		}
	}
	return v
}

// Verify is who a token says that asks, if it is to be believed.
func (v *Verifier) Verify(ctx context.Context, raw string) (gate.Workload, error) {
	t, err := parse(raw)
	if err != nil {
		return gate.Workload{}, err
	}
	from := v.issuers[t.issuer]
	if from == nil {
		return gate.Workload{}, refuse(IssuerUnknown, "The token's issuer is none of those that gatehold's configuration names.")
	}
	alg, known := from.algorithm(t.alg)
	if !known {
		return gate.Workload{}, refuse(AlgorithmRefused,
			"The token is signed by an algorithm that gatehold does not take of its issuer: its configuration names those that it does.")
	}
	keys, err := from.keys.find(ctx, t.kid, alg)
	if err != nil {
		return gate.Workload{}, err
	}
	if !t.signedBy(keys, alg) {
		return gate.Workload{}, refuse(SignatureWrong, "The token's signature is not its issuer's: ask the issuer for a new one.")
	}
	return from.workload(t, v.now())
}

// workload is what a token claims whose signature is the issuer's.
func (i *issuer) workload(t *token, now time.Time) (gate.Workload, error) {
	until, err := i.times(t.claims, now)
	if err != nil {
		return gate.Workload{}, err
	}
	if err := i.audience(t.claims["aud"]); err != nil {
		return gate.Workload{}, err
	}
	w := gate.Workload{Issuer: i.URL, Until: until}
	r := reader{claims: t.claims, taken: map[string]bool{"iss": true, "aud": true, "exp": true, "nbf": true, "iat": true}}
	w.Subject = r.text("sub")
	if i.Kind == Actions {
		w.Job, w.Token = r.job(), gate.TokenKey(i.URL, r.text("jti"))
	} else if id := r.optional("jti"); id != "" {
		w.Token = gate.TokenKey(i.URL, id)
	} else {
		// Not over the signature: some algorithms let anybody make a second one of it.
		w.Token = gate.TokenKey(i.URL, "\x00"+t.signed)
	}
	w.Claims = r.rest()
	if r.err != nil {
		return gate.Workload{}, r.err
	}
	return w, nil
}
