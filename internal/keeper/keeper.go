// Package keeper puts the use cases on one engine: it is the one place where each
// is given what it asks of GitHub, and what it asks of another.
//
// Doors call Deliveries and Answers: what comes in is in the ledger before the
// door answers. Run has done what is due. There is no other state: a keeper that
// is killed at any point goes on, or another one does, from the ledger alone.
package keeper

import (
	"context"
	"log/slog"
	"time"

	"github.com/gatehold/gatehold/internal/engine"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/ledger"
	"github.com/gatehold/gatehold/internal/usecase/accounts"
	"github.com/gatehold/gatehold/internal/usecase/answers"
	"github.com/gatehold/gatehold/internal/usecase/book"
	"github.com/gatehold/gatehold/internal/usecase/brought"
	"github.com/gatehold/gatehold/internal/usecase/checks"
	"github.com/gatehold/gatehold/internal/usecase/credentials"
	"github.com/gatehold/gatehold/internal/usecase/deliveries"
	"github.com/gatehold/gatehold/internal/usecase/deploys"
	"github.com/gatehold/gatehold/internal/usecase/digests"
	"github.com/gatehold/gatehold/internal/usecase/lanes"
	"github.com/gatehold/gatehold/internal/usecase/notices"
	"github.com/gatehold/gatehold/internal/usecase/orgs"
	"github.com/gatehold/gatehold/internal/usecase/outgoing"
	"github.com/gatehold/gatehold/internal/usecase/people"
	"github.com/gatehold/gatehold/internal/usecase/pulls"
	"github.com/gatehold/gatehold/internal/usecase/pushers"
	"github.com/gatehold/gatehold/internal/usecase/reading"
	"github.com/gatehold/gatehold/internal/usecase/repos"
	"github.com/gatehold/gatehold/internal/usecase/runs"
	"github.com/gatehold/gatehold/internal/usecase/telling"
)

// Hub is what the use cases ask of GitHub about pull requests and their checks.
// The errors of all ports are *gate.Error where a person can do something about
// them.
type Hub interface {
	pulls.Facts
	reading.Texts
	checks.GitHub
}

// Deploys is what the use cases ask of GitHub about runs and deployments.
type Deploys interface {
	deploys.GitHub
	runs.GitHub
	outgoing.Ranges
	repos.Waiting
}

// Runs is what the use cases do to workflow runs.
type Runs interface {
	runs.Actions
	deploys.Heard
	outgoing.Grants
}

// Branches tells which commits a branch has, and in which order they came.
type Branches interface {
	deploys.Branches
	reading.History
}

// Observer is told what happens, for metrics. Its methods must not block.
type Observer interface {
	engine.Observer
	pulls.Observer
	deploys.Observer
	checks.Observer
	telling.Observer
	notices.Observer
	credentials.Observer
}

// Credentials is what credentials are given with. What is nil is not given.
type Credentials struct {
	Verifier credentials.Verifier
	Running  credentials.Jobs
	Mint     credentials.Mint
	Signer   credentials.Signer
	Vault    credentials.Vault
}

// Config is what a Keeper is made of. All but the last group must be set.
type Config struct {
	Log       ledger.Store
	Now       func() time.Time
	Hub       Hub
	Missed    deliveries.Missed
	People    people.People
	Names     people.Names
	Past      pulls.Past
	Owners    repos.Owners
	Inventory repos.Inventory
	InForce   repos.InForce
	Guard     repos.Guard
	Trunks    lanes.Trunks
	Workflows repos.Workflows
	Deploys   Deploys
	Jobs      deploys.Jobs
	Branches  Branches
	Runs      Runs
	Pushes    pushers.Pushes
	Ranges    brought.Ranges
	Mentions  notices.Mentions

	// Passkeys makes and verifies people's passkeys; nil: none are.
	Passkeys accounts.Passkeys
	// KeyWait is how long a person's first passkey waits before it counts; 0 means
	// accounts.FirstWait.
	KeyWait time.Duration

	// Credentials is what credentials are given with; without a Verifier none are.
	Credentials Credentials

	// Channels are the ways to tell people; none: nobody is told.
	Channels []telling.Channel
	Sights   telling.Sights // seals what buttons of messages are for; nil: none has any
	Lines    telling.Lines  // reads what is dangerous, for messages; nil: none has any
	// Ways are how single people are told of what waits for them; nil: they are not.
	Ways    digests.Ways
	Waiting digests.Waiting
	// KeyChannels are those by which people are told of passkeys.
	KeyChannels []notices.Channel
	// GitHubURL is where people see GitHub, without a slash at the end; empty:
	// messages do not lead there.
	GitHubURL string
	// Nonce makes the nonce of a painting: gate.NonceLength characters of
	// lower-case base32 that nobody can guess. nil: from the system's source.
	Nonce    func() string
	Slog     *slog.Logger    // nil: nothing is logged
	Observer Observer        // nil: nobody is told
	Appended func(shard int) // is told what shards are appended to; it must not block. nil: nobody is
	// PublicURL is where people reach this server, without a slash at the
	// end; empty: check runs carry no link.
	PublicURL string
	// Holder names this process among the replicas on one ledger. The same
	// name after a restart takes its shards over at once.
	Holder string
	// Poll is how often the ledger is looked at for what time, or another
	// replica's door, has made due; 0 means five times a second.
	Poll time.Duration
	// Rest is what lies at least between two comparisons with GitHub that are asked
	// for; 0 means 20 seconds.
	Rest time.Duration
	// Workers bounds the beats at once; 0 means 64. GitHub's own bound is 100
	// requests at once for an installation.
	Workers int
}

