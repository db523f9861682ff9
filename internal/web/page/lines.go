package page

import (
	"fmt"
	"slices"
	"strconv"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/report"
	"github.com/gatehold/gatehold/internal/web/hunk"
)

// Block is one place of a file, with what was found there and its lines.
type Block struct {
	Path     string // empty: the change as a whole
	Findings []gate.Finding
	Lines    []hunk.Line // none: of these findings no line is known, or it cannot be shown
	Why      string      // a sentence: why there are no lines
}

// risk is that of the gravest finding that counts.
func (b Block) risk() int {
	most := 0
	for _, f := range b.Findings {
		if !f.Observe {
			most = max(most, f.Risk)
		}
	}
	return most
}

// lines are the findings with their lines: those that are grave by themselves, and
// folded under them the rest.
func (p Gate) lines() g.Node {
	v := p.Detail.State.Verdict
	if v == nil {
		return nil
	}
	var grave, lesser []Block
	n := 0
	for _, b := range p.Blocks {
		if b.risk() >= gate.GraveFrom {
			grave = append(grave, b)
			continue
		}
		lesser, n = append(lesser, b), n+len(b.Findings)
	}
	title := "What could be lost"
	if !v.Held && !v.WouldHold {
		title = "What was found"
	}
	return h.Section(h.Class("lines"),
		h.H2(g.Text(title)),
		g.If(len(p.Blocks) == 0, note("Nothing.")),
		g.If(p.NoLines != "", h.P(h.Class("soft outside"), text(p.NoLines), g.Text(" "), p.changeLink("Open it on GitHub."))),
		g.Map(grave, p.block),
		g.If(len(lesser) > 0 && len(grave) == 0, g.Map(lesser, p.block)),
		g.If(len(lesser) > 0 && len(grave) > 0, h.Details(h.Class("fold"),
			h.Summary(g.Textf("%d of less weight", n)), g.Map(lesser, p.block))),
		g.If(v.Hidden > 0, note("And %d more.", v.Hidden)),
	)
}

// changeLink leads to the whole change on GitHub.
func (p Gate) changeLink(words string) g.Node {
	s := p.Detail.State.Subject
	repo := "/" + s.Repo.FullName()
	v := p.Detail.State.Verdict
	switch {
	case s.Kind == gate.PullRequest:
		return p.out(fmt.Sprintf("%s/pull/%d/files", repo, s.Number), "", g.Text(words))
	case v != nil && v.Base != "":
		return p.out(fmt.Sprintf("%s/compare/%s...%s", repo, v.Base, v.Head), "", g.Text(words))
	case v != nil:
		return p.out(fmt.Sprintf("%s/commit/%s", repo, v.Head), "", g.Text(words))
	}
	return nil
}

func (p Gate) block(b Block) g.Node {
	return h.Article(h.Class("block"),
		h.Header(p.place(b)),
		h.Div(h.Class("both"),
			h.Div(h.Class("said"), g.Map(alike(b.Findings), p.finding)),
			g.If(len(b.Lines) > 0, diff(b.Lines)),
			g.If(len(b.Lines) == 0 && b.Why != "", h.P(h.Class("soft small no-lines outside"), text(b.Why))),
		),
	)
}

// place leads to the file as it is in the head, or was before.
func (p Gate) place(b Block) g.Node {
	if b.Path == "" {
		return h.Span(h.Class("path"), g.Text("The change as a whole"))
	}
	v := p.Detail.State.Verdict
	at, part, line := v.Head, "", 0
	for _, f := range b.Findings {
		if f.Line == 0 {
			continue
		}
		if line = f.Line; f.Removed {
			at = v.Base
		}
		part = "L" + strconv.Itoa(line)
		break
	}
	return h.Span(h.Class("path"), p.out(fmt.Sprintf("/%s/blob/%s/%s", p.Detail.State.Subject.Repo.FullName(), at, b.Path), part,
		h.Code(text(b.Path), g.If(line != 0, g.Textf(":%d", line)))))
}

