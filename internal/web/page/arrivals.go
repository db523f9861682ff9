package page

import (
	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"github.com/gatehold/gatehold/internal/board"
	"github.com/gatehold/gatehold/internal/gate"
)

// arrival is what reached an environment, when, and by whom.
func arrival(a gate.Arrival) g.Node {
	by := g.Text(" by no workflow run")
	if a.Run != 0 {
		by = g.Textf(" by run %d", a.Run)
	}
	return g.Group{
		commit(a.SHA), g.Textf(" on %s", when(a.At)), by,
		g.If(a.By.Login != "", g.Group{g.Text(", deployed by "), person(a.By.Login)}),
	}
}

// maxBypassed is how many of those that passed no gate are told one by one.
const maxBypassed = 5

// bypassed are those that reached an environment without passing a gate.
func bypassed(list []gate.Arrival) g.Node {
	shown := list[:min(len(list), maxBypassed)]
	return g.Group{
		g.Map(shown, func(a gate.Arrival) g.Node {
			return h.P(h.Class("denied"),
				h.Strong(g.Text("Reached without passing a gate:")), g.Text(" "), ink(arrival(a), g.Text(".")))
		}),
		g.If(len(list) > len(shown), h.P(h.Class("denied"), g.Textf("And %d more.", len(list)-len(shown)))),
	}
}

// ink is in the colour of the page, in the middle of a line that has another.
func ink(what ...g.Node) g.Node { return h.Span(h.Class("ink"), g.Group(what)) }

// released is what let an arrival go.
func released(a board.Arrived) g.Node {
	switch {
	case a.Gate == "" && a.Failed:
		return soft(g.Text("it failed"))
	case a.Gate == "":
		return h.Strong(h.Class("denied"), g.Text("it passed no gate"))
	}
	return g.Group{link("/gates/"+a.Gate, g.Text("its gate")), g.Text(": "), releasedBy(a)}
}

func releasedBy(a board.Arrived) g.Node {
	switch {
	case len(a.ReleasedBy) > 0:
		return g.Group{g.Text("let go by "), people(a.ReleasedBy)}
	case a.Rollback:
		return g.Text("back to what was approved there before")
	case a.Approved:
		return g.Text("approved")
	}
	return g.Text("nobody's yes was needed")
}
