package keeper

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/engine"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/judge"
	"github.com/gatehold/gatehold/internal/policy"
	"github.com/gatehold/gatehold/internal/usecase/book"
)

// Deploys is what the keeper asks of GitHub about runs and deployments.
type Deploys interface {
	// Run reads a workflow run, and for a Deployment which environments it waits
	// for. A run that is gone is over.
	Run(ctx context.Context, s gate.Subject) (change.Run, error)
	// Outgoing reads what lies between two commits, and whose it is. No base:
	// the whole of head.
	Outgoing(ctx context.Context, s gate.Subject, base, head string) (change.Outgoing, error)
	// Deployments lists the newest n deployments of an environment, newest first.
	Deployments(ctx context.Context, repo gate.Repo, environment string, n int) ([]change.Record, error)
	// WorkflowAt reads a workflow file, and those that next finds it calls.
	WorkflowAt(ctx context.Context, repo gate.Repo, sha, path string, next func(text string) []string) (change.Workflow, error)
	// OpenDeployments lists the deployments that wait for us, as far as GitHub
	// tells, as if it had just asked.
	OpenDeployments(ctx context.Context, repo gate.Repo) ([]gate.Look, error)
	// Respond answers for a deployment that waits, or comments on it.
	Respond(ctx context.Context, s gate.Subject, reply gate.Reply, comment string) error
}

// Jobs tells what jobs of workflow runs have come to. A job that is gone is over.
type Jobs interface {
	Job(ctx context.Context, repo gate.Repo, run, job int64) (change.Job, error)
	// Deployed reads what the job of a deployment has come to, by what GitHub itself
	// said of the deployment. One whose end it does not tell is not over.
	Deployed(ctx context.Context, repo gate.Repo, deployment int64) (change.Job, error)
}

// assessDeployment reads what would go out and judges it. A deployment whose
// run has ended is over, whatever was said of it.
func (k *Keeper) assessDeployment(ctx context.Context, f book.Gate) error {
	s, covers := f.State, f.Head.Version
	if err := k.asks(ctx, s.Subject); err != nil {
		return err
	}
	of := s.Subject
	if s.Answered() == "" { // what it waits for is read when it is answered
		of.Kind = gate.WorkflowRun
	}
	run, err := k.Deploys.Run(ctx, of)
	if err != nil {
		return engine.Outside(err)
	}
	if err := k.freshRun(ctx, s, run); err != nil {
		return err
	}
	if run.Over() {
		return k.ended(ctx, f, run, runEnded(run))
	}
	behind, err := k.leftBehind(ctx, s, run)
	if err != nil {
		return err
	}
	if behind {
		return k.ended(ctx, f, run, fmt.Sprintf("The run was started again: attempt %d makes its own deployments.", run.Attempt))
	}
	if s.Answered() != "" && run.Attempt == s.Verdict.Deploy.Attempt {
		return k.stillAnswered(ctx, f, run)
	}
	if s.OnlyGlances(k.Book.Now()) && run.Attempt == s.Verdict.Deploy.Attempt {
		return k.unchanged(ctx, f)
	}
	verdict, at, err := k.judgeDeployment(ctx, s, run)
	if err != nil {
		return engine.Outside(err)
	}
	k.Observer.Judged(verdict)
	drafts, err := k.judgement(ctx, s, gate.Judged{
		Covers: covers, Head: verdict.Head, BaseRef: verdict.Deploy.Base, Digest: verdict.Digest, Verdict: &verdict, Rules: &at,
	}, &verdict)
	if err != nil {
		return err
	}
	next, err := k.Book.Gates.Record(ctx, f.Name, drafts...)
	if err != nil || next.State.Released(k.Book.Now()) {
		return err
	}
	return k.giveBack(ctx, next.State.Subject) // it was taken for what is not let go any more
}

// repeatAfter is how long an answer that GitHub took may be without effect
// before it is said again: taken by a request that something else lost, say.
const repeatAfter = 2 * time.Minute

// stillAnswered notes that what was seen does not change the answer. Where the
// run waits all the same, the same answer is given once more: GitHub refuses it
// where it has it.
func (k *Keeper) stillAnswered(ctx context.Context, f book.Gate, run change.Run) error {
	s := f.State
	i := slices.IndexFunc(s.Deployment.Replied, func(r gate.Replied) bool { return r.Reply == s.Answered() && r.Attempt == run.Attempt })
	last := s.Deployment.Replied[i]
	repeat := waits(run, s.Subject.Environment) && k.Book.Now().Sub(s.Deployment.RepliedAt) > repeatAfter
	if repeat {
		var err error
		if repeat, err = k.stillWaits(ctx, s.Subject); err != nil {
			return err
		}
	}
	if repeat {
		err := k.Deploys.Respond(ctx, s.Subject, last.Reply, last.Comment)
		if err != nil && gate.AsError(err).Code != "deployment_not_pending" {
			return engine.Outside(err)
		}
	}
	if !waits(run, s.Subject.Environment) { // its job may have ended, whatever else the run does
		if err := k.hearEnd(ctx, s, run); err != nil {
			return err
		}
	}
	return k.unchanged(ctx, f)
}

