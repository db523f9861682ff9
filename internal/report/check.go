// Package report renders a verdict for people and programs: the check run, the
// terminal, JSON. It is pure, and it is the only place where text from outside
// (titles, paths, messages) is put among words of ours, so that nothing of it
// can break the layout or forge a line.
package report

import (
	"slices"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
)

// Conclusion of a check run. Only Success lets a required check pass among
// those used here: neutral and skipped would pass as well, and are not used.
type Conclusion string

// The conclusions that gatehold publishes.
const (
	Success        Conclusion = "success"
	ActionRequired Conclusion = "action_required"
	Failure        Conclusion = "failure"
	Cancelled      Conclusion = "cancelled" // what it was about is over
	// InProgress is no conclusion yet: a merge queue takes any other than
	// Success for a refusal, and waits for this.
	InProgress Conclusion = ""
)

// The platform's bounds on a check run.
// https://docs.github.com/en/rest/checks/runs#create-a-check-run
const (
	MaxSummary     = 65535 // characters of summary, and of text
	MaxAnnotations = 50    // per request
)

// Annotation marks lines of a file in the head.
type Annotation struct {
	Path      string
	StartLine int // from 1
	EndLine   int
	Level     string // notice, warning, failure
	Title     string // at most 255 characters
	Message   string // at most 64 KB
}

// Check is what gatehold wants a check run to say.
type Check struct {
	Name        string // "gatehold"
	HeadSHA     string
	ExternalID  string // the check's ledger stream
	DetailsURL  string
	Conclusion  Conclusion
	Title       string
	Summary     string // Markdown
	Text        string // Markdown, with the verdict as JSON
	Annotations []Annotation
	Actions     []Action // at most three
}

// Input is everything that the check run of one commit shows.
type Input struct {
	Name    string // of the check
	HeadSHA string
	Stream  string // the check's ledger stream
	Nonce   string // of this painting, for its buttons; empty: they carry none
	URL     string // the check's page; empty: there is none
	Gates   []Gate // that have this commit as their head
	// TakenBack says that the check was green and may not stay so, because no gate
	// of its lane has the commit as its head any more; Left are the branches that
	// it was green for, as far as they are known.
	TakenBack bool
	Left      []string
	// Before is what the check concluded last: it stands where all gates are
	// closed, which decide nothing any more.
	Before Conclusion
	// Compared is when the repository was last compared with GitHub, as far as
	// is known; zero: it is not shown.
	Compared time.Time
}

// Gate is one gate, as far as it is known now.
type Gate struct {
	Subject gate.Subject
	// Standing is what the gate comes to. Only one that passes lets the check pass.
	Standing gate.Standing
	Verdict  *gate.Verdict // nil: not judged at this head yet
	Failure  *gate.Failed  // what keeps it from being judged
	URL      string
	// LookAt is when it is looked at again, where that was asked for too often;
	// zero: it was not.
	LookAt time.Time
	// Closed says that nothing of it is held any more. It is shown because
	// somebody released it at once, and decides nothing.
	Closed bool
	// Base is the branch that a pull request or a merge group is for.
	Base string

	Approvals Approvals
	Reminders []gate.Reminder // of what waits: who was told that nobody had answered
	// Enforcement is what makes GitHub wait for this gate; nil: it is not told.
	Enforcement *gate.Enforcement
	Queue       *Queue    // of a merge group
	Deployed    *Deployed // of a deployment or a workflow run
}

// Queue is what a merge group comes to, given its pull request's gate.
type Queue struct {
	Passes, Pending bool
	Why             string // a sentence
}

// Answers reports whether people can answer by the check's buttons.
func (c Check) Answers() bool {
	return slices.ContainsFunc(c.Actions, func(a Action) bool {
		button, _, _ := gate.ReadButton(a.Identifier)
		return button != gate.Recheck
	})
}

// CheckRun says what the check run of a commit should show: the worst of the
// gates that have it as their head. Only if each of them was judged completely
// and holds nothing is the conclusion Success. Equal input gives equal output.
func CheckRun(in Input) Check {
	gates := ranked(in)
	check := Check{
		Name: in.Name, HeadSHA: in.HeadSHA, ExternalID: in.Stream, DetailsURL: in.URL,
		Conclusion: ActionRequired,
		Title:      "Held: gatehold knows of no gate for this commit",
		Summary:    "No open pull request with this commit as its head is known. Nothing passes before one was judged.\n",
	}
	switch {
	case len(gates) == 0 && in.TakenBack:
		return takenBack(in, check)
	case len(gates) == 0:
		return check
	}
	switch worst := gates[0]; {
	case worst.Closed:
		if in.Before == Success {
			check.Conclusion = Success
		}
	case worst.state == over && worst.Deployed.Answered != gate.Approved:
		check.Conclusion = Cancelled
	case worst.state >= passing:
		check.Conclusion = Success
	case worst.Queue != nil && worst.state == pending:
		check.Conclusion = InProgress
	}
	check.Title = gates[0].title() + gates[0].unenforced(in)
	check.Summary = summary(gates, in)
	check.Text = details(gates)
	check.Annotations = annotations(gates)
	check.Actions = actions(gates, in.Nonce)
	return check
}
