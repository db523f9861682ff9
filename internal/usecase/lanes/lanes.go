// Package lanes says which lane a change is in, by the rules that the default
// branch has, and has each gate shown in its own lane and nowhere else.
package lanes

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/engine"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/gate/repo"
	"github.com/gatehold/gatehold/internal/ledger"
	"github.com/gatehold/gatehold/internal/policy"
	"github.com/gatehold/gatehold/internal/usecase/book"
	"github.com/gatehold/gatehold/internal/usecase/reading"
)

// Trunks tells which branch of a repository is the default one, and its rules:
// they say which branches are lanes.
type Trunks interface {
	// DefaultBranch names it as it was last told; GitHub is asked where it was not.
	DefaultBranch(ctx context.Context, repo gate.Repo) (string, error)
	// Trunk reads it with its rules file, and the organisation's: nothing else of
	// the facts.
	Trunk(ctx context.Context, repo gate.Repo) (change.Facts, error)
}

// Lanes knows the lanes of repositories.
type Lanes struct {
	book   *book.Book
	reader *reading.Reader
	trunks Trunks
	greens greens
}

// New returns the lanes of the repositories in a book.
func New(b *book.Book, reader *reading.Reader, trunks Trunks) *Lanes {
	return &Lanes{book: b, reader: reader, trunks: trunks}
}

// Of is the lane of a gate by what is on record: its check alone shows it.
func (u *Lanes) Of(ctx context.Context, s gate.State) (gate.Lane, error) {
	if !s.Subject.Kind.Merges() {
		return gate.DefaultLane, nil
	}
	f, err := u.book.RepositoryOf(ctx, s.Subject.Repo)
	return f.State.Lanes.Of(s.Base()), err
}

// RulesIn says in which lane a change is, by the rules that the default branch
// has now, and under which rules it is judged: its base branch's own in a lane,
// and those of the default branch in none. A branch that anybody may make brings
// no rules, and no owners of code either.
func (u *Lanes) RulesIn(ctx context.Context, s gate.State, facts *change.Facts) (rules *policy.Rules, lane gate.Lane, own bool,
	err error) {
	base := facts.Change.BaseRef
	if to := s.Seen.BaseRef; s.Subject.Kind == gate.MergeGroup && to != "" && to != base {
		return nil, gate.NoLane, false, &gate.Error{Code: "queue_unreadable",
			Text: fmt.Sprintf("The merge group is for %s, and GitHub shows its pull request with the base %s.", to, base)}
	}
	if rules, err = u.reader.RulesOf(facts.Org, facts.Repo); err != nil {
		return nil, gate.NoLane, false, err
	}
	trunk, err := u.reader.RulesOf(facts.Org, facts.Default.Rules)
	if err != nil {
		return nil, gate.NoLane, false, err
	}
	known, err := u.book.RepositoryOf(ctx, s.Subject.Repo)
	if err != nil {
		return nil, gate.NoLane, false, err
	}
	if stale := known.State.StaleDefault(facts.Default.Name, facts.Default.At, u.book.Now()); stale != nil {
		return nil, gate.NoLane, false, stale
	}
	lanes := lanesBy(trunk, facts.Default.Name, known.State)
	if err := u.lanesSeen(ctx, s, known, lanes, facts.Default.At); err != nil {
		return nil, gate.NoLane, false, err
	}
	if lane = lanes.Of(base); lanes.OwnRules(base) {
		return rules, lane, true, nil
	}
	facts.Tip = facts.Default.Tip
	return trunk, lane, false, nil
}

// lanesBy are the lanes by the rules of the default branch, with what GitHub was
// seen to guard beside. Where the rules cannot be used the lanes stay what they
// were: no branch stops being held because of a fault in a file.
func lanesBy(trunk *policy.Rules, branch string, s repo.State) *gate.Lanes {
	out, known := &gate.Lanes{Default: branch, Named: trunk.Branches()}, s.Lanes
	if known == nil { // what GitHub guards may have been looked at before
		return guarding(out, s.Enforcement)
	}
	if !trunk.Usable() {
		for _, pattern := range known.Named {
			if !slices.Contains(out.Named, pattern) {
				out.Named = append(out.Named, pattern)
			}
		}
	}
	return out.WithGuarded(known.Protected, known.Own)
}

