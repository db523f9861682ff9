package telling_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gatehold/gatehold/internal/engine"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/gate/tell"
	"github.com/gatehold/gatehold/internal/ledger"
	"github.com/gatehold/gatehold/internal/ledger/sqlite"
	"github.com/gatehold/gatehold/internal/notify"
	"github.com/gatehold/gatehold/internal/usecase/book"
	"github.com/gatehold/gatehold/internal/usecase/telling"
)

var pull = gate.Subject{Kind: gate.PullRequest, Repo: gate.Repo{Installation: 1, ID: 42, Owner: "acme", Name: "shop"}, Number: 7}

// fault is what becomes of one message.
type fault int

const (
	fine fault = iota
	refused
	limited
	lost        // it is delivered, and no answer comes
	crashBefore // gatehold dies before it is delivered
	crashAfter  // it is delivered, and gatehold dies before that is on record
	faults
)

// world is a gatehold with its channels, in virtual time: it can be killed at any
// point, and goes on from its ledger.
type world struct {
	t     *testing.T
	path  string
	tells []gate.Telling // what the rules say
	set   []telling.Channel

	mu       sync.Mutex
	faults   []fault // of the next messages, whichever channel they are for
	got      map[string][]notify.Delivery
	problems []string
	outcomes map[string]int
	sends    map[string][]string // ids in the order of all attempts, by channel
	deaf     chan struct{}       // until it is closed no gate has itself heard; nil: they have

	store   ledger.Store
	book    *book.Book
	telling *telling.Telling
	kill    context.CancelFunc
	killed  context.Context
	done    chan error
	heads   int
}

// alone is a ledger that nobody else is on: leases are not written, of which there
// would be thousands in the time that passes here.
type alone struct{ ledger.Store }

func (alone) Lease(context.Context, string, string, time.Duration) (bool, error) { return true, nil }

// channel is one of a world's, as whoever is told sees it.
type channel struct {
	*world
	name string
}

// Hunks are the lines of a verdict that holds something, once; then GitHub is asked for too
// much.
func (w *world) Hunks(_ context.Context, _ gate.Repo, v *gate.Verdict) ([]notify.Hunk, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.outcomes["lines"]++; w.outcomes["lines"] > 1 {
		return nil, &gate.Error{Code: "busy", Text: "GitHub is not asked for more."}
	}
	return []notify.Hunk{{Path: v.Findings[0].Path, Lines: []string{"-DROP TABLE a;"}}}, nil
}

func (w *world) Messaged(channel, outcome string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.outcomes[outcome]++
}

func (c channel) Check(context.Context) error { return nil }

func (c channel) Send(ctx context.Context, d notify.Delivery) (string, error) {
	w := c.world
	stands := w.stands()
	w.mu.Lock()
	defer w.mu.Unlock()
	if d.State != stands {
		w.problems = append(w.problems, fmt.Sprintf("%s is told %q while it is %q", c.name, d.State, stands))
	}
	had := slices.ContainsFunc(w.got[c.name], func(o notify.Delivery) bool { return o.ID == d.ID })
	if had && !d.Again {
		w.problems = append(w.problems, fmt.Sprintf("%s has %s, and is not asked for it", c.name, d.ID))
	}
	w.sends[c.name] = append(w.sends[c.name], d.ID)
	what := fine
	if len(w.faults) > 0 {
		what, w.faults = w.faults[0], w.faults[1:]
	}
	deliver := func() {
		if !had { // whoever can tell by ids has one
			w.got[c.name] = append(w.got[c.name], d)
		}
	}
	switch what {
	case refused:
		return "", &gate.Error{Code: notify.Refused, Text: "It says no."}
	case limited:
		return "", &gate.Error{Code: notify.Busy, Text: "It wants fewer.", Until: time.Now().Add(3 * time.Minute)}
	case lost:
		deliver()
		return "", &gate.Error{Code: notify.Unavailable, Text: "No answer came."}
	case crashAfter:
		deliver()
		fallthrough
	case crashBefore:
		w.kill()
		return "", ctx.Err()
	}
	deliver()
	return "ref of " + d.ID, nil
}

func newWorld(t *testing.T, path string) *world {
	w := &world{t: t, path: path, got: map[string][]notify.Delivery{}, outcomes: map[string]int{}, sends: map[string][]string{}}
	return w
}

// channel adds one.
func (w *world) channel(c telling.Channel) {
	c.To = channel{w, c.Name}
	w.set = append(w.set, c)
}

