// Package actions is what GitHub Actions does with a repository, as far as one
// can see it from outside: environments and the Apps that protect them, workflow
// runs with their jobs, and deployments, by workflows or by other tools. Nothing
// is executed: RunSpec says what the jobs are, FinishJob how they end.
package actions

import (
	"maps"
	"sync"

	"github.com/gatehold/gatehold/internal/fakehub"
)

// Actions has the workflow runs and deployments of a hub. What it does takes the
// lock of the hub's state, unless it says that the caller holds it.
type Actions struct {
	hub    *fakehub.Hub
	asking Asking
	runs   map[int64]*WorkflowRun // those of all repositories, by their ids
	issuer identities

	mu    sync.Mutex
	repos map[int64]*Repo
}

// Repo is a repository with its environments, runs and deployments.
type Repo struct {
	*fakehub.Repo
	hub     *fakehub.Hub
	actions *Actions
	repoState
}

// repoState is what changes of a repository, and is remembered by moments.
type repoState struct {
	Environments []*Environment
	Runs         []*WorkflowRun
	Deployments  []*DeploymentRecord    // oldest first
	workflows    map[string]*workflow   // by path
	openRuns     map[int64]*WorkflowRun // those that have not ended
}

// New adds Actions to a hub.
func New(h *fakehub.Hub) *Actions {
	s := &Actions{hub: h, runs: map[int64]*WorkflowRun{}, repos: map[int64]*Repo{}}
	h.Attach(s)
	return s
}

// Of is what Actions knows of a repository. The caller holds the state's lock.
func (s *Actions) Of(r *fakehub.Repo) *Repo {
	s.mu.Lock()
	defer s.mu.Unlock()
	known := s.repos[r.ID]
	if known == nil {
		known = &Repo{Repo: r, hub: s.hub, actions: s,
			repoState: repoState{workflows: map[string]*workflow{}, openRuns: map[int64]*WorkflowRun{}}}
		s.repos[r.ID] = known
	}
	return known
}

// Run is a workflow run by its id, nil for none. The caller holds the state's
// lock.
func (s *Actions) Run(id int64) *WorkflowRun { return s.runs[id] }

// Pass ends what has waited, or run, for too long, when time has passed by a
// repository. The caller holds the state's lock.
func (s *Actions) Pass(r *fakehub.Repo) { s.Of(r).ExpireRuns() }

// Remember makes all of Actions part of a moment. The caller holds the state's
// lock.
func (s *Actions) Remember(m *fakehub.Moment) {
	fakehub.Keep(m, &s.runs, func(runs *map[int64]*WorkflowRun) { *runs = maps.Clone(*runs) })
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.repos {
		r.remember(m)
	}
}

func (r *Repo) remember(m *fakehub.Moment) {
	fakehub.Keep(m, &r.repoState, func(copied *repoState) {
		copied.workflows, copied.openRuns = maps.Clone(copied.workflows), maps.Clone(copied.openRuns)
	})
	for _, e := range r.Environments {
		fakehub.Keep(m, &e.Rules, nil)
		fakehub.Keep(m, &e.strict, nil)
	}
	for _, d := range r.Deployments {
		fakehub.Keep(m, d, nil)
	}
	for _, run := range r.Runs {
		run.remember(m)
	}
}

func (r *WorkflowRun) remember(m *fakehub.Moment) {
	fakehub.Keep(m, &r.Attempts, nil)
	for _, a := range r.Attempts {
		fakehub.Keep(m, a, nil)
		for _, j := range a.Jobs {
			fakehub.Keep(m, j, nil)
			for _, g := range j.Gates {
				fakehub.Keep(m, g, nil)
			}
		}
	}
}
