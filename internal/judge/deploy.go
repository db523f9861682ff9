package judge

import (
	"time"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/policy"
	"github.com/gatehold/gatehold/internal/rulesfile"
)

// RunFacts are what is known of a workflow run, and of what it brings.
type RunFacts struct {
	Run change.Run
	// Outgoing is what the run brings: for a deployment the range since what its
	// environment runs now, for another run that since the workflow's last
	// success. Its Change names the repository and has the texts of the files
	// that WantsDeployment asks for.
	Outgoing change.Outgoing
	// Parts are what the ledger knows of pull requests in Outgoing.Pulls, in any
	// order. Those that are not here were never judged, and count as not approved.
	Parts []Part
	// Workflow is the run's own file at the run's commit; nil where it was not
	// read: then nobody knows what the run can do.
	Workflow *change.Workflow
	// Protected are the environments that wait for our protection rule, and
	// Existing all that the repository has, nil where that is not known. GitHub
	// makes a new one, without any rule, for a name that does not exist.
	Protected, Existing []string
	// CanCancel says that the App was granted `actions: write`.
	CanCancel bool
	// Chain is what led here, the first step first.
	Chain []gate.Link
	Now   time.Time
}

// Deployment is what is known of a deployment that waits for an answer.
type Deployment struct {
	RunFacts
	Environment string // as it was written
	// BaseAt is when what runs there now, Outgoing.Change.Base, was deployed.
	BaseAt time.Time
	// Going says that it does not run there yet: its deployment is under way.
	Going bool
	// Before is the last approved arrival of this very commit in this
	// environment (env.State.WasApproved), or nil.
	Before *gate.Arrival
	// Staged is what became of this very commit in the environments that
	// Rules.After names.
	Staged []Staged
	// Running are the deployments of this environment that are under way, this
	// one left out.
	Running int
	// HeadAt is when the newest pull request of the range was merged; zero where
	// there is none. For the others Run.CreatedAt speaks: the first attempt's.
	HeadAt time.Time
}

// Staged is what became of a commit in another environment.
type Staged struct {
	Environment string
	SucceededAt time.Time // zero: it has not succeeded there
	FailedAt    time.Time // of a failure of this commit there after that; zero: none
}

// Part is what the ledger knows of one pull request of the range. Number,
// Score, Level, Worst (see Worst), ApprovedBy, Valid and Why of Outgoing are
// the keeper's to fill; Title, SHA, Agent and Names follow from the rest.
type Part struct {
	gate.Outgoing
	// By is the attribution of the verdict that stood when it was merged.
	By gate.Attribution
	// Choices are the counted choices that stood then.
	Choices []gate.Choice
}

// Deploy turns a deployment into a verdict: what goes out as one
// change, by all rules and detectors, under what the rules say of its
// environment. The verdict's Deploy is filled; its Waits are no part of the
// digest. A verdict that is held names a need, save where something has to be
// mended that no approval replaces (a branch that the rules do not take).
func Deploy(r *policy.Rules, d *Deployment) gate.Verdict {
	e := r.Environment(d.Environment)
	g := newDeparting(r, &d.RunFacts, d.Environment)
	v := g.verdict()
	g.deploy(&v, d)
	o := holdDeployment(r, &v, d, e, g)
	o.waits = hasWaits(e)
	o.apply(r, &v)
	if r.Mode() == rulesfile.Enforce {
		v.Deploy.Waits, v.Deploy.Concurrent = waits(e, d, o.rollback), e.Concurrent
	}
	g.seal(&v)
	return v
}

// Run turns a workflow run that the rules name under `workflows` into a
// verdict. It holds what no protected environment holds: a run all of whose
// jobs wait for one anyway passes here.
func Run(r *policy.Rules, d *RunFacts) gate.Verdict {
	w, _ := r.HoldsWorkflow(d.Run.Workflow)
	g := newDeparting(r, d, "")
	v := g.verdict()
	g.deploy(&v, &Deployment{RunFacts: *d})
	o := holdRun(r, &v, w, g)
	o.apply(r, &v)
	v.Deploy.Cancel = w.Hold == rulesfile.HoldCancel && d.CanCancel && r.Mode() == rulesfile.Enforce
	g.seal(&v)
	return v
}

// WantsDeployment reports whether judging a deployment needs the texts of this
// file of its range: what rules ask for, and, where the environment goes back
// and the rules let it, what tells whether a migration can be undone.
func WantsDeployment(r *policy.Rules, environment string, out *change.Outgoing, f *change.File) bool {
	if r.Wants(f) {
		return true
	}
	return out.Backwards && r.Environment(environment).GoesBack() && wantsUndoing(r.Registry, f)
}
