// Package hook tells a program of the operator's own, by Standard Webhooks: JSON, an
// id that is the same at each attempt, and a signature over id, time and body.
// https://www.standardwebhooks.com
package hook

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/notify"
)

// Prefixes of keys: one that both sides share, and one of which the receiver has the
// public half only.
const (
	sharedKey  = "whsec_"
	privateKey = "whsk_"
)

// The least and the most bytes of a shared key, by the specification.
const (
	minShared = 24
	maxShared = 64
)

// Key signs what is sent.
type Key struct {
	shared  []byte
	private ed25519.PrivateKey
}

// ReadKey reads a key as the specification writes them: whsec_ and base64 of 24 to 64
// bytes, or whsk_ and base64 of an Ed25519 key. No error repeats it.
func ReadKey(text string) (Key, error) {
	switch {
	case strings.HasPrefix(text, sharedKey):
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(text, sharedKey))
		if err != nil || len(key) < minShared || len(key) > maxShared {
			return Key{}, fmt.Errorf("a key that begins with %s must go on with base64 of %d to %d bytes", sharedKey, minShared, maxShared)
		}
		return Key{shared: key}, nil
	case strings.HasPrefix(text, privateKey):
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(text, privateKey))
		switch {
		case err == nil && len(key) == ed25519.SeedSize:
			return Key{private: ed25519.NewKeyFromSeed(key)}, nil
		case err == nil && len(key) == ed25519.PrivateKeySize:
			return Key{private: key}, nil
		}
		return Key{}, fmt.Errorf("a key that begins with %s must go on with base64 of an Ed25519 key", privateKey)
	}
	return Key{}, fmt.Errorf("a key of a webhook begins with %s or %s", sharedKey, privateKey)
}

func (k Key) sign(text []byte) string {
	if k.private != nil {
		return "v1a," + base64.StdEncoding.EncodeToString(ed25519.Sign(k.private, text))
	}
	mac := hmac.New(sha256.New, k.shared)
	mac.Write(text)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// Hook is a channel to one address.
type Hook struct {
	Poster notify.Poster
	Keys   []Key // each signs; more than one while a key is replaced
}

// The types of events are of what a gate, or a passkey, has come to.
func typeOf(m notify.Message) string { return cmp.Or(m.Topic, "gate") + "." + string(m.State) }

type event struct {
	Type      string    `json:"type"`
	Timestamp time.Time `json:"timestamp"`
	Data      data      `json:"data"`
}

type data struct {
	Gate       string       `json:"gate"` // the same in all events about it
	State      notify.State `json:"state"`
	Title      string       `json:"title"`
	Sentence   string       `json:"sentence,omitempty"`
	Subject    string       `json:"subject"`
	Repository string       `json:"repository"`
	Level      gate.Level   `json:"level,omitempty"`
	Score      int          `json:"score"`
	Who        string       `json:"who_may_decide,omitempty"`
	Since      time.Time    `json:"waits_since,omitzero"`
	Urgent     bool         `json:"urgent,omitempty"`
	Findings   []string     `json:"findings"`
	More       int          `json:"more_findings,omitempty"`
	Page       string       `json:"page,omitempty"`
	GitHub     string       `json:"github,omitempty"`
}

// Send delivers a message. A receiver that has had it already knows it by its id.
func (h *Hook) Send(ctx context.Context, d notify.Delivery) (string, error) {
	body, err := json.Marshal(event{Type: typeOf(d.Message), Timestamp: d.At.UTC(), Data: data{
		Gate: d.Thread, State: d.State, Title: d.Title, Sentence: d.Sentence, Subject: d.Subject, Repository: d.Repository,
		Level: d.Level, Score: d.Score, Who: d.Who, Since: d.Since, Urgent: d.Urgent, Findings: append([]string{}, d.Findings...),
		More: d.More, Page: d.Page, GitHub: d.GitHub,
	}})
	if err != nil {
		return "", fmt.Errorf("encoding a message: %w", err)
	}
	at := strconv.FormatInt(h.Poster.Now().Unix(), 10)
	signed := append([]byte(d.ID+"."+at+"."), body...)
	var signatures []string
	for _, key := range h.Keys {
		signatures = append(signatures, key.sign(signed))
	}
	header := http.Header{}
	header.Set("webhook-id", d.ID)
	header.Set("webhook-timestamp", at)
	header.Set("webhook-signature", strings.Join(signatures, " "))
	return "", h.Poster.Post(ctx, header, body)
}

// Check says nothing: a receiver cannot be asked without being told something.
func (h *Hook) Check(context.Context) error { return nil }
