package actions

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
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

	Repo     *Repo
	Workflow *workflow
	Spec     RunSpec
	Number   int
	Suite    int64
	Created  time.Time
	Attempts []*RunAttempt
}

// workflow is a file that runs come from.
type workflow struct {
	id      int64
	path    string
	Name    string
	created time.Time
	runs    int
}

// RunAttempt is a run from its start, or from a re-run, to its end.
type RunAttempt struct {
	Number     int
	By         *fakehub.Account
	Started    time.Time
	updated    time.Time
	Jobs       []*JobRecord
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
	Actor               *fakehub.Account
	TriggeringActor     *fakehub.Account // of the first attempt [Actor]
	Jobs                []JobSpec        // [one, "build", without an environment]
	ReferencedWorkflows []ReferencedWorkflow
	// Pull is the pull request that the run is of, which may be from a fork: its event
	// is then [pull_request], its branch and commit those of the head.
	Pull *fakehub.Pull
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
	IDToken  bool   // permissions: id-token: write
	Calls    string // the reusable workflow that it is, as in ReferencedWorkflow.Path; "": it is written in the run's own
}

// ReferencedWorkflow is a reusable workflow that a run called.
type ReferencedWorkflow struct {
	Path string // OWNER/REPO/.github/workflows/FILE@REF
	SHA  string
	Ref  string
}

// StartRun starts a workflow run: what triggers it in RunSpec.Event is only
// written down. Jobs that nothing holds are in progress when it returns.
func (s *Actions) StartRun(of *fakehub.Repo, spec RunSpec) (*WorkflowRun, error) {
	s.hub.State.Lock()
	defer s.hub.State.Unlock()
	r := s.Of(of)
	if err := r.Refused(); err != nil {
		return nil, err
	}
	if err := spec.complete(r); err != nil {
		return nil, err
	}
	w := r.workflowAt(spec.Workflow, spec.Name)
	w.runs++
	run := &WorkflowRun{ID: s.hub.NextID("workflow_run", 9_000_000_001), Repo: r, Workflow: w, Spec: spec, Number: w.runs,
		Suite: s.hub.NextID("suite", 30_000_000_001), Created: s.hub.Now()}
	s.runs[run.ID] = run
	r.Runs = append(r.Runs, run)
	run.begin(spec.TriggeringActor)
	return run, nil
}

