package accounts

import (
	"context"

	"github.com/gatehold/gatehold/internal/engine"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/gate/account"
)

func stranger() error {
	return &gate.Error{Code: "not_found", Final: true, Text: "There is no such passkey, or it is not for you to say whose it is."}
}

// Shown is another's key, with whether whoever looks may end it.
type Shown struct {
	account.Key
	Ends bool
}

// Vouching asks a browser to sign for somebody else's waiting key.
func (u *Accounts) Vouching(ctx context.Context, s Session, other int64, key string) (Ceremony, Shown, error) {
	state, err := u.Of(ctx, s)
	if err != nil {
		return Ceremony{}, Shown{}, err
	}
	of, may, err := u.seen(ctx, state.Actor, other, key)
	if err != nil {
		return Ceremony{}, Shown{}, err
	}
	k := Shown{Key: of, Ends: may.end && of.Alive()}
	if !may.vouch {
		return Ceremony{}, k, noVoucher()
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

func noVoucher() error {
	return &gate.Error{Code: "not_voucher", Final: true,
		Text: "The rules let others vouch for passkeys: those whom they name for it, or else those who may approve."}
}

// seen is a key of somebody else's that a person may see, and what they may do about it.
func (u *Accounts) seen(ctx context.Context, who gate.Actor, other int64, key string) (account.Key, entitlement, error) {
	f, err := u.load(ctx, other)
	if err != nil {
		return account.Key{}, entitlement{}, err
	}
	k, known := f.State.Key(key)
	if !known || who.ID == other {
		return account.Key{}, entitlement{}, stranger()
	}
	may, err := u.over(ctx, who, f.State.Actor)
	if err == nil && !may.see {
		err = stranger()
	}
	if err != nil {
		return account.Key{}, may, err
	}
	return k, may, nil
}

// Vouch puts on record that a waiting key is its owner's, by a signature.
func (u *Accounts) Vouch(ctx context.Context, s Session, other int64, key, statement string, response []byte) error {
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
	_, may, err := u.seen(ctx, state.Actor, other, key)
	if err == nil && !may.vouch {
		err = noVoucher()
	}
	if err != nil {
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
// whoever may see it.
func (u *Accounts) Object(ctx context.Context, s Session, other int64, key, reason string) error {
	state, err := u.Of(ctx, s)
	if err != nil {
		return err
	}
	if other != s.Account {
		if _, _, err := u.seen(ctx, state.Actor, other, key); err != nil {
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

// Ending asks a browser to sign that a key of somebody else's counts no more. Owners of an
// organisation may, of whoever may write or approve in it.
func (u *Accounts) Ending(ctx context.Context, s Session, other int64, key, reason string) (Ceremony, error) {
	state, err := u.Of(ctx, s)
	if err != nil {
		return Ceremony{}, err
	}
	if err := u.mayEnd(ctx, state.Actor, other, key); err != nil {
		return Ceremony{}, err
	}
	if reason == "" {
		return Ceremony{}, &gate.Error{Code: "reason", Text: "Say why: it is on record, and its owner is told.", Final: true}
	}
	if u.passkeys == nil {
		return Ceremony{}, noPasskeys()
	}
	counting := state.Counting(u.book.Now())
	if len(counting) == 0 {
		return Ceremony{}, u.keyless(state)
	}
	text := u.stated(s.Account, gate.Statement{Act: gate.ActRevoke, Stream: gate.AccountStream(other), Key: key, Reason: reason}).Text()
	return Ceremony{Statement: text, Options: u.passkeys.Ask(text, passkeysOf(counting))}, nil
}

func (u *Accounts) mayEnd(ctx context.Context, who gate.Actor, other int64, key string) error {
	k, may, err := u.seen(ctx, who, other, key)
	switch {
	case err != nil:
		return err
	case !may.end:
		return &gate.Error{Code: "not_owner", Final: true, Text: "Only owners of the organisation end the passkeys of others."}
	case !k.Alive():
		return &gate.Error{Code: "key_dead", Text: "This passkey counts no more already.", Final: true}
	}
	return nil
}

// End puts on record, by a signature, that a key of somebody else's counts no more.
func (u *Accounts) End(ctx context.Context, s Session, other int64, key, statement string, response []byte) error {
	state, err := u.Of(ctx, s)
	if err != nil {
		return err
	}
	if err := u.mine(s, statement, gate.ActRevoke); err != nil {
		return err
	}
	st, err := gate.ReadStatement(statement)
	if err != nil || st.Key != key || st.Stream != gate.AccountStream(other) {
		return &gate.Error{Code: "statement_other", Text: "What was signed is about another passkey. Begin again.", Final: true}
	}
	if err := u.mayEnd(ctx, state.Actor, other, key); err != nil {
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
		if err := a.Revoke(key); err != nil {
			return nil, err
		}
		return []engine.Draft{{Event: gate.Revoked{Key: key, By: state.Actor, Why: st.Reason, Proof: &proof}}}, nil
	})
	return err
}
