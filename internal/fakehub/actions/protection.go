package actions

import (
	"fmt"
	"slices"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/wire"
)

// ProtectionEvent asks an App before a deployment goes on.
const ProtectionEvent = "deployment_protection_rule"

// What became of the question to an App.
const (
	GatePending  = "pending"
	GateApproved = "approved"
	GateRejected = "rejected"
	gateBypassed = "bypassed" // an administrator started the job
	gateExpired  = "expired"  // nobody answered for 30 days
	gateGone     = "gone"     // the job ended otherwise
)

// GateRequest is the question to one App before one job.
type GateRequest struct {
	App      *fakehub.App
	State    string
	Comment  string
	Reports  []string
	asked    time.Time
	Answered time.Time
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
func (s *Actions) SetAsking(a Asking) {
	s.hub.State.Lock()
	defer s.hub.State.Unlock()
	s.asking = a
	s.asking.Omit = slices.Clone(a.Omit)
}

// requests are the questions that an environment's rules put before a job.
func (j *JobRecord) requests(e *Environment) []*GateRequest {
	var out []*GateRequest
	r := j.run.Repo
	now := r.hub.Now()
	for _, p := range e.Rules {
		if p.Enabled && p.App.InstallationFor(r.Repo) != nil && !(r.actions.asking.CarryOver && j.approvedBefore(p.App)) {
			out = append(out, &GateRequest{App: p.App, State: GatePending, asked: now, from: now.Add(r.actions.asking.EarlyFor),
				early: r.actions.asking.EarlyTimes})
		}
	}
	return out
}

// approvedBefore says whether an App has approved the environment for another
// job of this attempt.
func (j *JobRecord) approvedBefore(app *fakehub.App) bool {
	return slices.ContainsFunc(j.attempt.Jobs, func(o *JobRecord) bool {
		return fakehub.Fold(o.Spec.Environment) == fakehub.Fold(j.Spec.Environment) &&
			slices.ContainsFunc(o.Gates, func(g *GateRequest) bool { return g.App == app && g.State == GateApproved })
	})
}

// askFor sends the webhook to the one App that the question is for.
func (j *JobRecord) askFor(g *GateRequest) {
	r, h := j.run.Repo, j.run.Repo.hub
	in := g.App.InstallationFor(r.Repo)
	if in == nil || !g.App.Hears(in, ProtectionEvent) {
		return
	}
	pulls := wire.List{}
	for _, p := range r.ByCommit[j.run.Spec.SHA] {
		if p.Status == "open" && p.Head == j.run.Spec.SHA && p.From == r.Repo {
			pulls = append(pulls, p.Full())
		}
	}
	h.EmitTo(g.App, in, r.Repo, ProtectionEvent, "requested", wire.Object{"action", "requested", "environment", j.deployment.Environment,
		"event", j.run.Spec.Event, "deployment_callback_url", j.run.api() + "/deployment_protection_rule",
		"deployment", j.deployment.JSON(), "pull_requests", pulls, "repository", r.JSON(), "sender", j.attempt.By.JSON()}, h.Random.GUID(),
		r.actions.asking.Omit...)
}

// expire fails a job whose Apps did not answer in time.
func (j *JobRecord) expire() {
	for _, g := range j.Gates {
		if g.State == GatePending {
			g.State = gateExpired
		}
	}
	j.finish("failure")
}

// Pending are the questions to an App about an environment that can be
// answered now, with the jobs that wait for them. Looking uses up an early
// answer.
func (r *WorkflowRun) Pending(app *fakehub.App, environment string) (gates []*GateRequest, jobs []*JobRecord) {
	for _, j := range r.Current().Jobs {
		if j.Status != JobWaiting || fakehub.Fold(j.Spec.Environment) != fakehub.Fold(environment) {
			continue
		}
		for _, g := range j.Gates {
			switch {
			case g.App != app || g.State != GatePending || r.Repo.hub.Now().Before(g.from):
			case g.early > 0:
				g.early--
			default:
				gates, jobs = append(gates, g), append(jobs, j)
			}
		}
	}
	return gates, jobs
}

// Settle ends a job that was rejected, and starts one that all have approved.
func (j *JobRecord) Settle() {
	switch {
	case j.Status != JobWaiting:
	case slices.ContainsFunc(j.Gates, func(g *GateRequest) bool { return g.State == GateRejected }):
		j.finish("failure")
	case !slices.ContainsFunc(j.Gates, func(g *GateRequest) bool { return g.State == GatePending }):
		j.release()
	}
}

// StartWaiting is "Start all waiting jobs" of an administrator: it passes by
// every rule, where the environment allows that.
func (s *Actions) StartWaiting(run *WorkflowRun, environment string, by *fakehub.Account) error {
	s.hub.State.Lock()
	defer s.hub.State.Unlock()
	env := run.Repo.EnvironmentNamed(environment)
	switch {
	case env == nil:
		return fmt.Errorf("%s has no environment %s", run.Repo.FullName(), environment)
	case run.Repo.Permission(by) != "admin":
		return fmt.Errorf("%s is no administrator of %s", by.Login, run.Repo.FullName())
	case env.strict:
		return fmt.Errorf("administrators cannot bypass the rules of %s", env.Name)
	}
	started := false
	for _, j := range run.Current().Jobs {
		if j.Status != JobWaiting || fakehub.Fold(j.Spec.Environment) != fakehub.Fold(environment) {
			continue
		}
		for _, g := range j.Gates {
			if g.State == GatePending {
				g.State, g.Answered = gateBypassed, s.hub.Now()
			}
		}
		j.Settle()
		started = true
	}
	if !started {
		return fmt.Errorf("no job of run %d waits for %s", run.ID, environment)
	}
	run.Advance()
	return nil
}
