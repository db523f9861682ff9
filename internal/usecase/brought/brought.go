// Package brought tells which pull requests another one brings along, that went in
// through gates of its repository before: main into a release branch, or back.
//
// What it tells is proven by what is on record here, and by the history that GitHub
// shows: no message, author or label is believed. A pull request is found by the
// commit that an event named as what it became on a branch where GitHub requires the
// check; that commit was made by GitHub and by nobody's push; and all that it brought
// is named, or nothing is left out. Without a record of such a commit in the change
// nothing is read, and GitHub is asked nothing.
package brought

import (
	"context"
	"slices"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/engine"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/gate/branch"
	"github.com/gatehold/gatehold/internal/judge"
	"github.com/gatehold/gatehold/internal/usecase/book"
)

// Ranges compares commits.
type Ranges interface {
	// Between lists the files that differ between head and where it and base
	// parted, without their texts.
	Between(ctx context.Context, repo gate.Repo, base, head string) (change.Between, error)
}

// Finder finds what pull requests bring along. Make one with its two fields.
type Finder struct {
	Book   *book.Book
	Ranges Ranges
}

// Bounds on what is looked at: of more, all counts in full.
const (
	maxBranches = 50  // that pull requests went into
	maxParts    = 100 // pull requests that one brings
)

// Of tells what a pull request brings along; nil where nothing is on record.
func (u *Finder) Of(ctx context.Context, repo gate.Repo, facts *change.Facts) (*judge.Bringing, error) {
	c := &facts.Change
	if len(c.Commits) == 0 || len(c.Gaps) > 0 {
		return nil, nil
	}
	merges, err := u.merges(ctx, repo, c)
	if err != nil || len(merges) == 0 || len(merges) > maxParts {
		return nil, err
	}
	h := newHistory(c.Commits)
	var parts []part
	for _, m := range merges {
		p, err := u.part(ctx, repo, m)
		if err != nil {
			return nil, err
		}
		p.commits = h.broughtBy(&m)
		parts = append(parts, p)
	}
	out := &judge.Bringing{Parts: owned(parts)}
	if out.Whole = h.proven(parts)[c.Head]; out.Whole {
		return out, nil
	}
	if out.Same, err = u.same(ctx, repo, facts, h.reach(parts)); err != nil {
		return nil, err
	}
	return out, nil
}

// merge is a commit of the change that a pull request became, and the branch that
// it went into.
type merge struct {
	branch.Merged
	into branch.State
}

// merges are the commits of a change that pull requests became on branches where
// GitHub requires the check. Where anybody can push, a commit can be made to look
// like a merge.
func (u *Finder) merges(ctx context.Context, repo gate.Repo, c *change.Change) ([]merge, error) {
	f, err := u.Book.RepositoryOf(ctx, repo)
	if err != nil {
		return nil, err
	}
	in := make(map[string]bool, len(c.Commits))
	for i := range c.Commits {
		in[c.Commits[i].SHA] = true
	}
	var out []merge
	looked := 0
	for _, e := range f.State.Enforcement {
		if e.Branch == "" || !e.Enforced || f.State.Lanes.Of(e.Branch) == gate.NoLane {
			continue
		}
		if looked++; looked > maxBranches {
			break
		}
		into, err := u.Book.Branches.Load(ctx, gate.Subject{Kind: gate.Branch, Repo: repo, Name: e.Branch}.Stream())
		if err != nil {
			return nil, err
		}
		for _, m := range into.State.Merges {
			same := func(o merge) bool { return o.SHA == m.SHA }
			if in[m.SHA] && m.Number != c.Number && !slices.ContainsFunc(out, same) {
				out = append(out, merge{m, into.State})
			}
		}
	}
	return out, nil
}

// part is a pull request that a change brings along.
type part struct {
	judge.Brought
	head    string
	commits []string // that it brought; none where that is not proven
}

