// Package people knows who somebody is: whose the names are that rules and
// verdicts count with, and whether approvers are still who they were when they
// approved.
package people

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/engine"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/ledger"
	"github.com/gatehold/gatehold/internal/usecase/book"
)

// People tells who somebody is now.
type People interface {
	// Person asks who an account is now, by its numeric id, and to which of
	// the groups it belongs. An error is something to try again; what GitHub
	// will not tell is in Person.Untold.
	Person(ctx context.Context, repo gate.Repo, who gate.Actor, groups []string) (gate.Person, error)
}

// Names tells whose a name is.
type Names interface {
	// Account is the account that has a login now; the zero Actor where nobody
	// has it. An error is something to try again, unless it is Final.
	Account(ctx context.Context, repo gate.Repo, login string) (gate.Actor, error)
	// Team is the id of the team that has a name, org/team, now; 0 where none has.
	Team(ctx context.Context, repo gate.Repo, name string) (int64, error)
}

// Directory knows who people are. Make one with its three fields.
type Directory struct {
	Book   *book.Book
	People People
	Names  Names
}

// newNames bounds how many names are looked up for one judgement. Those in the
// needs come first; the others are looked up when it is judged again.
const newNames = 10

// Bind binds the logins and teams that rules and verdicts count with to accounts
// and ids, each when it is first named in the repository: its stream keeps them, since it
// outlives every rename and every pull request. A name that is bound costs no
// request.
func (u *Directory) Bind(ctx context.Context, repo gate.Repo, names []string) (map[string]int64, error) {
	if len(names) == 0 {
		return nil, nil
	}
	stream := gate.Subject{Kind: gate.Repository, Repo: repo}.Stream()
	f, err := u.Book.Repositories.Load(ctx, stream)
	if err != nil {
		return nil, err
	}
	asked := 0
	for _, name := range names {
		if _, bound := f.State.Names[name]; bound || asked == newNames {
			continue
		}
		asked++
		id, err := u.whose(ctx, repo, name)
		switch {
		case err != nil && gate.AsError(err).Final:
			continue // GitHub does not tell: it stays a name
		case err != nil:
			return nil, err
		case id == 0 && strings.Contains(name, "/"):
			continue // nobody is of a team that is not there: it is the first to come
		}
		_, err = u.Book.Repositories.Record(ctx, stream, engine.Draft{Event: gate.Bound{Login: name, ID: id}, Key: "bound/" + name})
		if err != nil && !errors.Is(err, ledger.ErrSeen) {
			return nil, err
		}
	}
	if asked > 0 { // another replica may have been first
		if f, err = u.Book.Repositories.Load(ctx, stream); err != nil {
			return nil, err
		}
	}
	out := map[string]int64{}
	for _, name := range names {
		if id, bound := f.State.Names[name]; bound {
			out[name] = id
		}
	}
	return out, nil
}

// whose is the id of the account or team that has a name now; 0 where none has.
func (u *Directory) whose(ctx context.Context, repo gate.Repo, name string) (int64, error) {
	if strings.Contains(name, "/") {
		return u.Names.Team(ctx, repo, name)
	}
	who, err := u.Names.Account(ctx, repo, name)
	return who.ID, err
}

// Confirm asks GitHub again who the approvers of a gate are, all but one, who has
// just been asked about. Where somebody is no longer who they were, it returns
// the record of it.
func (u *Directory) Confirm(ctx context.Context, s gate.State, but int64) ([]engine.Draft, error) {
	if s.Verdict == nil {
		return nil, nil
	}
	groups := s.Verdict.Asks()
	for _, c := range s.Choices {
		for _, g := range c.Groups {
			if !slices.Contains(groups, g) {
				groups = append(groups, g)
			}
		}
	}
	var people []gate.Person
	for _, who := range s.Approvers() {
		if who.ID == but {
			continue
		}
		person, err := u.People.Person(ctx, s.Subject.Repo, who, groups)
		if err != nil && !gate.AsError(err).Final {
			return nil, engine.Outside(err)
		}
		people = append(people, person) // nobody, where asking again cannot help
	}
	confirmed, moved := s.Unconfirmed(people, but)
	if !moved {
		return nil, nil
	}
	return []engine.Draft{{Event: confirmed}}, nil
}

// Confirmed is a gate whose approvers were asked about again, and on whose record
// stands who of them has left.
func (u *Directory) Confirmed(ctx context.Context, f book.Gate) (book.Gate, error) {
	left, err := u.Confirm(ctx, f.State, 0)
	if err != nil || len(left) == 0 {
		return f, err
	}
	return u.Book.Gates.Record(ctx, f.Name, left...)
}

// Judgement is what to put on record of a verdict: the names in it are bound, and
// approvers who have left count no more.
func (u *Directory) Judgement(ctx context.Context, s gate.State, judged gate.Judged, v *gate.Verdict) ([]engine.Draft, error) {
	var err error
	if judged.Names, err = u.Bind(ctx, s.Subject.Repo, v.Named()); err != nil {
		return nil, engine.Outside(err)
	}
	s.Verdict, s.Names = v, judged.Names
	left, err := u.Confirm(ctx, s, 0)
	if err != nil {
		return nil, err
	}
	return append([]engine.Draft{{Event: judged}}, left...), nil
}
