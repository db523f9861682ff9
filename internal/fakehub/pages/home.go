package pages

import (
	"net/http"
	"slices"
	"strings"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"github.com/gatehold/gatehold/internal/words"
)

// repoLine is a repository in the list of all.
type repoLine struct {
	Name    string // "owner/name"
	Private bool
	Open    int // pull requests
}

// homePage lists the repositories.
func (p *Pages) homePage(w http.ResponseWriter, _ *http.Request) {
	var lines []repoLine
	p.hub.State.RLock()
	for _, r := range p.hub.RepoByID {
		lines = append(lines, repoLine{r.FullName(), r.Private, r.OpenPulls})
	}
	p.hub.State.RUnlock()
	slices.SortFunc(lines, func(a, b repoLine) int { return strings.Compare(a.Name, b.Name) })
	p.show(w, http.StatusOK, home(lines))
}

func home(repos []repoLine) g.Node {
	return layout{title: "Repositories"}.around(
		h.H1(h.Class("title"), g.Text("Repositories")),
		h.Div(h.Class("box"), rows(repos, repoLine.row, "There is no repository yet.")),
	)
}

func (l repoLine) row() g.Node {
	return h.Li(
		h.Span(h.Class("grow"), link("/"+l.Name, h.Strong(g.Text(l.Name))), g.Text(" "), visibility(l.Private)),
		soft(g.Text(words.Plural(l.Open, "open pull request"))),
	)
}

func visibility(private bool) g.Node {
	if private {
		return pill("Private")
	}
	return pill("Public")
}
