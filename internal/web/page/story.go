package page

import (
	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"github.com/gatehold/gatehold/internal/ledger"
	"github.com/gatehold/gatehold/internal/report"
)

// story is what happened, in words; the records themselves are folded.
func (p Gate) story() g.Node {
	return h.Section(h.Class("story"),
		h.H2(g.Text("What happened")),
		h.Ol(h.Class("timeline"), g.Map(p.Story, func(m report.Moment) g.Node {
			if m.Machine {
				return nil
			}
			return h.Li(h.Class("mood-"+moodClass(m.Mood)), iconOfMood(m.Mood), h.Div(
				h.P(h.Class("outside"), text(m.Text), g.Text(" "), h.Span(h.Class("soft small"), ago(m.At, p.Now))),
				g.If(m.Quote != "", h.BlockQuote(h.Class("outside"), text(m.Quote))),
			))
		})),
		h.Details(h.Class("fold"),
			h.Summary(g.Textf("%d records, with their hashes", len(p.Detail.Records))),
			table([]string{"#", "When", "What", "Hash"}, g.Map(p.Detail.Records, record)),
		),
	)
}

func moodClass(m report.Mood) string {
	if m == report.MoodNone {
		return "none"
	}
	return string(m)
}

func record(r ledger.Record) g.Node {
	return h.Tr(
		h.Td(g.Textf("%d", r.Version)),
		h.Td(h.Class("soft"), g.Text(when(r.At))),
		h.Td(g.Text(r.Kind)),
		h.Td(h.Code(h.Class("soft"), g.Text(short(r.Hash)))),
	)
}
