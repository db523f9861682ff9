package objects

import "sync"

// Diffs remembers what differs between two trees of a store; a store and all
// its forks share one. It may be used by many goroutines, as long as nobody
// writes to the store.
type Diffs struct {
	mu    sync.Mutex
	trees map[[2]string]*TreeDiff
	stats map[[2]string]Stat
}

// TreeDiff is what differs between two trees, with the lines counted.
type TreeDiff struct {
	Deltas               []Delta
	Additions, Deletions int
}

// NewDiffs remembers nothing yet.
func NewDiffs() *Diffs {
	return &Diffs{trees: map[[2]string]*TreeDiff{}, stats: map[[2]string]Stat{}}
}

// Between is what differs between two trees.
func (c *Diffs) Between(s *Store, oldTree, newTree string) *TreeDiff {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := [2]string{oldTree, newTree}
	if d := c.trees[key]; d != nil {
		return d
	}
	d := &TreeDiff{Deltas: s.Diff(oldTree, newTree)}
	for _, delta := range d.Deltas {
		st := c.stat(s, delta)
		d.Additions += st.Additions
		d.Deletions += st.Deletions
	}
	c.trees[key] = d
	return d
}

// Stat counts the lines of one file's change.
func (c *Diffs) Stat(s *Store, d Delta) Stat {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stat(s, d)
}

func (c *Diffs) stat(s *Store, d Delta) Stat {
	key := [2]string{d.OldMode[:min(3, len(d.OldMode))] + d.OldSHA, d.NewMode[:min(3, len(d.NewMode))] + d.NewSHA}
	st, ok := c.stats[key]
	if !ok {
		st, _ = Patch(s.Content(d.OldMode, d.OldSHA), s.Content(d.NewMode, d.NewSHA), 0)
		c.stats[key] = st
	}
	return st
}

// IsSHA says whether a text is a full object id.
func IsSHA(s string) bool {
	if len(s) != 40 {
		return false
	}
	for _, c := range []byte(s) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}
