package digests

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/gatehold/gatehold/internal/engine"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/ledger"
	"github.com/gatehold/gatehold/internal/ledger/sqlite"
	"github.com/gatehold/gatehold/internal/notify"
	"github.com/gatehold/gatehold/internal/proptest"
	"github.com/gatehold/gatehold/internal/usecase/book"
)

const ana = 7

var member = gate.SlackUser{Team: "T1", User: "U7"}

// world is one person who is told, in virtual time that begins at a moment of choice.
type world struct {
	t      testing.TB
	shift  time.Duration
	set    gate.Settings
	mu     sync.Mutex
	waits  []Hold
	got    map[string][]told
	faults int // so many messages are delivered, and no answer comes
	store  ledger.Store
	book   *book.Book
	kill   context.CancelFunc
	done   chan error
	path   string
}

// told is one message, when it came.
type told struct {
	notify.Delivery
	at time.Time
}

type alone struct{ ledger.Store }

func (alone) Lease(context.Context, string, string, time.Duration) (bool, error) { return true, nil }

type way struct {
	*world
	name string
}

func (way) Check(context.Context) error { return nil }

func (w way) Send(_ context.Context, d notify.Delivery) (string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !slices.ContainsFunc(w.got[w.name], func(o told) bool { return o.ID == d.ID }) {
		w.got[w.name] = append(w.got[w.name], told{d, w.now()})
	}
	if w.faults > 0 {
		w.faults--
		return "", &gate.Error{Code: notify.Unavailable, Text: "No answer came."}
	}
	return "ref", nil
}

func (w *world) Slack(gate.SlackUser) notify.Channel { return way{w, bySlack} }
func (w *world) Mail(string) notify.Channel          { return way{w, byMail} }
func (w *world) Leave(_ int64, of string, _ time.Time) string {
	return "https://gate.acme.example/unsubscribe?of=" + of
}
func (w *world) Messaged(string, string) {}
func (w *world) now() time.Time          { return time.Now().Add(w.shift) }
func (w *world) Waits(context.Context, gate.Actor) ([]Hold, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.waits), nil
}

func (w *world) start() {
	store, err := sqlite.Open(w.path, sqlite.Options{Now: w.now})
	if err != nil {
		w.t.Fatal(err)
	}
	e := engine.New(engine.Config{Log: alone{store}, Now: w.now, Holder: "test", Poll: time.Minute})
	b := book.New(e, "https://gate.acme.example")
	New(Config{Book: b, Waiting: w, Ways: w, Origin: "https://gate.acme.example", Observer: w})
	ctx, cancel := context.WithCancel(context.Background())
	w.store, w.book, w.kill, w.done = store, b, cancel, make(chan error, 1)
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

func (w *world) settle(d time.Duration) {
	for range 12 {
		<-time.After(d / 12)
		synctest.Wait()
	}
}

// hold has something wait, and says so.
func (w *world) hold(n int, level gate.Level) {
	w.mu.Lock()
	stream := fmt.Sprintf("pr/42/%d", n)
	w.waits = append(w.waits, Hold{Stream: stream, Subject: fmt.Sprintf("acme/shop#%d", n), Title: "Held", Level: level, Since: w.now()})
	w.mu.Unlock()
	w.heard(fmt.Sprintf("%s@%s", stream, w.now()))
}

func (w *world) heard(key string) {
	if err := w.book.Tellings.Once(context.Background(), gate.DigestStream(ana), key, gate.Heard{}); err != nil {
		w.t.Error(err)
	}
}

func (w *world) answered(n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.waits = slices.DeleteFunc(w.waits, func(h Hold) bool { return h.Stream == fmt.Sprintf("pr/42/%d", n) })
}

func (w *world) of(name string) []told {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.got[name])
}

