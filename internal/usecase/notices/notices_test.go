package notices_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gatehold/gatehold/internal/engine"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/ledger"
	"github.com/gatehold/gatehold/internal/ledger/sqlite"
	"github.com/gatehold/gatehold/internal/notify"
	"github.com/gatehold/gatehold/internal/usecase/book"
	"github.com/gatehold/gatehold/internal/usecase/notices"
	"github.com/gatehold/gatehold/internal/usecase/orgs"
)

var (
	ana = gate.Actor{Login: "ana", ID: 11, Type: "User"}
	bo  = gate.Actor{Login: "bo", ID: 12, Type: "User"}
)

// alone is a ledger that nobody else is on: leases are not written.
type alone struct{ ledger.Store }

func (alone) Lease(context.Context, string, string, time.Duration) (bool, error) { return true, nil }

// world is a gatehold that tells of ana's passkeys by one channel, in virtual time.
type world struct {
	t     testing.TB
	path  string
	store ledger.Store
	book  *book.Book
	kill  context.CancelFunc
	done  chan error

	mu     sync.Mutex
	got    []notify.Delivery
	faults []string // of the next messages: "lost", "refused", "crash"
	dead   bool

	silent, nobody, mentions bool
	issues                   []string
}

func (*world) Messaged(string, string)     {}
func (*world) Check(context.Context) error { return nil }

// Of is acme, which has GitHub tell people.
func (w *world) Of(context.Context, gate.Actor) ([]orgs.Org, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.silent {
		return nil, &gate.Error{Code: "github_unavailable", Text: "GitHub does not answer."}
	}
	if w.nobody {
		return nil, nil
	}
	o := orgs.Org{Name: "Acme", Repos: []gate.Repo{{ID: 7, Owner: "Acme", Name: "people"}}, Approvers: []string{"@acme/sre", "role:write"}}
	if w.mentions {
		o.Passkeys.Notices = "acme/people"
	}
	return []orgs.Org{o}, nil
}

func (w *world) Mention(_ context.Context, repo gate.Repo, id, title, body string, _ bool) (string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.issues = append(w.issues, repo.FullName()+" "+title+"\n"+body)
	return "1", nil
}

// GitHub itself tells whose key waits and who may object, in a repository that the rules
// name; not while it does not answer, and then all the same.
func TestGitHubItselfTells(t *testing.T) {
	play(t, t.TempDir()+"/ledger.db", func(w *world) {
		w.mentions, w.silent = true, true
		w.enrol("k", nil)
		w.settle(time.Minute)
		w.expect(waited)
		if len(w.issues) != 0 {
			t.Errorf("issues: %q", w.issues)
		}
		w.mu.Lock()
		w.silent = false
		w.mu.Unlock()
		w.settle(10 * time.Minute)
		w.expect(waited)
		if len(w.issues) != 1 || !strings.Contains(w.issues[0], "Acme/people A passkey was made for @ana") ||
			!strings.Contains(w.issues[0], "\n@ana @acme/sre\n") || !strings.Contains(w.issues[0], "https://gate.acme.test/people/11/keys/k") {
			t.Errorf("issues: %q", w.issues)
		}
	})
}

// A stranger's key approves nothing: nobody is told of it.
func TestNobodyIsToldOfStrangers(t *testing.T) {
	play(t, t.TempDir()+"/ledger.db", func(w *world) {
		w.nobody, w.mentions = true, true
		w.enrol("k", nil)
		w.settle(30 * time.Hour)
		w.expect()
		if len(w.issues) != 0 {
			t.Errorf("issues: %q", w.issues)
		}
	})
}

func (w *world) Send(ctx context.Context, d notify.Delivery) (string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	fault := ""
	if len(w.faults) > 0 {
		fault, w.faults = w.faults[0], w.faults[1:]
	}
	had := slices.ContainsFunc(w.got, func(o notify.Delivery) bool { return o.ID == d.ID })
	if had && !d.Again {
		w.t.Errorf("%s is told twice", d.ID)
	}
	if !had && fault != "refused" {
		w.got = append(w.got, d)
	}
	switch fault {
	case "refused":
		return "", &gate.Error{Code: notify.Refused, Text: "It says no."}
	case "lost":
		return "", &gate.Error{Code: notify.Unavailable, Text: "No answer came."}
	case "crash":
		w.dead = true
		w.kill()
		return "", ctx.Err()
	}
	return "", nil
}

func (w *world) start() {
	store, err := sqlite.Open(w.path, sqlite.Options{})
	if err != nil {
		w.t.Fatal(err)
	}
	e := engine.New(engine.Config{Log: alone{store}, Now: time.Now, Holder: "test", Poll: time.Minute})
	b := book.New(e, "https://gate.acme.test")
	notices.New(notices.Config{Book: b, Channels: []notices.Channel{{Name: "ops", To: w}}, Origin: "https://gate.acme.test", Observer: w,
		Orgs: w, Mentions: w})
	ctx, cancel := context.WithCancel(context.Background())
	w.store, w.book, w.kill, w.done, w.dead = store, b, cancel, make(chan error, 1), false
	go func() { w.done <- e.Run(ctx) }()
}

func (w *world) stop() {
	w.kill()
	if err := <-w.done; err != nil && !errors.Is(err, context.Canceled) {
		w.t.Error(err)
	}
	if err := w.store.Close(); err != nil {
		w.t.Error(err)
	}
}

