// Package repo is what concerns all gates of a repository: its name, lanes and ways
// to deploy, whose a login was, and what waits to be looked at. A State is the fold
// of the repository's stream; the events stand in package gate, by which all streams
// are read.
package repo

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
)

// State is what concerns all gates of a repository: the fold of its stream.
type State struct {
	Subject gate.Subject
	Version uint64

	Wanted      uint64       // version of the newest reason to look
	Covered     uint64       // version up to which the gates were looked at
	Waiting     []gate.Noted // the reasons that are not covered, each once
	Enforcement []gate.Enforcement
	// Paths are the ways in which the workflows of the default branch can deploy,
	// and how surely each is held; nil where nobody has looked yet.
	Paths    []gate.Job
	Lanes    *gate.Lanes   // nil: not known yet
	LanesAt  uint64        // version at which they became these
	Formerly []*gate.Lanes // the last few that were before, each once: a check may still be as by them
	Archived time.Time     // since when GitHub takes nothing there, as far as is known; zero: it does
	Failure  *gate.Failed

	EnforcementAt, PathsAt time.Time // when they were put on record

	NamedAt time.Time // RepoAt of the event that Subject is from
	// DefaultAt is GitHub's updated_at of the repository in the event or the answer
	// that the default branch is known from, and DefaultTaken when that was taken in.
	DefaultAt, DefaultTaken time.Time
	Tips                    map[string]MovedTip // by branch, as the newest push left it that can have changed its rules
	OrgTip                  *MovedTip           // of the organisation's rules
	Names                   map[string]int64    // logins in small letters: whose they were when they were named first
}

// After is the state once e has happened.
func (s State) After(e gate.Entry) State {
	s.Version = e.Version
	switch ev := e.Event.(type) {
	case gate.Seen:
		s = s.noted(gate.Noted{Seen: ev, Version: e.Version, At: e.At})
	case gate.Noticed:
		s = s.noted(ev.Noted(e))
	case gate.Surveyed:
		if ev.Paths != nil && ev.Covers >= s.Covered {
			s.Paths, s.PathsAt = ev.Paths, e.At
		}
		s.Covered = max(s.Covered, ev.Covers)
		if ev.Enforcement != nil {
			s.Enforcement, s.EnforcementAt = ev.Enforcement, e.At
		}
		if ev.Lanes != nil {
			s = s.withLanes(ev.Lanes, e.Version)
			if ev.RepoAt.After(s.DefaultAt) {
				s.DefaultAt, s.DefaultTaken = ev.RepoAt, e.At
			}
		}
		s.Waiting = slices.DeleteFunc(slices.Clone(s.Waiting), func(n gate.Noted) bool { return n.Version <= ev.Covers })
		s.Failure = nil
	case gate.Bound:
		if _, known := s.Names[ev.Login]; !known { // the first one stands
			names := maps.Clone(s.Names)
			if names == nil {
				names = map[string]int64{}
			}
			names[ev.Login] = ev.ID
			s.Names = names
		}
	case gate.Failed:
		s.Failure = &ev
	}
	return s
}

// noted remembers a reason to look.
func (s State) noted(n gate.Noted) State {
	s = s.named(n).pushed(n.Seen, n.At)
	s.Wanted = n.Version
	switch n.Action {
	case gate.LanesChanged, gate.LanesUnsure: // any other event has one of these follow it
		if s.Lanes == nil || n.Default == "" || s.BeforeDefault(n.RepoAt) {
			break
		}
		if now := s.Lanes.WithDefault(n.Default); now != s.Lanes {
			s = s.withLanes(now, n.Version)
		}
		s.DefaultAt, s.DefaultTaken = n.RepoAt, n.At
	case gate.Archived:
		s.Archived = n.At
	case gate.Unarchived:
		s.Archived = time.Time{}
	}
	again := func(o gate.Noted) bool {
		return o.Ours == n.Ours && o.Event == n.Event && o.Action == n.Action && o.BaseRef == n.BaseRef
	}
	s.Waiting = append(slices.DeleteFunc(slices.Clone(s.Waiting), again), n)
	if n.Action != gate.BranchSeen { // which a gate asks for each hour: GitHub has said nothing
		s.Failure = s.Failure.UnlessFinal()
	}
	return s
}

// keptLanes bounds the lanes that are remembered from before.
const keptLanes = 8

// withLanes has other lanes from a version on.
func (s State) withLanes(now *gate.Lanes, version uint64) State {
	if was := s.Lanes; was != nil && !was.Equal(now) {
		kept := slices.DeleteFunc(slices.Clone(s.Formerly), func(l *gate.Lanes) bool { return l.Equal(was) || l.Equal(now) })
		s.Formerly = append(kept[max(0, len(kept)-keptLanes+1):], was)
	}
	s.Lanes, s.LanesAt = now, version
	return s
}

// LanesOf are the lane of a branch and those that it had before, as far as that is
// remembered, each once.
func (s State) LanesOf(branch string) []gate.Lane {
	out := []gate.Lane{s.Lanes.Of(branch)}
	for _, was := range s.Formerly {
		if lane := was.Of(branch); !slices.Contains(out, lane) {
			out = append(out, lane)
		}
	}
	return out
}

// Unsettled reports whether the lanes have become others since the gates were looked
// at: a check that was painted meanwhile may be as by those before.
func (s State) Unsettled() bool { return s.LanesAt > s.Covered }

// BeforeDefault reports whether what GitHub said of a repository at a time, by its
// updated_at, is older than the event that named the default branch.
func (s State) BeforeDefault(at time.Time) bool { return !at.IsZero() && at.Before(s.DefaultAt) }

// StaleDefault says why an answer that names another default branch than is known is
// not believed: it is older than what that is known from, by GitHub's updated_at of
// the repository, or of the same second. It is believed in the end all the same.
func (s State) StaleDefault(branch string, at, now time.Time) *gate.Error {
	if s.Lanes == nil || s.Lanes.Default == "" || branch == "" || branch == s.Lanes.Default || at.IsZero() || at.After(s.DefaultAt) {
		return nil
	}
	doubt := gate.DoubtFor
	if at.Equal(s.DefaultAt) {
		doubt = gate.DoubtTextFor
	}
	if now.Sub(s.DefaultTaken) >= doubt {
		return nil
	}
	return gate.Stale(fmt.Sprintf("it shows the default branch %q, of %s", branch, at.UTC().Format(time.TimeOnly+" MST")))
}

// Due is what the repository wants done, and not before when; a zero time is
// at once.
func (s State) Due() (gate.Step, time.Time) {
	switch {
	case s.Wanted <= s.Covered:
		return gate.Nothing, time.Time{}
	case s.Failure == nil:
		return gate.Survey, time.Time{}
	case s.Failure.Next.IsZero():
		return gate.Nothing, time.Time{}
	}
	return gate.Survey, s.Failure.Next
}

// On is what is known of a branch's or an environment's enforcement, or nil.
func (s State) On(branch, environment string) *gate.Enforcement {
	for i := range s.Enforcement {
		e := &s.Enforcement[i]
		if e.Branch == branch && strings.EqualFold(e.Environment, environment) {
			return e
		}
	}
	return nil
}
