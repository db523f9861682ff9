package deploys

import (
	"context"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/policy"
)

// Branches tells which commits a branch has.
type Branches interface {
	HasCommit(ctx context.Context, repo gate.Repo, branch, sha string) (bool, error)
	// Follows reports whether a commit came after another one.
	Follows(ctx context.Context, repo gate.Repo, earlier, later string) (bool, error)
}

// branchOf is the branch of a run, empty where the rules ask for certain ones
// and the run's commit is not on the one that it names: GitHub names a tag in
// the same way, and whoever may push can call a tag "main".
func (u *Deploys) branchOf(ctx context.Context, repo gate.Repo, e policy.EnvironmentRules, run change.Run, head string) (string, error) {
	if len(e.FromBranches) == 0 || run.Branch == "" || run.Fork {
		return run.Branch, nil
	}
	has, err := u.Branches.HasCommit(ctx, repo, run.Branch, head)
	if err != nil || !has {
		return "", err
	}
	return run.Branch, nil
}
