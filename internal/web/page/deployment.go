package page

import (
	"fmt"
	"strings"
	"time"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/markup"
	"github.com/gatehold/gatehold/internal/report"
)

// deployment is what goes out.
func (p Gate) deployment() g.Node {
	s := p.Detail.State
	d := s.Verdict.Deploy
	if d == nil {
		return nil
	}
	return h.Section(h.Class("panel wide"), h.H3(g.Text("What goes out")),
		p.run(s.Subject, d),
		g.If(d.Base != "", h.P(h.Class("small"),
			g.Text("The range is "), p.commit(d.Base), g.Text(" to "), p.commit(s.Verdict.Head), g.Text(": "),
			p.out(fmt.Sprintf("/%s/compare/%s...%s", s.Subject.Repo.FullName(), d.Base, s.Verdict.Head), "", g.Text("all of it on GitHub")),
			g.Text("."))),
		g.If(d.First, note("Nothing was deployed there before, as far as is known.")),
		g.If(d.Rollback, h.P(g.Text("It goes back to what was approved there before."))),
		bypassed(p.Detail.Bypassed),
		g.If(len(d.Outgoing) > 0, h.Ul(h.Class("rows"), g.Map(d.Outgoing, func(o gate.Outgoing) g.Node {
			return p.outgoing(s.Subject.Repo, o)
		}))),
		g.If(d.Omitted > 0, note("And %d more.", d.Omitted)),
	)
}

// going is what a deployment waits for, what its run can do, and what led to it.
func (p Gate) going() g.Node {
	s := p.Detail.State
	d := s.Verdict.Deploy
	if d == nil {
		return nil
	}
	return g.Group{
		waits(s.Waits(p.Now), p.Now),
		g.If(len(d.Jobs) > 0, panel("What the run can do", jobs(d.Jobs))),
		chain(d.Chain),
		told(s),
	}
}

// run is the workflow run that deploys, and where to.
func (p Gate) run(s gate.Subject, d *gate.Deploy) g.Node {
	by := g.Text("By")
	if d.Environment != "" {
		by = g.Group{g.Text("To "), linkOutside(environmentPath(s), h.Strong(text(d.Environment))), g.Text(", by")}
	}
	return h.P(
		by, g.Text(" "), p.out(fmt.Sprintf("/%s/actions/runs/%d", s.Repo.FullName(), d.Run), "", g.Textf("run %d", d.Run)),
		g.Textf(", attempt %d", d.Attempt),
		g.If(d.Workflow != "", g.Group{g.Text(" of "), code(d.Workflow)}),
		g.If(d.Trigger != "", g.Group{g.Text(" "), soft(g.Text("("), text(d.Trigger), g.Text(")"))}),
		g.Text(": "), outside(d.Summary), g.Text("."),
	)
}

func environmentPath(s gate.Subject) string {
	return "/environments/" + gate.Subject{Kind: gate.Environment, Repo: s.Repo, Environment: s.Environment}.Stream()
}

// outgoing is one change that goes out.
func (p Gate) outgoing(repo gate.Repo, o gate.Outgoing) g.Node {
	class, word := "held", "not approved"
	switch {
	case o.Valid && len(o.ApprovedBy) > 0:
		class, word = "passed", "approved"
	case o.Valid:
		class, word = "passed", "passed"
	}
	what := g.Group{g.Text("commit "), p.commit(o.SHA)}
	if o.Number != 0 {
		what = g.Group{link(fmt.Sprintf("/gates/pr/%d/%d", repo.ID, o.Number), g.Textf("#%d", o.Number))}
	}
	return row(badge(class, word), []g.Node{
		h.P(what, g.Text(" "), outside(o.Title)),
		g.If(o.Worst != "", h.P(h.Class("outside"), text(o.Worst))),
		h.P(h.Class("soft small"),
			outgoingAgent(o),
			g.If(len(o.ApprovedBy) > 0, g.Group{g.Text(" · approved by "), people(o.ApprovedBy)}),
			g.If(o.Why != "", g.Group{g.Text(" · "), outside(o.Why)}),
		),
	}, score(o.Score, string(o.Level)))
}

