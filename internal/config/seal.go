package config

import (
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/x509"
	"fmt"
)

// SealKeyLength is the length of a key of SealKeys, for AES-256.
const SealKeyLength = 32

// SealKeys are the keys that seal what gatehold gives out and takes back, for one
// purpose each: the first seals, any of them opens. There is one for each webhook
// secret, so that a secret is rotated without a gap, and each is derived from the
// App's private key as well: a secret that somebody thought up can be guessed,
// and whoever holds something sealed could try guesses on it. With another
// private key all are others.
func (c Config) SealKeys(purpose string) ([][]byte, error) {
	key, err := parseKey(c.PrivateKey)
	if err != nil {
		return nil, fmt.Errorf("the private key cannot be used: %w", err)
	}
	var keys [][]byte
	for _, secret := range c.WebhookSecrets {
		k, err := hkdf.Key(sha256.New, x509.MarshalPKCS1PrivateKey(key), secret, "gatehold seal v1: "+purpose, SealKeyLength)
		if err != nil {
			return nil, err
		}
		keys = append(keys, k)
	}
	return keys, nil
}
