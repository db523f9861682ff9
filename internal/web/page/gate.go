package page

import (
	"fmt"
	"time"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"github.com/gatehold/gatehold/internal/board"
	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/report"
)

// Gate is the page of one hold: what it is about, what is to be lost, what stands
// around it, what happened, and the place to answer.
type Gate struct {
	Frame
	Stream    string
	Detail    board.Detail
	Statement report.Statement
	Missing   string // what releases it, as far as it is not there; empty: nothing is missing
	Blocks    []Block
	NoLines   string // a sentence: why no lines are shown; empty: they are, or there are none
	About     change.About
	CI        change.CI
	Story     []report.Moment
	RuleLines map[string]int // where the repository's own rules stand in their file, by id
	Now       time.Time
	// Decide is where somebody answers; nil: nobody can here.
	Decide g.Node
}

// HTML draws it.
func (p Gate) HTML() g.Node {
	return p.draw(p.title(), "/gates",
		p.hero(),
		p.banners(),
		p.lines(),
		p.around(),
		p.story(),
		p.told(),
		p.Decide,
	)
}

func (p Gate) title() string {
	return report.Visible(fmt.Sprintf("%s · %s", p.Detail.State.Standing(p.Now), p.Detail.State.Subject), maxText)
}

// hero says in one sentence who wants what, and under it what that waits for.
func (p Gate) hero() g.Node {
	s := p.Detail.State
	standing := s.Standing(p.Now)
	class := string(standing)
	if s.Denied() != nil {
		class = "denied"
	}
	return h.Section(h.Class("hero "+class),
		h.P(h.Class("small crumbs"), p.subject()),
		h.H1(statement(p.Statement)),
		h.Div(h.Class("standing"),
			h.Span(h.Class("pill"), iconOf(standing), h.Span(h.Class("badge"), g.Text(string(standing)))),
			h.Div(h.Class("why"), p.why(standing)),
			g.Iff(s.Verdict != nil, func() g.Node { return dial(s.Verdict) }),
		),
		g.If(p.Decide != nil && !s.Left(), h.P(h.Class("small"), h.A(h.Class("jump"), toPart(), g.Text("Answer below")))),
	)
}

// statement is the sentence with its names set apart.
func statement(s report.Statement) g.Node {
	return g.Group{
		names(s.Who),
		g.If(len(s.Asked) > 0, g.Group{g.Text(", asked by "), names(s.Asked), g.Text(",")}),
		g.Text(" "), outside(s.Does),
		g.If(s.Object != "", g.Group{g.Text(" "), code(s.Object)}),
		g.If(s.Then != "", g.Group{g.Text(" "), outside(s.Then)}),
		g.If(s.More > 0, g.Textf(" and %d more,", s.More)),
		g.Text(" "), outside(s.Where),
	}
}

func names(list []string) g.Node {
	var out g.Group
	for i, name := range list {
		switch {
		case i > 0 && i == len(list)-1:
			out = append(out, g.Text(" and "))
		case i > 0:
			out = append(out, g.Text(", "))
		}
		out = append(out, strong(name))
	}
	return out
}

// subject leads to the thing itself on GitHub.
func (p Gate) subject() g.Node {
	s := p.Detail.State.Subject
	repo := "/" + s.Repo.FullName()
	switch s.Kind {
	case gate.PullRequest, gate.MergeGroup:
		return p.out(fmt.Sprintf("%s/pull/%d", repo, s.Number), "", text(s.Repo.FullName()), g.Textf("#%d", s.Number))
	case gate.Deployment, gate.WorkflowRun:
		return g.Group{p.out(fmt.Sprintf("%s/actions/runs/%d", repo, s.Run), "", text(s.Repo.FullName()), g.Textf(" run %d", s.Run)),
			g.If(s.Environment != "", g.Group{g.Text(" to "), linkOutside(environmentPath(s), text(s.Environment))})}
	}
	return outside(s.String())
}

// why is what is missing, and since when.
func (p Gate) why(standing gate.Standing) g.Node {
	s := p.Detail.State
	denied, reason := s.Denied(), board.Reason(s, p.Now)
	var first g.Node
	switch {
	case denied != nil:
		first = g.Group{g.Text("Denied by "), said(*denied, p.Now), g.Text(".")}
	case p.Missing != "":
		first = g.Group{g.Text("Needs "), h.Strong(h.Class("outside"), text(p.Missing)), g.Text(".")}
	default:
		first = h.Span(h.Class("outside"), prose(reason))
	}
	since := s.JudgedAt
	if since.IsZero() {
		since = s.SeenAt
	}
	return g.Group{
		h.P(first),
		g.If(denied == nil, g.Map(s.Choices, func(c gate.Choice) g.Node {
			return h.P(g.Text(report.Chose(c.Answer)), g.Text(" by "), said(c, p.Now), g.Text("."))
		})),
		g.Map(s.Waits(p.Now), func(w gate.Wait) g.Node {
			return g.If(w.Text != reason || p.Missing != "", h.P(h.Class("outside"), prose(w.Text)))
		}),
		g.Iff(s.Failure != nil, func() g.Node { return failure(*s.Failure, standing == gate.IsFailing, p.Now) }),
		g.If(standing == gate.IsJudging, h.P(g.Text("Nothing passes before that."))),
		g.If(!since.IsZero(), h.P(h.Class("soft small"), g.Text("So since "), ago(since, p.Now), g.Text("."))),
	}
}

