package keeper

import (
	"context"
	"slices"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/usecase/book"
)

// inventoryOfDeployments finds deployments that wait for us and of which no event
// told, or that wait although they were answered.
func (k *Keeper) inventoryOfDeployments(ctx context.Context, repo gate.Repo) error {
	if k.Deploys == nil {
		return nil
	}
	waiting, err := k.Deploys.OpenDeployments(ctx, repo)
	for _, seen := range waiting {
		f, lerr := k.Book.Gates.Load(ctx, seen.Subject.Stream())
		if gate.Unknown(lerr) != nil {
			continue
		}
		if lerr != nil {
			return lerr
		}
		s := f.State
		if s.Wanted > s.Covered || s.Wanted > 0 && s.Answered() == "" && !s.Done {
			continue // it is known, and worked on
		}
		if f.Head.Version == 0 {
			known, kerr := k.knownOtherwise(ctx, seen.Subject)
			if kerr != nil {
				return kerr
			}
			if known {
				continue
			}
		}
		if ferr := k.found(ctx, f, seen); ferr != nil {
			return ferr
		}
	}
	return err
}

// knownOtherwise reports whether a gate holds the same deployment under
// GitHub's id of it, which the list did not tell.
func (k *Keeper) knownOtherwise(ctx context.Context, s gate.Subject) (bool, error) {
	if s.DeploymentID != 0 {
		return false, nil
	}
	open, err := k.Book.DeploymentsOf(ctx, s)
	return slices.ContainsFunc(open, func(f book.Gate) bool {
		return gate.SameEnvironment(f.State.Subject.Environment, s.Environment)
	}), err
}
