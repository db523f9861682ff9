//go:build services

package e2e

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/board"
	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/hub"
	"github.com/gatehold/gatehold/internal/keeper"
	"github.com/gatehold/gatehold/internal/ledger"
	"github.com/gatehold/gatehold/internal/ledger/redis"
	"github.com/gatehold/gatehold/internal/ledger/sqlite"
	"github.com/gatehold/gatehold/internal/web"
)

// rig is gatehold as `serve` wires it, twice on one ledger, in this process so
// that its clock can be moved: the doors over real HTTP, a real ledger, and a
// GitHub and a network that fail on demand.
type rig struct {
	*world
	clock  atomic.Int64 // what is added to the time
	store  string
	log    bytes.Buffer
	logged sync.Mutex
	eye    ledger.Store // for looking on
	front  *http.Server

	mu        sync.Mutex
	instances [2]*instance
	turn      int
	random    *rand.Rand // of what the stores do; used under mu
	conflicts float64    // chance that a store says that a stream has moved
	lost      float64    // chance that a store's answer is lost after the write
}

func (r *rig) Now() time.Time { return time.Now().Add(time.Duration(r.clock.Load())) }

func (r *rig) Write(p []byte) (int, error) {
	r.logged.Lock()
	defer r.logged.Unlock()
	return r.log.Write(p)
}

// instance is one process, as far as it can be one inside of another.
type instance struct {
	*rig
	dead    atomic.Bool
	keeper  *keeper.Keeper
	doors   http.Handler
	store   ledger.Store
	stop    context.CancelFunc
	ran     chan error
	clients *http.Transport
}

var errDead = errors.New("the process is dead")

// mortal is a ledger as a process sees it: after the process's death nothing
// goes through any more, and while it lives, others may have been faster.
type mortal struct {
	ledger.Store
	of *instance
}

func (m mortal) Append(ctx context.Context, b ledger.Batch) error {
	if m.of.dead.Load() {
		return errDead
	}
	if m.of.chance(&m.of.conflicts) {
		return ledger.ErrMoved
	}
	err := m.Store.Append(ctx, b)
	if err == nil && m.of.chance(&m.of.lost) {
		return errors.New("the store's answer was lost")
	}
	return err
}

func (m mortal) Read(ctx context.Context, stream string, after uint64) ([]ledger.Record, error) {
	if m.of.dead.Load() {
		return nil, errDead
	}
	return m.Store.Read(ctx, stream, after)
}

func (m mortal) Due(ctx context.Context, shards []int, now time.Time, most int) ([]string, error) {
	if m.of.dead.Load() {
		return nil, errDead
	}
	return m.Store.Due(ctx, shards, now, most)
}

func (m mortal) Lease(ctx context.Context, name, holder string, ttl time.Duration) (bool, error) {
	if m.of.dead.Load() {
		return false, errDead
	}
	return m.Store.Lease(ctx, name, holder, ttl)
}

func (r *rig) chance(p *float64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return *p > 0 && r.random.Float64() < *p
}

// line is the network as a process sees it.
type line struct{ of *instance }

func (l line) RoundTrip(req *http.Request) (*http.Response, error) {
	if l.of.dead.Load() {
		return nil, errDead
	}
	resp, err := l.of.clients.RoundTrip(req)
	if err == nil && l.of.dead.Load() {
		resp.Body.Close()
		return nil, errDead
	}
	return resp, err
}

func newRig(t testing.TB, store string, seed uint64) *rig {
	r := &rig{store: store, random: rand.New(rand.NewPCG(seed, 3))}
	r.world = newWorld(t, fakehub.Options{
		Seed: seed, Contract: accepting{}, RESTQuota: -1, GraphQLQuota: -1, HookWorkers: 4, HookTimeout: 3 * time.Second,
	})
	r.eye = r.open()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r.front = &http.Server{Handler: http.HandlerFunc(r.serve), ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = r.front.Serve(l) }()
	r.app.SetWebhook("http://"+l.Addr().String()+"/webhook", secret)
	for i := range r.instances {
		r.start(i)
	}
	return r
}

func (r *rig) close() {
	for i := range r.instances {
		r.kill(i)
	}
	r.front.Close()
	r.hub.Close()
	r.eye.Close()
}

func (r *rig) open() ledger.Store {
	if path, ok := strings.CutPrefix(r.store, "sqlite:"); ok {
		s, err := sqlite.Open(path, sqlite.Options{})
		if err != nil {
			r.t.Fatal(err)
		}
		return s
	}
	address, prefix, _ := strings.Cut(r.store, "#")
	s, err := redis.Open(address, redis.Options{Prefix: prefix})
	if err != nil {
		r.t.Fatal(err)
	}
	return s
}

// serve gives a delivery to one of the processes that live, as a balancer does.
func (r *rig) serve(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	r.turn++
	in := r.instances[r.turn%2]
	if in == nil {
		in = r.instances[(r.turn+1)%2]
	}
	r.mu.Unlock()
	if in == nil {
		http.Error(w, "nobody is there", http.StatusBadGateway)
		return
	}
	body, _ := io.ReadAll(req.Body)
	req.Body = io.NopCloser(bytes.NewReader(body))
	in.doors.ServeHTTP(w, req)
}