// settle lets time pass; who has died begins anew, and is at rest when it returns.
func (w *world) settle(d time.Duration) {
	for range 30 {
		<-time.After(d / 30)
		for synctest.Wait(); w.died(); synctest.Wait() {
			w.stop()
			w.start()
		}
	}
}

func (w *world) died() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.dead
}

func (w *world) record(events ...gate.Event) {
	for _, e := range events {
		if _, err := w.book.Accounts.Record(context.Background(), gate.AccountStream(ana.ID), engine.Draft{Event: e}); err != nil {
			w.t.Error(err)
		}
	}
}

func (w *world) enrol(key string, proof *gate.Proof) {
	from := time.Now()
	if proof == nil {
		from = from.Add(24 * time.Hour)
	}
	w.record(gate.SessionOpened{ID: "s", By: ana, Until: time.Now().Add(time.Hour)},
		gate.Enrolled{Key: gate.Passkey{ID: key, Name: "laptop <b>\u202e"}, From: from, Proof: proof})
}

func (w *world) said() (out []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, d := range w.got {
		out = append(out, string(d.State)+": "+d.Title)
	}
	return out
}

func play(t *testing.T, path string, happens func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{t: t, path: path}
		w.start()
		happens(w)
		w.stop()
	})
}

func (w *world) expect(want ...string) {
	w.t.Helper()
	if got := w.said(); !slices.Equal(got, want) {
		w.t.Errorf("told was\n%s\nand not\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

const waited = "held: A passkey was made for @ana, and waits"

// A key that waits is told at once, with where to object; that it counts is told when
// its time has come, though nothing else happens.
func TestAWaitingKeyIsTold(t *testing.T) {
	play(t, t.TempDir()+"/ledger.db", func(w *world) {
		w.enrol("k", nil)
		w.settle(time.Minute)
		w.expect(waited)
		d := w.got[0]
		if d.Page != "https://gate.acme.test/people/11/keys/k" || !d.Urgent || d.Since.IsZero() || d.Topic != notify.TopicPasskey ||
			strings.Contains(d.Subject, "\u202e") || !strings.Contains(d.Sentence, "object") {
			t.Errorf("%+v", d)
		}
		w.settle(25 * time.Hour)
		w.expect(waited, "released: A passkey of @ana counts now")
		w.record(gate.Revoked{Key: "k", By: ana, Why: "lost"})
		w.settle(time.Minute)
		w.expect(waited, "released: A passkey of @ana counts now", "closed: A passkey of @ana was revoked")
	})
}

func TestWhatBecomesOfKeysIsTold(t *testing.T) {
	for name, tc := range map[string]struct {
		then gate.Event
		want string
	}{
		"vouched":  {gate.Vouched{Key: "k", By: bo}, "released: A passkey of @ana counts now"},
		"objected": {gate.Objected{Key: "k", By: bo}, "denied: A passkey of @ana was objected to"},
		"copied":   {gate.Revoked{Key: "k"}, "denied: A passkey of @ana was copied, it seems"},
		"revoked":  {gate.Revoked{Key: "k", By: bo}, "closed: A passkey of @ana was revoked"},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, t.TempDir()+"/ledger.db", func(w *world) {
				w.enrol("k", nil)
				w.settle(time.Minute)
				w.record(tc.then)
				w.settle(time.Minute)
				w.expect(waited, tc.want)
				w.settle(30 * time.Hour)
				w.expect(waited, tc.want)
			})
		})
	}
	play(t, t.TempDir()+"/ledger.db", func(w *world) {
		w.enrol("j", &gate.Proof{Key: "k"})
		w.settle(time.Minute)
		w.expect("released: Another passkey of @ana counts now")
	})
}

// Whatever becomes of messages and of the process, what a key came to in the end is
// told, once, and nothing is told that has passed.
func TestNoNoticeIsLostOrToldTwice(t *testing.T) {
	dir := t.TempDir()
	for i, faults := range [][]string{
		nil, {"lost"}, {"crash"}, {"refused", "lost", "crash"}, {"", "crash", "lost"}, {"crash", "crash", "refused"},
	} {
		for ends, want := range map[string]notify.State{"waits": notify.Held, "vouched": notify.Released, "objected": notify.Denied,
			"revoked": notify.Closed} {
			for _, after := range []time.Duration{time.Second, time.Minute} {
				play(t, fmt.Sprintf("%s/%d%s%s.db", dir, i, ends, after), func(w *world) {
					w.faults = slices.Clone(faults)
					w.enrol("k", nil)
					w.settle(after)
					switch ends {
					case "vouched":
						w.record(gate.Vouched{Key: "k", By: bo})
					case "objected":
						w.record(gate.Objected{Key: "k", By: bo})
					case "revoked":
						w.record(gate.Revoked{Key: "k", By: ana})
					}
					w.settle(10 * time.Minute)
					told := map[notify.State]int{}
					for _, d := range w.got {
						told[d.State]++
					}
					if told[want] != 1 || told[notify.Held] > 1 || len(w.got) > 2 {
						t.Errorf("faults %q, after %s %s: told was %q", faults, after, ends, w.said())
					}
				})
			}
		}
	}
}
