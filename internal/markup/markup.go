// Package markup is what the pages of every room are made of: the frame of a page,
// and the only doors through which something gets onto one that is not escaped as
// text.
//
// A page is a tree of gomponents' nodes, which escape every text and every value of
// an attribute. What escaping alone does not make safe is made here, and archtest
// keeps the rooms with pages from making it by other means:
//
//   - an address that a link or a form leads to is an Address;
//   - a style sheet is a Sheet, and a drawing a Drawing: both come from the source
//     of the program, and from nowhere else.
//
// A page may have one script within, which comes from the source of the program too,
// and works without it. One that asks for a passkey runs another, a file of ours.
package markup

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

// constant is a text that stands in the source of the program: no other room can
// name this type, so that none can turn a text into it that it was given.
type constant string

// Drawing is an SVG element of 16 by 16 units, for the eye only. Inside are its shapes.
func Drawing(inside constant, attributes ...g.Node) g.Node {
	return h.SVG(g.Group(attributes), g.Attr("viewBox", "0 0 16 16"), g.Attr("aria-hidden", "true"), g.Raw(string(inside)))
}

// ScriptAt has a browser run a file of ours once it has read the page.
func ScriptAt(at Address) g.Node { return h.Script(h.Src(at.url), h.Defer()) }

// Open is the attribute of a section that can be folded and is not.
func Open() g.Node { return g.Attr("open") }

// Sheet is the style sheet of a page.
type Sheet struct{ css string }

// NewSheet takes a file that was built into the program. It panics where there is
// none of that name.
func NewSheet(files embed.FS, name constant) Sheet {
	css, err := files.ReadFile(string(name))
	if err != nil {
		panic("markup: " + err.Error()) // it is part of the build
	}
	return Sheet{string(css)}
}

// Source names the sheet in a Content-Security-Policy.
func (s Sheet) Source() string {
	sum := sha256.Sum256([]byte(s.css))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// Document is a whole page.
func Document(title string, s Sheet, body ...g.Node) g.Node {
	return h.Doctype(h.HTML(h.Lang("en"),
		h.Head(
			h.Meta(h.Charset("utf-8")),
			h.Meta(h.Name("viewport"), h.Content("width=device-width, initial-scale=1")),
			h.TitleEl(g.Text(title)),
			h.Link(h.Rel("icon"), h.Href("data:,")),
			h.StyleEl(g.Raw(s.css)),
		),
		h.Body(body...),
	))
}

// Joined puts a text between nodes.
func Joined(between string, nodes ...g.Node) g.Node {
	var out g.Group
	for i, n := range nodes {
		if i > 0 {
			out = append(out, g.Text(between))
		}
		out = append(out, n)
	}
	return out
}
