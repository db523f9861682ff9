package fakehub

import (
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub/hooks"
	"github.com/gatehold/gatehold/internal/fakehub/journal"
	"github.com/gatehold/gatehold/internal/fakehub/random"
)

// Options are all optional; the zero value is a GitHub with its real limits.
type Options struct {
	// Now is the clock of quotas, token expiry and time stamps; time.Now.
	Now func() time.Time
	// Seed makes tokens, GUIDs and the chances of faults repeatable.
	Seed uint64
	// Latency is how long every API request takes, at least.
	Latency time.Duration
	// RESTQuota and GraphQLQuota are requests (points) per hour and
	// installation: 5,000 where zero; below zero there is none.
	RESTQuota, GraphQLQuota int
	// Concurrency is how many requests may be in flight before the secondary
	// limit answers: 100 where zero; below zero there is none.
	Concurrency int
	// PointsPerMinute is the secondary limit per endpoint and installation (a
	// GET is 1, a write 5). GitHub's is 900; here there is none where it is
	// zero, so that load can be measured.
	PointsPerMinute int
	// ContentPerMinute and ContentPerHour are the secondary limits of writes to
	// repositories by one installation or person. GitHub's are 80 and 500; here
	// there is none where it is zero. Whether GitHub counts the updates of check
	// runs it does not say; here they count.
	ContentPerMinute, ContentPerHour int
	// TreeLimit is how many entries a recursive tree lists before it is
	// truncated: 100,000 where zero.
	TreeLimit int
	// PatchLimit is the size in bytes past which a file's patch is left out:
	// 500,000 where zero.
	PatchLimit int
	// HookTimeout is how long a webhook may take to answer: 10 s where zero.
	HookTimeout time.Duration
	// HookWorkers is how many webhooks are sent at once: 16 where zero.
	HookWorkers int
	// KeepDeliveries is how many deliveries the log keeps: 10,000 where zero.
	KeepDeliveries int
	// DeviceInterval is how long a client of the device flow has to wait
	// between two questions: 5 s where zero.
	DeviceInterval time.Duration
	// Contract is asked whether requests, answers, queries and webhooks are
	// such as GitHub's own description says. Nil: nobody is asked.
	Contract Contract
	// Logger hears of what goes wrong inside; nil: nobody.
	Logger *slog.Logger
}

// Contract is GitHub's description of itself. Each method returns nil, or an
// error that says in a sentence what breaks it.
type Contract interface {
	// Request is asked before a request is served. template is the path in
	// GitHub's own form, "/repos/{owner}/{repo}/pulls/{pull_number}".
	Request(r *http.Request, template string, params map[string]string, body []byte) error
	// Response is asked of every answer that no fault has touched.
	Response(method, template string, status int, body []byte) error
	// Query is asked of every GraphQL document.
	Query(document string) error
	// Webhook is asked of every payload that is sent.
	Webhook(event, action string, payload []byte) error
}

// Hub is the state of one GitHub, and the rules by which it changes. It serves
// nothing by itself.
type Hub struct {
	Options Options
	base    atomic.Pointer[string]
	Log     *slog.Logger

	State          stateLock // guards everything down to the blank line, and all that it holds
	accounts       map[string]*Account
	AccountByID    map[int64]*Account
	AccountByEmail map[string]*Account
	Orgs           map[int64]*Org
	Apps           map[int64]*App
	appList        []*App // in the order of their registration
	Installs       map[int64]*Installation
	repos          map[string]*Repo
	RepoByID       map[int64]*Repo
	moved          map[string]*Repo // by the full names that they had, as long as nobody took them
	ChecksByID     map[int64]*Check
	Rulesets       []*Ruleset // in the order of their making
	nextID         map[string]int64
	webFlow        *Account
	presses        []Press   // in the order of their making
	painted        []Painted // likewise
	// present is the moment in which the hub is; nil: now.
	Present *Moment

	annexes []Annex

	Journal *journal.Journal
	Hooks   *hooks.Sender
	Random  *random.Source
	// ghostAccount is made when it is first needed.
	ghostAccount atomic.Pointer[Account]
}

// Annex is a part of the state that another package keeps. It is asked while the
// state is locked.
type Annex interface {
	// Remember makes it part of a moment.
	Remember(m *Moment)
	// Pass moves on what time has done something to, of one repository.
	Pass(r *Repo)
}

