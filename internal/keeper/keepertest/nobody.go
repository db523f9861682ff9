// Package keepertest lets a test give a keeper what the test is about, and has
// nobody at the other ends.
package keepertest

import (
	"context"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/keeper"
	"github.com/gatehold/gatehold/internal/usecase/pushers"
)

// Whole has Nobody at the ends of c that are not set, all but Hub. Who pushed is
// asked of Hub where it tells that.
func Whole(c keeper.Config) keeper.Config {
	all := keeper.Config{
		Missed: Nobody{}, People: Nobody{}, Names: Nobody{}, Past: Nobody{}, Owners: Nobody{}, Inventory: Nobody{}, InForce: Nobody{},
		Guard: Nobody{}, Trunks: Nobody{}, Workflows: Nobody{}, Deploys: Nobody{}, Jobs: Nobody{}, Branches: Nobody{}, Runs: Nobody{},
		Pushes: Nobody{}, Ranges: Nobody{}, Mentions: Nobody{},
	}
	if told, tells := c.Hub.(pushers.Pushes); tells {
		all.Pushes = told
	}
	set(&c.Missed, all.Missed)
	set(&c.People, all.People)
	set(&c.Names, all.Names)
	set(&c.Past, all.Past)
	set(&c.Owners, all.Owners)
	set(&c.Inventory, all.Inventory)
	set(&c.InForce, all.InForce)
	set(&c.Guard, all.Guard)
	set(&c.Trunks, all.Trunks)
	set(&c.Workflows, all.Workflows)
	set(&c.Deploys, all.Deploys)
	set(&c.Jobs, all.Jobs)
	set(&c.Branches, all.Branches)
	set(&c.Runs, all.Runs)
	set(&c.Pushes, all.Pushes)
	set(&c.Ranges, all.Ranges)
	set(&c.Mentions, all.Mentions)
	return c
}

func set[T comparable](port *T, to T) {
	var unset T
	if *port == unset {
		*port = to
	}
}

// Nobody answers what the use cases ask where GitHub has no part in a test: there
// is nobody, and nothing.
type Nobody struct{}

// gone is the error of what is not there, for good.
func gone() error { return &gate.Error{Code: gate.NotFound, Text: "There is nobody.", Final: true} }

// Deliveries lists none.
func (Nobody) Deliveries(context.Context, int64) ([]gate.Attempt, bool, error) { return nil, true, nil }

// Redeliver asks nobody.
func (Nobody) Redeliver(context.Context, int64) error { return nil }

// Person is of no group that is known.
func (Nobody) Person(_ context.Context, _ gate.Repo, who gate.Actor, groups []string) (gate.Person, error) {
	return gate.Person{Actor: who, Untold: groups}, nil
}

// Account tells of none: a login stays a login.
func (Nobody) Account(context.Context, gate.Repo, string) (gate.Actor, error) {
	return gate.Actor{}, gone()
}

// Mention names nobody.
func (Nobody) Mention(context.Context, gate.Repo, string, string, string, bool) (string, error) {
	return "", gone()
}

// Team tells of none.
func (Nobody) Team(context.Context, gate.Repo, string) (int64, error) { return 0, gone() }

// Between tells of none.
func (Nobody) Between(context.Context, gate.Repo, string, string) (change.Between, error) {
	return change.Between{}, gone()
}

// Merged lists nothing.
func (Nobody) Merged(context.Context, gate.Repo, string, int, func(*change.File) bool) ([]change.Change, error) {
	return nil, nil
}

// Owners does not tell, which holds.
func (Nobody) Owners(context.Context, gate.Repo, string, []string) (change.RulesFile, error) {
	return change.RulesFile{}, nil
}

// Repositories cannot be listed: nothing is compared.
func (Nobody) Repositories(context.Context) ([]gate.Repo, error) { return nil, gone() }

// OpenPulls lists none.
func (Nobody) OpenPulls(context.Context, gate.Repo) ([]gate.Look, error) { return nil, nil }

// Tip is nowhere.
func (Nobody) Tip(context.Context, gate.Repo, string) (string, error) { return "", nil }

// RulesOn reads none.
func (Nobody) RulesOn(context.Context, gate.Repo, string) (change.Facts, error) {
	return change.Facts{}, gone()
}

// Enforcement tells of nothing.
func (Nobody) Enforcement(context.Context, gate.Repo, *gate.Lanes, []string) ([]gate.Enforcement, error) {
	return nil, nil
}

// DefaultBranch names none: lanes are known from what is judged alone.
func (Nobody) DefaultBranch(context.Context, gate.Repo) (string, error) { return "", nil }

// Trunk is that of a repository without a commit.
func (Nobody) Trunk(context.Context, gate.Repo) (change.Facts, error) { return change.Facts{}, nil }

// Workflows cannot be read now: nobody looks at how a repository deploys.
func (Nobody) Workflows(context.Context, gate.Repo) (change.Workflows, error) {
	return change.Workflows{}, gone()
}

// WorkflowAt is not there.
func (Nobody) WorkflowAt(context.Context, gate.Repo, string, string, func(string) []string) (change.Workflow, error) {
	return change.Workflow{}, gone()
}

// Run is gone.
func (Nobody) Run(context.Context, gate.Subject) (change.Run, error) {
	return change.Run{Conclusion: "gone"}, nil
}

// Outgoing is not there.
func (Nobody) Outgoing(context.Context, gate.Subject, string, string) (change.Outgoing, error) {
	return change.Outgoing{}, gone()
}

// Deployments lists none.
func (Nobody) Deployments(context.Context, gate.Repo, string, int) ([]change.Record, error) {
	return nil, nil
}

// OpenDeployments lists none.
func (Nobody) OpenDeployments(context.Context, gate.Repo) ([]gate.Look, error) { return nil, nil }

// Respond finds nothing that waits.
func (Nobody) Respond(context.Context, gate.Subject, gate.Reply, string) error { return gone() }

// Job is gone.
func (Nobody) Job(context.Context, gate.Repo, int64, int64) (change.Job, error) {
	return change.Job{Conclusion: "gone"}, nil
}

// Deployed does not tell.
func (Nobody) Deployed(context.Context, gate.Repo, int64) (change.Job, error) {
	return change.Job{}, nil
}

// HasCommit holds.
func (Nobody) HasCommit(context.Context, gate.Repo, string, string) (bool, error) { return true, nil }

// Follows never holds.
func (Nobody) Follows(context.Context, gate.Repo, string, string) (bool, error) { return false, nil }

// CancelRun finds no run.
func (Nobody) CancelRun(context.Context, gate.Repo, int64) error { return gone() }

// Rerun finds no run.
func (Nobody) Rerun(context.Context, gate.Repo, int64) error { return gone() }

// Login is nobody's.
func (Nobody) Login(context.Context) (string, error) { return "", nil }

// MayCancel never holds.
func (Nobody) MayCancel(context.Context, gate.Repo) bool { return false }

// Heard is nothing.
func (Nobody) Heard(context.Context, gate.Subject, gate.Reply, string) (int, error) { return 0, nil }

// Pushes does not tell, and never will.
func (Nobody) Pushes(context.Context, gate.Subject) ([]gate.Push, error) { return nil, gone() }