// unchanged puts on record that a look found what the verdict is about.
func (k *Keeper) unchanged(ctx context.Context, f book.Gate) error {
	s := f.State
	_, err := k.Book.Gates.Record(ctx, f.Name, engine.Draft{Event: gate.Judged{
		Covers: f.Head.Version, Head: s.Verdict.Head, BaseRef: s.BaseRef, Digest: s.Verdict.Digest, Names: s.Names,
	}})
	return err
}

// waits reports whether a run waits for an environment. Names are compared as
// GitHub does.
func waits(run change.Run, environment string) bool {
	return slices.ContainsFunc(run.Pending, func(e string) bool { return strings.EqualFold(e, environment) })
}

// judgeDeployment gathers what the rules need to judge a deployment, and says where
// they were read.
func (k *Keeper) judgeDeployment(ctx context.Context, s gate.State, run change.Run) (v gate.Verdict, at gate.RulesAt, err error) {
	head := s.Subject.SHA
	if head == "" {
		head = run.Head
	}
	env, err := k.Book.EnvironmentOf(ctx, s.Subject.Repo, s.Subject.Environment)
	if err != nil {
		return v, at, err
	}
	d := &judge.Deployment{Environment: s.Subject.Environment, Before: env.WasApproved(head)}
	d.Run, d.Now = run, k.Book.Now()
	base, since, err := k.running(ctx, s.Subject, env)
	if err != nil {
		return v, at, err
	}
	d.BaseAt = since
	rules, err := k.gather(ctx, s, &d.RunFacts, base, head)
	if err != nil {
		return v, at, err
	}
	inForce := rules.Environment(s.Subject.Environment)
	if d.Run.Branch, err = k.branchOf(ctx, s.Subject.Repo, inForce, run, head); err != nil {
		return v, at, err
	}
	for _, p := range d.Outgoing.Pulls {
		d.HeadAt = later(d.HeadAt, p.MergedAt)
	}
	d.Running = env.UnderWay(s.Subject.Run)
	for _, after := range inForce.After {
		staged, err := k.staged(ctx, s.Subject.Repo, after.Environment, head)
		if err != nil {
			return v, at, err
		}
		d.Staged = append(d.Staged, staged)
	}
	return judge.Deploy(rules, d), rulesOfOutgoing(&d.Outgoing), nil
}

// gather reads what a run brings, with the rules of the default branch.
func (k *Keeper) gather(ctx context.Context, s gate.State, facts *judge.RunFacts, base, head string) (*policy.Rules, error) {
	if err := k.hurry(ctx, s); err != nil {
		return nil, err
	}
	rules, err := k.gatherOutgoing(ctx, s, facts, base, head)
	if err != nil {
		return nil, err
	}
	if facts.Run.Workflow != "" {
		w, err := k.Deploys.WorkflowAt(ctx, s.Subject.Repo, head, facts.Run.Workflow, judge.CalledWorkflows)
		if err != nil {
			return nil, err
		}
		facts.Workflow = &w
	}
	if err := k.rangePushers(ctx, s.Subject.Repo, &facts.Outgoing); err != nil {
		return nil, err
	}
	if err := k.freshMerges(ctx, s.Subject.Repo, []string{facts.Outgoing.Default, facts.Run.Branch}, &facts.Outgoing); err != nil {
		return nil, err
	}
	if facts.Outgoing.Change.Names, err = k.names(ctx, s.Subject.Repo, rules.Plan.Logins); err != nil {
		return nil, err
	}
	if facts.Parts, err = k.parts(ctx, s.Subject.Repo, facts.Outgoing.Pulls); err != nil {
		return nil, err
	}
	if facts.Chain, err = k.chain(ctx, s.Subject, facts); err != nil {
		return nil, err
	}
	facts.CanCancel = k.Runs != nil && k.Runs.MayCancel(ctx, s.Subject.Repo)
	if err := k.gatherEnvironments(ctx, s.Subject, facts); err != nil {
		return nil, err
	}
	return rules, nil
}

