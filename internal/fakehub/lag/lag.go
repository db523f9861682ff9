// Package lag makes answers come from the past, as a copy of GitHub gives them
// that is behind. What webhooks say is never behind.
package lag

import (
	"slices"
	"sync/atomic"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
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
//	behind := hub.Lag(lag.Lag{Of: lag.Pulls, Via: lag.GraphQL, Times: 1})
//	pull.Retarget("main", agent)      // the webhook says main; one query says sandbox
type Lag struct {
	Of   Reads // everything where zero
	Via  API
	Repo *fakehub.Repo // of this repository only; of all where nil

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
	of     *Lags
	lag    Lag
	moment *fakehub.Moment // nil where it is Behind
	began  time.Time
	seen   int
	hits   int
}

// Lags has what lags; the hub's lock guards it, held for writing.
type Lags struct {
	hub     *fakehub.Hub
	inForce atomic.Int32
	list    []*Lagging
	history []heldMoment // oldest first, for what is Behind
}

// heldMoment is the state that held until a time.
type heldMoment struct {
	until time.Time
	*fakehub.Moment
}

// New lets nothing lag yet.
func New(h *fakehub.Hub) *Lags {
	t := &Lags{hub: h}
	h.State.Changing = t.remember
	return t
}

// Lag puts a lag in force. Where several fit a request, the first decides.
func (t *Lags) Lag(l Lag) *Lagging {
	h := t.hub
	h.State.RWMutex.Lock()
	defer h.State.RWMutex.Unlock()
	lagging := &Lagging{of: t, lag: l, began: h.Options.Now()}
	if l.Behind == 0 {
		lagging.moment = h.Moment()
	}
	t.list = append(t.list, lagging)
	t.inForce.Add(1)
	return lagging
}

// Hits is how many requests were answered with what was.
func (l *Lagging) Hits() int {
	l.of.hub.State.RLock()
	defer l.of.hub.State.RUnlock()
	return l.hits
}

// CatchUp ends the lag.
func (l *Lagging) CatchUp() {
	t, h := l.of, l.of.hub
	h.State.RWMutex.Lock()
	defer h.State.RWMutex.Unlock()
	n := len(t.list)
	t.list = slices.DeleteFunc(t.list, func(o *Lagging) bool { return o == l })
	t.inForce.Add(int32(len(t.list) - n))
	if len(t.list) == 0 {
		t.history = nil
	}
}

// remember keeps what is, before it changes, as long as something is Behind.
func (t *Lags) remember() {
	h := t.hub
	behind := time.Duration(0)
	for _, l := range t.list {
		behind = max(behind, l.lag.Behind)
	}
	if behind == 0 {
		return
	}
	now, history := h.Options.Now(), t.history
	for len(history) > 0 && !history[0].until.After(now.Add(-behind)) {
		history = history[1:]
	}
	if n := len(history); n == 0 || history[n-1].until.Before(now) {
		history = append(history, heldMoment{now, h.Moment()})
	}
	t.history = history
}

// asOf is the state at a time; nil: the present one.
func (t *Lags) asOf(at time.Time) *fakehub.Moment {
	for _, held := range t.history {
		if held.until.After(at) {
			return held.Moment
		}
	}
	return nil
}
