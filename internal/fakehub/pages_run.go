package fakehub

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"
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
func (r *Repo) runViews() []runView {
	var out []runView
	for _, run := range slices.Backward(r.workflowRuns[max(0, len(r.workflowRuns)-maxPageRuns):]) {
		out = append(out, run.line())
	}
	return out
}

func (r *WorkflowRun) line() runView {
	a := r.current()
	v := runView{Here: fmt.Sprintf("/%s/actions/runs/%d", r.repo.fullName(), r.ID), Title: r.spec.Title,
		Workflow: r.workflow.name, Event: r.spec.Event,
		By: a.by.Login, Branch: r.spec.Branch, SHA: r.spec.SHA, Number: r.number, Attempt: a.number, Started: a.started}
	v.Mood, v.Word, _ = mood(a.state())
	return v
}

// page is the whole view. The caller holds h.mu.
func (r *WorkflowRun) page() runView {
	v := r.line()
	for _, j := range r.current().jobs {
		one := jobView{Name: j.spec.Name, Environment: j.spec.Environment}
		one.Mood, one.Word, _ = mood(orElse(j.status, "pending"), j.conclusion)
		for _, g := range j.gates {
			one.Gates = append(one.Gates, jobGate{g.app.Slug, g.state, g.comment, slices.Clone(g.reports)})
		}
		v.Jobs = append(v.Jobs, one)
	}
	v.Checks = r.repo.checkViews(r.spec.SHA, nil)
	v.ChecksMood, v.Headline, v.Told = together(v.Checks)
	return v
}

// runPage shows a run: its jobs, what they wait for, and the checks on its
// commit with their buttons.
func (h *Hub) runPage(w http.ResponseWriter, r *http.Request) {
	id, _ := strconv.ParseInt(r.PathValue("number"), 10, 64) // what is no number is no run either
	frame := &frameView{}
	var data map[string]any
	h.mu.RLock()
	repo, run := h.repos[fold(r.PathValue("owner")+"/"+r.PathValue("repo"))], h.workflowRuns[id]
	found := run != nil && run.repo == repo
	if found {
		view, people := run.page(), repo.members()
		frame.Here, frame.As = view.Here, chosen(people, r.URL.Query().Get("as"))
		framed(view.Checks, frame)
		data = map[string]any{"Title": fmt.Sprintf("%s · %s #%d · %s", view.Title, view.Workflow, view.Number, repo.fullName()),
			"Repo": repo.fullName(), "View": view, "People": people, "As": frame.As}
	}
	h.mu.RUnlock()
	if !found {
		h.showNothing(w, r, "workflow run")
		return
	}
	h.awaitAnswer(w, r, frame)
	h.show(w, http.StatusOK, "run.html", data)
}
