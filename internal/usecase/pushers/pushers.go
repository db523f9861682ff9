// Package pushers tells who pushed what is judged: by the record of a branch,
// which events make, and by GitHub's own memory where that does not tell.
package pushers

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/engine"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/gate/branch"
	"github.com/gatehold/gatehold/internal/ledger"
	"github.com/gatehold/gatehold/internal/usecase/book"
	"github.com/gatehold/gatehold/internal/usecase/reading"
)

// Pushes is GitHub's own memory of who moved a branch.
type Pushes interface {
	// Pushes lists the last moves of a branch, or of all branches where it names
	// none, the oldest first. An error that is not final is something to try again.
	Pushes(ctx context.Context, branch gate.Subject) ([]gate.Push, error)
}

// Pushers tells who pushed. Make one with its two fields.
type Pushers struct {
	Book   *book.Book
	Pushes Pushes
}

// Take puts the move of a branch on record. Of one that is deleted, what was
// pushed to it is put where it is found under any name.
func (u *Pushers) Take(ctx context.Context, p gate.Pushed, key string) error {
	if slices.ContainsFunc(p.Pushes, func(m gate.Push) bool { return m.After == "" }) {
		f, err := u.Book.Branches.Load(ctx, p.Branch.Stream())
		if err != nil {
			return err
		}
		if err := u.putPushes(ctx, gate.Pushed{Branch: gate.AnyBranch(p.Branch.Repo), Pushes: f.State.Gone()}, key); err != nil {
			return err
		}
	}
	return u.putPushes(ctx, p, key)
}

func (u *Pushers) putPushes(ctx context.Context, p gate.Pushed, key string) error {
	if len(p.Pushes)+len(p.Merged) == 0 {
		return nil
	}
	_, err := u.Book.Branches.Record(ctx, p.Branch.Stream(), engine.Draft{Event: p, Key: key})
	if errors.Is(err, ledger.ErrSeen) {
		return nil
	}
	return err
}

// OfPull tells of a pull request who pushed any of it. What cannot be told is
// said: the rules take it for an agent's.
//
// Updated is when GitHub changed the pull request last: what was pushed just now may
// be missing in its answer.
func (u *Pushers) OfPull(ctx context.Context, repo gate.Repo, c *change.Change, updated time.Time) error {
	if c.HeadRef == "" {
		return nil
	}
	if c.HeadRepositoryID == 0 { // the fork is gone, and its record with it
		c.Pushes = change.PushesGap
		return nil
	}
	branch := branchIn(repo, c.HeadRepositoryID, c.HeadRepository, c.HeadRef)
	found, err := u.pushersOf(ctx, repo, branch, c.Head, shas(c.Commits), updated)
	if err != nil {
		return err
	}
	c.Pushers, c.Pushes = actors(found.By), pushRecord(found.Whole)
	return nil
}

// branchIn is a branch of a repository, or of one that was forked from it.
func branchIn(repo gate.Repo, id int64, fullName, name string) gate.Subject {
	repo.ID = id
	if owner, short, ok := strings.Cut(fullName, "/"); ok {
		repo.Owner, repo.Name = owner, short
	}
	return gate.Subject{Kind: gate.Branch, Repo: repo, Name: name}
}

// pushersOf is who pushed what a change consists of, to whatever branch, of the
// repository that it is proposed to or of the one that its branch lies in.
func (u *Pushers) pushersOf(ctx context.Context, repo gate.Repo, of gate.Subject, head string, commits []string,
	updated time.Time) (branch.Pushers, error) {
	f, err := u.branchRecord(ctx, of, head, commits, updated)
	if err != nil {
		return branch.Pushers{}, err
	}
	found := f.State.Pushers(head, commits)
	others, err := u.otherRecords(ctx, repo, of, len(found.Borrowed)+len(found.Untold) > 0)
	if err != nil {
		return branch.Pushers{}, err
	}
	found.Lent(commits, branch.Brought(commits, append(others, f.State)...))
	return found, nil
}

// askAgain is how long GitHub is not asked again who pushed to a branch whose
// head is the one that it was asked about.
const askAgain = 10 * time.Minute

