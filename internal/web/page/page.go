// Package page draws what the board knows as HTML. Each page is a type: its fields
// are what it shows, and HTML draws it. Nothing here reads, decides or knows of a
// request.
//
// What comes from outside is drawn by text, which spells out what is invisible or
// turns the reading direction, and is kept apart from the words around it by the
// class "outside".
package page

import (
	"embed"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"github.com/gatehold/gatehold/internal/markup"
	"github.com/gatehold/gatehold/internal/report"
)

//go:embed style.css script.js
var files embed.FS

var sheet = sync.OnceValue(func() markup.Sheet { return markup.NewSheet(files, "style.css") })

var script = sync.OnceValue(func() markup.Script { return markup.NewScript(files, "script.js") })

// Policy is the Content-Security-Policy of every page: a browser loads nothing but
// the style sheet in the page, runs nothing but the script in it, and asks nobody but
// this server.
var Policy = sync.OnceValue(func() string {
	return "default-src 'none'; style-src " + sheet().Source() + "; script-src " + script().Source() +
		"; connect-src 'self'; img-src data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
})

// Scripts is where the scripts of the pages are.
const Scripts = "/static/"

// PasskeyPolicy is that of a page which asks for a passkey: it runs our own script.
func PasskeyPolicy() string {
	return strings.Replace(Policy(), "; script-src ", "; script-src 'self' ", 1)
}

// View is a page.
type View interface{ HTML() g.Node }

// link leads to another page of ours.
func link(path string, what ...g.Node) g.Node {
	return h.A(markup.Href(markup.Path(path)), g.Group(what))
}

// linkOutside is a link whose words come from outside.
func linkOutside(path string, what ...g.Node) g.Node {
	return h.A(h.Class("outside"), markup.Href(markup.Path(path)), g.Group(what))
}

// maxText is how many characters of a text from outside are shown.
const maxText = 600

// text is a text from outside.
func text(s string) g.Node { return g.Text(report.Visible(s, maxText)) }

// prose is a sentence of ours, in which names from outside stand between backticks: they
// stand between quotation marks here.
func prose(s string) g.Node {
	marks := [2]string{"“", "”"}
	var out strings.Builder
	for i, part := range strings.Split(report.Visible(s, maxText), "`") {
		if i > 0 {
			out.WriteString(marks[(i-1)%2])
		}
		out.WriteString(part)
	}
	return g.Text(out.String())
}

func outside(s string) g.Node { return h.Span(h.Class("outside"), text(s)) }

func strong(s string) g.Node { return h.Strong(h.Class("outside"), text(s)) }

func code(s string) g.Node { return h.Code(h.Class("outside"), text(s)) }

// person is a login as GitHub writes it.
func person(login string) g.Node { return h.Strong(h.Class("outside"), g.Text("@"), text(login)) }

func people(logins []string) g.Node { return markup.Joined(", ", g.Map(logins, person)...) }

func commit(sha string) g.Node { return h.Code(g.Text(short(sha))) }

func soft(what ...g.Node) g.Node { return h.Span(h.Class("soft"), g.Group(what)) }

// note is a line of little weight.
func note(format string, args ...any) g.Node { return h.P(h.Class("soft"), g.Textf(format, args...)) }

// badge is a word on how something stands, in the colour of a class.
func badge(class, word string) g.Node { return h.Span(h.Class("badge "+class), g.Text(word)) }

// state is the box on how the subject of the page stands.
func state(class, word string, what ...g.Node) g.Node {
	return h.Div(h.Class("state "+class), h.Span(h.Class("badge"), g.Text(word)), h.Div(what...))
}

// row is one of a list: how it stands, what it is, and at the end what it counts.
func row(badge g.Node, what []g.Node, end g.Node) g.Node {
	return h.Li(badge, h.Div(what...), end)
}

// score is the end of a row; empty where nothing was judged.
func score(n int, level string) g.Node {
	if level == "" {
		return h.Span(h.Class("score"))
	}
	return h.Span(h.Class("score "+level), g.Textf("%d %s", n, level))
}

// section is a heading with what stands below it.
func section(title string, what ...g.Node) g.Node {
	return g.Group{h.H2(g.Text(title)), g.Group(what)}
}

// table scrolls by itself where it is wider than the page.
func table(columns []string, rows []g.Node) g.Node {
	return h.Div(h.Class("scroll"), h.Table(
		h.THead(h.Tr(g.Map(columns, func(name string) g.Node { return h.Th(g.Text(name)) }))),
		h.TBody(rows...),
	))
}

func when(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

func short(sha string) string { return sha[:min(len(sha), 8)] }

// spaced is a code as words.
func spaced[T ~string](s T) string { return strings.ReplaceAll(string(s), "_", " ") }

func capital(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return s
	}
	return string(unicode.ToUpper(r)) + s[n:]
}

// Parts of the page of a gate that it leads to itself.
func toPart() g.Node  { return markup.Href(markup.Part("decide")) }
func toScore() g.Node { return markup.Href(markup.Part("score")) }
