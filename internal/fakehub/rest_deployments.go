package fakehub

import (
	"encoding/json"
	"net/http"
	"slices"
)

// maxStatusDescription is how long a deployment status may describe itself.
const maxStatusDescription = 140

func deploymentRoutes() []route {
	const (
		all = "/repos/{owner}/{repo}/deployments"
		one = all + "/{deployment_id}"
	)
	return []route{
		{method: "GET", template: all, who: byToken, need: "deployments:read", public: true, fn: (*Hub).listDeployments},
		{method: "POST", template: all, who: byToken, need: "deployments:write", write: true, fn: (*Hub).createDeployment},
		{method: "GET", template: one, who: byToken, need: "deployments:read", public: true, fn: (*Hub).getDeployment},
		{method: "GET", template: one + "/statuses", who: byToken, need: "deployments:read", public: true,
			fn: (*Hub).listDeploymentStatuses},
		{method: "POST", template: one + "/statuses", who: byToken, need: "deployments:write", write: true,
			fn: (*Hub).createDeploymentStatus},
		{method: "GET", template: one + "/statuses/{status_id}", who: byToken, need: "deployments:read", public: true,
			fn: (*Hub).getDeploymentStatus},
	}
}

// listDeployments lists the newest first.
func (h *Hub) listDeployments(c *call) answer {
	var all []*deployment
	is := func(name, value string) bool {
		q := c.query(name)
		return q == "" || q == "none" || fold(q) == fold(value)
	}
	for _, d := range slices.Backward(c.repo.deployments) {
		if is("sha", d.sha) && is("ref", d.ref) && is("task", d.task) && is("environment", d.environment) {
			all = append(all, d)
		}
	}
	from, to, link := c.page(len(all))
	out := list{}
	for _, d := range all[from:to] {
		out = append(out, d.json())
	}
	ans := ok(out)
	ans.link = link
	return ans
}

func (h *Hub) getDeployment(c *call) answer {
	d := c.repo.deployment(c.number("deployment_id"))
	if d == nil {
		return notFound()
	}
	return ok(d.json())
}

// deploymentInput is what a deployment is made of. A nil field was not sent.
type deploymentInput struct {
	Ref         string          `json:"ref"`
	Task        string          `json:"task"`
	AutoMerge   *bool           `json:"auto_merge"`
	Contexts    *[]string       `json:"required_contexts"`
	Payload     json.RawMessage `json:"payload"`
	Environment string          `json:"environment"`
	Description string          `json:"description"`
	Transient   bool            `json:"transient_environment"`
	Production  *bool           `json:"production_environment"`
}

// createDeployment makes a deployment. GitHub would merge the default branch
// into one that is behind it; here that is a conflict, as it can be there.
func (h *Hub) createDeployment(c *call) answer {
	var in deploymentInput
	if !c.decode(&in) {
		return badRequest("Problems parsing JSON")
	}
	r, commit := c.repo, c.repo.resolve(in.Ref)
	switch {
	case !c.writes():
		return forbidden()
	case in.Ref == "" || commit == nil:
		return unprocessable("No ref found for: " + in.Ref)
	}
	if why := in.conflict(r, commit.SHA); why != "" {
		return failed(http.StatusConflict, why)
	}
	d := &deployment{sha: commit.SHA, ref: in.Ref, task: orElse(in.Task, "deploy"), environment: orElse(in.Environment, "production"),
		description: in.Description, payload: raw("{}"), creator: c.account(), via: c.via(), transient: in.Transient}
	if len(in.Payload) > 0 && string(in.Payload) != "null" {
		d.payload = raw(in.Payload)
	}
	d.production = d.environment == "production"
	if in.Production != nil {
		d.production = *in.Production
	}
	r.addDeployment(d)
	return created(d.json())
}

// conflict is why a commit cannot be deployed as asked: it is behind the
// default branch, or a check on it has not passed. All checks are meant where
// none are named.
func (in *deploymentInput) conflict(r *Repo, sha string) string {
	if branch := r.refs[branchName(in.Ref)]; branch != "" && (in.AutoMerge == nil || *in.AutoMerge) {
		if rg := r.store.Between(r.refs[r.defaultBranch], sha); len(rg.Behind) > 0 {
			return "Conflict merging " + r.defaultBranch + " into " + in.Ref + "."
		}
	}
	var names []string
	if in.Contexts != nil {
		names = *in.Contexts
	} else {
		for _, run := range r.checks[sha] {
			names = append(names, run.name)
		}
	}
	for _, name := range names {
		if !r.checkState(sha, name, 0).Passes {
			return "Conflict: Commit status checks failed for " + in.Ref + "."
		}
	}
	return ""
}

func (h *Hub) listDeploymentStatuses(c *call) answer {
	d := c.repo.deployment(c.number("deployment_id"))
	if d == nil {
		return notFound()
	}
	from, to, link := c.page(len(d.statuses))
	out := list{}
	for i := from; i < to; i++ {
		out = append(out, d.statuses[len(d.statuses)-1-i].json(d))
	}
	ans := ok(out)
	ans.link = link
	return ans
}

func (h *Hub) getDeploymentStatus(c *call) answer {
	if d, id := c.repo.deployment(c.number("deployment_id")), c.number("status_id"); d != nil {
		for i := range d.statuses {
			if d.statuses[i].id == id {
				return ok(d.statuses[i].json(d))
			}
		}
	}
	return notFound()
}

func (h *Hub) createDeploymentStatus(c *call) answer {
	d := c.repo.deployment(c.number("deployment_id"))
	var in struct {
		State          string `json:"state"`
		TargetURL      string `json:"target_url"`
		LogURL         string `json:"log_url"`
		Description    string `json:"description"`
		Environment    string `json:"environment"`
		EnvironmentURL string `json:"environment_url"`
		AutoInactive   *bool  `json:"auto_inactive"`
	}
	switch {
	case d == nil:
		return notFound()
	case !c.writes():
		return forbidden()
	case !c.decode(&in):
		return badRequest("Problems parsing JSON")
	case !slices.Contains([]string{"error", "failure", "inactive", "in_progress", "queued", "pending", "success"}, in.State):
		return unprocessable("Validation Failed: " + in.State + " is not a state of a deployment")
	case long(in.Description, maxStatusDescription):
		return unprocessable("Validation Failed: description is too long (maximum is 140 characters)")
	}
	log := orElse(in.LogURL, in.TargetURL)
	d.say(deploymentStatus{state: in.State, creator: c.account(), description: in.Description, environment: in.Environment,
		targetURL: log, logURL: log,
		environmentURL: in.EnvironmentURL, via: c.via(), keep: in.AutoInactive != nil && !*in.AutoInactive})
	return created(d.statuses[len(d.statuses)-1].json(d))
}
