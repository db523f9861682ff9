package page

import (
	"fmt"
	"strings"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/markup"
	"github.com/gatehold/gatehold/internal/report"
	"github.com/gatehold/gatehold/internal/words"
)

// around is what stands around the change: its words, who wrote it, what others say of
// it, how the score came about, and which rules asked for it.
func (p Gate) around() g.Node {
	v := p.Detail.State.Verdict
	return h.Section(h.Class("around"),
		h.H2(g.Text("Around it")),
		g.Iff(v != nil, p.deployment),
		h.Div(h.Class("grid"),
			p.words(),
			g.Iff(v != nil, func() g.Node {
				return g.Group{
					p.going(),
					p.intent(),
					panel("Who wrote it", author(v.Agent), contributors(v.Contributors)),
					p.ci(),
					p.release(),
					brings(p.Detail.State.Verdict.Brings),
					scored(v),
					p.rules(v),
					chain(v.Origin),
					notes(v.Notes),
				}
			}),
		),
	)
}

func panel(title string, what ...g.Node) g.Node {
	return h.Section(h.Class("panel"), h.H3(g.Text(title)), g.Group(what))
}

// maxBodyLines is how much of what somebody wrote is shown.
const maxBodyLines = 12

// words are the title and the description: what whoever made the change says of it.
func (p Gate) words() g.Node {
	a := p.About
	if a.Title == "" {
		return nil
	}
	body, left := firstLines(a.Body)
	return panel("What it says of itself",
		h.BlockQuote(h.Class("foreign outside"),
			h.P(h.Strong(text(a.Title))),
			h.P(h.Class("body"), g.Text(body)),
			h.P(h.Class("soft small"), g.Text(left)),
		),
		h.P(h.Class("soft small"), g.Text("These are the words of "), person(a.Author.Login), g.Text(", not gatehold's.")),
	)
}

// firstLines are the first lines of a text, each as it can be seen, and what is said
// of the rest.
func firstLines(s string) (shown, left string) {
	lines := strings.Split(strings.ReplaceAll(strings.TrimSpace(s), "\r\n", "\n"), "\n")
	var out []string
	for _, line := range lines[:min(len(lines), maxBodyLines)] {
		out = append(out, report.Visible(line, maxText))
	}
	if n := len(lines) - len(out); n > 0 {
		left = "And " + words.Plural(n, "line") + " more."
	}
	return strings.Join(out, "\n"), left
}

func contributors(list []gate.Contributor) g.Node {
	return g.If(len(list) > 0, h.Ul(h.Class("plain small"), g.Map(list, func(c gate.Contributor) g.Node {
		return h.Li(person(c.Login), g.Text(" "), outside(c.Role))
	})))
}

// scored is the score as a sum that can be read: each rule once, at its risk.
func scored(v *gate.Verdict) g.Node {
	list := byRule(v.Findings)
	return h.Section(h.Class("panel"), h.ID("score"), h.H3(g.Text("How the score came about")),
		h.P(h.Strong(g.Textf("%d of 100, ", v.Score)), h.Strong(h.Class(string(v.Level)), g.Text(string(v.Level))), g.Text(".")),
		g.If(len(list) > 0, h.Ul(h.Class("bars"), g.Map(list, bar))),
		g.If(len(list) > 1 && v.Hidden == 0, h.P(h.Class("soft small"), g.Text("Each rule counts once: "),
			h.Code(g.Text("100% - "), remains(list), g.Textf(" = %d%%", v.Score)),
			g.Text(". Order plays no part, and nothing lowers it."))),
	)
}

func remains(list []matched) g.Node {
	var out g.Group
	for _, r := range list {
		if r.Observe {
			continue
		}
		if len(out) > 0 {
			out = append(out, g.Text(" × "))
		}
		out = append(out, g.Textf("%d%%", 100-min(max(r.Risk, 0), 100)))
	}
	return out
}

func bar(r matched) g.Node {
	return h.Li(h.Class(weightOf(r.Risk, r.Observe)),
		h.Span(h.Class("outside ink"), text(r.Rule), g.If(r.Observe, soft(g.Text(" (only observed)")))),
		h.Meter(h.Min("0"), h.Max("100"), h.Value(fmt.Sprint(r.Risk)), h.Aria("label", "risk")),
		h.Span(h.Class("n"), g.Textf("%d", r.Risk)),
	)
}

