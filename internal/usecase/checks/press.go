package checks

import (
	"context"
	"crypto/rand"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/engine"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/gate/check"
	"github.com/gatehold/gatehold/internal/usecase/book"
	"github.com/gatehold/gatehold/internal/usecase/lanes"
)

// nonce is one that nobody can guess.
func nonce() string { return strings.ToLower(rand.Text())[:gate.NonceLength] }

// forwardPresses gives what was pressed on a check to the gates that it is about: a choice
// to be counted, or the wish for another look. Pressing GitHub's own "Re-run"
// is never a choice: machines can do it.
func (u *Checks) forwardPresses(ctx context.Context, f book.Check) error {
	var covers uint64
	for _, press := range f.State.Pressed {
		covers = press.Version
		meant, err := u.meant(ctx, press)
		if err != nil {
			return err
		}
		for _, shown := range meant {
			event := pressed(f.Name, press, shown)
			if err := u.Book.Gates.Once(ctx, shown.Gate.Stream(), book.NewsKey(f.Name, press.Version), event); err != nil {
				return err
			}
		}
	}
	_, err := u.Book.Checks.Record(ctx, f.Name, engine.Draft{Event: gate.Handed{Covers: covers}})
	return err
}

// pressed is what a press on a check means for one gate.
func pressed(check string, p check.Press, shown gate.Shown) gate.Event {
	switch answer := gate.Answer(p.Button); answer {
	case gate.Approve, gate.Deny, gate.Override, gate.Review:
		o := gate.Offered{By: p.By, Answer: answer, Via: gate.ViaButton, For: shown.For}
		if p.Painting != 0 {
			o.Saw = gate.Sight{Version: shown.Version, Check: check, Painting: p.Painting}
		}
		return o
	}
	return gate.Look{Subject: shown.Gate, Why: gate.Rerequested, By: p.By}
}

// meant are the gates that a press is about. A review is about those that were
// released at once: the others on the same commit have nothing to be reviewed.
func (u *Checks) meant(ctx context.Context, p check.Press) ([]gate.Shown, error) {
	if gate.Answer(p.Button) != gate.Review {
		return p.Shown, nil
	}
	var waiting []gate.Shown
	for _, shown := range p.Shown {
		g, err := u.Book.Gates.Load(ctx, shown.Gate.Stream())
		if err != nil {
			return nil, err
		}
		if len(g.State.Unreviewed()) > 0 {
			waiting = append(waiting, shown)
		}
	}
	if len(waiting) == 0 { // it is on record all the same
		return p.Shown, nil
	}
	return waiting, nil
}

// renewPause is how long renewing waits after it could not be done.
const renewPause = time.Minute

// renew has the checks painted again that were painted before buttons said what
// they are for: whoever waits for an answer gets buttons that count.
func (u *Checks) renew(ctx context.Context) {
	for {
		err := u.renewAll(ctx)
		if err == nil || ctx.Err() != nil {
			return
		}
		u.Book.Slog.Error("checks with old buttons could not be looked for", "error", err)
		select {
		case <-time.After(renewPause):
		case <-ctx.Done():
		}
	}
}

func (u *Checks) renewAll(ctx context.Context) error {
	names, err := u.Book.Log.Live(ctx, "")
	if err != nil {
		return err
	}
	for _, name := range names {
		if !gate.StreamKind(name).Gates() {
			continue
		}
		f, err := u.Book.Gates.Load(ctx, name)
		if gate.Unknown(err) != nil {
			continue
		}
		if err != nil {
			return err
		}
		for _, sha := range f.State.ToldChecks {
			if err := u.renewOne(ctx, f, lanes.CheckOf(f.State.Subject, sha, f.State.ToldLane)); err != nil {
				return err
			}
		}
	}
	return nil
}

// renewOne has a check that shows a gate painted again, once and for all, where
// its buttons name no painting.
func (u *Checks) renewOne(ctx context.Context, f book.Gate, check gate.Subject) error {
	c, err := u.Book.Checks.Load(ctx, check.Stream())
	if err != nil || c.State.Run == 0 || c.State.Newest() != nil {
		return err
	}
	news := gate.News{Check: check, Gate: f.State.Subject, Version: f.Head.Version, Since: u.Book.Now()}
	return u.Book.Checks.Once(ctx, check.Stream(), "renewed", news)
}
