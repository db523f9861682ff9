package fakehub

import (
	"fmt"

	"github.com/gatehold/gatehold/internal/fakehub/objects"
)

// Merge merges with a merge commit, whatever rules and checks say: TryMerge
// obeys them.
func (p *Pull) Merge(by *Account) (sha string, err error) { return p.merge(by, false) }

// Squash is Merge with one commit of the pull request's author instead: what
// the pull request held is not part of the base's history then.
func (p *Pull) Squash(by *Account) (sha string, err error) { return p.merge(by, true) }

func (p *Pull) merge(by *Account, squash bool) (sha string, err error) {
	p.repo.hub.mu.Lock()
	defer p.repo.hub.mu.Unlock()
	return p.mergeNow(by, squash)
}

func (p *Pull) mergeNow(by *Account, squash bool) (sha string, err error) {
	if err := p.repo.refused(); err != nil {
		return "", err
	}
	if p.state != "open" {
		return "", fmt.Errorf("pull request %d is closed", p.Number)
	}
	p.leave(leftForeign, by)
	tip := p.repo.refs[p.base]
	rg, d := p.repo.between(tip, p.head)
	if rg.MergeBase == "" {
		return "", fmt.Errorf("pull request %d has no history in common with %s", p.Number, p.base)
	}
	c := NewCommit{Message: fmt.Sprintf("Merge pull request #%d from %s/%s\n\n%s", p.Number, p.from.owner.Login, p.branch, p.title),
		Author: by, SignedByGitHub: true, Merge: []string{p.head}}
	if squash {
		c.Author, c.Merge, c.Message = p.author, nil, fmt.Sprintf("%s (#%d)", p.title, p.Number)
	}
	made, sig, err := p.repo.build(c, tip)
	if err != nil {
		return "", err
	}
	if made.Tree, err = p.repo.store.Apply(made.Tree, applied(d.deltas)); err != nil {
		return "", err
	}
	if sha, err = p.repo.store.PutCommit(made); err != nil {
		return "", err
	}
	p.repo.signatures[sha] = sig
	p.baseSHA = tip
	now := p.repo.hub.now()
	p.state, p.closed, p.merged, p.mergedBy, p.mergeSHA = "closed", now, now, by, sha
	p.repo.countOpen(-1)
	p.repo.associate(sha, p)
	p.repo.moveBy(activityMerge, p.base, sha, by)
	p.emit("closed", by)
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
