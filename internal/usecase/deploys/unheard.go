package deploys

import (
	"context"
	"errors"
	"slices"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/engine"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/gate/env"
	"github.com/gatehold/gatehold/internal/ledger"
)

// hearEnd puts on record how the deployment of a gate has ended where no event has
// told: it was lost, or the App was not installed then. What reached an environment
// is what the next deployment is judged from, others may wait for it, and it takes
// room there until it has ended.
func (u *Deploys) hearEnd(ctx context.Context, s gate.State, run change.Run) error {
	f, err := u.Book.Environments.Load(ctx, environmentOf(s.Subject).Stream())
	if err != nil || toldOfEnd(f.State, s.Subject) {
		return err
	}
	return u.askEnd(ctx, s, run)
}

// askEnd does so whether or not an event has told that is still to be looked at.
func (u *Deploys) askEnd(ctx context.Context, s gate.State, run change.Run) error {
	for try := 0; ; try++ {
		f, err := u.Book.Environments.Load(ctx, environmentOf(s.Subject).Stream())
		if err != nil || f.State.HasEnded(departureOf(s.Subject)) {
			return err
		}
		arrival, ended, err := u.endOf(ctx, f.State, s, run)
		if err != nil || !ended {
			return err
		}
		unsure := make([]uint64, 0, len(f.State.Waiting)) // the statuses that wait, still do
		for _, n := range f.State.Waiting {
			unsure = append(unsure, n.Version)
		}
		landed := gate.Landed{Covers: f.State.Covered, Arrivals: []gate.Arrival{arrival}, Unsure: unsure}
		next, err := u.Book.Environments.Append(ctx, f, engine.Draft{Event: landed})
		if errors.Is(err, ledger.ErrMoved) && try < engine.MaxMoves {
			continue
		}
		if err != nil {
			return err
		}
		u.Book.Slog.Info("a missed end of a deployment was found", "subject", s.Subject.String(), "failed", arrival.Failed)
		return u.reached(ctx, next, landed.Arrivals)
	}
}

// asItIs is the record of an environment once GitHub was asked how those deployments
// have ended that were let go there and of which nothing is on record: the event may
// be late, or lost. What comes next is judged from what they brought.
func (u *Deploys) asItIs(ctx context.Context, s gate.Subject) (env.State, error) {
	on, err := u.Book.EnvironmentOf(ctx, s.Repo, s.Environment)
	if err != nil {
		return on, err
	}
	others := slices.DeleteFunc(slices.Clone(on.Departures), func(d gate.Departure) bool { return d.Gate == s.Stream() })
	for _, d := range others[max(0, len(others)-maxUnderWay):] {
		err := u.askEndOf(ctx, d)
		if err != nil && gate.AsError(err).Code != gate.NotFound { // somebody deleted the run
			return on, err
		}
	}
	if len(others) == 0 {
		return on, nil
	}
	return u.Book.EnvironmentOf(ctx, s.Repo, s.Environment)
}

func (u *Deploys) askEndOf(ctx context.Context, d gate.Departure) error {
	g, err := u.Book.Gates.Load(ctx, d.Gate)
	if err != nil {
		return err
	}
	of := g.State.Subject
	of.Kind = gate.WorkflowRun
	run, err := u.GitHub.Run(ctx, of)
	if err != nil {
		return err
	}
	return u.askEnd(ctx, g.State, run)
}

// maxUnderWay bounds how many deployments are asked about before another is judged,
// the last that were let go.
const maxUnderWay = 10

// toldOfEnd reports whether the record of an environment tells how a deployment has
// ended, or will once what was told of it has been looked at.
func toldOfEnd(env env.State, s gate.Subject) bool {
	told := slices.ContainsFunc(env.Waiting, func(n gate.Noted) bool {
		return n.Event == "deployment_status" && slices.Contains(endStates, n.Action) && n.Made == "" &&
			n.Subject.Run == s.Run && (s.DeploymentID == 0 || n.Subject.DeploymentID == s.DeploymentID)
	})
	return told || env.HasEnded(departureOf(s))
}

func departureOf(s gate.Subject) gate.Departure {
	return gate.Departure{Gate: s.Stream(), Run: s.Run, DeploymentID: s.DeploymentID}
}

// endOf is how a deployment has ended, as GitHub said of it. Where it does not tell,
// what was let go is over with the attempt that made it, and whether it succeeded is
// known where the whole run did.
func (u *Deploys) endOf(
	ctx context.Context, env env.State, s gate.State, run change.Run,
) (a gate.Arrival, ended bool, err error) {
	on := environmentOf(s.Subject)
	on.Run, on.DeploymentID = s.Subject.Run, s.Subject.DeploymentID
	var job change.Job
	if on.DeploymentID != 0 {
		if job, err = u.Jobs.Deployed(ctx, on.Repo, on.DeploymentID); err != nil {
			return a, false, engine.Outside(err)
		}
	}
	again := run.Attempt > attemptOf(s)
	switch {
	case job.Over():
	case (run.Over() || again) && env.HasDeparted(s.Subject.Stream()):
		job = change.Job{Conclusion: run.Conclusion, EndedAt: run.UpdatedAt, By: run.Triggered}
		if again { // and that is another attempt's
			job = change.Job{Conclusion: "unknown"}
		}
	default:
		return a, false, nil
	}
	by := gate.Actor{Login: job.By.Login, ID: job.By.ID, Type: string(job.By.Type)}
	a, err = u.arrival(ctx, gate.Noted{Seen: gate.Seen{Subject: on, Head: s.Head(), Sender: by}})
	a.Failed, a.At, a.Found = job.Conclusion != "success", job.EndedAt, true
	if a.At.IsZero() {
		a.At = u.Book.Now()
	}
	return a, err == nil, err
}

// withUnheard is the record of an environment with the ends of a commit's deployments
// there that no event has told, among the last that GitHub lists. They are not put on
// record: nothing there is held.
func (u *Deploys) withUnheard(
	ctx context.Context, repo gate.Repo, env env.State, environment, sha string,
) (env.State, error) {
	records, err := u.GitHub.Deployments(ctx, repo, environment, bootstrapDeployments)
	if err != nil {
		return env, err
	}
	var found []gate.Arrival
	for _, r := range records {
		heard := slices.ContainsFunc(env.Arrivals, func(a gate.Arrival) bool { return a.DeploymentID == r.ID })
		if r.SHA != sha || !r.Actions || heard {
			continue
		}
		job, err := u.Jobs.Deployed(ctx, repo, r.ID)
		if err != nil {
			return env, err
		}
		if job.Over() {
			found = append(found, gate.Arrival{DeploymentID: r.ID, SHA: sha, At: job.EndedAt, Failed: job.Conclusion != "success", Found: true})
		}
	}
	return env.After(gate.Entry{Version: env.Version, Event: gate.Landed{Covers: env.Covered, Arrivals: found}}), nil
}
