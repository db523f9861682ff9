package page

import (
	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"github.com/gatehold/gatehold/internal/markup"
)

// Viewer is who looks at a page; zero: nobody is signed in.
type Viewer struct {
	Login string
	ID    int64
}

// Frame is what every page has around what it shows.
type Frame struct {
	Viewer Viewer
	Site   markup.Site    // GitHub, as people reach it; zero: nothing leads there
	Signs  g.Node         // to sign in or out; nil: neither
	Live   markup.Address // where news of the page come from; zero: nowhere
	// Unasked is a sentence: what a list leaves out because nobody was asked yet whether
	// the viewer may see it; empty: nothing.
	Unasked string
}

// tabs lead to the lists.
var tabs = []struct{ path, words string }{
	{"/waiting", "For you"}, {"/gates", "Gates"}, {"/environments", "Environments"}, {"/repositories", "Repositories"},
	{"/coverage", "Coverage"}, {"/agents", "Agents"}, {"/rules", "Rules"}, {"/trends", "Trends"},
}

// draw is the whole page. here is the path of the tab that it is of.
func (f Frame) draw(title, here string, body ...g.Node) g.Node {
	return markup.Document(title, sheet(),
		g.If(f.Live != (markup.Address{}), markup.Live(f.Live)),
		h.A(h.Class("skip"), markup.Href(markup.Part("main")), g.Text("To the content")),
		h.Header(h.Class("top"),
			link("/gates", icon(iconGate), h.Span(h.Class("name"), g.Text("gatehold"))),
			h.Nav(h.Aria("label", "Lists"), g.Map(tabs, func(t struct{ path, words string }) g.Node {
				return h.A(markup.Href(markup.Path(t.path)), g.If(t.path == here, h.Aria("current", "page")), g.Text(t.words))
			})),
			h.Div(h.Class("viewer small"),
				g.If(f.Viewer.Login != "", h.Span(h.Class("outside"), g.Text("@"), text(f.Viewer.Login))), f.Signs),
		),
		h.Main(h.ID("main"), h.TabIndex("-1"), g.If(f.Unasked != "", note("%s", f.Unasked)), g.Group(body)),
		h.Footer(h.Class("soft small"), g.Text("gatehold: what agents do waits here until a human says yes. "),
			h.Span(h.Class("keys-hint"), h.Kbd(g.Text("?")), g.Text(" for keys"))),
		help(),
		script().Node(),
	)
}

// out leads to a page of GitHub; without a site the words stand alone. Its words come
// from outside.
func (f Frame) out(path, part string, what ...g.Node) g.Node {
	if !f.Site.Known() {
		return h.Span(h.Class("outside"), g.Group(what))
	}
	return h.A(h.Class("outside"), h.Rel("noreferrer noopener"), markup.Href(f.Site.Path(path, part)), g.Group(what))
}

// bare is a page for whoever is not signed in, or met an error.
func bare(title string, body ...g.Node) g.Node { return Frame{}.draw(title, "", body...) }

// Signs leads a person who is signed in to their own page, and out.
func Signs() g.Node {
	return g.Group{
		link("/you", g.Text("Passkeys and sessions")),
		h.Form(h.Method("post"), markup.Action(markup.Path("/sign-out")), h.Button(g.Text("Sign out"))),
	}
}

// help names the keys.
func help() g.Node {
	key := func(keys, words string) g.Node {
		return h.Div(h.Dt(h.Kbd(g.Text(keys))), h.Dd(g.Text(words)))
	}
	return h.Dialog(h.ID("help"), h.Aria("label", "Keys"),
		h.H2(g.Text("Keys")),
		h.Dl(key("j", "the next one"), key("k", "the one before"), key("Enter", "open it"), key("/", "search"), key("a", "to your answer"),
			key("u", "to the gates"), key("?", "these keys")),
		h.Form(h.Method("dialog"), h.Button(g.Text("Close"))),
	)
}
