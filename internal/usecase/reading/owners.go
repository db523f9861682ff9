package reading

import (
	"context"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/judge"
	"github.com/gatehold/gatehold/internal/policy"
)

// Owners is where CODEOWNERS is read.
type Owners interface {
	// Owners reads the first file of places that a commit has. A file that may
	// not be used is Refused; an error is something to try again.
	Owners(ctx context.Context, repo gate.Repo, commit string, places []string) (change.RulesFile, error)
}

// ReadOwners reads who owns the code, at the tip of the base branch and never in
// the head, where the rules in force ask for it. The rules that a change
// proposes are only compared: their owners are read as well, so that what they
// would come to is told.
func (u *Reader) ReadOwners(ctx context.Context, repo gate.Repo, facts *change.Facts, rules *policy.Rules) error {
	c := &facts.Change
	asked := judge.UsesOwners(rules)
	if !asked {
		_, proposed := judge.Propose(rules, c)
		asked = proposed != nil && judge.UsesOwners(proposed)
	}
	if !asked {
		return nil
	}
	return u.OwnersAt(ctx, repo, facts.Tip, c)
}

// OwnersAt reads who owns the code at the tip of a branch.
func (u *Reader) OwnersAt(ctx context.Context, repo gate.Repo, tip string, c *change.Change) error {
	if tip == "" {
		c.Owners = change.RulesFile{Reason: "the branch that has it does not exist any more"}
		return nil
	}
	file, err := u.Owners.Owners(ctx, repo, tip, judge.OwnersPlaces())
	if err != nil {
		return err
	}
	c.Owners = file
	return nil
}
