package pages

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"github.com/gatehold/gatehold/internal/fakehub/actions"
)

// maxPageRuns is how many runs a repository's page lists.
const maxPageRuns = 20

// runView is a workflow run as its page shows it.
type runView struct {
	Here, Title, Workflow, Event string
	By, Branch, SHA              string
	Number, Attempt              int
	Mood, Word                   string
	Started                      time.Time
	Jobs                         []jobView
	Checks                       checksView // on the commit
}

type jobView struct {
	Name, Environment string
	Mood, Word        string
	Gates             []jobGate
}

// jobGate is what an App said of a deployment.
type jobGate struct {
	App, State, Comment string
	Reports             []string
}

// runViews are the newest runs, for a list.
func runViews(r *actions.Repo) []runView {
	var out []runView
	for _, run := range slices.Backward(r.Runs[max(0, len(r.Runs)-maxPageRuns):]) {
		out = append(out, listedRun(run))
	}
	return out
}

func listedRun(r *actions.WorkflowRun) runView {
	a := r.Current()
	v := runView{Here: fmt.Sprintf("/%s/actions/runs/%d", r.Repo.FullName(), r.ID), Title: r.Spec.Title,
		Workflow: r.Workflow.Name, Event: r.Spec.Event,
		By: a.By.Login, Branch: r.Spec.Branch, SHA: r.Spec.SHA, Number: r.Number, Attempt: a.Number, Started: a.Started}
	v.Mood, v.Word, _ = mood(a.State())
	return v
}

// runViewOf is the whole view. The caller holds the lock State.
func runViewOf(r *actions.WorkflowRun) runView {
	v := listedRun(r)
	for _, j := range r.Current().Jobs {
		one := jobView{Name: j.Spec.Name, Environment: j.Spec.Environment}
		one.Mood, one.Word, _ = mood(cmp.Or(j.Status, "pending"), j.Conclusion)
		for _, g := range j.Gates {
			one.Gates = append(one.Gates, jobGate{g.App.Slug, g.State, g.Comment, slices.Clone(g.Reports)})
		}
		v.Jobs = append(v.Jobs, one)
	}
	v.Checks = checkViews(r.Repo.Repo, r.Spec.SHA, nil)
	return v
}

// runPage shows a run: its jobs, what they wait for, and the checks on its
// commit with their buttons.
func (p *Pages) runPage(w http.ResponseWriter, r *http.Request) {
	id, _ := strconv.ParseInt(r.PathValue("number"), 10, 64) // what is no number is no run either
	var view runView
	var l layout
	p.hub.State.RLock()
	repo, run := p.hub.Repo(r.PathValue("owner")+"/"+r.PathValue("repo")), p.actions.Run(id)
	found := run != nil && run.Repo.Repo == repo
	if found {
		view, l = runViewOf(run), layout{repo: repo.FullName(), people: repo.People()}
	}
	p.hub.State.RUnlock()
	if !found {
		p.showNothing(w, r, "workflow run")
		return
	}
	l.title = fmt.Sprintf("%s · %s #%d · %s", view.Title, view.Workflow, view.Number, l.repo)
	l.as = chosen(l.people, r.URL.Query().Get("as"))
	f := frameView{Here: view.Here, As: l.as}
	p.awaitAnswer(w, r, &f)
	p.show(w, http.StatusOK, view.page(l, f))
}

func (v runView) page(l layout, f frameView) g.Node {
	return l.around(
		h.H1(h.Class("title"),
			outside(spelled(v.Title)), g.Text(" "), soft(g.Textf("%s #%d", spelled(v.Workflow), v.Number))),
		h.Div(h.Class("meta"), icon(v.Mood), h.Strong(g.Text(v.Word)),
			soft(g.Textf("%s by ", v.Event), strong(v.By), g.Textf(", attempt %d, ", v.Attempt),
				branch(v.Branch), g.Text(" at "), h.Code(g.Text(shortSHA(v.SHA))), g.Textf(", begun %s", when(v.Started))),
		),
		box(h.Strong(g.Text("Jobs")), h.Ul(h.Class("rows"), g.Map(v.Jobs, jobView.row))),
		v.Checks.section(v.SHA, f, nil),
	)
}

func (j jobView) row() g.Node {
	return h.Li(icon(j.Mood), h.Span(h.Class("grow"),
		strong(spelled(j.Name)), g.Text(" "), soft(g.Text(j.Word)),
		g.If(j.Environment != "", g.Group{
			h.Br(), softSmall(g.Text("deploys to "), strong(spelled(j.Environment)), g.Map(j.Gates, jobGate.stands)),
			g.Map(j.Gates, jobGate.reports),
		}),
	))
}

// stands is how a job stands with an App, and what the App said with its answer.
func (d jobGate) stands() g.Node {
	return g.Group{
		g.Text("; "), outside(d.App), g.Textf(": %s", d.State),
		g.If(d.Comment != "", g.Group{g.Text(", "), h.Q(h.Class("outside"), g.Text(spelled(d.Comment)))}),
	}
}

// reports are what the App said before it answered.
func (d jobGate) reports() g.Node {
	return g.Map(d.Reports, func(said string) g.Node {
		return g.Group{h.Br(), softSmall(outside(d.App), g.Text(" says: "), outside(spelled(said)))}
	})
}
