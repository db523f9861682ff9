package fakehub

import (
	"slices"
	"time"
)

// Status of a job; "" before it is queued.
const (
	jobQueued  = "queued"
	jobWaiting = "waiting"
	jobRunning = "in_progress"
	jobDone    = "completed"
)

// job is one job of one attempt.
type job struct {
	id         int64
	run        *WorkflowRun
	attempt    *runAttempt
	spec       JobSpec
	status     string
	conclusion string
	created    time.Time
	waiting    time.Time // since when
	started    time.Time
	completed  time.Time
	ran        bool // a runner had it
	deployment *deployment
	gates      []*gateRequest
}

// step moves a job on by itself; false: it stays as it is.
func (j *job) step() bool {
	switch {
	case j.status == "" && j.attempt.cancelled:
		j.finish("cancelled")
	case j.status == "" && j.blocked():
		return false
	case j.status == "" && j.broken():
		j.finish("skipped")
	case j.status == "":
		j.queue()
	case j.status == jobRunning && j.spec.Ends != "":
		j.finish(j.spec.Ends)
	default:
		return false
	}
	return true
}

// needs says whether some job that this one needs is such.
func (j *job) needs(such func(*job) bool) bool {
	return slices.ContainsFunc(j.attempt.jobs, func(o *job) bool { return slices.Contains(j.spec.Needs, o.spec.Name) && such(o) })
}

func (j *job) blocked() bool { return j.needs(func(o *job) bool { return o.status != jobDone }) }
func (j *job) broken() bool  { return j.needs(func(o *job) bool { return o.conclusion != "success" }) }

// appear gives the job its number when it is first seen.
func (j *job) appear() {
	if j.id == 0 {
		j.id, j.created = j.run.repo.hub.id("run", 40_000_000_001), j.run.repo.hub.now()
	}
}

// queue is where a job begins: in the hands of a runner, or before the rules
// of its environment.
func (j *job) queue() {
	j.appear()
	r := j.run.repo
	if j.spec.Environment == "" {
		j.release()
		return
	}
	env := r.ensureEnvironment(j.spec.Environment)
	j.deployment = r.deployFor(j)
	j.gates = j.requests(env)
	if len(j.gates) == 0 {
		j.release()
		return
	}
	j.status, j.waiting = jobWaiting, r.hub.now()
	j.say("waiting")
	j.emit("queued") // GitHub tells twice of a job that waits: now, and when a runner is to take it
	j.emit("waiting")
	for _, g := range j.gates {
		j.askFor(g)
	}
}

// release gives the job to a runner, who takes it at once.
func (j *job) release() {
	j.status = jobQueued
	j.emit("queued")
	j.status, j.started, j.ran = jobRunning, j.run.repo.hub.now(), true
	if !j.attempt.begun {
		j.attempt.begun = true
		j.run.emit("in_progress")
	}
	j.emit("in_progress")
	if j.deployment != nil {
		j.say("in_progress")
	}
}

// finish ends the job, whatever it was doing, and its deployment with it.
func (j *job) finish(conclusion string) {
	if j.status == jobDone {
		return
	}
	j.appear()
	now := j.run.repo.hub.now()
	if j.started.IsZero() {
		j.started = now
	}
	j.status, j.conclusion, j.completed = jobDone, conclusion, now
	for _, g := range j.gates {
		if g.state == gatePending {
			g.state = gateGone
		}
	}
	if j.deployment != nil {
		state := "failure"
		if conclusion == "success" {
			state = "success"
		}
		j.say(state)
	}
	j.emit("completed")
}

// say is what GitHub itself says of the job's deployment. Whoever else may write
// deployments says more of it by another App, or by none.
func (j *job) say(state string) {
	url := j.html()
	j.deployment.say(deploymentStatus{state: state, creator: j.attempt.by, via: j.run.repo.hub.actionsJSON(), logURL: url, targetURL: url})
}
