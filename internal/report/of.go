package report

import (
	"time"

	"github.com/gatehold/gatehold/internal/gate"
)

// Of is a gate as its own record has it at a moment. What only others' records
// tell, its branch's enforcement say, is for the caller to add.
func Of(s gate.State, now time.Time) Gate {
	g := Gate{Subject: s.Subject, Standing: s.Standing(now), Verdict: s.Current(), Failure: s.Failure, LookAt: s.LookAt}
	g.Approvals = people(s, g.Verdict, now)
	if g.Standing == gate.IsHeld && s.Denied() == nil {
		g.Reminders = s.RemindedOf()
	}
	if s.Subject.Kind == gate.Deployment || s.Subject.Kind == gate.WorkflowRun {
		g.Deployed = &Deployed{Waits: s.Waits(now), Answered: s.Answered(),
			Halted: s.WorkflowRun.Halted != nil && !s.WorkflowRun.Halted.Again}
		if s.Done {
			g.Deployed.Over = s.ClosedWhy
		}
		if f := s.Failure; f != nil && g.Standing != gate.IsFailing { // decided, and not passed on
			g.Deployed.Trouble, g.Failure = f, nil
		}
	}
	return g
}

// people is what people said to a gate about its present verdict.
func people(s gate.State, verdict *gate.Verdict, now time.Time) Approvals {
	a := Approvals{Voided: s.Voided, Refused: s.Refusals, Overrides: s.Overrides}
	if verdict == nil || !verdict.Held {
		return a
	}
	a.Denied, a.Overridden = s.Denied(), s.Overridden()
	if verdict.Needs != nil && len(s.Choices) > 0 {
		a.Progress = verdict.Needs.Progress(s.Choices, now)
	}
	return a
}
