package accounts

import (
	"context"

	"github.com/gatehold/gatehold/internal/engine"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/gate/account"
)

// Colleague reports whether a person may say whose the key of another is: both may
// write to one of the repositories. Errors are what kept GitHub from telling.
func (u *Accounts) Colleague(ctx context.Context, who, other gate.Actor, repos []gate.Repo) (bool, error) {
	var failed error
	for _, repo := range repos {
		both := true
		for _, a := range []gate.Actor{who, other} {
			p, err := u.people.Person(ctx, repo, a, []string{gate.WriteAccess})
			if err != nil && !gate.AsError(err).Final {
				failed = err
			}
			both = both && err == nil && p.Actor.ID == a.ID && p.Actor.Type == "User" && len(p.Groups) > 0
		}
		if both {
			return true, nil
		}
	}
	return false, failed
}

func stranger() error {
	return &gate.Error{Code: "not_found", Final: true, Text: "There is no such passkey, or it is not for you to say whose it is."}
}

// Vouching asks a browser to sign for somebody else's waiting key. repos are those in
// which the two may meet.
func (u *Accounts) Vouching(ctx context.Context, s Session, other int64, key string, repos []gate.Repo) (Ceremony, account.Key, error) {
	state, err := u.Of(ctx, s)
	if err != nil {
		return Ceremony{}, account.Key{}, err
	}
	k, err := u.waiting(ctx, state.Actor, other, key, repos)
	if err != nil {
		return Ceremony{}, k, err
	}
	if u.passkeys == nil {
		return Ceremony{}, k, noPasskeys()
	}
	counting := state.Counting(u.book.Now())
	if len(counting) == 0 {
		return Ceremony{}, k, u.keyless(state)
	}
	text := u.stated(s.Account, gate.Statement{Act: gate.ActVouch, Stream: gate.AccountStream(other), Key: key}).Text()
	return Ceremony{Statement: text, Options: u.passkeys.Ask(text, passkeysOf(counting))}, k, nil
}

// waiting is a waiting key of somebody else's whom a person may speak for.
func (u *Accounts) waiting(ctx context.Context, who gate.Actor, other int64, key string, repos []gate.Repo) (account.Key, error) {
	f, err := u.load(ctx, other)
	if err != nil {
		return account.Key{}, err
	}
	k, known := f.State.Key(key)
	if !known || who.ID == other {
		return k, stranger()
	}
	if is, err := u.Colleague(ctx, who, f.State.Actor, repos); err != nil || !is {
		if err != nil {
			return k, err
		}
		return account.Key{}, stranger()
	}
	return k, nil
}

// Vouch puts on record that a waiting key is its owner's, by a signature.
func (u *Accounts) Vouch(ctx context.Context, s Session, other int64, key, statement string, response []byte, repos []gate.Repo) error {
	state, err := u.Of(ctx, s)
	if err != nil {
		return err
	}
	if err := u.mine(s, statement, gate.ActVouch); err != nil {
		return err
	}
	st, err := gate.ReadStatement(statement)
	if err != nil || st.Key != key || st.Stream != gate.AccountStream(other) {
		return &gate.Error{Code: "statement_other", Text: "What was signed is about another passkey. Begin again.", Final: true}
	}
	if _, err := u.waiting(ctx, state.Actor, other, key, repos); err != nil {
		return err
	}
	proof, used, err := u.signature(ctx, s.Account, statement, response)
	if err != nil {
		return err
	}
	if _, err := u.change(ctx, s.Account, used); err != nil {
		return err
	}
	_, err = u.change(ctx, other, func(a account.State) ([]engine.Draft, error) {
		if err := a.Vouch(key, state.Actor, u.book.Now()); err != nil {
			return nil, err
		}
		return []engine.Draft{{Event: gate.Vouched{Key: key, By: state.Actor, Proof: proof}}}, nil
	})
	return err
}

// Object puts on record that a waiting key is not whose it says. Its owner may, and
// whoever might vouch for it.
func (u *Accounts) Object(ctx context.Context, s Session, other int64, key, reason string, repos []gate.Repo) error {
	state, err := u.Of(ctx, s)
	if err != nil {
		return err
	}
	if other != s.Account {
		if _, err := u.waiting(ctx, state.Actor, other, key, repos); err != nil {
			return err
		}
	}
	_, err = u.change(ctx, other, func(a account.State) ([]engine.Draft, error) {
		if err := a.Object(key, u.book.Now()); err != nil {
			return nil, err
		}
		return []engine.Draft{{Event: gate.Objected{Key: key, By: state.Actor, Reason: reason}}}, nil
	})
	return err
}
