package gate

import (
	"slices"
	"time"
)

// Reply is what GitHub is told about a deployment that waits for it.
type Reply string

// The replies. A comment answers nothing: it says what is waited for.
const (
	Approved  Reply = "approved"
	Rejected  Reply = "rejected"
	Commented Reply = "commented"
)

// Deploy is what a deployment, or a workflow run, is beside a change.
type Deploy struct {
	Environment string `json:"environment,omitempty"` // empty: a run that no environment holds
	Run         int64  `json:"run"`
	Attempt     int    `json:"attempt"`
	Workflow    string `json:"workflow,omitempty"` // path of its file
	Trigger     string `json:"trigger,omitempty"`  // the event that started it
	// Base is the commit that the environment runs now; empty with First.
	Base     string     `json:"base,omitempty"`
	BaseAt   time.Time  `json:"base_at,omitzero"` // when it was deployed
	First    bool       `json:"first,omitempty"`  // nothing was deployed there before
	Rollback bool       `json:"rollback,omitempty"`
	Outgoing []Outgoing `json:"outgoing,omitempty"` // what goes out, the newest first, bounded
	Omitted  int        `json:"omitted,omitempty"`  // of Outgoing, beyond the bound
	Summary  string     `json:"summary"`            // a line: how much goes out, whose it is, the worst of it
	Chain    []Link     `json:"chain,omitempty"`    // what led here, the first step first
	Jobs     []Job      `json:"jobs,omitempty"`     // what the run can do, by its workflow file
	Cancel   bool       `json:"cancel,omitempty"`   // the rules want the run cancelled while it is held

	// Over are the commits of other deployments that were under way there when it was
	// judged: it was judged from each of them too that Head does not follow, and where
	// that is graver Base is one of them. They are no part of the digest.
	Over []string `json:"over,omitempty"`

	// Concurrent is how many deployments the environment takes at once; 0: any
	// number. How many are under way is looked at again when this one is let go.
	Concurrent int `json:"concurrent,omitempty"`

	// Waits are what no approval shortens. They are no part of the verdict's
	// digest: time alone changes them.
	Waits []Wait `json:"waits,omitempty"`
}

// Outgoing is one pull request, or one commit that no pull request brought,
// within what a deployment brings.
type Outgoing struct {
	Number int      `json:"number,omitempty"`
	SHA    string   `json:"sha,omitempty"`
	Title  string   `json:"title,omitempty"`
	Agent  bool     `json:"agent"`
	Names  []string `json:"names,omitempty"` // of agents
	Score  int      `json:"score"`
	Level  Level    `json:"level,omitempty"`
	Worst  string   `json:"worst,omitempty"` // the riskiest finding, in words
	// ApprovedBy are the people whose approval of exactly this stands.
	ApprovedBy []string `json:"approved_by,omitempty"`
	Valid      bool     `json:"valid"`         // it was released, and nothing moved before the merge
	Why        string   `json:"why,omitempty"` // where it was not: a sentence
}

// Link is one step of the chain that leads to a deployment: who acted, and on
// whose behalf. What one step was allowed says nothing of the next.
type Link struct {
	Kind     string   `json:"kind"` // issue, session, pull_request, merge, run, deployment
	Ref      string   `json:"ref"`  // "#12", a URL, a commit
	By       string   `json:"by,omitempty"`
	Agent    bool     `json:"agent,omitempty"`
	OnBehalf []string `json:"on_behalf,omitempty"`
}

// Job is what a job of a workflow can do, and how far it is held.
type Job struct {
	ID          string   `json:"id"`
	Workflow    string   `json:"workflow,omitempty"` // where it is defined, if in another file
	Environment string   `json:"environment,omitempty"`
	Can         []string `json:"can,omitempty"`    // "id-token: write", "reads secrets", "self-hosted runner", ...
	Powers      []string `json:"powers,omitempty"` // the same as codes: "id-token", "secret:NAME", "self-hosted", ...
	Held        Hold     `json:"held"`
	Why         string   `json:"why,omitempty"`
}

// Hold is how surely something waits for a yes.
type Hold string

// The holds.
const (
	Certain    Hold = "certain"     // GitHub waits for us
	BestEffort Hold = "best_effort" // cancelling is a race
	NotHeld    Hold = "not_held"
)

// Wait is something that has to pass, or to happen, before a deployment.
type Wait struct {
	Code string `json:"code"` // wait, freeze, after, concurrent
	Text string `json:"text"`
	// From is when it begins, where it has not begun yet: a freeze to come.
	From time.Time `json:"from,omitzero"`
	// Until is when it is over, or with Look when it is looked at again.
	Until time.Time `json:"until"`
	// Look says that time alone does not end it: another look has to find that
	// it is over.
	Look bool `json:"look,omitempty"`
	// Except are groups whose members' approval lifts it.
	Except []string `json:"except,omitempty"`
}

// HoldLimit is how long a deployment is held. GitHub fails the job by itself
// after 30 days and the run after 35; an answer of ours comes before.
// https://docs.github.com/en/actions/reference/limits
const HoldLimit = 28 * 24 * time.Hour

// maxComments is how many comments a deployment gets: GitHub takes ten, the
// answer itself being one.
const maxComments = 8

// DeploymentState is what only the gate of a deployment knows.
type DeploymentState struct {
	Replying  *Replying // the newest answer that was begun
	RepliedAt time.Time
	Replied   []Replied // what GitHub was told, oldest first
}

func (d DeploymentState) replied(ev Replied, at time.Time) DeploymentState {
	d.Replied, d.RepliedAt = append(slices.Clone(d.Replied), ev), at
	return d
}

