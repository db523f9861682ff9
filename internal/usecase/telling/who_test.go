package telling_test

import (
	"slices"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/notify"
	"github.com/gatehold/gatehold/internal/usecase/telling"
)

func quiet(t *testing.T, hours string) *notify.Quiet {
	t.Helper()
	q, err := notify.ParseQuiet(hours)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// count is how much a channel was told.
func (w *world) count(name string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.got[name])
}

func (w *world) expect(when string, want map[string]int) {
	w.t.Helper()
	for name, n := range want {
		if got := w.count(name); got != n {
			w.t.Errorf("%s: %s was told %d times, want %d", when, name, got, n)
		}
	}
}

// Where the rules say nothing, the channels that are default hear what is high or more;
// where they say something, nobody else does, and a name that nobody has configured is
// on record.
func TestWhoHearsOfWhat(t *testing.T) {
	both := func(w *world) {
		w.channel(telling.Channel{Name: "ops", Default: true})
		w.channel(telling.Channel{Name: "siem"})
	}
	play(t, both, func(w *world) {
		w.push(true, gate.Medium)
		w.settle(time.Minute)
		w.expect("medium", map[string]int{"ops": 0, "siem": 0})
		if told, err := w.told(); err != nil || told.Version != 0 {
			w.t.Errorf("a stream is kept of what nobody is told: %+v, %v", told, err)
		}
		w.push(true, gate.High)
		w.settle(time.Minute)
		w.answer(gate.Approve)
		w.settle(time.Minute)
		w.expect("high and released", map[string]int{"ops": 2, "siem": 0})
	})
	play(t, both, func(w *world) {
		w.tells = []gate.Telling{{To: []string{"siem", "nowhere"}, When: []string{gate.WhenDecided}}}
		w.push(true, gate.Low)
		w.settle(time.Minute)
		w.expect("held", map[string]int{"ops": 0, "siem": 0})
		w.answer(gate.Deny)
		w.settle(time.Minute)
		w.expect("denied", map[string]int{"ops": 0, "siem": 1})
		if last := w.last("siem"); last == nil || last.State != notify.Denied {
			w.t.Errorf("siem knows of %+v", last)
		}
		if told, err := w.told(); err != nil || !slices.Equal(told.Unknown, []string{"nowhere"}) {
			w.t.Errorf("unknown are %v: %v", told.Unknown, err)
		}
	})
}

// In quiet hours people are left alone, but for what is critical or waits for too
// long; what has passed by the morning is not told. Virtual time begins at midnight.
func TestQuietHoursAndWhatBreaksThem(t *testing.T) {
	night := func(w *world) {
		w.channel(telling.Channel{Name: "ops", Default: true, Quiet: quiet(t, "00:00-07:00")})
		w.channel(telling.Channel{Name: "oncall", Quiet: quiet(t, "00:00-07:00")})
	}
	play(t, night, func(w *world) {
		w.tells = []gate.Telling{
			{To: []string{"ops"}, When: []string{gate.WhenHeld, gate.WhenDecided}}, {To: []string{"oncall"}, When: []string{gate.WhenHeld}, After: "2h"},
		}
		w.push(true, gate.High)
		w.settle(3 * time.Hour)
		w.expect("at three", map[string]int{"ops": 0, "oncall": 1})
		if last := w.last("oncall"); last == nil || !last.Urgent || last.Since.IsZero() {
			w.t.Errorf("oncall knows of %+v", last)
		}
		if told, err := w.told(); err != nil || !told.Waiting(time.Now()).IsZero() {
			w.t.Errorf("what is for the morning waits already: %v", err)
		}
		w.settle(5 * time.Hour)
		w.expect("at eight", map[string]int{"ops": 1, "oncall": 1})
	})
	play(t, night, func(w *world) {
		w.push(true, gate.Critical)
		w.settle(time.Minute)
		w.expect("critical", map[string]int{"ops": 1})
	})
	play(t, night, func(w *world) {
		w.push(true, gate.High)
		w.settle(time.Hour)
		w.shut()
		w.settle(8 * time.Hour)
		w.expect("closed by night", map[string]int{"ops": 0})
	})
}

