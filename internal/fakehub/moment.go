package fakehub

import (
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/gatehold/gatehold/internal/fakehub/objects"
	"github.com/gatehold/gatehold/internal/fakehub/wire"
)

// stateLock guards the state of a hub. Whoever takes it for writing is about
// to change something, which those who remember the past are told first.
type stateLock struct {
	sync.RWMutex
	Changing func()
}

// Lock is for those who change the state; the lock below it for those who only
// need it for themselves alone.
func (l *stateLock) Lock() {
	l.RWMutex.Lock()
	if l.Changing != nil {
		l.Changing()
	}
}

// Moment is the state of a hub as it was. It holds what each thing was, and
// changes places with what it is: pointers stay the same, and so all that
// serves the present can serve the past. The lock is held for writing.
type Moment struct {
	exchange []func() // each is its own inverse
}

// Travel puts the hub into a moment, or back into the present with nil.
func (h *Hub) Travel(to *Moment) {
	if h.Present == to {
		return
	}
	if h.Present != nil {
		h.Present.swap()
	}
	if to != nil {
		to.swap()
	}
	h.Present = to
}

func (m *Moment) swap() {
	for _, swap := range m.exchange {
		swap()
	}
}

// Keep makes a value part of the moment. Of a thing it is what changes: its id and
// its hub are read without the lock, which is found by them. own, where it is not
// nil, gives the copy maps and slices of its own.
func Keep[T any](m *Moment, p *T, own func(copied *T)) {
	saved := *p
	if own != nil {
		own(&saved)
	}
	m.exchange = append(m.exchange, func() { *p, saved = saved, *p })
}

// keepName makes a name part of the moment. Tests read names, as they do ids,
// without a lock: it is written only where the thing had another.
func keepName(m *Moment, p *string) {
	saved := *p
	m.exchange = append(m.exchange, func() {
		if *p != saved {
			*p, saved = saved, *p
		}
	})
}

func cloned[K comparable, V any](m *map[K]V) { *m = maps.Clone(*m) }

func copied[T any](s *[]T) { *s = slices.Clone(*s) }

// Moment is what the hub is now. Git objects do not change: of them it keeps
// how many commits there were. Tokens, quotas and ids are not of the past.
func (h *Hub) Moment() *Moment {
	m := &Moment{}
	Keep(m, &h.accounts, cloned)
	Keep(m, &h.AccountByID, cloned)
	Keep(m, &h.AccountByEmail, cloned)
	Keep(m, &h.Orgs, cloned)
	Keep(m, &h.Installs, cloned)
	Keep(m, &h.repos, cloned)
	Keep(m, &h.RepoByID, cloned)
	Keep(m, &h.moved, cloned)
	Keep(m, &h.ChecksByID, cloned)
	Keep(m, &h.Rulesets, copied)
	for _, a := range h.AccountByID {
		m.account(a)
	}
	for _, o := range h.Orgs {
		m.org(o)
	}
	for _, app := range h.appList {
		Keep(m, &app.Installs, nil)
	}
	for _, in := range h.Installs {
		Keep(m, in, func(in *Installation) { cloned(&in.repos) })
	}
	for _, rs := range h.Rulesets {
		Keep(m, rs, nil)
	}
	stores := map[*objects.Store]bool{}
	for _, r := range h.RepoByID {
		m.repo(r)
		if !stores[r.Store] {
			stores[r.Store] = true
			m.store(r.Store)
		}
	}
	for _, a := range h.annexes {
		a.Remember(m)
	}
	return m
}

func (m *Moment) account(a *Account) {
	keepName(m, &a.Login)
	keepName(m, &a.Email)
	Keep(m, &a.Deleted, nil)
	m.exchange = append(m.exchange, func() { a.simple.Store(nil) })
}

func (m *Moment) org(o *Org) {
	Keep(m, &o.Members, cloned)
	Keep(m, &o.Teams, cloned)
	Keep(m, &o.IPList, nil)
	Keep(m, &o.SAML, nil)
	for _, t := range o.Teams {
		keepName(m, &t.Slug)
		Keep(m, &t.Parent, nil)
		Keep(m, &t.Children, nil)
		Keep(m, &t.Members, cloned)
		Keep(m, &t.pending, cloned)
	}
}

func (m *Moment) store(s *objects.Store) {
	n := s.Commits()
	m.exchange = append(m.exchange, func() { n = s.Show(n) })
}

func (m *Moment) repo(r *Repo) {
	keepName(m, &r.Name)
	Keep(m, &r.repoState, func(r *repoState) {
		cloned(&r.Refs)
		cloned(&r.Pulls)
		cloned(&r.issues.byNumber)
		cloned(&r.issues.linked)
		cloned(&r.byHead)
		cloned(&r.ByCommit)
		cloned(&r.Checks)
		cloned(&r.Suites)
		cloned(&r.collaborators)
		cloned(&r.branchRules)
		cloned(&r.queues)
		cloned(&r.teams)
		cloned(&r.Classic)
		r.cached = &atomic.Pointer[wire.Raw]{}
	})
	for _, p := range r.Pulls {
		Keep(m, &p.pullState, nil)
	}
	for _, i := range r.issues.byNumber {
		Keep(m, i, nil)
	}
	for _, suites := range r.Suites {
		for _, s := range suites {
			Keep(m, s, nil)
		}
	}
	for _, runs := range r.Checks {
		for _, c := range runs {
			Keep(m, c, nil)
		}
	}
	for _, q := range r.queues {
		Keep(m, q, nil)
		for _, e := range q.entries {
			Keep(m, e, nil)
		}
	}
}
