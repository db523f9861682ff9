package gate

import (
	"cmp"
	"slices"
	"time"
)

// Entry is an event with its place in the ledger.
type Entry struct {
	Version uint64
	At      time.Time
	Event   Event
}

// Step is what a stream wants done next.
type Step string

// The steps. Each is one call to the outside, and its outcome is a record.
const (
	Nothing          Step = ""
	Assess           Step = "assess"  // read the facts and judge them
	NotifyChecks     Step = "tell"    // let the checks that show the gate know
	Count            Step = "count"   // ask who somebody is who offered a choice, and count it or not
	Lapse            Step = "lapse"   // time alone has taken an approval away
	ForwardPresses   Step = "hand"    // hand what was pressed on a check over to its gates
	Publish          Step = "publish" // paint the check run
	Survey           Step = "survey"  // look for the gates of a repository and at what enforces them
	Respond          Step = "respond" // answer GitHub about a deployment, or comment on it
	RecordDeployment Step = "land"    // look at what has reached an environment
	CancelRun        Step = "halt"    // cancel a workflow run, or start it again
)

// State is a gate: the fold of its stream. What is of one kind of subject only
// stands in that kind's part; the parts know nothing of one another.
type State struct {
	Subject Subject
	Version uint64

	Seen       Seen      // the newest event that concerned it
	SeenAt     time.Time // when it was taken in
	FirstSeen  time.Time // the oldest event that no verdict covers
	OpenedAt   time.Time // when it was first seen, or GitHub began to wait for it
	Wanted     uint64    // version of the newest event that asks for judging
	Urgent     uint64    // version of the newest of them that waits for no pace
	Covered    uint64    // version up to which a verdict covers the events
	Rerun      uint64    // version of the newest wish of somebody for a look
	Looks      int       // at what was judged before, less those forgotten with time
	LookAt     time.Time // when the next one begins, where the checks tell of the wait
	Judgings   []string  // heads, bases and attempts that were judged, the last few
	Glance     bool      // all that is not covered asks only whether things are as they were
	Moved      bool      // an event named another head or base than the verdict's
	Done       bool      // closed: nothing is held
	ClosedWhy  string
	Merged     bool // a pull request that is closed because it went in
	Verdict    *Verdict
	JudgedAt   time.Time
	BaseRef    string
	RulesAt    RulesAt          // where its rules were read
	Names      map[string]int64 // logins in small letters: the accounts that they meant when they were named first
	Failure    *Failed
	FailedAt   uint64     // version of Failure
	Changed    uint64     // version of the newest thing that the check must show
	ToldUpTo   uint64     // version that the checks know of
	ToldChecks []string   // SHAs whose checks show this gate
	ToldLane   Lane       // of these checks
	Lane       Lane       // in which the verdict was made
	Reopened   bool       // it was closed, and is open again by what was seen
	telling    []toldOf   // what it was while its checks had to be told
	Reminders  []Reminder // that nobody had answered, the last few

	Approvals

	Pull        PullState
	Group       GroupState
	Going       GoingState // of a Deployment and of a WorkflowRun
	Deployment  DeploymentState
	WorkflowRun RunState
}

// Head is the commit that the gate is about: the judged one, or before any
// verdict, the one that the newest event named.
func (s State) Head() string {
	if s.Wanted > s.Covered && s.Seen.Head != "" {
		return s.Seen.Head
	}
	if s.Verdict != nil {
		return s.Verdict.Head
	}
	return s.Seen.Head
}

// Base is the branch that the gate's subject is to go into, as the newest of
// what was judged and what was seen says.
func (s State) Base() string {
	if (s.Wanted > s.Covered || s.BaseRef == "") && s.Seen.BaseRef != "" {
		return s.Seen.BaseRef
	}
	return s.BaseRef
}

