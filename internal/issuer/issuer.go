// Package issuer makes gatehold an issuer of identities by OpenID Connect: it signs what
// a cloud is told of a workload whose gate stands open, and publishes the keys by which
// the cloud believes it.
//
// A token is good for a quarter of an hour at most, and nobody can take it back. It is
// signed with RS256, for no cloud believes less or, all of them together, more. A key is
// published for over an hour before it signs, and for over an hour longer than the last
// token that it signed is good: a verifier that keeps the keys for an hour believes every
// token, whenever it looked. Replicas have the same keys, which stand on one stream of
// the ledger; the private halves lie sealed in its vault. Or the operator gives the keys.
package issuer

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
)

// MaxLife is how long an identity is good for at most.
const MaxLife = 15 * time.Minute

// algorithm is the only one: AWS, Azure and Google Cloud all take it.
const algorithm = "RS256"

// signTime is how long the keys may take to be looked up while somebody waits for a
// token.
const signTime = 10 * time.Second

// Keys are those that sign.
type Keys interface {
	// Signing is the key that signs now. Its errors are *gate.Error.
	Signing(ctx context.Context) (Key, error)
	// Published are the public halves that verifiers have to know now.
	Published(ctx context.Context) ([]JWK, error)
}

// Key is one that signs.
type Key struct {
	ID     string
	Signer crypto.Signer // of RSA
}

// Config is what an Issuer is made of. URL and Keys must be set.
type Config struct {
	URL  string // as it stands in the tokens, where the discovery document is found: no slash at its end
	Keys Keys
	// Link is the page of a gate, empty where it has none. nil: none has.
	Link func(stream string) string
}

// Issuer signs identities.
type Issuer struct{ Config }

// New returns an issuer.
func New(c Config) *Issuer {
	c.URL = strings.TrimSuffix(c.URL, "/")
	return &Issuer{c}
}

// Sign makes an identity of a grant: a JSON Web Token. jti is its id, key that of the key
// that signed it. Errors are *gate.Error; those that are Final say that nothing is signed
// for this grant.
func (i *Issuer) Sign(g gate.Grant, w gate.Workload, jti string, at, until time.Time) (token, key string, err error) {
	if life := until.Sub(at); life <= 0 || life > MaxLife {
		return "", "", no("identity_too_long", "An identity is good for at most %s, and the rules give this one %s.", MaxLife, life)
	}
	claims, err := i.claims(g, w, jti, at, until)
	if err != nil {
		return "", "", err
	}
	ctx, cancel := context.WithTimeout(context.Background(), signTime)
	defer cancel()
	with, err := i.Keys.Signing(ctx)
	if err != nil {
		return "", "", err
	}
	token, err = sign(with, claims)
	return token, with.ID, err
}

func sign(key Key, claims map[string]any) (string, error) {
	head, err := json.Marshal(map[string]string{"alg": algorithm, "kid": key.ID, "typ": "JWT"})
	if err != nil {
		return "", err
	}
	body, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	text := encode(head) + "." + encode(body)
	sum := sha256.Sum256([]byte(text))
	signature, err := key.Signer.Sign(rand.Reader, sum[:], crypto.SHA256)
	if err != nil {
		return "", &gate.Error{Code: "signing_failed", Text: "The identity could not be signed. Try again.", Err: err}
	}
	return text + "." + encode(signature), nil
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// JWK is the public half of a key, as RFC 7517 has it.
type JWK struct {
	Type      string `json:"kty"`
	Use       string `json:"use"`
	Algorithm string `json:"alg"`
	ID        string `json:"kid"`
	Modulus   string `json:"n"`
	Exponent  string `json:"e"`
}

func jwkOf(key *rsa.PublicKey) JWK {
	e := []byte{byte(key.E >> 24), byte(key.E >> 16), byte(key.E >> 8), byte(key.E)}
	for len(e) > 1 && e[0] == 0 {
		e = e[1:]
	}
	out := JWK{Type: "RSA", Use: "sig", Algorithm: algorithm, Modulus: encode(key.N.Bytes()), Exponent: encode(e)}
	// https://www.rfc-editor.org/rfc/rfc7638#section-3: these members, in this order
	sum := sha256.Sum256(fmt.Appendf(nil, `{"e":%q,"kty":"RSA","n":%q}`, out.Exponent, out.Modulus))
	out.ID = encode(sum[:])
	return out
}

func no(code, format string, args ...any) *gate.Error {
	return &gate.Error{Code: code, Text: fmt.Sprintf(format, args...), Final: true}
}
