package api

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/access"
	"github.com/gatehold/gatehold/internal/fakehub/actions"
	"github.com/gatehold/gatehold/internal/fakehub/wire"
)

// maxStatusDescription is how long a deployment status may describe itself.
const maxStatusDescription = 140

func deploymentRoutes() []route {
	const (
		all = "/repos/{owner}/{repo}/deployments"
		one = all + "/{deployment_id}"
	)
	return []route{
		{method: "GET", template: all, who: access.ByToken, need: "deployments:read", public: true, fn: listDeployments},
		{method: "POST", template: all, who: access.ByToken, need: "deployments:write", write: true, fn: createDeployment},
		{method: "GET", template: one, who: access.ByToken, need: "deployments:read", public: true, fn: getDeployment},
		{method: "GET", template: one + "/statuses", who: access.ByToken, need: "deployments:read", public: true,
			fn: listDeploymentStatuses},
		{method: "POST", template: one + "/statuses", who: access.ByToken, need: "deployments:write", write: true,
			fn: createDeploymentStatus},
		{method: "GET", template: one + "/statuses/{status_id}", who: access.ByToken, need: "deployments:read", public: true,
			fn: getDeploymentStatus},
	}
}

// listDeployments lists the newest first.
func listDeployments(c *call) answer {
	var all []*actions.DeploymentRecord
	is := func(name, value string) bool {
		q := c.query(name)
		return q == "" || q == "none" || fakehub.Fold(q) == fakehub.Fold(value)
	}
	for _, d := range slices.Backward(c.actions().Deployments) {
		if is("sha", d.SHA) && is("ref", d.Ref) && is("task", d.Task) && is("environment", d.Environment) {
			all = append(all, d)
		}
	}
	from, to, link := c.page(len(all))
	out := wire.List{}
	for _, d := range all[from:to] {
		out = append(out, d.JSON())
	}
	ans := ok(out)
	ans.link = link
	return ans
}

func getDeployment(c *call) answer {
	d := c.actions().DeploymentByID(c.number("deployment_id"))
	if d == nil {
		return notFound()
	}
	return ok(d.JSON())
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
func createDeployment(c *call) answer {
	var in deploymentInput
	if !c.decode(&in) {
		return badRequest("Problems parsing JSON")
	}
	r, commit := c.repo, c.repo.Resolve(in.Ref)
	switch {
	case !c.writes():
		return forbidden()
	case in.Ref == "" || commit == nil:
		return unprocessable("No ref found for: " + in.Ref)
	}
	if why := in.conflict(r, commit.SHA); why != "" {
		return failed(http.StatusConflict, why)
	}
	d := &actions.DeploymentRecord{SHA: commit.SHA, Ref: in.Ref, Task: cmp.Or(in.Task, "deploy"),
		Environment: cmp.Or(in.Environment, "production"),
		Description: in.Description, Payload: wire.Raw("{}"), Creator: c.auth.Person(), Via: c.via(), Transient: in.Transient}
	if len(in.Payload) > 0 && string(in.Payload) != "null" {
		d.Payload = wire.Raw(in.Payload)
	}
	d.Production = d.Environment == "production"
	if in.Production != nil {
		d.Production = *in.Production
	}
	c.actions().AddDeployment(d)
	return created(d.JSON())
}

// conflict is why a commit cannot be deployed as asked: it is behind the
// default branch, or a check on it has not passed. All checks are meant where
// none are named.
func (in *deploymentInput) conflict(r *fakehub.Repo, sha string) string {
	if branch := r.Refs[fakehub.BranchName(in.Ref)]; branch != "" && (in.AutoMerge == nil || *in.AutoMerge) {
		if rg := r.Store.Between(r.Refs[r.DefaultBranch], sha); len(rg.Behind) > 0 {
			return "Conflict merging " + r.DefaultBranch + " into " + in.Ref + "."
		}
	}
	var names []string
	if in.Contexts != nil {
		names = *in.Contexts
	} else {
		for _, run := range r.Checks[sha] {
			names = append(names, run.Name)
		}
	}
	for _, name := range names {
		if !r.CheckState(sha, name, 0).Passes {
			return "Conflict: Commit status checks failed for " + in.Ref + "."
		}
	}
	return ""
}

func listDeploymentStatuses(c *call) answer {
	d := c.actions().DeploymentByID(c.number("deployment_id"))
	if d == nil {
		return notFound()
	}
	from, to, link := c.page(len(d.Statuses))
	out := wire.List{}
	for i := from; i < to; i++ {
		out = append(out, d.Statuses[len(d.Statuses)-1-i].JSON(d))
	}
	ans := ok(out)
	ans.link = link
	return ans
}

func getDeploymentStatus(c *call) answer {
	if d, id := c.actions().DeploymentByID(c.number("deployment_id")), c.number("status_id"); d != nil {
		for i := range d.Statuses {
			if d.Statuses[i].ID == id {
				return ok(d.Statuses[i].JSON(d))
			}
		}
	}
	return notFound()
}

func createDeploymentStatus(c *call) answer {
	d := c.actions().DeploymentByID(c.number("deployment_id"))
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
	case fakehub.Long(in.Description, maxStatusDescription):
		return unprocessable("Validation Failed: description is too long (maximum is 140 characters)")
	}
	log := cmp.Or(in.LogURL, in.TargetURL)
	d.Say(actions.DeploymentStatus{State: in.State, Creator: c.auth.Person(), Description: in.Description, Environment: in.Environment,
		TargetURL: log, LogURL: log,
		EnvironmentURL: in.EnvironmentURL, Via: c.via(), Keep: in.AutoInactive != nil && !*in.AutoInactive})
	return created(d.Statuses[len(d.Statuses)-1].JSON(d))
}
