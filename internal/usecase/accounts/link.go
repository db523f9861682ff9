package accounts

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gatehold/gatehold/internal/engine"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/gate/account"
	"github.com/gatehold/gatehold/internal/ledger"
)

// Linking is what a link from Slack carries: for which member it was made.
type Linking struct {
	Nonce string         `json:"nonce"`
	Of    gate.SlackUser `json:"of"`
	Until time.Time      `json:"until"`
}

// Linkable says what somebody has to do who says that a member of Slack is them: to
// sign what comes back, or nothing more than to say so.
func (u *Accounts) Linkable(ctx context.Context, s Session, l Linking) (*Ceremony, error) {
	state, err := u.Of(ctx, s)
	if err != nil {
		return nil, err
	}
	counting := state.Counting(u.book.Now())
	signs := len(counting) > 0 && u.passkeys != nil
	if err := u.linkOpen(ctx, state, s, l, signs); err != nil || !signs {
		return nil, err
	}
	text := u.stated(s.Account, gate.Statement{Act: gate.ActLink, Stream: l.Of.Stream(), Key: l.Nonce}).Text()
	return &Ceremony{Statement: text, Options: u.passkeys.Ask(text, passkeysOf(counting))}, nil
}

// linkOpen says whether a link can be taken by a person: it is one of a member's, and
// nobody has taken it.
func (u *Accounts) linkOpen(ctx context.Context, state account.State, s Session, l Linking, signed bool) error {
	if !l.Of.Valid() || l.Nonce == "" {
		return &gate.Error{Code: "link_unknown", Final: true, Text: "This is no link from Slack. Press the button there again."}
	}
	if err := state.Claim(l.Until, s.ID(), signed, u.book.Now()); err != nil {
		return err
	}
	other, err := u.loadSlack(ctx, l.Of)
	if err != nil {
		return err
	}
	if _, taken := other.Link(l.Nonce); taken {
		return linkUsed()
	}
	return nil
}

func linkUsed() error {
	return &gate.Error{Code: "link_used", Final: true, Text: "This link from Slack was used before, by you or by somebody else. " +
		"If it was not you, say no in Slack; press the button there for another."}
}

// Link puts on record that somebody who is signed in says that a member of Slack is
// them. Of whom a link was made, it is taken once.
func (u *Accounts) Link(ctx context.Context, s Session, l Linking, statement string, response []byte) error {
	state, err := u.Of(ctx, s)
	if err != nil {
		return err
	}
	ev := gate.Linking{Nonce: l.Nonce, Of: l.Of, By: state.Actor, Session: s.ID(), Until: l.Until}
	var sign decision
	if statement != "" {
		st, err := gate.ReadStatement(statement)
		if err != nil || st.Stream != l.Of.Stream() || st.Key != l.Nonce {
			return &gate.Error{Code: "statement_other", Text: "What was signed is about another link. Begin again.", Final: true}
		}
		if err := u.mine(s, statement, gate.ActLink); err != nil {
			return err
		}
		proof, used, err := u.signature(ctx, s.Account, statement, response)
		if err != nil {
			return err
		}
		ev.Proof, sign = &proof, used
	}
	if err := u.linkOpen(ctx, state, s, l, sign != nil); err != nil {
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
		if err := a.Claim(l.Until, s.ID(), sign != nil, u.book.Now()); err != nil {
			return nil, err
		}
		return append(drafts, engine.Draft{Event: ev}), nil
	})
	if err != nil {
		return err
	}
	return u.onceInSlack(ctx, l.Of, engine.Draft{Key: "linking:" + l.Nonce, Event: ev})
}

func (u *Accounts) onceInSlack(ctx context.Context, of gate.SlackUser, draft engine.Draft) error {
	_, err := u.book.Accounts.Record(ctx, of.Stream(), draft)
	if errors.Is(err, ledger.ErrSeen) {
		return linkUsed()
	}
	return trouble(err)
}

