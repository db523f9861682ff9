package answers

import (
	"context"

	"github.com/gatehold/gatehold/internal/engine"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/usecase/book"
)

// count looks at the oldest choice that was offered: who made it is asked now,
// not when it came in, because what a person may do can change in between.
func (u *Answers) count(ctx context.Context, f book.Gate) error {
	s := f.State
	offer := s.Offers[0]
	person := gate.Person{Actor: offer.By}
	if s.Verdict != nil {
		groups := s.Verdict.Asks()
		if offer.Proof != nil {
			groups = append(groups, gate.KeyGroup(offer.Proof.Key))
		}
		var err error
		person, err = u.people.Person(ctx, s.Subject.Repo, offer.By, groups)
		switch {
		case err != nil && !gate.AsError(err).Final:
			return engine.Outside(err)
		case err != nil: // asking again cannot help, and not knowing is not a yes
			person = gate.Person{Actor: offer.By, Untold: groups}
		}
	}
	event := s.Count(offer, person)
	drafts := []engine.Draft{{Event: event}}
	if c, is := event.(gate.Counted); is && c.Answer == gate.Approve {
		// It may be the one that was missing: those before it are asked about again.
		left, err := u.directory.Confirm(ctx, s, offer.By.ID)
		if err != nil {
			return err
		}
		drafts = append(left, drafts...)
	}
	// The decision holds for the state that it was made on: if anything was
	// appended meanwhile, a denial say, it is made again.
	_, err := u.book.Gates.Append(ctx, f, drafts...)
	return err
}