// play has a story happen to a person with settings, from a moment on.
func play(t *testing.T, path string, set gate.Settings, from time.Time, happens func(w *world)) *world {
	w := &world{t: t, set: set, got: map[string][]told{}, path: path}
	synctest.Test(t, func(t *testing.T) {
		w.shift = time.Until(from)
		w.start()
		linking := gate.Linking{Nonce: "n", Of: member, By: gate.Actor{ID: ana, Login: "ana", Type: "User"}, Until: from.Add(time.Hour)}
		_, err := w.book.Accounts.Record(context.Background(), gate.AccountStream(ana), engine.Draft{Event: linking},
			engine.Draft{Event: gate.Linked{Nonce: "n"}}, engine.Draft{Event: gate.Settled{Settings: set}})
		if err != nil {
			t.Error(err)
		}
		w.heard("settled")
		happens(w)
		w.stop()
	})
	return w
}

func at(t *testing.T, text, zone string) time.Time {
	t.Helper()
	where, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	when, err := time.ParseInLocation("2006-01-02 15:04", text, where)
	if err != nil {
		t.Fatal(err)
	}
	return when
}

// One digest a day, of what waits, at the hour of the person's clock: also over the night
// in which clocks go forward, on a day with nothing, and after no answer came.
func TestADigestADay(t *testing.T) {
	const zone = "Europe/Berlin"
	set := gate.Settings{Slack: true, Mail: "ana@acme.example", When: gate.Daily, Hour: 9, Zone: zone}
	w := play(t, t.TempDir()+"/l.db", set, at(t, "2027-03-26 10:30", zone), func(w *world) {
		w.hold(1, gate.High)
		w.settle(12 * time.Hour)
		if n := len(w.of(bySlack)); n != 0 {
			w.t.Errorf("told %d times before the hour", n)
		}
		w.faults = 2
		w.settle(24 * time.Hour) // Saturday, nine o'clock
		w.hold(2, gate.High)
		w.settle(24 * time.Hour) // Sunday: clocks went forward
		w.answered(1)
		w.answered(2)
		w.settle(24 * time.Hour) // nothing waits on Monday
		w.hold(3, gate.High)
		w.settle(24 * time.Hour)
	})
	for _, name := range []string{bySlack, byMail} {
		got := w.of(name)
		if len(got) != 3 {
			t.Fatalf("%s was told %d times", name, len(got))
		}
		for i, want := range []string{"2027-03-27 09:00", "2027-03-28 09:00", "2027-03-30 09:00"} {
			if off := got[i].at.Sub(at(t, want, zone)); off < 0 || off > time.Minute {
				t.Errorf("%s: the message %d came at %s, not at %s", name, i, got[i].at, want)
			}
		}
		if n := len(got[1].Findings); n != 2 || got[1].Title != "2 changes wait for you" {
			t.Errorf("%s: Sunday's says %q and lists %d", name, got[1].Title, n)
		}
		if leave := got[0].Leave; (leave != "") != (name == byMail) {
			t.Errorf("%s: it can be left at %q", name, leave)
		}
	}
}

func TestWeekdays(t *testing.T) {
	set := gate.Settings{Slack: true, When: gate.Weekdays, Hour: 8, Zone: "America/New_York"}
	w := play(t, t.TempDir()+"/l.db", set, at(t, "2026-10-30 12:00", set.Zone), func(w *world) {
		w.hold(1, gate.High)
		w.settle(4 * 24 * time.Hour)
	})
	if got := w.of(bySlack); len(got) != 2 || !got[0].at.Truncate(time.Minute).Equal(at(t, "2026-11-02 08:00", set.Zone)) {
		t.Errorf("told %d times, first at %v", len(got), got)
	}
}

