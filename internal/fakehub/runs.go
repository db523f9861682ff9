package fakehub

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"time"
)

// Limits of workflow runs.
const (
	maxWait   = 30 * 24 * time.Hour // of a job for the rules of its environment; then it fails
	maxRunAge = 35 * 24 * time.Hour // of an attempt, its waits included; then it is cancelled
	maxRerun  = 30 * 24 * time.Hour // after which a run is not started again
)

// WorkflowRun is a run of a workflow, with all its attempts. Nothing is
// executed: the jobs are what RunSpec says, and FinishJob says how they end.
type WorkflowRun struct {
	ID int64

	repo     *Repo
	workflow *workflow
	spec     RunSpec
	number   int
	suite    int64
	created  time.Time
	attempts []*runAttempt
}

// workflow is a file that runs come from.
type workflow struct {
	id      int64
	path    string
	name    string
	created time.Time
	runs    int
}

// runAttempt is a run from its start, or from a re-run, to its end.
type runAttempt struct {
	number     int
	by         *Account
	started    time.Time
	updated    time.Time
	jobs       []*job
	begun      bool // workflow_run.in_progress was told
	cancelled  bool
	conclusion string
}

// RunSpec describes a workflow run. What is left out is as in brackets.
type RunSpec struct {
	Workflow            string // its file [.github/workflows/deploy.yml]
	Name                string // of the workflow [the file's name without its ending]
	Event               string // [workflow_dispatch]
	Branch              string // [the default branch]
	SHA                 string // [the branch's tip]
	Title               string // [the first line of the commit's message]
	Actor               *Account
	TriggeringActor     *Account  // of the first attempt [Actor]
	Jobs                []JobSpec // [one, "build", without an environment]
	ReferencedWorkflows []ReferencedWorkflow
}

// JobSpec is a job of a run. Names are unique in a run.
type JobSpec struct {
	Name        string
	Environment string   // "": none. One that does not exist is made, without rules, as GitHub does
	Needs       []string // jobs before it in the list, which must succeed before it starts; else it is skipped
	Labels      []string // of the runner [ubuntu-latest]
	// Ends is the conclusion with which the job ends as soon as it starts; "":
	// it runs until FinishJob.
	Ends string
	// Stubborn: a cancel is accepted, and the job runs on; only force-cancel
	// ends it. Any job may be so on GitHub, by `if: always()`.
	Stubborn bool
}

// ReferencedWorkflow is a reusable workflow that a run called.
type ReferencedWorkflow struct {
	Path string // OWNER/REPO/.github/workflows/FILE@REF
	SHA  string
	Ref  string
}

// StartRun starts a workflow run: what triggers it in RunSpec.Event is only
// written down. Jobs that nothing holds are in progress when it returns.
func (h *Hub) StartRun(r *Repo, spec RunSpec) (*WorkflowRun, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := r.refused(); err != nil {
		return nil, err
	}
	if err := spec.complete(r); err != nil {
		return nil, err
	}
	w := r.workflowAt(spec.Workflow, spec.Name)
	w.runs++
	run := &WorkflowRun{ID: h.id("workflow_run", 9_000_000_001), repo: r, workflow: w, spec: spec, number: w.runs,
		suite: h.id("suite", 30_000_000_001), created: h.now()}
	h.workflowRuns[run.ID] = run
	r.workflowRuns = append(r.workflowRuns, run)
	run.begin(spec.TriggeringActor)
	return run, nil
}

