package pages

import (
	"fmt"
	"net/http"
	"strconv"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"github.com/gatehold/gatehold/internal/fakehub/markdown"
	"github.com/gatehold/gatehold/internal/markup"
	"github.com/gatehold/gatehold/internal/words"
)

// pullPage shows a pull request: what it says, its checks with their buttons, and
// its files.
func (p *Pages) pullPage(w http.ResponseWriter, r *http.Request) {
	number, _ := strconv.Atoi(r.PathValue("number")) // what is no number is no pull request either
	var view pullView
	var l layout
	var f frameView
	p.hub.State.RLock()
	repo := p.hub.Repo(r.PathValue("owner") + "/" + r.PathValue("repo"))
	pull := repo.Pulls[number]
	if pull != nil {
		view, l = viewOf(pull), layout{repo: repo.FullName(), people: repo.People()}
		l.title = fmt.Sprintf("%s · Pull request #%d · %s", pull.Title, number, l.repo)
		l.as = chosen(l.people, r.URL.Query().Get("as"))
		f = frameView{Here: fmt.Sprintf("/%s/pull/%d", l.repo, number), As: l.as}
		view.CanMerge = l.as != "" && repo.CanMerge(p.hub.Account(l.as))
	}
	p.hub.State.RUnlock()
	if pull == nil {
		p.showNothing(w, r, "pull request")
		return
	}
	p.awaitAnswer(w, r, &f)
	p.show(w, http.StatusOK, view.page(l, f))
}

func (v pullView) page(l layout, f frameView) g.Node {
	return l.around(
		h.H1(h.Class("title"), outside(spelled(v.Title)), g.Text(" "), soft(g.Textf("#%d", v.Number))),
		v.meta(),
		v.opening(),
		v.Checks.section(v.Head, f, g.If(v.State == "open", h.Div(h.Class("blocked"), v.merging(f)))),
		v.files(),
	)
}

// meta is the line below the title.
func (v pullView) meta() g.Node {
	wants := "wants to merge"
	if v.State == "merged" {
		wants = "merged"
	}
	return h.Div(h.Class("meta"),
		h.Span(h.Class("state "+v.State), pullIcon(), g.Text(v.State)),
		soft(strong(v.Author), g.If(v.Bot, g.Group{g.Text(" "), pill("bot")}),
			g.Textf(" %s %s into ", wants, words.Plural(v.Commits, "commit")), branch(v.Into), g.Text(" from "), branch(v.From)),
	)
}

func branch(name string) g.Node { return h.Code(h.Class("branch outside"), g.Text(name)) }

// opening is what the author says.
func (v pullView) opening() g.Node {
	class := "face person"
	if v.Bot {
		class = "face"
	}
	var body g.Node = markdown.HTML(v.Body)
	if v.Body == "" {
		body = h.P(h.Class("soft"), h.Em(g.Text("No description provided.")))
	}
	return box(
		g.Group{face(v.Author, class), strong(v.Author), soft(g.Textf("opened this on %s", when(v.Created)))},
		h.Div(h.Class("body markdown outside"), body),
	)
}

// merging is what keeps the pull request from being merged, or the button for it.
func (v pullView) merging(f frameView) g.Node {
	switch {
	case v.Place > 0:
		return verdict("waiting", "In the merge queue", g.Textf("Number %d of the queue of ", v.Place), code(v.Into),
			g.Text(". It merges when its group's checks have passed."))
	case len(v.Missing) > 0:
		return verdict("bad", "Merging is blocked", g.Text("Required and not successful: "),
			markup.Joined(", ", g.Map(v.Missing, outside)...), g.Text("."))
	}
	why := g.Group{code(v.Into), g.Text(" requires no check.")}
	if v.Requires {
		why = g.Group{g.Text("All checks that "), code(v.Into), g.Text(" requires are successful.")}
	}
	return g.Group{verdict("good", "Merging is not blocked", why), g.If(v.CanMerge, v.mergeForm(f))}
}

func verdict(mood, headline string, why ...g.Node) g.Node {
	return g.Group{icon(mood), h.Div(h.Strong(g.Text(headline)), h.P(h.Class("soft"), g.Group(why)))}
}

func (v pullView) mergeForm(f frameView) g.Node {
	label := "Merge pull request"
	if v.Queue {
		label = "Merge when ready"
	}
	return h.Form(h.Class("last"), h.Method("post"), markup.Action(markup.Path(f.Here+"/merge")),
		hidden("as", f.As), h.Button(h.Class("main"), g.Text(label)))
}

// hidden is a part of a form that nobody fills in.
func hidden(name, value string) g.Node {
	return h.Input(h.Type("hidden"), h.Name(name), h.Value(value))
}
