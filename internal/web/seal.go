package web

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Sealer gives out data that only it can read and nobody can change, for a time:
// what a server that keeps no state has to know again later. It is AES-256-GCM
// with a random nonce; what is sealed for one purpose opens for no other.
type Sealer struct {
	keys []cipher.AEAD // the first seals, any of them opens
	now  func() time.Time
}

// The purposes.
const (
	sealedSignIn = "sign-in"
	sealedTicket = "ticket"
)

// Bounds of what is sealed, and tried to be opened. A passkey on its way holds what the
// maker of the device says of it, which has bounds of its own.
const (
	maxSealed   = 16 << 10
	maxCeremony = 64 << 10
)

func largest(purpose string) int {
	if purpose == sealedCeremony {
		return maxCeremony
	}
	return maxSealed
}

// The ways in which something sealed is not opened.
var (
	errNotSealed = errors.New("web: it was not sealed here for this")
	errRunOut    = errors.New("web: it has run out")
)

// NewSealer takes keys of 32 bytes each.
func NewSealer(keys [][]byte, now func() time.Time) (*Sealer, error) {
	if len(keys) == 0 {
		return nil, errors.New("web: there is no key to seal with")
	}
	s := &Sealer{now: now}
	for _, key := range keys {
		if len(key) != 32 {
			return nil, fmt.Errorf("web: a key has %d bytes, not 32", len(key))
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

// envelope is what is sealed.
type envelope struct {
	Expires int64           `json:"exp"` // Unix seconds
	Content json.RawMessage `json:"content"`
}

// seal makes a text of v that opens until a moment.
func (s *Sealer) seal(purpose string, until time.Time, v any) (string, error) {
	content, err := json.Marshal(v)
	if err != nil {
		return "", err
	}
	text, err := json.Marshal(envelope{Expires: until.Unix(), Content: content})
	if err != nil {
		return "", err
	}
	sealing := s.keys[0]
	nonce := make([]byte, sealing.NonceSize())
	rand.Read(nonce) // never fails
	out := base64.RawURLEncoding.EncodeToString(sealing.Seal(nonce, nonce, text, []byte(purpose)))
	if len(out) > largest(purpose) {
		return "", fmt.Errorf("web: %d bytes are more than is sealed", len(out))
	}
	return out, nil
}

// open reads what was sealed for a purpose into v. grace is how long after its
// end it still opens.
func (s *Sealer) open(purpose, sealed string, grace time.Duration, v any) error {
	if len(sealed) > largest(purpose) || strings.ContainsAny(sealed, "\r\n") { // which base64 would pass over
		return errNotSealed
	}
	data, err := base64.RawURLEncoding.Strict().DecodeString(sealed)
	if err != nil {
		return errNotSealed
	}
	for _, key := range s.keys {
		if len(data) < key.NonceSize() {
			return errNotSealed
		}
		text, err := key.Open(nil, data[:key.NonceSize()], data[key.NonceSize():], []byte(purpose))
		if err != nil {
			continue
		}
		var e envelope
		if err := json.Unmarshal(text, &e); err != nil {
			return errNotSealed
		}
		if !s.now().Before(time.Unix(e.Expires, 0).Add(grace)) {
			return errRunOut
		}
		return json.Unmarshal(e.Content, v)
	}
	return errNotSealed
}
