package repos

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gatehold/gatehold/internal/engine"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/ledger"
	"github.com/gatehold/gatehold/internal/usecase/book"
)

// Inventory is what GitHub says there is: where the App is installed, and which
// pull requests are open there.
type Inventory interface {
	// Repositories may return what it found beside an error.
	Repositories(ctx context.Context) ([]gate.Repo, error)
	// OpenPulls returns a look for each open pull request, with what is known of it.
	OpenPulls(ctx context.Context, repo gate.Repo) ([]gate.Look, error)
}

// The comparing's pace. One that is asked for begins soon, and not more often
// than it is worth.
const (
	reconcileEvery = 10 * time.Minute
	reconcileLease = 2 * reconcileEvery
	compareSoon    = 2 * time.Second
	comparePause   = 20 * time.Second
)

// reconcile compares the ledger with what is there, at start, every ten minutes
// and when it is asked for, until ctx ends: an event that was never delivered,
// not even logged, is found all the same, and so are the pull requests that were
// open before the App was installed. One replica does it every ten minutes; at
// start, and when asked, each does: that is safe, and one that has just died may
// hold the lease.
func (u *Repos) reconcile(ctx context.Context) {
	next := time.NewTimer(0)
	defer next.Stop()
	ended, asked := time.Time{}, true
	for {
		select {
		case <-ctx.Done():
			return
		case <-u.compare:
			if !asked {
				asked = true
				next.Reset(max(min(compareSoon, u.Rest), u.Rest-u.Book.Now().Sub(ended)))
			}
			continue
		case <-next.C:
		}
		ours, err := u.Book.Log.Lease(ctx, "reconcile", u.Engine.Holder, reconcileLease)
		if err == nil && (ours || asked) {
			err = u.census(ctx)
		}
		if err != nil && ctx.Err() == nil {
			u.Observer.Failed("reconcile", gate.AsError(err).Code)
			u.Book.Slog.Warn("the ledger could not be compared with GitHub", "error", err)
		}
		ended, asked = u.Book.Now(), false
		next.Reset(reconcileEvery)
	}
}

// CompareNow asks for a comparison with GitHub, where one is not asked for yet.
func (u *Repos) CompareNow() {
	select {
	case u.compare <- struct{}{}:
	default:
	}
}

// census looks at every repository; one that cannot be read does not keep the
// others from being looked at.
func (u *Repos) census(ctx context.Context) error {
	repos, err := u.Inventory.Repositories(ctx)
	if err == nil {
		u.compared.list(repos)
	}
	for _, repo := range repos {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if rerr := u.compareRepo(ctx, repo); rerr != nil {
			err = errors.Join(err, fmt.Errorf("%s: %w", repo.FullName(), rerr))
		}
	}
	return err
}

func (u *Repos) compareRepo(ctx context.Context, repo gate.Repo) error {
	listed := gate.Seen{Subject: gate.Subject{Kind: gate.Repository, Repo: repo}}
	if err := u.Place(ctx, listed); err != nil {
		return err
	}
	if err := u.unarchived(ctx, repo); err != nil {
		return err
	}
	if err := u.inSight(ctx, repo); err != nil {
		return err
	}
	if err := u.censusOfPulls(ctx, repo); err != nil {
		return err
	}
	if err := u.censusOfRules(ctx, repo); err != nil {
		return err
	}
	if err := u.censusOfDeployments(ctx, repo); err != nil {
		return err
	}
	err := errors.Join(u.Lanes.WatchDefault(ctx, repo), u.watch(ctx, repo), u.watchPaths(ctx, repo))
	u.compared.done(repo.ID, u.Book.Now()) // whatever else could not be looked at: what is open was compared
	return err
}

// inSight has a survey go on that waits because GitHub did not find the repository:
// it is listed here, and so it is back.
func (u *Repos) inSight(ctx context.Context, repo gate.Repo) error {
	f, err := u.Book.RepositoryOf(ctx, repo)
	if err != nil || !u.outOfSight(f.State.Failure) {
		return err
	}
	noticed := gate.Noticed{Subject: f.State.Subject, What: gate.Reconciled}
	return u.Book.Repositories.Once(ctx, f.Name, fmt.Sprintf("reconciled@%d", f.Head.Version), noticed)
}

func (u *Repos) censusOfPulls(ctx context.Context, repo gate.Repo) error {
	open, err := u.Inventory.OpenPulls(ctx, repo)
	if err != nil {
		return err
	}
	listed := map[string]bool{}
	for _, pull := range open {
		stream := pull.Subject.Stream()
		listed[stream] = true
		f, err := u.Book.Gates.Load(ctx, stream)
		if gate.Unknown(err) != nil {
			continue
		}
		if err != nil {
			return err
		}
		said := gate.Said{Head: pull.Head, BaseRef: pull.BaseRef}
		if pull.Said != nil {
			said = *pull.Said
		}
		if f.State.Missed(said) || u.lostSight(f) {
			if err := u.found(ctx, f, pull); err != nil {
				return err
			}
		}
	}
	return u.censusOfClosed(ctx, repo, listed)
}

// lostSight reports whether a gate waits longer than until the next comparison for
// what GitHub did not find: it is listed here, and so it is back.
func (u *Repos) lostSight(f book.Gate) bool { return u.outOfSight(u.Book.Gates.Failure(f)) }

func (u *Repos) outOfSight(failure *gate.Failed) bool {
	return failure != nil && (failure.Code == gate.NotFound || failure.Code == gate.NotInstalled) &&
		(failure.Next.IsZero() || failure.Next.After(u.Book.Now().Add(reconcileEvery)))
}

// censusOfClosed looks again at the gates that are open here and not there.
func (u *Repos) censusOfClosed(ctx context.Context, repo gate.Repo, listed map[string]bool) error {
	gates, err := u.Book.OpenGates(ctx, repo.ID, gate.Held()...)
	if err != nil {
		return err
	}
	for _, f := range gates {
		if listed[f.Name] || f.State.Wanted > f.State.Covered {
			continue
		}
		again := gate.Look{Subject: f.State.Subject, Why: gate.Reconciled}
		if err := u.found(ctx, f, again); err != nil {
			return err
		}
	}
	return nil
}

// found puts on record that something was missed. The state that it was missed
// in is part of the key: what is found twice is recorded once.
func (u *Repos) found(ctx context.Context, f book.Gate, look gate.Look) error {
	next, err := u.Book.Gates.Append(ctx, f, engine.Draft{Event: look, Key: fmt.Sprintf("reconciled@%d", f.Head.Version)})
	if errors.Is(err, ledger.ErrSeen) || errors.Is(err, ledger.ErrMoved) { // an event came meanwhile
		return nil
	}
	if err != nil {
		return err
	}
	u.Book.Slog.Info("a missed event was found", "subject", look.Subject.String(), "head", look.Head)
	u.Book.Nudge(f.Name)
	return u.Lanes.Join(ctx, next)
}