// rules are those that were in force, with where they are from.
func (p Gate) rules(v *gate.Verdict) g.Node {
	files, packs := sources(v.Rules)
	return panel("By which rules",
		g.If(v.Rules.Builtin, h.P(g.Text("No rules file: the built-in default only watches."))),
		g.If(len(files) > 0, h.Ul(h.Class("plain"), g.Map(files, func(s string) g.Node {
			return h.Li(p.rulesFile(s, p.Detail.State.Subject.Repo, p.Detail.State.RulesAt))
		}))),
		g.If(len(packs) > 0, h.P(h.Class("soft small"), g.Text("and the packs "), markup.Joined(", ", g.Map(packs, outside)...))),
		h.P(h.Class("soft small"), g.Text("Mode "), outside(v.Mode), g.Text(" · head "), p.commit(v.Head), g.Text(" · base "), p.commit(v.Base),
			g.Text(" · rules "), commit(v.Rules.Digest), g.Text(" · verdict "), commit(v.Digest)),
	)
}

// sources are the files and the packs that rules are from.
func sources(r gate.RulesRef) (files, packs []string) {
	for _, s := range r.Sources {
		if pack, is := strings.CutPrefix(s, "pack "); is {
			packs = append(packs, pack)
			continue
		}
		files = append(files, s)
	}
	return files, packs
}

// rulesFile leads to a rules file at the commit that it was read at.
func (f Frame) rulesFile(source string, own gate.Repo, at gate.RulesAt) g.Node {
	name, _, _ := strings.Cut(source, "@")
	parts := strings.SplitN(name, "/", 3)
	if len(parts) < 3 {
		return h.Span(h.Class("outside"), h.Code(text(source)))
	}
	tip := at.Tip
	if !strings.EqualFold(parts[0]+"/"+parts[1], own.FullName()) {
		tip = at.OrgTip
	}
	if tip == "" {
		tip = "HEAD"
	}
	return f.out(fmt.Sprintf("/%s/%s/blob/%s/%s", parts[0], parts[1], tip, parts[2]), "", h.Code(text(name)))
}

func (p Gate) commit(sha string) g.Node {
	if sha == "" {
		return soft(g.Text("none"))
	}
	return p.out(fmt.Sprintf("/%s/commit/%s", p.Detail.State.Subject.Repo.FullName(), sha), "", commit(sha))
}

// ci is what others say of the head. It decides nothing here.
func (p Gate) ci() g.Node {
	c := p.CI
	if !c.Known {
		return nil
	}
	said := g.Group{}
	class := "passed"
	add := func(n int, words string) {
		if n > 0 {
			said = append(said, g.If(len(said) > 0, g.Text(", ")), g.Textf("%d %s", n, words))
		}
	}
	add(c.Failed, "failed")
	add(c.Running, "running")
	add(c.Passed, "passed")
	switch {
	case c.Failed > 0:
		class = "denied"
	case c.Running > 0:
		class = "held"
	}
	left := c.Failed + c.Running - len(c.Open)
	return panel("Other checks",
		g.If(len(said) == 0, h.P(h.Class("soft"), g.Text("None ran on this commit."))),
		g.If(len(said) > 0, h.P(h.Strong(h.Class(class), said), g.If(c.Beyond, g.Text(", and more")), g.Text("."))),
		g.If(len(c.Open) > 0, h.Ul(h.Class("plain"), g.Map(c.Open, p.check), g.If(left > 0, h.Li(soft(g.Textf("and %d more", left)))))),
		g.If(c.Unread != "", h.P(h.Class("soft small"), g.Text(c.Unread))),
		h.P(h.Class("soft small"), g.Text("gatehold does not wait for these, and they do not speak for it.")),
	)
}

// check is one that has not passed, with a link to it.
func (p Gate) check(c change.CheckOf) g.Node {
	class, word := "held", " is running"
	if c.Failed {
		class, word = "denied", " failed"
	}
	name := outside(c.Name)
	if to, ok := markup.HTTPS(c.Address); ok {
		name = h.A(h.Class("outside"), h.Rel("noreferrer noopener"), markup.Href(to), text(c.Name))
	}
	if c.Run > 0 {
		name = p.out(fmt.Sprintf("/%s/runs/%d", p.Detail.State.Subject.Repo.FullName(), c.Run), "", text(c.Name))
	}
	return h.Li(name, h.Span(h.Class(class), g.Text(word)))
}
