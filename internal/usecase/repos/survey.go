// Package repos keeps up the repositories that gates are of: what they are called,
// how they deploy, what makes GitHub wait for their gates. It has gates judged again
// by rules that have changed, and compares the ledger with GitHub.
package repos

import (
	"context"
	"slices"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/gatehold/gatehold/internal/engine"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/gate/repo"
	"github.com/gatehold/gatehold/internal/policy"
	"github.com/gatehold/gatehold/internal/usecase/book"
	"github.com/gatehold/gatehold/internal/usecase/lanes"
	"github.com/gatehold/gatehold/internal/usecase/reading"
)

// Rules knows rules of default branches.
type Rules interface {
	// ForgetRules has the rules of a repository's default branch read anew.
	ForgetRules(repo int64)
}

// Observer is told what happens, for metrics. Its methods must not block.
type Observer interface {
	Failed(step, code string)
}

// Config is what Repos are made of.
type Config struct {
	Engine    *engine.Engine
	Book      *book.Book
	Reader    *reading.Reader
	Lanes     *lanes.Lanes
	Rules     Rules
	Inventory Inventory
	InForce   InForce
	Owners    Owners
	Guard     Guard
	Workflows Workflows
	Waiting   Waiting
	Observer  Observer
	Rest      time.Duration // at least, between two comparisons that are asked for; 0 means 20 seconds
}

// Repos keeps up repositories.
type Repos struct {
	Config
	inForce  *lru.Cache[string, *policy.Rules] // by branch and commit
	compare  chan struct{}                     // asks for a comparison with GitHub
	compared *comparison
}

// knownInForce bounds the branches whose rules are known as they were compared.
const knownInForce = 4096

// New returns what keeps up the repositories in a book from now on.
func New(c Config) *Repos {
	if c.Rest == 0 {
		c.Rest = comparePause
	}
	inForce, _ := lru.New[string, *policy.Rules](knownInForce) // errs only for a size below 1
	u := &Repos{Config: c, inForce: inForce, compare: make(chan struct{}, 1), compared: newComparison()}
	c.Book.Repositories.On(gate.Repository, gate.Survey, u.survey)
	c.Engine.OnFailure(u.refused)
	c.Engine.Beside(u.reconcile)
	return u
}

// survey does what was seen on the stream of a repository: gates that are judged
// by rules which have changed are judged again, gates that nobody knew of begin,
// and what enforces them is looked at, and how the repository can deploy. One that
// is cut off is done again; what it did before has a key and is not done twice.
func (u *Repos) survey(ctx context.Context, f book.Repository) error {
	s, covers := f.State, f.Head.Version
	u.Rules.ForgetRules(s.Subject.Repo.ID) // its rules may be others now
	if err := u.spread(ctx, f); err != nil {
		return err
	}
	if slices.ContainsFunc(s.Waiting, func(n gate.Noted) bool { return lanes.AskFor(n, s.Lanes) }) {
		if changed, err := u.Lanes.Read(ctx, f); changed || err != nil { // the next survey, due now, goes on by them
			return err
		}
	}
	if n := last(s, lanes.Found); n != nil {
		if err := u.Lanes.ToTheirLanes(ctx, f, *n); err != nil {
			return err
		}
	}
	if err := u.judgeAgain(ctx, f); err != nil {
		return err
	}
	if slices.ContainsFunc(s.Waiting, asksForEnforcement) {
		branches, err := u.branches(ctx, s)
		if err != nil {
			return err
		}
		changed, err := u.look(ctx, f, branches)
		if changed || err != nil { // what has changed is shown by the next survey, which is due now
			return err
		}
	}
	if n := last(s, showsOtherwise); n != nil {
		if err := u.repaint(ctx, f, *n); err != nil {
			return err
		}
	}
	done := gate.Surveyed{Covers: covers}
	if slices.ContainsFunc(s.Waiting, asksForPaths) {
		done.Paths = u.pathsNow(ctx, s)
	}
	_, err := u.Book.Repositories.Record(ctx, f.Name, engine.Draft{Event: done})
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
		if kind.Merges() && !lanes.OwnRules(baseRef) {
			return n.BaseRef == lanes.Default
		}
		return n.BaseRef == baseRef || !kind.Merges()
	}
	return false
}

// last is the newest of the reasons that are of a sort, or nil. What is done for a
// reason is done once: for an older one that may have been before the newest came.
func last(s repo.State, of func(gate.Noted) bool) *gate.Noted {
	for i := len(s.Waiting) - 1; i >= 0; i-- {
		if of(s.Waiting[i]) {
			return &s.Waiting[i]
		}
	}
	return nil
}

// newest is the last of the reasons that concern a gate, or nil.
func newest(s repo.State, kind gate.Kind, baseRef string) *gate.Noted {
	return last(s, func(n gate.Noted) bool { return concerns(n, kind, baseRef, s.Lanes) })
}

// spread takes a change of the organisation's rules to its other repositories.
// All that hold a gate are in the ledger.
func (u *Repos) spread(ctx context.Context, f book.Repository) error {
	home := f.State.Subject.Repo
	for _, n := range f.State.Waiting {
		if n.Action != gate.OrgRulesChanged || n.Ours {
			continue
		}
		repos, err := u.Book.Beside(ctx, home)
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
			if err := u.Book.Repositories.Once(ctx, to.Stream(), book.NewsKey(f.Name, n.Version), noticed); err != nil {
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
func (u *Repos) judgeAgain(ctx context.Context, f book.Repository) error {
	s := f.State
	repo := s.Subject.Repo
	list := slices.ContainsFunc(s.Waiting, func(n gate.Noted) bool { return n.Action == gate.Installed })
	gates, err := u.Book.OpenGates(ctx, repo.ID, gate.Held()...)
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
		if err := u.Book.Gates.Once(ctx, g.Name, book.NewsKey(f.Name, n.Version), again); err != nil {
			return err
		}
	}
	if !list {
		return nil
	}
	open, err := u.Inventory.OpenPulls(ctx, repo)
	if err != nil {
		return engine.Outside(err)
	}
	for _, pull := range open {
		n := newest(s, gate.PullRequest, pull.BaseRef)
		if n == nil {
			continue
		}
		if err := u.pullAgain(ctx, f, pull, *n); err != nil {
			return err
		}
	}
	return nil
}

// pullAgain has an open pull request judged again. Of one that is known, events
// may have told more than the list: it is only looked at.
func (u *Repos) pullAgain(ctx context.Context, f book.Repository, pull gate.Look, n gate.Noted) error {
	stream := pull.Subject.Stream()
	known, err := u.Book.Gates.Load(ctx, stream)
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
	return u.Book.Gates.Once(ctx, stream, book.NewsKey(f.Name, n.Version), pull)
}
