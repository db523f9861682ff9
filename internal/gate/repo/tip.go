package repo

import (
	"maps"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
)

// MovedTip is a Tip with the time at which it was taken in.
type MovedTip struct {
	gate.Tip
	Taken time.Time
}

// maxTips bounds the branches of one repository whose tips are remembered.
const maxTips = 64

// pushed remembers what a push says of a branch that rules are read from.
func (s State) pushed(ev gate.Seen, at time.Time) State {
	if ev.Tip == nil {
		return s
	}
	now := MovedTip{Tip: *ev.Tip, Taken: at}
	if ev.Action == gate.OrgRulesChanged {
		org := now
		if org.Of == nil {
			home := ev.Subject.Repo
			org.Of = &home
		}
		if s.OrgTip == nil || s.OrgTip.Of.ID != org.Of.ID || org.Over(s.OrgTip.Tip) {
			s.OrgTip = &org
		}
	}
	if was, known := s.Tips[ev.BaseRef]; ev.Tip.Of != nil || known && !now.Over(was.Tip) {
		return s
	}
	tips := maps.Clone(s.Tips)
	if tips == nil {
		tips = map[string]MovedTip{}
	}
	tips[ev.BaseRef] = now
	for len(tips) > maxTips {
		oldest := ev.BaseRef
		for branch, tip := range tips {
			if was := tips[oldest]; tip.Taken.Before(was.Taken) || tip.Taken.Equal(was.Taken) && branch < oldest {
				oldest = branch
			}
		}
		delete(tips, oldest)
	}
	s.Tips = tips
	return s
}

// Behind reports whether rules that were read at a tip can be older than a push
// that changed them, as far as that is known without asking: they cannot where
// it is that very commit, or where time has passed and the repository was pushed
// to since.
func (p MovedTip) Behind(tip string, pushedAt, now time.Time) bool {
	settled := now.Sub(p.Taken) >= gate.DoubtFor && pushedAt.After(p.At)
	return p.SHA != "" && p.SHA != tip && !settled
}

// OrgBehind gives the push of the organisation's rules that what was read can be
// older than, nil where there is none: one to the rules of another organisation
// says nothing once the repository was given away, and rules that nothing is found
// of for long are gone.
func (s State) OrgBehind(at gate.RulesAt, now time.Time) *MovedTip {
	org, is := s.OrgTip, s.Subject.Repo
	switch {
	case org == nil || !org.Behind(at.OrgTip, at.OrgAt, now):
		return nil
	case !org.Of.SameOwner(is):
		return nil
	case at.OrgTip == "" && at.OrgAt.IsZero() && now.Sub(org.Taken) >= gate.DoubtFor:
		return nil
	}
	return org
}

// named keeps the newest name, owner and installation of the repository. Events
// come late: one that is from before it was renamed says nothing new. A later
// installation of the same owner has the higher id.
func (s State) named(ev gate.Noted) State {
	was, now := s.Subject.Repo, ev.Subject.Repo
	late := !ev.RepoAt.IsZero() && ev.RepoAt.Before(s.NamedAt)
	ours := ev.Ours && ev.Action != gate.Renamed && ev.Action != gate.Moved // of what was known when it was written
	switch {
	case s.Subject.Kind == "":
	case ours:
		return s
	case late && was.Owner != now.Owner, late && was.Installation >= now.Installation && was.Installation > 0:
		return s
	case late: // a new installation is known from whatever names it
		now.Owner, now.Name = was.Owner, was.Name
	case now.Installation == 0, was.Owner == now.Owner && now.Installation < was.Installation:
		now.Installation = was.Installation
	}
	s.Subject = ev.Subject
	s.Subject.Repo = now
	if ev.RepoAt.After(s.NamedAt) {
		s.NamedAt = ev.RepoAt
	}
	return s
}

// Renames reports whether an event names the repository otherwise than it is on
// record: what is on record would change.
func (s State) Renames(ev gate.Noticed) bool {
	return s.named(ev.Noted(gate.Entry{})).Subject.Repo != s.Subject.Repo
}
