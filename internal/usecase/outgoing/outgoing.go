// Package outgoing gathers what goes out with a deployment or a workflow run: the
// commits since what is there, the pull requests that brought them and what became
// of those, who pushed the rest, and what the workflow can do.
package outgoing

import (
	"context"
	"fmt"
	"slices"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/judge"
	"github.com/gatehold/gatehold/internal/policy"
	"github.com/gatehold/gatehold/internal/usecase/book"
	"github.com/gatehold/gatehold/internal/usecase/people"
	"github.com/gatehold/gatehold/internal/usecase/pushers"
	"github.com/gatehold/gatehold/internal/usecase/reading"
)

// Ranges reads what goes out.
type Ranges interface {
	// Outgoing reads what lies between two commits, and whose it is. No base:
	// the whole of head.
	Outgoing(ctx context.Context, s gate.Subject, base, head string) (change.Outgoing, error)
	// WorkflowAt reads a workflow file, and those that next finds it calls.
	WorkflowAt(ctx context.Context, repo gate.Repo, sha, path string, next func(text string) []string) (change.Workflow, error)
}

// Guard tells what makes GitHub wait for the gates of a repository.
type Guard interface {
	// Enforcement looks at branches and environments; without lanes and branches
	// at the default branch and the environments.
	Enforcement(ctx context.Context, repo gate.Repo, lanes *gate.Lanes, branches []string) ([]gate.Enforcement, error)
}

// Grants tells what the App was granted.
type Grants interface {
	// MayCancel reports whether the App was granted to cancel runs, as far as it
	// is known.
	MayCancel(ctx context.Context, repo gate.Repo) bool
}

// Gatherer gathers what goes out. Make one with its fields.
type Gatherer struct {
	Book      *book.Book
	Reader    *reading.Reader
	Directory *people.Directory
	Pushers   *pushers.Pushers
	Ranges    Ranges
	Guard     Guard
	Grants    Grants
}

// Gather reads what a run brings, with the rules of the default branch.
func (u *Gatherer) Gather(ctx context.Context, s gate.State, facts *judge.RunFacts, base, head string) (*policy.Rules, error) {
	if err := u.Reader.Hurry(ctx, s); err != nil {
		return nil, err
	}
	rules, err := u.gatherOutgoing(ctx, s, facts, base, head)
	if err != nil {
		return nil, err
	}
	if facts.Run.Workflow != "" {
		w, err := u.Ranges.WorkflowAt(ctx, s.Subject.Repo, head, facts.Run.Workflow, judge.CalledWorkflows)
		if err != nil {
			return nil, err
		}
		facts.Workflow = &w
	}
	if err := u.Pushers.OfRange(ctx, s.Subject.Repo, &facts.Outgoing); err != nil {
		return nil, err
	}
	if err := u.freshMerges(ctx, s.Subject.Repo, []string{facts.Outgoing.Default, facts.Run.Branch}, &facts.Outgoing); err != nil {
		return nil, err
	}
	if facts.Outgoing.Change.Names, err = u.Directory.Bind(ctx, s.Subject.Repo, rules.Plan.Logins); err != nil {
		return nil, err
	}
	if facts.Parts, err = u.parts(ctx, s.Subject.Repo, facts.Outgoing.Pulls); err != nil {
		return nil, err
	}
	if facts.Chain, err = u.chain(ctx, s.Subject, facts); err != nil {
		return nil, err
	}
	if rules.Cancels(facts.Run.Workflow) {
		facts.CanCancel = u.Grants.MayCancel(ctx, s.Subject.Repo)
	}
	if err := u.gatherEnvironments(ctx, s.Subject, facts); err != nil {
		return nil, err
	}
	return rules, nil
}

// gatherOutgoing reads the range of commits that a run brings, with the texts and
// the owners that the rules ask for.
func (u *Gatherer) gatherOutgoing(
	ctx context.Context, s gate.State, facts *judge.RunFacts, base, head string,
) (_ *policy.Rules, err error) {
	if facts.Outgoing, err = u.Ranges.Outgoing(ctx, s.Subject, base, head); err != nil {
		return nil, err
	}
	if err := u.Reader.FreshRules(ctx, s.Subject.Repo, reading.RulesOfOutgoing(&facts.Outgoing)); err != nil {
		return nil, err
	}
	rules, err := u.Reader.RulesOf(facts.Outgoing.Org, facts.Outgoing.Repo)
	if err != nil {
		return nil, err
	}
	if err := u.Reader.ReadTexts(ctx, s.Subject, &facts.Outgoing.Change, func(f *change.File) bool {
		return judge.WantsDeployment(rules, s.Subject.Environment, &facts.Outgoing, f)
	}); err != nil {
		return nil, err
	}
	if judge.UsesOwners(rules) {
		if err := u.Reader.OwnersAt(ctx, s.Subject.Repo, facts.Outgoing.Tip, &facts.Outgoing.Change); err != nil {
			return nil, err
		}
	}
	return rules, nil
}

// MaxEnvironments is how many environments of a repository are looked at:
// where there are as many, it is not known that another does not exist.
const MaxEnvironments = 20

// gatherEnvironments names the environments that exist, and those that hold a job.
func (u *Gatherer) gatherEnvironments(ctx context.Context, s gate.Subject, facts *judge.RunFacts) error {
	enforced, err := u.Environments(ctx, s.Repo)
	if err != nil {
		return err
	}
	for _, e := range enforced {
		facts.Existing = append(facts.Existing, e.Environment)
		if e.Enforced {
			facts.Protected = append(facts.Protected, e.Environment)
		}
	}
	if len(enforced) >= MaxEnvironments {
		facts.Existing = nil // there may be more than were looked at
	}
	if s.Kind == gate.Deployment { // it asked us
		if len(facts.Existing) > 0 { // else nobody knows which there are
			facts.Existing = append(facts.Existing, s.Environment)
		}
		facts.Protected = append(facts.Protected, s.Environment)
	}
	return nil
}

// Environments are those of a repository, with what holds them: as they were
// seen last, or where nobody looked yet, as they are.
func (u *Gatherer) Environments(ctx context.Context, repo gate.Repo) ([]gate.Enforcement, error) {
	f, err := u.Book.Repositories.Load(ctx, gate.Subject{Kind: gate.Repository, Repo: repo}.Stream())
	if err != nil {
		return nil, err
	}
	all := f.State.Enforcement
	if len(all) == 0 {
		if all, err = u.Guard.Enforcement(ctx, repo, nil, nil); err != nil {
			return nil, err
		}
	}
	return slices.DeleteFunc(slices.Clone(all), func(e gate.Enforcement) bool { return e.Environment == "" }), nil
}

func orUnknown(s string) string {
	if s == "" {
		return "GitHub does not say how"
	}
	return s
}

func RunEnded(run change.Run) string {
	return fmt.Sprintf("The run has ended (%s).", orUnknown(run.Conclusion))
}
