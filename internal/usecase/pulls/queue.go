package pulls

import (
	"context"
	"fmt"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/engine"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/usecase/book"
)

// enqueued ties a merge group that was judged to its pull request's gate: from
// now on the group's check hears what becomes of that gate. Who released that gate
// is asked about again: a group that passes is merged. Where that gate knows less
// than the group, it is judged again.
func (u *Pulls) enqueued(ctx context.Context, s gate.State, facts *change.Facts, verdict *gate.Verdict) error {
	pull := s.Subject.Pull()
	stream := pull.Stream()
	if err := u.Book.Gates.Once(ctx, stream, "queued@"+s.Subject.SHA, gate.Queued{SHA: s.Subject.SHA}); err != nil {
		return err
	}
	f, err := u.Book.Gates.Load(ctx, stream)
	if err != nil {
		return err
	}
	if f, err = u.Directory.Confirmed(ctx, f); err != nil {
		return err
	}
	p := f.State
	if p.Wanted > p.Covered || p.Verdict != nil && p.Verdict.Head == facts.PullHead && p.Verdict.Rules.Same(verdict.Rules) {
		return nil
	}
	look := gate.Look{Subject: pull, Why: gate.InQueue, Head: facts.PullHead, BaseRef: facts.Change.BaseRef}
	return u.Book.Gates.Once(ctx, stream, fmt.Sprintf("queued@%s@%d", s.Subject.SHA, f.Head.Version), look)
}

// dequeued ends a merge group, and the tie with its pull request's gate.
func (u *Pulls) dequeued(ctx context.Context, f book.Gate, why string) error {
	s := f.State
	if s.Subject.Number != 0 {
		gone := gate.Queued{SHA: s.Subject.SHA, Gone: true}
		if err := u.Book.Gates.Once(ctx, s.Subject.Pull().Stream(), "gone@"+s.Subject.SHA, gone); err != nil {
			return err
		}
	}
	_, err := u.Book.Gates.Record(ctx, f.Name, engine.Draft{Event: gate.Closed{Covers: f.Head.Version, Why: why}})
	return err
}
