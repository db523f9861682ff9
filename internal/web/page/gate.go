package page

import (
	"strconv"
	"time"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"github.com/gatehold/gatehold/internal/board"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/ledger"
)

// Gate is one gate: how it stands, its verdict with the reasons, and its record.
type Gate struct {
	Stream string
	Detail board.Detail
	Now    time.Time
}

// HTML draws it.
func (p Gate) HTML() g.Node {
	s := p.Detail.State
	return layout(p.Stream,
		h.H1(h.Class("outside"), text(s.Subject.String())),
		g.Map(s.Overrides, override),
		p.standing(),
		unenforced(p.Detail.Enforcement),
		p.verdict(),
		g.If(len(p.Detail.Told) > 0, section("Who was told",
			table([]string{"Channel", "Told", "Still to be told"}, g.Map(p.Detail.Told, toldChannel)))),
		section("Record", table([]string{"#", "When", "What", "Hash"}, g.Map(p.Detail.Records, record))),
	)
}

// override is a release at once, with the look that somebody else took at it.
func override(o gate.OverrideRecord) g.Node {
	if o.Review != nil {
		return state("released", "reviewed",
			h.P(g.Text("Released at once by "), said(o.Choice), g.Text(".")),
			h.P(h.Class("small"), g.Text("Reviewed by "), said(*o.Review), g.Text(".")),
		)
	}
	return state("failing", "to review",
		h.P(h.Strong(g.Text("Released at once")), g.Text(" by "), said(o.Choice), g.Text(".")),
		h.P(h.Strong(g.Text("Not reviewed yet.")),
			g.Text(" Somebody else who may decide here has to look at it: the button is on the check.")),
	)
}

// standing is what the gate comes to, and why.
func (p Gate) standing() g.Node {
	s := p.Detail.State
	standing, reason, denied := s.Standing(p.Now), board.Reason(s, p.Now), s.Denied()
	class := string(standing)
	if denied != nil {
		class = "denied"
	}
	return state(class, string(standing),
		h.P(h.Class("outside"), text(reason)),
		g.Iff(denied != nil, func() g.Node {
			return h.P(h.Class("small"), g.Text("Denied by "), said(*denied), g.Text("."))
		}),
		g.Map(s.Waits(p.Now), func(w gate.Wait) g.Node { return h.P(h.Class("outside"), text(w.Text)) }),
		g.Iff(s.Failure != nil, func() g.Node { return failure(*s.Failure, standing == gate.IsFailing) }),
		g.If(standing == gate.IsJudging, h.P(g.Text("Nothing passes before that."))),
		g.Iff(s.Verdict != nil && s.Verdict.Reason != reason, func() g.Node {
			return h.P(h.Class("outside soft"), text(s.Verdict.Reason))
		}),
	)
}

// failure is a step that is tried again. Where it is failing, the gate stands by it.
func failure(f gate.Failed, failing bool) g.Node {
	return g.Group{
		g.If(!failing, h.P(h.Class("outside"), g.Text("What was decided could not be passed on yet: "), text(f.Text))),
		h.P(h.Class("soft small"),
			g.Textf("Tried %d times since %s.", f.Attempt, when(f.Since)),
			g.If(!f.Next.IsZero(), g.Textf(" Next attempt %s.", when(f.Next))),
			g.If(failing, g.Text(" Until it succeeds, nothing passes.")),
		),
	}
}

// unenforced says that GitHub does not wait for the gate, or that nobody knows.
func unenforced(e *gate.Enforcement) g.Node {
	switch {
	case e == nil, e.Enforced && e.Unknown == "":
		return nil
	case e.Unknown != "":
		return card(h.Strong(g.Text("Enforced or not: unknown.")), g.Text(" "), outside(e.Unknown))
	}
	return card(
		h.Strong(g.Text("Not enforced")),
		g.If(e.Branch != "", g.Group{g.Text(" on the branch "), code(e.Branch)}),
		g.Text(": what this gate holds goes through all the same."),
		g.Map(e.Missing, func(s string) g.Node { return g.Group{g.Text(" "), outside(s)} }),
	)
}

func card(what ...g.Node) g.Node { return h.Div(h.Class("card"), g.Group(what)) }

// toldChannel is what one channel was told, and why it was not told the rest.
func toldChannel(t board.Told) g.Node {
	return h.Tr(
		h.Td(h.Class("outside"), text(t.Channel)),
		h.Td(g.If(t.Told != "", g.Group{text(t.Told), g.Text(" "), h.Span(h.Class("soft"), g.Text(when(t.At)))})),
		h.Td(
			text(t.Wants),
			g.If(t.Wants != "" && !t.Next.IsZero() && !t.GivenUp, h.Span(h.Class("soft"), g.Textf(" not before %s", when(t.Next)))),
			g.If(t.Attempt > 0, g.Textf(", tried %d times", t.Attempt)),
			g.If(t.GivenUp, g.Text(" Given up.")),
			g.If(t.Problem != "", g.Group{g.Text(" "), outside(t.Problem)}),
		),
	)
}

func record(r ledger.Record) g.Node {
	return h.Tr(
		h.Td(g.Text(strconv.FormatUint(r.Version, 10))),
		h.Td(h.Class("soft"), g.Text(when(r.At))),
		h.Td(g.Text(r.Kind)),
		h.Td(h.Code(h.Class("soft"), g.Text(short(r.Hash)))),
	)
}
