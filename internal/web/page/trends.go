package page

import (
	"fmt"
	"time"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"github.com/gatehold/gatehold/internal/board"
	"github.com/gatehold/gatehold/internal/markup"
	"github.com/gatehold/gatehold/internal/words"
)

// Trends is how it went over the last weeks.
type Trends struct {
	Frame
	Trends board.Trends
	Now    time.Time
}

// HTML draws it.
func (p Trends) HTML() g.Node {
	t := p.Trends
	return p.draw("gatehold: trends", "/trends",
		h.H1(g.Text("Trends")),
		h.P(h.Class("soft"), g.Textf("What was opened in the last %d days. As of %s.", board.TrendDays, when(p.Now))),
		section("Held and released", p.days()),
		section("Time to decide",
			g.If(t.Decided == 0, note("Nobody has decided anything in these days.")),
			g.If(t.Decided > 0, h.P(h.Strong(g.Text(seconds(t.Half))), g.Text(" for half of "), g.Text(words.Plural(t.Decided, "decision")),
				g.Text(", "), h.Strong(g.Text(seconds(t.Slow))), g.Text(" for nine of ten."))),
			g.If(t.Decided > 0, p.waited()),
		),
		section("Grave findings by rule",
			g.If(len(t.Rules) == 0, note("None.")),
			g.If(len(t.Rules) > 0, h.Ul(h.Class("bars wide-bars"), g.Map(t.Rules, p.rule))),
		),
	)
}

func seconds(s board.Seconds) string { return span(time.Duration(s) * time.Second) }

// days has the four ways in which a day's changes went, with the numbers as a table.
func (p Trends) days() g.Node {
	var columns []markup.Column
	var sum board.Day
	for i, d := range p.Trends.Days {
		c := markup.Column{
			Title: fmt.Sprintf("%s: %d passed, %d released, %d held and not answered, %d denied",
				d.Day.UTC().Format(time.DateOnly), d.Passed, d.Released, d.Held, d.Denied),
			Parts: []markup.Share{{Class: "p-passed", Value: d.Passed}, {Class: "p-released", Value: d.Released},
				{Class: "p-held", Value: d.Held}, {Class: "p-denied", Value: d.Denied}},
		}
		if i%5 == 4 {
			c.Label = d.Day.UTC().Format("2 Jan")
		}
		columns = append(columns, c)
		sum.Passed, sum.Released = sum.Passed+d.Passed, sum.Released+d.Released
		sum.Held, sum.Denied = sum.Held+d.Held, sum.Denied+d.Denied
	}
	about := fmt.Sprintf("In all %d passed, %d were released by somebody, %d were held and not answered, %d were denied.", sum.Passed,
		sum.Released, sum.Held, sum.Denied)
	key := func(class, words string, n int) g.Node {
		return h.Li(h.Span(h.Class("key "+class)), g.Textf("%d %s", n, words))
	}
	return h.Figure(h.Class("figure"),
		markup.Plot(about, columns),
		h.FigCaption(h.Ul(h.Class("counts small"), key("p-passed", "passed", sum.Passed), key("p-released", "held and released", sum.Released),
			key("p-held", "held, not answered", sum.Held), key("p-denied", "denied", sum.Denied))),
	)
}

func (p Trends) waited() g.Node {
	var columns []markup.Column
	before := ""
	for _, w := range p.Trends.Waited {
		label := "longer"
		if w.UpTo > 0 {
			label = "≤ " + seconds(w.UpTo)
			before = seconds(w.UpTo)
		}
		title := fmt.Sprintf("%s took %s", words.Plural(w.N, "decision"), label)
		if w.UpTo == 0 {
			title = fmt.Sprintf("%s took longer than %s", words.Plural(w.N, "decision"), before)
		}
		columns = append(columns, markup.Column{Label: label, Title: title, Parts: []markup.Share{{Class: "p-released", Value: w.N}}})
	}
	return h.Figure(h.Class("figure"), markup.Plot("How many decisions took how long.", columns))
}

func (p Trends) rule(r board.Rule) g.Node {
	most := 1
	for _, o := range p.Trends.Rules {
		most = max(most, o.N)
	}
	return h.Li(h.Class("high"),
		h.A(h.Class("outside"), markup.Href(markup.Path("/gates", "set", "all", "q", r.Rule)), text(r.Rule)),
		h.Meter(h.Min("0"), h.Max(fmt.Sprint(most)), h.Value(fmt.Sprint(r.N)), h.Aria("label", "changes")),
		h.Span(h.Class("n"), g.Textf("%d", r.N)),
	)
}
