package issuer

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/ledger"
)

// Log is where the keys are on record.
type Log interface {
	Append(ctx context.Context, b ledger.Batch) error
	Read(ctx context.Context, stream string, after uint64) ([]ledger.Record, error)
}

// Vault keeps the private halves, sealed.
type Vault interface {
	Keep(ctx context.Context, id, secret string, until time.Time) error
	Take(ctx context.Context, id string) (secret string, found bool, err error)
	Forget(ctx context.Context, id string) error
}

// forever is how long the vault keeps a private half: until it is forgotten.
const forever = 100 * 365 * 24 * time.Hour

// lookEvery is how often the ledger is looked at for what other replicas have done.
const lookEvery = time.Minute

// KeptConfig is what Kept is made of. All but Slog and Make must be set.
type KeptConfig struct {
	Log   Log
	Vault Vault
	Now   func() time.Time
	Slog  *slog.Logger
	Make  func() (*rsa.PrivateKey, error) // nil: a random one
}

// Kept are keys that gatehold makes, keeps and rotates itself.
type Kept struct {
	KeptConfig

	mu     sync.Mutex
	ring   ring
	head   ledger.Head
	looked time.Time // when the ring was as the ledger has it
	opened map[string]*rsa.PrivateKey
}

// NewKept returns the keys of a ledger. It asks nothing of it yet.
func NewKept(c KeptConfig) *Kept {
	if c.Slog == nil {
		c.Slog = slog.New(slog.DiscardHandler)
	}
	if c.Make == nil {
		c.Make = func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, minBits) }
	}
	return &Kept{KeptConfig: c, opened: map[string]*rsa.PrivateKey{}}
}

// Run rotates the keys until ctx ends: also while nobody asks for any.
func (k *Kept) Run(ctx context.Context) {
	every := time.NewTicker(lookEvery)
	defer every.Stop()
	for {
		if _, err := k.Published(ctx); err != nil && ctx.Err() == nil {
			k.Slog.Error("the keys that identities are signed with could not be looked at", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-every.C:
		}
	}
}

// Published implements Keys.
func (k *Kept) Published(ctx context.Context) ([]JWK, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.look(ctx); err != nil {
		return nil, err
	}
	return k.ring.published(k.Now()), nil
}

// Signing implements Keys.
func (k *Kept) Signing(ctx context.Context) (Key, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.look(ctx); err != nil {
		return Key{}, err
	}
	now := k.Now()
	with, has := k.ring.signing(now)
	if !has { // the clock was ahead when the first one was made
		return Key{}, &gate.Error{Code: "issuer_key_early", Text: "The key that identities are signed with is not in force yet. Try again."}
	}
	private, err := k.open(ctx, with)
	if err != nil {
		e := gate.AsError(err)
		if newest := k.ring[len(k.ring)-1]; now.Before(newest.From) {
			e.Until = newest.From
		}
		return Key{}, e
	}
	return Key{ID: with.ID, Signer: private}, nil
}

// look brings the ring up to date, and the keys: what is due is done by whoever looks. It
// goes by what it knows for a while where the ledger does not answer, and no longer: a key
// might sign that it does not publish.
func (k *Kept) look(ctx context.Context) error {
	began := k.Now()
	if age := began.Sub(k.looked); !k.looked.IsZero() && age >= 0 && age < lookEvery {
		return nil
	}
	err := k.read(ctx)
	if err == nil {
		err = k.tend(ctx)
	}
	if err == nil {
		k.looked = began
		return nil
	}
	if age := began.Sub(k.looked); !k.looked.IsZero() && age >= 0 && age < stale {
		k.Slog.Warn("the keys that identities are signed with are as they were", "error", err)
		return nil
	}
	return unreachable(err)
}

func unreachable(err error) error {
	return &gate.Error{Code: "store_unavailable", Text: "The ledger cannot be used at the moment. Try again.", Err: err}
}

func (k *Kept) read(ctx context.Context) error {
	records, err := k.Log.Read(ctx, gate.IssuerKeys, k.head.Version)
	if err != nil {
		return err
	}
	for _, r := range records {
		ev, err := gate.Decode(r.Kind, r.Body)
		if err != nil {
			return fmt.Errorf("the stream %s, version %d: %w", r.Stream, r.Version, err)
		}
		k.ring = k.ring.after(gate.Entry{Version: r.Version, At: r.At, Event: ev})
		k.head = ledger.Head{Version: r.Version, Hash: r.Hash}
	}
	return nil
}

// tend makes a key where one is wanted, and drops those that are over.
func (k *Kept) tend(ctx context.Context) error {
	now := k.Now()
	for _, id := range k.ring.over(now) {
		if err := k.Vault.Forget(ctx, vaultID(id)); err != nil { // before it is on record that it is gone
			return err
		}
		delete(k.opened, id)
		if err := k.append(ctx, now, gate.KeyDropped{ID: id}); err != nil {
			return err
		}
	}
	usable := true
	if with, has := k.ring.signing(now); has {
		if _, err := k.open(ctx, with); err != nil {
			if gate.AsError(err).Code != locked {
				return err
			}
			usable = false
			k.Slog.Error("the key that identities are signed with cannot be opened: another one takes its place once verifiers know it",
				"key", with.ID, "error", err)
		}
	}
	from, wanted := k.ring.next(now, usable)
	if !wanted {
		return nil
	}
	return k.add(ctx, now, from)
}

// add makes a key. Its private half is kept before the public one is on record: a process
// that is killed leaves at most a secret that signs nothing.
func (k *Kept) add(ctx context.Context, now, from time.Time) error {
	private, err := k.Make()
	if err != nil {
		return err
	}
	text, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return err
	}
	jwk := jwkOf(&private.PublicKey)
	if err := k.Vault.Keep(ctx, vaultID(jwk.ID), string(text), now.Add(forever)); err != nil {
		return err
	}
	had := len(k.ring)
	err = k.append(ctx, now, gate.KeyPublished{ID: jwk.ID, Modulus: jwk.Modulus, Exponent: jwk.Exponent, From: from})
	if err != nil { // it may be on record all the same: whoever reads that finds its other half
		return err
	}
	if newest := k.ring[len(k.ring)-1]; newest.ID == jwk.ID {
		k.opened[jwk.ID] = private
		k.Slog.Info("a key to sign identities with was made", "key", jwk.ID, "signs_from", from)
	} else if len(k.ring) > had { // another replica was faster
		return k.Vault.Forget(ctx, vaultID(jwk.ID))
	}
	return nil
}