// part is what the gate of a pull request tells of how it went in.
func (u *Finder) part(ctx context.Context, repo gate.Repo, m merge) (part, error) {
	p := part{head: m.Head}
	p.Number, p.SHA, p.MergedAt = m.Number, m.SHA, m.At
	f, err := u.Book.Gates.Load(ctx, gate.Subject{Kind: gate.PullRequest, Repo: repo, Number: m.Number}.Stream())
	if err != nil {
		return part{}, err
	}
	s := f.State
	p.Verdict, p.Choices = s.Verdict, s.Choices
	paths, listed := s.Paths()
	p.Paths = paths
	switch {
	case s.Verdict == nil || m.Head == "" || s.Verdict.Head != m.Head || s.BaseRef != m.into.Subject.Name || m.At.IsZero():
		p.Counts = gate.CountsUnjudged
	case !listed:
		p.Counts = gate.CountsUnlisted
	case !s.Done || !s.Merged:
		p.Counts = gate.CountsUnfinal
	case s.Denied() != nil:
		p.Counts = gate.CountsDenied
	case s.Overridden() != nil:
		p.Counts = gate.CountsOverride
	case s.Verdict.Held && (s.Verdict.Needs == nil || !s.Verdict.Needs.Progress(s.Choices, m.At).Met):
		p.Counts = gate.CountsHeld
	}
	return p, nil
}

// whole reports whether all that a part brought is known, released or not: its
// commits and its files.
func (p *part) whole() bool {
	return len(p.commits) > 0 && p.Counts != gate.CountsUnjudged && p.Counts != gate.CountsUnlisted
}

// owned are the parts with the commits that each alone brought: where one brought
// another along, those are of the one that was merged first. What brought nothing
// but others is nothing by itself, if it was released.
func owned(parts []part) []judge.Brought {
	bySize := make([]*part, len(parts))
	for i := range parts {
		bySize[i] = &parts[i]
	}
	slices.SortStableFunc(bySize, func(a, b *part) int { return len(a.commits) - len(b.commits) })
	taken := map[string]bool{}
	var out []judge.Brought
	for _, p := range bySize {
		for _, sha := range p.commits {
			if !taken[sha] {
				taken[sha] = true
				p.Commits = append(p.Commits, sha)
			}
		}
		others := len(p.commits) > len(p.Commits)
		if others && p.Counts == "" && !slices.ContainsFunc(p.Commits, func(sha string) bool { return sha != p.SHA }) {
			continue
		}
		if !p.whole() && p.Counts == "" {
			p.Counts = gate.CountsUnjudged // what it became was not made by GitHub, as far as can be told
		}
		out = append(out, p.Brought)
	}
	return out
}

// same are the paths whose content at the head is what a commit left that the parts
// alone have made, where something else was done after. Without such a commit, or
// where anything of it is gone at the head, there are none.
func (u *Finder) same(ctx context.Context, repo gate.Repo, facts *change.Facts, reach string) (map[string]bool, error) {
	c := &facts.Change
	if reach == "" || facts.Tip == "" {
		return nil, nil
	}
	made, err := u.Ranges.Between(ctx, repo, facts.Tip, reach)
	if err != nil {
		return nil, engine.Outside(err)
	}
	base := map[string]bool{} // what the other side has changed since
	if made.Base != c.Base {
		since, err := u.Ranges.Between(ctx, repo, reach, c.Base)
		if err != nil {
			return nil, engine.Outside(err)
		}
		if !since.Whole || since.Base != made.Base {
			return nil, nil
		}
		for i := range since.Files {
			base[since.Files[i].Path], base[since.Files[i].PreviousPath] = true, true
		}
	}
	if !made.Whole {
		return nil, nil
	}
	return unchanged(c.Files, made.Files, base), nil
}

// unchanged are the paths of files that are as they were made, none of those that
// were changed on the other side too; nil where something that was made is gone.
func unchanged(files, made []change.File, beside map[string]bool) map[string]bool {
	now := make(map[string]*change.File, len(files))
	for i := range files {
		now[files[i].Path] = &files[i]
	}
	out := map[string]bool{}
	for i := range made {
		was := &made[i]
		is := now[was.Path]
		switch {
		case beside[was.Path], was.PreviousPath != "" && beside[was.PreviousPath]:
		case is == nil:
			return nil
		case is.Status == was.Status && is.PreviousPath == was.PreviousPath && is.After.Blob == was.After.Blob &&
			(is.After.Blob != "" || is.Status == change.Removed):
			out[was.Path] = true
		}
	}
	return out
}
