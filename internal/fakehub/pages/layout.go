package pages

import (
	"embed"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"github.com/gatehold/gatehold/internal/markup"
)

//go:embed style.css
var files embed.FS

var sheet = sync.OnceValue(func() markup.Sheet { return markup.NewSheet(files, "style.css") })

// policy lets a browser load nothing but the style sheet in the page.
var policy = sync.OnceValue(func() string {
	return "default-src 'none'; style-src " + sheet().Source() +
		"; img-src data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
})

// policyWith lets a form of the page lead to the site of an address as well, for a
// browser asks that of redirects too.
func policyWith(address string) string {
	u, err := url.Parse(address)
	if err != nil || strings.ContainsAny(u.Host, ";, '\"") {
		return policy()
	}
	return strings.Replace(policy(), "form-action 'self'", "form-action 'self' "+u.Scheme+"://"+u.Host, 1)
}

// layout is what stands around a page.
type layout struct {
	title  string
	repo   string   // "owner/name"; empty: the page is of none
	people []string // who can be signed in here; none: nobody has to be
	as     string   // the one of them that the reader is
}

func (l layout) around(body ...g.Node) g.Node {
	return markup.Document(l.title, sheet(),
		h.Div(h.Class("top"),
			h.A(markup.Href(markup.Path("/")), g.Text("fakehub")),
			g.If(l.repo != "", g.Group{soft(g.Text("/")), link("/"+l.repo, g.Text(l.repo))}),
			h.Span(h.Class("fake soft small"), h.Title("A GitHub in memory, for demonstrations and tests"), g.Text("not GitHub")),
			h.Span(h.Class("grow")),
			g.If(len(l.people) > 0, l.signedIn()),
		),
		h.Main(body...),
	)
}

// signedIn lets the reader say who they are.
func (l layout) signedIn() g.Node {
	return h.Form(h.Method("get"),
		h.Label(h.For("as"), h.Class("soft"), g.Text("Signed in as")),
		h.Select(h.ID("as"), h.Name("as"), g.Map(l.people, func(login string) g.Node {
			return h.Option(g.If(login == l.as, h.Selected()), g.Text(login))
		})),
		h.Button(g.Text("Switch")),
	)
}

// nothing is the page in the place of one that there is not.
func nothing(repo, what string) g.Node {
	return layout{title: "Not found", repo: repo}.around(
		h.H1(h.Class("title"), g.Textf("There is no such %s", what)),
		h.P(link("/"+repo, g.Textf("All pull requests of %s", repo))),
	)
}

// link leads to another page; its words come from people.
func link(path string, what ...g.Node) g.Node {
	return h.A(h.Class("outside"), markup.Href(markup.Path(path)), g.Group(what))
}

func soft(what ...g.Node) g.Node { return h.Span(h.Class("soft"), g.Group(what)) }

func softSmall(what ...g.Node) g.Node { return h.Span(h.Class("soft small"), g.Group(what)) }

func pill(word string) g.Node { return h.Span(h.Class("pill"), g.Text(word)) }

// outside keeps what comes from people apart from the words around it.
func outside(s string) g.Node { return h.Span(h.Class("outside"), g.Text(s)) }

func strong(s string) g.Node { return h.Strong(h.Class("outside"), g.Text(s)) }

func code(s string) g.Node { return h.Code(h.Class("outside"), g.Text(s)) }

// box is a part of a page with a heading.
func box(heading, body g.Node) g.Node { return h.Div(h.Class("box"), h.Header(heading), body) }

// rows are a list that says so where it is empty.
func rows[T any](list []T, row func(T) g.Node, empty string) g.Node {
	if len(list) == 0 {
		return h.Ul(h.Class("rows"), h.Li(h.Class("soft"), g.Text(empty)))
	}
	return h.Ul(h.Class("rows"), g.Map(list, row))
}

func when(t time.Time) string { return t.UTC().Format("2 Jan 2006, 15:04 UTC") }

func shortSHA(sha string) string { return sha[:min(7, len(sha))] }

// face is the picture of an account that has none.
func face(login, class string) g.Node { return h.Span(h.Class(class), g.Text(initial(login))) }

func initial(login string) string {
	for _, r := range login {
		return strings.ToUpper(string(r))
	}
	return "?"
}

// spelled shows the characters that steer the direction of writing, or show
// nothing, by their numbers.
func spelled(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\t' || r == '\n':
			b.WriteRune(r)
		case r < ' ', r >= 0x7f && r < 0xa0, r >= 0x200b && r <= 0x200f, r >= 0x2028 && r <= 0x202e, r >= 0x2060 && r <= 0x206f,
			r == 0xfeff:
			fmt.Fprintf(&b, "‹U+%04X›", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
