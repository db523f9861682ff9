package fakehub

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

func runRoutes() []route {
	const (
		runs = "/repos/{owner}/{repo}/actions/runs"
		one  = runs + "/{run_id}"
	)
	return []route{
		{method: "GET", template: runs, who: byToken, need: "actions:read", public: true, fn: (*Hub).listWorkflowRuns},
		{method: "GET", template: one, who: byToken, need: "actions:read", public: true, fn: (*Hub).getWorkflowRun},
		{method: "GET", template: one + "/attempts/{attempt_number}", who: byToken, need: "actions:read", public: true,
			fn: (*Hub).getWorkflowRun},
		{method: "GET", template: one + "/jobs", who: byToken, need: "actions:read", public: true, fn: (*Hub).listJobs},
		{method: "GET", template: one + "/attempts/{attempt_number}/jobs", who: byToken, need: "actions:read", public: true,
			fn: (*Hub).listJobs},
		{method: "GET", template: "/repos/{owner}/{repo}/actions/jobs/{job_id}", who: byToken, need: "actions:read",
			public: true, fn: (*Hub).getJob},
		{method: "GET", template: one + "/pending_deployments", who: byToken, need: "actions:read", public: true,
			fn: (*Hub).pendingDeployments},
		{method: "GET", template: one + "/approvals", who: byToken, need: "actions:read", public: true, fn: (*Hub).approvals},
		{method: "POST", template: one + "/cancel", who: byToken, need: "actions:write", write: true, fn: (*Hub).cancelRun},
		{method: "POST", template: one + "/force-cancel", who: byToken, need: "actions:write", write: true, fn: (*Hub).forceCancelRun},
		{method: "POST", template: one + "/rerun", who: byToken, need: "actions:write", write: true, fn: (*Hub).rerunRun},
		{method: "POST", template: one + "/" + protectionEvent, who: byInstall, need: "deployments:write", write: true,
			fn: (*Hub).answerRule},
	}
}

// workflowRun is the run in the path, if it is the repository's.
func (c *call) workflowRun() *WorkflowRun {
	run := c.hub.workflowRuns[c.number("run_id")]
	if run == nil || run.repo != c.repo {
		return nil
	}
	return run
}

// attempt is the one in the path, the latest where there is none.
func (c *call) attempt(run *WorkflowRun) *runAttempt {
	if c.r.PathValue("attempt_number") == "" {
		return run.current()
	}
	n := c.number("attempt_number")
	if n < 1 || n > int64(len(run.attempts)) {
		return nil
	}
	return run.attempts[n-1]
}

// shownRun is an attempt, without pull requests where the caller wants none.
func (c *call) shownRun(run *WorkflowRun, a *runAttempt) obj {
	o := run.json(a)
	if c.query("exclude_pull_requests") == "true" {
		o[slices.Index(o, any("pull_requests"))+1] = list{}
	}
	return o
}

func (h *Hub) getWorkflowRun(c *call) answer {
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
func (h *Hub) listWorkflowRuns(c *call) answer {
	var all []*WorkflowRun
	for _, run := range slices.Backward(c.repo.workflowRuns) {
		a := run.current()
		status, conclusion := a.state()
		is := func(name string, values ...string) bool {
			return c.query(name) == "" || slices.Contains(values, c.query(name))
		}
		if is("head_sha", run.spec.SHA) && is("status", status, conclusion) && is("event", run.spec.Event) &&
			is("branch", run.spec.Branch) &&
			is("actor", run.spec.Actor.Login) && is("check_suite_id", strconv.FormatInt(run.suite, 10)) &&
			inTime(run.created, c.query("created")) {
			all = append(all, run)
		}
	}
	from, to, link := c.page(len(all))
	out := list{}
	for _, run := range all[from:to] {
		out = append(out, c.shownRun(run, run.current()))
	}
	ans := ok(obj{"total_count", len(all), "workflow_runs", out})
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
func (h *Hub) listJobs(c *call) answer {
	run := c.workflowRun()
	if run == nil {
		return notFound()
	}
	attempts := run.attempts
	if c.query("filter") != "all" {
		a := c.attempt(run)
		if a == nil {
			return notFound()
		}
		attempts = []*runAttempt{a}
	}
	var all []*job
	for _, a := range attempts {
		for _, j := range a.jobs {
			if j.id != 0 {
				all = append(all, j)
			}
		}
	}
	from, to, link := c.page(len(all))
	out := list{}
	for _, j := range all[from:to] {
		out = append(out, j.json())
	}
	ans := ok(obj{"total_count", len(all), "jobs", out})
	ans.link = link
	return ans
}

func (h *Hub) getJob(c *call) answer {
	id := c.number("job_id")
	for _, run := range c.repo.workflowRuns {
		for _, a := range run.attempts {
			for _, j := range a.jobs {
				if j.id == id && id != 0 {
					return ok(j.json())
				}
			}
		}
	}
	return notFound()
}

func (h *Hub) cancelRun(c *call) answer      { return c.cancel(false) }
func (h *Hub) forceCancelRun(c *call) answer { return c.cancel(true) }

func (c *call) cancel(force bool) answer {
	run := c.workflowRun()
	switch {
	case run == nil:
		return notFound()
	case !c.writes():
		return failed(http.StatusForbidden, "Must have admin rights to Repository.")
	}
	if why := run.cancel(force); why != "" {
		return failed(http.StatusConflict, why)
	}
	return answer{status: http.StatusAccepted, body: encode(obj{})}
}

func (h *Hub) rerunRun(c *call) answer {
	run := c.workflowRun()
	switch {
	case run == nil:
		return notFound()
	case !c.writes():
		return failed(http.StatusForbidden, "Must have admin rights to Repository.")
	}
	if why := run.rerun(c.account()); why != "" {
		return failed(http.StatusForbidden, why)
	}
	return created(obj{})
}

// account is who acts: a person, or an App's bot.
func (c *call) account() *Account {
	if c.auth.kind == byUser {
		return c.auth.grant.user
	}
	return c.auth.app.Bot
}

// writes says whether the caller may write to the repository; of an
// installation the route's permission has said so.
func (c *call) writes() bool {
	return c.auth.kind != byUser || roleRank(c.repo.permission(c.auth.grant.user)) >= roleRank("write")
}

// via is the App that the caller acts through, as JSON.
func (c *call) via() any {
	switch {
	case c.auth.kind == byInstall:
		return c.auth.app.json()
	case c.auth.grant.app != nil:
		return c.auth.grant.app.json()
	}
	return nil
}
