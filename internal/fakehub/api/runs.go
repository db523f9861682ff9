package api

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/access"
	"github.com/gatehold/gatehold/internal/fakehub/actions"
	"github.com/gatehold/gatehold/internal/fakehub/wire"
)

func runRoutes() []route {
	const (
		runs = "/repos/{owner}/{repo}/actions/runs"
		one  = runs + "/{run_id}"
	)
	return []route{
		{method: "GET", template: runs, who: access.ByToken, need: "actions:read", public: true, fn: listWorkflowRuns},
		{method: "GET", template: one, who: access.ByToken, need: "actions:read", public: true, fn: getWorkflowRun},
		{method: "GET", template: one + "/attempts/{attempt_number}", who: access.ByToken, need: "actions:read", public: true,
			fn: getWorkflowRun},
		{method: "GET", template: one + "/jobs", who: access.ByToken, need: "actions:read", public: true, fn: listJobs},
		{method: "GET", template: one + "/attempts/{attempt_number}/jobs", who: access.ByToken, need: "actions:read", public: true,
			fn: listJobs},
		{method: "GET", template: "/repos/{owner}/{repo}/actions/jobs/{job_id}", who: access.ByToken, need: "actions:read",
			public: true, fn: getJob},
		{method: "GET", template: one + "/pending_deployments", who: access.ByToken, need: "actions:read", public: true,
			fn: pendingDeployments},
		{method: "GET", template: one + "/approvals", who: access.ByToken, need: "actions:read", public: true, fn: approvals},
		{method: "POST", template: one + "/cancel", who: access.ByToken, need: "actions:write", write: true, fn: cancelRun},
		{method: "POST", template: one + "/force-cancel", who: access.ByToken, need: "actions:write", write: true, fn: forceCancelRun},
		{method: "POST", template: one + "/rerun", who: access.ByToken, need: "actions:write", write: true, fn: rerunRun},
		{method: "POST", template: one + "/" + actions.ProtectionEvent, who: access.ByInstall, need: "deployments:write", write: true,
			fn: answerRule},
		// Where jobs get their tokens, on a host of its own on github.com: of no description.
		{method: "GET", template: actions.IssuerPath + "/.well-known/openid-configuration", who: access.ByNobody, web: true,
			fn: func(c *call) answer { return ok(c.server.Actions.Discovery()) }},
		{method: "GET", template: actions.IssuerPath + "/.well-known/jwks", who: access.ByNobody, web: true,
			fn: func(c *call) answer { return ok(c.server.Actions.KeySet()) }},
		{method: "GET", template: "/_services/pipelines/jobs/{job_id}/idtoken", who: access.ByNobody, web: true, fn: jobToken},
	}
}

// jobToken answers the runner of a job.
func jobToken(c *call) answer {
	bearer, is := strings.CutPrefix(c.r.Header.Get("Authorization"), "Bearer ")
	token, given := c.server.Actions.Redeem(bearer, c.number("job_id"), c.query("audience"))
	if !is || !given {
		return failed(http.StatusUnauthorized, "Bad credentials")
	}
	return ok(wire.Object{"value", token})
}

// workflowRun is the run in the path, if it is the repository's.
func (c *call) workflowRun() *actions.WorkflowRun {
	run := c.server.Actions.Run(c.number("run_id"))
	if run == nil || run.Repo.Repo != c.repo {
		return nil
	}
	return run
}

// attempt is the one in the path, the latest where there is none.
func (c *call) attempt(run *actions.WorkflowRun) *actions.RunAttempt {
	if c.r.PathValue("attempt_number") == "" {
		return run.Current()
	}
	n := c.number("attempt_number")
	if n < 1 || n > int64(len(run.Attempts)) {
		return nil
	}
	return run.Attempts[n-1]
}

// shownRun is an attempt, without pull requests where the caller wants none.
func (c *call) shownRun(run *actions.WorkflowRun, a *actions.RunAttempt) wire.Object {
	o := run.JSON(a)
	if c.query("exclude_pull_requests") == "true" {
		o[slices.Index(o, any("pull_requests"))+1] = wire.List{}
	}
	return o
}

func getWorkflowRun(c *call) answer {
	run := c.workflowRun()
	if run == nil {
		return notFound()
	}
	a := c.attempt(run)
	if a == nil {
		return notFound()
	}
	return ok(c.shownRun(run, a))
}

