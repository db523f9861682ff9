package repos

import (
	"context"
	"slices"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/usecase/book"
)

// Waiting tells which deployments wait.
type Waiting interface {
	// OpenDeployments lists the deployments that wait for us, as far as GitHub
	// tells, as if it had just asked.
	OpenDeployments(ctx context.Context, repo gate.Repo) ([]gate.Look, error)
}

// censusOfDeployments finds deployments that wait for us and of which no event
// told, or that wait although they were answered.
func (u *Repos) censusOfDeployments(ctx context.Context, repo gate.Repo) error {
	waiting, err := u.Waiting.OpenDeployments(ctx, repo)
	for _, seen := range waiting {
		f, lerr := u.Book.Gates.Load(ctx, seen.Subject.Stream())
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
			known, kerr := u.knownOtherwise(ctx, seen.Subject)
			if kerr != nil {
				return kerr
			}
			if known {
				continue
			}
		}
		if ferr := u.found(ctx, f, seen); ferr != nil {
			return ferr
		}
	}
	return err
}

// knownOtherwise reports whether a gate holds the same deployment under
// GitHub's id of it, which the list did not tell.
func (u *Repos) knownOtherwise(ctx context.Context, s gate.Subject) (bool, error) {
	if s.DeploymentID != 0 {
		return false, nil
	}
	open, err := u.Book.DeploymentsOf(ctx, s)
	return slices.ContainsFunc(open, func(f book.Gate) bool {
		return gate.SameEnvironment(f.State.Subject.Environment, s.Environment)
	}), err
}