// branchRecord is the record of a branch. Where it does not tell all of a change,
// GitHub is asked, and what it tells is put on record. An answer without the push of
// a head that is as new as updated says is from before it, and is asked for again.
func (u *Pushers) branchRecord(ctx context.Context, branch gate.Subject, head string, commits []string,
	updated time.Time) (book.Branch, error) {
	f, err := u.Book.Branches.Load(ctx, branch.Stream())
	if err != nil || f.State.Pushers(head, commits).Known {
		return f, err
	}
	early := !f.State.Tells(head) && f.State.AskedAt.Sub(updated) < reading.ArrivesWithin
	if f.State.AskedFor == head && !early && u.Book.Now().Sub(f.State.AskedAt) < askAgain {
		return f, nil
	}
	told, answered, err := u.toldOf(ctx, branch)
	if err != nil {
		return f, err
	}
	tells := slices.ContainsFunc(told, func(p gate.Push) bool { return p.After == head })
	if answered && !tells && !f.State.Tells(head) && u.Book.Now().Sub(updated) < reading.ArrivesWithin {
		return f, engine.Outside(gate.Stale("it does not tell who pushed " + head[:min(len(head), 12)]))
	}
	// Whoever made the branch may have made it from what others pushed.
	if slices.ContainsFunc(told, func(p gate.Push) bool { return p.Before == "" }) {
		anywhere, _, err := u.toldOf(ctx, gate.AnyBranch(branch.Repo))
		if err != nil {
			return f, err
		}
		if err := u.putPushes(ctx, gate.Pushed{Branch: gate.AnyBranch(branch.Repo), Pushes: anywhere}, ""); err != nil {
			return f, err
		}
	}
	return u.Book.Branches.Record(ctx, f.Name, engine.Draft{Event: gate.Pushed{Branch: branch, Pushes: told, AskedFor: head}})
}

// toldOf is what GitHub tells of who moved a branch; answered is false where it
// never will.
func (u *Pushers) toldOf(ctx context.Context, branch gate.Subject) (told []gate.Push, answered bool, err error) {
	told, err = u.Pushes.Pushes(ctx, branch)
	if err != nil {
		if known := gate.AsError(err); !known.Final && known.Code != "not_found" && known.Code != "no_permission" {
			return nil, false, engine.Outside(err)
		}
	}
	return told, err == nil, nil
}

// maxBranches bounds the branches of a repository that are searched for commits.
const maxBranches = 500

// otherRecords are the records of what was pushed to other branches than one: to
// those that are gone, and to all that are there where they are asked for and not
// too many.
func (u *Pushers) otherRecords(ctx context.Context, repo gate.Repo, of gate.Subject, all bool) ([]branch.State, error) {
	var out []branch.State
	for _, in := range []gate.Repo{of.Repo, repo} {
		if in.ID == of.Repo.ID && len(out) > 0 { // both are one
			break
		}
		streams := []string{gate.AnyBranch(in).Stream()}
		if all {
			others, err := u.Book.OpenStreams(ctx, gate.Branch, in.ID)
			if err != nil {
				return nil, err
			}
			if len(others) <= maxBranches {
				streams = append(streams, others...)
			}
		}
		for i, stream := range streams {
			if stream == of.Stream() || i > 0 && stream == streams[0] {
				continue
			}
			f, err := u.Book.Branches.Load(ctx, stream)
			if err != nil {
				return nil, err
			}
			out = append(out, f.State)
		}
	}
	return out, nil
}

func shas(commits []change.Commit) []string {
	out := make([]string, len(commits))
	for i := range commits {
		out[i] = commits[i].SHA
	}
	return out
}

func actors(by []gate.Actor) []change.Actor {
	var out []change.Actor
	for _, a := range by {
		out = append(out, change.Actor{Login: a.Login, ID: a.ID, Type: change.ActorType(a.Type)})
	}
	return out
}

func pushRecord(whole bool) change.PushRecord {
	if whole {
		return change.PushesWhole
	}
	return change.PushesGap
}
