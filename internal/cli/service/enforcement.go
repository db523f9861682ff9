package service

import (
	"context"
	"fmt"
	"slices"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub"
	"github.com/gatehold/gatehold/internal/rulesets"
	"github.com/gatehold/gatehold/internal/usecase/outgoing"
)

// Bounds of one look at what enforces the gates of a repository.
const (
	maxBranches     = 10
	maxEnvironments = outgoing.MaxEnvironments
	maxRulesetsRead = 10 // of one branch, to see who can bypass them
	maxBypassListed = 20
)

// Guard reads what makes GitHub wait for gatehold, with the App's own rights.
// It is the port of the use cases, and the doctor's.
type Guard struct {
	Hub *hub.Hub
	App int64
}

// Enforcement looks at a repository's default branch, at the branches that are
// named (ten in all) and at its environments (twenty), each by the check of its
// lane. What cannot be told for a lasting reason, a permission say, is said as
// unknown. An error means that it should be asked again.
func (g Guard) Enforcement(ctx context.Context, repo gate.Repo, lanes *gate.Lanes, branches []string) ([]gate.Enforcement, error) {
	if lanes == nil {
		branch, err := g.Hub.DefaultBranch(ctx, repo)
		if err != nil {
			return nil, err
		}
		lanes = &gate.Lanes{Default: branch}
	}
	first := lanes.Default
	var out []gate.Enforcement
	var asked []string
	for _, branch := range append([]string{first}, branches...) {
		if branch == "" || slices.Contains(asked, branch) || len(asked) == maxBranches {
			continue
		}
		asked = append(asked, branch)
		e, on, err := g.Branch(ctx, repo, branch, lanes)
		if err != nil && passing(err) {
			return nil, err
		}
		if err != nil {
			e = gate.Enforcement{Branch: branch, Lane: lanes.Of(branch), Unknown: gate.AsError(err).Text}
		}
		for _, source := range on.unseen {
			e.Bypass = append(e.Bypass,
				fmt.Sprintf("GitHub does not show the App who can bypass the ruleset of %s; gatehold require --check does.", source))
		}
		out = append(out, e)
	}
	environments, _, err := g.Environments(ctx, repo)
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
	Says   string
	unseen []string // rulesets that do not show the App who can bypass them
}

// Branch says whether all that reaches a branch waits for the check of its lane,
// by the rules of all rulesets, and where those do not see to it, by classic
// branch protection. A branch of no lane is one where something guards it: then
// by the check that it would have.
func (g Guard) Branch(ctx context.Context, repo gate.Repo, branch string, lanes *gate.Lanes) (e gate.Enforcement, on standing, err error) {
	e.Branch, e.Lane = branch, lanes.Of(branch)
	lane := e.Lane
	if lane == gate.NoLane {
		lane = gate.Lane(branch)
	}
	rules, err := g.Hub.BranchRules(ctx, repo, branch)
	if err != nil {
		return e, on, err
	}
	found := rulesets.Read(rules, lane, lanes.Wide(lane))
	var bypass []rulesets.Bypass
	classic := false
	if found.Standing(g.App) != rulesets.Pinned {
		if bypass, classic, err = g.classic(ctx, repo, branch, &found); err != nil {
			return e, on, err
		}
	}
	on.Standing, on.Says = found.Standing(g.App), found.Sentence(g.App)
	e.Guarded = found.Guarded
	if e.Lane == gate.NoLane && !e.Guarded {
		e.Missing = []string{"It is no protected branch, and nothing requires what is said of changes into it."}
		return e, on, nil
	}
	e.Lane = lane
	switch on.Standing {
	case rulesets.Pinned:
	case rulesets.Pushable, rulesets.Creatable:
		if classic { // administrators see it, and the App does not
			e.Unknown = "GitHub does not tell the App whether classic branch protection demands pull requests; " +
				rulesets.Command(lane) + " makes a ruleset that does."
			return e, on, nil
		}
		fallthrough
	default:
		e.Missing = []string{on.Says}
		return e, on, nil
	}
	list, unseen, own, err := g.bypasses(ctx, repo, found)
	bypass = append(bypass, list...)
	e.Bypass, on.unseen = append(sentences(bypass), own...), unseen
	if machines := rulesets.Machines(bypass); machines != "" && err == nil {
		e.Missing, on.Standing, on.Says = []string{machines}, rulesets.Bypassed, machines
		return e, on, nil
	}
	e.Enforced = true
	return e, on, err
}

func (g Guard) classic(ctx context.Context, repo gate.Repo, branch string, to *rulesets.Demands) (bypass []rulesets.Bypass,
	unseen bool, err error) {
	text, err := g.Hub.Branch(ctx, repo, branch)
	switch {
	case gate.AsError(err).Code == "not_found": // a branch that is not there yet: rulesets tell what it would have
		return nil, false, nil
	case err != nil:
		return nil, false, err
	}
	return to.OfBranch(text, repo.FullName())
}

// bypasses says who can go past the rulesets that pin the check or demand pull
// requests, as far as GitHub shows that to the App; unseen are those that do not
// show it, own says where the App itself can.
func (g Guard) bypasses(ctx context.Context, repo gate.Repo, found rulesets.Demands) (out []rulesets.Bypass, unseen,
	ours []string, err error) {
	sets := found.Rulesets(g.App)
	for _, r := range sets[:min(len(sets), maxRulesetsRead)] {
		text, err := g.Hub.Ruleset(ctx, repo, r.Ruleset)
		if err != nil && passing(err) {
			return nil, nil, nil, err
		}
		var list []rulesets.Bypass
		shown, own := false, ""
		if err == nil {
			if list, shown, own, err = rulesets.Bypasses(text, r); err != nil {
				return nil, nil, nil, err
			}
		}
		out = append(out, list...)
		if !shown {
			unseen = append(unseen, r.Source)
		}
		if own != "" && own != "never" {
			ours = append(ours, fmt.Sprintf("gatehold itself can bypass the ruleset of %s (%s): take it from the list.", r.Source, own))
		}
	}
	return out, unseen, ours, nil
}

func sentences(list []rulesets.Bypass) (out []string) {
	for _, b := range list[:min(len(list), maxBypassListed)] {
		out = append(out, b.Sentence())
	}
	return out
}

// Environments says which environments ask gatehold before a deployment, and
// how many there are.
func (g Guard) Environments(ctx context.Context, repo gate.Repo) (out []gate.Enforcement, total int, err error) {
	found, total, err := g.Hub.Environments(ctx, repo, maxEnvironments)
	for _, on := range found {
		e := gate.Enforcement{Environment: on.Name, Enforced: on.Protected}
		switch {
		case !on.Protected:
			e.Missing = []string{fmt.Sprintf("It does not ask gatehold before deployments. Run gatehold require "+
				"--environment '%s:%s'.", repo.FullName(), on.Name)}
		case on.Bypass == nil:
			e.Bypass = []string{"GitHub does not tell whether administrators can let deployments go on without it."}
		case *on.Bypass:
			e.Bypass = []string{"Administrators of the repository can let deployments go on without it: take that from them " +
				"in the environment's settings."}
		}
		out = append(out, e)
	}
	return out, total, err
}
