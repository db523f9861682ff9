package web

import (
	"time"

	"github.com/gatehold/gatehold/internal/board"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/report"
)

// gateFacts are the facts of a gate's page beside its verdict, whose fields
// stand at the top as on the check run.
type gateFacts struct {
	*gate.Verdict
	Gate gateState `json:"gate"`
}

type gateState struct {
	Stream      string            `json:"stream"`
	Subject     gate.Subject      `json:"subject"`
	Statement   string            `json:"statement"`         // who wants what, in a sentence
	Missing     string            `json:"missing,omitempty"` // what it still needs, in words
	Version     uint64            `json:"version"`
	Standing    gate.Standing     `json:"standing"`
	Released    bool              `json:"released"` // what stands so may go on
	Closed      bool              `json:"closed"`
	ClosedWhy   string            `json:"closed_why,omitempty"`
	Failure     *gate.Failed      `json:"failure,omitempty"`
	Waits       []gate.Wait       `json:"waits"` // that stand now
	Answered    gate.Reply        `json:"answered,omitempty"`
	Replied     []gate.Replied    `json:"replied"`
	Halted      *gate.Halted      `json:"halted,omitempty"`
	Choices     []choiceFacts     `json:"choices"`
	Refusals    []gate.Refused    `json:"refusals"`
	Voided      []voidFacts       `json:"voided"`
	Overrides   []overrideFacts   `json:"overrides"`
	Bypassed    []gate.Arrival    `json:"bypassed"` // reached the environment without passing a gate
	Enforcement *gate.Enforcement `json:"enforcement,omitempty"`
	Told        []board.Told      `json:"told"` // by channel
	Records     []recordFacts     `json:"records"`
}

type choiceFacts struct {
	gate.Counted
	At time.Time `json:"at"`
}

type voidFacts struct {
	choiceFacts
	Why string    `json:"why"`
	On  time.Time `json:"on"`
}

type overrideFacts struct {
	choiceFacts
	Review *choiceFacts `json:"review"` // null: nobody has looked at it yet
}

type recordFacts struct {
	Version uint64    `json:"version"`
	At      time.Time `json:"at"`
	Kind    string    `json:"kind"`
	Hash    string    `json:"hash"`
}

func factsOf(c gate.Choice) choiceFacts { return choiceFacts{c.Counted, c.At} }

func (p *pages) facts(stream string, d board.Detail) gateFacts {
	s, now := d.State, p.now()
	g := gateState{
		Statement: report.StatementOf(s.Subject, s.Verdict, s.Base(), s.Left()).String(), Missing: report.Missing(s, now),
		Stream: stream, Subject: s.Subject, Version: s.Version, Closed: s.Done, ClosedWhy: s.ClosedWhy,
		Standing: s.Standing(now), Released: s.Standing(now).Passes(),
		Failure: s.Failure, Waits: append([]gate.Wait{}, s.Waits(now)...), Answered: s.Answered(),
		Replied: append([]gate.Replied{}, s.Deployment.Replied...),
		Halted:  s.WorkflowRun.Halted, Choices: []choiceFacts{}, Refusals: append([]gate.Refused{}, s.Refusals...),
		Voided: []voidFacts{}, Overrides: []overrideFacts{},
		Bypassed: append([]gate.Arrival{}, d.Bypassed...), Enforcement: d.Enforcement, Told: append([]board.Told{}, d.Told...),
		Records: []recordFacts{},
	}
	for _, c := range s.Choices {
		g.Choices = append(g.Choices, factsOf(c))
	}
	for _, v := range s.Voided {
		g.Voided = append(g.Voided, voidFacts{factsOf(v.Choice), v.Why, v.On})
	}
	for _, o := range s.Overrides {
		facts := overrideFacts{choiceFacts: factsOf(o.Choice)}
		if o.Review != nil {
			review := factsOf(*o.Review)
			facts.Review = &review
		}
		g.Overrides = append(g.Overrides, facts)
	}
	for _, r := range d.Records {
		g.Records = append(g.Records, recordFacts{r.Version, r.At, r.Kind, r.Hash})
	}
	return gateFacts{Verdict: s.Verdict, Gate: g}
}
