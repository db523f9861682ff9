package keeper

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/ledger"
)

// RepoSummary is one repository with what makes GitHub wait for its gates.
type RepoSummary struct {
	Repo        gate.Repo          `json:"repository"`
	Guarded     Guarded            `json:"guarded"`
	Enforcement []gate.Enforcement `json:"enforcement"`
	ChangedAt   time.Time          `json:"changed_at"`        // of what is known
	ComparedAt  time.Time          `json:"compared_at"`       // by this process; zero: not yet
	Failure     string             `json:"failure,omitempty"` // what keeps it from being looked at
	// Paths are the ways in which its workflows can deploy, those that nothing
	// holds first; nil: nobody has looked yet.
	Paths   []gate.Job `json:"deploy_paths"`
	PathsAt time.Time  `json:"deploy_paths_since,omitzero"`
	Stream  string     `json:"stream"`
}

// Guarded is how the branches of a repository stand, in a word.
type Guarded string

// What a repository's branches come to: the worst of them.
const (
	Enforced    Guarded = "enforced"
	NotEnforced Guarded = "not_enforced"
	Unknown     Guarded = "unknown"
)

// guarded leaves environments out: which of them have to ask is for the rules to
// say.
func guarded(list []gate.Enforcement) Guarded {
	out := Unknown
	for _, e := range list {
		switch {
		case e.Branch == "":
		case e.Unknown != "":
			return Unknown
		case !e.Enforced:
			out = NotEnforced
		case out == Unknown:
			out = Enforced
		}
	}
	return out
}

// Repositories lists the repositories that are looked at, by name.
func (k *Keeper) Repositories() []RepoSummary {
	k.view.mu.RLock()
	out := make([]RepoSummary, 0, len(k.view.repos))
	for _, s := range k.view.repos {
		out = append(out, s)
	}
	k.view.mu.RUnlock()
	out = slices.DeleteFunc(out, func(s RepoSummary) bool { return k.compared.left(s.Repo.ID) })
	for i := range out {
		out[i].Guarded, out[i].ComparedAt = guarded(out[i].Enforcement), k.compared.at(out[i].Repo.ID)
	}
	slices.SortFunc(out, func(a, b RepoSummary) int { return strings.Compare(a.Repo.FullName(), b.Repo.FullName()) })
	return out
}

// Guards counts the repositories by how their branches stand.
func (k *Keeper) Guards() map[Guarded]int {
	n := map[Guarded]int{}
	for _, s := range k.Repositories() {
		n[s.Guarded]++
	}
	return n
}

func (v *view) applyRepo(r ledger.Record, ev gate.Event) {
	v.mu.Lock()
	defer v.mu.Unlock()
	s := v.repos[r.Stream]
	s.Stream = r.Stream
	switch ev := ev.(type) {
	case gate.Seen:
		s.Repo = ev.Subject.Repo
	case gate.Surveyed:
		s.Failure = ""
		if ev.Enforcement != nil {
			s.Enforcement, s.ChangedAt = ev.Enforcement, r.At
		}
		if ev.Paths != nil {
			s.Paths, s.PathsAt = ev.Paths, r.At
		}
	case gate.Failed:
		s.Failure = ev.Text
	}
	v.repos[r.Stream] = s
}

// openIn lists the gates of a repository that are not closed.
func (v *view) openIn(repo int64) (out []Summary) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	for _, s := range v.gates {
		if s.Subject.Repo.ID == repo && s.Standing != Closed {
			out = append(out, s)
		}
	}
	slices.SortFunc(out, func(a, b Summary) int { return strings.Compare(a.Stream, b.Stream) })
	return out
}

// reposOf lists the repositories of an owner that hold a gate, or were looked at.
func (v *view) reposOf(owner string) (out []gate.Repo) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	found := map[int64]gate.Repo{}
	for _, s := range v.repos {
		if strings.EqualFold(s.Repo.Owner, owner) {
			found[s.Repo.ID] = s.Repo
		}
	}
	for _, s := range v.gates {
		if r := s.Subject.Repo; strings.EqualFold(r.Owner, owner) && s.Standing != Closed {
			found[r.ID] = r
		}
	}
	for _, r := range found {
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b gate.Repo) int { return int(a.ID - b.ID) })
	return out
}

// catchUpView waits until the view holds all that the ledger holds now, other
// replicas' records included.
func (k *Keeper) catchUpView(ctx context.Context) error {
	done := make(chan struct{})
	select {
	case k.behind <- done:
	case <-ctx.Done():
		return outside(ctx.Err())
	}
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return outside(ctx.Err())
	}
}

// comparison is what this process knows of its comparing the ledger with GitHub.
// It is not state: it is shown, and decides nothing but when to look.
type comparison struct {
	mu     sync.Mutex
	times  map[int64]time.Time
	paths  map[int64]time.Time // of the last look at how it deploys
	misses map[int64]int       // looks at what enforces, which failed one after the other
	listed map[int64]bool      // the repositories of the last list that was whole; nil: none was
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
	c.listed = map[int64]bool{}
	for _, r := range repos {
		c.listed[r.ID] = true
	}
}

// left holds for a repository that the App may not see any more.
func (c *comparison) left(repo int64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.listed != nil && !c.listed[repo]
}
