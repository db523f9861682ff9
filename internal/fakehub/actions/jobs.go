package actions

import (
	"slices"
	"time"
)

// Status of a job; "" before it is queued.
const (
	jobQueued  = "queued"
	JobWaiting = "waiting"
	jobRunning = "in_progress"
	jobDone    = "completed"
)

// JobRecord is one job of one attempt.
type JobRecord struct {
	ID         int64
	run        *WorkflowRun
	attempt    *RunAttempt
	Spec       JobSpec
	Status     string
	Conclusion string
	created    time.Time
	waiting    time.Time // since when
	started    time.Time
	completed  time.Time
	ran        bool // a runner had it
	deployment *DeploymentRecord
	Gates      []*GateRequest
}

// step moves a job on by itself; false: it stays as it is.
func (j *JobRecord) step() bool {
	switch {
	case j.Status == "" && j.attempt.cancelled:
		j.finish("cancelled")
	case j.Status == "" && j.blocked():
		return false
	case j.Status == "" && j.broken():
		j.finish("skipped")
	case j.Status == "":
		j.queue()
	case j.Status == jobRunning && j.Spec.Ends != "":
		j.finish(j.Spec.Ends)
	default:
		return false
	}
	return true
}

// needs says whether some job that this one needs is such.
func (j *JobRecord) needs(such func(*JobRecord) bool) bool {
	return slices.ContainsFunc(j.attempt.Jobs, func(o *JobRecord) bool { return slices.Contains(j.Spec.Needs, o.Spec.Name) && such(o) })
}

func (j *JobRecord) blocked() bool {
	return j.needs(func(o *JobRecord) bool { return o.Status != jobDone })
}
func (j *JobRecord) broken() bool {
	return j.needs(func(o *JobRecord) bool { return o.Conclusion != "success" })
}

// appear gives the job its number when it is first seen.
func (j *JobRecord) appear() {
	if j.ID == 0 {
		j.ID, j.created = j.run.Repo.hub.NextID("run", 40_000_000_001), j.run.Repo.hub.Now()
	}
}

// queue is where a job begins: in the hands of a runner, or before the rules
// of its environment.
func (j *JobRecord) queue() {
	j.appear()
	r := j.run.Repo
	if j.Spec.Environment == "" {
		j.release()
		return
	}
	env := r.ensureEnvironment(j.Spec.Environment)
	j.deployment = r.deployFor(j)
	j.Gates = j.requests(env)
	if len(j.Gates) == 0 {
		j.release()
		return
	}
	j.Status, j.waiting = JobWaiting, r.hub.Now()
	j.say("waiting")
	j.emit("queued") // GitHub tells twice of a job that waits: now, and when a runner is to take it
	j.emit("waiting")
	for _, g := range j.Gates {
		j.askFor(g)
	}
}

// release gives the job to a runner, who takes it at once.
func (j *JobRecord) release() {
	j.Status = jobQueued
	j.emit("queued")
	j.Status, j.started, j.ran = jobRunning, j.run.Repo.hub.Now(), true
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
func (j *JobRecord) finish(conclusion string) {
	if j.Status == jobDone {
		return
	}
	j.appear()
	now := j.run.Repo.hub.Now()
	if j.started.IsZero() {
		j.started = now
	}
	j.Status, j.Conclusion, j.completed = jobDone, conclusion, now
	for _, g := range j.Gates {
		if g.State == GatePending {
			g.State = gateGone
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
func (j *JobRecord) say(state string) {
	url := j.html()
	j.deployment.Say(DeploymentStatus{State: state, Creator: j.attempt.By, Via: j.run.Repo.hub.ActionsApp(), LogURL: url, TargetURL: url})
}
