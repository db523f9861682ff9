package api

import (
	"fmt"
	"net/http"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/actions"
	"github.com/gatehold/gatehold/internal/fakehub/wire"
)

// Bounds of the answer to a custom deployment protection rule.
const (
	maxReports  = 10   // status reports of one deployment
	maxReportBy = 1024 // characters of a comment
)

// answerRule takes what an App says of a deployment: of all jobs of the run
// that wait for this environment, at once.
func answerRule(c *call) answer {
	run := c.workflowRun()
	if run == nil {
		return notFound()
	}
	var in struct {
		Environment string  `json:"environment_name"`
		State       string  `json:"state"`
		Comment     *string `json:"comment"`
	}
	if !c.decode(&in) {
		return badRequest("Problems parsing JSON")
	}
	switch {
	case in.Environment == "" || in.State == "" && in.Comment == nil:
		return unprocessable("Invalid request.\n\nenvironment_name, and state or comment, are required.")
	case in.State != "" && in.State != actions.GateApproved && in.State != actions.GateRejected:
		return unprocessable("Invalid request.\n\n" + in.State + " is not a member of [\"approved\", \"rejected\"].")
	case in.Comment != nil && fakehub.Long(*in.Comment, maxReportBy):
		return unprocessable(fmt.Sprintf("Comment is too long (maximum is %d characters)", maxReportBy))
	}
	c.actions().ExpireRuns()
	gates, jobs := run.Pending(c.auth.App, in.Environment)
	if len(gates) == 0 {
		return unprocessable(fmt.Sprintf("No pending custom deployment requests in workflow run `%d` to approve or reject", run.ID))
	}
	comment := ""
	if in.Comment != nil {
		comment = *in.Comment
	}
	if in.State == "" {
		return report(gates, comment)
	}
	for i, g := range gates {
		g.State, g.Comment, g.Answered = in.State, comment, c.hub.Now()
		jobs[i].Settle()
	}
	run.Advance()
	return answer{status: http.StatusNoContent}
}

// report writes a status report, which decides nothing.
func report(gates []*actions.GateRequest, comment string) answer {
	for _, g := range gates {
		if len(g.Reports) >= maxReports {
			return unprocessable(fmt.Sprintf("A deployment takes %d status reports", maxReports))
		}
	}
	for _, g := range gates {
		g.Reports = append(g.Reports, comment)
	}
	return answer{status: http.StatusNoContent}
}

// pendingDeployments lists the environments that jobs wait for.
func pendingDeployments(c *call) answer {
	run := c.workflowRun()
	if run == nil {
		return notFound()
	}
	out, seen := wire.List{}, map[*actions.Environment]bool{}
	for _, j := range run.Current().Jobs {
		env := c.actions().EnvironmentNamed(j.Spec.Environment)
		if j.Status != actions.JobWaiting || env == nil || seen[env] {
			continue
		}
		seen[env] = true
		out = append(out, wire.Object{"environment", env.Brief(), "wait_timer", 0, "wait_timer_started_at", nil,
			"current_user_can_approve", false, "reviewers", wire.List{}})
	}
	return ok(out)
}

// approvals lists what was answered, of all attempts, a status report as
// pending.
func approvals(c *call) answer {
	run := c.workflowRun()
	if run == nil {
		return notFound()
	}
	out := wire.List{}
	add := func(j *actions.JobRecord, g *actions.GateRequest, state, comment string) {
		if env := c.actions().EnvironmentNamed(j.Spec.Environment); env != nil {
			out = append(out, wire.Object{"environments", wire.List{append(env.Brief(), "created_at", env.Created, "updated_at", env.Created)},
				"state", state, "user", g.App.Bot.JSON(), "comment", comment})
		}
	}
	for _, a := range run.Attempts {
		for _, j := range a.Jobs {
			for _, g := range j.Gates {
				for _, text := range g.Reports {
					add(j, g, actions.GatePending, text)
				}
				if g.State == actions.GateApproved || g.State == actions.GateRejected {
					add(j, g, g.State, g.Comment)
				}
			}
		}
	}
	return ok(out)
}
