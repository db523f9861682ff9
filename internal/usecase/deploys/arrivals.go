package deploys

import (
	"context"
	"fmt"
	"slices"

	"github.com/gatehold/gatehold/internal/engine"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/usecase/book"
	"github.com/gatehold/gatehold/internal/usecase/reading"
)

// recordDeployment puts on record what has reached an environment, or failed to, and which
// gate let it go. What went by its gate is said loudly.
func (u *Deploys) recordDeployment(ctx context.Context, f book.Environment) error {
	landed, err := u.landing(ctx, f)
	if err != nil {
		return err
	}
	early := len(landed.Unsure) > 0
	if early && len(landed.Unsure) == len(f.State.Waiting) {
		return stillGoing()
	}
	next, err := u.Book.Environments.Append(ctx, f, engine.Draft{Event: landed})
	if err != nil {
		return err
	}
	if len(landed.Arrivals) > 0 {
		if err := u.reached(ctx, next, landed.Arrivals); err != nil {
			return err
		}
	}
	if early {
		return stillGoing()
	}
	return nil
}

func stillGoing() error {
	return engine.Outside(gate.Stale("it shows the job going on of whose deployment a status says that it has ended"))
}

// landing is what the statuses that wait come to.
func (u *Deploys) landing(ctx context.Context, f book.Environment) (gate.Landed, error) {
	landed := gate.Landed{Covers: f.Head.Version}
	ends := u.jobEnds(f.State)
	for _, n := range f.State.Waiting {
		if n.Event != "deployment_status" || !slices.Contains(endStates, n.Action) {
			continue
		}
		end, err := ends.of(ctx, n)
		if err != nil {
			return landed, err
		}
		switch {
		case end.over:
			arrival, err := u.arrival(ctx, n)
			if err != nil {
				return landed, err
			}
			if arrival.Failed, arrival.At = end.failed, end.at; end.at.IsZero() {
				arrival.At = n.At
			}
			if !f.State.Found(arrival) {
				landed.Arrivals = append(landed.Arrivals, arrival)
			}
		case u.Book.Now().Sub(n.At) < reading.ArrivesWithin:
			landed.Unsure = append(landed.Unsure, n.Version)
		default:
			u.Book.Slog.Warn("a deployment is said to have ended whose job goes on", "repository", n.Subject.Repo.FullName(),
				"environment", n.Subject.Environment, "deployment", n.Subject.DeploymentID, "by", n.Sender.Login)
		}
	}
	return landed, nil
}

// reached says what went by its gate, and has looked at what waited for it.
func (u *Deploys) reached(ctx context.Context, next book.Environment, arrivals []gate.Arrival) error {
	env := next.State.Subject
	for _, a := range arrivals {
		if a.Gate == "" && !a.Failed {
			u.Observer.Bypassed(env.Environment)
			u.Book.Slog.Warn("a deployment reached an environment without passing a gate", "repository", env.Repo.FullName(),
				"environment", env.Environment, "sha", a.SHA, "deployment", a.DeploymentID, "by", a.By.Login)
		}
	}
	return u.followers(ctx, next, arrivals)
}

// arrival is what a status is about, with the gate that the deployment passed.
// That a job deployed elsewhere than where it said is somebody's word alone.
func (u *Deploys) arrival(ctx context.Context, n gate.Noted) (gate.Arrival, error) {
	a := gate.Arrival{DeploymentID: n.Subject.DeploymentID, SHA: n.Head, Run: n.Subject.Run, By: n.Sender}
	if n.Made != "" {
		a.Run = 0
	}
	if a.Run == 0 {
		return a, nil
	}
	passed := gate.Subject{Kind: gate.Deployment, Repo: n.Subject.Repo, Run: a.Run, DeploymentID: a.DeploymentID,
		Environment: n.Subject.Environment}
	unnamed := passed
	unnamed.DeploymentID = 0 // GitHub may not have said it when it asked
	for _, subject := range []gate.Subject{passed, unnamed} {
		f, err := u.Book.Gates.Load(ctx, subject.Stream())
		if err != nil {
			return a, err
		}
		s := f.State
		// What a job of the run says that it deployed need not be what was let go.
		if s.Verdict == nil || s.Verdict.Deploy == nil || s.Verdict.Head != a.SHA {
			continue
		}
		// GitHub can be faster than what it did is written down.
		begun := s.Deployment.Replying != nil && s.Deployment.Replying.Reply == gate.Approved &&
			s.Deployment.Replying.Attempt == s.Verdict.Deploy.Attempt
		if s.Answered() == gate.Approved || s.Answered() == "" && begun {
			a.Gate = f.Name
			a.Approved = s.Verdict.Deploy.Rollback || len(deciders(s, gate.Approved)) > 0
			return a, nil
		}
		told, err := u.answeredTogether(ctx, s, s.Verdict.Deploy.Attempt)
		if err != nil {
			return a, err
		}
		if told != nil && told.Reply == gate.Approved {
			a.Gate, a.Approved = f.Name, len(told.By) > 0
			return a, nil
		}
	}
	over, err := u.carriedOver(ctx, passed, a.SHA)
	if err == nil && over.Name != "" {
		a.Gate, a.Approved = over.Name, len(deciders(over.State, gate.Approved)) > 0
	}
	return a, err
}

// followers has the deployments looked at again that may have waited for this:
// of the same commit, for another environment to have it; to the same
// environment, for this one to be over.
func (u *Deploys) followers(ctx context.Context, f book.Environment, arrivals []gate.Arrival) error {
	env := f.State.Subject
	open, err := u.Book.OpenGates(ctx, env.Repo.ID, gate.Deployment)
	if err != nil {
		return err
	}
	for _, g := range open {
		s := g.State
		same := slices.ContainsFunc(arrivals, func(a gate.Arrival) bool { return a.SHA == s.Head() })
		if s.Answered() == gate.Approved || !same && !gate.SameEnvironment(s.Subject.Environment, env.Environment) {
			continue
		}
		look := gate.Look{Subject: s.Subject, Why: gate.AfterOther}
		if err := u.Book.Gates.Once(ctx, g.Name, fmt.Sprintf("landed@%s@%d", f.Name, f.Head.Version), look); err != nil {
			return err
		}
	}
	return nil
}
