package accounts

import (
	"context"

	"github.com/gatehold/gatehold/internal/engine"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/gate/account"
)

// Settle puts on record how somebody wants to be told. Their address stays what it is:
// another one has to be shown to be theirs first.
func (u *Accounts) Settle(ctx context.Context, s Session, want gate.Settings) error {
	if _, err := u.Of(ctx, s); err != nil {
		return err
	}
	return u.settle(ctx, s.Account, "set on the page", func(was gate.Settings) gate.Settings {
		want.Mail = was.Mail
		return want
	})
}

// Address puts on record that an address is somebody's, who was sent something there and
// brought it back; empty: they are told by mail no more.
func (u *Accounts) Address(ctx context.Context, s Session, address string) error {
	if _, err := u.Of(ctx, s); err != nil {
		return err
	}
	return u.settle(ctx, s.Account, "confirmed by mail", func(was gate.Settings) gate.Settings {
		was.Mail = address
		return was
	})
}

// Unsubscribe ends what is sent to an address of an account, for whoever has one of the
// messages: it takes no signing in, and does nothing else.
func (u *Accounts) Unsubscribe(ctx context.Context, id int64, address string) error {
	return u.settle(ctx, id, "unsubscribed", func(was gate.Settings) gate.Settings {
		if was.Mail == address {
			was.Mail = ""
		}
		return was
	})
}

// settle changes settings, once, and has what tells the person look at them.
func (u *Accounts) settle(ctx context.Context, id int64, why string, change func(gate.Settings) gate.Settings) error {
	state, err := u.change(ctx, id, func(a account.State) ([]engine.Draft, error) {
		now := change(a.Settings)
		if now == a.Settings {
			return nil, nil
		}
		return []engine.Draft{{Event: gate.Settled{Settings: now, Why: why}}}, nil
	})
	if err != nil || state.Settled.IsZero() {
		return err
	}
	_, err = u.book.Tellings.Record(ctx, gate.DigestStream(id), engine.Draft{Event: gate.Heard{Version: state.Version}})
	if err == nil {
		u.book.Nudge(gate.DigestStream(id))
	}
	return trouble(err)
}