// append puts an event on record, and reads what stands there where another replica was
// faster: whether anything is wanted still is looked at with the next look.
func (k *Kept) append(ctx context.Context, now time.Time, e gate.Event) error {
	body, err := gate.Encode(e)
	if err != nil {
		return err
	}
	batch := ledger.Batch{Stream: gate.IssuerKeys, After: k.head.Version,
		Records: ledger.Seal(gate.IssuerKeys, k.head, now, ledger.Draft{Kind: e.Kind(), Body: body})}
	if err := k.Log.Append(ctx, batch); err != nil && !errors.Is(err, ledger.ErrMoved) {
		return err
	}
	return k.read(ctx)
}

// locked is the code of a key whose private half cannot be had.
const locked = "issuer_key_locked"

// open is the private half of a key.
func (k *Kept) open(ctx context.Context, of held) (crypto.Signer, error) {
	if private, has := k.opened[of.ID]; has {
		return private, nil
	}
	gone := &gate.Error{Code: locked, Text: "The key that identities are signed with cannot be opened: gatehold's private key or webhook " +
		"secrets were changed. Give it those that it had, or wait until another key takes its place."}
	text, found, err := k.Vault.Take(ctx, vaultID(of.ID))
	switch {
	case err != nil && gate.AsError(err).Code == "vault_locked":
		gone.Err = err
		return nil, gone
	case err != nil:
		return nil, unreachable(err)
	case !found:
		return nil, gone
	}
	key, err := x509.ParsePKCS8PrivateKey([]byte(text))
	private, is := key.(*rsa.PrivateKey)
	if err != nil || !is || jwkOf(&private.PublicKey).ID != of.ID {
		return nil, gone
	}
	k.opened[of.ID] = private
	return private, nil
}

func vaultID(key string) string { return "issuer/" + key }
