package gate

import "time"

// Reason is why gatehold itself wants something looked at.
type Reason string

// The reasons to look at a gate again. Those of a repository, which are told on
// its stream, lead to looks by the same names.
const (
	Reconciled  Reason = "reconciled"  // the comparison with GitHub found it otherwise, or only here
	Rerequested Reason = "rerequested" // somebody, or a machine, asked for it on the check
	InQueue     Reason = "queued"      // a merge group has it of which it knows less
	AfterOther  Reason = "landed"      // another deployment has ended that it may wait for
	NewAttempt  Reason = "attempt"     // the run is in another attempt
	NoRoom      Reason = "concurrent"  // another deployment was let go first
	RunEnded    Reason = "run_ended"
	Brought     Reason = "brought" // what a pull request brings along has gone in
	Signed      Reason = "signed"  // whoever opened it signed that it is theirs
)

// Look records, on the stream of a gate, that gatehold itself wants it looked at
// again. What it knows of the subject beside that is as in Seen.
type Look struct {
	Subject Subject `json:"subject"`
	Why     Reason  `json:"why"`
	By      Actor   `json:"by,omitzero"` // whose doing led to it, where it was somebody's

	Head         string    `json:"head,omitempty"` // empty: as it was seen before
	Base         string    `json:"base,omitempty"`
	BaseRef      string    `json:"base_ref,omitempty"`
	ChangedFiles int       `json:"changed_files,omitempty"`
	Closed       bool      `json:"closed,omitempty"`
	Said         *Said     `json:"said,omitempty"`
	HeadRef      string    `json:"head_ref,omitempty"`
	Attempt      int       `json:"attempt,omitempty"`
	Workflow     string    `json:"workflow,omitempty"`
	Trigger      string    `json:"trigger,omitempty"`
	Triggered    Actor     `json:"triggered,omitzero"`
	Since        time.Time `json:"since,omitzero"`
}

// Kind names each event in the ledger.
func (Look) Kind() string { return "look" }

// The names that gatehold's own events had among GitHub's before they were events
// of their own. What was written so is read as what it was.
const (
	oursOnce  = "gatehold"
	lanesOnce = "lanes"
)

// typed is the event that an old record stands for.
func (ev Seen) typed() Event {
	switch {
	case ev.Event == oursOnce && ev.Subject.Kind.Gates():
		return Look{
			Subject: ev.Subject, Why: Reason(ev.Action), By: ev.Sender, Head: ev.Head, Base: ev.Base, BaseRef: ev.BaseRef,
			ChangedFiles: ev.ChangedFiles, Closed: ev.Closed, Said: ev.Said, HeadRef: ev.HeadRef, Attempt: ev.Attempt,
			Workflow: ev.Workflow, Trigger: ev.Trigger, Triggered: ev.Triggered, Since: ev.Since,
		}
	case ev.Event == oursOnce && ev.Subject.Kind == Repository, ev.Event == lanesOnce:
		out := Noticed{
			Subject: ev.Subject, What: Reason(ev.Action), By: ev.Sender, BaseRef: ev.BaseRef, Tip: ev.Tip, RepoAt: ev.RepoAt,
			Default: ev.Default,
		}
		if ev.Event == lanesOnce {
			out.What = LanesUnsure
		}
		return out
	}
	return ev
}

// seen is what a look knows of its subject.
func (ev Look) seen() Seen {
	return Seen{
		Subject: ev.Subject, Sender: ev.By, Head: ev.Head, Base: ev.Base, BaseRef: ev.BaseRef,
		ChangedFiles: ev.ChangedFiles, Closed: ev.Closed, Said: ev.Said, HeadRef: ev.HeadRef, Attempt: ev.Attempt,
		Workflow: ev.Workflow, Trigger: ev.Trigger, Triggered: ev.Triggered, Since: ev.Since,
	}
}

// Noted is what was noticed as it waits to be looked at.
func (ev Noticed) Noted(e Entry) Noted {
	return Noted{
		Seen: Seen{Subject: ev.Subject, Action: string(ev.What), Sender: ev.By, BaseRef: ev.BaseRef, Tip: ev.Tip,
			RepoAt: ev.RepoAt, Default: ev.Default},
		Ours: true, Version: e.Version, At: e.At,
	}
}

// orUnknown is the reason where this version does not know it.
func (r Reason) orUnknown() string {
	switch r {
	case Reconciled, Rerequested, InQueue, AfterOther, NewAttempt, NoRoom, RunEnded, Brought, Signed,
		RulesChanged, OrgRulesChanged, Installed, EnforcementChanged, WorkflowsChanged, BranchSeen, Renamed, Moved, Archived, Unarchived,
		LanesChanged, LanesUnsure:
		return ""
	}
	return string(r)
}

// Noted is something that was seen, with its place.
type Noted struct {
	Seen
	Ours    bool // gatehold itself noticed it: Action is what
	Version uint64
	At      time.Time
}