func (r *rig) start(i int) {
	in := &instance{rig: r, store: r.open(), ran: make(chan error, 1), clients: &http.Transport{
		MaxIdleConnsPerHost: 16, ResponseHeaderTimeout: 1500 * time.Millisecond,
	}}
	api, _ := url.Parse(r.base + "/")
	graphql, _ := url.Parse(r.base + "/graphql")
	log := slog.New(slog.NewTextHandler(r, &slog.HandlerOptions{Level: slog.LevelInfo})).With("process", i)
	github, err := hub.New(hub.Config{
		API: api, GraphQL: graphql, AppID: r.app.ID, PrivateKey: r.app.PrivateKeyPEM(), Now: r.Now, Transport: line{in}, Log: log,
	})
	if err != nil {
		r.t.Fatal(err)
	}
	inbox, err := hub.NewInbox(r.app.ID, [][]byte{[]byte(secret)})
	if err != nil {
		r.t.Fatal(err)
	}
	in.keeper = keeper.New(keeper.Config{
		Log: mortal{in.store, in}, Hub: github, Missed: github, Past: github.Past(), Names: github, People: github, Owners: github, Census: github,
		Deploys: github, Branches: github, InForce: github, Runs: github, Pushes: github, Now: r.Now, Slog: log, Holder: fmt.Sprintf("process %d", i), Workers: 8,
	})
	in.doors = web.New(web.Deps{
		Inbox: inbox, Keeper: in.keeper, Metrics: web.NewMetrics(), Ready: func(context.Context) error { return nil }, Slog: log, Now: r.Now,
	})
	ctx, cancel := context.WithCancel(context.Background())
	in.stop = cancel
	go func() { in.ran <- in.keeper.Run(ctx) }()
	r.mu.Lock()
	r.instances[i] = in
	r.mu.Unlock()
}

// detail reads one gate, as the page of it would.
func (in *instance) detail(stream string) (board.Detail, error) {
	return board.New(board.Config{Tail: in.store, Streams: in.keeper, Now: in.Now}).Detail(context.Background(), stream)
}

// kill ends a process: what it was about to write or to send is not written and
// not sent, and what it has just sent may have its effect.
func (r *rig) kill(i int) {
	r.mu.Lock()
	in := r.instances[i]
	r.instances[i] = nil
	r.mu.Unlock()
	if in == nil {
		return
	}
	in.dead.Store(true)
	in.stop()
	select {
	case <-in.ran:
	case <-time.After(20 * time.Second):
		panic(fmt.Sprintf("process %d does not end", i)) // with the stacks of what it does
	}
	in.clients.CloseIdleConnections()
	in.store.Close()
}

var everyShard = func() (all []int) {
	for n := range ledger.Shards {
		all = append(all, n)
	}
	return all
}()

func (r *rig) due(in time.Duration) bool {
	due, err := r.eye.Due(context.Background(), everyShard, r.Now().Add(in), 1)
	if err != nil {
		r.t.Fatal(err)
	}
	return len(due) > 0
}

// soon is within what everything is tried again, and what time does by itself
// is not.
const soon = 2 * time.Hour

// quiet waits until nothing is under way, moving the clock past what waits to be
// tried again. look is called all the while.
func (r *rig) quiet(look func()) error {
	limit, idle := time.Now().Add(40*time.Second), 0
	for time.Now().Before(limit) {
		ctx, cancel := context.WithDeadline(context.Background(), limit)
		err := r.hub.Settle(ctx)
		cancel()
		if err != nil {
			return err
		}
		look()
		switch {
		case r.due(0):
			idle = 0
		case r.due(soon):
			idle = 0
			step := 250 * time.Millisecond
			for step < soon && !r.due(step) { // it may have been done meanwhile
				step *= 2
			}
			r.clock.Add(int64(step))
		default:
			if idle++; idle == 3 {
				return nil
			}
		}
		pause(15 * time.Millisecond)
	}
	due, err := r.eye.Due(context.Background(), everyShard, r.Now().Add(soon), 10)
	return fmt.Errorf("it does not come to rest: %v, %v are due", err, due)
}

// pause lets others work for a while.
func pause(d time.Duration) { <-time.After(d) }

// compared waits until the processes have compared the ledger with GitHub and
// GitHub has delivered again what had failed.
func (r *rig) compared(in *instance) error {
	limit := time.Now().Add(30 * time.Second)
	for time.Now().Before(limit) {
		if !in.keeper.Compared(r.shop.ID).IsZero() && len(r.undelivered()) == 0 {
			return nil
		}
		pause(10 * time.Millisecond)
	}
	return fmt.Errorf("what was missed was not looked for: %v are not delivered", r.undelivered())
}

// undelivered are the events whose last attempt failed.
func (r *rig) undelivered() map[string]string {
	failed := map[string]string{}
	for _, d := range r.hub.Deliveries() {
		if d.Code/100 == 2 {
			delete(failed, d.GUID)
		} else if d.AppID == r.app.ID {
			failed[d.GUID] = d.Event + " " + d.Action
		}
	}
	return failed
}
