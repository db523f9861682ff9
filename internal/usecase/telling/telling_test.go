package telling_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/notify"
	"github.com/gatehold/gatehold/internal/proptest"
	"github.com/gatehold/gatehold/internal/usecase/telling"
)

// act is one thing that happens: what, how long it is quiet afterwards, what becomes
// of the next messages, and whether word of it comes late.
type act struct {
	what   string
	deaf   bool
	rest   time.Duration
	faults []fault
}

var acts = rapid.Custom(func(t *rapid.T) act {
	return act{
		what: rapid.SampledFrom([]string{"held", "held", "free", "approve", "deny", "close", "crash", "wait"}).Draw(t, "what"),
		deaf: rapid.IntRange(0, 3).Draw(t, "deaf") == 0,
		rest: time.Duration(rapid.SampledFrom([]int{0, 5, 60, 700}).Draw(t, "seconds")) * time.Second,
		faults: rapid.SliceOfN(rapid.Custom(func(t *rapid.T) fault {
			return fault(rapid.IntRange(0, int(faults)-1).Draw(t, "fault"))
		}), 0, 4).Draw(t, "faults"),
	}
})

// Whatever happens to the gate, to the channels and to gatehold itself: what is told
// is so when it is told; nobody is told one thing twice, by ids; and in the end
// everybody knows what the gate has come to, as the rules want.
func TestEveryStateThatStandsIsToldOnce(t *testing.T) {
	proptest.Check(t, func(rt *rapid.T, came func(string)) {
		script := rapid.SliceOfN(acts, 1, 12).Draw(rt, "script")
		w := play(t, func(w *world) {
			w.tells = []gate.Telling{
				{To: []string{"all"}, When: []string{gate.WhenHeld, gate.WhenDecided}},
				{To: []string{"slack"}, When: []string{gate.WhenHeld}},
				{To: []string{"late"}, When: []string{gate.WhenHeld}, After: "5m"},
			}
			w.channel(telling.Channel{Name: "all"})
			w.channel(telling.Channel{Name: "late"})
			w.channel(telling.Channel{Name: "slack", Repaints: true})
		}, func(w *world) {
			for _, a := range script {
				w.happens(a)
			}
			w.mu.Lock()
			w.faults = nil
			w.mu.Unlock()
			w.settle(30 * time.Minute)
			w.judge()
		})
		for _, list := range w.got {
			for _, d := range list {
				came(string(d.State))
				if d.Urgent {
					came("urgent")
				}
			}
		}
		for outcome := range w.outcomes {
			came(outcome)
		}
		if len(w.problems) > 0 {
			rt.Fatalf("%v:\n%s", script, strings.Join(w.problems, "\n"))
		}
	}, "held", "released", "denied", "closed", "urgent", "sent", "failed")
}

func (w *world) happens(a act) {
	w.mu.Lock()
	w.faults = a.faults
	deaf := make(chan struct{})
	if a.deaf {
		w.deaf = deaf
	}
	w.mu.Unlock()
	switch a.what {
	case "held":
		w.push(true, gate.High)
	case "free":
		w.push(false, gate.Low)
	case "approve":
		w.answer(gate.Approve)
	case "deny":
		w.answer(gate.Deny)
	case "close":
		w.shut()
	case "crash":
		w.stop()
		w.start()
	}
	if a.deaf {
		w.settle(100 * time.Second)
		w.mu.Lock()
		w.deaf = nil
		w.mu.Unlock()
		close(deaf)
	}
	w.settle(a.rest)
}

// again reports whether a channel is told the same by a second message, though nothing
// else was tried between them that it may have been told.
func (w *world) again(name string, before, d notify.Delivery) bool {
	at := slices.Index(w.sends[name], d.ID)
	return d.State == before.State && d.Sentence == before.Sentence && d.Urgent == before.Urgent && w.sends[name][at-1] == before.ID
}

// judge holds what everybody was told against what the gate is.
func (w *world) judge() {
	fail := func(format string, args ...any) { w.problems = append(w.problems, fmt.Sprintf(format, args...)) }
	stands, v := w.stands(), w.state().Verdict
	byPeople := v != nil && v.Held && (stands == notify.Released || stands == notify.Denied)
	for _, name := range []string{"all", "late", "slack"} {
		for i, d := range w.got[name] {
			if i > 0 && w.again(name, w.got[name][i-1], d) {
				fail("%s is told %q (%s) twice in a row, as %s and %s", name, d.State, d.Sentence, w.got[name][i-1].ID, d.ID)
			}
		}
		last := w.last(name)
		switch {
		case stands == notify.Held && name == "late":
			if last == nil || last.State != notify.Held || !last.Urgent {
				fail("nobody has answered for long, and %s knows of %+v", name, last)
			}
		case stands == notify.Held:
			if last == nil || last.State != notify.Held || last.Sentence != v.Reason {
				fail("it is held, and %s knows of %+v", name, last)
			}
		case byPeople && name == "all":
			if last == nil || last.State != stands {
				fail("it is %s, and %s knows of %+v", stands, name, last)
			}
		case last != nil && last.State == notify.Held:
			fail("it is %s, and %s still takes it for held", stands, name)
		}
	}
	f, err := w.told()
	if err != nil || !f.Waiting(time.Now()).IsZero() {
		fail("in the end %+v waits: %v", f.Boxes, err)
	}
}
