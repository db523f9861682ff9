//go:build services

package stories

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/site"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub"
	"github.com/gatehold/gatehold/internal/hub/api"
	"github.com/gatehold/gatehold/internal/hub/inbox"
	"github.com/gatehold/gatehold/internal/keeper"
	"github.com/gatehold/gatehold/internal/keeper/keepertest"
	"github.com/gatehold/gatehold/internal/ledger"
	"github.com/gatehold/gatehold/internal/testworld"
	"github.com/gatehold/gatehold/internal/web"
)

// pair is gatehold twice on one ledger, each half as a process of its own would
// be: it can stand still in the middle of painting a check, go on later, or die.
type pair struct {
	testing.TB
	clock *clock
	hub   *site.Hub
	base  string
	app   *fakehub.App
	front *httptest.Server
	open  func() ledger.Store
	eye   ledger.Store // for looking on
	said  said

	busy  atomic.Int64 // requests, and what is written, of halves that do not stand still
	stood atomic.Int64 // how often one has come to stand

	mu        sync.Mutex
	halves    [2]*half // nil: it is down
	turn      int
	owner     [ledger.Shards]int // who finds what is due: the first, the second, or 2: both
	random    *rand.Rand         // of what the stores do
	conflicts float64            // chance that a store says that a stream has moved
	lost      float64            // chance that a store's answer is lost after the write
}

// half is one of the two.
type half struct {
	*pair
	number int
	keeper *keeper.Keeper
	doors  http.Handler
	store  ledger.Store
	stop   context.CancelFunc
	ran    chan error
	lines  *http.Transport
	dead   atomic.Bool

	still sync.Mutex
	about map[string]bool // streams of checks whose painting it has announced, and not said what came of it
	armed string          // where its next painting stops: "before", "after"; empty: nowhere
	thaw  chan struct{}   // closed when it goes on; nil: it runs
	since time.Time       // when it came to stand
}

var errGone = errors.New("the process is gone")

// atTheDoor marks what a webhook asks for: doors are never stopped, for GitHub
// would not wait.
type atTheDoor struct{}

// stands is what a half waits for, nil where it runs.
func (h *half) stands() chan struct{} {
	h.still.Lock()
	defer h.still.Unlock()
	return h.thaw
}

