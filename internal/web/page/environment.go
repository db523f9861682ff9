package page

import (
	"strconv"
	"time"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"github.com/gatehold/gatehold/internal/board"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/markup"
)

// Environment is one environment with what reached it.
type Environment struct {
	Frame
	Environment board.EnvironmentDetail
	Now         time.Time
}

// HTML draws it.
func (p Environment) HTML() g.Node {
	e := p.Environment
	return p.draw("gatehold: environment", "/environments",
		h.P(h.Class("small"), markup.Joined(" · ",
			link("/environments", g.Text("All environments")),
			linkOutside(repositoryPath(e.Repo), text(e.Repo.FullName())),
		)),
		h.H1(h.Class("outside"), environmentName(e.EnvironmentSummary)),
		state(occupiedClass(e.Standing), string(e.Standing), occupied(e.EnvironmentSummary)),
		note("As of %s.", when(p.Now)),
		section("What reached it", arrivals(e.Arrivals)),
		g.If(e.Omitted > 0, note("And %d before.", e.Omitted)),
	)
}

func repositoryPath(r gate.Repo) string {
	return "/repositories/" + gate.Subject{Kind: gate.Repository, Repo: r}.Stream()
}

func arrivals(list []board.Arrived) g.Node {
	if len(list) == 0 {
		return note("Nothing, as far as gatehold knows.")
	}
	return table([]string{"When", "Commit", "Run", "Deployed by", "Let go"}, g.Map(list, arrivalRow))
}

func arrivalRow(a board.Arrived) g.Node {
	by := soft(g.Text("none"))
	if a.Run != 0 {
		by = g.Text(strconv.FormatInt(a.Run, 10))
	}
	return h.Tr(
		h.Td(h.Class("soft"), g.Text(when(a.At))),
		h.Td(commit(a.SHA), g.If(a.Failed, g.Group{g.Text(" "), h.Span(h.Class("held"), g.Text("failed"))})),
		h.Td(by),
		h.Td(h.Class("outside"), g.If(a.By.Login != "", g.Group{g.Text("@"), text(a.By.Login)})),
		h.Td(released(a)),
	)
}
