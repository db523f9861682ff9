package api

import (
	"fmt"
	"net/http"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/actions"
	"github.com/gatehold/gatehold/internal/fakehub/faults"
	"github.com/gatehold/gatehold/internal/fakehub/lag"
)

// notArrived refuses a write of what the copy that takes it does not know yet.
func (c *call) notArrived() (refused answer, late bool) {
	look := arrivals[c.route.name()]
	if !c.look.Past() || look == nil {
		return answer{}, false
	}
	defer c.look.Early(readsOf(c.route.template), c.repo)()
	return look(c)
}

// arrivals look whether what a write is about is there.
var arrivals = map[string]func(c *call) (refused answer, late bool){
	"POST /repos/{owner}/{repo}/check-runs": func(c *call) (answer, bool) {
		var in fakehub.CheckInput
		if !c.decode(&in) || in.HeadSHA == nil || c.repo.Store.Commit(*in.HeadSHA) != nil {
			return answer{}, false
		}
		return unprocessable("No commit found for SHA: " + *in.HeadSHA), true
	},
	"PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}": func(c *call) (answer, bool) {
		return notFound(), c.run() == nil
	},
	"POST /repos/{owner}/{repo}/check-runs/{check_run_id}/rerequest": func(c *call) (answer, bool) {
		return notFound(), c.run() == nil
	},
	"POST /repos/{owner}/{repo}/actions/runs/{run_id}/deployment_protection_rule": func(c *call) (answer, bool) {
		run := c.workflowRun()
		if run == nil {
			return notFound(), true
		}
		for _, j := range run.Current().Jobs {
			if j.Status == actions.JobWaiting {
				return answer{}, false
			}
		}
		return failed(http.StatusUnprocessableEntity,
			fmt.Sprintf("No pending custom deployment requests in workflow run `%d` to approve or reject", run.ID)), true
	},
}

// readsOf says what kind of read a path is; the first pattern that fits
// decides.
func readsOf(template string) lag.Reads {
	for _, p := range readPatterns {
		if faults.Matches(p.pattern, template) {
			return p.kind
		}
	}
	return 0
}

var readPatterns = []struct {
	pattern string
	kind    lag.Reads
}{
	{"/repos/*/pulls*", lag.Pulls},
	{"/repos/*/check-runs*", lag.Checks},
	{"/repos/*/check-suites*", lag.Checks},
	{"/repos/*/contents/*", lag.Contents},
	{"/repos/*/git/trees/*", lag.Contents},
	{"/repos/*/git/blobs/*", lag.Contents},
	{"/repos/*/rules*", lag.Rules},
	{"/repos/*/protection", lag.Rules},
	{"/orgs/*/rulesets*", lag.Rules},
	{"/repos/*/git/ref*", lag.Refs},
	{"/repos/*/branches/*", lag.Refs},
	{"/repos/*/git/commits/*", lag.Commits},
	{"/repos/*/commits*", lag.Commits},
	{"/repos/*/compare/*", lag.Commits},
	{"/repos/*/collaborators/*", lag.People},
	{"/repos/*/actions/*", lag.Runs},
	{"/repos/*/environments*", lag.Deployments},
	{"/repos/*/deployments*", lag.Deployments},
	{"/repos/*/activity", lag.Activity},
	{"/repos/*", lag.Repositories},
	{"/orgs/*/repos", lag.Repositories},
	{"/orgs/*/installation", lag.Repositories},
	{"/orgs/*", lag.People},
	{"/user*", lag.People},
	{"/installation/repositories", lag.Repositories},
}
