package pages

import (
	"strconv"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

// files are what a pull request changes.
func (v pullView) files() g.Node {
	return h.Section(h.ID("files"),
		h.P(h.Class("meta"),
			h.Strong(g.Text("Files changed")), pill(strconv.Itoa(len(v.Files))),
			h.Span(h.Class("plus"), g.Textf("+%d", v.Additions)), h.Span(h.Class("minus"), g.Textf("−%d", v.Deletions)),
		),
		g.Map(v.Files, fileView.box),
		g.If(v.MoreFiles > 0, h.P(h.Class("soft"), g.Textf("And %d more files.", v.MoreFiles))),
	)
}

func (f fileView) box() g.Node {
	name := spelled(f.Path)
	if f.Previous != "" {
		name = spelled(f.Previous) + " → " + name
	}
	return box(
		g.Group{
			code(name), pill(f.Status),
			h.Span(h.Class("plus small"), g.Textf("+%d", f.Additions)), h.Span(h.Class("minus small"), g.Textf("−%d", f.Deletions)),
		},
		g.Group{
			g.If(f.Note != "", h.P(h.Class("body soft"), g.Text(f.Note))),
			g.If(len(f.Lines) > 0, f.diff()),
			g.If(!f.Whole, h.P(h.Class("body soft"), g.Text("The rest of this file is left out here."))),
		},
	)
}

func (f fileView) diff() g.Node {
	return h.Table(h.Class("diff mono"),
		h.ColGroup(h.Col(h.Class("no")), h.Col(h.Class("no")), h.Col()),
		h.TBody(g.Map(f.Lines, lineView.rows)),
	)
}

// rows are a line, and what is annotated there.
func (l lineView) rows() g.Node {
	return g.Group{
		h.Tr(h.Class(l.Kind),
			h.Td(h.Class("no"), g.Text(l.Old)), h.Td(h.Class("no"), g.Text(l.New)),
			h.Td(h.Class("text"), g.Text(l.sign()+spelled(l.Text))),
		),
		g.If(len(l.Remarks) > 0, h.Tr(h.Class("noted"), h.Td(h.ColSpan("3"), g.Map(l.Remarks, remark)))),
	}
}

// sign is what a patch begins such a line with.
func (l lineView) sign() string {
	switch l.Kind {
	case "added":
		return "+"
	case "removed":
		return "-"
	case "same":
		return " "
	}
	return ""
}