func outgoingAgent(o gate.Outgoing) g.Node {
	switch {
	case !o.Agent:
		return g.Text("no sign of an agent")
	case len(o.Names) == 0:
		return g.Text("by an agent")
	}
	return g.Group{g.Text("by "), outside(strings.Join(o.Names, ", "))}
}

func waits(list []gate.Wait, now time.Time) g.Node {
	if len(list) == 0 {
		return nil
	}
	return panel("What it waits for", h.Ul(h.Class("plain"), g.Map(list, func(w gate.Wait) g.Node {
		return h.Li(h.Class("outside"),
			prose(w.Text), g.Text(" "), soft(g.Text("Looked at again "), ago(w.Until, now), g.Text(".")),
			g.If(len(w.Except) > 0, g.Group{g.Text(" "),
				soft(g.Text("Lifted by an approval of "), text(strings.Join(w.Except, " or ")), g.Text("."))}),
		)
	})))
}

// chain is what led to something, the first step first.
func chain(links []gate.Link) g.Node {
	if len(links) == 0 {
		return nil
	}
	return panel("What led here", h.Ol(h.Class("plain chain"), g.Map(links, func(l gate.Link) g.Node {
		return h.Li(
			soft(g.Text(spaced(l.Kind))), g.Text(" "), reference(l.Ref),
			linkBy(l),
			g.If(len(l.OnBehalf) > 0, g.Group{g.Text(", on behalf of "), outside(strings.Join(l.OnBehalf, ", "))}),
		)
	})))
}

func linkBy(l gate.Link) g.Node {
	by, agent := report.By(l)
	return g.Group{g.If(by != "", g.Group{g.Text(" by "), strong(by)}), g.If(agent, g.Text(", an agent"))}
}

// reference is a link where it can be one.
func reference(ref string) g.Node {
	to, ok := markup.HTTPS(ref)
	if !ok {
		return code(ref)
	}
	return h.A(h.Class("outside"), h.Rel("noreferrer noopener"), markup.Href(to), text(ref))
}

// told is what GitHub was told of the deployment, or of its run.
func told(s gate.State) g.Node {
	replied, halted := s.Deployment.Replied, s.WorkflowRun.Halted
	if len(replied) == 0 && halted == nil {
		return nil
	}
	return panel("What GitHub was told", h.Ul(h.Class("plain"),
		g.Map(replied, func(r gate.Replied) g.Node {
			return h.Li(
				h.Strong(g.Text(string(r.Reply))),
				g.If(r.Attempt != 0, g.Textf(", attempt %d", r.Attempt)),
				g.If(len(r.By) > 0, g.Group{g.Text(", by "), people(r.By)}),
			)
		}),
		g.Iff(halted != nil, func() g.Node {
			if halted.Again {
				return h.Li(h.Strong(g.Text("started again")), g.Textf(" after attempt %d", halted.Attempt))
			}
			return h.Li(h.Strong(g.Text("cancelled")), g.Textf(", attempt %d", halted.Attempt))
		}),
	))
}

// jobs are what workflows can do, and how surely each is held.
func jobs(list []gate.Job) g.Node { return h.Ul(h.Class("rows jobs"), g.Map(list, job)) }

func job(j gate.Job) g.Node {
	return row(badge(holdClass(j.Held), holdWords(j.Held)), []g.Node{
		h.P(
			g.If(j.ID != "", g.Group{g.Text("job "), code(j.ID)}),
			g.If(j.Workflow != "", g.Group{g.Text(" "), soft(g.Text("in")), g.Text(" "), code(j.Workflow)}),
			g.If(j.Environment != "", g.Group{g.Text(" "), soft(g.Text("to")), g.Text(" "), strong(j.Environment)}),
		),
		g.If(j.Why != "", h.P(h.Class("outside"), prose(j.Why))),
		g.If(len(j.Can) > 0, h.P(h.Class("soft small outside"),
			g.Text("can: "), markup.Joined("; ", g.Map(j.Can, text)...))),
	}, h.Span())
}

// holdWords is how surely something is held, in words.
func holdWords(h gate.Hold) string {
	switch h {
	case gate.Certain:
		return "held for certain"
	case gate.BestEffort:
		return "held at best effort"
	}
	return "not held"
}

func holdClass(h gate.Hold) string {
	switch h {
	case gate.Certain:
		return "passed"
	case gate.BestEffort:
		return "watching"
	}
	return "denied"
}
