package issuer

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"slices"
)

// minBits is how long a key has to be.
const minBits = 2048

// Given are keys that the operator gives and rotates: the first signs, and all are
// published.
type Given struct {
	first  Key
	public []JWK
}

// NewGiven takes keys of RSA, wherever their private halves lie. Its error is a
// *gate.Error.
func NewGiven(keys ...crypto.Signer) (*Given, error) {
	g := &Given{}
	for _, key := range keys {
		public, is := key.Public().(*rsa.PublicKey)
		if !is || public.N.BitLen() < minBits {
			return nil, no("issuer_key_invalid", "Identities are signed with RSA keys of %d bits or more: make one with openssl genrsa 2048.",
				minBits)
		}
		jwk := jwkOf(public)
		if slices.ContainsFunc(g.public, func(o JWK) bool { return o.ID == jwk.ID }) {
			return nil, no("issuer_key_invalid", "A key stands there twice among those that identities are signed with: keep one of them.")
		}
		if len(g.public) == 0 {
			g.first = Key{ID: jwk.ID, Signer: key}
		}
		g.public = append(g.public, jwk)
	}
	if len(g.public) == 0 {
		return nil, no("issuer_key_invalid", "There is no key that identities could be signed with.")
	}
	return g, nil
}

// ReadKeys reads private keys in PEM, one after the other. Its error is a *gate.Error,
// which repeats nothing of them.
func ReadKeys(text []byte) ([]crypto.Signer, error) {
	var out []crypto.Signer
	for {
		var block *pem.Block
		if block, text = pem.Decode(text); block == nil {
			break
		}
		key, err := parse(block)
		if err != nil {
			return nil, no("issuer_key_invalid", "A key that identities are to be signed with cannot be read: it has to be an RSA private key "+
				"in PEM, without a password.")
		}
		out = append(out, key)
	}
	if len(out) == 0 {
		return nil, no("issuer_key_invalid", "There is no private key in PEM in what identities are to be signed with.")
	}
	return out, nil
}

func parse(block *pem.Block) (crypto.Signer, error) {
	if block.Type == "RSA PRIVATE KEY" {
		return x509.ParsePKCS1PrivateKey(block.Bytes)
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	private, is := key.(*rsa.PrivateKey)
	if !is {
		return nil, x509.ErrUnsupportedAlgorithm
	}
	return private, nil
}

// Signing implements Keys.
func (g *Given) Signing(context.Context) (Key, error) { return g.first, nil }

// Published implements Keys.
func (g *Given) Published(context.Context) ([]JWK, error) { return slices.Clone(g.public), nil }
