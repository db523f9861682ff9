// Package book gives the use cases the streams of the ledger, each as what it
// comes to: the gates of all kinds, the checks that show them, the repositories,
// environments and branches that they are of. Use cases that need each other
// meet here: what one has put on record the other reads.
package book

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/engine"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/gate/account"
	"github.com/gatehold/gatehold/internal/gate/branch"
	"github.com/gatehold/gatehold/internal/gate/check"
	"github.com/gatehold/gatehold/internal/gate/credential"
	"github.com/gatehold/gatehold/internal/gate/env"
	"github.com/gatehold/gatehold/internal/gate/repo"
	"github.com/gatehold/gatehold/internal/gate/tell"
	"github.com/gatehold/gatehold/internal/ledger"
)

// What streams are read to, by what they are about.
type (
	Gate        = engine.Stream[gate.State]
	Check       = engine.Stream[check.State]
	Repository  = engine.Stream[repo.State]
	Environment = engine.Stream[env.State]
	Branch      = engine.Stream[branch.State]
	Account     = engine.Stream[account.State]
	Telling     = engine.Stream[tell.State]
	Credential  = engine.Stream[credential.State]
)

// Book holds the streams of the ledger.
type Book struct {
	Gates        *engine.Streams[gate.State]
	Checks       *engine.Streams[check.State]
	Repositories *engine.Streams[repo.State]
	Environments *engine.Streams[env.State]
	Branches     *engine.Streams[branch.State]
	Accounts     *engine.Streams[account.State]
	Tellings     *engine.Streams[tell.State]
	Credentials  *engine.Streams[credential.State]

	publicURL string

	Log   ledger.Store
	Slog  *slog.Logger
	Now   func() time.Time
	Nudge func(stream string) // has a stream looked at soon
	// Record appends to a stream of whatever kind, see engine.Streams.Record.
	Record func(ctx context.Context, stream string, drafts ...engine.Draft) (ledger.Head, error)
}

// New returns the book of an engine, which keeps the streams from now on. At
// publicURL, without a slash at the end, people see them; empty: nowhere.
func New(e *engine.Engine, publicURL string) *Book {
	b := &Book{publicURL: publicURL, Log: e.Log, Slog: e.Slog, Now: e.Now, Nudge: e.Nudge, Record: e.Record}
	b.Gates = engine.Keep(e, engine.Fold[gate.State]{
		After: gate.State.After, Due: gate.State.Due,
		Failure: func(s gate.State) *gate.Failed { return s.Failure },
		Live:    func(s gate.State) bool { return s.Wanted > 0 && !s.Left() },
		Placed: func(ctx context.Context, s gate.State) (_ gate.State, err error) {
			s.Subject.Repo, err = b.Where(ctx, s.Subject.Repo)
			return s, err
		},
		Again: []gate.Step{gate.Assess, gate.Respond},
		Long:  []gate.Step{gate.Assess}, // which reads, and paints nothing
	}, gate.Held()...)
	b.Checks = engine.Keep(e, engine.Fold[check.State]{
		After: check.State.After, Due: check.State.Due,
		Failure: func(s check.State) *gate.Failed { return s.Failure },
		Live:    func(check.State) bool { return false }, // a check is asked for by its commit only
		Placed: func(ctx context.Context, s check.State) (_ check.State, err error) {
			s.Subject.Repo, err = b.Where(ctx, s.Subject.Repo)
			return s, err
		},
	}, gate.Check)
	b.Repositories = engine.Keep(e, engine.Fold[repo.State]{
		After: repo.State.After, Due: repo.State.Due,
		Failure: func(s repo.State) *gate.Failed { return s.Failure },
		Live:    func(repo.State) bool { return true },
	}, gate.Repository)
	b.Environments = engine.Keep(e, engine.Fold[env.State]{
		After: env.State.After, Due: env.State.Due,
		Failure: func(s env.State) *gate.Failed { return s.Failure },
		Live:    func(env.State) bool { return true },
		Placed:  b.environmentPlaced,
	}, gate.Environment)
	b.Branches = engine.Keep(e, engine.Fold[branch.State]{
		After:   branch.State.After,
		Due:     func(branch.State) (gate.Step, time.Time) { return gate.Nothing, time.Time{} },
		Failure: func(branch.State) *gate.Failed { return nil },
		Live: func(s branch.State) bool {
			n := len(s.Pushes)
			return n > 0 && s.Pushes[n-1].After != ""
		},
	}, gate.Branch)
	b.Accounts = engine.Keep(e, engine.Fold[account.State]{
		After: account.State.After, Due: account.State.Due,
		Failure: func(s account.State) *gate.Failed { return s.Failure },
		Live:    func(s account.State) bool { return slices.ContainsFunc(s.Keys, account.Key.Alive) },
		Aside:   true,
	}, gate.Account)
	b.Credentials = engine.Keep(e, engine.Fold[credential.State]{
		After: credential.State.After, Due: credential.State.Due,
		Failure: func(s credential.State) *gate.Failed { return s.Failure },
		Live:    func(s credential.State) bool { return !s.Left() },
		Again:   []gate.Step{gate.Revoke, gate.Uphold},
	}, gate.Credential)
	b.Tellings = engine.Keep(e, engine.Fold[tell.State]{
		After: tell.State.After, Due: tell.State.Due,
		Failure: func(s tell.State) *gate.Failed { return s.Failure },
		Live:    tell.State.Live,
		Aside:   true,
	}, gate.Tell, gate.Digest, gate.Notice)
	return b
}

