// Package keeper holds the use cases and is the only room that coordinates.
//
// Doors call Take: the event is in the ledger before the door answers. Run
// reads what is due, asks the pure core what is to be done (gate.State.Due),
// lets one adapter do it and appends the outcome. There is no other state: a
// keeper that is killed at any point goes on, or another one does, from the
// ledger alone.
//
// One beat at a time works on one stream; many streams are worked on at once.
// The fence against a second replica is the ledger's compare-and-swap. Every
// outside effect can be repeated without harm: reading, painting a check run
// that is looked up first wherever one may exist already.
package keeper

import (
	"context"
	"log/slog"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/sync/semaphore"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/engine"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/ledger"
	"github.com/gatehold/gatehold/internal/policy"
	"github.com/gatehold/gatehold/internal/report"
	"github.com/gatehold/gatehold/internal/usecase/book"
)

// Hub is what the keeper asks of GitHub. Its errors are *gate.Error where a
// person can do something about them.
type Hub interface {
	// Facts reads a pull request as it is now, without the texts of its files.
	Facts(ctx context.Context, s gate.Subject, hint change.Hint) (change.Facts, error)
	// TextsWithin fills in both sides of the files that want asks for. Where they
	// have more than limit bytes, the error's code is texts_past_limit; 0 is none.
	TextsWithin(ctx context.Context, s gate.Subject, c *change.Change, want func(*change.File) bool, limit int64) error
	// FindCheck returns the newest check run of ours with a name on a commit, or 0.
	FindCheck(ctx context.Context, repo gate.Repo, sha, name string) (int64, error)
	// PutCheck creates a check run (id 0) or repaints one, and returns its id.
	PutCheck(ctx context.Context, repo gate.Repo, id int64, c report.Check) (int64, error)
}

// Observer is told what happens, for metrics. Its methods must not block.
type Observer interface {
	Judged(v gate.Verdict)
	Published(outcome string, took time.Duration) // from the event taken in to the painted check
	Failed(step, code string)
	Appended(took time.Duration)
	Queued(streams int) // due and not yet begun, at the last look
	// Bypassed: something reached an environment without passing a gate.
	Bypassed(environment string)
}

// Config is what a Keeper is made of. Log, Hub and Now must be set.
type Config struct {
	Log       ledger.Store
	Hub       Hub
	Missed    Deliveries // nil: missed deliveries are not looked for
	People    People     // nil: nobody is known, and no choice counts
	Names     Names      // nil: a login in rules and texts is bound to no account
	Past      Past       // nil: what was merged before is not looked at
	Owners    Owners     // nil: who owns code is not known, which holds where the rules ask for it
	Inventory Inventory  // nil: the ledger is not compared with GitHub
	// InForce tells which rules are in force; nil: they are not compared.
	InForce InForce
	Guard   Guard  // nil: nobody looks at what enforces the gates
	Trunks  Trunks // nil: lanes are known from what is judged alone
	// Workflows tells how a repository can deploy; nil: nobody looks.
	Workflows Workflows
	Deploys   Deploys  // nil: deployments and runs are not looked at
	Jobs      Jobs     // nil: a deployment of a job has ended once its run has
	Branches  Branches // nil: a run's branch is the one that it names
	Runs      Runs     // nil: no run is cancelled
	Pushes    Pushes   // nil: who pushed is known from the newest event only
	Now       func() time.Time
	// Nonce makes the nonce of a painting: gate.NonceLength characters of
	// lower-case base32 that nobody can guess. nil: from the system's source.
	Nonce    func() string
	Slog     *slog.Logger
	Appended func(shard int) // is told what shards are appended to; it must not block. nil: nobody is
	Observer Observer
	// PublicURL is where people reach this server, without a slash at the
	// end; empty: check runs carry no link.
	PublicURL string
	// Holder names this process among the replicas on one ledger. The same
	// name after a restart takes its shards over at once.
	Holder string
	// Poll is how often the ledger is looked at for what time, or another
	// replica's door, has made due; 0 means five times a second.
	Poll time.Duration
	// Workers bounds the beats at once; 0 means 64. GitHub's own bound is 100
	// requests at once for an installation.
	Workers int
}

