package page

import (
	"time"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"github.com/gatehold/gatehold/internal/board"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/words"
)

// Coverage is what is not held for certain, in all repositories.
type Coverage struct {
	Frame
	Repositories []board.RepoSummary
	Now          time.Time
}

// HTML draws it.
func (p Coverage) HTML() g.Node {
	var open []board.RepoSummary
	for _, r := range p.Repositories {
		if len(gaps(r)) > 0 || len(unheld(r)) > 0 || r.Failure != "" {
			open = append(open, r)
		}
	}
	return p.draw("gatehold: coverage", "/coverage",
		h.H1(g.Text("What is not held for certain")),
		h.P(h.Class("soft"), g.Textf("Repositories that gatehold knows: %d. ", len(p.Repositories)),
			h.Strong(g.Textf("%d", len(open))), g.Text(" of them can be passed by somewhere. "),
			link("/repositories", g.Text("All of them")), g.Text(".")),
		g.If(len(open) == 0 && len(p.Repositories) > 0,
			state("passed", "covered", h.P(g.Text("GitHub waits for gatehold everywhere that it looked.")))),
		g.If(len(open) > 0, h.Ul(h.Class("rows keys"), g.Map(open, repositoryGaps))),
	)
}

// gaps are where GitHub does not wait, or nobody knows whether it does.
func gaps(r board.RepoSummary) []gate.Enforcement {
	var out []gate.Enforcement
	for _, e := range r.Enforcement {
		if e.Lane != gate.NoLane && (!e.Enforced || e.Unknown != "" || len(e.Bypass) > 0) {
			out = append(out, e)
		}
	}
	return out
}

// unheld are the ways to deploy that are not held for certain.
func unheld(r board.RepoSummary) []gate.Job {
	var out []gate.Job
	for _, j := range r.Paths {
		if j.Held != gate.Certain {
			out = append(out, j)
		}
	}
	return out
}

func repositoryGaps(r board.RepoSummary) g.Node {
	ways := unheld(r)
	class, word := guardedClass(r.Guarded), spaced(r.Guarded)
	if r.Guarded == board.Enforced {
		class, word = "held", "can be passed"
	}
	return row(badge(class, word), []g.Node{
		h.P(linkOutside("/repositories/"+r.Stream, h.Strong(text(r.Repo.FullName())))),
		g.Map(gaps(r), enforcement),
		g.If(r.Failure != "", h.P(h.Class("outside"), g.Text("It cannot be looked at: "), text(r.Failure))),
		g.If(len(ways) > 0, h.Details(h.Class("fold"),
			h.Summary(g.Textf("%s to deploy without certainty", words.Plural(len(ways), "way"))), jobs(ways))),
	}, h.Span())
}