// After is the state once e has happened.
func (s State) After(e Entry) State {
	s.Version = e.Version
	if s.OpenedAt.IsZero() {
		s.OpenedAt = e.At
		if since := sinceOf(e.Event); !since.IsZero() && since.Before(e.At) {
			s.OpenedAt = since
		}
	}
	s = s.step(e)
	seen := s.Wanted == e.Version && !s.Subject.Kind.goes() // a check holds for it at the event's word
	if s.Changed > s.ToldUpTo || seen {
		s.telling = withTold(s.telling, toldOf{s.Head(), s.Base(), e.Version})
	}
	s.Going.Open = s.Subject.Kind.goes() && s.Released(e.At)
	return s
}

func (s State) step(e Entry) State {
	switch ev := e.Event.(type) {
	case Seen:
		s = s.seen(ev, "", e)
	case Look:
		s = s.seen(ev.seen(), ev.Why, e)
	case Judged:
		s = s.judged(ev, e)
	case Claimed, Queued:
		s = s.ofPull(e)
	case Replying:
		s.Deployment.Replying = &ev
	case Replied:
		s.Deployment, s.Failure = s.Deployment.replied(ev, e.At), nil
		if ev.Reply != Commented {
			s.Changed = e.Version
		}
	case Halted:
		s.WorkflowRun.Halted, s.Changed, s.Failure = &ev, e.Version, nil
	case Closed:
		s = s.closed(ev, e)
	case Told:
		s = s.told(ev)
	case Offered:
		s.Offers = append(append([]Offer(nil), s.Offers...), Offer{Offered: ev, Version: e.Version, At: e.At})
	case Counted:
		s = s.counted(ev, e)
	case Refused:
		s = s.refused(ev, e)
	case Confirmed:
		s = s.confirmed(ev, e)
	case Lapsed:
		s.LapsedTo, s.Changed = e.At, e.Version
		if s.Failure != nil && s.Failure.afterwards() { // what could not be passed on has lapsed
			s.Failure = nil
		}
	case Failed:
		s = s.failed(ev, e)
	default:
		s = s.reminded(e)
	}
	return s
}

func (s State) closed(ev Closed, e Entry) State {
	if ev.Covers < s.Covered { // somebody has looked since
		return s
	}
	s.Covered = ev.Covers
	s.Done, s.ClosedWhy, s.Merged, s.Reopened = true, ev.Why, ev.Merged, false
	s.Failure = nil
	if s.Verdict != nil || len(s.ToldChecks) > 0 || len(s.telling) > 0 { // else no check shows it, nor will
		s.Changed = e.Version
	}
	return s
}

func (s State) told(ev Told) State {
	s.ToldUpTo = ev.Covers
	s.ToldChecks, s.ToldLane = ev.Checks, ev.Lane
	s.telling = toldAfter(s.telling, ev.Covers)
	s.Failure = s.Failure.Unless(NotifyChecks)
	return s
}

func (s State) failed(ev Failed, e Entry) State {
	if s.moot(ev) {
		return s
	}
	s.Failure, s.FailedAt = &ev, e.Version
	if worthShowing(ev, e.At) || ev.Code == StaleAnswer && ev.Attempt == 1 && slices.Contains(s.ToldChecks, s.Head()) {
		s.Changed = e.Version // what is shown is not known to be true any more
	}
	return s
}

