package report

import (
	"time"

	"github.com/gatehold/gatehold/internal/gate"
)

// checkRun is CheckRun of gates that stand as the law has it for what they show.
func checkRun(in Input) Check {
	gates := make([]Gate, len(in.Gates))
	for i, g := range in.Gates {
		gates[i] = stood(g)
	}
	in.Gates = gates
	return CheckRun(in)
}

func stood(g Gate) Gate {
	s := gate.State{Subject: g.Subject, Verdict: g.Verdict, Failure: g.Failure, Done: g.Closed}
	for _, c := range []*gate.Choice{g.Approvals.Denied, g.Approvals.Overridden} {
		if c != nil {
			s.Choices = append(s.Choices, *c)
		}
	}
	for _, slot := range g.Approvals.Progress.Slots {
		s.Choices = append(s.Choices, slot.By...)
	}
	g.Standing = s.Standing(time.Time{})
	return g
}
