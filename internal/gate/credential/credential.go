// Package credential is what a workload was given: which credential it asked for, what
// was decided, what was made, and how that ended. A State is the fold of the workload's
// stream; the events stand in package gate, by which all streams are read.
//
// All that one job's attempt is given stands on one stream, so that the ledger's
// compare-and-swap decides what two requests at once would: a token of an issuer is
// used once, and a task has one live credential. A credential is announced before it is
// made and on record before it is given. It ends by its time, by what it hangs on, or by
// somebody's word, and how is on record with the proof.
package credential

import (
	"maps"
	"slices"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
)

const (
	// keptDone is how many requests are kept that are decided and have left nothing
	// alive.
	keptDone = 50
	// skew is for how long after its end a token is taken: clocks differ.
	skew = time.Minute
	// AnswerTime is how long what was announced may take to be made.
	AnswerTime = time.Minute
	// tryAgain is when something is tried again of which trying does not help.
	tryAgain = 5 * time.Minute
	// LookEvery is how often it is looked at whether what a credential hangs on is as
	// it was, where no event tells: the bound on what a lost webhook costs.
	LookEvery = time.Minute
)

// State is what a workload asked for and was given.
type State struct {
	Workload gate.Workload // as it showed itself last on record
	Repo     gate.Repo
	Version  uint64
	Requests []Request // in the order in which they came
	Failure  *gate.Failed

	failed           map[gate.Step]failure // steps that did not succeed, each with its own wait
	stirred, covered uint64
	next             time.Time
	used             []used // that were used, until they run out
}

type used struct {
	key   string
	until time.Time
}

// failure is when a step is tried again.
type failure struct {
	attempt int
	next    time.Time
}

// Request is what was asked for, with what became of it.
type Request struct {
	gate.Requested
	At       time.Time
	Refusals []gate.Withheld
	Grant    *gate.Grant // nil: nothing was announced
	GrantAt  time.Time
	Unminted *gate.Unminted
	Minted   *gate.Minted
	MintedAt time.Time
	Ending   *gate.Ending
	EndingAt time.Time
	Ended    *gate.Ended
	EndedAt  time.Time
}

// Open reports whether nothing was announced for a request, so that it may be given yet.
func (r Request) Open() bool { return r.Grant == nil }

// Refused is the newest refusal of a request that nothing was given for, or nil.
func (r Request) Refused() *gate.Withheld {
	if r.Grant != nil || len(r.Refusals) == 0 {
		return nil
	}
	return &r.Refusals[len(r.Refusals)-1]
}

// MayLive reports whether there may be a credential that is valid at a moment: one that
// was announced and of which nobody knows is one.
func (r Request) MayLive(now time.Time) bool {
	switch {
	case r.Grant == nil || r.Ended != nil:
		return false
	case r.Unminted != nil:
		return now.Before(r.Unminted.Lost)
	case r.Minted != nil:
		return now.Before(r.Minted.Ends)
	}
	return true
}

// Given reports whether a credential is in somebody's hands and meant to be.
func (r Request) Given(now time.Time) bool {
	return r.MayLive(now) && r.Minted != nil && r.Ending == nil && now.Before(r.Minted.Until)
}

// due is when something is to be done about a credential, and whether it is.
func (r Request) due() (time.Time, bool) {
	switch {
	case r.Grant == nil || r.Ended != nil || r.Unminted != nil:
		return time.Time{}, false
	case r.Minted == nil: // announced, and nothing heard of since
		return r.GrantAt.Add(AnswerTime), true
	case r.Grant.Type == gate.IdentityToken: // nobody can take it back
		return r.Minted.Ends, true
	case r.Ending != nil:
		return r.EndingAt, true
	}
	return r.Minted.Until, true
}

// After is the state once e has happened.
func (s State) After(e gate.Entry) State {
	s.Version = e.Version
	switch ev := e.Event.(type) {
	case gate.Requested:
		s.Workload, s.Repo = ev.Workload, ev.Repo
		if _, known := s.Request(ev.ID); !known {
			s.Requests = append(slices.Clone(s.Requests), Request{Requested: ev, At: e.At})
		}
		s = s.forget(e.At)
	case gate.Withheld:
		s = s.with(ev.ID, func(r *Request) { r.Refusals = append(slices.Clip(r.Refusals), ev) })
	case gate.Minting:
		s.used = append(slices.Clone(s.used), used{ev.Grant.Token, ev.Grant.Usable})
		s = s.with(ev.Grant.ID, func(r *Request) { r.Grant, r.GrantAt = &ev.Grant, e.At })
	case gate.Minted:
		s = s.with(ev.ID, func(r *Request) { r.Minted, r.MintedAt, r.Unminted = &ev, e.At, nil })
		s.next = sooner(s.next, e.At.Add(LookEvery))
	case gate.Unminted:
		s = s.with(ev.ID, func(r *Request) {
			if r.Minted == nil {
				r.Unminted = &ev
			}
		})
	case gate.Ending:
		s = s.with(ev.ID, func(r *Request) {
			if r.Ending == nil {
				r.Ending, r.EndingAt = &ev, e.At
			}
		})
	case gate.Ended:
		s = s.with(ev.ID, func(r *Request) {
			if r.Ended == nil {
				r.Ended, r.EndedAt = &ev, e.At
			}
		})
		s = s.succeeds(gate.Revoke)
	case gate.Stirred:
		s.stirred = e.Version
	case gate.Upheld:
		s.covered, s.next = max(s.covered, ev.Covers), ev.Next
		s = s.succeeds(gate.Uphold)
	case gate.Failed:
		s = s.fails(ev, e.At)
	}
	return s
}

