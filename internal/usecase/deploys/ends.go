package deploys

import (
	"context"
	"slices"
	"time"

	"github.com/gatehold/gatehold/internal/engine"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/gate/env"
)

// jobEnd is what a deployment has come to.
type jobEnd struct {
	over, failed bool
	at           time.Time // zero: it is not said
}

// jobEnds tells what deployments have come to. A status can be written by whoever
// may write deployments, whatever the job does that deploys: of what a run made
// GitHub is asked, once for each deployment. How a job ended does not change.
type jobEnds struct {
	jobs  func(context.Context, gate.Noted) (jobEnd, error)
	env   env.State
	known map[int64]jobEnd // by deployment
}

func (u *Deploys) jobEnds(env env.State) jobEnds {
	return jobEnds{jobs: u.jobEnd, env: env, known: map[int64]jobEnd{}}
}

func (e jobEnds) of(ctx context.Context, n gate.Noted) (jobEnd, error) {
	if n.Subject.Run == 0 || n.Made != "" { // nothing else tells of it
		return jobEnd{over: true, failed: n.Action != "success"}, nil
	}
	id := n.Subject.DeploymentID
	if end, known := e.known[id]; known {
		return end, nil
	}
	i := slices.IndexFunc(e.env.Arrivals, func(a gate.Arrival) bool { return a.DeploymentID == id && a.Run == n.Subject.Run })
	if i >= 0 {
		return jobEnd{over: true, failed: e.env.Arrivals[i].Failed}, nil
	}
	end, err := e.jobs(ctx, n)
	if err == nil {
		e.known[id] = end
	}
	return end, err
}

// jobEnd asks GitHub about the job of a deployment, and where no job is named
// about the whole run.
func (u *Deploys) jobEnd(ctx context.Context, n gate.Noted) (jobEnd, error) {
	s := n.Subject
	if n.Job != 0 {
		job, err := u.Jobs.Job(ctx, s.Repo, s.Run, n.Job)
		if err != nil {
			return jobEnd{}, engine.Outside(err)
		}
		return jobEnd{over: job.Over(), failed: job.Conclusion != "success", at: job.EndedAt}, nil
	}
	run, err := u.GitHub.Run(ctx, gate.Subject{Kind: gate.WorkflowRun, Repo: s.Repo, Run: s.Run, SHA: s.SHA})
	if err != nil {
		return jobEnd{}, engine.Outside(err)
	}
	return jobEnd{over: run.Over(), failed: run.Conclusion != "success", at: run.UpdatedAt}, nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
