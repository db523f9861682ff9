package keeper

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
)

// siblings are the gates of the other deployments that a run makes to the same
// environment: GitHub asks about each job, and takes one answer for all that
// wait.
func (k *Keeper) siblings(ctx context.Context, s gate.Subject) ([]folded, error) {
	env, err := k.environment(ctx, s.Repo, s.Environment)
	if err != nil {
		return nil, err
	}
	out, err := k.deploymentsOf(ctx, s) // one that was not looked at yet is not on the environment's record
	if err != nil {
		return nil, err
	}
	other := func(o gate.Subject) bool {
		return o.Stream() != s.Stream() && gate.SameEnvironment(o.Environment, s.Environment)
	}
	out = slices.DeleteFunc(out, func(f folded) bool { return !other(f.gate.Subject) })
	for _, o := range env.AskedBy(s.Run) {
		stream := o.Stream()
		if !other(o) || slices.ContainsFunc(out, func(f folded) bool { return f.stream == stream }) {
			continue
		}
		f, err := k.load(ctx, stream)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}

// askedLate is how long after a question the webhook that asks it may come.
const askedLate = time.Minute

// answeredTogether is the answer that GitHub took for another job of the run to
// the same environment and that was for this one too, or nil.
func (k *Keeper) answeredTogether(ctx context.Context, s gate.State, attempt int) (*gate.Replied, error) {
	others, err := k.siblings(ctx, s.Subject)
	if err != nil {
		return nil, err
	}
	for _, f := range others {
		o := f.gate
		if o.Answered() == "" || o.Verdict.Deploy.Attempt != attempt || o.Deployment.RepliedAt.Add(askedLate).Before(s.OpenedAt) {
			continue
		}
		i := slices.IndexFunc(o.Deployment.Replied, func(r gate.Replied) bool { return r.Reply == o.Answered() && r.Attempt == attempt })
		return &o.Deployment.Replied[i], nil
	}
	return nil, nil
}

// carriedOver is the gate whose approval GitHub took for a later job of the same
// attempt, about which it did not ask; an empty one where there is none.
func (k *Keeper) carriedOver(ctx context.Context, s gate.Subject, sha string) (folded, error) {
	if f, err := k.load(ctx, s.Stream()); err != nil || f.head.Version > 0 { // it asked
		return folded{}, err
	}
	others, err := k.siblings(ctx, s)
	if err != nil {
		return folded{}, err
	}
	others = slices.DeleteFunc(others, func(f folded) bool { return f.gate.Answered() != gate.Approved || f.gate.Verdict.Head != sha })
	if len(others) == 0 {
		return folded{}, nil
	}
	run, err := k.Deploys.Run(ctx, s)
	if err != nil {
		return folded{}, outside(err)
	}
	for _, f := range others {
		if f.gate.Verdict.Deploy.Attempt == run.Attempt {
			return f, nil
		}
	}
	return folded{}, nil
}

// stillWaits reports whether it is this deployment that its run waits for, and
// not one that another job makes to the same environment.
func (k *Keeper) stillWaits(ctx context.Context, s gate.Subject) (bool, error) {
	if s.DeploymentID == 0 {
		others, err := k.siblings(ctx, s)
		return len(others) == 0, err
	}
	records, err := k.Deploys.Deployments(ctx, s.Repo, s.Environment, bootstrapDeployments)
	if err != nil {
		return false, outside(err)
	}
	return slices.ContainsFunc(records, func(r change.Record) bool { return r.ID == s.DeploymentID && r.State == "waiting" }), nil
}

// leftBehind reports whether a deployment was of an earlier attempt of its run:
// each attempt makes its own. What was said of it is worth nothing for those.
func (k *Keeper) leftBehind(ctx context.Context, s gate.State, run change.Run) (bool, error) {
	if s.Subject.DeploymentID == 0 || run.Attempt <= attemptOf(s) {
		return false, nil
	}
	waits, err := k.stillWaits(ctx, s.Subject)
	if err == nil && !waits && s.Seen.Event == "deployment_protection_rule" && k.Now().Sub(s.SeenAt) < arrivesWithin {
		return false, outside(gate.Stale("it does not say that the deployment waits which it asked about"))
	}
	return !waits, err
}

// attemptOf is the attempt that a deployment was judged in, or was made in at first.
func attemptOf(s gate.State) int {
	if s.Verdict == nil {
		return 1
	}
	return s.Verdict.Deploy.Attempt
}

// ended closes the gate of a deployment that is over. Where an answer was begun
// and GitHub's was lost, what GitHub has on record tells what it heard; and where no
// event told how the deployment ended, that it is asked too.
func (k *Keeper) ended(ctx context.Context, f folded, run change.Run, why string) error {
	heard, err := k.heard(ctx, f)
	if err != nil {
		return err
	}
	covers := f.head.Version
	if heard != nil {
		if f, err = k.record(ctx, f.stream, draft{event: *heard}); err != nil {
			return err
		}
	}
	if err := k.hearEnd(ctx, f.gate, run); err != nil {
		return err
	}
	if err := k.free(ctx, f.gate.Subject, func(gate.State) bool { return true }); err != nil {
		return err
	}
	_, err = k.record(ctx, f.stream, draft{event: gate.Closed{Covers: covers, Why: why}})
	return err
}

// heard is the answer of ours that GitHub has on record and the ledger has not, or nil.
func (k *Keeper) heard(ctx context.Context, f folded) (*gate.Replied, error) {
	s, r := f.gate, f.gate.Deployment.Replying
	noted := r == nil || slices.ContainsFunc(s.Deployment.Replied,
		func(o gate.Replied) bool { return o.Reply != gate.Commented && o.Attempt == r.Attempt })
	if noted || k.Runs == nil {
		return nil, nil
	}
	times, err := k.Runs.Heard(ctx, s.Subject, r.Reply, r.Comment)
	if err != nil {
		return nil, outside(err)
	}
	others, err := k.siblings(ctx, s.Subject)
	if err != nil {
		return nil, err
	}
	for _, o := range append(others, f) {
		for _, said := range o.gate.Deployment.Replied {
			if said.Reply == r.Reply && said.Comment == r.Comment {
				times--
			}
		}
	}
	if times <= 0 {
		return nil, nil
	}
	return &gate.Replied{Covers: f.head.Version, Reply: r.Reply, Attempt: r.Attempt, Comment: r.Comment, For: r.For, By: r.By}, nil
}

func runEnded(run change.Run) string {
	return fmt.Sprintf("The run has ended (%s).", orUnknown(run.Conclusion))
}
