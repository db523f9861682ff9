package repos

import (
	"context"
	"errors"

	"github.com/gatehold/gatehold/internal/engine"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/ledger"
)

// Place keeps on record, on the stream of a repository, what an event of any
// kind calls it, and by which installation the App reaches it. One that has
// moved has all its gates looked at again: other people may decide, and what
// GitHub refused it may take now. Where an event says so GitHub is asked soon: what
// came late or once more may tell of where it was.
func (u *Repos) Place(ctx context.Context, seen gate.Seen) error {
	subject := gate.Subject{Kind: gate.Repository, Repo: seen.Subject.Repo}
	if subject.Repo.ID == 0 {
		return nil
	}
	for try := 0; ; try++ {
		f, err := u.Book.Repositories.Load(ctx, subject.Stream())
		if err != nil {
			return err
		}
		note := gate.Noticed{Subject: subject, What: gate.Renamed, By: seen.Sender, RepoAt: seen.RepoAt}
		if f.State.Subject.Kind != "" {
			if !f.State.Renames(note) {
				return nil
			}
			was := f.State.Subject.Repo
			if was.Owner != subject.Repo.Owner || subject.Repo.Installation != 0 && was.Installation != subject.Repo.Installation {
				note.What = gate.Moved
			}
		}
		_, err = u.Book.Repositories.Append(ctx, f, engine.Draft{Event: note})
		if errors.Is(err, ledger.ErrMoved) && try < engine.MaxMoves {
			continue
		}
		u.Book.Nudge(f.Name)
		if note.What == gate.Moved && seen.Event != "" {
			u.CompareNow()
		}
		return err
	}
}
