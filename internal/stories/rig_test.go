//go:build services

package stories

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/board"
	"github.com/gatehold/gatehold/internal/cli/service"
	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/contract"
	"github.com/gatehold/gatehold/internal/fakehub/site"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/gate/env"
	"github.com/gatehold/gatehold/internal/hub"
	"github.com/gatehold/gatehold/internal/hub/api"
	"github.com/gatehold/gatehold/internal/hub/inbox"
	"github.com/gatehold/gatehold/internal/keeper"
	"github.com/gatehold/gatehold/internal/keeper/keepertest"
	"github.com/gatehold/gatehold/internal/ledger"
	"github.com/gatehold/gatehold/internal/ledger/sqlite"
	"github.com/gatehold/gatehold/internal/notify/notifytest"
	"github.com/gatehold/gatehold/internal/testworld"
	"github.com/gatehold/gatehold/internal/web"
)

// clock stands still until it is set forward.
type clock struct {
	mu sync.Mutex
	at time.Time
}

// A Monday after the machine's own time: tokens of GitHub's run out by this
// clock, and a client that looks at the machine's must not think them over.
func newClock() *clock {
	return &clock{at: time.Date(2031, 3, 3, 9, 0, 0, 0, time.UTC)}
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) set(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if at.After(c.at) {
		c.at = at
	}
}

var description = sync.OnceValues(contract.Load)

// rig is a gatehold and its GitHub in one process.
type rig struct {
	testing.TB
	clock    *clock
	hub      *site.Hub
	app      *fakehub.App
	on       *testworld.GitHub // which has both
	signIn   *fakehub.App      // that people sign in to; nil as long as nobody may
	store    string
	wrap     func(ledger.Store) ledger.Store // what lies between the keeper and its ledger; nil: nothing
	paths    bool                            // the keeper looks in workflow files for ways to deploy
	lanes    bool                            // the keeper asks which branch is the default one
	guard    bool                            // the keeper looks whether GitHub requires the check
	rest     time.Duration                   // between two comparisons that are asked for; 0: the product's
	doors    bool                            // people may read the pages, and answer by the command line
	signedIn bool                            // and people sign in to them with browsers
	letters  letters                         // that people were sent
	slack    *notifytest.Workspace           // people are told there, and answer; nil: nobody is

	address  string       // of the doors
	requests atomic.Int64 // of gatehold's and of commands, under way
	paints   atomic.Int64 // paintings that were announced, and not sent or given up yet
	door     atomic.Pointer[http.Handler]
	log      ledger.Store
	keeper   *keeper.Keeper
	github   *hub.Hub
	metrics  *web.Metrics
	lists    *board.Board // nil without doors
	stop     context.CancelFunc
	ran      chan error
	listed   chan struct{} // closed when the lists follow the ledger no more
	said     said
}

// said is what the keeper wrote to its log.
type said struct {
	mu    sync.Mutex
	lines []string
}

func (s *said) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lines = append(s.lines, strings.TrimSpace(string(p)))
	return len(p), nil
}

func (s *said) count(words ...string) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, line := range s.lines {
		all := true
		for _, w := range words {
			all = all && strings.Contains(line, w)
		}
		if all {
			n++
		}
	}
	return n
}

func newRig(t testing.TB, opt fakehub.Options) *rig {
	t.Helper()
	r := &rig{TB: t, clock: newClock(), store: filepath.Join(t.TempDir(), "ledger.db")}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		h := r.door.Load()
		if h == nil {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		(*h).ServeHTTP(w, req)
	}))
	opt.Now = r.clock.now
	var err error
	r.on, err = testworld.Serve(opt, fakehub.NewApp{PrivateKey: testworld.Key(), WebhookURL: server.URL + "/webhook", Events: inbox.Events()})
	r.must(err)
	r.hub, r.app, r.address = r.on.Hub, r.on.App, server.URL
	t.Cleanup(func() {
		r.halt()
		r.hub.Close()
		server.Close()
		for _, v := range r.hub.Violations() {
			t.Error("against GitHub's description: ", v)
		}
		if t.Failed() {
			r.said.mu.Lock()
			defer r.said.mu.Unlock()
			for _, line := range r.said.lines[max(0, len(r.said.lines)-8):] {
				t.Logf("%.400s", line)
			}
		}
	})
	return r
}

func (r *rig) must(err error) {
	r.Helper()
	if err != nil {
		r.Fatal(err)
	}
}

