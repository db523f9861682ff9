// Package check is the one check run of a commit under one name: which gates it
// shows, what was painted and what was pressed on it. A State is the fold of the
// check's stream; the events stand in package gate, by which all streams are read.
package check

import (
	"maps"
	"slices"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
)

// State is the one check run of a commit: the fold of its stream.
type State struct {
	Subject gate.Subject
	Version uint64

	Members []gate.Subject // gates that have, or had, this commit as their head
	Since   time.Time      // when the oldest event that is not painted yet was taken in
	Wanted  uint64         // version of the newest news
	Painted uint64         // version up to which the run shows the news
	Pressed []Press        // what was pressed and is not handed over yet, oldest first

	Run     int64     // GitHub's id of the run, 0 where none is known
	Unsure  bool      // one may have been created whose id is not known
	Tried   time.Time // when the creation was begun that left it unsure
	Digest  string
	Outcome string
	Bases   []string  // that the run was painted for; none: not known
	At      time.Time // when it was last painted
	Over    bool      // nobody has the commit as their head any more
	Failure *gate.Failed

	Paintings []Painted // the last ones that were announced, the newest last

	heard map[string]uint64 // version of the newest news, by member
	sent  []sending         // paintings whose outcome is not on record, the oldest first
	late  uint64            // version of an outcome that came after a newer painting was announced
	// latePasses says that a required check passes by what came late.
	latePasses bool
}

// After is the state once e has happened.
func (s State) After(e gate.Entry) State {
	s.Version = e.Version
	switch ev := e.Event.(type) {
	case gate.Seen:
		s.Subject = ev.Subject
		s.Pressed = append(slices.Clone(s.Pressed), s.press(ev, e.Version))
		s.Failure = s.Failure.UnlessFinal()
	case gate.News:
		s = s.news(ev, e)
	case gate.Creating:
		s.Unsure, s.Tried = true, e.At
	case gate.Painting:
		s = s.announced(ev, e)
	case gate.Published:
		s = s.published(ev, e)
	case gate.Handed:
		var left []Press
		for _, p := range s.Pressed {
			if p.Version > ev.Covers {
				left = append(left, p)
			}
		}
		s.Pressed, s.Failure = left, s.Failure.Unless(gate.ForwardPresses)
	case gate.Failed:
		if newest := s.Newest(); ev.Painting == 0 || newest == nil || newest.Number <= ev.Painting {
			s.Failure = &ev // else another has painted since
		}
		s = s.stopped(ev.Painting, e.At)
	}
	return s
}

// news takes in that a gate is another. One that nobody has looked at changes nothing
// that the check says, as long as it does not pass.
func (s State) news(ev gate.News, e gate.Entry) State {
	s.Subject = ev.Check
	s.Members = withMember(s.Members, ev.Gate)
	s.heard = maps.Clone(s.heard)
	if s.heard == nil {
		s.heard = map[string]uint64{}
	}
	s.heard[ev.Gate.Stream()] = e.Version
	if ev.Unjudged && !s.MayPass() {
		return s
	}
	if s.Wanted <= s.Painted {
		s.Since = ev.Since
	}
	s.Wanted = e.Version
	s.Failure = s.Failure.UnlessFinal()
	return s
}

// published takes in what the run says now. A statement that names no painting
// says that what was painted before stands, or is from before paintings were on
// record.
func (s State) published(ev gate.Published, e gate.Entry) State {
	s.Run = max(s.Run, ev.Run) // ids grow, and the newest run is the one that counts
	s.Unsure = s.Unsure && ev.Run == 0
	if ev.Painting != 0 {
		if s = s.painted(ev, e); s.late == e.Version {
			return s
		}
	}
	s.Painted = max(s.Painted, ev.Covers)
	s.Digest, s.Outcome, s.Bases, s.At, s.Over, s.Failure = ev.Digest, ev.Outcome, ev.Bases, e.At, ev.Over, nil
	return s.without(ev.Gone, ev.Covers)
}

