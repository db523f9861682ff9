package repos

import (
	"sync"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
)

// comparison is what this process knows of its comparing the ledger with GitHub.
// It is not state: it is shown, and decides nothing but when to look.
type comparison struct {
	mu     sync.Mutex
	times  map[int64]time.Time
	paths  map[int64]time.Time // of the last look at how it deploys
	misses map[int64]int       // looks at what enforces, which failed one after the other
	listed map[int64]gate.Repo // the repositories of the last list that was whole; nil: none was
}

func newComparison() *comparison {
	return &comparison{times: map[int64]time.Time{}, paths: map[int64]time.Time{}, misses: map[int64]int{}}
}

func (c *comparison) at(repo int64) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.times[repo]
}

func (c *comparison) done(repo int64, at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.times[repo] = at
}

func (c *comparison) lookedAt(repo int64) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.paths[repo]
}

func (c *comparison) looked(repo int64, at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.paths[repo] = at
}

func (c *comparison) succeeded(repo int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.misses, repo)
}

// failed counts the looks that failed since one succeeded.
func (c *comparison) failed(repo int64) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.misses[repo]++
	return c.misses[repo]
}

func (c *comparison) list(repos []gate.Repo) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.listed = map[int64]gate.Repo{}
	for _, r := range repos {
		c.listed[r.ID] = r
	}
}

// left holds for a repository that the App may not see any more.
func (c *comparison) left(repo int64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, there := c.listed[repo]
	return c.listed != nil && !there
}

// repositories are those of the last list that was whole.
func (c *comparison) repositories() (out []gate.Repo) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, r := range c.listed {
		out = append(out, r)
	}
	return out
}

// Left holds for a repository that the App may not see any more, as far as this
// process knows.
func (u *Repos) Left(repo int64) bool { return u.compared.left(repo) }
