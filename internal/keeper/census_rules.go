package keeper

import (
	"context"
	"fmt"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
)

// InForce tells which rules are in force, for the comparison with GitHub.
type InForce interface {
	// Tip is the commit at which a branch is; of the default branch where none
	// is named.
	Tip(ctx context.Context, repo gate.Repo, branch string) (string, error)
	// RulesOn reads the rules on a branch, and nothing else of the facts.
	RulesOn(ctx context.Context, repo gate.Repo, branch string) (change.Facts, error)
}

// censusOfRules finds open pull requests that were judged by other rules than are
// in force, whatever was told of those, and however they were read. Where no
// branch has moved since they were judged nothing is read.
func (k *Keeper) censusOfRules(ctx context.Context, repo gate.Repo) error {
	if k.InForce == nil {
		return nil
	}
	org, err := k.orgTip(ctx, repo)
	if err != nil {
		return err
	}
	tips, inForce := map[string]string{}, map[string]gate.RulesRef{}
	open, err := k.openGates(ctx, repo.ID, gate.PullRequest)
	if err != nil {
		return err
	}
	for _, f := range open {
		s := f.gate
		if s.Verdict == nil || s.Wanted > s.Covered {
			continue
		}
		branch := s.RulesAt.Ref
		if branch == "" {
			branch = s.BaseRef
		}
		tip, known := tips[branch]
		if !known {
			if tip, err = k.tipOf(ctx, repo, branch); err != nil {
				return err
			}
			tips[branch] = tip
		}
		if tip == "" || s.RulesAt.Tip == tip && s.RulesAt.OrgTip == org {
			continue
		}
		rules, known := inForce[branch]
		if !known {
			if rules, err = k.rulesOn(ctx, repo, branch, tip, org); err != nil {
				return err
			}
			inForce[branch] = rules
		}
		if rules.Same(s.Verdict.Rules) {
			continue
		}
		if err := k.found(ctx, f, gate.Look{Subject: s.Subject, Why: gate.Reconciled}); err != nil {
			return err
		}
	}
	return nil
}

// tipOf is where a branch is, empty where it is gone.
func (k *Keeper) tipOf(ctx context.Context, repo gate.Repo, branch string) (string, error) {
	tip, err := k.InForce.Tip(ctx, repo, branch)
	if err != nil && gate.AsError(err).Code == "not_found" {
		return "", nil
	}
	return tip, err
}

// rulesOn are the rules on a branch that is at a commit.
func (k *Keeper) rulesOn(ctx context.Context, repo gate.Repo, branch, tip, org string) (gate.RulesRef, error) {
	key := fmt.Sprintf("%d/%s/%s/%s", repo.ID, branch, tip, org)
	if rules, known := k.inForce.Get(key); known {
		return rules, nil
	}
	facts, err := k.InForce.RulesOn(ctx, repo, branch)
	if err != nil {
		return gate.RulesRef{}, err
	}
	rules, err := k.rulesOf(facts.Org, facts.Repo)
	if err != nil {
		return gate.RulesRef{}, err
	}
	if facts.Tip == tip { // else it was read at another commit than the key says
		k.inForce.Add(key, rules.Ref())
	}
	return rules.Ref(), nil
}

// orgTip is where the rules of a repository's owner are, empty where the App sees
// none.
func (k *Keeper) orgTip(ctx context.Context, repo gate.Repo) (string, error) {
	for _, r := range k.compared.repositories() {
		if strings.EqualFold(r.Owner, repo.Owner) && strings.EqualFold(r.Name, ".github") {
			return k.tipOf(ctx, r, "") // none: nothing was committed yet
		}
	}
	return "", nil
}
