// Package accounts is what people have here: the sessions in which they are signed
// in, and the passkeys that sign their answers. What the law of an account allows
// stands in gate/account; here it is asked for the account as it is, and put on
// record.
package accounts

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"time"

	"github.com/gatehold/gatehold/internal/engine"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/gate/account"
	"github.com/gatehold/gatehold/internal/ledger"
	"github.com/gatehold/gatehold/internal/usecase/book"
)

// Passkeys speaks WebAuthn: it makes what browsers are asked, and verifies what they
// answer. Its errors are *gate.Error.
type Passkeys interface {
	Create(who gate.Actor, statement string, have []gate.Passkey, attest bool) []byte
	Created(statement string, response []byte) (gate.Passkey, error)
	Ask(statement string, keys []gate.Passkey) []byte
	Signed(statement string, response []byte, key func(id string) (gate.Passkey, bool)) (gate.Proof, uint32, error)
}

// People tells who somebody is now.
type People interface {
	// Person asks who an account is now, by its numeric id, and to which of the
	// groups it belongs.
	Person(ctx context.Context, repo gate.Repo, who gate.Actor, groups []string) (gate.Person, error)
}

// Answers takes what is signed about a gate.
type Answers interface {
	Offer(ctx context.Context, stream, key string, o gate.Offered) (fresh bool, err error)
}

// Config is what Accounts are made of. All must be set.
type Config struct {
	Book     *book.Book
	People   People
	Answers  Answers
	Orgs     Orgs
	Passkeys Passkeys // nil: no key is made, and none signs
	// Wait is how long a first key waits at least before it counts; 0 means 24 hours.
	Wait time.Duration
}

// Accounts are those of the people who sign in.
type Accounts struct {
	book     *book.Book
	people   People
	answers  Answers
	orgs     Orgs
	passkeys Passkeys
	wait     time.Duration
	readers  *readers
}

// FirstWait is how long a first key waits where nothing else is said.
const FirstWait = 24 * time.Hour

// New returns the accounts of a book.
func New(c Config) *Accounts {
	if c.Wait == 0 {
		c.Wait = FirstWait
	}
	return &Accounts{
		book: c.Book, people: c.People, answers: c.Answers, orgs: c.Orgs, passkeys: c.Passkeys, wait: c.Wait, readers: newReaders(),
	}
}

// SessionLife is how long somebody is signed in at most.
const SessionLife = 12 * time.Hour

// Session is what a browser carries to be known again.
type Session struct {
	Account int64  `json:"account"`
	Secret  string `json:"secret"`
}

// ID is how the session is known on record, which keeps no secret.
func (s Session) ID() string {
	sum := sha256.Sum256([]byte(s.Secret))
	return hex.EncodeToString(sum[:])
}

// Open signs somebody in whom GitHub has told us of, with a browser that calls itself
// client.
func (u *Accounts) Open(ctx context.Context, who gate.Actor, client string) (Session, error) {
	if who.ID <= 0 || who.Type != "User" {
		return Session{}, &gate.Error{Code: "not_human", Text: "Only people sign in here.", Final: true}
	}
	s := Session{Account: who.ID, Secret: rand.Text() + rand.Text()}
	_, err := u.book.Accounts.Record(ctx, gate.AccountStream(who.ID), engine.Draft{Event: gate.SessionOpened{
		ID: s.ID(), By: who, Client: client, Until: u.book.Now().Add(SessionLife),
	}})
	return s, trouble(err)
}

// Of is the account of an open session. Errors: session_ended, store_unavailable.
func (u *Accounts) Of(ctx context.Context, s Session) (account.State, error) {
	f, err := u.load(ctx, s.Account)
	if err != nil {
		return account.State{}, err
	}
	if _, open := f.State.Session(s.ID(), u.book.Now()); !open {
		return account.State{}, ended()
	}
	return f.State, nil
}

func ended() error {
	return &gate.Error{Code: "session_ended", Text: "You are signed out. Sign in again.", Final: true}
}

// Close ends a session of an account, by its id on record; empty: all of them.
func (u *Accounts) Close(ctx context.Context, s Session, id, why string) error {
	_, err := u.book.Accounts.Record(ctx, gate.AccountStream(s.Account), engine.Draft{Event: gate.SessionEnded{ID: id, Why: why}})
	return trouble(err)
}

// Account is what is on record of somebody. Errors: store_unavailable.
func (u *Accounts) Account(ctx context.Context, id int64) (account.State, error) {
	f, err := u.load(ctx, id)
	return f.State, err
}

func (u *Accounts) load(ctx context.Context, id int64) (book.Account, error) {
	f, err := u.book.Accounts.Load(ctx, gate.AccountStream(id))
	return f, trouble(err)
}

// change decides on an account as it is and puts that on record: where it has moved
// meanwhile, what is decided is decided again.
func (u *Accounts) change(ctx context.Context, id int64, decide func(account.State) ([]engine.Draft, error)) (account.State, error) {
	for range engine.MaxMoves {
		f, err := u.load(ctx, id)
		if err != nil {
			return f.State, err
		}
		drafts, refusal := decide(f.State)
		if len(drafts) == 0 {
			return f.State, refusal
		}
		f, err = u.book.Accounts.Append(ctx, f, drafts...)
		if errors.Is(err, ledger.ErrMoved) {
			continue
		}
		if err != nil {
			return f.State, trouble(err)
		}
		return f.State, refusal
	}
	return account.State{}, trouble(ledger.ErrMoved)
}

func trouble(err error) error {
	if err == nil {
		return nil
	}
	return &gate.Error{Code: "store_unavailable", Text: "The ledger cannot be used at the moment. Try again.", Err: err}
}

// statementLife is how long what is shown can be signed.
const statementLife = 10 * time.Minute

// stated completes a statement of somebody's.
func (u *Accounts) stated(by int64, s gate.Statement) gate.Statement {
	s.V, s.By, s.At, s.Nonce = 1, by, u.book.Now().UTC().Truncate(time.Second), rand.Text()
	s.Expires = s.At.Add(statementLife)
	return s
}

func passkeysOf(keys []account.Key) []gate.Passkey {
	out := make([]gate.Passkey, len(keys))
	for i, k := range keys {
		out[i] = k.Passkey
	}
	return out
}

func challengeOf(statement string) string {
	return base64.RawURLEncoding.EncodeToString(gate.Challenge(statement))
}
