package accounts

import (
	"context"
	"errors"

	"github.com/gatehold/gatehold/internal/engine"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/ledger"
)

// claimable is a gate whose subject somebody may sign for as theirs, as it was shown to
// them. Whoever may not read it has not opened it.
func (u *Accounts) claimable(ctx context.Context, who gate.Actor, stream string, shown gate.For) (gate.State, error) {
	if gate.StreamKind(stream) != gate.PullRequest {
		return gate.State{}, &gate.Error{Code: "not_found", Text: "There is no such pull request.", Final: true}
	}
	s, err := u.book.Gate(ctx, stream)
	if err != nil {
		return s, trouble(err)
	}
	if code, text := s.MayClaim(who); code != "" {
		return s, &gate.Error{Code: code, Text: text, Final: true}
	}
	if now := s.For(); now.Head != shown.Head || now.BaseRef != shown.BaseRef {
		return s, &gate.Error{Code: "verdict_moved", Text: "There are new commits, or another base, since it was shown. Load the page again."}
	}
	return s, nil
}

// Claim asks a browser to sign that the head of a pull request is its person's own work.
func (u *Accounts) Claim(ctx context.Context, s Session, stream string, shown gate.For) (Ceremony, error) {
	state, err := u.Of(ctx, s)
	if err != nil {
		return Ceremony{}, err
	}
	if u.passkeys == nil {
		return Ceremony{}, noPasskeys()
	}
	of, err := u.claimable(ctx, state.Actor, stream, shown)
	if err != nil {
		return Ceremony{}, err
	}
	counting := state.Counting(u.book.Now())
	if len(counting) == 0 {
		return Ceremony{}, u.keyless(state)
	}
	text := u.stated(s.Account, gate.Statement{
		Act: gate.ActClaim, Stream: stream, Version: of.Version, Subject: of.Subject.String(), For: of.For(), Base: of.Verdict.Base,
	}).Text()
	return Ceremony{Statement: text, Options: u.passkeys.Ask(text, passkeysOf(counting))}, nil
}

// Claimed puts on record that a passkey signed for a head, once, and has it judged anew.
func (u *Accounts) Claimed(ctx context.Context, s Session, statement string, response []byte) (stream string, err error) {
	state, err := u.Of(ctx, s)
	if err != nil {
		return "", err
	}
	if err := u.mine(s, statement, gate.ActClaim); err != nil {
		return "", err
	}
	st, err := gate.ReadStatement(statement)
	if err != nil {
		return "", err
	}
	of, err := u.claimable(ctx, state.Actor, st.Stream, st.For)
	if err != nil {
		return "", err
	}
	proof, used, err := u.signature(ctx, s.Account, statement, response)
	if err != nil {
		return "", err
	}
	if _, err := u.change(ctx, s.Account, used); err != nil {
		return "", err
	}
	_, err = u.book.Gates.Record(ctx, st.Stream,
		engine.Draft{Key: "claimed:" + challengeOf(statement), Event: gate.Claimed{
			By: state.Actor, Head: st.For.Head, BaseRef: st.For.BaseRef, Proof: proof,
		}},
		engine.Draft{Event: gate.Look{Subject: of.Subject, Why: gate.Signed, By: state.Actor}})
	if err != nil && !errors.Is(err, ledger.ErrSeen) {
		return "", trouble(err)
	}
	u.book.Nudge(st.Stream)
	return st.Stream, nil
}
