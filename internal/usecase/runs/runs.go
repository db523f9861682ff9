// Package runs holds workflow runs that the rules name as a deploy: it cancels what
// is held and starts it again once it is released.
package runs

import (
	"context"
	"fmt"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/engine"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/judge"
	"github.com/gatehold/gatehold/internal/policy"
	"github.com/gatehold/gatehold/internal/rulesfile"
	"github.com/gatehold/gatehold/internal/usecase/book"
	"github.com/gatehold/gatehold/internal/usecase/outgoing"
	"github.com/gatehold/gatehold/internal/usecase/people"
	"github.com/gatehold/gatehold/internal/usecase/reading"
)

// Actions is what is done to workflow runs, where the rules ask for it and
// the App was granted `actions: write`. Cancelling is a race: the run may have
// done its work before.
type Actions interface {
	CancelRun(ctx context.Context, repo gate.Repo, run int64) error
	Rerun(ctx context.Context, repo gate.Repo, run int64) error
	// Login is the App's own, as GitHub names who started a run.
	Login(ctx context.Context) (string, error)
}

// GitHub is what is asked about runs.
type GitHub interface {
	// Run reads a workflow run. A run that is gone is over.
	Run(ctx context.Context, s gate.Subject) (change.Run, error)
	// Outgoing reads what lies between two commits, and whose it is.
	Outgoing(ctx context.Context, s gate.Subject, base, head string) (change.Outgoing, error)
}

// Observer is told what happens, for metrics. Its methods must not block.
type Observer interface {
	Judged(v gate.Verdict)
}

// Config is what Runs are made of.
type Config struct {
	Book      *book.Book
	Reader    *reading.Reader
	Directory *people.Directory
	Outgoing  *outgoing.Gatherer
	GitHub    GitHub
	Actions   Actions
	Observer  Observer
}

// Runs holds workflow runs that the rules name as a deploy.
type Runs struct {
	Config
	defaults *lru.Cache[int64, datedRules] // of default branches, by repository
}

// knownDefaults bounds the default branches whose rules are known.
const knownDefaults = 256

// New returns what holds the workflow runs in a book from now on.
func New(c Config) *Runs {
	defaults, _ := lru.New[int64, datedRules](knownDefaults) // errs only for a size below 1
	u := &Runs{Config: c, defaults: defaults}
	c.Book.Gates.On(gate.WorkflowRun, gate.Assess, u.assess)
	c.Book.Gates.On(gate.WorkflowRun, gate.CancelRun, u.cancelRun)
	c.Book.Gates.On(gate.WorkflowRun, gate.Lapse, c.Book.Lapse)
	return u
}

// ForgetRules has the rules of a repository's default branch read anew: they may be
// others now.
func (u *Runs) ForgetRules(repo int64) { u.defaults.Remove(repo) }

// assess judges a workflow run that the rules name as a deploy. Any other is
// over at once: it costs no more than reading the rules.
func (u *Runs) assess(ctx context.Context, f book.Gate) error {
	s, covers := f.State, f.Head.Version
	if s.Verdict == nil {
		named, err := u.namedByRules(ctx, s)
		if err != nil {
			return engine.Outside(err)
		}
		if !named {
			if err := u.Book.Close(ctx, f, "No rule names this workflow as a deploy."); err != nil || s.Seen.Action != "completed" {
				return err
			}
			return u.endDeployments(ctx, s.Subject, covers)
		}
	}
	run, err := u.GitHub.Run(ctx, s.Subject)
	if err != nil {
		return engine.Outside(err)
	}
	if err := u.Outgoing.FreshRun(ctx, s, run); err != nil {
		return err
	}
	halted := s.WorkflowRun.Halted != nil && !s.WorkflowRun.Halted.Again && s.WorkflowRun.Halted.Attempt == run.Attempt
	switch {
	case run.Over() && (!halted || run.Conclusion == "success"): // it was faster than we were
		return u.runOver(ctx, f, run)
	case halted && !u.Book.Now().Before(s.Deadline()):
		return u.Book.Close(ctx, f, fmt.Sprintf("Nobody released it within %d days. Start it anew.", int(gate.HoldLimit.Hours()/24)))
	}
	ours, err := u.startedAgain(ctx, s, run)
	if err != nil {
		return engine.Outside(err)
	}
	if ours { // the run that people saw
		drafts := []engine.Draft{{Event: gate.Judged{Covers: covers, Head: s.Verdict.Head, BaseRef: s.BaseRef, Digest: s.Verdict.Digest}}}
		if !s.WorkflowRun.Halted.Again { // GitHub's answer was lost
			drafts = append(drafts, engine.Draft{Event: gate.Halted{Covers: covers, Attempt: s.WorkflowRun.Halted.Attempt, Again: true}})
		}
		_, err = u.Book.Gates.Record(ctx, f.Name, drafts...)
		return err
	}
	verdict, at, err := u.judgeRun(ctx, s, run)
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
	_, err = u.Book.Gates.Record(ctx, f.Name, drafts...)
	return err
}

