package page

import (
	"slices"
	"time"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"github.com/gatehold/gatehold/internal/board"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/markup"
)

// Repository is one repository: what makes GitHub wait for its gates, and how surely
// each of its ways to deploy is held.
type Repository struct {
	Frame
	Repository board.RepoSummary
	Now        time.Time
}

// HTML draws it.
func (p Repository) HTML() g.Node {
	r := p.Repository
	name := r.Repo.FullName()
	of := func(page, words string) g.Node {
		return h.A(markup.Href(markup.Path(page, "repository", name)), g.Text(words))
	}
	return p.draw("gatehold: repository", "/repositories",
		h.P(h.Class("small"), markup.Joined(" · ",
			link("/repositories", g.Text("All repositories")),
			of("/gates", "its gates"),
			of("/environments", "its environments"),
		)),
		h.H1(h.Class("outside"), text(name)),
		section("What makes GitHub wait", enforced(r, p.Now)),
		section("Ways to deploy", ways(r)),
	)
}

// ways are the ways to deploy, those that nothing holds first.
func ways(r board.RepoSummary) g.Node {
	switch {
	case len(r.Paths) == 0 && r.PathsAt.IsZero():
		return note("Nobody has looked at its workflows yet.")
	case len(r.Paths) == 0:
		return note("Its workflows deploy nothing that gatehold can see, so since %s.", when(r.PathsAt))
	}
	return g.Group{
		waysHeld(r.Paths, gate.NotHeld),
		waysHeld(r.Paths, gate.BestEffort),
		waysHeld(r.Paths, gate.Certain),
		h.P(h.Class("soft small"), g.Textf("From the workflow files of the default branch, so since %s. "+
			"What another branch's files can do is judged with each run.", when(r.PathsAt))),
	}
}

// waysHeld are the ways that are held as surely.
func waysHeld(all []gate.Job, hold gate.Hold) g.Node {
	list := slices.DeleteFunc(slices.Clone(all), func(j gate.Job) bool { return j.Held != hold })
	if len(list) == 0 {
		return nil
	}
	return g.Group{
		h.P(g.Textf("%d ", len(list)), h.Strong(h.Class(holdClass(hold)), g.Text(holdWords(hold)))),
		jobs(list),
	}
}
