package keeper

import (
	"context"

	"github.com/gatehold/gatehold/internal/engine"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/usecase/book"
)

// People is what the keeper asks of GitHub about somebody who answered.
type People interface {
	// Person asks who an account is now, by its numeric id, and to which of
	// the groups it belongs. An error is something to try again; what GitHub
	// will not tell is in Person.Untold.
	Person(ctx context.Context, repo gate.Repo, who gate.Actor, groups []string) (gate.Person, error)
}

// count looks at the oldest choice that was offered: who made it is asked now,
// not when it came in, because what a person may do can change in between.
func (k *Keeper) count(ctx context.Context, f book.Gate) error {
	s := f.State
	offer := s.Offers[0]
	person := gate.Person{Actor: offer.By}
	if s.Verdict != nil {
		groups := s.Verdict.Asks()
		if k.People == nil {
			person.Untold = groups
		} else {
			var err error
			person, err = k.People.Person(ctx, s.Subject.Repo, offer.By, groups)
			switch {
			case err != nil && !gate.AsError(err).Final:
				return engine.Outside(err)
			case err != nil: // asking again cannot help, and not knowing is not a yes
				person = gate.Person{Actor: offer.By, Untold: groups}
			}
		}
	}
	event := s.Count(offer, person)
	drafts := []engine.Draft{{Event: event}}
	if c, is := event.(gate.Counted); is && c.Answer == gate.Approve {
		// It may be the one that was missing: those before it are asked about again.
		left, err := k.confirm(ctx, s, offer.By.ID)
		if err != nil {
			return err
		}
		drafts = append(left, drafts...)
	}
	// The decision holds for the state that it was made on: if anything was
	// appended meanwhile, a denial say, it is made again.
	_, err := k.Book.Gates.Append(ctx, f, drafts...)
	return err
}