// start begins a gatehold on the ledger, as a new process would.
func (r *rig) start() {
	r.Helper()
	store, err := sqlite.Open(r.store, sqlite.Options{Now: r.clock.now})
	r.must(err)
	r.paints.Store(0)
	r.log = &painting{store, &r.paints}
	if r.wrap != nil {
		r.log = r.wrap(r.log)
	}
	rest, _ := url.Parse(r.on.Base + "/api/v3/")
	graph, _ := url.Parse(r.on.Base + "/api/graphql")
	people, _ := url.Parse(r.on.Base)
	log := slog.New(slog.NewTextHandler(&r.said, nil))
	r.metrics = web.NewMetrics()
	r.github, err = hub.New(api.Config{
		API: rest, GraphQL: graph, Web: people, AppID: r.app.ID, PrivateKey: r.app.PrivateKeyPEM(), Now: r.clock.now, Log: log,
		ClientID: r.clientID(), ClientSecret: testworld.SignInSecret(),
		Transport: &transport{rig: r, next: &http.Transport{MaxIdleConnsPerHost: 80}}, Observe: r.metrics.Requested,
	})
	r.must(err)
	inbox, err := inbox.New(r.app.ID, [][]byte{[]byte(testworld.Secret)})
	r.must(err)
	config := keeper.Config{
		Log: r.log, Hub: r.github, Missed: r.github, Past: r.github.Past(), Names: r.github, People: r.github, Owners: r.github,
		Inventory: r.github,
		Deploys:   r.github, Jobs: r.github, Branches: r.github, InForce: r.github, Runs: r.github, Pushes: r.github,
		Ranges: r.github,
		Guard:  environments{r.github}, Now: r.clock.now, Slog: log, Observer: r.metrics, Holder: "story",
		Poll: poll, Rest: r.rest, Passkeys: party(r),
	}
	if r.guard {
		config.Guard = service.Guard{Hub: r.github, App: r.app.ID}
	}
	r.lists = nil
	if r.doors {
		config.Appended = func(shard int) { r.lists.Changed(shard) }
	}
	if r.paths {
		config.Workflows = r.github
	}
	if r.lanes {
		config.Trunks = r.github
	}
	if r.slack != nil {
		config.Channels, config.Sights = r.inSlack(), r.sealer()
		config.Ways, config.Waiting = persons{r}, persons{r}
	}
	r.keeper = keeper.New(keepertest.Whole(config))
	ready := func(context.Context) error { return nil }
	doors := web.Deps{Inbox: inbox, Deliveries: r.keeper.Deliveries, Metrics: r.metrics, Ready: ready, Slog: log, Now: r.clock.now}
	ctx, cancel := context.WithCancel(context.Background())
	r.stop, r.ran, r.listed = cancel, make(chan error, 1), make(chan struct{})
	if r.doors {
		doors = r.openToPeople(ctx, doors)
	} else {
		close(r.listed)
	}
	handler := web.New(doors)
	r.door.Store(&handler) // before the runner asks for what was missed
	go func() { r.ran <- r.keeper.Run(ctx) }()
}

// halt ends gatehold: requests under way are cut off, and deliveries fail.
func (r *rig) halt() {
	if r.keeper == nil {
		return
	}
	r.door.Store(nil)
	r.stop()
	if err := <-r.ran; err != nil {
		r.Errorf("the runner ended with %v", err)
	}
	<-r.listed
	if err := r.log.Close(); err != nil {
		r.Errorf("the ledger was not closed: %v", err)
	}
	r.keeper = nil
}

func (r *rig) restart() {
	r.Helper()
	r.halt()
	r.start()
}

// environments is what enforces gates, as far as stories of deployments need
// it: the rest of it is the wiring's.
type environments struct{ github *hub.Hub }

func (e environments) Enforcement(ctx context.Context, repo gate.Repo, _ *gate.Lanes, _ []string) ([]gate.Enforcement, error) {
	found, _, err := e.github.Environments(ctx, repo, 20)
	var out []gate.Enforcement
	for _, on := range found {
		out = append(out, gate.Enforcement{Environment: on.Name, Enforced: on.Protected})
	}
	return out, err
}

// settled reports whether nothing is under way and nothing is due.
func (r *rig) settled() bool {
	due, err := r.log.Due(context.Background(), shards(), r.clock.now(), 1)
	r.must(err)
	return len(due) == 0 && r.requests.Load() == 0 && r.paints.Load() == 0
}

// painting counts the paintings under way: between being announced and being sent
// a check is not due, for nobody knows yet what becomes of it.
type painting struct {
	ledger.Store
	open *atomic.Int64
}

func (p *painting) Append(ctx context.Context, b ledger.Batch) error {
	var begun, over int64
	for _, rec := range b.Records {
		switch {
		case gate.StreamKind(rec.Stream) != gate.Check:
		case rec.Kind == (gate.Painting{}).Kind():
			begun++
		case strings.Contains(string(rec.Body), `"painting":`): // its outcome
			over++
		}
	}
	p.open.Add(begun) // before it is on record, and nothing is due any more
	err := p.Store.Append(ctx, b)
	if err != nil {
		p.open.Add(-begun)
		return err
	}
	p.open.Add(-over)
	return nil
}

func shards() []int {
	out := make([]int, ledger.Shards)
	for i := range out {
		out[i] = i
	}
	return out
}

// settle waits until every webhook was answered and nothing is due by the clock
// as it stands.
func (r *rig) settle() {
	r.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	tick := time.NewTicker(poll)
	defer tick.Stop()
	for quiet := 0; quiet < 3; {
		r.must(r.hub.Settle(ctx))
		if r.settled() {
			quiet++
		} else {
			quiet = 0
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			due, _ := r.log.Due(context.Background(), shards(), r.clock.now(), 5)
			r.Fatalf("it does not settle within %s: %d requests under way, due: %v\n%s", patience, r.requests.Load(), due, r.tales(due))
		}
	}
}