// dial is the score.
func dial(v *gate.Verdict) g.Node {
	return h.A(h.Class("dial "+string(v.Level)), toScore(), h.Span(h.Class("n"), g.Textf("%d", v.Score)),
		h.Span(h.Class("of"), g.Text(string(v.Level))))
}

// banners are what concerns more than this change.
func (p Gate) banners() g.Node {
	return g.Group{
		g.Map(p.Detail.State.Overrides, func(o gate.OverrideRecord) g.Node { return override(o, p.Now) }),
		g.Iff(p.Detail.State.Verdict != nil, func() g.Node {
			return g.Map(p.Detail.State.Verdict.Problems, func(pr gate.Problem) g.Node {
				return card(icon(iconAlert), g.Text(" "), h.Span(h.Class("outside"), prose(pr.Text)),
					g.Text(" "), soft(g.Text("("), text(pr.Code), g.Text(")")))
			})
		}),
		g.If(!p.Detail.State.Left(), unenforced(p.Detail.Enforcement)),
	}
}

// override is a release at once, with the look that somebody else took at it.
func override(o gate.OverrideRecord, now time.Time) g.Node {
	if o.Review != nil {
		return state("released", "reviewed",
			h.P(g.Text("Released at once by "), said(o.Choice, now), g.Text(".")),
			h.P(h.Class("small"), g.Text("Reviewed by "), said(*o.Review, now), g.Text(".")),
		)
	}
	return state("failing", "to review",
		h.P(h.Strong(g.Text("Released at once")), g.Text(" by "), said(o.Choice, now), g.Text(".")),
		h.P(h.Strong(g.Text("Not reviewed yet.")),
			g.Text(" Somebody else who may decide here has to look at it: the button is on the check.")),
	)
}

// failure is a step that is tried again. Where it is failing, the gate stands by it.
func failure(f gate.Failed, failing bool, now time.Time) g.Node {
	return g.Group{
		g.If(!failing, h.P(h.Class("outside"), g.Text("What was decided could not be passed on yet: "), text(f.Text))),
		h.P(h.Class("soft small"),
			g.Textf("Tried %d times, first ", f.Attempt), ago(f.Since, now), g.Text("."),
			g.If(!f.Next.IsZero(), g.Group{g.Text(" Next attempt "), ago(f.Next, now), g.Text(".")}),
			g.If(failing, g.Text(" Until it succeeds, nothing passes.")),
		),
	}
}

// unenforced says that GitHub does not wait for the gate, or that nobody knows.
func unenforced(e *gate.Enforcement) g.Node {
	switch {
	case e == nil, e.Enforced && e.Unknown == "":
		return nil
	case e.Unknown != "":
		return card(h.Strong(g.Text("Enforced or not: unknown.")), g.Text(" "), outside(e.Unknown))
	}
	return card(
		icon(iconAlert), g.Text(" "), h.Strong(g.Text("Not enforced")),
		g.If(e.Branch != "", g.Group{g.Text(" on the branch "), code(e.Branch)}),
		g.Text(": what this gate holds goes through all the same."),
		g.Map(e.Missing, func(s string) g.Node { return g.Group{g.Text(" "), h.Span(h.Class("outside"), prose(s))} }),
	)
}

func card(what ...g.Node) g.Node { return h.Div(h.Class("card"), g.Group(what)) }

// told is who was told of it.
func (p Gate) told() g.Node {
	if len(p.Detail.Told) == 0 {
		return nil
	}
	return section("Who was told", table([]string{"Channel", "Told", "Still to be told"}, g.Map(p.Detail.Told, toldChannel)))
}

// toldChannel is what one channel was told, and why it was not told the rest.
func toldChannel(t board.Told) g.Node {
	return h.Tr(
		h.Td(h.Class("outside"), text(t.Channel)),
		h.Td(g.If(t.Told != "", g.Group{text(t.Told), g.Text(" "), h.Span(h.Class("soft"), g.Text(when(t.At)))})),
		h.Td(
			text(t.Wants),
			g.If(t.Wants != "" && !t.Next.IsZero() && !t.GivenUp, h.Span(h.Class("soft"), g.Textf(" not before %s", when(t.Next)))),
			g.If(t.Attempt > 0, g.Textf(", tried %d times", t.Attempt)),
			g.If(t.GivenUp, g.Text(" Given up.")),
			g.If(t.Problem != "", g.Group{g.Text(" "), outside(t.Problem)}),
		),
	)
}
