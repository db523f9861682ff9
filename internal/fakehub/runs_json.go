package fakehub

import "fmt"

func (r *WorkflowRun) api() string { return fmt.Sprintf("%s/actions/runs/%d", r.repo.api(), r.ID) }

func (r *WorkflowRun) html() string { return fmt.Sprintf("%s/actions/runs/%d", r.repo.html(), r.ID) }

// brief is an attempt as the events of deployments show it.
func (r *WorkflowRun) brief(a *runAttempt) obj {
	status, conclusion := a.state()
	referenced := list{}
	for _, w := range r.spec.ReferencedWorkflows {
		o := obj{"path", w.Path, "sha", w.SHA}
		if w.Ref != "" {
			o = append(o, "ref", w.Ref)
		}
		referenced = append(referenced, o)
	}
	return obj{
		"id", r.ID, "name", r.workflow.name, "node_id", nodeID("WFR", r.ID), "head_branch", r.spec.Branch, "head_sha", r.spec.SHA,
		"path", r.workflow.path, "display_title", r.spec.Title, "run_number", r.number, "event", r.spec.Event, "status", status,
		"conclusion", orNull(conclusion), "workflow_id", r.workflow.id, "check_suite_id", r.suite, "check_suite_node_id",
		nodeID("CS", r.suite),
		"url", r.api(), "html_url", r.html(), "pull_requests", r.repo.minimalPulls(r.spec.SHA), "created_at", r.created,
		"updated_at", a.updated,
		"actor", r.spec.Actor.json(), "run_attempt", a.number, "referenced_workflows", referenced, "run_started_at", a.started,
		"triggering_actor", a.by.json(), "jobs_url", r.api() + "/jobs", "logs_url", r.api() + "/logs",
		"check_suite_url", fmt.Sprintf("%s/check-suites/%d", r.repo.api(), r.suite), "artifacts_url", r.api() + "/artifacts",
		"cancel_url", r.api() + "/cancel", "rerun_url", r.api() + "/rerun",
		"workflow_url", fmt.Sprintf("%s/actions/workflows/%d", r.repo.api(), r.workflow.id),
	}
}

// json is an attempt as REST and the events of runs show it.
func (r *WorkflowRun) json(a *runAttempt) obj {
	var previous any
	if a.number > 1 {
		previous = fmt.Sprintf("%s/attempts/%d", r.api(), a.number-1)
	}
	return append(r.brief(a), "previous_attempt_url", previous, "head_commit", r.repo.simpleCommit(r.spec.SHA),
		"repository", r.repo.json(), "head_repository", r.repo.json())
}

func (w *workflow) json(r *Repo) obj {
	return obj{"id", w.id, "node_id", nodeID("W", w.id), "name", w.name, "path", w.path, "state", "active", "created_at",
		w.created, "updated_at", w.created,
		"url", fmt.Sprintf("%s/actions/workflows/%d", r.api(), w.id), "html_url",
		r.html() + "/blob/" + r.defaultBranch + "/" + escapePath(w.path),
		"badge_url", r.html() + "/workflows/" + escapePath(w.name) + "/badge.svg"}
}

func (r *WorkflowRun) emit(action string) {
	h := r.repo.hub
	if !h.listens(r.repo, "workflow_run") {
		return
	}
	a := r.current()
	h.emit(r.repo, "workflow_run", action, obj{"action", action, "workflow_run", r.json(a), "workflow", r.workflow.json(r.repo),
		"repository", r.repo.json(), "sender", a.by.json()})
}

func (j *job) html() string { return fmt.Sprintf("%s/job/%d", j.run.html(), j.id) }

func (j *job) json() obj {
	r := j.run.repo
	started := j.started
	if started.IsZero() {
		started = j.created
	}
	var runner, runnerName any
	if j.ran {
		runner, runnerName = 1, "GitHub Actions 1"
	}
	return obj{
		"id", j.id, "run_id", j.run.ID, "workflow_name", j.run.workflow.name, "head_branch", j.run.spec.Branch, "run_url", j.run.api(),
		"run_attempt", j.attempt.number, "node_id", nodeID("CR", j.id), "head_sha", j.run.spec.SHA,
		"url", fmt.Sprintf("%s/actions/jobs/%d", r.api(), j.id), "html_url", j.html(), "status", j.status, "conclusion",
		orNull(j.conclusion),
		"created_at", j.created, "started_at", started, "completed_at", j.completed, "name", j.spec.Name, "steps", list{},
		"check_run_url", fmt.Sprintf("%s/check-runs/%d", r.api(), j.id), "labels", j.spec.Labels, "runner_id", runner,
		"runner_name", runnerName,
		"runner_group_id", nil, "runner_group_name", nil,
	}
}

