package fakehub

import (
	"fmt"

	"github.com/gatehold/gatehold/internal/fakehub/objects"
)

// Merge merges with a merge commit, whatever rules and checks say: TryMerge
// obeys them.
func (p *Pull) Merge(by *Account) (sha string, err error) { return p.merge(by, "merge") }

// Squash is Merge with one commit of the pull request's author instead: what
// the pull request held is not part of the base's history then.
func (p *Pull) Squash(by *Account) (sha string, err error) { return p.merge(by, "squash") }

// Rebase is Merge with a copy of each commit instead, which nobody has signed.
func (p *Pull) Rebase(by *Account) (sha string, err error) { return p.merge(by, "rebase") }

func (p *Pull) merge(by *Account, method string) (sha string, err error) {
	p.Repo.hub.State.Lock()
	defer p.Repo.hub.State.Unlock()
	return p.mergeNow(by, method)
}

func (p *Pull) mergeNow(by *Account, method string) (sha string, err error) {
	if err := p.Repo.Refused(); err != nil {
		return "", err
	}
	if p.Status != "open" {
		return "", fmt.Errorf("pull request %d is closed", p.Number)
	}
	p.leave(leftForeign, by)
	tip := p.Repo.Refs[p.Base]
	rg, d := p.Repo.Between(tip, p.Head)
	if rg.MergeBase == "" {
		return "", fmt.Errorf("pull request %d has no history in common with %s", p.Number, p.Base)
	}
	if method == "rebase" {
		sha, err = p.rebased(tip, rg.Ahead, by)
	} else {
		sha, err = p.joined(tip, d, by, method == "squash")
	}
	if err != nil {
		return "", err
	}
	p.BaseSHA = tip
	now := p.Repo.hub.Now()
	p.Status, p.Closed, p.Merged, p.MergedBy, p.MergeSHA = "closed", now, now, by, sha
	p.Repo.countOpen(-1)
	p.Repo.associate(sha, p)
	p.Repo.moveBy(activityMerge, p.Base, sha, by)
	p.emit("closed", by)
	return sha, nil
}

// rebased makes copies of commits, the parents first, on top of a tip.
func (p *Pull) rebased(tip string, commits []string, by *Account) (string, error) {
	store := p.Repo.Store
	for _, sha := range commits {
		was := store.Commit(sha)
		from := objects.EmptyTree
		if len(was.Parents) > 0 {
			from = store.Commit(was.Parents[0]).Tree
		}
		made := &objects.Commit{Message: was.Message, Author: was.Author, Parents: []string{tip},
			Committer: person(by, "", "", p.Repo.hub.Now())}
		var err error
		if made.Tree, err = store.Apply(store.Commit(tip).Tree, applied(p.Repo.Diff(from, was.Tree).Deltas)); err != nil {
			return "", err
		}
		if tip, err = store.PutCommit(made); err != nil {
			return "", err
		}
		p.Repo.associate(tip, p)
	}
	return tip, nil
}

// joined makes a merge commit, or one commit of all.
func (p *Pull) joined(tip string, d *objects.TreeDiff, by *Account, squash bool) (sha string, err error) {
	c := NewCommit{Message: fmt.Sprintf("Merge pull request #%d from %s/%s\n\n%s", p.Number, p.From.Owner.Login, p.Branch, p.Title),
		Author: by, SignedByGitHub: true, Merge: []string{p.Head}}
	if squash {
		c.Author, c.Merge, c.Message = p.Author, nil, fmt.Sprintf("%s (#%d)", p.Title, p.Number)
	}
	made, sig, err := p.Repo.build(c, tip)
	if err != nil {
		return "", err
	}
	if made.Tree, err = p.Repo.Store.Apply(made.Tree, applied(d.Deltas)); err != nil {
		return "", err
	}
	if sha, err = p.Repo.Store.PutCommit(made); err != nil {
		return "", err
	}
	p.Repo.Signatures[sha] = sig
	return sha, nil
}

// applied are the changes that deltas make, whatever was there before.
func applied(deltas []objects.Delta) []objects.Change {
	var changes []objects.Change
	for _, d := range deltas {
		if d.Previous != "" {
			changes = append(changes, objects.Change{Path: d.Previous, Remove: true})
		}
		changes = append(changes, objects.Change{Path: d.Path, Mode: d.NewMode, SHA: d.NewSHA, Remove: d.NewSHA == ""})
	}
	return changes
}
