package keeper

import (
	"context"
	"slices"

	"github.com/gatehold/gatehold/internal/engine"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/usecase/book"
)

// survey does what was seen on the stream of a repository: gates that are judged
// by rules which have changed are judged again, gates that nobody knew of begin,
// and what enforces them is looked at, and how the repository can deploy. One that
// is cut off is done again; what it did before has a key and is not done twice.
func (k *Keeper) survey(ctx context.Context, f book.Repository) error {
	s, covers := f.State, f.Head.Version
	k.defaults.Remove(s.Subject.Repo.ID) // its rules may be others now
	if err := k.spread(ctx, f); err != nil {
		return err
	}
	if slices.ContainsFunc(s.Waiting, func(n gate.Noted) bool { return asksForLanes(n, s.Lanes) }) {
		if changed, err := k.readLanes(ctx, f); changed || err != nil { // the next survey, due now, goes on by them
			return err
		}
	}
	if n := last(s, lanesFound); n != nil {
		if err := k.toTheirLanes(ctx, f, *n); err != nil {
			return err
		}
	}
	if err := k.judgeAgain(ctx, f); err != nil {
		return err
	}
	if slices.ContainsFunc(s.Waiting, asksForEnforcement) {
		branches, err := k.branches(ctx, s)
		if err != nil {
			return err
		}
		changed, err := k.look(ctx, f, branches)
		if changed || err != nil { // what has changed is shown by the next survey, which is due now
			return err
		}
	}
	if n := last(s, showsOtherwise); n != nil {
		if err := k.repaint(ctx, f, *n); err != nil {
			return err
		}
	}
	done := gate.Surveyed{Covers: covers}
	if slices.ContainsFunc(s.Waiting, asksForPaths) {
		done.Paths = k.pathsNow(ctx, s)
	}
	_, err := k.Book.Repositories.Record(ctx, f.Name, engine.Draft{Event: done})
	return err
}

// concerns reports whether what was seen in a repository asks for a gate to be
// judged again. Deployments are judged by the rules of the default branch, whose
// name is not known here: they are looked at whatever the branch. So are changes
// into branches that bring no rules of their own.
func concerns(n gate.Noted, kind gate.Kind, baseRef string, lanes *gate.Lanes) bool {
	switch n.Action {
	case gate.OrgRulesChanged, gate.Installed, gate.Moved, gate.Unarchived:
		return true
	case gate.RulesChanged:
		if n.Ours && n.BaseRef == baseRef { // its own rules count from now on, or do not any more
			return true
		}
		if inLane(kind) && !lanes.OwnRules(baseRef) {
			return n.BaseRef == lanes.Default
		}
		return n.BaseRef == baseRef || !inLane(kind)
	}
	return false
}

// last is the newest of the reasons that are of a sort, or nil. What is done for a
// reason is done once: for an older one that may have been before the newest came.
func last(s gate.RepoState, of func(gate.Noted) bool) *gate.Noted {
	for i := len(s.Waiting) - 1; i >= 0; i-- {
		if of(s.Waiting[i]) {
			return &s.Waiting[i]
		}
	}
	return nil
}

// newest is the last of the reasons that concern a gate, or nil.
func newest(s gate.RepoState, kind gate.Kind, baseRef string) *gate.Noted {
	return last(s, func(n gate.Noted) bool { return concerns(n, kind, baseRef, s.Lanes) })
}

// spread takes a change of the organisation's rules to its other repositories.
// All that hold a gate are in the ledger.
func (k *Keeper) spread(ctx context.Context, f book.Repository) error {
	home := f.State.Subject.Repo
	for _, n := range f.State.Waiting {
		if n.Action != gate.OrgRulesChanged || n.Ours {
			continue
		}
		repos, err := k.Book.RepositoriesOf(ctx, home.Owner)
		if err != nil {
			return err
		}
		for _, repo := range repos {
			if repo.ID == home.ID {
				continue
			}
			to := gate.Subject{Kind: gate.Repository, Repo: repo}
			noticed := gate.Noticed{Subject: to, What: gate.OrgRulesChanged, By: n.Sender}
			if n.Tip != nil {
				noticed.Tip = &gate.Tip{SHA: n.Tip.SHA, Before: n.Tip.Before, At: n.Tip.At, Of: &home}
			}
			if err := k.Book.Repositories.Once(ctx, to.Stream(), book.NewsKey(f.Name, n.Version), noticed); err != nil {
				return err
			}
		}
	}
	return nil
}

// judgeAgain has the gates that are concerned judged again at once: those on record,
// which GitHub's list may not show yet, and those of pull requests that only the
// list knows. GitHub is asked for it only where a pull request can be concerned: most
// pushes that create or delete a branch concern none.
func (k *Keeper) judgeAgain(ctx context.Context, f book.Repository) error {
	s := f.State
	repo := s.Subject.Repo
	list := slices.ContainsFunc(s.Waiting, func(n gate.Noted) bool { return n.Action == gate.Installed })
	gates, err := k.Book.OpenGates(ctx, repo.ID, gate.PullRequest, gate.MergeGroup, gate.Deployment, gate.WorkflowRun)
	if err != nil {
		return err
	}
	for _, g := range gates {
		subject := g.State.Subject
		n := newest(s, subject.Kind, g.State.Base())
		if n == nil {
			continue
		}
		list = list || subject.Kind == gate.PullRequest
		again := gate.Look{Subject: subject, Why: gate.Reason(n.Action), By: n.Sender}
		if err := k.Book.Gates.Once(ctx, g.Name, book.NewsKey(f.Name, n.Version), again); err != nil {
			return err
		}
	}
	if !list || k.Inventory == nil {
		return nil
	}
	open, err := k.Inventory.OpenPulls(ctx, repo)
	if err != nil {
		return engine.Outside(lasting(err))
	}
	for _, pull := range open {
		n := newest(s, gate.PullRequest, pull.BaseRef)
		if n == nil {
			continue
		}
		if err := k.pullAgain(ctx, f, pull, *n); err != nil {
			return err
		}
	}
	return nil
}

// lasting ends the trying where the repository is gone: when it comes back, that
// is seen.
func lasting(err error) error {
	known := gate.AsError(err)
	if known.Code != "not_found" {
		return err
	}
	final := *known
	final.Final = true
	return &final
}

// pullAgain has an open pull request judged again. Of one that is known, events
// may have told more than the list: it is only looked at.
func (k *Keeper) pullAgain(ctx context.Context, f book.Repository, pull gate.Look, n gate.Noted) error {
	stream := pull.Subject.Stream()
	known, err := k.Book.Gates.Load(ctx, stream)
	if gate.Unknown(err) != nil { // it goes on once the others have
		return nil
	}
	if err != nil {
		return err
	}
	pull.Why, pull.By = gate.Reason(n.Action), n.Sender
	if g := known.State; g.Wanted > 0 && !g.Done {
		pull.Head, pull.Base, pull.BaseRef = "", "", ""
	}
	return k.Book.Gates.Once(ctx, stream, book.NewsKey(f.Name, n.Version), pull)
}
