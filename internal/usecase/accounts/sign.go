package accounts

import (
	"context"
	"fmt"

	"github.com/gatehold/gatehold/internal/engine"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/gate/account"
)

// Show is what a browser is asked to sign of an answer to a gate, as it was shown:
// base is the commit that the head was compared with.
func (u *Accounts) Show(ctx context.Context, s Session, stream string, subject gate.Subject, base string, o gate.Offered) (Ceremony,
	error) {
	state, err := u.Of(ctx, s)
	if err != nil {
		return Ceremony{}, err
	}
	if u.passkeys == nil {
		return Ceremony{}, noPasskeys()
	}
	counting := state.Counting(u.book.Now())
	if len(counting) == 0 {
		return Ceremony{}, u.keyless(state)
	}
	text := u.stated(s.Account, gate.Statement{
		Act: gate.ActAnswer, Stream: stream, Version: o.Saw.Version, Subject: subject.String(), Answer: o.Answer, Reason: o.Reason,
		For: o.For, Base: base, Environment: subject.Environment,
	}).Text()
	return Ceremony{Statement: text, Options: u.passkeys.Ask(text, passkeysOf(counting))}, nil
}

// keyless says why somebody has no key that signs.
func (u *Accounts) keyless(s account.State) error {
	for _, k := range s.Keys {
		if k.Waits(u.book.Now()) {
			return &gate.Error{Code: "key_waiting", Final: true, Text: fmt.Sprintf(
				"Your passkey counts from %s on, or as soon as another approver vouches for it.", k.From.UTC().Format("2006-01-02 15:04 UTC"))}
		}
	}
	return &gate.Error{Code: "key_needed", Final: true, Text: "You have no passkey here yet. Enrol one first."}
}

// Sign puts an answer on record that a passkey signed, once, to be counted. Its key
// in the ledger is what Answers tell the outcome by.
func (u *Accounts) Sign(ctx context.Context, s Session, statement string, response []byte) (stream, key string, err error) {
	state, err := u.Of(ctx, s)
	if err != nil {
		return "", "", err
	}
	if err := u.mine(s, statement, gate.ActAnswer); err != nil {
		return "", "", err
	}
	st, err := gate.ReadStatement(statement)
	if err != nil {
		return "", "", err
	}
	proof, used, err := u.signature(ctx, s.Account, statement, response)
	if err != nil {
		return "", "", err
	}
	if _, err := u.change(ctx, s.Account, used); err != nil {
		return "", "", err
	}
	key = gate.ViaPasskey + ":" + challengeOf(statement)
	_, err = u.answers.Offer(ctx, st.Stream, key, gate.Offered{
		By: state.Actor, Answer: st.Answer, Via: gate.ViaPasskey, Reason: st.Reason, For: st.For,
		Saw: gate.Sight{Version: st.Version}, Proof: &proof,
	})
	return st.Stream, key, err
}

// decision is what is put on record of an account as it is, or why nothing is. Where
// there is both, it is put on record and refused.
type decision = func(account.State) ([]engine.Draft, error)

// signature verifies a signed statement, and returns its proof and the decision that
// puts its use on record: the count of a copied key goes back, and the key with it.
func (u *Accounts) signature(ctx context.Context, by int64, statement string, response []byte) (gate.Proof, decision, error) {
	if u.passkeys == nil {
		return gate.Proof{}, nil, noPasskeys()
	}
	f, err := u.load(ctx, by)
	if err != nil {
		return gate.Proof{}, nil, err
	}
	st, err := gate.ReadStatement(statement)
	if err != nil {
		return gate.Proof{}, nil, err
	}
	proof, count, err := u.passkeys.Signed(statement, response, func(id string) (gate.Passkey, bool) {
		k, known := f.State.Key(id)
		return k.Passkey, known
	})
	if err != nil {
		return proof, nil, err
	}
	challenge := challengeOf(statement)
	return proof, func(a account.State) ([]engine.Draft, error) {
		copied, err := a.Sign(st, proof.Key, count, challenge, u.book.Now())
		switch {
		case copied:
			return []engine.Draft{{Event: gate.Revoked{Key: proof.Key, Why: "its count went back, as a copy's does"}}}, err
		case err != nil:
			return nil, err
		}
		return []engine.Draft{{Key: "used:" + challenge, Event: gate.Used{Key: proof.Key, Count: count, Challenge: challenge, Act: st.Act}}}, nil
	}, nil
}