func (u *Accounts) loadSlack(ctx context.Context, of gate.SlackUser) (account.State, error) {
	f, err := u.book.Accounts.Load(ctx, of.Stream())
	return f.State, trouble(err)
}

// LinkedBy is who has said that a member of Slack is them, by a link that was made for
// that member. Errors: link_open where nobody has.
func (u *Accounts) LinkedBy(ctx context.Context, l Linking) (gate.Actor, error) {
	state, err := u.loadSlack(ctx, l.Of)
	if err != nil {
		return gate.Actor{}, err
	}
	claimed, has := state.Link(l.Nonce)
	if !has {
		return gate.Actor{}, &gate.Error{Code: "link_open",
			Text: "Nobody has confirmed at gatehold yet. Open the link first, sign in there and confirm."}
	}
	return claimed.By, state.Confirm(l.Nonce, l.Of, claimed.By.ID, u.book.Now())
}

// Confirm puts on record that a member of Slack says to be the account that said so of
// them: what is pressed there is pressed by that account from now on.
func (u *Accounts) Confirm(ctx context.Context, l Linking, by int64) error {
	state, err := u.loadSlack(ctx, l.Of)
	if err != nil {
		return err
	}
	if err := state.Confirm(l.Nonce, l.Of, by, u.book.Now()); err != nil {
		return err
	}
	_, err = u.change(ctx, by, func(a account.State) ([]engine.Draft, error) {
		if known, has := a.Link(l.Nonce); has && known.Confirmed && known.Of.Is(l.Of) { // and gatehold ended before the other half
			return nil, nil
		}
		if err := a.Confirm(l.Nonce, l.Of, by, u.book.Now()); err != nil {
			return nil, err
		}
		return []engine.Draft{{Event: gate.Linked{Nonce: l.Nonce}}}, nil
	})
	if err != nil {
		return err
	}
	return u.onceInSlack(ctx, l.Of, engine.Draft{Key: "linked:" + l.Nonce, Event: gate.Linked{Nonce: l.Nonce}})
}

// Disown puts on record that a member of Slack is not who says so.
func (u *Accounts) Disown(ctx context.Context, l Linking) error {
	_, err := u.book.Accounts.Record(ctx, l.Of.Stream(), engine.Draft{Event: gate.Unlinked{Nonce: l.Nonce, Why: "refused in Slack"}})
	return trouble(err)
}

// Unlink takes a link of one's own away.
func (u *Accounts) Unlink(ctx context.Context, s Session, nonce string) error {
	state, err := u.Of(ctx, s)
	if err != nil {
		return err
	}
	if _, has := state.Link(nonce); !has {
		return &gate.Error{Code: "link_unknown", Text: "There is no such link any more.", Final: true}
	}
	_, err = u.book.Accounts.Record(ctx, gate.AccountStream(s.Account),
		engine.Draft{Event: gate.Unlinked{Nonce: nonce, Why: "removed on the page"}})
	return trouble(err)
}

// InSlack is the account that a member of Slack is linked to, as both streams have it.
// Errors: not_linked.
func (u *Accounts) InSlack(ctx context.Context, of gate.SlackUser) (gate.Actor, error) {
	unlinked := &gate.Error{Code: "not_linked", Text: fmt.Sprintf("gatehold does not know who %s is at GitHub.", of.User)}
	there, err := u.loadSlack(ctx, of)
	if err != nil {
		return gate.Actor{}, err
	}
	link, has := there.InSlack(of)
	if !has {
		return gate.Actor{}, unlinked
	}
	here, err := u.load(ctx, link.By.ID)
	if err != nil {
		return gate.Actor{}, err
	}
	if same, has := here.State.InSlack(of); !has || same.Nonce != link.Nonce || here.State.Actor.ID != link.By.ID {
		return gate.Actor{}, unlinked
	}
	return here.State.Actor, nil
}
