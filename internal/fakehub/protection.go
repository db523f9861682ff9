package fakehub

import (
	"fmt"
	"net/http"
	"slices"
	"time"
)

// Bounds of the answer to a custom deployment protection rule.
const (
	maxReports  = 10   // status reports of one deployment
	maxReportBy = 1024 // characters of a comment
)

// protectionEvent asks an App before a deployment goes on.
const protectionEvent = "deployment_protection_rule"

// What became of the question to an App.
const (
	gatePending  = "pending"
	gateApproved = "approved"
	gateRejected = "rejected"
	gateBypassed = "bypassed" // an administrator started the job
	gateExpired  = "expired"  // nobody answered for 30 days
	gateGone     = "gone"     // the job ended otherwise
)

// gateRequest is the question to one App before one job.
type gateRequest struct {
	app      *App
	state    string
	comment  string
	reports  []string
	asked    time.Time
	answered time.Time
	from     time.Time // no answer is taken before
	early    int       // and this many are refused
}

// Gate is what one App was asked about one deployment, and what it answered.
type Gate struct {
	AppID           int64
	State           string // pending, approved, rejected, bypassed, expired, gone
	Comment         string
	Reports         []string // status reports
	Asked, Answered time.Time
}

// Asking is how GitHub asks Apps before a deployment. The zero value is its
// best behaviour.
type Asking struct {
	// EarlyFor and EarlyTimes: the webhook goes out before an answer is taken,
	// by so much time on the hub's clock, and by so many answers. Both hold for
	// each question; what comes earlier is refused with 422.
	EarlyFor   time.Duration
	EarlyTimes int
	// CarryOver: an App that has approved an environment is not asked again by
	// a later job of the same attempt. GitHub does not say what it does; here
	// every job asks, unless this is set.
	CarryOver bool
	// Omit names fields of the webhook that are left out. GitHub's description
	// calls all but action, repository and sender optional.
	Omit []string
}

// SetAsking changes how Apps are asked from now on.
func (h *Hub) SetAsking(a Asking) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.asking = a
	h.asking.Omit = slices.Clone(a.Omit)
}

// without drops fields of an object.
func (o obj) without(names []string) obj {
	out := make(obj, 0, len(o))
	for i := 0; i+1 < len(o); i += 2 {
		if name, _ := o[i].(string); !slices.Contains(names, name) {
			out = append(out, o[i], o[i+1])
		}
	}
	return out
}

// requests are the questions that an environment's rules put before a job.
func (j *job) requests(e *Environment) []*gateRequest {
	var out []*gateRequest
	r := j.run.repo
	now := r.hub.now()
	for _, p := range e.rules {
		if p.enabled && p.app.installationFor(r) != nil && !(r.hub.asking.CarryOver && j.approvedBefore(p.app)) {
			out = append(out, &gateRequest{app: p.app, state: gatePending, asked: now, from: now.Add(r.hub.asking.EarlyFor),
				early: r.hub.asking.EarlyTimes})
		}
	}
	return out
}

// approvedBefore says whether an App has approved the environment for another
// job of this attempt.
func (j *job) approvedBefore(app *App) bool {
	return slices.ContainsFunc(j.attempt.jobs, func(o *job) bool {
		return fold(o.spec.Environment) == fold(j.spec.Environment) &&
			slices.ContainsFunc(o.gates, func(g *gateRequest) bool { return g.app == app && g.state == gateApproved })
	})
}

// askFor sends the webhook to the one App that the question is for.
func (j *job) askFor(g *gateRequest) {
	r, h := j.run.repo, j.run.repo.hub
	in := g.app.installationFor(r)
	if in == nil || !g.app.hears(in, protectionEvent) {
		return
	}
	pulls := list{}
	for _, p := range r.byCommit[j.run.spec.SHA] {
		if p.state == "open" && p.head == j.run.spec.SHA && p.from == r {
			pulls = append(pulls, p.full())
		}
	}
	h.emitTo(g.app, in, r, protectionEvent, "requested", obj{"action", "requested", "environment", j.deployment.environment,
		"event", j.run.spec.Event, "deployment_callback_url", j.run.api() + "/deployment_protection_rule",
		"deployment", j.deployment.json(), "pull_requests", pulls, "repository", r.json(), "sender", j.attempt.by.json()}, h.random.guid())
}

// expire fails a job whose Apps did not answer in time.
func (j *job) expire() {
	for _, g := range j.gates {
		if g.state == gatePending {
			g.state = gateExpired
		}
	}
	j.finish("failure")
}