// alike puts findings together that one rule found and that come to the same: why is
// said once.
func alike(list []gate.Finding) [][]gate.Finding {
	var out [][]gate.Finding
	for _, f := range list {
		i := slices.IndexFunc(out, func(o []gate.Finding) bool {
			return o[0].Rule == f.Rule && o[0].Why == f.Why && o[0].Removed == f.Removed && o[0].Risk == f.Risk && o[0].Observe == f.Observe
		})
		if i < 0 {
			out = append(out, nil)
			i = len(out) - 1
		}
		out[i] = append(out[i], f)
	}
	return out
}

func (p Gate) finding(list []gate.Finding) g.Node {
	f := list[0]
	return h.Div(h.Class("finding "+weightOf(f.Risk, f.Observe)),
		g.Map(list, func(f gate.Finding) g.Node {
			return h.P(h.Class("what outside"), text(capital(report.Seen(f))), g.Text("."))
		}),
		g.If(f.Why != "", h.P(h.Class("outside"), text(f.Why))),
		h.P(h.Class("soft small"),
			g.Textf("risk %d", f.Risk), g.If(f.Level != "", g.Group{g.Text(", at least "), text(string(f.Level))}),
			g.Text(" · rule "), p.ruleOf(f),
			g.If(f.Removed, g.Text(" · before the change")),
			g.If(f.Observe, g.Text(" · only observed")),
		),
	)
}

// ruleOf names a rule, and leads to where it stands: one of the repository's or the
// organisation's own has a place in a file, one of a pack ships with gatehold.
func (p Gate) ruleOf(f gate.Finding) g.Node {
	s := p.Detail.State
	repo, tip, part := s.Subject.Repo.FullName(), s.RulesAt.Tip, ""
	switch f.Pack {
	case "repository":
		if line := p.RuleLines[f.Rule]; line > 0 {
			part = "L" + strconv.Itoa(line)
		}
	case "organisation":
		repo, tip = s.Subject.Repo.Owner+"/.github", s.RulesAt.OrgTip
	default:
		return g.Group{outside(f.Rule), g.Text(" of "), outside(f.Pack)}
	}
	if tip == "" {
		tip = "HEAD"
	}
	return g.Group{p.out(fmt.Sprintf("/%s/blob/%s/%s", repo, tip, RulesPath), part, text(f.Rule)), g.Text(" of the "), outside(f.Pack)}
}

// RulesPath is where a repository has its rules.
const RulesPath = ".github/gatehold.yml"

// weightOf is the colour of a risk.
func weightOf(risk int, observe bool) string {
	switch {
	case observe:
		return "watching"
	case risk >= 2*gate.GraveFrom:
		return "critical"
	case risk >= gate.GraveFrom:
		return "high"
	}
	return "medium"
}

// diff are lines before and after, numbered as the files are.
func diff(lines []hunk.Line) g.Node {
	return h.Div(h.Class("scroll diff"), h.TabIndex("0"), h.Role("group"), h.Aria("label", "The lines"),
		h.Table(h.TBody(g.Map(lines, diffLine))))
}

func diffLine(l hunk.Line) g.Node {
	class, sign, said := "same", " ", ""
	switch l.Kind {
	case hunk.Added:
		class, sign, said = "new", "+", "added: "
	case hunk.Removed:
		class, sign, said = "old", "-", "removed: "
	}
	if l.Marked {
		class += " danger"
	}
	return h.Tr(h.Class(class),
		h.Td(h.Class("n"), number(l.Old)), h.Td(h.Class("n"), number(l.New)),
		h.Td(h.Class("sign"), h.Span(h.Aria("hidden", "true"), g.Text(sign)), g.If(said != "", h.Span(h.Class("hide"), g.Text(said)))),
		h.Td(h.Class("code"), g.Map(l.Spans, spanOf), g.If(l.Cut, soft(g.Text("…")))),
	)
}

func spanOf(s hunk.Span) g.Node {
	words := g.Text(report.VisibleCode(s.Text))
	switch {
	case s.Marked:
		return h.Mark(words)
	case s.Class == hunk.Plain:
		return words
	}
	return h.Span(h.Class(string(s.Class)), words)
}

func number(n int) g.Node {
	if n == 0 {
		return nil
	}
	return g.Text(strconv.Itoa(n))
}
