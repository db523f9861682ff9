package keeper

import (
	"context"
	"strings"

	"github.com/gatehold/gatehold/internal/gate"
)

// censusOfDeployments finds deployments that wait for us and of which no event
// told, or that wait although they were answered.
func (k *Keeper) censusOfDeployments(ctx context.Context, repo gate.Repo) error {
	if k.Deploys == nil {
		return nil
	}
	waiting, err := k.Deploys.OpenDeployments(ctx, repo)
	for _, seen := range waiting {
		f, lerr := k.load(ctx, seen.Subject.Stream())
		if lerr != nil {
			return lerr
		}
		s := f.gate
		if s.Wanted > s.Covered || s.Wanted > 0 && s.Answered() == "" && !s.Done {
			continue // it is known, and worked on
		}
		if f.head.Version == 0 && k.knownOtherwise(seen.Subject) {
			continue
		}
		if ferr := k.found(ctx, f, seen); ferr != nil {
			return ferr
		}
	}
	return err
}

// knownOtherwise reports whether a gate holds the same deployment under
// GitHub's id of it, which the list did not tell.
func (k *Keeper) knownOtherwise(s gate.Subject) bool {
	if s.DeploymentID != 0 {
		return false
	}
	for _, g := range k.view.openIn(s.Repo.ID) {
		if g.Subject.Kind == gate.Deployment && g.Subject.Run == s.Run && strings.EqualFold(g.Subject.Environment, s.Environment) {
			return true
		}
	}
	return false
}
