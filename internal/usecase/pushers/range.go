package pushers

import (
	"context"
	"slices"
	"time"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/gate/branch"
)

// OfRange tells who pushed what goes out: to the pull requests of a range of
// which no verdict tells, and its direct commits.
func (u *Pushers) OfRange(ctx context.Context, repo gate.Repo, o *change.Outgoing) error {
	if err := u.pullPushers(ctx, repo, o.Pulls); err != nil {
		return err
	}
	commits := make(map[string]*change.Commit, len(o.Change.Commits))
	for i := range o.Change.Commits {
		commits[o.Change.Commits[i].SHA] = &o.Change.Commits[i]
	}
	direct := shas(o.Direct)
	for i := range o.Pulls {
		if p := &o.Pulls[i]; p.MergedByHand(commits[p.MergeCommit]) {
			direct = append(direct, p.MergeCommit)
		}
	}
	if len(direct) == 0 || o.Default == "" {
		return nil
	}
	by, err := u.directPushers(ctx, repo, o, direct)
	if err != nil {
		return err
	}
	for i := range o.Direct {
		d := &o.Direct[i]
		d.Pushers, d.Pushes = by[d.SHA], pushRecord(len(by[d.SHA]) > 0)
	}
	for i := range o.Pulls {
		if p := &o.Pulls[i]; p.MergedByHand(commits[p.MergeCommit]) {
			merged := by[p.MergeCommit]
			p.Pushers = append(p.Pushers, merged...)
			if p.Pushes != change.PushesGap {
				p.Pushes = pushRecord(len(merged) > 0)
			}
		}
	}
	return nil
}

// directPushers tells of each of some commits that no pull request brought who
// pushed it; nobody, where that is not known.
func (u *Pushers) directPushers(ctx context.Context, repo gate.Repo, o *change.Outgoing,
	commits []string) (map[string][]change.Actor, error) {
	trunk := gate.Subject{Kind: gate.Branch, Repo: repo, Name: o.Default}
	all := shas(slices.Concat(o.Change.Commits, o.Direct))
	f, err := u.branchRecord(ctx, trunk, o.Change.Head, all, time.Time{})
	if err != nil {
		return nil, err
	}
	others, err := u.otherRecords(ctx, repo, trunk, true)
	if err != nil {
		return nil, err
	}
	brought := branch.Brought(commits, append(others, f.State)...)
	out := map[string][]change.Actor{}
	for _, sha := range commits {
		by := brought[sha]
		if len(by) == 0 {
			by = f.State.Untold(o.Change.Head, all)
		}
		if len(by) > 0 {
			out[sha] = actors(slices.Concat(by, f.State.MovedTo(sha)))
		}
	}
	return out, nil
}

// maxPullsAsked bounds the pull requests of a range of which GitHub is asked who
// pushed to them. Of more, it is not known.
const maxPullsAsked = 50

// pullPushers tells who pushed to the pull requests of a range that were not
// judged, or not as they were merged: no verdict tells of their pushes.
func (u *Pushers) pullPushers(ctx context.Context, repo gate.Repo, pulls []change.Pull) error {
	looked := 0
	for i := range pulls {
		p := &pulls[i]
		f, err := u.Book.Gates.Load(ctx, gate.Subject{Kind: gate.PullRequest, Repo: repo, Number: p.Number}.Stream())
		if err != nil {
			return err
		}
		if f.State.Verdict != nil && f.State.Verdict.Head == p.Head {
			continue
		}
		if looked++; p.HeadRef == "" || p.HeadRepositoryID == 0 || looked > maxPullsAsked {
			p.Pushes = change.PushesGap
			continue
		}
		branch := branchIn(repo, p.HeadRepositoryID, p.HeadRepository, p.HeadRef)
		commits := slices.DeleteFunc(slices.Clone(p.Commits), func(sha string) bool { return sha == p.MergeCommit && sha != p.Head })
		if !slices.Contains(commits, p.Head) { // squashed or rebased: all of the branch
			commits = nil
		}
		found, err := u.pushersOf(ctx, repo, branch, p.Head, commits, time.Time{})
		if err != nil {
			return err
		}
		p.Pushers, p.Pushes = actors(found.By), pushRecord(found.Whole)
	}
	return nil
}
