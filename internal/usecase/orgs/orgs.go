// Package orgs knows the organisations whose gates are held here, as far as it concerns
// the people in them: which their repositories are, what their rules ask of passkeys, and
// who may approve anything there.
//
// It is read from the streams of repositories, and from the rules files as they are on
// the default branches now. What was read is used for two minutes.
package orgs

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/policy"
	"github.com/gatehold/gatehold/internal/rulesfile"
	"github.com/gatehold/gatehold/internal/usecase/book"
	"github.com/gatehold/gatehold/internal/usecase/reading"
)

// Trunks reads default branches.
type Trunks interface {
	// Trunk reads a default branch with its rules file, and the organisation's: nothing
	// else of the facts.
	Trunk(ctx context.Context, repo gate.Repo) (change.Facts, error)
}

// People tells who somebody is now.
type People interface {
	// Person asks who an account is now, by its numeric id, and to which of the groups it
	// belongs.
	Person(ctx context.Context, repo gate.Repo, who gate.Actor, groups []string) (gate.Person, error)
}

// Org is an organisation, or another owner of repositories.
type Org struct {
	Name      string // as in the first of its repositories
	Repos     []gate.Repo
	Passkeys  rulesfile.Passkeys // the strictest of all of its files
	Approvers []string           // groups of whom somebody may approve something there
	Invalid   string             // why the organisation's own file cannot be used; empty: it can, or there is none
}

// Vouchers are the groups of whom somebody may vouch for a passkey.
func (o Org) Vouchers() []string {
	if len(o.Passkeys.VouchFrom) > 0 {
		return o.Passkeys.VouchFrom
	}
	return o.Approvers
}

// Notices is the repository in which people are told of passkeys; false where there is
// none, or none that is known here.
func (o Org) Notices() (gate.Repo, bool) {
	i := slices.IndexFunc(o.Repos, func(r gate.Repo) bool { return strings.EqualFold(r.FullName(), o.Passkeys.Notices) })
	if i < 0 {
		return gate.Repo{}, false
	}
	return o.Repos[i], true
}

// Orgs are the organisations. Make one with New.
type Orgs struct {
	book   *book.Book
	reader *reading.Reader
	trunks Trunks
	people People

	mu   sync.Mutex
	all  []Org
	read time.Time
}

// Bounds of what is read.
const (
	readFor   = 2 * time.Minute
	mostRepos = 50 // of one organisation, whose rules are read
)

// New returns the organisations of a book.
func New(b *book.Book, reader *reading.Reader, trunks Trunks, people People) *Orgs {
	return &Orgs{book: b, reader: reader, trunks: trunks, people: people}
}

// All are the organisations. An error is something to try again.
func (u *Orgs) All(ctx context.Context) ([]Org, error) {
	now := u.book.Now()
	u.mu.Lock()
	known, at := u.all, u.read
	u.mu.Unlock()
	if !at.IsZero() && now.Before(at.Add(readFor)) {
		return known, nil
	}
	repos, err := u.repos(ctx)
	if err != nil {
		return nil, err
	}
	var out []Org
	for len(repos) > 0 {
		own := repos[0]
		o := Org{Name: own.Owner}
		var others []gate.Repo
		for _, r := range repos {
			if r.SameOwner(own) {
				o.Repos = append(o.Repos, r)
			} else {
				others = append(others, r)
			}
		}
		if o, err = u.ruled(ctx, o); err != nil {
			return nil, err
		}
		out, repos = append(out, o), others
	}
	u.mu.Lock()
	u.all, u.read = out, now
	u.mu.Unlock()
	return out, nil
}

// repos are all repositories that are on record, by their ids.
func (u *Orgs) repos(ctx context.Context) ([]gate.Repo, error) {
	names, err := u.book.Log.Live(ctx, string(gate.Repository)+"/")
	if err != nil {
		return nil, fmt.Errorf("looking for repositories: %w", err)
	}
	var out []gate.Repo
	for _, name := range names {
		s, err := u.book.Repository(ctx, name)
		if gate.Unknown(err) != nil {
			continue
		}
		if err != nil {
			return nil, err
		}
		if s.Subject.Repo.ID != 0 && s.Subject.Repo.Owner != "" {
			out = append(out, s.Subject.Repo)
		}
	}
	slices.SortFunc(out, func(a, b gate.Repo) int { return int(a.ID - b.ID) })
	return out, nil
}

// ruled reads what the rules of an organisation say. A repository that is not to be read,
// or whose own file cannot be used, asks nothing more.
func (u *Orgs) ruled(ctx context.Context, o Org) (Org, error) {
	first := true
	for _, repo := range o.Repos[:min(len(o.Repos), mostRepos)] {
		f, err := u.trunks.Trunk(ctx, repo)
		switch {
		case err != nil && gate.AsError(err).Final:
			continue
		case err != nil:
			return o, err
		}
		own, err := u.reader.RulesOf(f.Org, change.RulesFile{State: change.RulesAbsent})
		if err != nil {
			return o, err
		}
		if len(own.Problems) > 0 {
			o.Invalid = own.Problems[0].Text
		}
		rules := own
		if f.Repo.State == change.RulesFound {
			if rules, err = u.reader.RulesOf(f.Org, f.Repo); err != nil {
				return o, err
			}
		}
		asked := rules.Passkeys()
		if asked.Attestation == "" {
			asked.Attestation = rulesfile.AttestationRecorded
		}
		if first {
			o.Passkeys, first = asked, false
		} else {
			o.Passkeys = policy.StricterPasskeys(o.Passkeys, asked)
		}
		for _, g := range rules.Approvers() {
			if !slices.Contains(o.Approvers, g) {
				o.Approvers = append(o.Approvers, g)
			}
		}
	}
	return o, nil
}

// Of are the organisations in which somebody may write, or approve something. An error is
// something to try again.
func (u *Orgs) Of(ctx context.Context, who gate.Actor) ([]Org, error) {
	all, err := u.All(ctx)
	if err != nil {
		return nil, err
	}
	var out []Org
	for _, o := range all {
		is, err := u.Is(ctx, who, o, append([]string{gate.WriteAccess}, o.Approvers...))
		if err != nil {
			return nil, err
		}
		if is {
			out = append(out, o)
		}
	}
	return out, nil
}

// Is reports whether GitHub says that somebody is of one of some groups in an
// organisation: of a role, in one of its repositories. An error is something to try again.
func (u *Orgs) Is(ctx context.Context, who gate.Actor, o Org, groups []string) (bool, error) {
	for i, repo := range o.Repos[:min(len(o.Repos), mostRepos)] {
		asked := groups
		if i > 0 { // what is of the whole organisation was asked in the first
			asked = slices.DeleteFunc(slices.Clone(groups), func(g string) bool { return !strings.HasPrefix(g, "role:") })
		}
		if len(asked) == 0 {
			continue
		}
		p, err := u.people.Person(ctx, repo, who, asked)
		if err != nil && !gate.AsError(err).Final {
			return false, err
		}
		if err == nil && p.Actor.ID == who.ID && p.Actor.Type == "User" && len(p.Groups) > 0 {
			return true, nil
		}
	}
	return false, nil
}