// pending are the questions to an App about an environment that can be
// answered now, with the jobs that wait for them. Looking uses up an early
// answer.
func (r *WorkflowRun) pending(app *App, environment string) (gates []*gateRequest, jobs []*job) {
	for _, j := range r.current().jobs {
		if j.status != jobWaiting || fold(j.spec.Environment) != fold(environment) {
			continue
		}
		for _, g := range j.gates {
			switch {
			case g.app != app || g.state != gatePending || r.repo.hub.now().Before(g.from):
			case g.early > 0:
				g.early--
			default:
				gates, jobs = append(gates, g), append(jobs, j)
			}
		}
	}
	return gates, jobs
}

// answerRule takes what an App says of a deployment: of all jobs of the run
// that wait for this environment, at once.
func (h *Hub) answerRule(c *call) answer {
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
	case in.State != "" && in.State != gateApproved && in.State != gateRejected:
		return unprocessable("Invalid request.\n\n" + in.State + " is not a member of [\"approved\", \"rejected\"].")
	case in.Comment != nil && long(*in.Comment, maxReportBy):
		return unprocessable(fmt.Sprintf("Comment is too long (maximum is %d characters)", maxReportBy))
	}
	c.repo.expireRuns()
	gates, jobs := run.pending(c.auth.app, in.Environment)
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
		g.state, g.comment, g.answered = in.State, comment, h.now()
		jobs[i].settle()
	}
	run.advance()
	return answer{status: http.StatusNoContent}
}

// report writes a status report, which decides nothing.
func report(gates []*gateRequest, comment string) answer {
	for _, g := range gates {
		if len(g.reports) >= maxReports {
			return unprocessable(fmt.Sprintf("A deployment takes %d status reports", maxReports))
		}
	}
	for _, g := range gates {
		g.reports = append(g.reports, comment)
	}
	return answer{status: http.StatusNoContent}
}

// settle ends a job that was rejected, and starts one that all have approved.
func (j *job) settle() {
	switch {
	case j.status != jobWaiting:
	case slices.ContainsFunc(j.gates, func(g *gateRequest) bool { return g.state == gateRejected }):
		j.finish("failure")
	case !slices.ContainsFunc(j.gates, func(g *gateRequest) bool { return g.state == gatePending }):
		j.release()
	}
}

// StartWaiting is "Start all waiting jobs" of an administrator: it passes by
// every rule, where the environment allows that.
func (h *Hub) StartWaiting(run *WorkflowRun, environment string, by *Account) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	env := run.repo.environment(environment)
	switch {
	case env == nil:
		return fmt.Errorf("%s has no environment %s", run.repo.fullName(), environment)
	case run.repo.permission(by) != "admin":
		return fmt.Errorf("%s is no administrator of %s", by.Login, run.repo.fullName())
	case env.strict:
		return fmt.Errorf("administrators cannot bypass the rules of %s", env.Name)
	}
	started := false
	for _, j := range run.current().jobs {
		if j.status != jobWaiting || fold(j.spec.Environment) != fold(environment) {
			continue
		}
		for _, g := range j.gates {
			if g.state == gatePending {
				g.state, g.answered = gateBypassed, h.now()
			}
		}
		j.settle()
		started = true
	}
	if !started {
		return fmt.Errorf("no job of run %d waits for %s", run.ID, environment)
	}
	run.advance()
	return nil
}

// pendingDeployments lists the environments that jobs wait for.
func (h *Hub) pendingDeployments(c *call) answer {
	run := c.workflowRun()
	if run == nil {
		return notFound()
	}
	out, seen := list{}, map[*Environment]bool{}
	for _, j := range run.current().jobs {
		env := c.repo.environment(j.spec.Environment)
		if j.status != jobWaiting || env == nil || seen[env] {
			continue
		}
		seen[env] = true
		out = append(out, obj{"environment", env.brief(), "wait_timer", 0, "wait_timer_started_at", nil,
			"current_user_can_approve", false, "reviewers", list{}})
	}
	return ok(out)
}

// approvals lists what was answered, of all attempts, a status report as
// pending.
func (h *Hub) approvals(c *call) answer {
	run := c.workflowRun()
	if run == nil {
		return notFound()
	}
	out := list{}
	add := func(j *job, g *gateRequest, state, comment string) {
		if env := c.repo.environment(j.spec.Environment); env != nil {
			out = append(out, obj{"environments", list{append(env.brief(), "created_at", env.created, "updated_at", env.created)},
				"state", state, "user", g.app.Bot.json(), "comment", comment})
		}
	}
	for _, a := range run.attempts {
		for _, j := range a.jobs {
			for _, g := range j.gates {
				for _, text := range g.reports {
					add(j, g, gatePending, text)
				}
				if g.state == gateApproved || g.state == gateRejected {
					add(j, g, g.state, g.comment)
				}
			}
		}
	}
	return ok(out)
}
