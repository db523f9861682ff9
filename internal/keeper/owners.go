package keeper

import (
	"context"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/judge"
	"github.com/gatehold/gatehold/internal/policy"
)

// Owners is where the keeper reads CODEOWNERS.
type Owners interface {
	// Owners reads the first file of places that a commit has. A file that may
	// not be used is Refused; an error is something to try again.
	Owners(ctx context.Context, repo gate.Repo, commit string, places []string) (change.RulesFile, error)
}

// owners reads who owns the code, at the tip of the base branch and never in
// the head, where the rules in force ask for it. The rules that a change
// proposes are only compared: their owners are read as well, so that what they
// would come to is told.
func (k *Keeper) owners(ctx context.Context, repo gate.Repo, facts *change.Facts, rules *policy.Rules) error {
	c := &facts.Change
	asked := judge.UsesOwners(rules)
	if !asked {
		_, proposed := judge.Propose(rules, c)
		asked = proposed != nil && judge.UsesOwners(proposed)
	}
	if !asked {
		return nil
	}
	return k.ownersAt(ctx, repo, facts.Tip, c)
}

// ownersAt reads who owns the code at the tip of a branch.
func (k *Keeper) ownersAt(ctx context.Context, repo gate.Repo, tip string, c *change.Change) error {
	switch {
	case k.Owners == nil:
		return nil // not known, which holds
	case tip == "":
		c.Owners = change.RulesFile{Reason: "the branch that has it does not exist any more"}
		return nil
	}
	file, err := k.Owners.Owners(ctx, repo, tip, judge.OwnersPlaces())
	if err != nil {
		return err
	}
	c.Owners = file
	return nil
}