// listWorkflowRuns lists runs by their latest attempts, the newest first.
// status takes a conclusion too.
func listWorkflowRuns(c *call) answer {
	var all []*actions.WorkflowRun
	for _, run := range slices.Backward(c.actions().Runs) {
		a := run.Current()
		status, conclusion := a.State()
		is := func(name string, values ...string) bool {
			return c.query(name) == "" || slices.Contains(values, c.query(name))
		}
		if is("head_sha", run.Spec.SHA) && is("status", status, conclusion) && is("event", run.Spec.Event) &&
			is("branch", run.Spec.Branch) &&
			is("actor", run.Spec.Actor.Login) && is("check_suite_id", strconv.FormatInt(run.Suite, 10)) &&
			inTime(run.Created, c.query("created")) {
			all = append(all, run)
		}
	}
	from, to, link := c.page(len(all))
	out := wire.List{}
	for _, run := range all[from:to] {
		out = append(out, c.shownRun(run, run.Current()))
	}
	ans := ok(wire.Object{"total_count", len(all), "workflow_runs", out})
	ans.link = link
	return ans
}

// inTime compares a time with what GitHub's search takes: >=T, >T, <=T, <T,
// A..B with * for no bound, or T, each a day or a moment. What is none of it
// filters nothing.
func inTime(t time.Time, filter string) bool {
	if from, to, isRange := strings.Cut(filter, ".."); isRange {
		return (from == "*" || inTime(t, ">="+from)) && (to == "*" || inTime(t, "<="+to))
	}
	bare := strings.TrimLeft(filter, "<>=")
	from, err := time.Parse(time.RFC3339, bare)
	to := from
	if err != nil {
		if from, err = time.Parse(time.DateOnly, bare); err != nil {
			return true
		}
		to = from.Add(24*time.Hour - time.Second)
	}
	switch strings.TrimSuffix(filter, bare) {
	case ">=":
		return !t.Before(from)
	case ">":
		return t.After(to)
	case "<=":
		return !t.After(to)
	case "<":
		return t.Before(from)
	}
	return !t.Before(from) && !t.After(to)
}

// listJobs lists the jobs of an attempt that have been queued; filter=all has
// those of every attempt.
func listJobs(c *call) answer {
	run := c.workflowRun()
	if run == nil {
		return notFound()
	}
	attempts := run.Attempts
	if c.query("filter") != "all" {
		a := c.attempt(run)
		if a == nil {
			return notFound()
		}
		attempts = []*actions.RunAttempt{a}
	}
	var all []*actions.JobRecord
	for _, a := range attempts {
		for _, j := range a.Jobs {
			if j.ID != 0 {
				all = append(all, j)
			}
		}
	}
	from, to, link := c.page(len(all))
	out := wire.List{}
	for _, j := range all[from:to] {
		out = append(out, j.JSON())
	}
	ans := ok(wire.Object{"total_count", len(all), "jobs", out})
	ans.link = link
	return ans
}

func getJob(c *call) answer {
	id := c.number("job_id")
	for _, run := range c.actions().Runs {
		for _, a := range run.Attempts {
			for _, j := range a.Jobs {
				if j.ID == id && id != 0 {
					return ok(j.JSON())
				}
			}
		}
	}
	return notFound()
}

func cancelRun(c *call) answer      { return c.cancel(false) }
func forceCancelRun(c *call) answer { return c.cancel(true) }

func (c *call) cancel(force bool) answer {
	run := c.workflowRun()
	switch {
	case run == nil:
		return notFound()
	case !c.writes():
		return failed(http.StatusForbidden, "Must have admin rights to Repository.")
	}
	if why := run.Cancel(force); why != "" {
		return failed(http.StatusConflict, why)
	}
	return answer{status: http.StatusAccepted, body: wire.Encode(wire.Object{})}
}

func rerunRun(c *call) answer {
	run := c.workflowRun()
	switch {
	case run == nil:
		return notFound()
	case !c.writes():
		return failed(http.StatusForbidden, "Must have admin rights to Repository.")
	}
	if why := run.Rerun(c.auth.Person()); why != "" {
		return failed(http.StatusForbidden, why)
	}
	return created(wire.Object{})
}

// writes says whether the caller may write to the repository; of an
// installation the route's permission has said so.
func (c *call) writes() bool {
	return c.auth.Kind != access.ByUser || fakehub.RoleRank(c.repo.Permission(c.auth.Grant.User)) >= fakehub.RoleRank("write")
}

// via is the App that the caller acts through, as JSON.
func (c *call) via() any {
	switch {
	case c.auth.Kind == access.ByInstall:
		return c.auth.App.JSON()
	case c.auth.Grant.App != nil:
		return c.auth.Grant.App.JSON()
	}
	return nil
}
