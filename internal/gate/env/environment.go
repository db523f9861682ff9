// Package env is an environment: what runs there and what was let go to it. A State
// is the fold of the environment's stream; the events stand in package gate, by
// which all streams are read.
package env

import (
	"slices"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
)

// keptArrivals bounds how far back an environment remembers, for going back:
// so many that passed a gate, and so many that did not, of which anybody who may
// write deployments can make as many as they like.
const keptArrivals = 200

// State is what runs in an environment: the fold of its stream.
type State struct {
	Subject gate.Subject
	Version uint64

	Wanted   uint64 // version of the newest status that was not looked at
	Covered  uint64
	Waiting  []gate.Noted
	Arrivals []gate.Arrival // oldest first, the last few
	Failure  *gate.Failed

	Asked      []gate.Subject   // deployments that asked for it, oldest first, the last few
	Departures []gate.Departure // deployments that were let go and have not ended

	// First is the first deployment that GitHub told of, by its id: ids grow. 0
	// where it told of none.
	First int64
}

// After is the state once e has happened.
func (s State) After(e gate.Entry) State {
	s.Version = e.Version
	switch ev := e.Event.(type) {
	case gate.Seen:
		s.Subject, s.Wanted = ev.Subject, e.Version
		s.Waiting = append(slices.Clone(s.Waiting), gate.Noted{Seen: ev, Version: e.Version, At: e.At})
		s.Failure = s.Failure.UnlessFinal()
		if ev.Event == "deployment" {
			s = s.heardOf(ev.Subject.DeploymentID)
		}
	case gate.Asked:
		s = s.asked(ev.Gate)
	case gate.Departed:
		s = s.departed(ev.Departure)
	case gate.Freed:
		s = s.freed(ev.Gate)
	case gate.Landed:
		s.Covered, s.Failure = ev.Covers, nil
		s.Waiting = slices.DeleteFunc(slices.Clone(s.Waiting), func(n gate.Noted) bool {
			return n.Version <= ev.Covers && !slices.Contains(ev.Unsure, n.Version)
		})
		s = s.landed(ev.Arrivals).arrived(ev.Arrivals)
	case gate.Failed:
		s.Failure = &ev
	}
	return s
}

// landed keeps the arrivals in the order in which they came about, in whatever order
// that was heard.
func (s State) landed(arrivals []gate.Arrival) State {
	s.Arrivals = slices.Clone(s.Arrivals)
	for _, a := range arrivals {
		a.Again = a.DeploymentID != 0 && slices.ContainsFunc(s.Arrivals, func(o gate.Arrival) bool { return o.DeploymentID == a.DeploymentID })
		at := len(s.Arrivals)
		for at > 0 && a.Before(s.Arrivals[at-1]) {
			at--
		}
		s.Arrivals = slices.Insert(s.Arrivals, at, a)
	}
	kept := map[bool]int{}
	for i := len(s.Arrivals) - 1; i >= 0; i-- {
		passed := s.Arrivals[i].Gate != "" && !s.Arrivals[i].Again
		if kept[passed]++; kept[passed] > keptArrivals {
			s.Arrivals = slices.Delete(s.Arrivals, i, i+1)
		}
	}
	return s
}

// Due is what the environment wants done, and not before when; a zero time is
// at once.
func (s State) Due() (gate.Step, time.Time) {
	switch {
	case s.Wanted <= s.Covered && len(s.Waiting) == 0:
		return gate.Nothing, time.Time{}
	case s.Failure == nil:
		return gate.RecordDeployment, time.Time{}
	case s.Failure.Next.IsZero():
		return gate.Nothing, time.Time{}
	}
	return gate.RecordDeployment, s.Failure.Next
}

// Last is what reached the environment last; nil where nothing is known of it.
func (s State) Last() *gate.Arrival {
	return s.newest(func(a *gate.Arrival) bool { return !a.Failed })
}

// Passed is the last arrival that passed a gate: what came after it and did
// not is part of what the next deployment is judged for.
func (s State) Passed() *gate.Arrival {
	return s.newest(func(a *gate.Arrival) bool { return !a.Failed && a.Gate != "" && !a.Again })
}

// WasApproved is the last approved arrival of a commit, or nil.
func (s State) WasApproved(sha string) *gate.Arrival {
	return s.newest(func(a *gate.Arrival) bool { return !a.Failed && a.Approved && a.SHA == sha && !a.Again })
}

// Bypassed are the arrivals after the last one that passed a gate.
func (s State) Bypassed() []gate.Arrival {
	var out []gate.Arrival
	for _, a := range s.Arrivals {
		switch {
		case a.Gate != "" && !a.Failed && !a.Again:
			out = nil
		case a.Gate == "" && !a.Failed:
			out = append(out, a)
		}
	}
	return out
}

func (s State) newest(match func(*gate.Arrival) bool) *gate.Arrival {
	for i := len(s.Arrivals) - 1; i >= 0; i-- {
		if match(&s.Arrivals[i]) {
			return &s.Arrivals[i]
		}
	}
	return nil
}
