package repos

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/judge"
	"github.com/gatehold/gatehold/internal/policy"
	"github.com/gatehold/gatehold/internal/usecase/book"
)

// Owners is where CODEOWNERS is read.
type Owners interface {
	// Owners reads the first file of places that a commit has. A file that may
	// not be used is Refused; an error is something to try again.
	Owners(ctx context.Context, repo gate.Repo, commit string, places []string) (change.RulesFile, error)
}

// InForce tells which rules are in force, for the comparison with GitHub.
type InForce interface {
	// Tip is the commit at which a branch is; of the default branch where none
	// is named.
	Tip(ctx context.Context, repo gate.Repo, branch string) (string, error)
	// RulesOn reads the rules on a branch, and nothing else of the facts.
	RulesOn(ctx context.Context, repo gate.Repo, branch string) (change.Facts, error)
}

// censusOfRules finds open gates that were judged by other rules than are in force,
// or by other owners of code, whatever was told of those, and however they were
// read. Where no branch has moved since they were judged nothing is read.
func (u *Repos) censusOfRules(ctx context.Context, repo gate.Repo) error {
	org, err := u.orgTip(ctx, repo)
	if err != nil {
		return err
	}
	known, err := u.Book.RepositoryOf(ctx, repo)
	if err != nil {
		return err
	}
	census := rulesCensus{
		repo: repo, org: org, lanes: known.State.Lanes,
		tips: map[string]string{}, rules: map[string]*policy.Rules{},
	}
	open, err := u.Book.OpenGates(ctx, repo.ID, gate.PullRequest, gate.Deployment, gate.WorkflowRun)
	if err != nil {
		return err
	}
	for _, f := range open {
		if err := u.censusOfGate(ctx, &census, f); err != nil {
			return err
		}
	}
	return nil
}

// rulesCensus is what a census has read: a branch is looked at once for all the
// gates that its rules judge.
type rulesCensus struct {
	repo  gate.Repo
	org   string // the tip of the organisation's rules
	lanes *gate.Lanes
	tips  map[string]string        // by branch; empty where it is gone
	rules map[string]*policy.Rules // in force at the tip, by branch
}

// censusOfGate has a gate looked at that was judged by other rules.
func (u *Repos) censusOfGate(ctx context.Context, c *rulesCensus, f book.Gate) error {
	s := f.State
	branch := ruledBy(s, c.lanes)
	glances := s.Glance && s.Subject.Kind != gate.PullRequest // which reads no rules
	if s.Verdict == nil || s.Wanted > s.Covered && !glances || s.Answered() != "" || branch == "" {
		return nil
	}
	tip, err := u.tipIn(ctx, c, branch)
	if err != nil {
		return err
	}
	if tip == "" || s.RulesAt.Tip == tip && s.RulesAt.OrgTip == c.org {
		return nil
	}
	rules, err := u.rulesAtTip(ctx, c, branch)
	if err != nil {
		return err
	}
	same, err := u.inForceFor(ctx, s, rules, tip)
	switch {
	case err != nil || same:
		return err
	case s.Subject.Kind == gate.PullRequest:
		return u.found(ctx, f, gate.Look{Subject: s.Subject, Why: gate.Reconciled})
	}
	// More than the glance at its run that may be under way.
	look := gate.Look{Subject: s.Subject, Why: gate.RulesChanged}
	return u.Book.Gates.Once(ctx, f.Name, fmt.Sprintf("rules@%s@%s@%d", tip, c.org, s.Covered), look)
}

// tipIn is where a branch is, read once in a census.
func (u *Repos) tipIn(ctx context.Context, c *rulesCensus, branch string) (string, error) {
	if tip, known := c.tips[branch]; known {
		return tip, nil
	}
	tip, err := u.tipOf(ctx, c.repo, branch)
	if err != nil {
		return "", err
	}
	c.tips[branch] = tip
	return tip, nil
}

// rulesAtTip are the rules on a branch whose tip is known, read once in a census.
func (u *Repos) rulesAtTip(ctx context.Context, c *rulesCensus, branch string) (*policy.Rules, error) {
	if rules, known := c.rules[branch]; known {
		return rules, nil
	}
	rules, err := u.rulesOn(ctx, c.repo, branch, c.tips[branch], c.org)
	if err != nil {
		return nil, err
	}
	c.rules[branch] = rules
	return rules, nil
}

// ruledBy is the branch by whose rules a gate was judged: of a deployment or a run
// it is the default one. Empty where it is not known.
func ruledBy(s gate.State, lanes *gate.Lanes) string {
	switch {
	case s.RulesAt.Ref != "":
		return s.RulesAt.Ref
	case s.Subject.Kind == gate.PullRequest:
		return s.BaseRef
	case lanes != nil:
		return lanes.Default
	}
	return ""
}

// inForceFor reports whether a gate was judged by the rules that are in force at
// the tip of their branch, and by the owners of code where they ask for those.
func (u *Repos) inForceFor(ctx context.Context, s gate.State, rules *policy.Rules, tip string) (bool, error) {
	judged := s.RulesAt.Tip
	switch {
	case !rules.Ref().Same(s.Verdict.Rules):
		return false, nil
	case !judge.UsesOwners(rules) || judged == tip:
		return true, nil
	case judged == "": // from before it was on record where they were read
		return false, nil
	}
	now, err := u.Owners.Owners(ctx, s.Subject.Repo, tip, judge.OwnersPlaces())
	if err != nil {
		return false, err
	}
	was, err := u.Owners.Owners(ctx, s.Subject.Repo, judged, judge.OwnersPlaces())
	if err != nil && gate.AsError(err).Code == "not_found" { // pushed over
		return false, nil
	}
	return err == nil && was.State == now.State && bytes.Equal(was.Text, now.Text), err
}

// tipOf is where a branch is, empty where it is gone.
func (u *Repos) tipOf(ctx context.Context, repo gate.Repo, branch string) (string, error) {
	tip, err := u.InForce.Tip(ctx, repo, branch)
	if err != nil && gate.AsError(err).Code == "not_found" {
		return "", nil
	}
	return tip, err
}

// rulesOn are the rules on a branch that is at a commit.
func (u *Repos) rulesOn(ctx context.Context, repo gate.Repo, branch, tip, org string) (*policy.Rules, error) {
	key := fmt.Sprintf("%d/%s/%s/%s", repo.ID, branch, tip, org)
	if rules, known := u.inForce.Get(key); known {
		return rules, nil
	}
	facts, err := u.InForce.RulesOn(ctx, repo, branch)
	if err != nil {
		return nil, err
	}
	rules, err := u.Reader.RulesOf(facts.Org, facts.Repo)
	if err != nil {
		return nil, err
	}
	if facts.Tip == tip { // else it was read at another commit than the key says
		u.inForce.Add(key, rules)
	}
	return rules, nil
}

// orgTip is where the rules of a repository's owner are, empty where the App sees
// none.
func (u *Repos) orgTip(ctx context.Context, repo gate.Repo) (string, error) {
	for _, r := range u.compared.repositories() {
		if strings.EqualFold(r.Owner, repo.Owner) && strings.EqualFold(r.Name, ".github") {
			return u.tipOf(ctx, r, "") // none: nothing was committed yet
		}
	}
	return "", nil
}
