package page

import (
	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"github.com/gatehold/gatehold/internal/gate"
)

// matched is one rule with all its findings, as a person reads them.
type matched struct {
	Rule, Pack, Why string
	Risk            int
	Observe         bool
	Findings        []gate.Finding
}

// byRule puts findings under their rules, in the order of the verdict.
func byRule(findings []gate.Finding) []matched {
	var rules []matched
	at := map[[2]string]int{}
	for _, f := range findings {
		key := [2]string{f.Pack, f.Rule}
		i, ok := at[key]
		if !ok {
			i = len(rules)
			at[key] = i
			rules = append(rules, matched{Rule: f.Rule, Pack: f.Pack, Why: f.Why, Risk: f.Risk, Observe: f.Observe})
		}
		rules[i].Findings = append(rules[i].Findings, f)
		rules[i].Risk = max(rules[i].Risk, f.Risk)
	}
	return rules
}

func findings(v *gate.Verdict) g.Node {
	return g.Group{
		g.Map(byRule(v.Findings), rule),
		g.If(len(v.Findings) == 0, note("Nothing.")),
		g.If(v.Hidden > 0, note("And %d more.", v.Hidden)),
	}
}

func rule(r matched) g.Node {
	return h.Section(h.Class("card"),
		h.Header(
			strong(r.Rule),
			h.Span(h.Class("soft small"), g.Text("pack "), text(r.Pack), g.Textf(" · risk %d", r.Risk),
				g.If(r.Observe, g.Text(" · only observed"))),
		),
		g.If(r.Why != "", h.P(text(r.Why))),
		h.Ul(g.Map(r.Findings, finding)),
	)
}

func finding(f gate.Finding) g.Node {
	return h.Li(
		outside(f.Message),
		g.If(f.Path != "", g.Group{g.Text(" "),
			h.Code(h.Class("outside"), text(f.Path), g.If(f.Line != 0, g.Textf(":%d", f.Line)))}),
		g.If(f.Removed, g.Group{g.Text(" "), soft(g.Text("before the change"))}),
	)
}
