package page

import (
	"cmp"
	"strings"
	"time"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"github.com/gatehold/gatehold/internal/board"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/markup"
)

// Gates is a list of gates: those that are open, those that were decided, or those
// that were released at once and nobody else has looked at.
type Gates struct {
	Frame
	Page   board.Page
	Filter Filter
	Now    time.Time
}

// gateSet is one of the lists of gates, as an address has it.
type gateSet struct{ set, title, none string }

// sets are the lists of gates with what each is about.
var sets = []gateSet{
	{"", "Open", "Nothing is open. Open a pull request in a repository where the App is installed."},
	{string(board.DecidedGates), "Decided", "Nothing was decided yet."},
	{string(board.ToReview), "To review", "Nobody has released anything at once, or somebody else has looked at it."},
	{"all", "All", "Nothing was judged yet. Open a pull request in a repository where the App is installed."},
}

// HTML draws it.
func (p Gates) HTML() g.Node {
	none := ""
	for _, s := range sets {
		if s.set == p.Filter.Set {
			none = s.none
		}
	}
	return p.draw("gatehold: gates", "/gates",
		h.H1(g.Text("Gates")),
		p.Filter.sets(),
		p.Filter.tally(p.Page.Total, standings(p.Page.Counts, p.Filter, standingWords), p.Now),
		p.Filter.form(true),
		g.If(p.Page.Unreviewed > 0 && p.Filter.Set != string(board.ToReview), state("failing", "to review", h.P(
			h.Strong(g.Textf("%d released at once and not reviewed yet.", p.Page.Unreviewed)),
			g.Text(" Somebody else than whoever did it has to look: "),
			h.A(markup.Href(markup.Path("/gates", "set", string(board.ToReview))), g.Text("see them")), g.Text("."),
		))),
		p.list(none),
		p.Filter.more(p.Page.Next),
	)
}

func (p Gates) list(none string) g.Node {
	if len(p.Page.Gates) == 0 {
		return p.Filter.empty(none)
	}
	return h.Ul(h.Class("rows keys"), g.Map(p.Page.Gates, p.row))
}

// subjectOf is a subject in few words: of a merge group the commit stands beside it.
func subjectOf(s gate.Subject) g.Node {
	if s.Kind == gate.MergeGroup {
		return g.Group{text(s.Repo.FullName()), g.Textf(" queue of #%d", s.Number)}
	}
	return text(s.String())
}

// marked is a standing with its drawing.
func marked(s gate.Standing) g.Node {
	return h.Span(h.Class("mark "+string(s)), iconOf(s), h.Span(h.Class("word"), g.Text(string(s))))
}

func standingWords(s gate.Standing) (class, words string) { return string(s), string(s) }

// narrowed leads to those of the list that have something in common with one of them.
func (p Gates) narrowed(to Filter, what g.Node) g.Node {
	to.After = ""
	return h.A(h.Class("outside"), markup.Href(to.Here()), what)
}

func (p Gates) row(s board.Summary) g.Node {
	now, of, level := p.Now, p.Filter, p.Filter
	of.Repository, level.Level = s.Subject.Repo.FullName(), string(s.Level)
	return row(marked(s.Standing), []g.Node{
		h.P(linkOutside("/gates/"+s.Stream, h.Strong(text(lead(s))))),
		g.Map(s.Unreviewed, func(o board.Override) g.Node { return unreviewed(o, now) }),
		h.P(h.Class("outside soft"), prose(s.Reason)),
		h.P(h.Class("soft small"),
			h.Span(h.Class("outside"), subjectOf(s.Subject)), g.Text(" "), h.Code(g.Text(short(s.Head))), g.Text(" · "), p.agents(s),
			g.If(s.DecidedBy != "", g.Group{g.Text(" · decided by "), person(s.DecidedBy)}),
			g.If(s.Merged, g.Text(" · merged")),
			g.Text(" · "), ago(s.ChangedAt, now),
			g.Text(" · "), p.narrowed(of, g.Text("more of this repository"))),
	}, g.If(s.Level != "", h.Span(h.Class("score "+string(s.Level)), g.Textf("%d ", s.Score), p.narrowed(level, g.Text(string(s.Level))))))
}

// lead is what a gate is about, in a sentence.
func lead(s board.Summary) string {
	if s.Statement == "" {
		return s.Subject.String()
	}
	return strings.TrimSuffix(s.Statement, ".")
}

func unreviewed(o board.Override, now time.Time) g.Node {
	return h.P(h.Class("failing"),
		h.Strong(g.Text("Released at once by "), h.Span(h.Class("outside"), g.Text("@"), text(o.By))),
		how(o.At, now, o.Via, o.Reason), g.Text(". "), h.Strong(g.Text("Not reviewed yet.")),
	)
}

func (p Gates) agents(s board.Summary) g.Node {
	if len(s.Agents) == 0 {
		return g.Text("no sign of an agent")
	}
	return g.Group{g.Text("by "), markup.Joined(", ", g.Map(s.Agents, func(name string) g.Node {
		to := p.Filter
		to.Agent = name
		return p.narrowed(to, text(name))
	})...), g.Textf(" (%s)", s.Strength)}
}

// Waiting is what waits for whoever looks at it.
type Waiting struct {
	Frame
	Holds board.Holds
	Now   time.Time
}

// HTML draws it.
func (p Waiting) HTML() g.Node {
	var yours, others []board.Hold
	for _, o := range p.Holds.Gates {
		if o.Yours || len(o.Review) > 0 {
			yours = append(yours, o)
			continue
		}
		others = append(others, o)
	}
	return p.draw("gatehold: what waits for you", "/waiting",
		h.H1(g.Text("What waits for you")),
		g.If(p.Viewer.ID == 0, note("Nobody is signed in here, so it is not known what waits for you. "+
			"All that is open is among the gates.")),
		g.If(p.Viewer.ID != 0 && len(p.Holds.Gates) == 0, state("passed", "clear", h.P(
			g.Text("Nothing: no gate asks for you, and none waits in the repositories where you may write. "),
			link("/gates", g.Text("All that is open")), g.Text(".")))),
		g.If(len(yours) > 0, h.Ul(h.Class("rows keys"), g.Map(yours, p.hold))),
		g.If(len(others) > 0, section("Waits for others, where you may write", h.Ul(h.Class("rows keys"), g.Map(others, p.hold)))),
		g.If(p.Holds.Omitted > 0, note("And %d more.", p.Holds.Omitted)),
		g.If(p.Holds.Unasked > 0, note("Of %d repositories it is not known whether you may see them.", p.Holds.Unasked)),
	)
}

func (p Waiting) hold(o board.Hold) g.Node {
	return row(marked(o.Standing), []g.Node{
		h.P(linkOutside("/gates/"+o.Stream, h.Strong(text(strings.TrimSuffix(cmp.Or(o.Statement, o.Subject), "."))))),
		g.If(len(o.Review) > 0, h.P(h.Class("failing"), h.Strong(g.Text("Released at once, and waits for your review.")))),
		h.P(h.Class("outside"), prose(o.Title)),
		h.P(h.Class("soft small"),
			outside(o.Subject), g.Text(" · "), g.If(o.Needed != "", g.Group{g.Text("needs "), outside(o.Needed), g.Text(" · ")}),
			g.Text("since "), ago(o.Since, p.Now)),
	}, score(o.Score, string(o.Level)))
}
