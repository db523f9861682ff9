package pages

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

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
	Checks                       []checkView // on the commit
	ChecksMood, Headline, Told   string      // of all checks together
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
	v.ChecksMood, v.Headline, v.Told = together(v.Checks)
	return v
}

// runPage shows a run: its jobs, what they wait for, and the checks on its
// commit with their buttons.
func (p *Pages) runPage(w http.ResponseWriter, r *http.Request) {
	id, _ := strconv.ParseInt(r.PathValue("number"), 10, 64) // what is no number is no run either
	frame := &frameView{}
	var data map[string]any
	p.hub.State.RLock()
	repo, run := p.hub.Repo(r.PathValue("owner")+"/"+r.PathValue("repo")), p.actions.Run(id)
	found := run != nil && run.Repo.Repo == repo
	if found {
		view, people := runViewOf(run), repo.People()
		frame.Here, frame.As = view.Here, chosen(people, r.URL.Query().Get("as"))
		framed(view.Checks, frame)
		data = map[string]any{"Title": fmt.Sprintf("%s · %s #%d · %s", view.Title, view.Workflow, view.Number, repo.FullName()),
			"Repo": repo.FullName(), "View": view, "People": people, "As": frame.As}
	}
	p.hub.State.RUnlock()
	if !found {
		p.showNothing(w, r, "workflow run")
		return
	}
	p.awaitAnswer(w, r, frame)
	p.show(w, http.StatusOK, "run.html", data)
}