// fails has a step wait that did not succeed: from a second to ten minutes, doubled each
// time, and where trying does not help for five minutes at least, for as long as there is
// something to end. The two steps wait apart: that one fails is no reason for the other
// to be tried at once, or not at all.
func (s State) fails(ev gate.Failed, at time.Time) State {
	step := gate.Step(ev.Step)
	f := s.failed[step]
	f.attempt++
	wait := tryAgain * 2
	if f.attempt < 10 {
		wait = min(wait, time.Second<<(f.attempt-1))
	}
	if ev.Next.IsZero() {
		wait = max(wait, tryAgain)
	}
	f.next = at.Add(wait)
	if ev.Next.After(f.next) {
		f.next = ev.Next
	}
	s.failed = maps.Clone(s.failed)
	if s.failed == nil {
		s.failed = map[gate.Step]failure{}
	}
	s.failed[step] = f
	ev.Attempt, ev.Next = f.attempt, f.next
	s.Failure = &ev
	return s
}

func (s State) succeeds(step gate.Step) State {
	s.failed = maps.Clone(s.failed)
	delete(s.failed, step)
	s.Failure = s.Failure.Unless(step)
	return s
}

func (s State) with(id string, change func(*Request)) State {
	s.Requests = slices.Clone(s.Requests)
	for i := range s.Requests {
		if s.Requests[i].ID == id {
			change(&s.Requests[i])
		}
	}
	return s
}

// forget drops what nobody asks about any more: tokens that have run out, and requests
// of long ago that left nothing alive.
func (s State) forget(now time.Time) State {
	s.used = slices.DeleteFunc(slices.Clone(s.used), func(t used) bool { return t.until.Add(skew).Before(now) })
	kept := 0
	for i := len(s.Requests) - 1; i >= 0; i-- {
		if r := s.Requests[i]; r.MayLive(now) || r.Minted != nil && r.Ended == nil {
			continue
		}
		if kept++; kept > keptDone {
			s.Requests = slices.Delete(slices.Clone(s.Requests), i, i+1)
		}
	}
	return s
}

// Request is a request by its id.
func (s State) Request(id string) (Request, bool) {
	i := slices.IndexFunc(s.Requests, func(r Request) bool { return r.ID == id })
	if i < 0 {
		return Request{}, false
	}
	return s.Requests[i], true
}

// Live are the requests of which a credential may be valid at a moment.
func (s State) Live(now time.Time) []Request {
	return slices.DeleteFunc(slices.Clone(s.Requests), func(r Request) bool { return !r.MayLive(now) })
}

// Hangs are the live ones that hang on something which can change.
func (s State) hangs(now time.Time) bool {
	return slices.ContainsFunc(s.Requests, func(r Request) bool { return r.MayLive(now) && r.Minted != nil && r.Ending == nil })
}

// Next is the request about whose credential something is to be done first, and when.
func (s State) Next() (next Request, when time.Time, is bool) {
	for _, r := range s.Requests {
		if at, wants := r.due(); wants && (!is || at.Before(when)) {
			next, when, is = r, at, true
		}
	}
	return next, when, is
}

// Due is what is to be done, and not before when; a zero time is at once. What a
// credential hangs on is looked at also while another cannot be ended.
func (s State) Due() (gate.Step, time.Time) {
	_, ends, revokes := s.Next()
	looks := s.next
	if s.stirred > s.covered {
		looks = time.Unix(0, 1)
	}
	if looks.IsZero() || !s.hangs(looks) {
		looks = time.Time{}
	}
	ends, looks = s.notBefore(gate.Revoke, ends), s.notBefore(gate.Uphold, looks)
	switch {
	case revokes && (looks.IsZero() || !looks.Before(ends)):
		return gate.Revoke, ends
	case !looks.IsZero():
		return gate.Uphold, looks
	}
	return gate.Nothing, time.Time{}
}

// notBefore is when a step that failed is tried again.
func (s State) notBefore(step gate.Step, when time.Time) time.Time {
	if f, did := s.failed[step]; did && !when.IsZero() && f.next.After(when) {
		return f.next
	}
	return when
}

// Left reports whether nothing of a workload's can be valid, and nothing is to be done.
func (s State) Left() bool {
	step, _ := s.Due()
	return step == gate.Nothing
}

func sooner(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}
