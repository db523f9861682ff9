package gate

import "time"

// RunState is what only the gate of a workflow run knows.
type RunState struct {
	Halted *Halted // what was last done to it
}

// dueRun is what a workflow run wants done: where the rules say so it is
// cancelled while it is held, and started again once it is released. One that
// was cancelled and that nobody released is given up in the end: GitHub starts
// nothing again after a month.
func (s State) dueRun() (Step, time.Time) {
	halted := s.WorkflowRun.Halted != nil && s.WorkflowRun.Halted.Attempt == s.attempt()
	want := s.Verdict.Deploy.Cancel && s.Verdict.Held
	waits := halted && !s.WorkflowRun.Halted.Again
	switch {
	case want && !s.Going.Open && !halted, s.Going.Open && waits && s.Denied() == nil:
		if s.Failure == nil {
			return CancelRun, time.Time{}
		}
		if !s.Failure.Next.IsZero() {
			return CancelRun, s.Failure.Next
		}
	case waits:
		step, when := Assess, s.Deadline()
		if s.Verdict.Needs != nil {
			if end := s.Verdict.Needs.lapse(s.Choices, s.LapsedTo); !end.IsZero() && end.Before(when) {
				step, when = Lapse, end
			}
		}
		return step, when
	}
	return Nothing, time.Time{}
}
