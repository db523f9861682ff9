package deploys

import (
	"context"
	"slices"
	"time"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/engine"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/usecase/book"
	"github.com/gatehold/gatehold/internal/usecase/reading"
)

// siblings are the gates of the other deployments that a run makes to the same
// environment: GitHub asks about each job, and takes one answer for all that
// wait.
func (u *Deploys) siblings(ctx context.Context, s gate.Subject) ([]book.Gate, error) {
	env, err := u.Book.EnvironmentOf(ctx, s.Repo, s.Environment)
	if err != nil {
		return nil, err
	}
	out, err := u.Book.DeploymentsOf(ctx, s) // one that was not looked at yet is not on the environment's record
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
		f, err := u.Book.Gates.Load(ctx, stream)
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
func (u *Deploys) answeredTogether(ctx context.Context, s gate.State, attempt int) (*gate.Replied, error) {
	others, err := u.siblings(ctx, s.Subject)
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
func (u *Deploys) carriedOver(ctx context.Context, s gate.Subject, sha string) (book.Gate, error) {
	if f, err := u.Book.Gates.Load(ctx, s.Stream()); err != nil || f.Head.Version > 0 { // it asked
		return book.Gate{}, err
	}
	others, err := u.siblings(ctx, s)
	if err != nil {
		return book.Gate{}, err
	}
	others = slices.DeleteFunc(others, func(f book.Gate) bool { return f.State.Answered() != gate.Approved || f.State.Verdict.Head != sha })
	if len(others) == 0 {
		return book.Gate{}, nil
	}
	run, err := u.GitHub.Run(ctx, s)
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
func (u *Deploys) stillWaits(ctx context.Context, s gate.Subject) (bool, error) {
	if s.DeploymentID == 0 {
		others, err := u.siblings(ctx, s)
		return len(others) == 0, err
	}
	records, err := u.GitHub.Deployments(ctx, s.Repo, s.Environment, bootstrapDeployments)
	if err != nil {
		return false, engine.Outside(err)
	}
	return slices.ContainsFunc(records, func(r change.Record) bool { return r.ID == s.DeploymentID && r.State == "waiting" }), nil
}

// leftBehind reports whether a deployment was of an earlier attempt of its run:
// each attempt makes its own. What was said of it is worth nothing for those.
func (u *Deploys) leftBehind(ctx context.Context, s gate.State, run change.Run) (bool, error) {
	if s.Subject.DeploymentID == 0 || run.Attempt <= attemptOf(s) {
		return false, nil
	}
	waits, err := u.stillWaits(ctx, s.Subject)
	if err == nil && !waits && s.Seen.Event == "deployment_protection_rule" && u.Book.Now().Sub(s.SeenAt) < reading.ArrivesWithin {
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
func (u *Deploys) ended(ctx context.Context, f book.Gate, run change.Run, why string) error {
	heard, err := u.heard(ctx, f)
	if err != nil {
		return err
	}
	covers := f.Head.Version
	if heard != nil {
		if f, err = u.Book.Gates.Record(ctx, f.Name, engine.Draft{Event: *heard}); err != nil {
			return err
		}
	}
	if err := u.hearEnd(ctx, f.State, run); err != nil {
		return err
	}
	if err := u.free(ctx, f.State.Subject, func(gate.State) bool { return true }); err != nil {
		return err
	}
	_, err = u.Book.Gates.Record(ctx, f.Name, engine.Draft{Event: gate.Closed{Covers: covers, Why: why}})
	return err
}

// heard is the answer of ours that GitHub has on record and the ledger has not, or nil.
func (u *Deploys) heard(ctx context.Context, f book.Gate) (*gate.Replied, error) {
	s, r := f.State, f.State.Deployment.Replying
	noted := r == nil || slices.ContainsFunc(s.Deployment.Replied,
		func(o gate.Replied) bool { return o.Reply != gate.Commented && o.Attempt == r.Attempt })
	if noted {
		return nil, nil
	}
	times, err := u.Heard.Heard(ctx, s.Subject, r.Reply, r.Comment)
	if err != nil {
		return nil, engine.Outside(err)
	}
	others, err := u.siblings(ctx, s.Subject)
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
