package gate

import (
	"fmt"
	"slices"
	"time"
)

// A look at GitHub costs of a quota that all gates of an account share, and
// whoever may label, edit or press "Re-run" asks for one. The first looks are
// free, then each has to wait longer than the one before; a look is forgotten
// with time. What never waits: a head, a base or an attempt that was not judged
// yet, and whatever nobody can send at will.
const (
	freeLooks   = 6
	lookRest    = 5 * time.Minute // after which one look is forgotten
	firstPause  = 5 * time.Second
	longestWait = 10 * time.Minute
	shownPause  = time.Minute // from here on the check tells of the wait
	keptJudged  = 32          // of what was judged before
)

// StepTime bounds one step with all its requests: what was sent by it has its effect
// soon after, or never will.
const StepTime = 2 * time.Minute

// AskedOften is the code of a gate that waits because it was asked to look too
// often.
const AskedOften = "asked_often"

// pause is how long after a look the next one may begin.
func pause(looks int) time.Duration {
	if looks <= freeLooks {
		return 0
	}
	wait := firstPause
	for range looks - freeLooks - 1 {
		if wait *= 2; wait >= longestWait {
			return longestWait
		}
	}
	return wait
}

// judgedAs names what a judgement was about.
func judgedAs(head, baseRef string, attempt int) string {
	return fmt.Sprintf("%s %d %s", head, attempt, baseRef)
}

// asked notes what kind of a look an event asks for.
func (s State) asked(ev Seen, why Reason, e Entry) State {
	edit := ev.Event == "pull_request"
	idle := why == Rerequested
	noted := false
	if edit {
		s.Pull, noted = s.Pull.edited(e.Version)
	}
	if !noted {
		s.Rerun = e.Version
	}
	if !edit && !idle || !slices.Contains(s.Judgings, judgedAs(ev.Head, ev.BaseRef, ev.Attempt)) {
		s.Urgent = e.Version
		if s.Failure != nil && s.Failure.Code == AskedOften {
			s.Failure, s.Changed = nil, e.Version
		}
		s.LookAt = time.Time{}
		return s
	}
	next := s.notBefore()
	if s.Failure != nil || pause(s.Looks) < shownPause || !next.After(e.At) {
		return s
	}
	switch {
	case edit: // what is shown may not be true any more
		s.Failure, s.Changed, s.LookAt = &Failed{
			Step: string(Assess), Code: AskedOften, Attempt: 1, Since: e.At, Next: next,
			Text: "It was changed or asked about too often in a short time: gatehold looks again after a while. A new " +
				"commit is judged at once.",
		}, e.Version, time.Time{}
	case s.LookAt.IsZero(): // nothing says that it is not
		s.LookAt, s.Changed = next, e.Version
	}
	return s
}

// notBefore is when the next look may begin; zero: at once.
func (s State) notBefore() time.Time {
	wait := pause(s.Looks)
	if s.Urgent > s.Covered || wait == 0 {
		return time.Time{}
	}
	return s.JudgedAt.Add(wait)
}

// waitsForPace reports whether the next look is wanted by nothing that would not
// wait: until then what was judged stands.
func (s State) waitsForPace() bool {
	return s.Wanted > s.Covered && s.Failure == nil && s.Current() != nil && !s.notBefore().IsZero()
}

// looked counts a look. It is called before the judgement is taken over, and
// tells whether the wait for it was shown.
func (s State) looked(ev Judged, e Entry) (next State, shown bool) {
	was, now := s.Judgings, judgedAs(ev.Head, ev.BaseRef, s.Seen.Attempt)
	switch {
	case !slices.Contains(was, now):
		s.Looks = 0
		s.Judgings = append(slices.Clone(was[max(0, len(was)-keptJudged+1):]), now)
	case !ev.Spared: // which cost nothing
		s.Looks = max(0, s.Looks-int(e.At.Sub(s.JudgedAt)/lookRest)) + 1
	}
	shown = !s.LookAt.IsZero()
	s.LookAt = time.Time{}
	s.Pull = s.Pull.looked(ev.Covers)
	return s, shown
}

// Reminder is a time at which a channel was told that nobody had answered for long.
type Reminder struct {
	Reminded
	At   time.Time
	Head string // that waited then
}

// mostReminders is how many reminders are shown, the last.
const mostReminders = 10

func (s State) reminded(e Entry) State {
	ev, is := e.Event.(Reminded)
	if !is || s.Done || s.Verdict == nil {
		return s
	}
	s.Reminders = append(slices.Clone(s.Reminders), Reminder{ev, e.At, s.Head()})
	s.Reminders = s.Reminders[max(0, len(s.Reminders)-mostReminders):]
	s.Changed = e.Version
	return s
}

// RemindedOf are the reminders of what waits now.
func (s State) RemindedOf() []Reminder {
	return slices.DeleteFunc(slices.Clone(s.Reminders), func(r Reminder) bool { return r.Head != s.Head() })
}