// may waits while the half stands still, and says whether it is gone.
func (h *half) may(ctx context.Context) error {
	if thaw := h.stands(); thaw != nil && ctx.Value(atTheDoor{}) == nil {
		select {
		case <-thaw:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if h.dead.Load() {
		return errGone
	}
	return nil
}

// arm has a half stand still at its next painting, where the other one goes on.
func (r *pair) arm(i int, where string) {
	h, other := r.halves[i], r.halves[1-i]
	if other == nil || other.stands() != nil {
		return
	}
	other.goOn()
	h.still.Lock()
	defer h.still.Unlock()
	if h.thaw == nil {
		h.armed = where
	}
}

// goOn has it run again.
func (h *half) goOn() {
	h.still.Lock()
	defer h.still.Unlock()
	h.armed = ""
	if h.thaw != nil {
		close(h.thaw)
		h.thaw = nil
	}
}

// pause stands still where it is armed to. What has taken longer than a step may
// is given up: the machine was paused, and its clock went on.
func (h *half) pause(where string) error {
	h.mu.Lock()
	alone := h.halves[1-h.number] == nil
	h.mu.Unlock()
	h.still.Lock()
	if h.armed != where || alone {
		h.still.Unlock()
		return nil
	}
	thaw := make(chan struct{})
	h.armed, h.thaw, h.since = "", thaw, h.clock.now()
	h.still.Unlock()
	h.stood.Add(1)
	h.busy.Add(-1)
	<-thaw
	h.busy.Add(1)
	if h.clock.now().Sub(h.since) >= gate.StepTime {
		return context.DeadlineExceeded
	}
	return nil
}

// RoundTrip is the network as a half sees it.
func (h *half) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := h.may(req.Context()); err != nil {
		return nil, err
	}
	h.busy.Add(1)
	defer h.busy.Add(-1)
	req, err := signedAt(req, h.app.ID, h.clock.now())
	if err != nil {
		return nil, err
	}
	paints := (req.Method == http.MethodPost || req.Method == http.MethodPatch) &&
		bytes.Contains([]byte(req.URL.Path), []byte("/check-runs"))
	if paints {
		if err := h.pause("before"); err != nil {
			return nil, err
		}
		req = req.WithContext(context.WithoutCancel(req.Context())) // what was about to be sent is sent
	}
	resp, err := h.lines.RoundTrip(req)
	if err == nil && paints {
		err = h.pause("after")
	}
	if err == nil && h.dead.Load() {
		err = errGone
	}
	if err != nil && resp != nil {
		resp.Body.Close()
		return nil, err
	}
	return resp, err
}

// mortal is the ledger as a half sees it: after its death nothing goes through,
// and while it lives, the other may have been faster.
type mortal struct {
	ledger.Store
	of *half
}

func (m mortal) Append(ctx context.Context, b ledger.Batch) (err error) {
	if err := m.of.may(ctx); err != nil {
		return err
	}
	m.of.busy.Add(1) // until it is known what it is about
	defer m.of.busy.Add(-1)
	m.of.announces(b, false)
	defer func() { m.of.announces(b, err == nil) }()
	if m.of.chance(&m.of.conflicts) {
		return ledger.ErrMoved
	}
	err = m.Store.Append(ctx, b)
	if err == nil && m.of.chance(&m.of.lost) {
		return errors.New("the store's answer was lost")
	}
	return err
}

// announces remembers that a half is about to paint a check, from the record of that
// until it writes there again: between the two it is at work, whatever is due.
func (h *half) announces(b ledger.Batch, written bool) {
	h.still.Lock()
	defer h.still.Unlock()
	delete(h.about, b.Stream)
	if n := len(b.Records); written && n > 0 && b.Records[n-1].Kind == (gate.Painting{}).Kind() {
		h.about[b.Stream] = true
	}
}

// painting is how many checks the halves are about to paint that do not stand still.
func (r *pair) painting() (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, h := range r.halves {
		if h != nil && h.stands() == nil {
			h.still.Lock()
			n += len(h.about)
			h.still.Unlock()
		}
	}
	return n
}

func (m mortal) Read(ctx context.Context, stream string, after uint64) ([]ledger.Record, error) {
	if err := m.of.may(ctx); err != nil {
		return nil, err
	}
	return m.Store.Read(ctx, stream, after)
}

// Due is what the script gives this half to find, whatever leases it believes to
// have: a lease is no fence.
func (m mortal) Due(ctx context.Context, all []int, now time.Time, most int) ([]string, error) {
	if err := m.of.may(ctx); err != nil {
		return nil, err
	}
	var mine []int
	for _, shard := range all {
		if m.of.finds(m.of.number, shard) {
			mine = append(mine, shard)
		}
	}
	if len(mine) == 0 {
		return nil, nil
	}
	return m.Store.Due(ctx, mine, now, most)
}

func (m mortal) Lease(ctx context.Context, _, _ string, _ time.Duration) (bool, error) {
	return true, m.of.may(ctx)
}

func (r *pair) finds(i, shard int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	other := r.halves[1-i]
	return other == nil || other.stands() != nil || r.owner[shard] == i || r.owner[shard] == 2
}

func (r *pair) chance(p *float64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return *p > 0 && r.random.Float64() < *p
}

func newPair(t testing.TB, open func(now func() time.Time) ledger.Store, seed uint64) *pair {
	r := &pair{TB: t, clock: newClock(), random: rand.New(rand.NewPCG(seed, 3))}
	for shard := range r.owner {
		r.owner[shard] = shard % 2
	}
	r.open = func() ledger.Store { return open(r.clock.now) }
	r.eye = r.open()
	r.front = httptest.NewServer(http.HandlerFunc(r.serve))
	on, err := testworld.Serve(fakehub.Options{
		Now: r.clock.now, Seed: seed, RESTQuota: -1, GraphQLQuota: -1, Concurrency: -1, HookWorkers: 4, KeepDeliveries: 2000,
	}, fakehub.NewApp{PrivateKey: testworld.Key(), WebhookURL: r.front.URL + "/webhook", Events: inbox.Events()})
	r.must(err)
	r.hub, r.base, r.app = on.Hub, on.Base, on.App
	return r
}

func (r *pair) must(err error) {
	r.Helper()
	if err != nil {
		r.Fatal(err)
	}
}

func (r *pair) close() {
	for i := range r.halves {
		r.kill(i)
	}
	r.hub.Close()
	r.front.Close()
	r.eye.Close()
}

// serve gives a delivery to a half that runs, as a balancer does.
func (r *pair) serve(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return
	}
	r.mu.Lock()
	r.turn++
	var in *half
	for i := range r.halves {
		if h := r.halves[(r.turn+i)%2]; h != nil && h.stands() == nil && in == nil {
			in = h
		}
	}
	r.mu.Unlock()
	if in == nil {
		http.Error(w, "nobody is there", http.StatusBadGateway)
		return
	}
	req = req.WithContext(context.WithValue(req.Context(), atTheDoor{}, true))
	req.Body = io.NopCloser(bytes.NewReader(body))
	in.doors.ServeHTTP(w, req)
}