// complete fills in what was left out and checks the rest.
func (s *RunSpec) complete(r *Repo) error {
	s.Workflow, s.Event, s.Branch = orElse(s.Workflow, ".github/workflows/deploy.yml"), orElse(s.Event, "workflow_dispatch"),
		orElse(s.Branch, r.defaultBranch)
	s.Name = orElse(s.Name, strings.TrimSuffix(path.Base(s.Workflow), path.Ext(s.Workflow)))
	s.SHA = orElse(s.SHA, r.refs[s.Branch])
	c := r.store.Commit(s.SHA)
	if c == nil {
		return fmt.Errorf("%s has no commit %q for a workflow run", r.fullName(), s.SHA)
	}
	if s.Title == "" {
		s.Title, _, _ = strings.Cut(c.Message, "\n")
	}
	if s.Actor == nil {
		s.Actor = r.owner
	}
	if s.TriggeringActor == nil {
		s.TriggeringActor = s.Actor
	}
	if len(s.Jobs) == 0 {
		s.Jobs = []JobSpec{{Name: "build"}}
	}
	s.Jobs = slices.Clone(s.Jobs)
	names := map[string]bool{}
	for i := range s.Jobs {
		j := &s.Jobs[i]
		if j.Name == "" || names[j.Name] {
			return fmt.Errorf("a workflow run needs jobs with names of their own, not %q", j.Name)
		}
		for _, n := range j.Needs {
			if !names[n] {
				return fmt.Errorf("the job %s needs %s, which is no job before it", j.Name, n)
			}
		}
		if len(j.Labels) == 0 {
			j.Labels = []string{"ubuntu-latest"}
		}
		names[j.Name] = true
	}
	return nil
}

func (r *Repo) workflowAt(file, name string) *workflow {
	if w := r.workflows[file]; w != nil {
		return w
	}
	w := &workflow{id: r.hub.id("workflow", 60_000_001), path: file, name: name, created: r.hub.now()}
	r.workflows[file] = w
	return w
}

// FinishJob ends a job of the current attempt that is in progress: success,
// failure, cancelled, skipped, timed_out, neutral or action_required.
func (h *Hub) FinishJob(run *WorkflowRun, name, conclusion string) error {
	if !slices.Contains([]string{"success", "failure", "cancelled", "skipped", "timed_out", "neutral", "action_required"}, conclusion) {
		return fmt.Errorf("%q is no conclusion of a job", conclusion)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	i := slices.IndexFunc(run.current().jobs, func(j *job) bool { return j.spec.Name == name })
	if i < 0 {
		return fmt.Errorf("workflow run %d has no job %s", run.ID, name)
	}
	j := run.current().jobs[i]
	if j.status != jobRunning {
		return fmt.Errorf("the job %s is %s, not in progress", name, orElse(j.status, "not started"))
	}
	j.finish(conclusion)
	run.advance()
	return nil
}

// Rerun starts all jobs of a completed run again, in a new attempt: with new
// deployments, and new questions to the Apps that protect them.
func (h *Hub) Rerun(run *WorkflowRun, by *Account) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return run.refusal(run.rerun(by))
}

// refusal makes an error of what GitHub says to a request that it refuses.
func (r *WorkflowRun) refusal(why string) error {
	if why == "" {
		return nil
	}
	return fmt.Errorf("workflow run %d: %s", r.ID, why)
}

// rerun returns why it cannot be, in GitHub's words.
func (r *WorkflowRun) rerun(by *Account) (refused string) {
	switch {
	case r.current().conclusion == "":
		return "This workflow is already running"
	case r.repo.hub.now().Sub(r.created) > maxRerun:
		return "Unable to retry this workflow run because it was created over a month ago"
	}
	r.begin(by)
	return ""
}

// CancelRun cancels a run, as its button does; force ends stubborn jobs too.
func (h *Hub) CancelRun(run *WorkflowRun, force bool) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return run.refusal(run.cancel(force))
}

// cancel returns why it cannot be, in GitHub's words.
func (r *WorkflowRun) cancel(force bool) (refused string) {
	a := r.current()
	if a.conclusion != "" {
		return "Cannot cancel a workflow run that is completed."
	}
	a.cancelled = true
	for _, j := range a.jobs {
		if j.status != jobDone && (force || !j.spec.Stubborn || j.status != jobRunning) {
			j.finish("cancelled")
		}
	}
	r.advance()
	return ""
}

func (r *WorkflowRun) current() *runAttempt { return r.attempts[len(r.attempts)-1] }

// begin is the start of an attempt.
func (r *WorkflowRun) begin(by *Account) {
	now := r.repo.hub.now()
	a := &runAttempt{number: len(r.attempts) + 1, by: by, started: now, updated: now}
	for _, spec := range r.spec.Jobs {
		a.jobs = append(a.jobs, &job{run: r, attempt: a, spec: spec})
	}
	r.attempts = append(r.attempts, a)
	r.repo.openRuns[r.ID] = r
	r.emit("requested")
	r.advance()
}

