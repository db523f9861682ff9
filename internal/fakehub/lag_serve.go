package fakehub

import (
	"fmt"
	"net/http"
)

// lagOf is what a request has to do with lags: whether it may see the past,
// and what was decided for it by each.
type lagOf struct {
	allowed bool
	decided map[*Lagging]bool
}

// hold takes the state's lock for a request. One that may be answered with the
// past needs it for itself alone.
func (h *Hub) hold(c *call) (release func()) {
	c.lag.allowed = h.lags.inForce.Load() > 0
	switch {
	case c.route.write:
		h.mu.Lock()
	case c.lag.allowed:
		h.mu.RWMutex.Lock()
	default:
		h.mu.RLock()
		return h.mu.RUnlock
	}
	return h.mu.RWMutex.Unlock
}

// behind puts the hub into the state in which a read of a kind is answered,
// until back is called.
func (c *call) behind(kind Reads, r *Repo) (back func()) {
	h := c.hub
	if kind == 0 || !c.lag.allowed {
		return func() {}
	}
	was := h.present
	h.travel(c.pick(kind, r, false))
	return func() { h.travel(was) }
}

// pick finds the moment that a read or a write sees; nil: the present.
func (c *call) pick(kind Reads, r *Repo, write bool) *moment {
	via := REST
	if c.route.template == "/graphql" {
		via = GraphQL
	}
	for _, l := range c.hub.lags.list {
		fits := l.lag.Writes == write && (l.lag.Of == 0 || l.lag.Of&kind != 0) && (l.lag.Via == AnyAPI || l.lag.Via == via) &&
			(l.lag.Repo == nil || l.lag.Repo == r)
		if !fits || !c.strikes(l) {
			continue
		}
		if l.moment != nil {
			return l.moment
		}
		return c.hub.lags.asOf(c.hub.opt.Now().Add(-l.lag.Behind))
	}
	return nil
}

// strikes decides once for each request whether a lag that fits holds for it.
func (c *call) strikes(l *Lagging) bool {
	if yes, known := c.lag.decided[l]; known {
		return yes
	}
	l.seen++
	yes := l.seen > l.lag.Skip && (l.lag.Times == 0 || l.hits < l.lag.Times) &&
		(l.lag.For == 0 || c.hub.opt.Now().Before(l.began.Add(l.lag.For))) &&
		(l.lag.Probability == 0 || c.hub.random.float() < l.lag.Probability)
	if yes {
		l.hits++
	}
	if c.lag.decided == nil {
		c.lag.decided = map[*Lagging]bool{}
	}
	c.lag.decided[l] = yes
	return yes
}

// notArrived refuses a write of what the copy that takes it does not know yet.
func (c *call) notArrived() (refused answer, late bool) {
	look := arrivals[c.route.name()]
	if !c.lag.allowed || look == nil {
		return answer{}, false
	}
	was := c.hub.present
	c.hub.travel(c.pick(readsOf(c.route.template), c.repo, true))
	defer func() { c.hub.travel(was) }()
	return look(c)
}

// arrivals look whether what a write is about is there.
var arrivals = map[string]func(c *call) (refused answer, late bool){
	"POST /repos/{owner}/{repo}/check-runs": func(c *call) (answer, bool) {
		var in runInput
		if !c.decode(&in) || in.HeadSHA == nil || c.repo.store.Commit(*in.HeadSHA) != nil {
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
		for _, j := range run.current().jobs {
			if j.status == jobWaiting {
				return answer{}, false
			}
		}
		return failed(http.StatusUnprocessableEntity,
			fmt.Sprintf("No pending custom deployment requests in workflow run `%d` to approve or reject", run.ID)), true
	},
}

// readsOf says what kind of read a path is; the first pattern that fits
// decides.
func readsOf(template string) Reads {
	for _, p := range readPatterns {
		if matches(p.pattern, template) {
			return p.kind
		}
	}
	return 0
}

var readPatterns = []struct {
	pattern string
	kind    Reads
}{
	{"/repos/*/pulls*", Pulls},
	{"/repos/*/check-runs*", Checks},
	{"/repos/*/check-suites*", Checks},
	{"/repos/*/contents/*", Contents},
	{"/repos/*/git/trees/*", Contents},
	{"/repos/*/git/blobs/*", Contents},
	{"/repos/*/rules*", Rules},
	{"/repos/*/protection", Rules},
	{"/orgs/*/rulesets*", Rules},
	{"/repos/*/git/ref*", Refs},
	{"/repos/*/branches/*", Refs},
	{"/repos/*/git/commits/*", Commits},
	{"/repos/*/commits*", Commits},
	{"/repos/*/compare/*", Commits},
	{"/repos/*/collaborators/*", People},
	{"/repos/*/actions/*", Runs},
	{"/repos/*/environments*", Deployments},
	{"/repos/*/deployments*", Deployments},
	{"/repos/*/activity", Activity},
	{"/repos/*", Repositories},
	{"/orgs/*/repos", Repositories},
	{"/orgs/*/installation", Repositories},
	{"/orgs/*", People},
	{"/user*", People},
	{"/installation/repositories", Repositories},
}

// graphReads are the fields at which another kind of read begins. Fields that
// are not listed belong to what they are asked of.
var graphReads = map[string]Reads{
	"Query.repository":              Repositories,
	"Query.node":                    Repositories,
	"Query.nodes":                   Repositories,
	"Repository.pullRequest":        Pulls,
	"Repository.pullRequests":       Pulls,
	"Commit.associatedPullRequests": Pulls,
	"Repository.ref":                Refs,
	"Repository.defaultBranchRef":   Refs,
	"PullRequest.baseRef":           Refs,
	"PullRequest.headRef":           Refs,
	"Repository.object":             Contents,
	"Repository.deployments":        Deployments,
	"Commit.deployments":            Deployments,
}

// repoOf is the repository that a GraphQL value belongs to, nil where it is
// none's.
func repoOf(v any) *Repo {
	switch v := v.(type) {
	case *Repo:
		return v
	case *Pull:
		return v.repo
	case commitObject:
		return v.repo
	}
	return nil
}
