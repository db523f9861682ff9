package cli

import (
	"context"
	"fmt"
	"slices"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub"
	"github.com/gatehold/gatehold/internal/keeper"
	"github.com/gatehold/gatehold/internal/rulesets"
)

// Bounds of one look at what enforces the gates of a repository.
const (
	maxBranches     = 10
	maxEnvironments = keeper.MaxEnvironments
	maxRulesetsRead = 10 // of one branch, to see who can bypass them
	maxBypassListed = 20
)

// guard reads what makes GitHub wait for gatehold, with the App's own rights.
// It is the keeper's port, and the doctor's.
type guard struct {
	hub *hub.Hub
	app int64
}

// Enforcement looks at a repository's default branch, at the branches that are
// named (ten in all) and at its environments (twenty). What cannot be told for
// a lasting reason, a permission say, is said as unknown. An error means that
// it should be asked again.
func (g guard) Enforcement(ctx context.Context, repo gate.Repo, branches []string) ([]gate.Enforcement, error) {
	first, err := g.hub.DefaultBranch(ctx, repo)
	if err != nil {
		return nil, err
	}
	var out []gate.Enforcement
	var asked []string
	for _, branch := range append([]string{first}, branches...) {
		if branch == "" || slices.Contains(asked, branch) || len(asked) == maxBranches {
			continue
		}
		asked = append(asked, branch)
		e, on, err := g.branch(ctx, repo, branch)
		if err != nil && passing(err) {
			return nil, err
		}
		if err != nil {
			e = gate.Enforcement{Branch: branch, Unknown: gate.AsError(err).Text}
		}
		for _, source := range on.unseen {
			e.Bypass = append(e.Bypass, fmt.Sprintf("GitHub does not show the App who can bypass the ruleset of %s; gatehold require --check does.", source))
		}
		out = append(out, e)
	}
	environments, _, err := g.environments(ctx, repo)
	if err != nil && passing(err) {
		return nil, err
	}
	return append(out, environments...), nil // an environment that cannot be read is left out: it is not known to be one
}

// passing reports whether the same question can be answered later.
func passing(err error) bool {
	switch gate.AsError(err).Code {
	case "github_unavailable", "rate_limited", "timeout", "internal":
		return true
	}
	return false
}

// standing is how a branch stands, with a sentence about it.
type standing struct {
	rulesets.Standing
	says   string
	unseen []string // rulesets that do not show the App who can bypass them
}

// branch says whether a merge into a branch waits for the check, by the rules of
// all rulesets, and where those do not ask for it, by classic branch protection.
func (g guard) branch(ctx context.Context, repo gate.Repo, branch string) (e gate.Enforcement, on standing, err error) {
	e.Branch = branch
	rules, err := g.hub.BranchRules(ctx, repo, branch)
	if err != nil {
		return e, on, err
	}
	found := rulesets.Required(rules)
	if rulesets.Judge(found, g.app) != rulesets.Pinned {
		classic, bypass, err := g.classic(ctx, repo, branch)
		if err != nil {
			return e, on, err
		}
		found = append(found, classic...)
		e.Bypass = sentences(bypass)
	}
	on.Standing = rulesets.Judge(found, g.app)
	on.says = on.Sentence(found, g.app)
	if on.Standing != rulesets.Pinned {
		e.Missing, e.Bypass = []string{on.says}, nil
		return e, on, nil
	}
	e.Enforced = true
	more, unseen, err := g.bypasses(ctx, repo, found)
	e.Bypass, on.unseen = append(e.Bypass, more...), unseen
	return e, on, err
}

func (g guard) classic(ctx context.Context, repo gate.Repo, branch string) ([]rulesets.Requirement, []rulesets.Bypass, error) {
	text, err := g.hub.Branch(ctx, repo, branch)
	switch {
	case gate.AsError(err).Code == "not_found": // a branch that is not there yet: rulesets tell what it would have
		return nil, nil, nil
	case err != nil:
		return nil, nil, err
	}
	return rulesets.OfBranch(text, repo.FullName())
}

// bypasses says who can go past the rulesets that pin the check, as far as
// GitHub shows that to the App.
func (g guard) bypasses(ctx context.Context, repo gate.Repo, found []rulesets.Requirement) (out, unseen []string, err error) {
	var read []int64
	for _, r := range found {
		if r.App != g.app || r.Ruleset == 0 || slices.Contains(read, r.Ruleset) || len(read) == maxRulesetsRead {
			continue
		}
		read = append(read, r.Ruleset)
		text, err := g.hub.Ruleset(ctx, repo, r.Ruleset)
		if err != nil && passing(err) {
			return nil, nil, err
		}
		var list []rulesets.Bypass
		shown, own := false, ""
		if err == nil {
			if list, shown, own, err = rulesets.Bypasses(text, r); err != nil {
				return nil, nil, err
			}
		}
		out = append(out, sentences(list)...)
		if !shown {
			unseen = append(unseen, r.Source)
		}
		if own != "" && own != "never" {
			out = append(out, fmt.Sprintf("gatehold itself can bypass the ruleset of %s (%s): take it from the list.", r.Source, own))
		}
	}
	return out, unseen, nil
}

func sentences(list []rulesets.Bypass) (out []string) {
	for _, b := range list[:min(len(list), maxBypassListed)] {
		out = append(out, b.Sentence())
	}
	return out
}

// environments says which environments ask gatehold before a deployment, and
// how many there are.
func (g guard) environments(ctx context.Context, repo gate.Repo) (out []gate.Enforcement, total int, err error) {
	found, total, err := g.hub.Environments(ctx, repo, maxEnvironments)
	for _, on := range found {
		e := gate.Enforcement{Environment: on.Name, Enforced: on.Protected}
		switch {
		case !on.Protected:
			e.Missing = []string{fmt.Sprintf("It does not ask gatehold before deployments. Run gatehold require --environment '%s:%s'.", repo.FullName(), on.Name)}
		case on.Bypass == nil:
			e.Bypass = []string{"GitHub does not tell whether administrators can let deployments go on without it."}
		case *on.Bypass:
			e.Bypass = []string{"Administrators of the repository can let deployments go on without it: take that from them in the environment's settings."}
		}
		out = append(out, e)
	}
	return out, total, err
}
