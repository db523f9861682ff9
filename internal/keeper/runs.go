package keeper

import (
	"context"
	"fmt"
	"time"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/engine"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/judge"
	"github.com/gatehold/gatehold/internal/policy"
	"github.com/gatehold/gatehold/internal/rulesfile"
	"github.com/gatehold/gatehold/internal/usecase/book"
)

// Runs is what the keeper does to workflow runs, where the rules ask for it and
// the App was granted `actions: write`. Cancelling is a race: the run may have
// done its work before.
type Runs interface {
	CancelRun(ctx context.Context, repo gate.Repo, run int64) error
	Rerun(ctx context.Context, repo gate.Repo, run int64) error
	// Login is the App's own, as GitHub names who started a run.
	Login(ctx context.Context) (string, error)
	// MayCancel reports whether the App was granted to, as far as it is known.
	MayCancel(ctx context.Context, repo gate.Repo) bool
	// Heard counts how often GitHub took this very answer about a deployment, in
	// all attempts of its run.
	Heard(ctx context.Context, s gate.Subject, reply gate.Reply, comment string) (int, error)
}

// assessRun judges a workflow run that the rules name as a deploy. Any other is
// over at once: it costs no more than reading the rules.
func (k *Keeper) assessRun(ctx context.Context, f book.Gate) error {
	s, covers := f.State, f.Head.Version
	if s.Verdict == nil {
		named, err := k.namedByRules(ctx, s)
		if err != nil {
			return engine.Outside(err)
		}
		if !named {
			if err := k.Book.Close(ctx, f, "No rule names this workflow as a deploy."); err != nil || s.Seen.Action != "completed" {
				return err
			}
			return k.endDeployments(ctx, s.Subject, covers)
		}
	}
	run, err := k.Deploys.Run(ctx, s.Subject)
	if err != nil {
		return engine.Outside(err)
	}
	if err := k.freshRun(ctx, s, run); err != nil {
		return err
	}
	halted := s.WorkflowRun.Halted != nil && !s.WorkflowRun.Halted.Again && s.WorkflowRun.Halted.Attempt == run.Attempt
	switch {
	case run.Over() && (!halted || run.Conclusion == "success"): // it was faster than we were
		return k.runOver(ctx, f, run)
	case halted && !k.Book.Now().Before(s.Deadline()):
		return k.Book.Close(ctx, f, fmt.Sprintf("Nobody released it within %d days. Start it anew.", int(gate.HoldLimit.Hours()/24)))
	}
	ours, err := k.startedAgain(ctx, s, run)
	if err != nil {
		return engine.Outside(err)
	}
	if ours { // the run that people saw
		drafts := []engine.Draft{{Event: gate.Judged{Covers: covers, Head: s.Verdict.Head, BaseRef: s.BaseRef, Digest: s.Verdict.Digest}}}
		if !s.WorkflowRun.Halted.Again { // GitHub's answer was lost
			drafts = append(drafts, engine.Draft{Event: gate.Halted{Covers: covers, Attempt: s.WorkflowRun.Halted.Attempt, Again: true}})
		}
		_, err = k.Book.Gates.Record(ctx, f.Name, drafts...)
		return err
	}
	verdict, at, err := k.judgeRun(ctx, s, run)
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
	_, err = k.Book.Gates.Record(ctx, f.Name, drafts...)
	return err
}

// namedByRules reports whether the rules in force count the run's workflow as a
// deploy.
func (k *Keeper) namedByRules(ctx context.Context, s gate.State) (bool, error) {
	rules, err := k.defaultRules(ctx, s.Subject)
	if err != nil {
		return false, err
	}
	w, named := rules.HoldsWorkflow(s.Seen.Workflow)
	return named && w.Hold != rulesfile.HoldNever, nil
}

// judgeRun judges what a run can do and what it brings since the workflow's
// last run that passed.
func (k *Keeper) judgeRun(ctx context.Context, s gate.State, run change.Run) (v gate.Verdict, at gate.RulesAt, err error) {
	past, err := k.Book.EnvironmentOf(ctx, s.Subject.Repo, workflowRecord(run.Workflow))
	if err != nil {
		return v, at, err
	}
	base := ""
	if a := past.Passed(); a != nil {
		base = a.SHA
	}
	facts := judge.RunFacts{Run: run, Now: k.Book.Now()}
	rules, err := k.gather(ctx, s, &facts, base, run.Head)
	if err != nil {
		return v, at, err
	}
	return judge.Run(rules, &facts), rulesOfOutgoing(&facts.Outgoing), nil
}

// startedAgain reports whether this attempt is the one that we started after
// the last was approved: nobody else acts in the App's name. One that somebody
// else started is another run.
func (k *Keeper) startedAgain(ctx context.Context, s gate.State, run change.Run) (bool, error) {
	h := s.WorkflowRun.Halted
	if h == nil || s.Verdict == nil || s.Verdict.Deploy.Attempt != h.Attempt || run.Attempt != h.Attempt+1 || k.Runs == nil ||
		run.Triggered.Type != change.Bot {
		return false, nil
	}
	login, err := k.Runs.Login(ctx)
	return err == nil && run.Triggered.Login == login, err
}

