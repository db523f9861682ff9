//go:build services

package stories

import (
	"fmt"
	"slices"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
)

// monthWorld is what becomes, in a month, of the organisation, of who is there and
// of the repositories themselves.
type monthWorld struct {
	acme, umbrella *fakehub.Org
	sre, incident  *fakehub.Team
	alias          bool              // acme is called otherwise
	away           []span            // the App was not installed on acme
	approvers      map[string]bool   // who may approve, or might before they left
	glass          []string          // of them, who may break the glass
	deleted        map[int64]*shopOf // by id
	soon           []later
	told           map[int64]bool // deployments of whose success a delivery told
	n              int
}

// later is what ends something after a few more events.
type later struct {
	in int
	by time.Time
	do func()
}

// after has something done once some more events have happened, or a day later: what
// GitHub asks is answered within two days, or the job fails.
func (m *month) after(most int, do func()) {
	m.soon = append(m.soon, later{1 + m.rand.IntN(most), m.clock.now().Add(day), do})
}

// goesOn ends what has gone on for long enough, or all of it.
func (m *month) goesOn(all bool) {
	var due []func()
	for i := range m.soon {
		if m.soon[i].in--; all || m.soon[i].in <= 0 || !m.clock.now().Before(m.soon[i].by) {
			due = append(due, m.soon[i].do)
			m.soon[i].do = nil
		}
	}
	m.soon = slices.DeleteFunc(m.soon, func(l later) bool { return l.do == nil })
	for _, do := range due {
		do()
	}
}

// world is what happens to all that deployments take place in.
func (m *month) world(s *shopOf) string {
	m.n++
	switch m.rand.IntN(7) {
	case 0:
		return m.calledOtherwise()
	case 1:
		return m.installedAnew()
	case 2:
		return m.accountGoes()
	case 3:
		return m.again(s)
	case 4:
		return m.givenAway(s)
	case 5:
		return m.otherDefault(s)
	}
	s.Archive(m.root)
	s.archived = true
	m.after(6, func() {
		s.archived = false
		s.Unarchive(m.root) // of one that was deleted nothing comes
	})
	return "archived"
}

// calledOtherwise: the rules name teams of an organisation that is not there, until
// it has its name again.
func (m *month) calledOtherwise() string {
	if m.alias {
		return "renamed already"
	}
	m.alias = true
	m.must(m.acme.Rename(fmt.Sprint("acme-", m.n)))
	m.after(10, func() {
		m.alias = false
		m.must(m.acme.Rename("acme"))
	})
	return "the organisation renamed"
}

// installedAnew has the App uninstalled and installed, at once or after a while.
// What happened meanwhile is told to nobody: a comparison finds it.
func (m *month) installedAnew() string {
	now := m.clock.now()
	if n := len(m.away); n > 0 && m.away[n-1].to.IsZero() {
		return "not installed"
	}
	m.away = append(m.away, span{from: now})
	m.inst.Uninstall()
	back := func() {
		m.inst = m.app.Install(m.acme)
		m.away[len(m.away)-1].to = m.clock.now()
		m.compareAnew()
	}
	if m.rand.IntN(3) == 0 {
		back()
	} else {
		m.after(8, back)
	}
	return "installed anew"
}

// compareAnew has the ledger compared with GitHub: that is done every ten minutes, of
// which the script has none. It finds GitHub well.
func (m *month) compareAnew() {
	if n := len(m.away); n > 0 && m.away[n-1].to.IsZero() { // once it is installed
		return
	}
	m.calm()
	m.clock.set(m.clock.now().Add(2 * time.Minute)) // for so long GitHub may take no request
	m.restart()
	m.comparedAll()
	m.fail()
}

// unheard reports whether the App was not installed at a moment.
func (m *month) unheard(at time.Time) bool {
	return slices.ContainsFunc(m.away, func(s span) bool { return !at.Before(s.from) && (s.to.IsZero() || !at.After(s.to)) })
}

// accountGoes deletes an account, and has another one take the place. What it made
// stays, and what it said.
func (m *month) accountGoes() string {
	places := []**fakehub.Account{&m.ana, &m.eve, &m.eve, &m.bo, &m.cy, &m.di}
	place := places[m.rand.IntN(len(places))]
	was := *place
	m.must(m.hub.DeleteAccount(was))
	heir := m.hub.CreateUser(fmt.Sprint(was.Login[:2], m.n))
	m.acme.AddMember(heir, "member")
	*place = heir
	switch place {
	case &m.bo, &m.cy:
		m.sre.Add(heir, "member")
		m.approvers[heir.Login] = true
	case &m.di:
		m.incident.Add(heir, "member")
		m.approvers[heir.Login] = true
		m.glass = append(m.glass, heir.Login)
	}
	return "an account deleted"
}

// again deletes a repository, and makes another one under its name, or another.
func (m *month) again(s *shopOf) string {
	if s.abroad || m.alias {
		return "not deleted"
	}
	m.deleted[s.ID] = s
	s.Delete(m.root)
	s.gone = true
	i := slices.Index(m.shops, s)
	name := s.Name
	if m.rand.IntN(3) == 0 {
		name = fmt.Sprint("shop-anew-", m.n)
	}
	m.shops[i] = m.newShop(m.acme, i, name)
	return "deleted and made again"
}

// givenAway transfers a repository to another organisation, and back.
func (m *month) givenAway(s *shopOf) string {
	if s.abroad {
		return "given away already"
	}
	move := func(to *fakehub.Org) {
		m.n++ // the name that it had there may be taken
		m.must(s.Rename(fmt.Sprintf("shop-of-%d-%d", s.ID, m.n), m.root))
		m.must(s.Transfer(to.Account, m.root))
	}
	s.abroad = true
	move(m.umbrella)
	m.after(8, func() {
		s.abroad = false
		if s.archived {
			s.archived = false
			s.Unarchive(m.root)
		}
		if !s.gone {
			move(m.acme)
			m.compareAnew()
		}
	})
	return "given away"
}

// otherDefault has another branch be the default one, from the same commit on.
func (m *month) otherDefault(s *shopOf) string {
	s.trunk = map[string]string{"main": "trunk", "trunk": "main"}[s.trunk]
	m.must(s.SetBranch(s.trunk, s.line[len(s.line)-1].sha, m.root))
	s.SetDefaultBranch(s.trunk)
	return "another default branch"
}
