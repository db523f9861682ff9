package fakehub

import (
	"github.com/gatehold/gatehold/internal/fakehub/objects"
)

// diff is what differs between two trees, with the lines counted.
func (r *Repo) diff(oldTree, newTree string) *treeDiff {
	c := r.diffs
	c.mu.Lock()
	defer c.mu.Unlock()
	key := [2]string{oldTree, newTree}
	if d := c.diffs[key]; d != nil {
		return d
	}
	d := &treeDiff{deltas: r.store.Diff(oldTree, newTree)}
	for _, delta := range d.deltas {
		st := c.stat(r.store, delta)
		d.additions += st.Additions
		d.deletions += st.Deletions
	}
	c.diffs[key] = d
	return d
}

func (c *diffCache) stat(s *objects.Store, d objects.Delta) objects.Stat {
	key := [2]string{d.OldMode[:min(3, len(d.OldMode))] + d.OldSHA, d.NewMode[:min(3, len(d.NewMode))] + d.NewSHA}
	st, ok := c.stats[key]
	if !ok {
		st, _ = objects.Patch(s.Content(d.OldMode, d.OldSHA), s.Content(d.NewMode, d.NewSHA), 0)
		c.stats[key] = st
	}
	return st
}

func (r *Repo) stat(d objects.Delta) objects.Stat {
	r.diffs.mu.Lock()
	defer r.diffs.mu.Unlock()
	return r.diffs.stat(r.store, d)
}

// between is the range of commits and the three-dot diff of two commits.
func (r *Repo) between(base, head string) (objects.Range, *treeDiff) {
	rg := r.store.Between(base, head)
	from := objects.EmptyTree
	if c := r.store.Commit(rg.MergeBase); c != nil {
		from = c.Tree
	}
	return rg, r.diff(from, r.store.Commit(head).Tree)
}

// resolve finds the commit that a name means: a full id, or a branch with or
// without refs/heads/.
func (r *Repo) resolve(name string) *objects.Commit {
	if isSHA(name) {
		if c := r.store.Commit(name); c != nil {
			return c
		}
	}
	return r.store.Commit(r.refs[branchName(name)])
}