// lanesSeen puts lanes on record where none are. Where others are, they are read
// anew before they are believed: what was read here may be older.
func (u *Lanes) lanesSeen(ctx context.Context, s gate.State, f book.Repository, lanes *gate.Lanes, at time.Time) error {
	repo := gate.Subject{Kind: gate.Repository, Repo: s.Subject.Repo}
	for f.State.Lanes == nil {
		lanes = guarding(lanes, f.State.Enforcement) // it may have been looked at meanwhile
		next, err := u.book.Repositories.Append(ctx, f, foundLanes(repo, f.State.Covered, lanes, at)...)
		if errors.Is(err, ledger.ErrMoved) {
			next, err = u.book.Repositories.Load(ctx, f.Name)
		}
		if err != nil {
			return err
		}
		u.book.Nudge(f.Name)
		f = next
	}
	if f.State.Lanes.Equal(lanes) {
		return nil
	}
	again := gate.Noticed{Subject: repo, What: gate.LanesUnsure}
	return u.book.Repositories.Once(ctx, f.Name, fmt.Sprintf("lanes@%s@%d", s.Subject.Stream(), s.Version), again)
}

// foundLanes are the records of other lanes, together with the wish that each
// gate is looked at in its own. At is GitHub's updated_at of the repository in the
// answer that they were read from, zero where none was.
func foundLanes(repo gate.Subject, covered uint64, lanes *gate.Lanes, at time.Time) []engine.Draft {
	return []engine.Draft{
		{Event: gate.Surveyed{Covers: covered, Lanes: lanes, RepoAt: at}},
		{Event: gate.Noticed{Subject: repo, What: gate.LanesChanged}},
	}
}

// Guarded are the records of the lanes that a look at what GitHub guards
// finds or misses: each branch of theirs is judged again by what are its rules
// now. What was not looked at, or could not be told, stays as it was.
func Guarded(s repo.State, now []gate.Enforcement) (drafts []engine.Draft) {
	if s.Lanes == nil {
		return nil
	}
	lanes := guarding(s.Lanes, now)
	if lanes.Equal(s.Lanes) {
		return nil
	}
	drafts = foundLanes(s.Subject, s.Covered, lanes, time.Time{})
	for _, branch := range slices.Compact(slices.Sorted(slices.Values(slices.Concat(lanes.Own, s.Lanes.Own)))) {
		if lanes.OwnRules(branch) != s.Lanes.OwnRules(branch) {
			drafts = append(drafts, engine.Draft{Event: gate.Noticed{Subject: s.Subject, What: gate.RulesChanged, BaseRef: branch}})
		}
	}
	return drafts
}

// guarding are lanes with what a look at what GitHub guards has found.
func guarding(lanes *gate.Lanes, now []gate.Enforcement) *gate.Lanes {
	protected, own := slices.Clone(lanes.Protected), slices.Clone(lanes.Own)
	for _, e := range now {
		if e.Branch == "" || e.Unknown != "" && !e.Guarded {
			continue
		}
		protected = withOrWithout(protected, e.Branch, e.Guarded)
		if e.Unknown == "" {
			own = withOrWithout(own, e.Branch, e.Guarded && e.Enforced)
		}
	}
	return lanes.WithGuarded(protected, own)
}

func withOrWithout(list []string, name string, with bool) []string {
	if has := slices.Contains(list, name); with && !has {
		return append(list, name)
	}
	if !with {
		return slices.DeleteFunc(list, func(s string) bool { return s == name })
	}
	return list
}

// AskFor reports whether what was seen asks for the lanes to be read.
func AskFor(n gate.Noted, lanes *gate.Lanes) bool {
	switch n.Action {
	case gate.Installed, gate.OrgRulesChanged, gate.LanesUnsure:
		return true
	case gate.RulesChanged:
		return lanes == nil || n.BaseRef == lanes.Default
	}
	return n.Action == gate.LanesChanged && !n.Ours
}

