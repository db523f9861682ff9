package pages

import (
	"cmp"
	"strconv"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/markdown"
	"github.com/gatehold/gatehold/internal/markup"
)

// section shows the checks on a commit, with what follows from them.
func (v checksView) section(sha string, f frameView, after g.Node) g.Node {
	return h.Section(h.Class("box"), h.ID("checks"),
		h.Div(h.Class("headline"), bigIcon(v.Mood), h.Div(
			h.H2(g.Text(v.Headline)),
			h.P(h.Class("soft"), g.Textf("%s on ", v.Told), h.Code(g.Text(shortSHA(sha)))),
		)),
		g.Map(v.List, func(c checkView) g.Node { return c.fold(f) }),
		after,
	)
}

// fold is a check run that can be folded to a line.
func (c checkView) fold(f frameView) g.Node {
	return h.Details(h.Class("check"), h.ID("check-"+c.id()), markup.Open(),
		h.Summary(
			icon(c.Mood), face(c.App, "face"),
			h.Span(h.Class("grow"), strong(c.Name), g.Text(" "), h.Span(h.Class("soft outside"), g.Text(c.title()))),
			g.If(c.Required, pill("Required")),
		),
		h.Div(h.Class("run"),
			g.If(f.Run == c.id(), f.told()),
			h.Div(h.Class("lead"), c.lead(), g.If(len(c.Actions) > 0, c.buttons(f))),
			g.If(c.Summary != "", h.Div(h.Class("markdown"), markdown.HTML(c.Summary))),
			g.If(c.Text != "", g.Group{part("Details"), h.Div(h.Class("markdown"), markdown.HTML(c.Text))}),
			g.If(len(c.Annotations) > 0, g.Group{part("Annotations"), g.Map(c.Annotations, remark)}),
		),
	)
}

func (c checkView) id() string { return strconv.FormatInt(c.ID, 10) }

func (c checkView) title() string { return cmp.Or(spelled(c.Title), c.Word) }

// told says what was pressed last, and whether the App has answered.
func (f frameView) told() g.Node {
	answer := "The App has answered: what follows is its answer."
	if f.Waiting {
		answer = "The App was told and has not changed the check yet."
	}
	return h.P(h.Class("told"), g.Textf("@%s pressed ", f.As), h.Strong(g.Text(f.Pressed)), g.Textf(". %s", answer))
}

func (c checkView) lead() g.Node {
	at := ""
	switch {
	case !c.Completed.IsZero():
		at = "Completed " + when(c.Completed) + "."
	case !c.Started.IsZero():
		at = "Started " + when(c.Started) + "."
	}
	return h.Div(
		h.P(h.Class("soft small"), outside(c.App), g.Text(" / "), outside(c.Name), g.Textf(" · %s", c.Word)),
		h.H3(h.Class("word outside"), g.Text(c.title())),
		h.P(h.Class("soft small"), g.Textf("%s %s", at, c.Note)),
	)
}

func (c checkView) buttons(f frameView) g.Node {
	return h.Div(h.Class("actions"), g.Map(c.Actions, func(a fakehub.Action) g.Node {
		return h.Form(h.Method("post"), markup.Action(markup.Path(f.Here+"/press")),
			hidden("run", c.id()), hidden("action", a.Identifier), hidden("as", f.As),
			h.Button(h.Title(a.Description), g.Text(a.Label)),
		)
	}))
}

func part(heading string) g.Node { return h.H4(h.Class("part"), g.Text(heading)) }

// remark is an annotation.
func remark(a fakehub.Annotation) g.Node {
	lines := g.Textf(", line %d", a.StartLine)
	if a.StartLine != a.EndLine {
		lines = g.Textf(", lines %d to %d", a.StartLine, a.EndLine)
	}
	return h.Div(h.Class("remark "+a.Level),
		h.P(h.Class("small soft"), g.Textf("%s · ", a.Level), code(spelled(a.Path)), lines),
		h.P(strong(spelled(a.Title))),
		h.P(h.Class("outside"), g.Text(spelled(a.Message))),
		g.If(a.RawDetails != "", h.Pre(h.Class("outside"), g.Text(spelled(a.RawDetails)))),
	)
}
