package gate

import (
	"slices"
	"time"
)

// PullState is what only the gate of a pull request knows.
type PullState struct {
	Said       Said      // what events told of it, the newest by GitHub's time
	SaidAt     time.Time // when the last of it was taken in
	JudgedOf   Said      // what was judged
	Pusher     Actor     // who brought PushedHead, as GitHub authenticated it
	PushedHead string
	Edits      []uint64 // versions of the events about it that no judgement covers
	Queues     []string // heads of the merge groups that have it
	Reverts    []int    // pull requests that it says it takes back, when it was judged last
}

// seen takes in what an event tells, and returns the event with what is known
// once it has.
func (p PullState) seen(ev, before Seen, at time.Time) (PullState, Seen) {
	brought := ev.Head
	if ev.Said != nil {
		ev = p.told(ev, before)
		if said := p.Said.With(*ev.Said, ev.Action); said.Differs(p.Said) != "" || !said.At.Equal(p.Said.At) {
			p.Said, p.SaidAt = said, at
		}
	}
	if ev.Event == "pull_request" && (ev.Action == "opened" || ev.Action == "synchronize") && brought == ev.Head {
		p.Pusher, p.PushedHead = ev.Sender, ev.Head
	}
	return p, ev
}

// told is an event with what is known of the pull request once it has told its
// part: one that comes late tells nothing that a newer one has told otherwise.
func (p PullState) told(ev, before Seen) Seen {
	now := p.Said.With(*ev.Said, ev.Action)
	if p.Said.At.IsZero() || now.Head == ev.Head && now.BaseRef == ev.BaseRef && now.Closed == ev.Closed {
		return ev
	}
	if now.Head != ev.Head || now.BaseRef != ev.BaseRef { // no guess at what to read is better than a wrong one
		ev.Base, ev.ChangedFiles = before.Base, before.ChangedFiles
	}
	ev.Head, ev.BaseRef, ev.Closed = now.Head, now.BaseRef, now.Closed
	return ev
}

// queued remembers the merge groups whose checks show this gate.
func (p PullState) queued(ev Queued) PullState {
	p.Queues = slices.DeleteFunc(slices.Clone(p.Queues), func(sha string) bool { return sha == ev.SHA })
	if !ev.Gone {
		p.Queues = append(p.Queues, ev.SHA)
	}
	return p
}

// keptEdits bounds how many edits are told apart until the next look.
const keptEdits = 64

// edited remembers an event about the pull request itself, if there is room.
func (p PullState) edited(version uint64) (PullState, bool) {
	if len(p.Edits) >= keptEdits {
		return p, false
	}
	p.Edits = append(slices.Clone(p.Edits), version)
	return p, true
}

func (p PullState) looked(covers uint64) PullState {
	p.Edits = slices.DeleteFunc(slices.Clone(p.Edits), func(version uint64) bool { return version <= covers })
	return p
}

// OnlyEdited reports whether all that no judgement covers yet is edits, of what
// was judged: of the same head and base, and nobody has asked for a look.
func (s State) OnlyEdited() bool {
	return s.Verdict != nil && !s.Done && s.Failure == nil && !s.Moved && len(s.Pull.Edits) > 0 && s.Urgent <= s.Covered &&
		s.Rerun <= s.Covered &&
		!s.Seen.Closed && s.Seen.Head == s.Verdict.Head && s.Seen.BaseRef == s.BaseRef
}
