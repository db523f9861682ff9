package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
)

// state orders what can be said of a gate, from the worst.
type state uint8

const (
	failing    state = iota // could not be judged
	incomplete              // judged, but not everything could be read
	holding
	pending // not judged yet
	passing // from here on nothing is held
	over    // nothing of it is left to be held
)

// shown is a gate with what it comes to.
type shown struct {
	Gate
	state state
}

// ranked is the gates of a check, the worst first.
func ranked(in Input) []shown {
	out := make([]shown, 0, len(in.Gates))
	for _, g := range in.Gates {
		if g.Verdict != nil && g.Verdict.Head != "" && in.HeadSHA != "" && g.Verdict.Head != in.HeadSHA {
			g.Verdict, g.Standing = nil, gate.IsJudging // of another commit
		}
		out = append(out, shown{Gate: g, state: stateOf(g)})
	}
	slices.SortStableFunc(out, func(a, b shown) int {
		return cmp.Or(cmp.Compare(a.state, b.state), cmp.Compare(b.score(), a.score()), cmp.Compare(a.Subject.Number, b.Subject.Number))
	})
	return out
}

func stateOf(g Gate) state {
	switch {
	case g.Closed, g.Deployed != nil && g.Deployed.Over != "":
		return over
	case g.Queue != nil:
		return queueState(g)
	case g.Failure != nil:
		return failing
	case g.Verdict == nil:
		return pending
	case g.Standing.Passes():
		return passing
	case g.Approvals.Denied == nil && len(g.Verdict.Problems) > 0 && !g.Verdict.WouldHold:
		return incomplete
	}
	return holding
}

// queueState is the state of a merge group. What is tried again keeps the queue
// waiting: GitHub itself gives up after the time that the queue is set to.
func queueState(g Gate) state {
	switch {
	case g.Failure != nil && g.Failure.Next.IsZero():
		return failing
	case g.Failure != nil, g.Queue.Pending:
		return pending
	case g.Queue.Passes:
		return passing
	}
	return holding
}

func (g shown) score() int {
	if g.Verdict == nil {
		return 0
	}
	return g.Verdict.Score
}

// title says in a line what the gate comes to. It is plain text.
func (g shown) title() string {
	if g.Closed {
		return g.closedTitle()
	}
	return g.standingTitle() + g.reminder()
}

func (g shown) standingTitle() string {
	if g.Deployed != nil {
		if title := g.deployTitle(); title != "" {
			return title
		}
	}
	switch {
	case g.Queue != nil && g.state == passing:
		return "Passed: " + sentence(g.Queue.Why, 180)
	case g.Queue != nil && g.state == holding:
		return "Held: " + sentence(g.Queue.Why, 180)
	case g.Queue != nil && g.Failure == nil:
		return "Waiting: " + sentence(g.Queue.Why, 180)
	}
	switch g.state {
	case failing:
		return "Held: gatehold could not finish judging - " + failureText(g.Failure, 110) + nextTry(g.Failure)
	case pending:
		if g.Failure != nil {
			return "Waiting: gatehold could not finish judging yet - " + failureText(g.Failure, 110) + nextTry(g.Failure)
		}
		return "Held: gatehold is judging this change"
	}
	if g.Verdict.Held || g.Approvals.Denied != nil { // a denial outlives what was held
		if title := g.approvalTitle(); title != "" {
			return title
		}
	}
	return verdictTitle(g.Verdict)
}

// verdictTitle is the title of a verdict.
func verdictTitle(v *gate.Verdict) string {
	score := fmt.Sprintf(" - score %d, %s", v.Score, visible(string(v.Level), 20))
	switch {
	case len(v.Problems) > 0 && !v.WouldHold:
		return "Held: " + sentence(v.Problems[0].Text, 150) + score
	case v.Held && v.Needs == nil:
		return "Held" + score
	case v.Held:
		return "Held: needs " + visible(needText(*v.Needs, plainName), 140) + score
	case v.WouldHold:
		return "Watching only: would be held" + score
	case !v.Agent.Is && len(v.Findings) > 0:
		return "Passed: " + author(v) + ", below the hold level" + score
	case !v.Agent.Is:
		return "Passed: " + author(v) + ", nothing to hold"
	case len(v.Findings) == 0:
		return "Passed: " + author(v) + ", nothing found" + score
	}
	return "Passed: " + author(v) + " below the hold level" + score
}

func author(v *gate.Verdict) string {
	switch a := v.Agent; {
	case len(a.Automation) > 0 && (a.ByAutomation() || !a.Is):
		return "automation (" + visible(a.Automation[0], 40) + ")"
	case len(a.Unknown) > 0 && len(a.Names) == 0:
		return "change of an account that is not known to be a person's"
	case a.Is:
		return "agent change"
	}
	return "human change"
}

func failureText(f *gate.Failed, limit int) string {
	if text := sentence(f.Text, limit); text != "" {
		return text
	}
	return visible(f.Code, limit)
}

// sentence is a sentence within another: on one line, without its full stop.
func sentence(s string, limit int) string {
	return strings.TrimRight(visible(s, limit), ".")
}

// nextTry says when a failed step is tried again: the time of day, with the
// date where that is not the day on which it began to fail.
func nextTry(f *gate.Failed) string {
	if f.Next.IsZero() {
		return ", tried again when something changes"
	}
	return ", next try " + moment(f.Next, f.Since)
}

func moment(t, beside time.Time) string {
	t, beside = t.UTC(), beside.UTC()
	if t.Format(time.DateOnly) == beside.Format(time.DateOnly) {
		return t.Format("15:04 UTC")
	}
	return t.Format("2006-01-02 15:04 UTC")
}

func plainName(s string) string {
	if s = visible(s, 80); s == "" {
		return "(empty)"
	}
	return s
}

// maxNames is how many names are told of a list.
const maxNames = 10

func names(in []string, name func(string) string) []string {
	out := make([]string, 0, len(in))
	for _, s := range in[:min(len(in), maxNames)] {
		out = append(out, name(s))
	}
	if more := len(in) - maxNames; more > 0 {
		out = append(out, fmt.Sprintf("%d more", more))
	}
	return out
}
