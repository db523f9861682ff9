package page

import (
	"slices"
	"time"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"github.com/gatehold/gatehold/internal/board"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/words"
)

// Repositories is the list of repositories: what makes GitHub wait for the gates of
// each, and what is missing there.
type Repositories struct {
	Frame
	Repositories []board.RepoSummary   // that the filter lets through
	Counts       map[board.Guarded]int // of all that are asked for
	Filter       Filter
	Now          time.Time
}

// HTML draws it.
func (p Repositories) HTML() g.Node {
	return p.draw("gatehold: repositories", "/repositories",
		h.H1(g.Text("Repositories")),
		p.Filter.tally(len(p.Repositories), standings(p.Counts, p.Filter, guardedWords), p.Now,
			g.Text("What can be merged or deployed without gatehold, and who can pass it by.")),
		p.Filter.form(false),
		p.list(),
	)
}

func (p Repositories) list() g.Node {
	if len(p.Repositories) == 0 {
		return p.Filter.empty("No repository is known yet: the App is installed nowhere, or GitHub was not asked yet.")
	}
	return h.Ul(h.Class("rows keys"), g.Map(p.Repositories, p.row))
}

// guardedWords has no colour for links: the badges have it.
func guardedWords(b board.Guarded) (class, said string) { return "", spaced(b) }

func guardedClass(b board.Guarded) string {
	switch b {
	case board.Enforced:
		return "passed"
	case board.Unknown:
		return "judging"
	}
	return "held"
}

func (p Repositories) row(r board.RepoSummary) g.Node {
	name := h.P(
		linkOutside("/repositories/"+r.Stream, h.Strong(text(r.Repo.FullName()))),
		g.If(len(r.Paths) > 0, g.Group{g.Text(" "), soft(g.Textf("· %s to deploy", words.Plural(len(r.Paths), "way")))}),
	)
	return row(badge(guardedClass(r.Guarded), spaced(r.Guarded)), []g.Node{name, enforced(r, p.Now)}, h.Span())
}

// enforced is what makes GitHub wait, branch by branch and environment by
// environment.
func enforced(r board.RepoSummary, now time.Time) g.Node {
	return g.Group{
		g.Map(r.Enforcement, enforcement),
		g.If(len(r.Enforcement) == 0, h.P(g.Text("It was not looked at yet."))),
		g.If(r.Failure != "", h.P(h.Class("outside"), g.Text("It cannot be looked at: "), text(r.Failure))),
		h.P(h.Class("soft small"), compared(r.ComparedAt, now),
			g.If(!r.ChangedAt.IsZero(), g.Group{g.Text(" · so since "), ago(r.ChangedAt, now)})),
	}
}

func enforcement(e gate.Enforcement) g.Node {
	where := g.Group{g.Text("environment "), h.Code(text(e.Environment))}
	if e.Branch != "" {
		where = g.Group{g.Text("branch "), h.Code(text(e.Branch))}
	}
	is := h.Strong(g.Text("not enforced."))
	switch {
	case e.Unknown != "":
		is = g.Group{g.Text("unknown. "), text(e.Unknown)}
	case e.Enforced:
		is = g.Text("enforced.")
	}
	return g.Group{
		h.P(h.Class("outside"), where, g.Text(": "), is,
			g.Map(e.Missing, func(s string) g.Node { return g.Group{g.Text(" "), text(s)} })),
		g.Map(once(e.Bypass), passesBy),
	}
}

func compared(at, now time.Time) g.Node {
	if at.IsZero() {
		return g.Text("Not compared with GitHub by this server yet")
	}
	return g.Group{g.Text("Last compared with GitHub "), ago(at, now)}
}

// once leaves out what a list says twice.
func once(list []string) []string {
	var out []string
	for _, s := range list {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}
