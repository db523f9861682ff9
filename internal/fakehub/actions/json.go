package actions

import (
	"fmt"

	"github.com/gatehold/gatehold/internal/fakehub/wire"
)

func (r *WorkflowRun) api() string { return fmt.Sprintf("%s/actions/runs/%d", r.Repo.API(), r.ID) }

// HTML is the address of the run's page.
func (r *WorkflowRun) HTML() string { return fmt.Sprintf("%s/actions/runs/%d", r.Repo.HTML(), r.ID) }

// brief is an attempt as the events of deployments show it.
func (r *WorkflowRun) brief(a *RunAttempt) wire.Object {
	status, conclusion := a.State()
	referenced := wire.List{}
	for _, w := range r.Spec.ReferencedWorkflows {
		o := wire.Object{"path", w.Path, "sha", w.SHA}
		if w.Ref != "" {
			o = append(o, "ref", w.Ref)
		}
		referenced = append(referenced, o)
	}
	return wire.Object{
		"id", r.ID, "name", r.Workflow.Name, "node_id", wire.NodeID("WFR", r.ID), "head_branch", r.Spec.Branch, "head_sha", r.Spec.SHA,
		"path", r.Workflow.path, "display_title", r.Spec.Title, "run_number", r.Number, "event", r.Spec.Event, "status", status,
		"conclusion", wire.OrNull(conclusion), "workflow_id", r.Workflow.id, "check_suite_id", r.Suite, "check_suite_node_id",
		wire.NodeID("CS", r.Suite),
		"url", r.api(), "html_url", r.HTML(), "pull_requests", r.Repo.MinimalPulls(r.Spec.SHA), "created_at", r.Created,
		"updated_at", a.updated,
		"actor", r.Spec.Actor.JSON(), "run_attempt", a.Number, "referenced_workflows", referenced, "run_started_at", a.Started,
		"triggering_actor", a.By.JSON(), "jobs_url", r.api() + "/jobs", "logs_url", r.api() + "/logs",
		"check_suite_url", fmt.Sprintf("%s/check-suites/%d", r.Repo.API(), r.Suite), "artifacts_url", r.api() + "/artifacts",
		"cancel_url", r.api() + "/cancel", "rerun_url", r.api() + "/rerun",
		"workflow_url", fmt.Sprintf("%s/actions/workflows/%d", r.Repo.API(), r.Workflow.id),
	}
}

// JSON is an attempt as REST and the events of runs show it.
func (r *WorkflowRun) JSON(a *RunAttempt) wire.Object {
	var previous any
	if a.Number > 1 {
		previous = fmt.Sprintf("%s/attempts/%d", r.api(), a.Number-1)
	}
	head := r.Repo.Repo
	if r.Spec.Pull != nil {
		head = r.Spec.Pull.From
	}
	return append(r.brief(a), "previous_attempt_url", previous, "head_commit", r.Repo.SimpleCommit(r.Spec.SHA),
		"repository", r.Repo.JSON(), "head_repository", head.JSON())
}

func (w *workflow) json(r *Repo) wire.Object {
	return wire.Object{"id", w.id, "node_id", wire.NodeID("W", w.id), "name", w.Name, "path", w.path, "state", "active", "created_at",
		w.created, "updated_at", w.created,
		"url", fmt.Sprintf("%s/actions/workflows/%d", r.API(), w.id), "html_url",
		r.HTML() + "/blob/" + r.DefaultBranch + "/" + wire.EscapePath(w.path),
		"badge_url", r.HTML() + "/workflows/" + wire.EscapePath(w.Name) + "/badge.svg"}
}

func (r *WorkflowRun) emit(action string) {
	h := r.Repo.hub
	if !h.Listens(r.Repo.Repo, "workflow_run") {
		return
	}
	a := r.Current()
	h.Emit(r.Repo.Repo, "workflow_run", action, wire.Object{"action", action, "workflow_run", r.JSON(a), "workflow", r.Workflow.json(r.Repo),
		"repository", r.Repo.JSON(), "sender", a.By.JSON()})
}

func (j *JobRecord) html() string { return fmt.Sprintf("%s/job/%d", j.run.HTML(), j.ID) }

