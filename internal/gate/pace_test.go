package gate_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/gatehold/gatehold/internal/gate"
)

// TestLooksAreBoundedAndNothingNewWaits: whatever mix of events comes, at
// whatever times, a gate is looked at a bounded number of times in any hour for
// what was judged before; a head or base that was not judged yet is due at once;
// and what was asked for is due within ten minutes of the last look.
func TestLooksAreBoundedAndNothingNewWaits(t *testing.T) {
	const perHour = 30
	rapid.Check(t, func(t *rapid.T) {
		s := &stream{t: t, at: start}
		known := map[string]bool{}
		var looks []time.Time // at what was judged before
		heads := []string{"a", "b", "c"}
		for range rapid.IntRange(1, 400).Draw(t, "steps") {
			s.at = s.at.Add(time.Duration(rapid.IntRange(0, 30).Draw(t, "seconds")) * time.Second)
			ev := seen(rapid.SampledFrom(heads).Draw(t, "head"), rapid.SampledFrom([]string{"main", "main", "release"}).Draw(t, "base"))
			ev.Action = rapid.SampledFrom([]string{"labeled", "edited", "synchronize", "closed", "reopened"}).Draw(t, "action")
			if rapid.IntRange(0, 3).Draw(t, "rerequest") == 0 {
				ev = gate.Seen{Subject: ev.Subject, Event: "gatehold", Action: "rerequested"}
			}
			s.add(ev)
			about := s.state.Seen.Head + " " + s.state.Seen.BaseRef
			if s.state.Changed > s.state.ToldUpTo {
				s.add(gate.Told{Covers: s.state.Changed, Checks: []string{s.state.Head()}})
			}
			step, when := s.state.Due()
			if s.state.Seen.Head == "" { // no event has named one yet
				continue
			}
			if step != gate.Assess {
				t.Fatalf("after %s %s it wants %q", ev.Event, ev.Action, step)
			}
			if !known[about] && when.After(s.at) {
				t.Fatalf("%s was never judged, and waits until %v", about, when)
			}
			if when.After(s.state.JudgedAt.Add(10*time.Minute + time.Second)) {
				t.Fatalf("it waits until %v, since %v", when, s.state.JudgedAt)
			}
			if when.After(s.at) {
				continue
			}
			if known[about] {
				looks = append(looks, s.at)
			}
			known[about] = true
			s.add(judged(s.state, s.state.Seen.Head, false))
			s.add(gate.Told{Covers: s.state.Version, Checks: []string{s.state.Head()}})
		}
		for i := range looks {
			n := 0
			for _, at := range looks[i:] {
				if at.Sub(looks[i]) < time.Hour {
					n++
				}
			}
			if n > perHour+6*len(known) { // each that is new begins anew
				t.Fatalf("%d looks within an hour of %v", n, looks[i])
			}
		}
	})
}
