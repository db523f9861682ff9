package gate

import (
	"slices"
	"time"
)

// Standing is what a gate comes to, in a word. It is computed in one place, from
// the gate's own stream: the check, the pages, the lists, the metrics and the
// command line say the same.
type Standing string

// The standings.
const (
	IsJudging  Standing = "judging"  // no verdict for the present head and base
	IsHeld     Standing = "held"     // waits for people, or for what is wrong to be mended
	IsWatching Standing = "watching" // would be held, but the rules only observe
	IsPassed   Standing = "passed"   // holds nothing, or what it needs is met
	IsFailing  Standing = "failing"  // held, because a step does not succeed
	IsQueued   Standing = "queued"   // a merge group: its pull request's gate decides
	IsReleased Standing = "released" // a deployment that GitHub was told to let go
	IsRejected Standing = "rejected" // a deployment that GitHub was told to stop
	IsClosed   Standing = "closed"   // nothing of it is held any more
)

// Passes reports whether what stands so may go on.
func (s Standing) Passes() bool { return s == IsPassed || s == IsWatching || s == IsReleased }

// Standing is what the gate comes to at a moment. While another look is wanted
// that names the same head and base, for a label say, what was judged stands.
func (s State) Standing(now time.Time) Standing {
	switch {
	case s.Left():
		return IsClosed
	case s.Answered() == Approved:
		return IsReleased
	case s.Answered() == Rejected:
		return IsRejected
	case s.Failure != nil && !s.Failure.afterwards():
		return IsFailing
	case s.Current() == nil:
		return IsJudging
	case s.Subject.Kind == MergeGroup && len(s.Verdict.Problems) == 0:
		return IsQueued
	case !s.passes(now):
		return IsHeld
	case !s.Verdict.Held && s.Verdict.WouldHold:
		return IsWatching
	}
	return IsPassed
}

// Current is the verdict, if it is about the present head and base. A retarget
// takes it away at once, and so does what may have happened while it was closed.
func (s State) Current() *Verdict {
	if s.Verdict == nil || s.Verdict.Head != s.Head() || s.Reopened {
		return nil
	}
	if s.Wanted > s.Covered && s.Seen.BaseRef != "" && s.Seen.BaseRef != s.BaseRef {
		return nil
	}
	return s.Verdict
}

// Released reports whether the gate lets its subject pass at a moment: an
// evaluation of everything that was seen finished, and it holds nothing, or
// what it needs is met by choices for exactly this, and nobody who may has
// said no.
func (s State) Released(now time.Time) bool {
	if s.Done || s.Wanted > s.Covered || s.Verdict == nil || s.Failure != nil && !s.Failure.afterwards() {
		return false
	}
	return s.passes(now)
}

// passes reports whether the verdict, with what people said to it, lets the
// subject pass at a moment.
func (s State) passes(now time.Time) bool {
	switch {
	case s.Denied() != nil, len(s.Waits(now)) > 0:
		return false
	case s.Overridden() != nil:
		return true
	case !s.Verdict.Held:
		return len(s.Verdict.Problems) == 0 || s.Verdict.WouldHold
	case s.Verdict.Needs == nil:
		return false
	}
	return s.Verdict.Needs.Progress(s.Choices, now).Met
}

// toldOf is a head and a base that a gate had while its checks had to be told of
// it, or that an event gave it: a check holds for it at the event's word. Telling is
// cut off where a process dies, with some of them told and nothing of that on record:
// until it is on record, any of them may show the gate.
type toldOf struct {
	head, base string
	version    uint64
}

func withTold(all []toldOf, now toldOf) []toldOf {
	known := func(o toldOf) bool { return o.head == now.head && o.base == now.base }
	if now.head == "" || slices.ContainsFunc(all, known) {
		return all
	}
	return append(slices.Clone(all), now)
}

// toldAfter are those that came after what the checks have been told of.
func toldAfter(all []toldOf, covers uint64) []toldOf {
	return slices.DeleteFunc(slices.Clone(all), func(o toldOf) bool { return o.version <= covers })
}

// EachMayShow calls f with each commit whose check may show the gate although that
// is not on record, and with the base branch that it had then.
func (s State) EachMayShow(f func(sha, base string)) {
	for _, o := range s.telling {
		f(o.head, o.base)
	}
}
