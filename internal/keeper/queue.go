package keeper

import (
	"context"
	"fmt"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/report"
)

// enqueued ties a merge group that was judged to its pull request's gate: from
// now on the group's check hears what becomes of that gate. Who released that gate
// is asked about again: a group that passes is merged. Where that gate knows less
// than the group, it is judged again.
func (k *Keeper) enqueued(ctx context.Context, s gate.State, facts *change.Facts, verdict *gate.Verdict) error {
	pull := s.Subject.Pull()
	stream := pull.Stream()
	if err := k.once(ctx, stream, "queued@"+s.Subject.SHA, gate.Queued{SHA: s.Subject.SHA}); err != nil {
		return err
	}
	f, err := k.load(ctx, stream)
	if err != nil {
		return err
	}
	if f, err = k.confirmed(ctx, f); err != nil {
		return err
	}
	p := f.gate
	if p.Wanted > p.Covered || p.Verdict != nil && p.Verdict.Head == facts.PullHead && p.Verdict.Rules.Same(verdict.Rules) {
		return nil
	}
	look := gate.Look{Subject: pull, Why: gate.InQueue, Head: facts.PullHead, BaseRef: facts.Change.BaseRef}
	return k.once(ctx, stream, fmt.Sprintf("queued@%s@%d", s.Subject.SHA, f.head.Version), look)
}

// dequeued ends a merge group, and the tie with its pull request's gate.
func (k *Keeper) dequeued(ctx context.Context, f folded, why string) error {
	s := f.gate
	if s.Subject.Number != 0 {
		gone := gate.Queued{SHA: s.Subject.SHA, Gone: true}
		if err := k.once(ctx, s.Subject.Pull().Stream(), "gone@"+s.Subject.SHA, gone); err != nil {
			return err
		}
	}
	_, err := k.record(ctx, f.stream, draft{event: gate.Closed{Covers: f.head.Version, Why: why}})
	return err
}

// queueing is what a merge group comes to now.
func (k *Keeper) queueing(ctx context.Context, s gate.State) (*report.Queue, error) {
	pull, err := k.load(ctx, s.Subject.Pull().Stream())
	if err != nil {
		return nil, err
	}
	q := s.Queueing(pull.gate.In(s.Lane), k.Now())
	return &report.Queue{Passes: q.Passes, Pending: q.Pending, Why: q.Why}, nil
}
