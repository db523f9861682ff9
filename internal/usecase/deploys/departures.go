package deploys

import (
	"context"
	"errors"
	"slices"

	"github.com/gatehold/gatehold/internal/engine"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/ledger"
)

// asks puts on the record of an environment that GitHub asked about a deployment
// to it: the other jobs of the run are found there, and those that went by.
func (u *Deploys) asks(ctx context.Context, s gate.Subject) error {
	env, err := u.Book.EnvironmentOf(ctx, s.Repo, s.Environment)
	if err != nil {
		return err
	}
	stream := s.Stream()
	if slices.ContainsFunc(env.Asked, func(o gate.Subject) bool { return o.Stream() == stream }) {
		return nil
	}
	return u.Book.Environments.Once(ctx, environmentOf(s).Stream(), "asked@"+stream, gate.Asked{Gate: s})
}

// environmentOf is the environment of a deployment.
func environmentOf(s gate.Subject) gate.Subject {
	return gate.Subject{Kind: gate.Environment, Repo: s.Repo, Environment: s.Environment}
}

// depart puts on the record of the environment that a deployment is let go, if
// there is room for one more, and it was judged from all that is under way. That is
// so on the version that it is written on: where another replica was faster, it is
// looked at again. One that has
// departed is written down once more: whoever is about to give its room back sees it.
func (u *Deploys) depart(ctx context.Context, s gate.State) (room bool, err error) {
	stream, leaving := environmentOf(s.Subject).Stream(), departure(s)
	most := s.Verdict.Deploy.Concurrent
	for try := 0; ; try++ {
		f, err := u.Book.Environments.Load(ctx, stream)
		switch {
		case err != nil:
			return false, err
		case f.State.HasDeparted(leaving.Gate):
		case s.Overridden() != nil:
		case most != 0 && f.State.UnderWay(leaving.Run) >= most, goesOverOthers(s, f.State):
			return false, nil
		}
		_, err = u.Book.Environments.Append(ctx, f, engine.Draft{Event: gate.Departed{Departure: leaving}})
		if !errors.Is(err, ledger.ErrMoved) || try == engine.MaxMoves {
			return err == nil, err
		}
	}
}

func departure(s gate.State) gate.Departure {
	return gate.Departure{
		Gate: s.Subject.Stream(), Run: s.Subject.Run, Attempt: s.Verdict.Deploy.Attempt,
		DeploymentID: s.Subject.DeploymentID, SHA: s.Verdict.Head,
	}
}

// hasLeft puts on record that GitHub has let a deployment go, room or not, unless
// it has ended since: by an answer that was lost, or that was another job's.
func (u *Deploys) hasLeft(ctx context.Context, s gate.State) error {
	stream, left := environmentOf(s.Subject).Stream(), departure(s)
	for try := 0; ; try++ {
		f, err := u.Book.Environments.Load(ctx, stream)
		if err != nil || f.State.HasDeparted(left.Gate) || f.State.HasEnded(left) {
			return err
		}
		_, err = u.Book.Environments.Append(ctx, f, engine.Draft{Event: gate.Departed{Departure: left}})
		if !errors.Is(err, ledger.ErrMoved) || try == engine.MaxMoves {
			return err
		}
	}
}

// giveBack makes room where a deployment is not let go after all. That is decided
// by its gate as it is once the departure was read, and written on the version
// that was read: another replica may be letting it go.
func (u *Deploys) giveBack(ctx context.Context, s gate.Subject) error {
	return u.free(ctx, s, func(g gate.State) bool { return !g.Released(u.Book.Now()) && !g.MayHaveLeft() })
}

// free makes room where the gate of a deployment says that there is.
func (u *Deploys) free(ctx context.Context, s gate.Subject, may func(gate.State) bool) error {
	for try := 0; ; try++ {
		f, err := u.Book.Environments.Load(ctx, environmentOf(s).Stream())
		if err != nil || !f.State.HasDeparted(s.Stream()) {
			return err
		}
		g, err := u.Book.Gates.Load(ctx, s.Stream())
		if err != nil || !may(g.State) {
			return err
		}
		_, err = u.Book.Environments.Append(ctx, f, engine.Draft{Event: gate.Freed{Gate: s.Stream()}})
		if !errors.Is(err, ledger.ErrMoved) || try == engine.MaxMoves {
			return err
		}
	}
}
