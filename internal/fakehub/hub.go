package fakehub

import (
	"context"
	"encoding/base64"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
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

// Hub is one GitHub.
type Hub struct {
	opt   Options
	base  atomic.Pointer[string]
	mux   *http.ServeMux
	log   *slog.Logger
	serve *http.Server

	mu       stateLock // guards everything down to the blank line, and all that it holds
	accounts map[string]*Account
	byID     map[int64]*Account
	byEmail  map[string]*Account
	orgs     map[int64]*Org
	apps     map[int64]*App
	appList  []*App // in the order of their registration
	installs map[int64]*Installation
	repos    map[string]*Repo
	repoByID map[int64]*Repo
	moved    map[string]*Repo // by the full names that they had, as long as nobody took them
	runs     map[int64]*checkRun
	rulesets []*ruleset // in the order of their making
	nextID   map[string]int64
	webFlow  *Account
	heavy    Heavy
	presses  []Press   // in the order of their making
	painted  []Painted // likewise
	asking   Asking
	devices  map[string]*deviceLogin // by device code
	// workflowRuns are those of all repositories, by their ids.
	workflowRuns map[int64]*WorkflowRun
	// present is the moment in which the hub is; nil: now.
	present *moment

	tokens  tokenTable
	quota   quotaTable
	faults  faultTable
	lags    lagTable
	journal journal
	hooks   *hookSender
	random  lockedRand
	// ghostAccount is made when it is first needed.
	ghostAccount atomic.Pointer[Account]
	graph        func() map[string]map[string]field
}

// New returns a Hub that serves nothing yet.
func New(opt Options) *Hub {
	opt.setDefaults()
	h := &Hub{
		opt:      opt,
		log:      opt.Logger,
		accounts: map[string]*Account{},
		byID:     map[int64]*Account{},
		byEmail:  map[string]*Account{},
		orgs:     map[int64]*Org{},
		apps:     map[int64]*App{},
		installs: map[int64]*Installation{},
		repos:    map[string]*Repo{},
		repoByID: map[int64]*Repo{},
		moved:    map[string]*Repo{},
		runs:     map[int64]*checkRun{},
		nextID:   map[string]int64{},
		devices:  map[string]*deviceLogin{},

		workflowRuns: map[int64]*WorkflowRun{},
	}
	h.random.rand = rand.New(rand.NewPCG(opt.Seed, 0x6761746568))
	h.tokens.grants = map[string]*grant{}
	h.quota.buckets = map[string]*bucket{}
	h.quota.perMinute, h.quota.perHour = opt.ContentPerMinute, opt.ContentPerHour
	h.journal.counts = map[RouteStatus]int{}
	h.mu.changing = h.remember
	h.hooks = newHookSender(h)
	h.webFlow = h.addAccount(&Account{ID: 19864447, Login: "web-flow", Type: "User", Name: "GitHub", Email: "noreply@github.com"})
	h.graph = sync.OnceValue(graphTypes)
	h.mux = http.NewServeMux()
	h.routeAll()
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

// Start listens on a free port of 127.0.0.1 and returns the base URL, without
// a slash at its end.
func (h *Hub) Start() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("fakehub cannot listen on 127.0.0.1: %w", err)
	}
	base := "http://" + l.Addr().String()
	h.base.Store(&base)
	h.serve = &http.Server{Handler: h.Handler(), ReadHeaderTimeout: 10 * time.Second,
		ErrorLog: slog.NewLogLogger(h.log.Handler(), slog.LevelWarn)}
	go func() {
		if err := h.serve.Serve(l); err != http.ErrServerClosed {
			h.log.Error("fakehub stopped serving", "error", err)
		}
	}()
	return base, nil
}

// Close stops serving and sending; requests and webhooks under way are cut.
func (h *Hub) Close() {
	h.hooks.close()
	if h.serve != nil {
		h.serve.Close()
	}
}

// URL is the base URL, "http://fakehub.invalid" before Start.
func (h *Hub) URL() string {
	if b := h.base.Load(); b != nil {
		return *b
	}
	return "http://fakehub.invalid"
}

// Settle waits until every queued webhook has been answered, dropped or has
// run into its time limit, or until ctx ends.
func (h *Hub) Settle(ctx context.Context) error { return h.hooks.settle(ctx) }

func (h *Hub) now() time.Time { return h.opt.Now().UTC().Truncate(time.Second) }

// id gives the next number of a kind. The caller holds h.mu for writing.
func (h *Hub) id(kind string, first int64) int64 {
	n, ok := h.nextID[kind]
	if !ok {
		n = first
	}
	h.nextID[kind] = n + 1
	return n
}

// reposByID are all repositories in the order of their making.
func (h *Hub) reposByID() []*Repo {
	return slices.SortedFunc(maps.Values(h.repoByID), func(a, b *Repo) int { return int(a.ID - b.ID) })
}

// nodeID is an opaque global id of the kind GitHub gives.
func nodeID(prefix string, id int64) string {
	return prefix + "_" + base64.RawURLEncoding.EncodeToString([]byte(fmt.Sprintf("%s:%d", prefix, id)))
}

// fold is how GitHub compares logins and names of repositories.
func fold(name string) string { return strings.ToLower(name) }

type lockedRand struct {
	mu   sync.Mutex
	rand *rand.Rand
}

func (r *lockedRand) float() float64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.rand.Float64()
}

func (r *lockedRand) bytes(n int) []byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.rand.Uint32())
	}
	return b
}

// guid is a version 4 UUID.
func (r *lockedRand) guid() string {
	b := r.bytes(16)
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
