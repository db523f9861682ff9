package page

import (
	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/markup"
)

// jobs are what workflows can do, and how surely each is held.
func jobs(list []gate.Job) g.Node { return h.Ul(h.Class("rows jobs"), g.Map(list, job)) }

func job(j gate.Job) g.Node {
	return row(badge(holdClass(j.Held), holdWords(j.Held)), []g.Node{
		h.P(
			g.If(j.ID != "", g.Group{g.Text("job "), code(j.ID)}),
			g.If(j.Workflow != "", g.Group{g.Text(" "), soft(g.Text("in")), g.Text(" "), code(j.Workflow)}),
			g.If(j.Environment != "", g.Group{g.Text(" "), soft(g.Text("to")), g.Text(" "), strong(j.Environment)}),
		),
		g.If(j.Why != "", h.P(h.Class("outside"), text(j.Why))),
		g.If(len(j.Can) > 0, h.P(h.Class("soft small outside"),
			g.Text("can: "), markup.Joined("; ", g.Map(j.Can, text)...))),
	}, h.Span())
}

// holdWords is how surely something is held, in words.
func holdWords(h gate.Hold) string {
	switch h {
	case gate.Certain:
		return "held for certain"
	case gate.BestEffort:
		return "held at best effort"
	}
	return "not held"
}

func holdClass(h gate.Hold) string {
	switch h {
	case gate.Certain:
		return "passed"
	case gate.BestEffort:
		return "watching"
	}
	return "denied"
}
