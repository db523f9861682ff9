package page

import (
	"strings"
	"time"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"github.com/gatehold/gatehold/internal/board"
	"github.com/gatehold/gatehold/internal/gate"
)

// Gates is the list of gates.
type Gates struct {
	Frame
	Gates      []board.Summary       // that the filter lets through
	Counts     map[gate.Standing]int // of all that the repository has
	Unreviewed int                   // releases at once that nobody else has looked at
	Filter     Filter
	Now        time.Time
}

// HTML draws it.
func (p Gates) HTML() g.Node {
	return p.draw("gatehold: gates", "/gates",
		h.H1(g.Text("Gates")),
		p.Filter.tally(len(p.Gates), standings(p.Counts, p.Filter, standingWords), p.Now,
			link("/repositories", g.Text("Where GitHub waits for them")), g.Text(".")),
		p.Filter.form(),
		g.If(p.Unreviewed > 0, state("failing", "to review", h.P(
			h.Strong(g.Textf("%d released at once and not reviewed yet.", p.Unreviewed)),
			g.Text(" Somebody else than whoever did it has to look: the button is on the check."),
		))),
		p.list(),
	)
}

func (p Gates) list() g.Node {
	if len(p.Gates) == 0 {
		return p.Filter.empty("Nothing was judged yet. Open a pull request in a repository where the App is installed.")
	}
	return h.Ul(h.Class("rows"), g.Map(p.Gates, func(s board.Summary) g.Node { return gateRow(s, p.Now) }))
}

func standingWords(s gate.Standing) (class, words string) { return string(s), string(s) }

func gateRow(s board.Summary, now time.Time) g.Node {
	return row(badge(string(s.Standing), string(s.Standing)), []g.Node{
		h.P(
			linkOutside("/gates/"+s.Stream, h.Strong(text(s.Subject.String()))),
			g.Text(" "), h.Code(h.Class("soft"), g.Text(short(s.Head))),
		),
		g.Map(s.Unreviewed, func(o board.Override) g.Node { return unreviewed(o, now) }),
		h.P(h.Class("outside"), text(s.Reason)),
		h.P(h.Class("soft small"), agents(s), g.Text(" · "), ago(s.ChangedAt, now)),
	}, score(s.Score, string(s.Level)))
}

func unreviewed(o board.Override, now time.Time) g.Node {
	return h.P(h.Class("failing"),
		h.Strong(g.Text("Released at once by "), h.Span(h.Class("outside"), g.Text("@"), text(o.By))),
		how(o.At, now, o.Via, o.Reason), g.Text(". "), h.Strong(g.Text("Not reviewed yet.")),
	)
}

func agents(s board.Summary) g.Node {
	if len(s.Agents) == 0 {
		return g.Text("no sign of an agent")
	}
	return g.Group{g.Text("by "), outside(strings.Join(s.Agents, ", ")), g.Textf(" (%s)", s.Strength)}
}
