package fakehub

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Reads are kinds of what is read.
type Reads uint

// What can be behind. What GraphQL reads is cut by field and not by query: one
// answer can hold a pull request as it was and a branch as it is, as GitHub's
// replicas may give it.
const (
	// Pulls: pull requests, with all that they say of themselves.
	Pulls Reads = 1 << iota
	// Refs: branches, which of them is the default, and what is read by way of
	// a branch in GraphQL, such as the rules file at its tip.
	Refs
	// Contents: files and trees.
	Contents
	// Commits: commits and comparisons.
	Commits
	// Checks: check runs.
	Checks
	// Rules: rulesets, and the protection of branches.
	Rules
	// People: accounts, members, teams, permissions.
	People
	// Repositories: a repository itself, which there are, installations.
	Repositories
	// Runs: workflow runs and their jobs.
	Runs
	// Deployments: deployments and environments.
	Deployments
	// Activity: who did what to the branches of a repository.
	Activity
)

// API is one of the two ways to ask.
type API int

// The ways to ask.
const (
	AnyAPI API = iota
	REST
	GraphQL
)

// Lag is a copy of GitHub that is behind: it answers with the state of the
// moment at which Hub.Lag was called. A commit that came later is not there
// (404, 422, null). Of Times, For and Probability, those that are set must all
// allow it. What webhooks say is never behind.
//
//	lag := hub.Lag(fakehub.Lag{Of: fakehub.Pulls, Via: fakehub.GraphQL, Times: 1})
//	pull.Retarget("main", agent)      // the webhook says main; one query says sandbox
type Lag struct {
	Of   Reads // everything where zero
	Via  API
	Repo *Repo // of this repository only; of all where nil

	Times       int           // how many requests are answered so, at most
	Skip        int           // how many are answered well before
	Probability float64       // of each request, by the hub's seed
	For         time.Duration // since Hub.Lag was called, on the hub's clock

	// Behind makes every answer so old, on the hub's clock, instead of as old
	// as the call of Hub.Lag: a copy that stays behind by so much.
	Behind time.Duration

	// Writes are held against the old state instead of reads: a check run on a
	// commit that is not there yet, one that was made a moment ago, an answer
	// to a question that has not arrived. They are refused as GitHub does.
	Writes bool
}

// Lagging is a lag in force.
type Lagging struct {
	hub    *Hub
	lag    Lag
	moment *moment // nil where it is Behind
	began  time.Time
	seen   int
	hits   int
}

// lagTable has what lags; the hub's lock guards it, held for writing.
type lagTable struct {
	inForce atomic.Int32
	list    []*Lagging
	history []heldMoment // oldest first, for what is Behind
}

// heldMoment is the state that held until a time.
type heldMoment struct {
	until time.Time
	*moment
}

// stateLock guards the state of a hub. Whoever takes it for writing is about
// to change something, which those who remember the past are told first.
type stateLock struct {
	sync.RWMutex
	changing func()
}

func (l *stateLock) Lock() {
	l.RWMutex.Lock()
	if l.changing != nil {
		l.changing()
	}
}

// Lag puts a lag in force. Where several fit a request, the first decides.
func (h *Hub) Lag(l Lag) *Lagging {
	h.mu.RWMutex.Lock()
	defer h.mu.RWMutex.Unlock()
	lagging := &Lagging{hub: h, lag: l, began: h.opt.Now()}
	if l.Behind == 0 {
		lagging.moment = h.moment()
	}
	h.lags.list = append(h.lags.list, lagging)
	h.lags.inForce.Add(1)
	return lagging
}

// Hits is how many requests were answered with what was.
func (l *Lagging) Hits() int {
	l.hub.mu.RLock()
	defer l.hub.mu.RUnlock()
	return l.hits
}

// CatchUp ends the lag.
func (l *Lagging) CatchUp() {
	h := l.hub
	h.mu.RWMutex.Lock()
	defer h.mu.RWMutex.Unlock()
	n := len(h.lags.list)
	h.lags.list = slices.DeleteFunc(h.lags.list, func(o *Lagging) bool { return o == l })
	h.lags.inForce.Add(int32(len(h.lags.list) - n))
	if len(h.lags.list) == 0 {
		h.lags.history = nil
	}
}

// remember keeps what is, before it changes, as long as something is Behind.
func (h *Hub) remember() {
	behind := time.Duration(0)
	for _, l := range h.lags.list {
		behind = max(behind, l.lag.Behind)
	}
	if behind == 0 {
		return
	}
	now, history := h.opt.Now(), h.lags.history
	for len(history) > 0 && !history[0].until.After(now.Add(-behind)) {
		history = history[1:]
	}
	if n := len(history); n == 0 || history[n-1].until.Before(now) {
		history = append(history, heldMoment{now, h.moment()})
	}
	h.lags.history = history
}

// asOf is the state at a time; nil: the present one.
func (t *lagTable) asOf(at time.Time) *moment {
	for _, held := range t.history {
		if held.until.After(at) {
			return held.moment
		}
	}
	return nil
}