// seen takes in what happened outside, or with a reason of ours that something
// may have.
func (s State) seen(ev Seen, why Reason, e Entry) State {
	if s.Wanted <= s.Covered {
		s.FirstSeen, s.Glance = e.At, true
	}
	s.Glance = s.Glance && why == Reconciled
	s.Subject = ev.Subject // the newest name and installation
	s.Reopened = s.Reopened || s.Done && !ev.Closed && ev.Head != "" && (why != "" || ev.Action == "reopened")
	if ev.Head == "" { // all that is known is that a look is wanted
		ev.Head, ev.Base, ev.BaseRef, ev.ChangedFiles = s.Seen.Head, s.Seen.Base, s.Seen.BaseRef, s.Seen.ChangedFiles
		// What was found when it was judged last may be what no event has told.
		if v := s.Verdict; v != nil && s.Wanted <= s.Covered && !s.Done && ev.Subject.Kind == PullRequest {
			ev.Head, ev.Base, ev.BaseRef = v.Head, v.Base, s.BaseRef
		}
		ev.HeadRef, ev.Attempt, ev.Workflow, ev.Trigger, ev.Triggered = s.Seen.HeadRef, s.Seen.Attempt, s.Seen.Workflow,
			s.Seen.Trigger, s.Seen.Triggered
	}
	switch ev.Subject.Kind {
	case PullRequest:
		s.Pull, ev = s.Pull.seen(ev, s.Seen, e.At)
	case MergeGroup: // it is destroyed once, in whatever order that is told
		ev.Closed = ev.Closed || s.Seen.Closed
	case Deployment, WorkflowRun:
		s.Going = s.Going.seen(ev)
	}
	if s.Verdict != nil && (ev.Head != s.Verdict.Head || ev.BaseRef != s.BaseRef) {
		s.Moved = true // a check may have been painted without this gate, even if it moves back
	}
	s.Seen, s.SeenAt = ev, e.At
	s.Wanted = e.Version
	s.Failure = s.Failure.UnlessFinal()
	return s.asked(ev, why, e)
}

// moot reports whether what failed was done meanwhile by another process: nothing
// would be tried again, and the gate would stay failing for good.
func (s State) moot(f Failed) bool {
	switch Step(f.Step) {
	case Assess:
		return s.Wanted <= s.Covered && !s.Subject.Kind.goes()
	case Count:
		return len(s.Offers) == 0
	case NotifyChecks:
		return s.Changed <= s.ToldUpTo
	case Respond:
		return s.Answered() != "" || s.Done && s.Wanted <= s.Covered
	case CancelRun:
		if s.Failure = nil; s.Done || s.Verdict == nil || s.Verdict.Deploy == nil {
			return true
		}
		step, _ := s.dueRun()
		return step != CancelRun
	}
	return false
}

// showsOther reports whether the checks show anything else than what was judged
// now: they have to be told of it.
func (s State) showsOther(ev Judged) bool {
	return s.Done || s.Moved || s.Failure != nil || s.Verdict == nil || !slices.Contains(s.ToldChecks, ev.Head) ||
		s.Verdict.Digest != ev.Digest || s.Verdict.Head != ev.Head || s.BaseRef != ev.BaseRef || s.Lane != ev.Lane ||
		s.ToldLane != ev.Lane ||
		ev.Verdict != nil && (otherWaits(s.Verdict, ev.Verdict) || !s.Verdict.Says(ev.Verdict))
}

// late reports whether a judgement is of facts that are older than those that were
// judged, or by which the gate was closed: whoever read them was stopped since, or
// another was faster.
func (s State) late(ev Judged) bool {
	return ev.Covers < s.Covered || ev.Covers == s.Covered && ev.Of != nil && ev.Of.At.Before(s.Pull.JudgedOf.At)
}