// await waits for something that real time brings: the comparison with GitHub
// after a start, say. It may not have settled then.
func (r *rig) await(ok func() bool) {
	r.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	tick := time.NewTicker(poll)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			r.Fatalf("it does not come about within %s", patience)
		}
	}
}

// tales are the last records of streams.
func (r *rig) tales(streams []string) string {
	var out strings.Builder
	for _, s := range streams {
		records, err := r.log.Read(context.Background(), s, 0)
		if err != nil {
			return err.Error()
		}
		for _, rec := range records[max(0, len(records)-6):] {
			body := string(rec.Body)
			fmt.Fprintf(&out, "%s %d %s %s %.300s\n", s, rec.Version, rec.At.Format(time.DateTime), rec.Kind, body)
		}
	}
	return out.String()
}

// pass lets time go by: whatever becomes due on the way is done at its time.
func (r *rig) pass(d time.Duration) {
	r.Helper()
	until := r.clock.now().Add(d)
	r.settle()
	for {
		next, any := r.nextDue(until)
		if !any {
			break
		}
		r.clock.set(next)
		r.hub.Tick()
		r.settle()
	}
	r.clock.set(until)
	r.hub.Tick()
	r.settle()
}

// nextDue is the first moment until a time at which something is due.
func (r *rig) nextDue(until time.Time) (time.Time, bool) {
	due := func(at time.Time) bool {
		found, err := r.log.Due(context.Background(), shards(), at, 1)
		r.must(err)
		return len(found) > 0
	}
	from := r.clock.now()
	if !due(until) {
		return time.Time{}, false
	}
	for until.Sub(from) > time.Millisecond {
		mid := from.Add(until.Sub(from) / 2)
		if due(mid) {
			until = mid
		} else {
			from = mid
		}
	}
	// The ledger cuts due times to microseconds, and what is due may be a little later.
	return until.Add(time.Microsecond), true
}

// transport counts what is under way, and signs again for the story's clock
// what the client has signed by the machine's.
type transport struct {
	rig  *rig
	next http.RoundTripper
}

func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	t.rig.requests.Add(1)
	defer t.rig.requests.Add(-1)
	req, err := signedAt(req, t.rig.app.ID, t.rig.clock.now())
	if err != nil {
		return nil, err
	}
	return t.next.RoundTrip(req)
}

// signedAt is a request that an App has signed by the machine's clock, signed for
// another moment.
func signedAt(req *http.Request, app int64, at time.Time) (*http.Request, error) {
	token, ok := strings.CutPrefix(req.Header.Get("Authorization"), "Bearer ")
	if !ok || strings.Count(token, ".") != 2 {
		return req, nil
	}
	signed, err := sign(testworld.Key(), app, at)
	if err != nil {
		return nil, err
	}
	req = req.Clone(req.Context())
	req.Header.Set("Authorization", "Bearer "+signed)
	return req, nil
}

// state is a gate's state, folded from the ledger itself.
func (r *rig) state(s gate.Subject) gate.State {
	r.Helper()
	records, err := r.log.Read(context.Background(), s.Stream(), 0)
	r.must(err)
	var out gate.State
	for _, rec := range records {
		ev, err := gate.Decode(rec.Kind, rec.Body)
		r.must(err)
		out = out.After(gate.Entry{Version: rec.Version, At: rec.At, Event: ev})
	}
	return out
}

// environment is what is on record of an environment.
func (r *rig) environment(s gate.Subject) env.State {
	r.Helper()
	records, err := r.log.Read(context.Background(), s.Stream(), 0)
	r.must(err)
	var out env.State
	for _, rec := range records {
		ev, err := gate.Decode(rec.Kind, rec.Body)
		r.must(err)
		out = out.After(gate.Entry{Version: rec.Version, At: rec.At, Event: ev})
	}
	return out
}

// signatures are of what Apps have signed to prove themselves. The clock stands
// still, most do so again and again, and to sign is dear under the race detector.
var signatures sync.Map

// sign makes the token that an App proves itself with at a moment.
func sign(key *rsa.PrivateKey, app int64, at time.Time) (string, error) {
	encode := base64.RawURLEncoding.EncodeToString
	text := encode([]byte(`{"alg":"RS256","typ":"JWT"}`)) + "." +
		encode(fmt.Appendf(nil, `{"iss":"%d","iat":%d,"exp":%d}`, app, at.Add(-30*time.Second).Unix(), at.Add(5*time.Minute).Unix()))
	by := key.N.String() + " " + text
	if signature, known := signatures.Load(by); known {
		return text + "." + signature.(string), nil
	}
	sum := sha256.Sum256([]byte(text))
	made, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		return "", err
	}
	signature := encode(made)
	signatures.Store(by, signature)
	return text + "." + signature, nil
}
