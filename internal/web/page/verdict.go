package page

import (
	"strings"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/markup"
	"github.com/gatehold/gatehold/internal/report"
	"github.com/gatehold/gatehold/internal/words"
)

// release is who may let go what is held, and what of what people said does not count.
func (p Gate) release() g.Node {
	v := p.Detail.State.Verdict
	if !v.Held || p.Detail.State.Left() {
		return nil
	}
	return panel("Who may release it",
		needs(v),
		g.Iff(v.BreakGlass != nil, func() g.Node {
			return h.P(g.Text("At once, on record and for review by somebody else: "), need(*v.BreakGlass), g.Text("."))
		}),
	)
}

func needs(v *gate.Verdict) g.Node {
	if v.Needs == nil {
		return h.P(g.Text("Nobody can release what was not judged completely."))
	}
	return h.Ul(h.Class("plain"),
		h.Li(need(*v.Needs)),
		h.Li(
			g.Text("Never an agent, and never who wrote, committed or asked for this change"),
			g.If(len(v.Agent.Instigators) > 0, g.Group{g.Text(": "), accounts(v.Agent.Instigators)}),
			g.Text("."),
		),
	)
}

// need says what releases a gate.
func need(n gate.Need) g.Node {
	switch {
	case len(n.All) > 0:
		return g.Group{g.Text("all of:"), eachNeed(n.All)}
	case len(n.Any) > 0:
		return g.Group{g.Text("any one of:"), eachNeed(n.Any)}
	}
	from := g.Text("anyone with write access")
	if len(n.From) > 0 {
		from = markup.Joined(" or ", g.Map(n.From, code)...)
	}
	return g.Group{
		g.Textf("%s from ", words.Plural(n.Approvals, "approval")), from,
		g.If(len(n.Via) > 0, g.Group{g.Text(", by "), text(strings.Join(n.Via, " or "))}),
		g.If(n.Expires != "", g.Group{g.Text(", good for "), text(n.Expires)}),
		g.If(n.Reason, g.Text(", with a reason")),
	}
}

func eachNeed(list []gate.Need) g.Node {
	return h.Ul(g.Map(list, func(n gate.Need) g.Node { return h.Li(need(n)) }))
}

// brings is what of a pull request was released before, in others.
func brings(b *gate.Brings) g.Node {
	said := report.Brings(b)
	if len(said) == 0 {
		return nil
	}
	return panel("What it brings along", h.Ul(h.Class("plain"), g.Map(said, func(s string) g.Node { return h.Li(g.Text(s)) })))
}

func notes(list []string) g.Node {
	if len(list) == 0 {
		return nil
	}
	return panel("Not taken into account", h.Ul(h.Class("plain"),
		g.Map(list, func(s string) g.Node { return h.Li(h.Class("outside"), text(s)) })))
}

// accounts are people by their logins, or by the names of whom no account is known.
func accounts(list []string) g.Node {
	return markup.Joined(", ", g.Map(list, func(who string) g.Node {
		if !strings.ContainsAny(who, " <[@") {
			who = "@" + who
		}
		return outside(who)
	})...)
}

// author says whether an agent wrote it, and how that is known.
func author(a gate.Attribution) g.Node {
	return g.Group{
		h.P(writer(a), g.If(len(a.Instigators) > 0,
			g.Group{g.Text(" On behalf of "), accounts(a.Instigators), g.Text(".")})),
		g.If(len(a.Evidence) > 0, h.Ul(h.Class("plain"), g.Map(a.Evidence, evidence))),
	}
}

func writer(a gate.Attribution) g.Node {
	if a.Signed != "" {
		return g.Text("Signed as theirs by @" + a.Signed + ", passkey. Nothing shows an agent.")
	}
	if !a.Is {
		return g.Text("Nothing shows an agent.")
	}
	return g.Group{
		g.Text("An agent"),
		g.If(len(a.Names) > 0, g.Group{g.Text(": "), strong(strings.Join(a.Names, ", "))}),
		g.Textf(" (%s", a.Strength), g.If(a.Presumed, g.Text(", presumed")), g.Text(")."),
		g.Map(a.Owners, func(o gate.Owned) g.Node {
			return g.Group{g.Text(" For "), strong(o.Agent), g.Text(" answers "), outside(o.Owner), g.Text(".")}
		}),
	}
}

func evidence(e gate.Evidence) g.Node {
	return h.Li(
		g.Textf("%s: %s ", e.Strength, e.Kind), code(e.Text),
		g.If(e.Commit != "", g.Group{g.Text(" in "), commit(e.Commit)}),
	)
}

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
