package page

import (
	"strings"
	"time"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"github.com/gatehold/gatehold/internal/board"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/markup"
)

// Agents is who works here by itself, for whom, and what came of it.
type Agents struct {
	Frame
	Agents []board.Agent
	Now    time.Time
}

var agentColumns = []string{
	"Agent", "Owner", "Works for", "Where", "Changes", "Deployments", "Held", "Waiting", "Denied", "Taken back", "Last",
}

// HTML draws it.
func (p Agents) HTML() g.Node {
	return p.draw("gatehold: agents", "/agents",
		h.H1(g.Text("Agents")),
		note("Who did what, as far as gatehold remembers. What an agent is known by says how sure that is."),
		g.If(len(p.Agents) == 0, h.P(g.Text("No agent has done anything yet."))),
		g.If(len(p.Agents) > 0, table(agentColumns, g.Map(p.Agents, p.agent))),
	)
}

func (p Agents) agent(a board.Agent) g.Node {
	return h.Tr(
		h.Td(h.A(h.Class("outside"), markup.Href(markup.Path("/gates", "set", "all", "agent", a.Name)), h.Strong(text(a.Name))),
			h.Br(), h.Span(h.Class("soft small"), g.Text(string(a.Strength)))),
		h.Td(h.Class("wrap"), owner(a.Owner)),
		h.Td(h.Class("wrap outside"), text(strings.Join(a.Asked, ", "))),
		h.Td(h.Class("wrap outside"), text(strings.Join(a.Repos, ", "))),
		h.Td(g.Textf("%d", a.Changes)), h.Td(g.Textf("%d", a.Deploys)), h.Td(g.Textf("%d", a.Held)),
		h.Td(g.If(a.Waiting > 0, h.Class("held")), g.Textf("%d", a.Waiting)),
		h.Td(g.If(a.Denied > 0, h.Class("denied")), g.Textf("%d", a.Denied)),
		h.Td(g.If(a.Reverted > 0, h.Class("denied")), g.Textf("%d", a.Reverted)),
		h.Td(ago(a.Last, p.Now)),
	)
}

// owner is who answers for an agent.
func owner(name string) g.Node {
	if name == "" {
		return soft(g.Text("not registered"))
	}
	return outside(name)
}

// Rules are those in force in each repository, with where they are from.
type Rules struct {
	Frame
	Rules []board.InForce
	Now   time.Time
}

// HTML draws it.
func (p Rules) HTML() g.Node {
	return p.draw("gatehold: rules in force", "/rules",
		h.H1(g.Text("Rules in force")),
		note("By which each repository was judged last. They are read at the base of a change, never from the change itself."),
		g.If(len(p.Rules) == 0, h.P(g.Text("Nothing was judged yet."))),
		g.If(len(p.Rules) > 0, h.Ul(h.Class("rows keys"), g.Map(p.Rules, p.inForce))),
	)
}

func (p Rules) inForce(r board.InForce) g.Node {
	files, packs := sources(r.Rules)
	class := "passed"
	if r.Mode == "observe" {
		class = "watching"
	}
	return row(badge(class, r.Mode), []g.Node{
		h.P(linkOutside(repositoryPath(r.Repo), h.Strong(text(r.Repo.FullName())))),
		g.If(r.Rules.Builtin, h.P(g.Text("No rules file: the built-in default only watches."))),
		g.Map(files, func(s string) g.Node { return h.P(p.rulesFile(s, r.Repo, gate.RulesAt{Tip: r.Tip, OrgTip: r.OrgTip})) }),
		g.If(len(packs) > 0, h.P(h.Class("soft small"), g.Text("packs "), markup.Joined(", ", g.Map(packs, outside)...))),
		h.P(h.Class("soft small"), g.Text("judged so "), ago(r.At, p.Now), g.Text(", as "),
			link("/gates/"+r.Stream, g.Text("this gate")), g.Text(" was")),
	}, commit(r.Rules.Digest))
}
