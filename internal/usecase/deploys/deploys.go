// Package deploys holds deployments that ask the App: it judges what would go out,
// answers GitHub, keeps count of what is under way to an environment, and puts on
// record what has reached it.
package deploys

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/engine"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/usecase/book"
	"github.com/gatehold/gatehold/internal/usecase/outgoing"
	"github.com/gatehold/gatehold/internal/usecase/people"
)

// GitHub is what is asked about deployments, and told.
type GitHub interface {
	// Run reads a workflow run, and for a Deployment which environments it waits
	// for. A run that is gone is over.
	Run(ctx context.Context, s gate.Subject) (change.Run, error)
	// Deployments lists the newest n deployments of an environment, newest first.
	Deployments(ctx context.Context, repo gate.Repo, environment string, n int) ([]change.Record, error)
	// Respond answers for a deployment that waits, or comments on it.
	Respond(ctx context.Context, s gate.Subject, reply gate.Reply, comment string) error
}

// Heard tells what GitHub has taken.
type Heard interface {
	// Heard counts how often GitHub took this very answer about a deployment, in
	// all attempts of its run.
	Heard(ctx context.Context, s gate.Subject, reply gate.Reply, comment string) (int, error)
}

// Jobs tells what jobs of workflow runs have come to. A job that is gone is over.
type Jobs interface {
	Job(ctx context.Context, repo gate.Repo, run, job int64) (change.Job, error)
	// Deployed reads what the job of a deployment has come to, by what GitHub itself
	// said of the deployment. One whose end it does not tell is not over.
	Deployed(ctx context.Context, repo gate.Repo, deployment int64) (change.Job, error)
}

// Observer is told what happens, for metrics. Its methods must not block.
type Observer interface {
	Judged(v gate.Verdict)
	// Bypassed: something reached an environment without passing a gate.
	Bypassed(environment string)
}

// Config is what Deploys are made of.
type Config struct {
	Book      *book.Book
	Directory *people.Directory
	Outgoing  *outgoing.Gatherer
	GitHub    GitHub
	Heard     Heard
	Jobs      Jobs
	Branches  Branches
	Observer  Observer
}

// Deploys holds deployments.
type Deploys struct{ Config }

// New returns what holds the deployments in a book from now on.
func New(c Config) *Deploys {
	u := &Deploys{c}
	c.Book.Gates.On(gate.Deployment, gate.Assess, u.assess)
	c.Book.Gates.On(gate.Deployment, gate.Respond, u.respond)
	c.Book.Gates.On(gate.Deployment, gate.Lapse, u.lapse)
	c.Book.Environments.On(gate.Environment, gate.RecordDeployment, u.recordDeployment)
	return u
}

// lapse puts on record that time has taken away what a deployment was released by,
// and gives its room back.
func (u *Deploys) lapse(ctx context.Context, f book.Gate) error {
	next, err := u.Book.Gates.Record(ctx, f.Name, engine.Draft{Event: gate.Lapsed{}})
	if err != nil {
		return err
	}
	return u.giveBack(ctx, next.State.Subject)
}

// assess reads what would go out and judges it. A deployment whose
// run has ended is over, whatever was said of it.
func (u *Deploys) assess(ctx context.Context, f book.Gate) error {
	s, covers := f.State, f.Head.Version
	if err := u.asks(ctx, s.Subject); err != nil {
		return err
	}
	of := s.Subject
	if s.Answered() == "" { // what it waits for is read when it is answered
		of.Kind = gate.WorkflowRun
	}
	run, err := u.GitHub.Run(ctx, of)
	if err != nil {
		return engine.Outside(err)
	}
	if err := u.Outgoing.FreshRun(ctx, s, run); err != nil {
		return err
	}
	if run.Over() {
		return u.ended(ctx, f, run, outgoing.RunEnded(run))
	}
	behind, err := u.leftBehind(ctx, s, run)
	if err != nil {
		return err
	}
	if behind {
		return u.ended(ctx, f, run, fmt.Sprintf("The run was started again: attempt %d makes its own deployments.", run.Attempt))
	}
	if s.Answered() != "" && run.Attempt == s.Verdict.Deploy.Attempt {
		return u.stillAnswered(ctx, f, run)
	}
	if s.OnlyGlances(u.Book.Now()) && run.Attempt == s.Verdict.Deploy.Attempt {
		return u.unchanged(ctx, f)
	}
	verdict, at, err := u.judgeDeployment(ctx, s, run)
	if err != nil {
		return engine.Outside(err)
	}
	u.Observer.Judged(verdict)
	drafts, err := u.Directory.Judgement(ctx, s, gate.Judged{
		Covers: covers, Head: verdict.Head, BaseRef: verdict.Deploy.Base, Digest: verdict.Digest, Verdict: &verdict, Rules: &at,
	}, &verdict)
	if err != nil {
		return err
	}
	next, err := u.Book.Gates.Record(ctx, f.Name, drafts...)
	if err != nil || next.State.Released(u.Book.Now()) {
		return err
	}
	return u.giveBack(ctx, next.State.Subject) // it was taken for what is not let go any more
}

// repeatAfter is how long an answer that GitHub took may be without effect
// before it is said again: taken by a request that something else lost, say.
const repeatAfter = 2 * time.Minute

// stillAnswered notes that what was seen does not change the answer. Where the
// run waits all the same, the same answer is given once more: GitHub refuses it
// where it has it.
func (u *Deploys) stillAnswered(ctx context.Context, f book.Gate, run change.Run) error {
	s := f.State
	i := slices.IndexFunc(s.Deployment.Replied, func(r gate.Replied) bool { return r.Reply == s.Answered() && r.Attempt == run.Attempt })
	last := s.Deployment.Replied[i]
	repeat := waits(run, s.Subject.Environment) && u.Book.Now().Sub(s.Deployment.RepliedAt) > repeatAfter
	if repeat {
		var err error
		if repeat, err = u.stillWaits(ctx, s.Subject); err != nil {
			return err
		}
	}
	if repeat {
		err := u.GitHub.Respond(ctx, s.Subject, last.Reply, last.Comment)
		if err != nil && gate.AsError(err).Code != "deployment_not_pending" {
			return engine.Outside(err)
		}
	}
	if !waits(run, s.Subject.Environment) { // its job may have ended, whatever else the run does
		if err := u.hearEnd(ctx, s, run); err != nil {
			return err
		}
	}
	return u.unchanged(ctx, f)
}

// unchanged puts on record that a look found what the verdict is about.
func (u *Deploys) unchanged(ctx context.Context, f book.Gate) error {
	s := f.State
	_, err := u.Book.Gates.Record(ctx, f.Name, engine.Draft{Event: gate.Judged{
		Covers: f.Head.Version, Head: s.Verdict.Head, BaseRef: s.BaseRef, Digest: s.Verdict.Digest, Names: s.Names,
	}})
	return err
}

// waits reports whether a run waits for an environment. Names are compared as
// GitHub does.
func waits(run change.Run, environment string) bool {
	return slices.ContainsFunc(run.Pending, func(e string) bool { return strings.EqualFold(e, environment) })
}