// Answered is what GitHub took as our answer about the present attempt; empty
// where it has none.
func (s State) Answered() Reply {
	for i := len(s.Deployment.Replied) - 1; i >= 0; i-- {
		if r := s.Deployment.Replied[i]; r.Reply != Commented && r.Attempt == s.attempt() {
			return r.Reply
		}
	}
	return ""
}

// MayHaveLeft reports whether GitHub may have let the deployment go in the present
// attempt: it took that answer, or was sent it and nobody knows what became of it.
func (s State) MayHaveLeft() bool {
	r := s.Deployment.Replying
	begun := r != nil && r.Reply == Approved && r.Attempt == s.attempt()
	return s.Answered() == Approved || s.Answered() == "" && begun && !s.Done
}

func (s State) attempt() int {
	if s.Verdict != nil && s.Verdict.Deploy != nil {
		return s.Verdict.Deploy.Attempt
	}
	return 0
}

// Deadline is when a deployment that nobody released is rejected.
func (s State) Deadline() time.Time { return s.OpenedAt.Add(HoldLimit) }

// Waits are the waits that stand at a moment. An override lifts them all.
func (s State) Waits(now time.Time) []Wait {
	if s.Verdict == nil || s.Verdict.Deploy == nil || s.Overridden() != nil {
		return nil
	}
	var out []Wait
	for _, w := range s.Verdict.Deploy.Waits {
		lifted := slices.ContainsFunc(s.Choices, func(c Choice) bool {
			return c.Answer == Approve && inAny(c.Groups, w.Except)
		})
		if !lifted && !now.Before(w.From) && (w.Look || now.Before(w.Until)) {
			out = append(out, w)
		}
	}
	return out
}

// OnlyGlances reports whether all that is asked for is whether a deployment that was
// judged is as it was: not where time asks for another look.
func (s State) OnlyGlances(now time.Time) bool {
	if s.Verdict == nil || s.Verdict.Deploy == nil || !s.Glance || s.Wanted <= s.Covered {
		return false
	}
	return !slices.ContainsFunc(s.Verdict.Deploy.Waits, func(w Wait) bool { return w.Look && !now.Before(w.Until) })
}

// Reply is what GitHub is to be told of a deployment at a moment; empty where
// there is nothing to say. A denial wins over all approvals, and an approval
// over the deadline.
func (s State) Reply(now time.Time) Reply {
	switch {
	case s.Answered() != "" || s.Done:
		return ""
	case s.Denied() != nil:
		return Rejected
	case s.Released(now):
		return Approved
	case !now.Before(s.Deadline()):
		return Rejected
	case s.Verdict == nil || s.Wanted > s.Covered || !s.wantsComment():
		return ""
	}
	return Commented
}

// dueDeploy is what a deployment wants done once it was judged.
func (s State) dueDeploy() (Step, time.Time) {
	if s.Subject.Kind == WorkflowRun {
		return s.dueRun()
	}
	switch {
	case s.Answered() != "":
		return Nothing, time.Time{}
	case s.Failure != nil && !s.Failure.afterwards(): // another look, which a wait asked for
		if next := s.Failure.Next; !next.IsZero() && next.Before(s.Deadline()) {
			return Assess, next
		}
		return Respond, s.Deadline()
	case s.Failure != nil && s.Failure.Next.IsZero(): // not before something else happens
		return Nothing, time.Time{}
	case s.Failure != nil:
		return Respond, s.Failure.Next
	case s.Going.Open || s.Denied() != nil || s.wantsComment():
		return Respond, time.Time{}
	}
	step, when := Respond, s.Deadline()
	for _, w := range s.Verdict.Deploy.Waits {
		if w.Until.After(s.JudgedAt) && w.Until.Before(when) {
			step, when = Assess, w.Until
		}
	}
	if s.Verdict.Needs != nil {
		if end := s.Verdict.Needs.lapse(s.Choices, s.LapsedTo); !end.IsZero() && end.Before(when) {
			step, when = Lapse, end
		}
	}
	return step, when
}

// wantsComment reports whether GitHub's page of the run does not say yet what
// is waited for.
func (s State) wantsComment() bool {
	comments, covered := 0, uint64(0)
	for _, r := range s.Deployment.Replied {
		if r.Reply == Commented {
			comments++
			covered = r.Covers
		}
	}
	return comments < maxComments && covered < s.Changed
}

// otherWaits reports whether what a deployment waits for has changed. What has
// not begun is not waited for.
func otherWaits(before, now *Verdict) bool {
	if before == nil || now == nil || before.Deploy == nil || now.Deploy == nil {
		return false
	}
	begun := func(d *Deploy) []Wait {
		return slices.DeleteFunc(slices.Clone(d.Waits), func(w Wait) bool { return !w.From.IsZero() })
	}
	return !slices.EqualFunc(begun(before.Deploy), begun(now.Deploy), func(a, b Wait) bool {
		return a.Code == b.Code && a.Text == b.Text
	})
}

// GoingState is what the gates of a deployment and of a workflow run both know:
// something goes out by a run.
type GoingState struct {
	Attempt   int  // of the run: the newest that an event named
	Completed int  // the newest attempt that an event says has ended
	Open      bool // released when last something happened
}

// goes reports whether what is held goes out by a run.
func (k Kind) goes() bool { return k == Deployment || k == WorkflowRun }

func (g GoingState) seen(ev Seen) GoingState {
	g.Attempt = max(g.Attempt, ev.Attempt)
	if ev.Event == "workflow_run" && ev.Action == "completed" {
		g.Completed = max(g.Completed, ev.Attempt)
	}
	return g
}