// Keeper coordinates. Make one with New, then call Run.
type Keeper struct {
	Config
	engine   *engine.Engine
	Book     *book.Book
	rules    *lru.Cache[string, *policy.Rules]
	defaults *lru.Cache[int64, datedRules]     // of default branches, by repository
	inForce  *lru.Cache[string, *policy.Rules] // by branch and commit
	followed *lru.Cache[string, struct{}]      // pairs of commits, of which the one has the other in its history
	files    *semaphore.Weighted
	compare  chan struct{} // asks for a comparison with GitHub
	spare    *spare
	heavy    *lru.Cache[string, struct{}] // streams that are for the slow workers
	past     *semaphore.Weighted
	compared *comparison
	greens   greens
}

// Bounds of one keeper.
const (
	cachedRules   = 256
	cachedStreams = 4096
	// filesAtOnce bounds the files of all changes being judged at once, and
	// with them the memory: a change of 3,000 files takes a third of it.
	filesAtOnce = 9000
)

// New returns a keeper. It does no I/O.
func New(c Config) *Keeper {
	if c.Nonce == nil {
		c.Nonce = nonce
	}
	if c.Slog == nil {
		c.Slog = slog.New(slog.DiscardHandler)
	}
	if c.Observer == nil {
		c.Observer = silent{}
	}
	e := engine.New(engine.Config{
		Log: c.Log, Observer: c.Observer, Slog: c.Slog, Now: c.Now, Appended: c.Appended, Holder: c.Holder, Poll: c.Poll, Workers: c.Workers,
	})
	rules, _ := lru.New[string, *policy.Rules](cachedRules) // errs only for a size below 1
	defaults, _ := lru.New[int64, datedRules](cachedRules)
	inForce, _ := lru.New[string, *policy.Rules](cachedStreams)
	followed, _ := lru.New[string, struct{}](cachedStreams)
	heavy, _ := lru.New[string, struct{}](heavyKnown)
	k := &Keeper{
		Config:   c,
		engine:   e,
		Book:     book.New(e),
		rules:    rules,
		defaults: defaults,
		inForce:  inForce,
		followed: followed,
		files:    semaphore.NewWeighted(filesAtOnce),
		spare:    newSpare(),
		heavy:    heavy,
		past:     semaphore.NewWeighted(pastAtOnce),
		compare:  make(chan struct{}, 1),
		compared: newComparison(),
	}
	k.register()
	return k
}

// register says what does each step, and what goes on beside.
func (k *Keeper) register() {
	for _, kind := range []gate.Kind{gate.PullRequest, gate.MergeGroup, gate.Deployment, gate.WorkflowRun} {
		for step, do := range map[gate.Step]engine.Step[gate.State]{
			gate.Assess: k.assess, gate.NotifyChecks: k.notifyChecks, gate.Count: k.count, gate.Lapse: k.lapse,
			gate.Respond: k.respond, gate.CancelRun: k.cancelRun,
		} {
			k.Book.Gates.On(kind, step, do)
		}
	}
	k.Book.Checks.On(gate.Check, gate.ForwardPresses, k.forwardPresses)
	k.Book.Checks.On(gate.Check, gate.Publish, k.publish)
	k.Book.Repositories.On(gate.Repository, gate.Survey, k.survey)
	k.Book.Environments.On(gate.Environment, gate.RecordDeployment, k.recordDeployment)
	k.engine.OnFailure(k.refused)
	k.engine.Beside(k.renew)
	if k.Missed != nil {
		k.engine.Beside(k.redeliver)
	}
	if k.Inventory != nil {
		k.engine.Beside(k.reconcile)
	}
}

// Run works until ctx ends.
func (k *Keeper) Run(ctx context.Context) error { return k.engine.Run(ctx) }

func (k *Keeper) lapse(ctx context.Context, f book.Gate) error {
	next, err := k.Book.Gates.Record(ctx, f.Name, engine.Draft{Event: gate.Lapsed{}})
	if err != nil || next.State.Subject.Kind != gate.Deployment {
		return err
	}
	return k.giveBack(ctx, next.State.Subject)
}

type silent struct{}

func (silent) Judged(gate.Verdict)             {}
func (silent) Published(string, time.Duration) {}
func (silent) Failed(string, string)           {}
func (silent) Appended(time.Duration)          {}
func (silent) Queued(int)                      {}
func (silent) Bypassed(string)                 {}