func (s State) judged(ev Judged, e Entry) State {
	if s.late(ev) {
		return s
	}
	if ev.Verdict == nil && (s.Verdict == nil || s.Verdict.Digest != ev.Digest || s.Verdict.Head != ev.Head) {
		// It says that nothing has changed, and another process has put another
		// verdict on record meanwhile: which of them is newer, nobody knows.
		s.Wanted, s.Urgent = e.Version, e.Version
		return s
	}
	changed := s.showsOther(ev)
	if ev.Verdict != nil {
		s = s.restated(ev.Verdict)
		s.Verdict, s.Pull.Reverts = ev.Verdict, ev.Reverts
	}
	s.Pull.HeadRef = cmp.Or(ev.HeadRef, s.Pull.HeadRef)
	if ev.Paths != nil && s.Verdict != nil {
		s.Pull.Paths, s.Pull.PathsOf = ev.Paths, s.Verdict.Read
	}
	s, waited := s.looked(ev, e)
	changed = changed || waited
	s.JudgedAt, s.BaseRef, s.Group.PullHead, s.Lane = e.At, ev.BaseRef, ev.PullHead, ev.Lane
	if ev.Of != nil {
		s.Pull.JudgedOf = *ev.Of
	}
	if ev.Rules != nil {
		s.RulesAt = *ev.Rules
	}
	if ev.Verdict != nil || ev.Names != nil {
		s.Names = ev.Names
	}
	s.Covered = ev.Covers
	s.Done, s.ClosedWhy, s.Merged, s.Reopened = false, "", false, false
	// Events that came during the judging, in whatever order, may name another
	// head or base than was judged: until they are covered the checks show no
	// verdict, and have to be told of the next one although it is the same.
	s.Moved = s.Wanted > s.Covered && (s.Seen.Head != ev.Head || s.Seen.BaseRef != "" && s.Seen.BaseRef != ev.BaseRef)
	s.Failure = nil
	stood := len(s.Choices)
	if s = s.void(e.At); changed || len(s.Choices) < stood {
		s.Changed = e.Version
	}
	return s
}

// Due is what the gate wants done, and not before when; a zero time is at once.
func (s State) Due() (Step, time.Time) {
	if s.Changed > s.ToldUpTo {
		return NotifyChecks, time.Time{}
	}
	if s.Wanted > s.Covered {
		step, when := s.dueAssess()
		if s.waitsForPace() { // and nothing that people said waits for it
			if other, at := s.duePeople(); other != Nothing && at.Before(when) {
				return other, at
			}
		}
		return step, when
	}
	if len(s.Offers) > 0 {
		return s.duePeople()
	}
	if s.Verdict != nil && s.Verdict.Deploy != nil && !s.Done {
		if step, when := s.dueDeploy(); step != Nothing {
			return step, when
		}
	}
	return s.duePeople()
}

// duePeople is when a choice is counted next, or lapses.
func (s State) duePeople() (Step, time.Time) {
	switch {
	case len(s.Offers) > 0 && s.Failure != nil:
		return Count, s.Failure.Next
	case len(s.Offers) > 0:
		return Count, time.Time{}
	case s.Verdict != nil && s.Verdict.Needs != nil && !s.Done:
		if end := s.Verdict.Needs.lapse(s.Choices, s.LapsedTo); !end.IsZero() {
			return Lapse, end
		}
	}
	return Nothing, time.Time{}
}

// dueAssess is when the gate is judged next. A deployment that cannot be judged
// is rejected at its deadline.
func (s State) dueAssess() (Step, time.Time) {
	if s.Failure == nil {
		return Assess, s.notBefore()
	}
	next := s.Failure.Next
	late := s.Subject.Kind == Deployment && s.Answered() == "" && (next.IsZero() || next.After(s.Deadline()))
	switch {
	case late && s.Failure.Step != string(Respond):
		return Respond, s.Deadline()
	case next.IsZero():
		return Nothing, time.Time{}
	case late: // it was tried, and did not succeed
		return Respond, next
	}
	return Assess, next
}

// Checks lists the SHAs whose checks must hear of the gate's present state:
// its head's, and those that still show it for a head that it has left.
func (s State) Checks() []string {
	shas := append([]string(nil), s.ToldChecks...)
	head := s.Head()
	for _, sha := range append([]string{head}, s.Pull.Queues...) {
		if sha != "" && !slices.Contains(shas, sha) {
			shas = append(shas, sha)
		}
	}
	return shas
}

// Left reports whether nothing is held any more and no event says otherwise. A merge
// group that was destroyed comes never again, so that its gate is left at the event's
// word.
func (s State) Left() bool {
	return s.Done && !s.Reopened || s.Subject.Kind == MergeGroup && s.Seen.Closed
}

// In is the gate as it stands in a lane: a verdict that was made for another one
// says nothing there.
func (s State) In(lane Lane) State {
	if s.Subject.Kind.Merges() && s.Lane != lane {
		s.Verdict = nil
	}
	return s
}