// At once is once, in one message for what comes together; in quiet hours only of what is
// grave, and only if the person said so.
func TestAtOnce(t *testing.T) {
	const zone = "Europe/Berlin"
	for _, wake := range []bool{false, true} {
		set := gate.Settings{Slack: true, When: gate.AtOnce, Zone: zone, Quiet: "22:00-07:00", Wake: wake}
		w := play(t, t.TempDir()+"/l.db", set, at(t, "2027-03-27 20:00", zone), func(w *world) {
			w.hold(1, gate.High)
			w.settle(90 * time.Minute)
			w.settle(time.Hour)  // it is night
			w.hold(2, gate.High) // waits for the morning
			w.settle(10 * time.Minute)
			w.hold(3, gate.Critical) // wakes who said so
			w.settle(10 * time.Minute)
			w.hold(4, gate.High)
			w.settle(20 * time.Minute)
			w.answered(4)
			w.settle(10 * time.Hour)
		})
		got := w.of(bySlack)
		want, when := []int{1, 2}, []string{"2027-03-27 20:00", "2027-03-28 07:00"}
		if wake {
			when[1] = "2027-03-27 22:40"
		}
		if len(got) != len(want) {
			t.Fatalf("wake %v: told %d times: %v", wake, len(got), got)
		}
		for i := range want {
			if off := got[i].at.Sub(at(t, when[i], zone)); len(got[i].Findings) != want[i] || off < 0 || off > 2*time.Minute {
				t.Errorf("wake %v: the message %d came at %s and lists %v", wake, i, got[i].at, got[i].Findings)
			}
		}
	}
}

// Whatever comes and goes, and whenever gatehold dies: nothing that waits is left untold,
// nothing is told twice, and no message is empty.
func TestNoneIsLostAndNoneToldTwice(t *testing.T) {
	dir, runs := t.TempDir(), 0
	proptest.Check(t, func(rt *rapid.T, came func(string)) {
		runs++
		steps := rapid.SliceOfN(rapid.SampledFrom([]string{"hold", "answer", "wait", "lose", "die"}), 4, 14).Draw(rt, "steps")
		var problems []string
		w := play(t, fmt.Sprintf("%s/%d.db", dir, runs), gate.Settings{Slack: true, Mail: "ana@acme.example", When: gate.AtOnce},
			time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC), func(w *world) {
				n := 0
				for _, step := range steps {
					switch step {
					case "hold":
						n++
						w.hold(n, gate.High)
					case "answer":
						w.answered(n)
					case "wait":
						w.settle(3 * time.Minute)
					case "lose":
						w.mu.Lock()
						w.faults++
						w.mu.Unlock()
					case "die":
						w.stop()
						w.start()
					}
					synctest.Wait()
				}
				w.settle(3 * time.Hour)
				for _, name := range []string{bySlack, byMail} {
					lines := map[string]int{}
					for _, d := range w.of(name) {
						if len(d.Findings) == 0 {
							problems = append(problems, "an empty message")
						}
						for _, line := range d.Findings {
							lines[line]++
						}
					}
					for line, times := range lines {
						if times > 1 {
							problems = append(problems, fmt.Sprintf("%s is told %q %d times", name, line, times))
						}
					}
					for _, h := range w.waits {
						if lines[h.Subject+": "+h.Title] == 0 {
							problems = append(problems, fmt.Sprintf("%s waits, and %s was not told", h.Subject, name))
						}
					}
				}
			})
		for _, step := range steps {
			came(step)
		}
		if len(problems) > 0 {
			rt.Fatalf("%v: %v\n%v", steps, problems, w.got)
		}
	}, "hold", "answer", "wait", "lose", "die")
}

// A digest's hour comes once a day by the clock of its zone, whatever clocks do.
func TestSlots(t *testing.T) {
	zones := []string{"", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu", "America/Havana"}
	rapid.Check(t, func(rt *rapid.T) {
		set := gate.Settings{When: rapid.SampledFrom([]string{gate.Daily, gate.Weekdays}).Draw(rt, "when"),
			Hour: rapid.IntRange(0, 23).Draw(rt, "hour"), Zone: rapid.SampledFrom(zones).Draw(rt, "zone")}
		now := time.Unix(rapid.Int64Range(1_300_000_000, 1_900_000_000).Draw(rt, "now"), 0)
		last, next := slots(set, now)
		if last.After(now) || !next.After(now) || next.Sub(last) > 76*time.Hour {
			rt.Fatalf("%+v at %s: %s, then %s", set, now, last, next)
		}
		if again, then := slots(set, next); !again.Equal(next) || !then.After(next) {
			rt.Fatalf("%+v at %s: that is not its own slot: %s, %s", set, next, again, then)
		}
		if back, _ := slots(set, next.Add(-time.Second)); !back.Equal(last) {
			rt.Fatalf("%+v: between %s and %s lies %s", set, last, next, back)
		}
	})
}
