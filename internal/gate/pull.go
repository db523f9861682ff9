package gate

import (
	"crypto/sha256"
	"encoding/hex"
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
	Paths      []string // of the files of PathsOf, see State.Paths
	PathsOf    string   // Verdict.Read of what was judged
	HeadRef    string   // its branch, of the same repository
	Claim      *Claimed // what somebody signed of it last
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

// Brings says of a pull request that brings others along, which were released by
// gates of this repository and merged: main into a release branch, say. What they
// alone have brought is no part of the score. Nothing is left out on a guess: what
// cannot be proven to be so counts in full.
type Brings struct {
	Pulls []BroughtPull `json:"pulls"`
	// Left are the files that are left out of the score, each as a fingerprint of
	// its path and of its content at the head; New counts the others.
	Left []string `json:"left"`
	New  int      `json:"new"`
}

// BroughtPull is a pull request that another one brings along.
type BroughtPull struct {
	Number int     `json:"number"`
	SHA    string  `json:"sha"`              // what it became
	Counts FullWhy `json:"counts,omitempty"` // why it counts in full; empty: it does not
}

// FullWhy is why a pull request that was merged counts in full where another one
// brings it along.
type FullWhy string

// The reasons.
const (
	CountsUnjudged  FullWhy = "not_judged" // not by a gate, or not as it was merged
	CountsHeld      FullWhy = "held"       // it was merged while it was held
	CountsDenied    FullWhy = "denied"
	CountsOverride  FullWhy = "override"    // nobody met its need
	CountsMoreAsked FullWhy = "more_asked"  // the rules here ask for more than released it
	CountsMixed     FullWhy = "mixed"       // something else has touched its files
	CountsUnlisted  FullWhy = "unlisted"    // its files are not on record
	CountsUnfinal   FullWhy = "not_settled" // that it was merged is not looked at yet
)

// Released reports whether a pull request was found that counts only once, where
// it was released.
func (b *Brings) Released() bool {
	return b != nil && slices.ContainsFunc(b.Pulls, func(p BroughtPull) bool { return p.Counts == "" })
}

// LeftPrint is the fingerprint of a file in Brings.Left: of its path, and of the
// blob that it is at the head.
func LeftPrint(path, blob string) string {
	sum := sha256.Sum256([]byte(path + "\x00" + blob))
	return hex.EncodeToString(sum[:12])
}

// Paths are the files that the verdict on record is about, by both names of those
// that were renamed; false where that is not known.
func (s State) Paths() ([]string, bool) {
	if s.Verdict == nil || s.Verdict.Read == "" || s.Pull.PathsOf != s.Verdict.Read {
		return nil, false
	}
	return s.Pull.Paths, true
}

// ofPull takes in what only a pull request knows.
func (s State) ofPull(e Entry) State {
	switch ev := e.Event.(type) {
	case Claimed:
		s.Pull.Claim = &ev
	case Queued:
		if s.Pull = s.Pull.queued(ev); !ev.Gone {
			s.Changed = e.Version
		}
	}
	return s
}
