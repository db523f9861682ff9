package accounts

import (
	"context"
	"slices"
	"strings"
	"unicode"

	"github.com/gatehold/gatehold/internal/engine"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/gate/account"
	"github.com/gatehold/gatehold/internal/words"
)

// Ceremony is what a browser is asked to do with a passkey.
type Ceremony struct {
	Statement string // that is signed, or that a key is made for
	Options   []byte // JSON, for navigator.credentials
}

func noPasskeys() error {
	return &gate.Error{Code: "passkeys_off", Final: true,
		Text: "This server makes no passkeys: it has no public address (GATEHOLD_PUBLIC_URL) that browsers make them for."}
}

// Enrol asks a browser for a new key.
func (u *Accounts) Enrol(ctx context.Context, s Session) (Ceremony, error) {
	state, err := u.Of(ctx, s)
	if err != nil {
		return Ceremony{}, err
	}
	if u.passkeys == nil {
		return Ceremony{}, noPasskeys()
	}
	asked, attest, err := u.asked(ctx, state.Actor)
	if err != nil {
		return Ceremony{}, err
	}
	signs := len(state.Counting(u.book.Now())) > 0
	if _, err := state.Enrol(gate.Passkey{}, s.ID(), signs, u.book.Now(), asked); err != nil {
		return Ceremony{}, err
	}
	alive := slices.DeleteFunc(slices.Clone(state.Keys), func(k account.Key) bool { return !k.Alive() })
	text := u.stated(s.Account, gate.Statement{Act: gate.ActEnrol, Stream: gate.AccountStream(s.Account)}).Text()
	return Ceremony{Statement: text, Options: u.passkeys.Create(state.Actor, text, passkeysOf(alive), attest)}, nil
}

// Made is a key that a browser made, and that is not on record yet.
type Made struct {
	Key       gate.Passkey `json:"key"`
	Statement string       `json:"statement"`
}

// Enrolled takes the key that a browser made for a statement. A first key is put on
// record, to wait. Where another key counts, add is what that one has to sign first.
func (u *Accounts) Enrolled(ctx context.Context, s Session, statement string, response []byte, name string) (made Made,
	add *Ceremony, err error) {
	state, err := u.Of(ctx, s)
	if err != nil {
		return made, nil, err
	}
	if u.passkeys == nil {
		return made, nil, noPasskeys()
	}
	if err := u.mine(s, statement, gate.ActEnrol); err != nil {
		return made, nil, err
	}
	key, err := u.passkeys.Created(statement, response)
	if err != nil {
		return made, nil, err
	}
	asked, _, err := u.asked(ctx, state.Actor)
	if err != nil {
		return made, nil, err
	}
	if err := asked.Takes(key); err != nil {
		return made, nil, err
	}
	key.Name = named(name)
	made = Made{Key: key, Statement: statement}
	if counting := state.Counting(u.book.Now()); len(counting) > 0 {
		text := u.stated(s.Account, gate.Statement{Act: gate.ActAdd, Stream: gate.AccountStream(s.Account), Key: key.ID}).Text()
		return made, &Ceremony{Statement: text, Options: u.passkeys.Ask(text, passkeysOf(counting))}, nil
	}
	return made, nil, u.record(ctx, s, made, nil, nil)
}

// Add puts a further key on record, for which one that counts has signed.
func (u *Accounts) Add(ctx context.Context, s Session, made Made, statement string, response []byte) error {
	if _, err := u.Of(ctx, s); err != nil {
		return err
	}
	if err := u.mine(s, statement, gate.ActAdd); err != nil {
		return err
	}
	if st, err := gate.ReadStatement(statement); err != nil || st.Key != made.Key.ID {
		return &gate.Error{Code: "statement_other", Text: "What was signed is about another passkey. Begin again.", Final: true}
	}
	proof, used, err := u.signature(ctx, s.Account, statement, response)
	if err != nil {
		return err
	}
	return u.record(ctx, s, made, &proof, used)
}

// record puts a key on record, by the law as the account is then.
func (u *Accounts) record(ctx context.Context, s Session, made Made, proof *gate.Proof, sign decision) error {
	state, err := u.Of(ctx, s)
	if err != nil {
		return err
	}
	asked, _, err := u.asked(ctx, state.Actor)
	if err == nil {
		err = asked.Takes(made.Key)
	}
	if err != nil {
		return err
	}
	_, err = u.change(ctx, s.Account, func(a account.State) ([]engine.Draft, error) {
		var drafts []engine.Draft
		if sign != nil {
			var err error
			if drafts, err = sign(a); err != nil {
				return drafts, err
			}
		}
		from, err := a.Enrol(made.Key, s.ID(), proof != nil, u.book.Now(), asked)
		if err != nil {
			return nil, err
		}
		return append(drafts, engine.Draft{Key: "enrolled:" + made.Key.ID, Event: gate.Enrolled{
			Key: made.Key, Session: s.ID(), Statement: made.Statement, From: from, Proof: proof, Vouches: vouches(asked, proof),
		}}), nil
	})
	return err
}

// vouches is how many have to vouch for a new key, as it is put on record.
func vouches(asked account.Asked, proof *gate.Proof) int {
	if proof != nil || asked.Vouches < 2 {
		return 0
	}
	return asked.Vouches
}

// mine reports whether a statement is one of the session's person for an act.
func (u *Accounts) mine(s Session, statement, act string) error {
	st, err := gate.ReadStatement(statement)
	switch {
	case err != nil || st.Act != act || st.By != s.Account:
		return &gate.Error{Code: "statement_other", Text: "What was shown was for something else. Begin again.", Final: true}
	case !u.book.Now().Before(st.Expires):
		return &gate.Error{Code: "statement_expired", Text: "The page was open for too long. Begin again.", Final: true}
	}
	return nil
}

// maxName is how long the name of a key may be.
const maxName = 60

func named(name string) string {
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, strings.TrimSpace(name))
	if name == "" {
		return "passkey"
	}
	return words.ClipTo(name, maxName)
}

// Revoke takes a key of one's own out of use. It takes no signature: what it leads
// to is less, not more.
func (u *Accounts) Revoke(ctx context.Context, s Session, key string) error {
	state, err := u.Of(ctx, s)
	if err != nil {
		return err
	}
	_, err = u.change(ctx, s.Account, func(a account.State) ([]engine.Draft, error) {
		if err := a.Revoke(key); err != nil {
			return nil, err
		}
		return []engine.Draft{{Event: gate.Revoked{Key: key, By: state.Actor, Why: "revoked by its owner"}}}, nil
	})
	return err
}