// environmentPlaced is an environment where its repository is now. What waits
// there was told of when it was elsewhere, perhaps.
func (b *Book) environmentPlaced(ctx context.Context, s env.State) (env.State, error) {
	home, err := b.Where(ctx, s.Subject.Repo)
	if err != nil {
		return s, err
	}
	s.Subject.Repo = home
	s.Waiting = slices.Clone(s.Waiting)
	for i := range s.Waiting {
		s.Waiting[i].Subject.Repo = home
	}
	return s, nil
}

// Where is a repository as the newest event or comparison called it: what is on
// record elsewhere may be of before it was renamed, transferred or installed anew.
func (b *Book) Where(ctx context.Context, repo gate.Repo) (gate.Repo, error) {
	f, err := b.RepositoryOf(ctx, repo)
	if err != nil || f.State.Subject.Kind == "" {
		return repo, err
	}
	return f.State.Subject.Repo, nil
}

// RepositoryOf returns the stream of a repository, read to its end.
func (b *Book) RepositoryOf(ctx context.Context, repo gate.Repo) (Repository, error) {
	return b.Repositories.Load(ctx, gate.Subject{Kind: gate.Repository, Repo: repo}.Stream())
}

// EnvironmentOf is what an environment of a repository comes to.
func (b *Book) EnvironmentOf(ctx context.Context, repo gate.Repo, name string) (env.State, error) {
	return b.Environment(ctx, gate.Subject{Kind: gate.Environment, Repo: repo, Environment: name}.Stream())
}

// GateOf returns the stream of a gate, read to its end. What is no gate comes to
// an empty one: checks hear of lanes in the name of their repository.
func (b *Book) GateOf(ctx context.Context, s gate.Subject) (Gate, error) {
	if !s.Kind.Gates() {
		return Gate{Name: s.Stream()}, nil
	}
	return b.Gates.Load(ctx, s.Stream())
}

// Gate folds the stream of a gate to its end.
func (b *Book) Gate(ctx context.Context, stream string) (gate.State, error) {
	f, err := b.Gates.Load(ctx, stream)
	return f.State, err
}

// Told folds the stream of what was told of a gate to its end.
func (b *Book) Told(ctx context.Context, gateStream string) (tell.State, error) {
	f, err := b.Tellings.Load(ctx, gate.TellStream(gateStream))
	return f.State, err
}

// Repository folds the stream of a repository to its end.
func (b *Book) Repository(ctx context.Context, stream string) (repo.State, error) {
	f, err := b.Repositories.Load(ctx, stream)
	return f.State, err
}

// Environment folds the stream of an environment to its end.
func (b *Book) Environment(ctx context.Context, stream string) (env.State, error) {
	f, err := b.Environments.Load(ctx, stream)
	return f.State, err
}

// Link is where people see a stream, empty where they see none.
func (b *Book) Link(stream string) string {
	if b.publicURL == "" {
		return ""
	}
	return b.publicURL + "/gates/" + stream
}

// Close puts on record that what a gate holds is over.
func (b *Book) Close(ctx context.Context, f Gate, why string) error {
	_, err := b.Gates.Record(ctx, f.Name, engine.Draft{Event: gate.Closed{Covers: f.Head.Version, Why: why}})
	return err
}

// Lapse puts on record that time alone has taken away what a gate was released by.
func (b *Book) Lapse(ctx context.Context, f Gate) error {
	_, err := b.Gates.Record(ctx, f.Name, engine.Draft{Event: gate.Lapsed{}})
	return err
}

// NewsKey is the key of what one stream has another one hear of a version of its own.
func NewsKey(stream string, version uint64) string {
	return fmt.Sprintf("%s@%d", stream, version)
}

// repositoryIn is the part of a stream's name that names its repository.
func repositoryIn(stream string) string {
	_, rest, _ := strings.Cut(stream, "/")
	id, _, _ := strings.Cut(rest, "/")
	return id
}