// Attach adds a part of the state, before anything happens in the hub.
func (h *Hub) Attach(a Annex) { h.annexes = append(h.annexes, a) }

// New returns a Hub in which there is nothing yet.
func New(opt Options) *Hub {
	opt.setDefaults()
	h := &Hub{
		Options:        opt,
		Log:            opt.Logger,
		accounts:       map[string]*Account{},
		AccountByID:    map[int64]*Account{},
		AccountByEmail: map[string]*Account{},
		Orgs:           map[int64]*Org{},
		Apps:           map[int64]*App{},
		Installs:       map[int64]*Installation{},
		repos:          map[string]*Repo{},
		RepoByID:       map[int64]*Repo{},
		moved:          map[string]*Repo{},
		ChecksByID:     map[int64]*Check{},
		nextID:         map[string]int64{},
	}
	h.Random = random.New(opt.Seed)
	h.Journal = journal.New()
	h.Hooks = hooks.NewSender(hooks.Options{Now: opt.Now, Random: h.Random, Timeout: opt.HookTimeout, Workers: opt.HookWorkers,
		Keep: opt.KeepDeliveries, Check: h.checkWebhook})
	h.webFlow = h.addAccount(&Account{ID: 19864447, Login: "web-flow", Type: "User", Name: "GitHub", Email: "noreply@github.com"})
	return h
}

func (o *Options) setDefaults() {
	orElse := func(n *int, d int) {
		if *n == 0 {
			*n = d
		}
	}
	orElse(&o.RESTQuota, 5000)
	orElse(&o.GraphQLQuota, 5000)
	orElse(&o.Concurrency, 100)
	orElse(&o.TreeLimit, 100_000)
	orElse(&o.PatchLimit, 500_000)
	orElse(&o.HookWorkers, 16)
	orElse(&o.KeepDeliveries, 10_000)
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.HookTimeout == 0 {
		o.HookTimeout = 10 * time.Second
	}
	if o.DeviceInterval == 0 {
		o.DeviceInterval = 5 * time.Second
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
}

// URL is the base URL, "http://fakehub.invalid" as long as nobody serves.
func (h *Hub) URL() string {
	if b := h.base.Load(); b != nil {
		return *b
	}
	return "http://fakehub.invalid"
}

// SetURL says where it is served from now on: the base URL without a slash at
// its end.
func (h *Hub) SetURL(base string) { h.base.Store(&base) }

// Now is the hub's clock to the second, as GitHub writes times.
func (h *Hub) Now() time.Time { return h.Options.Now().UTC().Truncate(time.Second) }

// NextID gives the next number of a kind. The caller holds the lock State for
// writing.
func (h *Hub) NextID(kind string, first int64) int64 {
	n, ok := h.nextID[kind]
	if !ok {
		n = first
	}
	h.nextID[kind] = n + 1
	return n
}

// ReposByID are all repositories in the order of their making.
func (h *Hub) ReposByID() []*Repo {
	return slices.SortedFunc(maps.Values(h.RepoByID), func(a, b *Repo) int { return int(a.ID - b.ID) })
}

// Fold is how GitHub compares logins and names of repositories.
func Fold(name string) string { return strings.ToLower(name) }

// Tick moves on what time has done something to: groups of merge queues whose
// checks did not complete in time have failed, as have jobs that waited for an
// environment for 30 days; webhooks that were late are sent.
func (h *Hub) Tick() {
	h.Hooks.DeliverLate(h.Options.Now())
	h.State.Lock()
	defer h.State.Unlock()
	for _, r := range h.ReposByID() {
		r.AdvanceQueues()
		for _, a := range h.annexes {
			a.Pass(r)
		}
	}
}

func (h *Hub) checkWebhook(event, action string, payload []byte) {
	if h.Options.Contract == nil {
		return
	}
	if err := h.Options.Contract.Webhook(event, action, payload); err != nil {
		h.Journal.Violate("webhook " + event + " " + action + ": " + err.Error())
	}
}

// Account is the one that is called so now, or nil. The caller holds the state's
// lock, as for all that says nothing else.
func (h *Hub) Account(login string) *Account { return h.accounts[Fold(login)] }

// Repo is the one that is called OWNER/NAME now, or nil.
func (h *Hub) Repo(full string) *Repo { return h.repos[Fold(full)] }
