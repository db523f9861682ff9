package keeper

import (
	"context"
	"errors"
	"slices"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/ledger"
)

// asks puts on the record of an environment that GitHub asked about a deployment
// to it: the other jobs of the run are found there, and those that went by.
func (k *Keeper) asks(ctx context.Context, s gate.Subject) error {
	env, err := k.environment(ctx, s.Repo, s.Environment)
	if err != nil {
		return err
	}
	stream := s.Stream()
	if slices.ContainsFunc(env.Asked, func(o gate.Subject) bool { return o.Stream() == stream }) {
		return nil
	}
	return k.once(ctx, environmentOf(s).Stream(), "asked@"+stream, gate.Asked{Gate: s})
}

// environmentOf is the environment of a deployment.
func environmentOf(s gate.Subject) gate.Subject {
	return gate.Subject{Kind: gate.Environment, Repo: s.Repo, Environment: s.Environment}
}

// depart puts on the record of the environment that a deployment is let go, if
// there is room for one more. The room is counted on the version that it is
// written on: where another replica was faster, it is counted again.
func (k *Keeper) depart(ctx context.Context, s gate.State) (room bool, err error) {
	stream := environmentOf(s.Subject).Stream()
	leaving := gate.Departure{
		Gate: s.Subject.Stream(), Run: s.Subject.Run, Attempt: s.Verdict.Deploy.Attempt,
		DeploymentID: s.Subject.DeploymentID, SHA: s.Verdict.Head,
	}
	most := s.Verdict.Deploy.Concurrent
	for try := 0; ; try++ {
		f, err := k.load(ctx, stream)
		switch {
		case err != nil:
			return false, err
		case f.env.HasDeparted(leaving.Gate):
			return true, nil
		case most != 0 && s.Overridden() == nil && f.env.UnderWay(leaving.Run) >= most:
			return false, nil
		}
		_, err = k.append(ctx, f, draft{event: gate.Departed{Departure: leaving}})
		if !errors.Is(err, ledger.ErrMoved) || try == maxMoves {
			return err == nil, err
		}
	}
}

// giveBack makes room where a deployment is not let go after all, or has ended.
func (k *Keeper) giveBack(ctx context.Context, s gate.State) error {
	env, err := k.environment(ctx, s.Subject.Repo, s.Subject.Environment)
	if err != nil || !env.HasDeparted(s.Subject.Stream()) {
		return err
	}
	_, err = k.record(ctx, environmentOf(s.Subject).Stream(), draft{event: gate.Freed{Gate: s.Subject.Stream()}})
	return err
}
