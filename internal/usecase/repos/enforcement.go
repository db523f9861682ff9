package repos

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/gatehold/gatehold/internal/engine"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/gate/repo"
	"github.com/gatehold/gatehold/internal/ledger"
	"github.com/gatehold/gatehold/internal/usecase/book"
	"github.com/gatehold/gatehold/internal/usecase/lanes"
)

// Guard tells what makes GitHub wait for the gates of a repository.
type Guard interface {
	// Enforcement looks at the default branch, at branches that are merged
	// into, as far as its bound goes, and at the environments. What GitHub does
	// not tell for a lasting reason is said as unknown; an error is tried again.
	// Each branch is looked at by the check of its lane; nil: only the default
	// branch's is known.
	Enforcement(ctx context.Context, repo gate.Repo, lanes *gate.Lanes, branches []string) ([]gate.Enforcement, error)
}

// asksForEnforcement reports whether what was seen asks for a look at what
// enforces the gates.
func asksForEnforcement(n gate.Noted) bool {
	switch n.Action {
	case gate.Installed, gate.BranchSeen:
		return true
	}
	return n.Action == gate.EnforcementChanged && !n.Ours
}

// enforcementFound holds for what look puts on record.
func enforcementFound(n gate.Noted) bool {
	return n.Action == gate.EnforcementChanged && n.Ours
}

// showsOtherwise reports whether the checks of a repository's gates have to be
// painted again although no verdict is another: what they say is, or GitHub may
// take now what it refused before.
func showsOtherwise(n gate.Noted) bool {
	return enforcementFound(n) || n.Action == gate.Moved || n.Action == gate.Unarchived
}

// branches are those that the open gates of a repository are merged into: first
// those that are known, so that a bound cuts off the same ones each time, then
// those that somebody asked about, then the others.
func (u *Repos) branches(ctx context.Context, s repo.State) ([]string, error) {
	gates, err := u.Book.OpenGates(ctx, s.Subject.Repo.ID, gate.PullRequest, gate.MergeGroup)
	if err != nil {
		return nil, err
	}
	var open, known, asked []string
	for _, g := range gates {
		open = append(open, g.State.Base())
	}
	slices.Sort(open)
	for _, n := range s.Waiting {
		if n.Action == gate.BranchSeen {
			asked = append(asked, n.BaseRef)
		}
	}
	for _, e := range s.Enforcement {
		if slices.Contains(open, e.Branch) {
			known = append(known, e.Branch)
		}
	}
	var out []string
	for _, branch := range slices.Concat(known, asked, open) {
		if branch != "" && !slices.Contains(out, branch) {
			out = append(out, branch)
		}
	}
	return out, nil
}

// look asks what enforces the gates of a repository and puts it on record where
// it is not what was known, together with the wish that the checks show it.
func (u *Repos) look(ctx context.Context, f book.Repository, branches []string) (changed bool, err error) {
	repo := f.State.Subject.Repo
	now, err := u.Guard.Enforcement(ctx, repo, f.State.Lanes, branches)
	if err != nil {
		return false, engine.Outside(err)
	}
	drafts := lanes.Guarded(f.State, now)
	if len(now) == 0 || len(drafts) == 0 && reflect.DeepEqual(stored(now), stored(f.State.Enforcement)) {
		return false, nil
	}
	for _, e := range now {
		if was := f.State.On(e.Branch, e.Environment); e.Branch != "" && e.Lane != gate.NoLane && !e.Enforced &&
			(was == nil || was.Enforced) {
			u.Book.Slog.Warn("a branch is not enforced", "repository", repo.FullName(), "branch", e.Branch, "missing", e.Missing,
				"unknown", e.Unknown)
		}
	}
	show := gate.Noticed{Subject: f.State.Subject, What: gate.EnforcementChanged}
	drafts = append(drafts, engine.Draft{Event: gate.Surveyed{Covers: f.State.Covered, Enforcement: now}}, engine.Draft{Event: show})
	if _, err = u.Book.Repositories.Append(ctx, f, drafts...); err != nil {
		return false, err
	}
	u.Book.Nudge(f.Name)
	return true, nil
}

