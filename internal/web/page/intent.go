package page

import (
	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/markup"
	"github.com/gatehold/gatehold/internal/words"
)

// intent is what was declared beside what was done.
func (p Gate) intent() g.Node {
	s := p.Detail.State
	in := s.Verdict.Intent
	switch {
	case in == nil && s.Subject.Kind != gate.PullRequest:
		return nil
	case in == nil:
		return panel("Intent and deed", h.P(h.Class("soft"),
			g.Text("Nobody declared what this change may touch: there is nothing to compare it with.")))
	}
	return panel("Intent and deed",
		h.Dl(h.Class("compare"),
			h.Dt(g.Text("Declared")), h.Dd(g.Map(in.Declared, declared)),
			h.Dt(g.Text("Done")), h.Dd(
				h.P(g.Text(words.Plural(in.Files, "file")), g.If(len(in.Folders) > 0, g.Group{g.Text(" in "), codes(in.Folders)})),
				g.If(len(in.Kinds) > 0, h.P(g.Text("seen: "), codes(in.Kinds))),
			),
			h.Dt(g.Text("Outside")), h.Dd(beyond(in)),
		),
	)
}

func declared(d gate.Scope) g.Node {
	where := g.Text("in its own text")
	if d.Where != "" {
		where = g.Group{g.Text("in "), outside(d.Where)}
	}
	if d.Fault != "" {
		return h.P(soft(where, g.Text(": ")), h.Span(h.Class("held"), g.Text("not readable, ")), outside(d.Fault))
	}
	part := func(name string, list []string) g.Node {
		if list == nil {
			return nil
		}
		said := codes(list)
		if len(list) == 0 {
			said = g.Text("none")
		}
		return h.P(g.Text(name+" "), said)
	}
	return g.Group{
		part("paths", d.Paths), part("kinds", d.Kinds), part("environments", d.Environments),
		h.P(h.Class("soft small"), where),
	}
}

func beyond(in *gate.Intent) g.Node {
	if len(in.Outside) == 0 {
		return h.P(h.Class("passed"), icon(iconYes), g.Text(" Nothing."))
	}
	return g.Group{
		h.Ul(h.Class("plain"), g.Map(in.Outside, func(o gate.Outside) g.Node {
			what := g.Text("the change as a whole")
			if o.Path != "" {
				what = code(o.Path)
			}
			return h.Li(h.Class("ink"), what, g.If(o.How != "", h.Div(h.Class("soft small outside"), text(o.How))))
		})),
		g.If(in.Omitted > 0, note("And %d more.", in.Omitted)),
	}
}

func codes(list []string) g.Node { return markup.Joined(", ", g.Map(list, code)...) }