func (w *world) start() {
	store, err := sqlite.Open(w.path, sqlite.Options{})
	if err != nil {
		w.t.Fatal(err)
	}
	e := engine.New(engine.Config{Log: alone{store}, Now: time.Now, Holder: "test", Poll: 15 * time.Second})
	b := book.New(e, "https://gatehold.acme.example")
	u := telling.New(telling.Config{Book: b, Channels: w.set, GitHub: "https://github.com", Observer: w, Lines: w})
	b.Gates.On(gate.PullRequest, gate.NotifyChecks, func(ctx context.Context, f book.Gate) error {
		w.mu.Lock()
		deaf := w.deaf
		w.mu.Unlock()
		if deaf != nil {
			select {
			case <-deaf:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		if err := u.Hear(ctx, f); err != nil {
			return err
		}
		_, err := b.Gates.Record(ctx, f.Name, engine.Draft{Event: gate.Told{Covers: f.State.Changed, Checks: []string{f.State.Head()}}})
		return err
	})
	ctx, cancel := context.WithCancel(context.Background())
	w.store, w.book, w.telling, w.killed, w.kill, w.done = store, b, u, ctx, cancel, make(chan error, 1)
	go func() { w.done <- e.Run(ctx) }()
}

func (w *world) stop() {
	w.kill()
	if err := <-w.done; err != nil && !errors.Is(err, context.Canceled) {
		w.t.Errorf("the engine ended with %v", err)
	}
	if err := w.store.Close(); err != nil {
		w.t.Error(err)
	}
}

// settle lets time pass; who has died begins anew, and is at rest when it returns.
func (w *world) settle(d time.Duration) {
	for range 60 {
		<-time.After(d / 60)
		for synctest.Wait(); w.killed.Err() != nil; synctest.Wait() {
			w.stop()
			w.start()
		}
	}
}

func (w *world) state() gate.State {
	f, err := w.book.Gates.Load(context.Background(), pull.Stream())
	if err != nil {
		w.t.Error(err)
	}
	return f.State
}

func (w *world) told() (tell.State, error) { return w.book.Told(context.Background(), pull.Stream()) }

// stands is what the gate is, in the words of messages.
func (w *world) stands() notify.State {
	s := w.state()
	switch s.Standing(time.Now()) {
	case gate.IsClosed:
		return notify.Closed
	case gate.IsPassed:
		return notify.Released
	case gate.IsHeld:
		if s.Denied() != nil {
			return notify.Denied
		}
		return notify.Held
	}
	return ""
}

func (w *world) record(events ...gate.Event) {
	drafts := make([]engine.Draft, len(events))
	for i, e := range events {
		drafts[i].Event = e
	}
	if _, err := w.book.Gates.Record(context.Background(), pull.Stream(), drafts...); err != nil {
		w.t.Error(err)
	}
	w.book.Nudge(pull.Stream())
}

// push has the pull request be at another commit, and judged.
func (w *world) push(held bool, level gate.Level) {
	w.heads++
	head := fmt.Sprintf("head%d", w.heads)
	w.record(gate.Seen{Subject: pull, Event: "pull_request", Action: "synchronize", Head: head, BaseRef: "main"})
	v := &gate.Verdict{Head: head, Held: held, Level: level, Score: 60, Mode: "enforce", Reason: "Because of " + head + ".",
		Digest: head, Tell: w.tells, Findings: []gate.Finding{{Rule: "sql/drop", Risk: 60, Path: "db/drop.sql", Line: 3, Message: "It drops a table."}}}
	if held {
		v.Needs = &gate.Need{Approvals: 1, From: []string{"@acme/sre"}}
	}
	w.record(gate.Judged{Covers: w.state().Version, Head: head, BaseRef: "main", Digest: head, Verdict: v})
}

func (w *world) answer(a gate.Answer) {
	s := w.state()
	if s.Done || s.Verdict == nil {
		return
	}
	w.record(gate.Counted{By: gate.Actor{Login: "ann", ID: 5, Type: "User"}, Answer: a, Via: gate.ViaButton, For: s.For(), Groups: []string{"@acme/sre"}})
}

func (w *world) shut() {
	if s := w.state(); s.Verdict != nil {
		w.record(gate.Closed{Covers: s.Version, Why: "The pull request was merged."})
	}
}

// last is what a channel was told last.
func (w *world) last(name string) *notify.Delivery {
	w.mu.Lock()
	defer w.mu.Unlock()
	if n := len(w.got[name]); n > 0 {
		return &w.got[name][n-1]
	}
	return nil
}

// play has a story happen in a world of its own, in virtual time.
func play(t *testing.T, setUp, happens func(w *world)) (played *world) {
	t.Helper()
	path := t.TempDir() + "/ledger.db"
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, path)
		setUp(w)
		w.start()
		happens(w)
		w.stop()
		played = w
	})
	return played
}