// An agent that pushes all the time tells nobody all the time: only a message that is
// changed in place follows each push. Everybody has the newest in the end.
func TestManyPushesAreFewMessages(t *testing.T) {
	play(t, func(w *world) {
		w.channel(telling.Channel{Name: "mail", Default: true})
		w.channel(telling.Channel{Name: "slack", Default: true, Repaints: true})
	}, func(w *world) {
		for range 30 {
			w.push(true, gate.High)
			w.settle(30 * time.Second)
		}
		if n := w.count("mail"); n != 2 {
			w.t.Errorf("in a quarter of an hour %d mails were sent", n)
		}
		if n := w.count("slack"); n != 30 {
			w.t.Errorf("the message was changed %d times", n)
		}
		w.settle(15 * time.Minute)
		if last := w.last("mail"); w.count("mail") != 3 || last.Sentence != "Because of head30." {
			w.t.Errorf("the last of %d mails says %q", w.count("mail"), last.Sentence)
		}
	})
}

// A channel that asks for fewer messages is left alone for all gates, and told in the end.
func TestAChannelThatIsLimited(t *testing.T) {
	play(t, func(w *world) { w.channel(telling.Channel{Name: "ops", Default: true}) }, func(w *world) {
		w.faults = []fault{limited}
		w.push(true, gate.High)
		w.settle(2 * time.Minute)
		w.expect("after two minutes", map[string]int{"ops": 0})
		told, err := w.told()
		if box := told.Box("ops"); err != nil || box.Failed == nil || box.Failed.Code != notify.Busy || box.Failed.Attempt != 1 {
			w.t.Errorf("on record is %+v: %v", box.Failed, err)
		}
		w.settle(3 * time.Minute)
		w.expect("after five", map[string]int{"ops": 1})
		if w.outcomes["failed"] != 1 || w.outcomes["sent"] != 1 {
			w.t.Errorf("outcomes: %v", w.outcomes)
		}
	})
}

// Each step in which nobody answered is told once, though the message is changed in place
// with each push; and each is on the gate's own record.
func TestEachStepIsToldOnce(t *testing.T) {
	play(t, func(w *world) { w.channel(telling.Channel{Name: "slack", Repaints: true}) }, func(w *world) {
		w.tells = []gate.Telling{{To: []string{"slack"}, When: []string{gate.WhenHeld}},
			{To: []string{"slack"}, When: []string{gate.WhenHeld}, After: "2h"}, {To: []string{"slack"}, When: []string{gate.WhenHeld}, After: "4h"}}
		urgent := func() (n int) {
			w.mu.Lock()
			defer w.mu.Unlock()
			for _, d := range w.got["slack"] {
				if d.Urgent {
					n++
				}
			}
			return n
		}
		for i, step := range []struct {
			rest time.Duration
			want int
		}{{time.Hour, 0}, {90 * time.Minute, 1}, {time.Hour, 1}, {time.Hour, 2}, {10 * time.Hour, 2}} {
			w.push(true, gate.High)
			w.settle(step.rest)
			if last := w.last("slack"); urgent() != step.want || last.Sentence != "Because of head"+string(rune('1'+i))+"." {
				w.t.Errorf("step %d: %d reminders, and the message says %q", i, urgent(), last.Sentence)
			}
		}
		s := w.state()
		if len(s.Reminders) != 2 || s.Reminders[0].After != "2h0m0s" || s.Reminders[1].After != "4h0m0s" || len(s.RemindedOf()) != 0 {
			w.t.Errorf("on record are %+v", s.Reminders)
		}
	})
}

// Lines leave the house where the rules say so, and nowhere else; where they cannot be
// had the message goes without, and says why.
func TestLinesAreToldWhereTheRulesSaySo(t *testing.T) {
	play(t, func(w *world) {
		w.channel(telling.Channel{Name: "code", Repaints: true})
		w.channel(telling.Channel{Name: "plain", Repaints: true})
	}, func(w *world) {
		w.tells = []gate.Telling{{To: []string{"plain", "code"}, When: []string{gate.WhenHeld}}, {To: []string{"code"}, When: []string{gate.WhenHeld}, Lines: true}}
		w.push(true, gate.High)
		w.settle(time.Minute)
		code, plain := w.last("code"), w.last("plain")
		if len(code.Hunks) != 1 || code.Hunks[0].Path != "db/drop.sql" || len(plain.Hunks) != 0 || plain.Also != "" {
			w.t.Errorf("code is told %+v, plain %+v", code.Hunks, plain.Hunks)
		}
		w.push(true, gate.High)
		w.settle(time.Minute)
		if code := w.last("code"); len(code.Hunks) != 0 || code.Also != "The lines cannot be shown now. GitHub is not asked for more." {
			w.t.Errorf("without lines it says %q", code.Also)
		}
	})
}