// complete fills in what was left out and checks the rest.
func (s *RunSpec) complete(r *Repo) error {
	if s.Pull != nil {
		s.usesPull(s.Pull)
	}
	s.Workflow, s.Event, s.Branch = cmp.Or(s.Workflow, ".github/workflows/deploy.yml"), cmp.Or(s.Event, "workflow_dispatch"),
		cmp.Or(s.Branch, r.DefaultBranch)
	s.Name = cmp.Or(s.Name, strings.TrimSuffix(path.Base(s.Workflow), path.Ext(s.Workflow)))
	s.SHA = cmp.Or(s.SHA, r.Refs[s.Branch])
	c := r.Store.Commit(s.SHA)
	if c == nil {
		return fmt.Errorf("%s has no commit %q for a workflow run", r.FullName(), s.SHA)
	}
	if s.Title == "" {
		s.Title, _, _ = strings.Cut(c.Message, "\n")
	}
	if s.Actor == nil {
		s.Actor = r.Owner
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
	w := &workflow{id: r.hub.NextID("workflow", 60_000_001), path: file, Name: name, created: r.hub.Now()}
	r.workflows[file] = w
	return w
}

// FinishJob ends a job of the current attempt that is in progress: success,
// failure, cancelled, skipped, timed_out, neutral or action_required.
func (s *Actions) FinishJob(run *WorkflowRun, name, conclusion string) error {
	if !slices.Contains([]string{"success", "failure", "cancelled", "skipped", "timed_out", "neutral", "action_required"}, conclusion) {
		return fmt.Errorf("%q is no conclusion of a job", conclusion)
	}
	s.hub.State.Lock()
	defer s.hub.State.Unlock()
	i := slices.IndexFunc(run.Current().Jobs, func(j *JobRecord) bool { return j.Spec.Name == name })
	if i < 0 {
		return fmt.Errorf("workflow run %d has no job %s", run.ID, name)
	}
	j := run.Current().Jobs[i]
	if j.Status != jobRunning {
		return fmt.Errorf("the job %s is %s, not in progress", name, cmp.Or(j.Status, "not started"))
	}
	j.finish(conclusion)
	run.Advance()
	return nil
}

// Rerun starts all jobs of a completed run again, in a new attempt: with new
// deployments, and new questions to the Apps that protect them.
func (s *Actions) Rerun(run *WorkflowRun, by *fakehub.Account) error {
	s.hub.State.Lock()
	defer s.hub.State.Unlock()
	return run.refusal(run.Rerun(by))
}

// refusal makes an error of what GitHub says to a request that it refuses.
func (r *WorkflowRun) refusal(why string) error {
	if why == "" {
		return nil
	}
	return fmt.Errorf("workflow run %d: %s", r.ID, why)
}

// Rerun returns why it cannot be, in GitHub's words.
func (r *WorkflowRun) Rerun(by *fakehub.Account) (refused string) {
	switch {
	case r.Current().conclusion == "":
		return "This workflow is already running"
	case r.Repo.hub.Now().Sub(r.Created) > maxRerun:
		return "Unable to retry this workflow run because it was created over a month ago"
	}
	r.begin(by)
	return ""
}

// CancelRun cancels a run, as its button does; force ends stubborn jobs too.
func (s *Actions) CancelRun(run *WorkflowRun, force bool) error {
	s.hub.State.Lock()
	defer s.hub.State.Unlock()
	return run.refusal(run.Cancel(force))
}

// Cancel returns why it cannot be, in GitHub's words.
func (r *WorkflowRun) Cancel(force bool) (refused string) {
	a := r.Current()
	if a.conclusion != "" {
		return "Cannot cancel a workflow run that is completed."
	}
	a.cancelled = true
	for _, j := range a.Jobs {
		if j.Status != jobDone && (force || !j.Spec.Stubborn || j.Status != jobRunning) {
			j.finish("cancelled")
		}
	}
	r.Advance()
	return ""
}

// Current is the latest attempt.
func (r *WorkflowRun) Current() *RunAttempt { return r.Attempts[len(r.Attempts)-1] }

// begin is the start of an attempt.
func (r *WorkflowRun) begin(by *fakehub.Account) {
	now := r.Repo.hub.Now()
	a := &RunAttempt{Number: len(r.Attempts) + 1, By: by, Started: now, updated: now}
	for _, spec := range r.Spec.Jobs {
		a.Jobs = append(a.Jobs, &JobRecord{run: r, attempt: a, Spec: spec})
	}
	r.Attempts = append(r.Attempts, a)
	r.Repo.openRuns[r.ID] = r
	r.emit("requested")
	r.Advance()
}

// Advance starts the jobs whose time has come and ends the run when none is
// left.
func (r *WorkflowRun) Advance() {
	a := r.Current()
	if a.conclusion != "" {
		return
	}
	for moved := true; moved; {
		moved = false
		for _, j := range a.Jobs {
			moved = j.step() || moved
		}
	}
	a.updated = r.Repo.hub.Now()
	if !slices.ContainsFunc(a.Jobs, func(j *JobRecord) bool { return j.Status != jobDone }) {
		a.conclusion = a.outcome()
		delete(r.Repo.openRuns, r.ID)
		r.emit("completed")
	}
}

// outcome is the worst of the jobs.
func (a *RunAttempt) outcome() string {
	ended := func(with ...string) bool {
		return slices.ContainsFunc(a.Jobs, func(j *JobRecord) bool { return slices.Contains(with, j.Conclusion) })
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

// State is the status and conclusion of an attempt: waiting, where all that
// has not ended waits for an environment.
func (a *RunAttempt) State() (status, conclusion string) {
	if a.conclusion != "" {
		return "completed", a.conclusion
	}
	status = "queued"
	for _, j := range a.Jobs {
		switch {
		case j.Status == jobRunning:
			return "in_progress", ""
		case j.Status == JobWaiting:
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

// ExpireRuns ends what has waited, or run, for too long.
func (r *Repo) ExpireRuns() {
	now := r.hub.Now()
	for _, run := range r.unfinishedRuns() {
		a := run.Current()
		for _, j := range a.Jobs {
			if j.Status == JobWaiting && now.Sub(j.waiting) >= maxWait {
				j.expire()
			}
		}
		run.Advance()
		if a.conclusion == "" && now.Sub(a.Started) >= maxRunAge {
			run.Cancel(true)
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
	r.Repo.hub.State.RLock()
	defer r.Repo.hub.State.RUnlock()
	a := r.Current()
	v := Run{ID: r.ID, Workflow: r.Spec.Workflow, Event: r.Spec.Event, SHA: r.Spec.SHA, Branch: r.Spec.Branch, Attempt: a.Number,
		Actor: r.Spec.Actor.Login, TriggeringActor: a.By.Login}
	v.Status, v.Conclusion = a.State()
	for _, j := range a.Jobs {
		one := Job{ID: j.ID, Name: j.Spec.Name, Environment: j.Spec.Environment, Status: j.Status, Conclusion: j.Conclusion}
		if j.deployment != nil {
			one.DeploymentID = j.deployment.ID
		}
		v.Jobs = append(v.Jobs, one)
	}
	return v
}

// Runs are the workflow runs of the repository, oldest first.
func (s *Actions) Runs(of *fakehub.Repo) []*WorkflowRun {
	s.hub.State.RLock()
	defer s.hub.State.RUnlock()
	return slices.Clone(s.Of(of).Runs)
}
