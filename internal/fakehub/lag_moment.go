package fakehub

import (
	"maps"
	"slices"
	"sync/atomic"

	"github.com/gatehold/gatehold/internal/fakehub/objects"
)

// moment is the state of a hub as it was. It holds what each thing was, and
// changes places with what it is: pointers stay the same, and so all that
// serves the present can serve the past. The lock is held for writing.
type moment struct {
	exchange []func() // each is its own inverse
}

// travel puts the hub into a moment, or back into the present with nil.
func (h *Hub) travel(to *moment) {
	if h.present == to {
		return
	}
	if h.present != nil {
		h.present.swap()
	}
	if to != nil {
		to.swap()
	}
	h.present = to
}

func (m *moment) swap() {
	for _, swap := range m.exchange {
		swap()
	}
}

// keep makes a value part of the moment. Of a thing it is what changes: its id and
// its hub are read without the lock, which is found by them. own, where it is not
// nil, gives the copy maps and slices of its own.
func keep[T any](m *moment, p *T, own func(copied *T)) {
	saved := *p
	if own != nil {
		own(&saved)
	}
	m.exchange = append(m.exchange, func() { *p, saved = saved, *p })
}

// keepName makes a name part of the moment. Tests read names, as they do ids,
// without a lock: it is written only where the thing had another.
func keepName(m *moment, p *string) {
	saved := *p
	m.exchange = append(m.exchange, func() {
		if *p != saved {
			*p, saved = saved, *p
		}
	})
}

func cloned[K comparable, V any](m *map[K]V) { *m = maps.Clone(*m) }

func copied[T any](s *[]T) { *s = slices.Clone(*s) }

// moment is what the hub is now. Git objects do not change: of them it keeps
// how many commits there were. Tokens, quotas and ids are not of the past.
func (h *Hub) moment() *moment {
	m := &moment{}
	keep(m, &h.accounts, cloned)
	keep(m, &h.byID, cloned)
	keep(m, &h.byEmail, cloned)
	keep(m, &h.orgs, cloned)
	keep(m, &h.installs, cloned)
	keep(m, &h.repos, cloned)
	keep(m, &h.repoByID, cloned)
	keep(m, &h.moved, cloned)
	keep(m, &h.runs, cloned)
	keep(m, &h.workflowRuns, cloned)
	keep(m, &h.rulesets, copied)
	for _, a := range h.byID {
		m.account(a)
	}
	for _, o := range h.orgs {
		m.org(o)
	}
	for _, app := range h.appList {
		keep(m, &app.installs, nil)
	}
	for _, in := range h.installs {
		keep(m, in, func(in *Installation) { cloned(&in.repos) })
	}
	for _, rs := range h.rulesets {
		keep(m, rs, nil)
	}
	stores := map[*objects.Store]bool{}
	for _, r := range h.repoByID {
		m.repo(r)
		if !stores[r.store] {
			stores[r.store] = true
			m.store(r.store)
		}
	}
	return m
}

func (m *moment) account(a *Account) {
	keepName(m, &a.Login)
	keepName(m, &a.Email)
	keep(m, &a.deleted, nil)
	m.exchange = append(m.exchange, func() { a.simple.Store(nil) })
}

func (m *moment) org(o *Org) {
	keep(m, &o.members, cloned)
	keep(m, &o.teams, cloned)
	keep(m, &o.ipList, nil)
	keep(m, &o.saml, nil)
	for _, t := range o.teams {
		keepName(m, &t.Slug)
		keep(m, &t.parent, nil)
		keep(m, &t.children, nil)
		keep(m, &t.members, cloned)
		keep(m, &t.pending, cloned)
	}
}

func (m *moment) store(s *objects.Store) {
	n := s.Commits()
	m.exchange = append(m.exchange, func() { n = s.Show(n) })
}

func (m *moment) repo(r *Repo) {
	keepName(m, &r.Name)
	keep(m, &r.repoState, func(r *repoState) {
		cloned(&r.refs)
		cloned(&r.pulls)
		cloned(&r.issues.byNumber)
		cloned(&r.issues.linked)
		cloned(&r.byHead)
		cloned(&r.byCommit)
		cloned(&r.checks)
		cloned(&r.suites)
		cloned(&r.collaborators)
		cloned(&r.branchRules)
		cloned(&r.workflows)
		cloned(&r.openRuns)
		cloned(&r.queues)
		cloned(&r.teams)
		cloned(&r.classic)
		r.cached = &atomic.Pointer[raw]{}
	})
	for _, p := range r.pulls {
		keep(m, &p.pullState, nil)
	}
	for _, i := range r.issues.byNumber {
		keep(m, i, nil)
	}
	for _, suites := range r.suites {
		for _, s := range suites {
			keep(m, s, nil)
		}
	}
	for _, runs := range r.checks {
		for _, c := range runs {
			keep(m, c, nil)
		}
	}
	for _, q := range r.queues {
		keep(m, q, nil)
		for _, e := range q.entries {
			keep(m, e, nil)
		}
	}
	for _, e := range r.environments {
		keep(m, &e.rules, nil)
		keep(m, &e.strict, nil)
	}
	for _, d := range r.deployments {
		keep(m, d, nil)
	}
	for _, run := range r.workflowRuns {
		m.run(run)
	}
}

func (m *moment) run(run *WorkflowRun) {
	keep(m, &run.attempts, nil)
	for _, a := range run.attempts {
		keep(m, a, nil)
		for _, j := range a.jobs {
			keep(m, j, nil)
			for _, g := range j.gates {
				keep(m, g, nil)
			}
		}
	}
}