// gatherOutgoing reads the range of commits that a run brings, with the texts and
// the owners that the rules ask for.
func (k *Keeper) gatherOutgoing(
	ctx context.Context, s gate.State, facts *judge.RunFacts, base, head string,
) (_ *policy.Rules, err error) {
	if facts.Outgoing, err = k.Deploys.Outgoing(ctx, s.Subject, base, head); err != nil {
		return nil, err
	}
	if err := k.freshRules(ctx, s.Subject.Repo, rulesOfOutgoing(&facts.Outgoing)); err != nil {
		return nil, err
	}
	rules, err := k.rulesOf(facts.Outgoing.Org, facts.Outgoing.Repo)
	if err != nil {
		return nil, err
	}
	if err := k.texts(ctx, s.Subject, &facts.Outgoing.Change, func(f *change.File) bool {
		return judge.WantsDeployment(rules, s.Subject.Environment, &facts.Outgoing, f)
	}); err != nil {
		return nil, err
	}
	if judge.UsesOwners(rules) {
		if err := k.ownersAt(ctx, s.Subject.Repo, facts.Outgoing.Tip, &facts.Outgoing.Change); err != nil {
			return nil, err
		}
	}
	return rules, nil
}

// gatherEnvironments names the environments that exist, and those that hold a job.
func (k *Keeper) gatherEnvironments(ctx context.Context, s gate.Subject, facts *judge.RunFacts) error {
	enforced, err := k.environments(ctx, s.Repo)
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

// environments are those of a repository, with what holds them: as they were
// seen last, or where nobody looked yet, as they are.
func (k *Keeper) environments(ctx context.Context, repo gate.Repo) ([]gate.Enforcement, error) {
	f, err := k.Book.Repositories.Load(ctx, gate.Subject{Kind: gate.Repository, Repo: repo}.Stream())
	if err != nil {
		return nil, err
	}
	all := f.State.Enforcement
	if len(all) == 0 && k.Guard != nil {
		if all, err = k.Guard.Enforcement(ctx, repo, nil, nil); err != nil {
			return nil, err
		}
	}
	return slices.DeleteFunc(slices.Clone(all), func(e gate.Enforcement) bool { return e.Environment == "" }), nil
}

// bootstrapDeployments bounds how far back GitHub's own record is looked at.
const bootstrapDeployments = 30

// running is the commit from which a deployment is judged: the last that passed
// a gate of ours. Where none did yet, it is GitHub's record of what a workflow
// run brought there before anything was held: anybody who may write deployments
// can invent others, and say of one that was held that it succeeded.
func (k *Keeper) running(ctx context.Context, s gate.Subject, env gate.EnvironmentState) (sha string, at time.Time, err error) {
	if a := env.Passed(); a != nil {
		return a.SHA, a.At, nil
	}
	records, err := k.Deploys.Deployments(ctx, s.Repo, s.Environment, bootstrapDeployments)
	if err != nil {
		return "", time.Time{}, err
	}
	for _, r := range records {
		if env.First != 0 && r.ID >= env.First { // it came when there was a gate to pass
			continue
		}
		if r.ID != s.DeploymentID && r.Actions && (r.State == "success" || r.State == "inactive") {
			return r.SHA, r.StatusAt, nil
		}
	}
	return "", time.Time{}, nil
}

// staged is what became of a commit in another environment. Only what a workflow
// run brought there counts, and where the environment asks us, only what we let go: a
// status is written by whoever may write deployments. Where it does not ask, no gate
// looks for what no event told, and GitHub is asked.
func (k *Keeper) staged(ctx context.Context, repo gate.Repo, environment, sha string) (judge.Staged, error) {
	out := judge.Staged{Environment: environment}
	env, err := k.Book.EnvironmentOf(ctx, repo, environment)
	if err != nil {
		return out, err
	}
	all, err := k.environments(ctx, repo)
	if err != nil {
		return out, err
	}
	asks := slices.ContainsFunc(all, func(e gate.Enforcement) bool {
		return e.Enforced && strings.EqualFold(e.Environment, environment)
	})
	if !asks {
		if env, err = k.withUnheard(ctx, repo, env, environment, sha); err != nil {
			return out, err
		}
	}
	for _, a := range env.Arrivals {
		switch {
		case a.SHA != sha || a.Run == 0 && !a.Found || a.Again && !a.Failed:
		case asks && a.Gate == "" && !a.Failed:
		case a.Failed:
			out.FailedAt = a.At
		default:
			out.SucceededAt, out.FailedAt = a.At, time.Time{}
		}
	}
	return out, nil
}

func orUnknown(s string) string {
	if s == "" {
		return "GitHub does not say how"
	}
	return s
}