func (r *pair) start(i int) {
	h := &half{pair: r, number: i, store: r.open(), ran: make(chan error, 1), lines: &http.Transport{MaxIdleConnsPerHost: 16},
		about: map[string]bool{}}
	rest, _ := url.Parse(r.base + "/api/v3/")
	graph, _ := url.Parse(r.base + "/api/graphql")
	log := slog.New(slog.NewTextHandler(&r.said, &slog.HandlerOptions{Level: loud{h}})).With("half", i)
	github, err := hub.New(api.Config{API: rest, GraphQL: graph, AppID: r.app.ID, PrivateKey: r.app.PrivateKeyPEM(),
		Now: r.clock.now, Transport: h, Log: log})
	r.must(err)
	inbox, err := inbox.New(r.app.ID, [][]byte{[]byte(testworld.Secret)})
	r.must(err)
	h.keeper = keeper.New(keepertest.Whole(keeper.Config{
		Log: mortal{h.store, h}, Hub: github, Missed: github, Past: github.Past(), Names: github, People: github,
		Owners: github, Inventory: github,
		Trunks: github, Deploys: github, Jobs: github, Branches: github,
		InForce: github, Runs: github, Pushes: github, Now: r.clock.now, Slog: log,
		Holder: fmt.Sprint("half ", i), Workers: 8, Poll: 4 * time.Millisecond,
	}))
	h.doors = web.New(web.Deps{
		Inbox: inbox, Deliveries: h.keeper.Deliveries, Metrics: web.NewMetrics(), Ready: func(context.Context) error { return nil }, Slog: log,
		Now: r.clock.now,
	})
	ctx, cancel := context.WithCancel(context.Background())
	h.stop = cancel
	go func() { h.ran <- h.keeper.Run(ctx) }()
	r.mu.Lock()
	r.halves[i] = h
	r.mu.Unlock()
}

// loud is the level of a half's log: what it says of its death is not news.
type loud struct{ *half }

func (h loud) Level() slog.Level {
	if h.dead.Load() {
		return slog.LevelError + 1
	}
	return slog.LevelInfo
}

// kill ends a half: what it was about to write is not written, and what it has
// just sent, or was about to send where it stands still, may have its effect.
func (r *pair) kill(i int) {
	r.mu.Lock()
	h, other := r.halves[i], r.halves[1-i]
	r.halves[i] = nil
	r.mu.Unlock()
	if h == nil {
		return
	}
	if other != nil {
		other.goOn()
	}
	h.dead.Store(true)
	h.stop()
	h.goOn()
	select {
	case <-h.ran:
	case <-time.After(patience):
		panic(fmt.Sprintf("half %d does not end", i)) // with the stacks of what it does
	}
	h.lines.CloseIdleConnections()
	h.store.Close()
}

// standing reports whether a half stands still, or may come to.
func (r *pair) standing() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, h := range r.halves {
		if h != nil && h.stands() != nil {
			return true
		}
	}
	return false
}
