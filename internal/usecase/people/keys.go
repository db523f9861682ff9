package people

import (
	"context"
	"slices"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/usecase/book"
)

// WithKeys are people, of whom GitHub tells the groups, and the ledger the passkeys.
type WithKeys struct {
	Book   *book.Book
	People People
}

// Person asks GitHub about the groups, see People. A group of gate.KeyGroup is one
// of the person's while the key counts, by the account's stream.
func (u *WithKeys) Person(ctx context.Context, repo gate.Repo, who gate.Actor, groups []string) (gate.Person, error) {
	keys, others := gate.KeysOf(groups)
	person, err := u.People.Person(ctx, repo, who, others)
	if err != nil || len(keys) == 0 || person.Actor.ID != who.ID || person.Actor.Type != "User" {
		return person, err
	}
	f, err := u.Book.Accounts.Load(ctx, gate.AccountStream(who.ID))
	if err != nil {
		return person, err
	}
	now := u.Book.Now()
	person.Groups = slices.Clone(person.Groups)
	for _, id := range keys {
		if k, known := f.State.Key(id); known && k.Counts(now) {
			person.Groups = append(person.Groups, gate.KeyGroup(id))
		}
	}
	return person, nil
}
