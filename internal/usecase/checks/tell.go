package checks

import (
	"context"
	"fmt"
	"slices"

	"github.com/gatehold/gatehold/internal/engine"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/usecase/book"
	"github.com/gatehold/gatehold/internal/usecase/lanes"
)

// notify lets the checks that show this gate know that it has changed: its
// head's, and those of heads that it has left.
func (u *Checks) notify(ctx context.Context, f book.Gate) error {
	s := f.State
	lane, err := u.Lanes.Of(ctx, s)
	if err != nil {
		return err
	}
	checks, err := u.showing(ctx, s, lane)
	if err != nil {
		return err
	}
	for _, check := range checks {
		news := gate.News{Check: check, Gate: s.Subject, Version: s.Changed, Since: s.FirstSeen}
		key := book.NewsKey(f.Name, s.Changed)
		// it may have heard of this change before the gate left it
		if s.Subject.Kind.Merges() && (check.SHA != s.Head() || lanes.CheckName(check) != lane.Check()) {
			key = fmt.Sprintf("%s left@%d", key, f.Head.Version)
		}
		if err := u.Book.Checks.Once(ctx, check.Stream(), key, news); err != nil {
			return err
		}
	}
	for _, h := range u.Hearers {
		if err := h.Hear(ctx, f); err != nil {
			return err
		}
	}
	told := gate.Told{Covers: s.Changed, Lane: lane}
	if head := s.Head(); head != "" && !s.Done {
		told.Checks = []string{head}
	}
	next, err := u.Book.Gates.Record(ctx, f.Name, engine.Draft{Event: told})
	if err != nil {
		return err
	}
	return u.Lanes.ToItsLane(ctx, next, lane)
}

// showing are the checks that must hear of a gate: its head's in its lane, those
// that still show it for a head or in a lane that it has left, and those of the
// merge groups that have it.
func (u *Checks) showing(ctx context.Context, s gate.State, lane gate.Lane) ([]gate.Subject, error) {
	var out []gate.Subject
	add := func(sha string, in gate.Lane) {
		check := lanes.CheckOf(s.Subject, sha, in)
		if sha != "" && !slices.ContainsFunc(out, func(c gate.Subject) bool { return c.Stream() == check.Stream() }) {
			out = append(out, check)
		}
	}
	for _, sha := range s.ToldChecks {
		add(sha, s.ToldLane)
	}
	known, err := u.Book.RepositoryOf(ctx, s.Subject.Repo)
	if err != nil {
		return nil, err
	}
	s.EachMayShow(func(sha, base string) {
		if s.Subject.Kind.Merges() {
			add(sha, known.State.Lanes.Of(base))
		}
	})
	add(s.Head(), lane)
	for _, sha := range s.Pull.Queues {
		group, err := u.Book.Gates.Load(ctx, gate.Subject{Kind: gate.MergeGroup, Repo: s.Subject.Repo, SHA: sha}.Stream())
		if err != nil {
			return nil, err
		}
		in, err := u.Lanes.Of(ctx, group.State)
		if err != nil {
			return nil, err
		}
		add(sha, in)
	}
	return out, nil
}
