package page

import (
	"time"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"github.com/gatehold/gatehold/internal/board"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/words"
)

// Environments is the list of environments: what runs where, and what waits to.
type Environments struct {
	Frame
	Environments []board.EnvironmentSummary // that the filter lets through
	Omitted      int                        // that were not looked at
	Counts       map[board.Occupied]int     // of all that the repository has
	Bypassed     int                        // deployments that passed no gate
	Filter       Filter
	Now          time.Time
}

// HTML draws it.
func (p Environments) HTML() g.Node {
	return p.draw("gatehold: environments", "/environments",
		h.H1(g.Text("Environments")),
		p.Filter.tally(len(p.Environments), standings(p.Counts, p.Filter, occupiedWords), p.Now,
			g.Text("What runs where, and what waits to.")),
		p.Filter.form(false),
		g.If(p.Bypassed > 0, state("denied", "bypassed", h.P(
			h.Strong(g.Textf("%s reached an environment without passing a gate.", words.Plural(p.Bypassed, "deployment"))),
			g.Text(" What came so is judged with the next one that asks."),
		))),
		p.list(),
		g.If(p.Omitted > 0, note("And %d more: name a repository to see them.", p.Omitted)),
	)
}

func (p Environments) list() g.Node {
	if len(p.Environments) == 0 {
		return p.Filter.empty("Nothing was deployed yet that gatehold knows of.")
	}
	return h.Ul(h.Class("rows keys"), g.Map(p.Environments, func(e board.EnvironmentSummary) g.Node {
		name := h.P(linkOutside("/environments/"+e.Stream, h.Strong(environmentName(e))))
		return row(badge(occupiedClass(e.Standing), string(e.Standing)), []g.Node{name, occupied(e)}, h.Span())
	}))
}

func environmentName(e board.EnvironmentSummary) g.Node {
	return g.Group{text(e.Repo.FullName()), g.Text(" "), text(e.Environment)}
}

func occupiedWords(o board.Occupied) (class, words string) { return occupiedClass(o), string(o) }

// occupiedClass is the colour of how an environment stands.
func occupiedClass(o board.Occupied) string {
	switch o {
	case board.WasBypassed:
		return "denied"
	case board.HasWaiting, board.HasFailed:
		return "held"
	case board.IsRunning:
		return "passed"
	}
	return "closed"
}

// occupied is what runs in an environment, what waits, and what holds it.
func occupied(e board.EnvironmentSummary) g.Node {
	return g.Group{
		running(e.Runs),
		g.Iff(e.Failed != nil, func() g.Node {
			return h.P(h.Class("held"), g.Text("The last deployment did not succeed: "), ink(arrival(*e.Failed), g.Text(".")),
				g.Text(" What runs there now may be neither."))
		}),
		bypassed(e.Bypassed),
		g.Map(e.Waiting, func(s board.Summary) g.Node {
			return h.P(h.Class("waits"),
				g.Text("Waits: "), linkOutside("/gates/"+s.Stream, text(s.Subject.String())), g.Text(" "),
				commit(s.Head), g.Text(" "), outside(s.Reason),
			)
		}),
		asks(e.Enforcement),
		g.If(e.Failure != "", h.P(h.Class("outside held"), g.Text("Its record cannot be kept: "), text(e.Failure))),
	}
}

func running(a *board.Arrived) g.Node {
	if a == nil {
		return note("It is not known what runs there.")
	}
	return h.P(g.Text("Runs "), arrival(a.Arrival), g.Text("; "), released(*a), g.Text("."))
}

// asks says where GitHub deploys to an environment without asking, and who can.
func asks(e *gate.Enforcement) g.Node {
	if e == nil {
		return nil
	}
	var out g.Group
	switch {
	case e.Unknown != "":
		out = append(out, h.P(h.Class("soft"), g.Text("Whether it asks gatehold is not known: "), outside(e.Unknown)))
	case !e.Enforced:
		out = append(out, h.P(h.Class("denied"),
			h.Strong(g.Text("It does not wait for gatehold.")), g.Text(" "),
			g.Map(e.Missing, func(s string) g.Node { return h.Span(h.Class("ink outside"), text(s), g.Text(" ")) }),
		))
	}
	return append(out, g.Map(e.Bypass, passesBy)...)
}

// passesBy is who can pass a gate by.
func passesBy(who string) g.Node { return h.P(h.Class("outside soft small"), text(who)) }