// JSON is the job as REST and the events of jobs show it.
func (j *JobRecord) JSON() wire.Object {
	r := j.run.Repo
	started := j.started
	if started.IsZero() {
		started = j.created
	}
	var runner, runnerName any
	if j.ran {
		runner, runnerName = 1, "GitHub Actions 1"
	}
	return wire.Object{
		"id", j.ID, "run_id", j.run.ID, "workflow_name", j.run.Workflow.Name, "head_branch", j.run.Spec.Branch, "run_url", j.run.api(),
		"run_attempt", j.attempt.Number, "node_id", wire.NodeID("CR", j.ID), "head_sha", j.run.Spec.SHA,
		"url", fmt.Sprintf("%s/actions/jobs/%d", r.API(), j.ID), "html_url", j.html(), "status", j.Status, "conclusion",
		wire.OrNull(j.Conclusion),
		"created_at", j.created, "started_at", started, "completed_at", j.completed, "name", j.Spec.Name, "steps", wire.List{},
		"check_run_url", fmt.Sprintf("%s/check-runs/%d", r.API(), j.ID), "labels", j.Spec.Labels, "runner_id", runner,
		"runner_name", runnerName,
		"runner_group_id", nil, "runner_group_name", nil,
	}
}

func (j *JobRecord) emit(action string) {
	r, h := j.run.Repo, j.run.Repo.hub
	if !h.Listens(r.Repo, "workflow_job") {
		return
	}
	payload := wire.Object{"action", action, "workflow_job", j.JSON()}
	if j.deployment != nil {
		payload = append(payload, "deployment", j.deployment.JSON())
	}
	h.Emit(r.Repo, "workflow_job", action, append(payload, "repository", r.JSON(), "sender", j.attempt.By.JSON()))
}

// check is the job's check run as deployment_status shows it.
func (j *JobRecord) check() wire.Object {
	started := j.started
	if started.IsZero() {
		started = j.created
	}
	return wire.Object{"id", j.ID, "name", j.Spec.Name, "node_id", wire.NodeID("CR", j.ID), "head_sha", j.run.Spec.SHA, "external_id", "",
		"url", fmt.Sprintf("%s/check-runs/%d", j.run.Repo.API(), j.ID), "html_url", j.html(), "details_url", j.html(), "status", j.Status,
		"conclusion", wire.OrNull(j.Conclusion), "started_at", started, "completed_at", j.completed}
}

// JSON is the deployment as REST and webhooks show it.
func (d *DeploymentRecord) JSON() wire.Object {
	return wire.Object{
		"url", d.api(), "id", d.ID, "node_id", wire.NodeID("DE", d.ID), "task", d.Task, "original_environment", d.Original,
		"environment", d.Environment,
		"description", wire.OrNull(d.Description), "created_at", d.Created, "updated_at", d.Updated, "statuses_url", d.api() + "/statuses",
		"repository_url", d.Repo.API(), "creator", d.Creator.JSON(), "sha", d.SHA, "ref", d.Ref, "payload", d.Payload,
		"transient_environment", d.Transient, "production_environment", d.Production, "performed_via_github_app", d.Via,
	}
}

func (d *DeploymentRecord) api() string { return fmt.Sprintf("%s/deployments/%d", d.Repo.API(), d.ID) }

// context is what the events of deployments say beside the deployment.
func (d *DeploymentRecord) context(check bool) wire.Object {
	by := d.Creator
	if n := len(d.Statuses); check && n > 0 {
		by = d.Statuses[n-1].Creator
	}
	var run, file, on any
	if j := d.job; j != nil {
		run, file, on = j.run.brief(j.attempt), j.run.Workflow.json(d.Repo), j.check()
	}
	o := wire.Object{"workflow", file, "workflow_run", run}
	if check {
		o = append(o, "check_run", on)
	}
	return append(o, "repository", d.Repo.JSON(), "sender", by.JSON())
}

// JSON is the status as REST and webhooks show it.
func (s *DeploymentStatus) JSON(d *DeploymentRecord) wire.Object {
	o := wire.Object{
		"url", fmt.Sprintf("%s/statuses/%d", d.api(), s.ID), "id", s.ID, "node_id", wire.NodeID("DES", s.ID), "state", s.State,
		"creator", s.Creator.JSON(),
		"description", s.Description, "environment", s.Environment, "target_url", s.TargetURL, "created_at", s.Created,
		"updated_at", s.Created,
		"deployment_url", d.api(), "repository_url", d.Repo.API(), "performed_via_github_app", s.Via,
	}
	if s.LogURL != "" {
		o = append(o, "log_url", s.LogURL)
	}
	if s.EnvironmentURL != "" {
		o = append(o, "environment_url", s.EnvironmentURL)
	}
	return o
}