// namedByRules reports whether the rules in force count the run's workflow as a
// deploy.
func (u *Runs) namedByRules(ctx context.Context, s gate.State) (bool, error) {
	rules, err := u.defaultRules(ctx, s.Subject)
	if err != nil {
		return false, err
	}
	w, named := rules.HoldsWorkflow(s.Seen.Workflow)
	return named && w.Hold != rulesfile.HoldNever, nil
}

// judgeRun judges what a run can do and what it brings since the workflow's
// last run that passed.
func (u *Runs) judgeRun(ctx context.Context, s gate.State, run change.Run) (v gate.Verdict, at gate.RulesAt, err error) {
	past, err := u.Book.EnvironmentOf(ctx, s.Subject.Repo, workflowRecord(run.Workflow))
	if err != nil {
		return v, at, err
	}
	base := ""
	if a := past.Passed(); a != nil {
		base = a.SHA
	}
	facts := judge.RunFacts{Run: run, Now: u.Book.Now()}
	rules, err := u.Outgoing.Gather(ctx, s, &facts, base, run.Head)
	if err != nil {
		return v, at, err
	}
	return judge.Run(rules, &facts), reading.RulesOfOutgoing(&facts.Outgoing), nil
}

// startedAgain reports whether this attempt is the one that we started after
// the last was approved: nobody else acts in the App's name. One that somebody
// else started is another run.
func (u *Runs) startedAgain(ctx context.Context, s gate.State, run change.Run) (bool, error) {
	h := s.WorkflowRun.Halted
	if h == nil || s.Verdict == nil || s.Verdict.Deploy.Attempt != h.Attempt || run.Attempt != h.Attempt+1 ||
		run.Triggered.Type != change.Bot {
		return false, nil
	}
	login, err := u.Actions.Login(ctx)
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
func (u *Runs) defaultRules(ctx context.Context, s gate.Subject) (*policy.Rules, error) {
	if known, ok := u.defaults.Get(s.Repo.ID); ok && u.Book.Now().Sub(known.at) < rulesFor {
		return known.rules, nil
	}
	out, err := u.GitHub.Outgoing(ctx, s, s.SHA, s.SHA) // from a commit to itself: the rules alone
	if err != nil {
		return nil, err
	}
	if err := u.Reader.FreshRules(ctx, s.Repo, reading.RulesOfOutgoing(&out)); err != nil {
		return nil, err
	}
	rules, err := u.Reader.RulesOf(out.Org, out.Repo)
	if err == nil {
		u.defaults.Add(s.Repo.ID, datedRules{rules: rules, at: u.Book.Now()})
	}
	return rules, err
}

// Now are the rules at the tip of a repository's default branch, or those of a moment
// ago. commit is one of the repository's.
func (u *Runs) Now(ctx context.Context, repo gate.Repo, commit string) (*policy.Rules, error) {
	return u.defaultRules(ctx, gate.Subject{Kind: gate.WorkflowRun, Repo: repo, SHA: commit})
}

// workflowRecord is the name under which the runs of a workflow are remembered,
// beside the environments: no environment's name holds a line break.
func workflowRecord(path string) string { return "workflow\n" + path }

// runOver closes the gate of a run, remembers what it brought, and has the
// deployments of the run looked at, which are over as well.
func (u *Runs) runOver(ctx context.Context, f book.Gate, run change.Run) error {
	s := f.State
	if s.Verdict != nil {
		past := gate.Subject{Kind: gate.Environment, Repo: s.Subject.Repo, Environment: workflowRecord(run.Workflow)}
		arrival := gate.Arrival{SHA: run.Head, Run: run.ID, At: u.Book.Now(),
			By:     gate.Actor{Login: run.Triggered.Login, ID: run.Triggered.ID, Type: string(run.Triggered.Type)},
			Failed: run.Conclusion != "success"}
		if s.Going.Open {
			arrival.Gate, arrival.Approved = f.Name, len(s.Choices) > 0
		}
		key := fmt.Sprintf("run@%d@%d", run.ID, run.Attempt)
		if err := u.Book.Environments.Once(ctx, past.Stream(), key, gate.Landed{Arrivals: []gate.Arrival{arrival}}); err != nil {
			return err
		}
	}
	if err := u.Book.Close(ctx, f, outgoing.RunEnded(run)); err != nil {
		return err
	}
	return u.endDeployments(ctx, s.Subject, f.Head.Version)
}

// endDeployments has the open deployments of a run looked at: they are over.
func (u *Runs) endDeployments(ctx context.Context, run gate.Subject, version uint64) error {
	open, err := u.Book.DeploymentsOf(ctx, run)
	if err != nil {
		return err
	}
	for _, g := range open {
		look := gate.Look{Subject: g.State.Subject, Why: gate.RunEnded}
		if err := u.Book.Gates.Once(ctx, g.Name, fmt.Sprintf("ended@%d@%d", run.Run, version), look); err != nil {
			return err
		}
	}
	return nil
}

// cancelRun cancels a run that is held, or starts it again once it is released. The
// run is read before: it may have ended, or be another attempt by now, started
// by us even, where GitHub's answer was lost.
func (u *Runs) cancelRun(ctx context.Context, f book.Gate) error {
	s := f.State
	attempt := s.Verdict.Deploy.Attempt
	again := s.Released(u.Book.Now())
	run, err := u.GitHub.Run(ctx, s.Subject)
	if err != nil {
		return engine.Outside(err)
	}
	act := u.Actions.CancelRun
	if again {
		act = u.Actions.Rerun
	}
	switch {
	case run.Attempt != attempt && run.Attempt != 0, run.Over() && (!again || run.Conclusion == "success"):
		_, err = u.Book.Gates.Append(ctx, f, engine.Draft{Event: gate.Look{Subject: s.Subject, Why: gate.NewAttempt, Attempt: run.Attempt}})
		return err
	case run.Over() && run.Conclusion == "gone":
		return u.runOver(ctx, f, run)
	}
	if again {
		left, err := u.Directory.Confirm(ctx, s, 0)
		if err != nil {
			return err
		}
		if len(left) > 0 { // somebody by whom it was released is not who they were
			_, err = u.Book.Gates.Append(ctx, f, left...)
			return err
		}
	}
	if err := act(ctx, s.Subject.Repo, s.Subject.Run); err != nil {
		return engine.Outside(err)
	}
	_, err = u.Book.Gates.Record(ctx, f.Name, engine.Draft{Event: gate.Halted{Covers: f.Head.Version, Attempt: attempt, Again: again}})
	return err
}

// Concerned reports whether an event on a run concerns anybody.
func (u *Runs) Concerned(ctx context.Context, seen gate.Seen) (gate.Seen, bool, error) {
	if seen.Action != "completed" {
		return seen, true, nil
	}
	concerned, err := u.endConcerns(ctx, seen.Subject)
	return seen, concerned, err
}

// endConcerns reports whether the end of a run concerns anybody: where its beginning
// did not, it does only for a deployment that is open.
func (u *Runs) endConcerns(ctx context.Context, run gate.Subject) (bool, error) {
	f, err := u.Book.Gates.Load(ctx, run.Stream())
	if err != nil {
		return false, err
	}
	if f.State.Wanted != 0 && !f.State.Done {
		return true, nil
	}
	open, err := u.Book.DeploymentsOf(ctx, run)
	return err == nil && len(open) > 0, err
}
