package pages

import (
	"testing"

	g "maragu.dev/gomponents"

	"github.com/gatehold/gatehold/internal/markup/markuptest"
)

// known are words that mean something to a page.
var known = []string{"open", "merged", "good", "bad", "action", "waiting", "added", "removed", "same"}

// around is what stands around a page, of words.
type around struct {
	Title, Repo, As string
	People          []string
}

func (a around) layout() layout {
	return layout{title: a.Title, repo: a.Repo, people: append(a.People, a.As), as: a.As}
}

// Whatever words a page is given, in every field: they stay words, and lead nowhere.
// What becomes of Markdown is held where it is rendered.
func TestWordsStayWords(t *testing.T) {
	plain := func(v checksView) checksView {
		for i := range v.List {
			v.List[i].Summary, v.List[i].Text = "", ""
		}
		return v
	}
	for name, draw := range map[string]func(fill func(any)) g.Node{
		"home":   func(fill func(any)) g.Node { var l []repoLine; fill(&l); return home(l) },
		"repo":   func(fill func(any)) g.Node { var v repoView; fill(&v); return v.page() },
		"device": func(fill func(any)) g.Node { var f deviceForm; fill(&f); return f.page() },
		"login":  func(fill func(any)) g.Node { var f loginForm; fill(&f); return f.page() },
		"authorize": func(fill func(any)) g.Node {
			var f authorizeForm
			fill(&f)
			return f.page()
		},
		"not authorized": func(fill func(any)) g.Node { var a around; fill(&a); return notAuthorizedBecause(a.Title) },
		"done":           func(fill func(any)) g.Node { var a around; fill(&a); return deviceDone(a.As, a.Title) },
		"nothing":        func(fill func(any)) g.Node { var a around; fill(&a); return nothing(a.Repo, a.Title) },
		"pull": func(fill func(any)) g.Node {
			var v pullView
			var a around
			var f frameView
			fill(&v)
			fill(&a)
			fill(&f)
			v.Body, v.Checks = "", plain(v.Checks)
			return v.page(a.layout(), f)
		},
		"run": func(fill func(any)) g.Node {
			var v runView
			var a around
			var f frameView
			fill(&v)
			fill(&a)
			fill(&f)
			v.Checks = plain(v.Checks)
			return v.page(a.layout(), f)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			markuptest.Check(t, known, draw)
		})
	}
}