// Found holds for what may leave gates in other lanes than theirs, or green
// what has to go: GitHub may have taken nothing until then.
func Found(n gate.Noted) bool {
	switch n.Action {
	case gate.LanesChanged, gate.LanesUnsure, gate.Unarchived, gate.Installed, gate.Moved:
		return true
	}
	return false
}

// Read reads which lanes there are and puts them on record where they are
// not what was known.
func (u *Lanes) Read(ctx context.Context, f book.Repository) (changed bool, err error) {
	repo := f.State.Subject.Repo
	now, err := u.trunks.Trunk(ctx, repo)
	if err != nil {
		return false, engine.Outside(err)
	}
	if now.Default.Name == "" { // no commit yet: nothing can be merged
		return false, nil
	}
	if stale := f.State.StaleDefault(now.Default.Name, now.Default.At, u.book.Now()); stale != nil {
		return false, engine.Outside(stale)
	}
	if err := u.reader.FreshRules(ctx, repo, reading.TrunkAt(&now)); err != nil {
		return false, err
	}
	rules, err := u.reader.RulesOf(now.Org, now.Default.Rules)
	if err != nil {
		return false, engine.Outside(err)
	}
	lanes := lanesBy(rules, now.Default.Name, f.State)
	if lanes.Equal(f.State.Lanes) {
		return false, nil
	}
	if _, err = u.book.Repositories.Append(ctx, f, foundLanes(f.State.Subject, f.State.Covered, lanes, now.Default.At)...); err != nil {
		return false, err
	}
	u.book.Nudge(f.Name)
	return true, nil
}

// OtherDefault puts on record that an event names another default branch than is
// known: until it is read, what was green for the one before counts for none.
func (u *Lanes) OtherDefault(ctx context.Context, seen gate.Seen, key string) error {
	if seen.Default == "" || seen.Action == gate.LanesChanged {
		return nil
	}
	f, err := u.book.RepositoryOf(ctx, seen.Subject.Repo)
	if err != nil || f.State.Lanes == nil || f.State.Lanes.Default == seen.Default || f.State.BeforeDefault(seen.RepoAt) {
		return err
	}
	repo := gate.Subject{Kind: gate.Repository, Repo: seen.Subject.Repo}
	other := gate.Noticed{Subject: repo, What: gate.LanesUnsure, Default: seen.Default, RepoAt: seen.RepoAt}
	return u.book.Repositories.Once(ctx, f.Name, "default@"+key, other)
}

// WatchDefault asks for the lanes to be read where none are on record, as before
// there were any, or where the default branch is another by now.
func (u *Lanes) WatchDefault(ctx context.Context, repo gate.Repo) error {
	branch, err := u.trunks.DefaultBranch(ctx, repo)
	if err != nil || branch == "" {
		return err
	}
	f, err := u.book.RepositoryOf(ctx, repo)
	if err != nil {
		return err
	}
	if f.State.Lanes != nil && f.State.Lanes.Default == branch {
		return u.watchLanes(ctx, f)
	}
	look := gate.Noticed{Subject: gate.Subject{Kind: gate.Repository, Repo: repo}, What: gate.LanesUnsure} // a list may be old
	return u.book.Repositories.Once(ctx, f.Name, fmt.Sprintf("default@%s@%d", branch, f.State.Covered), look)
}

// watchLanes has gates looked at again that were judged for another lane than is
// on record: one of the two was read when GitHub's answers were old.
func (u *Lanes) watchLanes(ctx context.Context, f book.Repository) error {
	open, err := u.book.OpenGates(ctx, f.State.Subject.Repo.ID, gate.PullRequest, gate.MergeGroup)
	if err != nil {
		return err
	}
	for _, known := range open {
		s := known.State
		if s.Verdict == nil || s.Wanted > s.Covered || shownIn(s, f.State.Lanes.Of(s.Base())) {
			continue
		}
		look := gate.Noticed{Subject: f.State.Subject, What: gate.LanesUnsure}
		return u.book.Repositories.Once(ctx, f.Name, fmt.Sprintf("lanes@%s@%d", known.Name, known.Head.Version), look)
	}
	return nil
}
