package credentials

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/ledger"
)

// Sealed is a vault in a store that sees nothing of what it keeps: AES-256-GCM with a
// random nonce, and bound to the id that it is kept under.
type Sealed struct {
	store ledger.Vault
	keys  []cipher.AEAD // the first seals, any of them opens
}

// NewSealed takes keys of 32 bytes each.
func NewSealed(store ledger.Vault, keys [][]byte) (*Sealed, error) {
	if len(keys) == 0 {
		return nil, errors.New("credentials: there is no key to seal with")
	}
	s := &Sealed{store: store}
	for _, key := range keys {
		if len(key) != 32 {
			return nil, fmt.Errorf("credentials: a key has %d bytes, not 32", len(key))
		}
		block, err := aes.NewCipher(key)
		if err != nil {
			return nil, err
		}
		aead, err := cipher.NewGCM(block)
		if err != nil {
			return nil, err
		}
		s.keys = append(s.keys, aead)
	}
	return s, nil
}

// Keep implements Vault.
func (s *Sealed) Keep(ctx context.Context, id, secret string, until time.Time) error {
	nonce := make([]byte, s.keys[0].NonceSize())
	rand.Read(nonce) // never fails
	return s.store.Keep(ctx, id, s.keys[0].Seal(nonce, nonce, []byte(secret), []byte(id)), until)
}

// Take implements Vault. What none of the keys opens is an error: the keys were changed,
// and what was sealed by the ones before cannot be undone.
func (s *Sealed) Take(ctx context.Context, id string) (string, bool, error) {
	data, err := s.store.Take(ctx, id)
	if err != nil || data == nil {
		return "", false, err
	}
	for _, key := range s.keys {
		if len(data) < key.NonceSize() {
			break
		}
		if text, err := key.Open(nil, data[:key.NonceSize()], data[key.NonceSize():], []byte(id)); err == nil {
			return string(text), true, nil
		}
	}
	return "", false, &gate.Error{Code: "vault_locked", Text: "What is kept was sealed with other keys: give gatehold the private key and " +
		"the webhook secrets back that it had when the credential was given, until it has ended."}
}

// Forget implements Vault.
func (s *Sealed) Forget(ctx context.Context, id string) error { return s.store.Forget(ctx, id) }