// without forgets gates of which nothing is shown any more, but for those that
// have had news since.
func (s State) without(gone []string, covers uint64) State {
	if len(gone) == 0 {
		return s
	}
	s.heard = maps.Clone(s.heard)
	s.Members = slices.DeleteFunc(slices.Clone(s.Members), func(m gate.Subject) bool {
		stream := m.Stream()
		if s.heard[stream] > covers || !slices.Contains(gone, stream) {
			return false
		}
		delete(s.heard, stream)
		return true
	})
	return s
}

// Due is what the check wants done, and not before when; a zero time is at once.
func (s State) Due() (gate.Step, time.Time) {
	news := s.Wanted > s.Painted
	switch {
	case len(s.Pressed) > 0: // the ledger's business only: no failure of GitHub's delays it
		return gate.ForwardPresses, time.Time{}
	case !news && !s.ages() && !s.unsure():
		return gate.Nothing, time.Time{}
	case s.Failure != nil && s.Failure.Next.IsZero():
		return gate.Nothing, time.Time{}
	}
	var when time.Time
	switch {
	case news:
	case s.unsure():
		when = s.settles()
	default:
		when = s.At.Add(refreshAfter)
	}
	if s.Failure != nil && s.Failure.Next.After(when) {
		when = s.Failure.Next
	}
	if settled := s.Tried.Add(settleTime); s.Unsure && settled.After(when) {
		when = settled
	}
	return gate.Publish, when
}

// refreshAfter is how long a run that is not completed is left as it is.
// GitHub makes it stale after 14 days.
// https://docs.github.com/en/rest/guides/using-the-rest-api-to-interact-with-checks
const refreshAfter = 13 * 24 * time.Hour

// ages reports whether the run would become stale by itself: it is in progress,
// and somebody waits for it.
func (s State) ages() bool { return s.Run != 0 && s.Outcome == "" && !s.Over }

// Aged reports whether the run has to be painted again although it says what
// it should.
func (s State) Aged(now time.Time) bool {
	return s.ages() && !now.Before(s.At.Add(refreshAfter))
}

// MayPass reports whether GitHub may let the commit pass for the run: it is
// green, or it may just be being painted so.
func (s State) MayPass() bool {
	return !gate.Blocks(s.Outcome) || s.Unsure || s.Wanted > s.Painted || s.MayWronglyPass()
}

// settleTime is how long a request that creates a check run may still take
// effect after whoever sent it is gone. Looking for the run before that could
// miss it, and a second one would be made.
const settleTime = 5 * time.Second

// Press is a button of the check run that was pressed, with what it is about.
type Press struct {
	By       gate.Actor
	Button   string // empty: GitHub's own "Re-run", which machines can press too
	Painting uint64 // number of the one that it was made on; 0: it names none that is remembered
	Shown    []gate.Shown
	Version  uint64
}

// press is what was pressed, with what the painting showed that it names. What
// is no answer is about all that the check knows of, and so is an answer that
// names no painting: it is refused there. What is no gate has nothing to be asked.
func (s State) press(ev gate.Seen, version uint64) Press {
	p := Press{By: ev.Sender, Button: ev.Button, Version: version}
	if on := s.painting(ev.Nonce); on != nil && ev.Button != gate.Recheck {
		p.Painting, p.Shown = on.Number, on.Shows
		return p
	}
	for _, m := range s.Members {
		if m.Kind.Gates() {
			p.Shown = append(p.Shown, gate.Shown{Gate: m})
		}
	}
	return p
}

func withMember(members []gate.Subject, g gate.Subject) []gate.Subject {
	stream := g.Stream()
	out := make([]gate.Subject, 0, len(members)+1)
	for _, m := range members {
		if m.Stream() != stream {
			out = append(out, m)
		}
	}
	return append(out, g)
}