// stored is an enforcement as it reads back from the ledger.
func stored(list []gate.Enforcement) []gate.Enforcement {
	out := make([]gate.Enforcement, 0, len(list))
	for _, e := range list {
		e.Missing, e.Bypass = append([]string{}, e.Missing...), append([]string{}, e.Bypass...)
		out = append(out, e)
	}
	return out
}

// repaint has the checks of the open gates show what enforces them now. A check
// that says the same already is left as it is.
func (u *Repos) repaint(ctx context.Context, f book.Repository, n gate.Noted) error {
	gates, err := u.Book.OpenGates(ctx, f.State.Subject.Repo.ID, gate.Held()...)
	if err != nil {
		return err
	}
	for _, open := range gates {
		for _, sha := range open.State.ToldChecks {
			check := lanes.CheckOf(open.State.Subject, sha, open.State.ToldLane)
			news := gate.News{Check: check, Gate: open.State.Subject, Version: open.State.Changed, Since: n.At}
			if err := u.Book.Checks.Once(ctx, check.Stream(), book.NewsKey(f.Name, n.Version)+" "+open.Name, news); err != nil {
				return err
			}
		}
	}
	return nil
}

// watch looks at what enforces the gates of a repository, as the comparison with
// GitHub does now and then.
func (u *Repos) watch(ctx context.Context, repo gate.Repo) error {
	subject := gate.Subject{Kind: gate.Repository, Repo: repo}
	var f book.Repository
	var err error
	for try := 0; try < maxLooks; try++ { // a survey may write at the same time
		if f, err = u.Book.Repositories.Load(ctx, subject.Stream()); err != nil {
			return err
		}
		f.State.Subject = subject // it may have another name now
		var branches []string
		if branches, err = u.branches(ctx, f.State); err != nil {
			return err
		}
		if _, err = u.look(ctx, f, branches); !errors.Is(err, ledger.ErrMoved) {
			break
		}
	}
	if err == nil || errors.Is(err, ledger.ErrMoved) { // moved again: it is looked at the next time
		u.compared.succeeded(repo.ID)
		return nil
	}
	if u.compared.failed(repo.ID) >= blindAfter && len(f.State.Enforcement) > 0 {
		return errors.Join(err, u.blind(ctx, f, gate.AsError(err).Code))
	}
	return err
}

// maxLooks bounds how often one comparison looks at what enforces the gates,
// where something else is written meanwhile. What has not changed at GitHub
// costs none of the quota.
const maxLooks = 4

// blindAfter is how many looks may fail, one after the other, before what was
// seen last is not believed any more.
const blindAfter = 3

// blind puts on record that what enforces the gates is not known any more.
func (u *Repos) blind(ctx context.Context, f book.Repository, code string) error {
	var unknown []gate.Enforcement
	for _, e := range f.State.Enforcement {
		unknown = append(unknown, gate.Enforcement{Branch: e.Branch, Environment: e.Environment, Lane: e.Lane,
			Unknown: fmt.Sprintf("GitHub could not be asked any more (%s); gatehold goes on asking.", code)})
	}
	if reflect.DeepEqual(stored(unknown), stored(f.State.Enforcement)) {
		return nil
	}
	show := gate.Noticed{Subject: f.State.Subject, What: gate.EnforcementChanged}
	surveyed := gate.Surveyed{Covers: f.State.Covered, Enforcement: unknown}
	_, err := u.Book.Repositories.Append(ctx, f, engine.Draft{Event: surveyed}, engine.Draft{Event: show})
	if err != nil && !errors.Is(err, ledger.ErrMoved) {
		return err
	}
	u.Book.Nudge(f.Name)
	return nil
}

// Compared is when this process last compared a repository with GitHub; zero
// where it has not.
func (u *Repos) Compared(repo int64) time.Time { return u.compared.at(repo) }