func (j *job) emit(action string) {
	r, h := j.run.repo, j.run.repo.hub
	if !h.listens(r, "workflow_job") {
		return
	}
	payload := obj{"action", action, "workflow_job", j.json()}
	if j.deployment != nil {
		payload = append(payload, "deployment", j.deployment.json())
	}
	h.emit(r, "workflow_job", action, append(payload, "repository", r.json(), "sender", j.attempt.by.json()))
}

// check is the job's check run as deployment_status shows it.
func (j *job) check() obj {
	started := j.started
	if started.IsZero() {
		started = j.created
	}
	return obj{"id", j.id, "name", j.spec.Name, "node_id", nodeID("CR", j.id), "head_sha", j.run.spec.SHA, "external_id", "",
		"url", fmt.Sprintf("%s/check-runs/%d", j.run.repo.api(), j.id), "html_url", j.html(), "details_url", j.html(), "status", j.status,
		"conclusion", orNull(j.conclusion), "started_at", started, "completed_at", j.completed}
}

// json is the deployment as REST and webhooks show it.
func (d *deployment) json() obj {
	return obj{
		"url", d.api(), "id", d.id, "node_id", nodeID("DE", d.id), "task", d.task, "original_environment", d.original,
		"environment", d.environment,
		"description", orNull(d.description), "created_at", d.created, "updated_at", d.updated, "statuses_url", d.api() + "/statuses",
		"repository_url", d.repo.api(), "creator", d.creator.json(), "sha", d.sha, "ref", d.ref, "payload", d.payload,
		"transient_environment", d.transient, "production_environment", d.production, "performed_via_github_app", d.via,
	}
}

func (d *deployment) api() string { return fmt.Sprintf("%s/deployments/%d", d.repo.api(), d.id) }

// context is what the events of deployments say beside the deployment.
func (d *deployment) context(check bool) obj {
	by := d.creator
	if n := len(d.statuses); check && n > 0 {
		by = d.statuses[n-1].creator
	}
	var run, file, on any
	if j := d.job; j != nil {
		run, file, on = j.run.brief(j.attempt), j.run.workflow.json(d.repo), j.check()
	}
	o := obj{"workflow", file, "workflow_run", run}
	if check {
		o = append(o, "check_run", on)
	}
	return append(o, "repository", d.repo.json(), "sender", by.json())
}

func (s *deploymentStatus) json(d *deployment) obj {
	o := obj{
		"url", fmt.Sprintf("%s/statuses/%d", d.api(), s.id), "id", s.id, "node_id", nodeID("DES", s.id), "state", s.state,
		"creator", s.creator.json(),
		"description", s.description, "environment", s.environment, "target_url", s.targetURL, "created_at", s.created,
		"updated_at", s.created,
		"deployment_url", d.api(), "repository_url", d.repo.api(), "performed_via_github_app", s.via,
	}
	if s.logURL != "" {
		o = append(o, "log_url", s.logURL)
	}
	if s.environmentURL != "" {
		o = append(o, "environment_url", s.environmentURL)
	}
	return o
}

// actionsJSON is GitHub's own App, under which workflows act.
func (h *Hub) actionsJSON() obj {
	const began = "2018-07-30T09:30:17Z"
	owner := Account{ID: 9919, Login: "github", Type: "Organization", hub: h}
	return obj{"id", actionsAppID, "slug", "github-actions", "node_id", nodeID("A", actionsAppID), "client_id", "Iv1.05c79e9ad1f6bdfa",
		"owner", owner.json(), "name", "GitHub Actions", "description", "Automate your workflow from idea to production",
		"external_url", "https://help.github.com/en/actions", "html_url", h.URL() + "/apps/github-actions", "created_at", began,
		"updated_at", began,
		"permissions", obj{"actions", "write", "checks", "write", "contents", "write", "deployments", "write", "metadata",
			"read"}, "events", list{}}
}
