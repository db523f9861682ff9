package keeper

import (
	"context"
	"errors"
	"slices"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/ledger"
)

// place keeps on record, on the stream of a repository, what an event of any
// kind calls it, and by which installation the App reaches it. One that has
// moved has all its gates looked at again: other people may decide, and what
// GitHub refused it may take now. Where an event says so GitHub is asked soon: what
// came late or once more may tell of where it was.
func (k *Keeper) place(ctx context.Context, seen gate.Seen) error {
	subject := gate.Subject{Kind: gate.Repository, Repo: seen.Subject.Repo}
	if subject.Repo.ID == 0 {
		return nil
	}
	for try := 0; ; try++ {
		f, err := k.load(ctx, subject.Stream())
		if err != nil {
			return err
		}
		note := gate.Noticed{Subject: subject, What: gate.Renamed, By: seen.Sender, RepoAt: seen.RepoAt}
		if f.repo.Subject.Kind != "" {
			if !f.repo.Renames(note) {
				return nil
			}
			was := f.repo.Subject.Repo
			if was.Owner != subject.Repo.Owner || subject.Repo.Installation != 0 && was.Installation != subject.Repo.Installation {
				note.What = gate.Moved
			}
		}
		_, err = k.append(ctx, f, draft{event: note})
		if errors.Is(err, ledger.ErrMoved) && try < maxMoves {
			continue
		}
		k.nudge(f.stream)
		if note.What == gate.Moved && seen.Event != "" {
			k.compareNow()
		}
		return err
	}
}

// where is a repository as the newest event or comparison called it: what is on
// record elsewhere may be of before it was renamed, transferred or installed anew.
func (k *Keeper) where(ctx context.Context, repo gate.Repo) (gate.Repo, error) {
	f, err := k.load(ctx, gate.Subject{Kind: gate.Repository, Repo: repo}.Stream())
	if err != nil || f.repo.Subject.Kind == "" {
		return repo, err
	}
	return f.repo.Subject.Repo, nil
}

// placed is a stream whose subject is where it is now.
func (k *Keeper) placed(ctx context.Context, f folded) (folded, error) {
	var at *gate.Repo
	switch gate.StreamKind(f.stream) {
	case gate.Check:
		at = &f.check.Subject.Repo
	case gate.Repository:
		return f, nil
	case gate.Environment:
		at = &f.env.Subject.Repo
	default:
		at = &f.gate.Subject.Repo
	}
	home, err := k.where(ctx, *at)
	if err != nil {
		return f, err
	}
	*at = home
	if f.env.Waiting != nil { // what waits there was told of when it was elsewhere, perhaps
		f.env.Waiting = slices.Clone(f.env.Waiting)
		for i := range f.env.Waiting {
			f.env.Waiting[i].Subject.Repo = home
		}
	}
	return f, nil
}
