package keeper

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/ledger"
)

// Pushes is GitHub's own memory of who moved a branch.
type Pushes interface {
	// Pushes lists the last moves of a branch, the oldest first. An error that is
	// not final is something to try again.
	Pushes(ctx context.Context, branch gate.Subject) ([]gate.Push, error)
}

// takePush puts the move of a branch on record.
func (k *Keeper) takePush(ctx context.Context, p gate.Pushed, key string) error {
	_, err := k.record(ctx, p.Branch.Stream(), draft{event: p, key: key})
	if errors.Is(err, ledger.ErrSeen) {
		return nil
	}
	return err
}

// pushers tells of a pull request who pushed any of it. What cannot be told is
// said: the rules take it for an agent's.
func (k *Keeper) pushers(ctx context.Context, repo gate.Repo, c *change.Change) error {
	if k.Pushes == nil || c.HeadRef == "" {
		return nil
	}
	if c.HeadRepositoryID == 0 { // the fork is gone, and its record with it
		c.Pushes = change.PushesGap
		return nil
	}
	branch := gate.Subject{Kind: gate.Branch, Repo: repo, Name: c.HeadRef}
	branch.Repo.ID = c.HeadRepositoryID
	if owner, name, ok := strings.Cut(c.HeadRepository, "/"); ok {
		branch.Repo.Owner, branch.Repo.Name = owner, name
	}
	found, err := k.pushersOf(ctx, branch, c.Head, shas(c.Commits))
	if err != nil {
		return err
	}
	c.Pushers, c.Pushes = actors(found.By), pushRecord(found.Whole)
	return nil
}

// directPushers tells who pushed the commits of a range that no pull request
// brought.
func (k *Keeper) directPushers(ctx context.Context, repo gate.Repo, o *change.Outgoing) error {
	if k.Pushes == nil || len(o.Direct) == 0 || o.Default == "" {
		return nil
	}
	branch := gate.Subject{Kind: gate.Branch, Repo: repo, Name: o.Default}
	all := shas(slices.Concat(o.Change.Commits, o.Direct))
	f, err := k.branchRecord(ctx, branch, o.Change.Head, all)
	if err != nil {
		return err
	}
	for i := range o.Direct {
		d := &o.Direct[i]
		by := f.branch.Brought(d.SHA)
		if len(by) == 0 {
			by = f.branch.Untold(o.Change.Head, all)
		}
		d.Pushers, d.Pushes = actors(by), pushRecord(len(by) > 0)
	}
	return nil
}

// pushersOf is who pushed what a change consists of, commits that came from other
// branches of the repository included.
func (k *Keeper) pushersOf(ctx context.Context, branch gate.Subject, head string, commits []string) (gate.Pushers, error) {
	f, err := k.branchRecord(ctx, branch, head, commits)
	if err != nil {
		return gate.Pushers{}, err
	}
	found := f.branch.Pushers(head, commits)
	for _, sha := range found.Borrowed {
		by, err := k.broughtElsewhere(ctx, branch, sha)
		if err != nil {
			return gate.Pushers{}, err
		}
		found.Lent(by)
	}
	return found, nil
}

// askAgain is how long GitHub is not asked again who pushed to a branch whose
// head is the one that it was asked about.
const askAgain = 10 * time.Minute

// branchRecord is the record of a branch. Where it does not tell all of a change,
// GitHub is asked, and what it tells is put on record.
func (k *Keeper) branchRecord(ctx context.Context, branch gate.Subject, head string, commits []string) (folded, error) {
	f, err := k.load(ctx, branch.Stream())
	if err != nil || f.branch.Pushers(head, commits).Known {
		return f, err
	}
	if f.branch.AskedFor == head && k.Now().Sub(f.branch.AskedAt) < askAgain {
		return f, nil
	}
	told, err := k.Pushes.Pushes(ctx, branch)
	if err != nil {
		if known := gate.AsError(err); !known.Final && known.Code != "not_found" && known.Code != "no_permission" {
			return f, outside(err)
		}
	}
	return k.record(ctx, f.stream, draft{event: gate.Pushed{Branch: branch, Pushes: told, AskedFor: head}})
}

// maxBranches bounds the branches of a repository that are searched for a commit.
const maxBranches = 500

// broughtElsewhere is who pushed a commit to another branch of the repository.
func (k *Keeper) broughtElsewhere(ctx context.Context, branch gate.Subject, sha string) ([]gate.Actor, error) {
	others, err := k.openStreams(ctx, gate.Branch, branch.Repo.ID)
	if err != nil || len(others) > maxBranches {
		return nil, err
	}
	for _, stream := range others {
		if stream == branch.Stream() {
			continue
		}
		f, err := k.load(ctx, stream)
		if err != nil {
			return nil, err
		}
		if by := f.branch.Brought(sha); len(by) > 0 {
			return by, nil
		}
	}
	return nil, nil
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