// Keeper is an engine with all use cases. Make one with New, then call Run.
type Keeper struct {
	Book       *book.Book
	Deliveries *deliveries.Deliveries
	Answers    *answers.Answers
	Accounts   *accounts.Accounts
	Repos      *repos.Repos
	// Credentials gives workloads what they need.
	Credentials *credentials.Credentials
	engine      *engine.Engine
}

// New returns a keeper. It does no I/O.
func New(c Config) *Keeper {
	if c.Observer == nil {
		c.Observer = silent{}
	}
	e := engine.New(engine.Config{
		Log: c.Log, Observer: c.Observer, Slog: c.Slog, Now: c.Now, Appended: c.Appended, Holder: c.Holder, Poll: c.Poll, Workers: c.Workers,
	})
	b := book.New(e, c.PublicURL)
	reader := reading.New(reading.Config{Book: b, Texts: c.Hub, Owners: c.Owners, History: c.Branches})
	known := &people.WithKeys{Book: b, People: c.People}
	directory := &people.Directory{Book: b, People: known, Names: c.Names}
	pushed := &pushers.Pushers{Book: b, Pushes: c.Pushes}
	roads := lanes.New(b, reader, c.Trunks)
	out := &outgoing.Gatherer{
		Book: b, Reader: reader, Directory: directory, Pushers: pushed, Ranges: c.Deploys, Guard: c.Guard, Grants: c.Runs,
	}
	judged := pulls.New(pulls.Config{
		Book: b, Reader: reader, Directory: directory, Pushers: pushed, Lanes: roads, Facts: c.Hub, Past: c.Past, Observer: c.Observer,
		Brought: &brought.Finder{Book: b, Ranges: c.Ranges},
	})
	deployments := deploys.New(deploys.Config{
		Book: b, Directory: directory, Outgoing: out, GitHub: c.Deploys, Heard: c.Runs, Jobs: c.Jobs, Branches: c.Branches,
		Observer: c.Observer,
	})
	held := runs.New(runs.Config{
		Book: b, Reader: reader, Directory: directory, Outgoing: out, GitHub: c.Deploys, Actions: c.Runs, Observer: c.Observer,
	})
	kept := repos.New(repos.Config{
		Engine: e, Book: b, Reader: reader, Lanes: roads, Rules: held, Inventory: c.Inventory, InForce: c.InForce, Owners: c.Owners,
		Guard: c.Guard, Workflows: c.Workflows, Waiting: c.Deploys, Observer: c.Observer, Rest: c.Rest,
	})
	told := telling.New(telling.Config{
		Book: b, Channels: c.Channels, GitHub: c.GitHubURL, Observer: c.Observer, Sights: c.Sights, Lines: c.Lines,
	})
	each := digests.New(digests.Config{Book: b, Waiting: c.Waiting, Ways: c.Ways, Origin: c.PublicURL, Observer: c.Observer})
	around := orgs.New(b, reader, c.Trunks, known)
	notices.New(notices.Config{
		Book: b, Channels: c.KeyChannels, Origin: c.PublicURL, Observer: c.Observer, Orgs: around, Mentions: c.Mentions,
	})
	given := credentials.New(credentials.Config{
		Book: b, Verifier: c.Credentials.Verifier, Rules: held, Jobs: c.Credentials.Running, Mint: c.Credentials.Mint,
		Signer: c.Credentials.Signer, Vault: c.Credentials.Vault, Observer: c.Observer,
	})
	checks.New(checks.Config{
		Engine: e, Book: b, Lanes: roads, GitHub: c.Hub, Comparison: kept, Hearers: []checks.Hearer{told, each, given}, Observer: c.Observer,
		Nonce: c.Nonce,
	})
	taken := deliveries.New(deliveries.Config{
		Engine: e, Book: b, Repositories: kept, Branches: pushed, Lanes: roads, Edits: judged, Missed: c.Missed, Observer: c.Observer,
		Credentials: given,
		Concerns:    map[gate.Kind]deliveries.Concern{gate.Deployment: deployments, gate.WorkflowRun: held},
	})
	said := answers.New(b, directory, known)
	members := accounts.New(accounts.Config{
		Book: b, People: known, Answers: said, Orgs: around, Passkeys: c.Passkeys, Wait: c.KeyWait,
	})
	return &Keeper{Book: b, Deliveries: taken, Answers: said, Accounts: members, Repos: kept, Credentials: given, engine: e}
}

// Run works until ctx ends, then lets beats under way finish their step as far
// as ctx allows and gives its leases back.
func (k *Keeper) Run(ctx context.Context) error { return k.engine.Run(ctx) }

type silent struct{}

func (silent) Judged(gate.Verdict)             {}
func (silent) Published(string, time.Duration) {}
func (silent) Failed(string, string)           {}
func (silent) Appended(time.Duration)          {}
func (silent) Queued(int)                      {}
func (silent) Bypassed(string)                 {}
func (silent) Messaged(string, string)         {}
func (silent) Credential(string, string)       {}