// rulesFor is how long the rules of a default branch are taken for unchanged
// where a run is looked at that most often is no deploy at all. A push that
// changes them is seen, and what is a deploy is judged by rules read anew.
const rulesFor = time.Minute

type datedRules struct {
	rules *policy.Rules
	at    time.Time
}

// defaultRules are the rules at the tip of the default branch, or those of a
// moment ago.
func (k *Keeper) defaultRules(ctx context.Context, s gate.Subject) (*policy.Rules, error) {
	if known, ok := k.defaults.Get(s.Repo.ID); ok && k.Book.Now().Sub(known.at) < rulesFor {
		return known.rules, nil
	}
	out, err := k.Deploys.Outgoing(ctx, s, s.SHA, s.SHA) // from a commit to itself: the rules alone
	if err != nil {
		return nil, err
	}
	if err := k.freshRules(ctx, s.Repo, rulesOfOutgoing(&out)); err != nil {
		return nil, err
	}
	rules, err := k.rulesOf(out.Org, out.Repo)
	if err == nil {
		k.defaults.Add(s.Repo.ID, datedRules{rules: rules, at: k.Book.Now()})
	}
	return rules, err
}

// workflowRecord is the name under which the runs of a workflow are remembered,
// beside the environments: no environment's name holds a line break.
func workflowRecord(path string) string { return "workflow\n" + path }

// runOver closes the gate of a run, remembers what it brought, and has the
// deployments of the run looked at, which are over as well.
func (k *Keeper) runOver(ctx context.Context, f book.Gate, run change.Run) error {
	s := f.State
	if s.Verdict != nil {
		past := gate.Subject{Kind: gate.Environment, Repo: s.Subject.Repo, Environment: workflowRecord(run.Workflow)}
		arrival := gate.Arrival{SHA: run.Head, Run: run.ID, At: k.Book.Now(),
			By:     gate.Actor{Login: run.Triggered.Login, ID: run.Triggered.ID, Type: string(run.Triggered.Type)},
			Failed: run.Conclusion != "success"}
		if s.Going.Open {
			arrival.Gate, arrival.Approved = f.Name, len(s.Choices) > 0
		}
		key := fmt.Sprintf("run@%d@%d", run.ID, run.Attempt)
		if err := k.Book.Environments.Once(ctx, past.Stream(), key, gate.Landed{Arrivals: []gate.Arrival{arrival}}); err != nil {
			return err
		}
	}
	if err := k.Book.Close(ctx, f, fmt.Sprintf("The run has ended (%s).", orUnknown(run.Conclusion))); err != nil {
		return err
	}
	return k.endDeployments(ctx, s.Subject, f.Head.Version)
}

// endDeployments has the open deployments of a run looked at: they are over.
func (k *Keeper) endDeployments(ctx context.Context, run gate.Subject, version uint64) error {
	open, err := k.Book.DeploymentsOf(ctx, run)
	if err != nil {
		return err
	}
	for _, g := range open {
		look := gate.Look{Subject: g.State.Subject, Why: gate.RunEnded}
		if err := k.Book.Gates.Once(ctx, g.Name, fmt.Sprintf("ended@%d@%d", run.Run, version), look); err != nil {
			return err
		}
	}
	return nil
}

// cancelRun cancels a run that is held, or starts it again once it is released. The
// run is read before: it may have ended, or be another attempt by now, started
// by us even, where GitHub's answer was lost.
func (k *Keeper) cancelRun(ctx context.Context, f book.Gate) error {
	s := f.State
	attempt := s.Verdict.Deploy.Attempt
	again := s.Released(k.Book.Now())
	if k.Runs == nil {
		return engine.Outside(&gate.Error{Code: "no_permission", Final: true,
			Text: "The rules ask for the run to be cancelled, and the App has no actions: write."})
	}
	run, err := k.Deploys.Run(ctx, s.Subject)
	if err != nil {
		return engine.Outside(err)
	}
	act := k.Runs.CancelRun
	if again {
		act = k.Runs.Rerun
	}
	switch {
	case run.Attempt != attempt && run.Attempt != 0, run.Over() && (!again || run.Conclusion == "success"):
		_, err = k.Book.Gates.Append(ctx, f, engine.Draft{Event: gate.Look{Subject: s.Subject, Why: gate.NewAttempt, Attempt: run.Attempt}})
		return err
	case run.Over() && run.Conclusion == "gone":
		return k.runOver(ctx, f, run)
	}
	if again {
		left, err := k.confirm(ctx, s, 0)
		if err != nil {
			return err
		}
		if len(left) > 0 { // somebody by whom it was released is not who they were
			_, err = k.Book.Gates.Append(ctx, f, left...)
			return err
		}
	}
	if err := act(ctx, s.Subject.Repo, s.Subject.Run); err != nil {
		return engine.Outside(err)
	}
	_, err = k.Book.Gates.Record(ctx, f.Name, engine.Draft{Event: gate.Halted{Covers: f.Head.Version, Attempt: attempt, Again: again}})
	return err
}