// advance starts the jobs whose time has come and ends the run when none is
// left.
func (r *WorkflowRun) advance() {
	a := r.current()
	if a.conclusion != "" {
		return
	}
	for moved := true; moved; {
		moved = false
		for _, j := range a.jobs {
			moved = j.step() || moved
		}
	}
	a.updated = r.repo.hub.now()
	if !slices.ContainsFunc(a.jobs, func(j *job) bool { return j.status != jobDone }) {
		a.conclusion = a.outcome()
		delete(r.repo.openRuns, r.ID)
		r.emit("completed")
	}
}

// outcome is the worst of the jobs.
func (a *runAttempt) outcome() string {
	ended := func(with ...string) bool {
		return slices.ContainsFunc(a.jobs, func(j *job) bool { return slices.Contains(with, j.conclusion) })
	}
	switch {
	case ended("failure", "timed_out", "action_required"):
		return "failure"
	case a.cancelled || ended("cancelled"):
		return "cancelled"
	case ended("success", "neutral"):
		return "success"
	}
	return "skipped"
}

// state is the status and conclusion of an attempt: waiting, where all that
// has not ended waits for an environment.
func (a *runAttempt) state() (status, conclusion string) {
	if a.conclusion != "" {
		return "completed", a.conclusion
	}
	status = "queued"
	for _, j := range a.jobs {
		switch {
		case j.status == jobRunning:
			return "in_progress", ""
		case j.status == jobWaiting:
			status = "waiting"
		}
	}
	return status, ""
}

// unfinishedRuns are the runs that have not ended, oldest first.
func (r *Repo) unfinishedRuns() []*WorkflowRun {
	var out []*WorkflowRun
	for _, run := range r.openRuns {
		out = append(out, run)
	}
	slices.SortFunc(out, func(a, b *WorkflowRun) int { return int(a.ID - b.ID) })
	return out
}

// expireRuns ends what has waited, or run, for too long.
func (r *Repo) expireRuns() {
	now := r.hub.now()
	for _, run := range r.unfinishedRuns() {
		a := run.current()
		for _, j := range a.jobs {
			if j.status == jobWaiting && now.Sub(j.waiting) >= maxWait {
				j.expire()
			}
		}
		run.advance()
		if a.conclusion == "" && now.Sub(a.started) >= maxRunAge {
			run.cancel(true)
		}
	}
}

// Run is a workflow run as it is at one moment.
type Run struct {
	ID                     int64
	Workflow, Event        string
	SHA, Branch            string
	Status, Conclusion     string
	Attempt                int
	Actor, TriggeringActor string
	Jobs                   []Job // of the current attempt
}

// Job is a job of a run as it is at one moment.
type Job struct {
	ID                 int64
	Name, Environment  string
	Status, Conclusion string // "" and "" where it has not been queued
	DeploymentID       int64  // 0 where it has none
}

// View is the run as it is now.
func (r *WorkflowRun) View() Run {
	r.repo.hub.mu.RLock()
	defer r.repo.hub.mu.RUnlock()
	a := r.current()
	v := Run{ID: r.ID, Workflow: r.spec.Workflow, Event: r.spec.Event, SHA: r.spec.SHA, Branch: r.spec.Branch, Attempt: a.number,
		Actor: r.spec.Actor.Login, TriggeringActor: a.by.Login}
	v.Status, v.Conclusion = a.state()
	for _, j := range a.jobs {
		one := Job{ID: j.id, Name: j.spec.Name, Environment: j.spec.Environment, Status: j.status, Conclusion: j.conclusion}
		if j.deployment != nil {
			one.DeploymentID = j.deployment.id
		}
		v.Jobs = append(v.Jobs, one)
	}
	return v
}

// Runs are the workflow runs of the repository, oldest first.
func (r *Repo) Runs() []*WorkflowRun {
	r.hub.mu.RLock()
	defer r.hub.mu.RUnlock()
	return slices.Clone(r.workflowRuns)
}
