package pages

import (
	"fmt"
	"net/http"
	"slices"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

// repoView is a repository as its page shows it.
type repoView struct {
	Name    string // "owner/name"
	Private bool
	Default string // branch
	Pulls   []pullLine
	Runs    []runView
}

// repoPage lists the pull requests of a repository, and its newest runs.
func (p *Pages) repoPage(w http.ResponseWriter, r *http.Request) {
	p.hub.State.RLock()
	repo := p.hub.Repo(r.PathValue("owner") + "/" + r.PathValue("repo"))
	view := repoView{Name: repo.FullName(), Private: repo.Private, Default: repo.DefaultBranch, Runs: runViews(p.actions.Of(repo))}
	for _, pull := range repo.Pulls {
		view.Pulls = append(view.Pulls, listed(pull))
	}
	p.hub.State.RUnlock()
	slices.SortFunc(view.Pulls, func(a, b pullLine) int { return b.Number - a.Number })
	p.show(w, http.StatusOK, view.page())
}

func (v repoView) page() g.Node {
	return layout{title: v.Name, repo: v.Name}.around(
		h.H1(h.Class("title"), outside(v.Name), g.Text(" "), visibility(v.Private)),
		box(
			g.Group{h.Strong(g.Text("Pull requests")), soft(g.Text("default branch "), h.Code(g.Text(v.Default)))},
			rows(v.Pulls, v.pull, "There is no pull request yet."),
		),
		g.If(len(v.Runs) > 0, box(h.Strong(g.Text("Workflow runs")), h.Ul(h.Class("rows"), g.Map(v.Runs, runView.row)))),
	)
}

func (v repoView) pull(l pullLine) g.Node {
	return row(l.Mood, fmt.Sprintf("/%s/pull/%d", v.Name, l.Number), l.Title,
		g.Textf("#%d %s, opened %s by ", l.Number, l.State, when(l.Created)), outside(l.Author))
}

func (v runView) row() g.Node {
	return row(v.Mood, v.Here, v.Title,
		outside(spelled(v.Workflow)), g.Textf(" #%d, %s, begun %s by ", v.Number, v.Word, when(v.Started)), outside(v.By))
}

// row is something that checks have an opinion on, in a list.
func row(mood, path, title string, told ...g.Node) g.Node {
	return h.Li(icon(mood),
		h.Span(h.Class("grow"), link(path, h.Strong(g.Text(spelled(title)))), h.Br(), softSmall(told...)))
}
