package keeper

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/engine"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/usecase/book"
)

// siblings are the gates of the other deployments that a run makes to the same
// environment: GitHub asks about each job, and takes one answer for all that
// wait.
func (k *Keeper) siblings(ctx context.Context, s gate.Subject) ([]book.Gate, error) {
	env, err := k.Book.EnvironmentOf(ctx, s.Repo, s.Environment)
	if err != nil {
		return nil, err
	}
	out, err := k.Book.DeploymentsOf(ctx, s) // one that was not looked at yet is not on the environment's record
	if err != nil {
		return nil, err
	}
	other := func(o gate.Subject) bool {
		return o.Stream() != s.Stream() && gate.SameEnvironment(o.Environment, s.Environment)
	}
	out = slices.DeleteFunc(out, func(f book.Gate) bool { return !other(f.State.Subject) })
	for _, o := range env.AskedBy(s.Run) {
		stream := o.Stream()
		if !other(o) || slices.ContainsFunc(out, func(f book.Gate) bool { return f.Name == stream }) {
			continue
		}
		f, err := k.Book.Gates.Load(ctx, stream)
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
		o := f.State
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
func (k *Keeper) carriedOver(ctx context.Context, s gate.Subject, sha string) (book.Gate, error) {
	if f, err := k.Book.Gates.Load(ctx, s.Stream()); err != nil || f.Head.Version > 0 { // it asked
		return book.Gate{}, err
	}
	others, err := k.siblings(ctx, s)
	if err != nil {
		return book.Gate{}, err
	}
	others = slices.DeleteFunc(others, func(f book.Gate) bool { return f.State.Answered() != gate.Approved || f.State.Verdict.Head != sha })
	if len(others) == 0 {
		return book.Gate{}, nil
	}
	run, err := k.Deploys.Run(ctx, s)
	if err != nil {
		return book.Gate{}, engine.Outside(err)
	}
	for _, f := range others {
		if f.State.Verdict.Deploy.Attempt == run.Attempt {
			return f, nil
		}
	}
	return book.Gate{}, nil
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
		return false, engine.Outside(err)
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
	if err == nil && !waits && s.Seen.Event == "deployment_protection_rule" && k.Book.Now().Sub(s.SeenAt) < arrivesWithin {
		return false, engine.Outside(gate.Stale("it does not say that the deployment waits which it asked about"))
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
func (k *Keeper) ended(ctx context.Context, f book.Gate, run change.Run, why string) error {
	heard, err := k.heard(ctx, f)
	if err != nil {
		return err
	}
	covers := f.Head.Version
	if heard != nil {
		if f, err = k.Book.Gates.Record(ctx, f.Name, engine.Draft{Event: *heard}); err != nil {
			return err
		}
	}
	if err := k.hearEnd(ctx, f.State, run); err != nil {
		return err
	}
	if err := k.free(ctx, f.State.Subject, func(gate.State) bool { return true }); err != nil {
		return err
	}
	_, err = k.Book.Gates.Record(ctx, f.Name, engine.Draft{Event: gate.Closed{Covers: covers, Why: why}})
	return err
}

// heard is the answer of ours that GitHub has on record and the ledger has not, or nil.
func (k *Keeper) heard(ctx context.Context, f book.Gate) (*gate.Replied, error) {
	s, r := f.State, f.State.Deployment.Replying
	noted := r == nil || slices.ContainsFunc(s.Deployment.Replied,
		func(o gate.Replied) bool { return o.Reply != gate.Commented && o.Attempt == r.Attempt })
	if noted || k.Runs == nil {
		return nil, nil
	}
	times, err := k.Runs.Heard(ctx, s.Subject, r.Reply, r.Comment)
	if err != nil {
		return nil, engine.Outside(err)
	}
	others, err := k.siblings(ctx, s.Subject)
	if err != nil {
		return nil, err
	}
	for _, o := range append(others, f) {
		for _, said := range o.State.Deployment.Replied {
			if said.Reply == r.Reply && said.Comment == r.Comment {
				times--
			}
		}
	}
	if times <= 0 {
		return nil, nil
	}
	return &gate.Replied{Covers: f.Head.Version, Reply: r.Reply, Attempt: r.Attempt, Comment: r.Comment, For: r.For, By: r.By}, nil
}

func runEnded(run change.Run) string {
	return fmt.Sprintf("The run has ended (%s).", orUnknown(run.Conclusion))
}
