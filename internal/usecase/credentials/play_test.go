package credentials_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/gate/credential"
	"github.com/gatehold/gatehold/internal/policy"
	"github.com/gatehold/gatehold/internal/proptest"
)

// Bounds on how long somebody holds a token that they would not be given any more: until
// that is looked at, and, after GitHub did not answer, until it is tried again.
const (
	bound            = credential.LookEvery + 70*time.Second
	boundAfterOutage = 11 * time.Minute
)

// act is one thing that happens, and how long it is quiet afterwards.
type act struct {
	what string
	rest time.Duration
}

var acts = rapid.Custom(func(t *rapid.T) act {
	return act{
		what: rapid.SampledFrom([]string{"hold", "judge", "release", "release", "deny", "over", "again", "down", "up", "rules", "kill",
			"ask", "ask", "ask", "refused", "lost", "killed", "close"}).Draw(t, "what"),
		rest: time.Duration(rapid.SampledFrom([]int{1, 20, 150, 600}).Draw(t, "seconds")) * time.Second,
	}
})

// Whatever happens to gates, runs, rules, GitHub and gatehold itself: nobody holds a token
// for longer than the bound that they would not be given now; every token that was made
// is ended or ends by itself; and each that somebody had is on record once.
func TestNothingLivesWithoutAGate(t *testing.T) {
	t.Parallel()
	proptest.Check(t, func(rt *rapid.T, came func(string)) {
		script := rapid.SliceOfN(acts, 1, 10).Draw(rt, "script")
		play(t, func(w *world) {
			p := player{world: w, attempt: 1, rules: w.rules, got: map[string]*holding{}}
			begin := []act{{"hold", time.Second}, {"release", time.Second}, {"ask", time.Second}}
			for _, a := range append(begin, script...) {
				p.do(a.what)
				for left := a.rest; left > 0; left -= min(left, 30*time.Second) {
					p.look()
					w.settle(min(left, 30*time.Second))
				}
				p.look()
			}
			p.do("up")
			w.settle(75 * time.Minute)
			if n := len(w.alive()); n != 0 || len(w.vault) != 0 {
				rt.Errorf("%d tokens live in the end, %d are kept", n, len(w.vault))
			}
			p.onRecord()
			for _, h := range p.got {
				came("given")
				if h.taken {
					came("taken away")
				}
			}
			for _, fault := range p.failures {
				rt.Error(fault)
			}
		})
	}, "given", "taken away")
}

// player plays a script, and knows what somebody may hold.
type player struct {
	*world
	attempt  int           // of whose gate is spoken
	rules    *policy.Rules // that give something
	outage   time.Time     // when GitHub last did not answer
	got      map[string]*holding
	failures []string
}

// holding is a token in somebody's hands.
type holding struct {
	attempt int
	digest  string
	since   time.Time // since when they would not be given it; zero: they would
	taken   bool
}

func (p *player) do(what string) {
	w := p.world
	s := w.gate(p.attempt)
	set := func(f func()) {
		w.mu.Lock()
		defer w.mu.Unlock()
		f()
	}
	switch what {
	case "hold":
		w.hold(p.attempt, "d")
	case "judge":
		w.judge(p.attempt, s.Seen.Head+"2")
	case "release":
		if s.Verdict != nil && s.Denied() == nil && !s.Done {
			w.release(p.attempt)
		}
	case "deny":
		if s.Verdict != nil {
			w.deny(p.attempt)
		}
	case "close":
		if s.Verdict != nil {
			w.record(p.attempt, gate.Closed{Covers: s.Version})
		}
	case "over":
		set(func() { w.over = true })
	case "again":
		p.attempt++
		set(func() { w.over, w.attempt = false, p.attempt })
		w.hold(p.attempt, "d")
	case "down", "up":
		set(func() { w.down = what == "down" })
	case "rules":
		other := rulesOf(w.t, "version: 1\n")
		set(func() {
			if w.rules != p.rules {
				other = p.rules
			}
			w.rules = other
		})
	case "kill":
		w.kill()
	case "refused", "lost", "killed":
		set(func() { w.fault = what })
	case "ask":
		if got, err := w.ask(w.identity(p.attempt), wish); err == nil {
			p.got[got.Token] = &holding{attempt: p.attempt, digest: got.Grant.For.Verdict}
		}
	}
}

// look holds every token that somebody has against what they would be given now.
func (p *player) look() {
	w, now := p.world, time.Now()
	w.mu.Lock()
	if w.down {
		p.outage = now
	}
	rules, over := w.rules == p.rules, w.over
	w.mu.Unlock()
	limit := bound
	if now.Sub(p.outage) < boundAfterOutage+bound {
		limit = boundAfterOutage + bound
	}
	alive := map[string]bool{}
	for _, value := range w.alive() {
		alive[value] = true
	}
	for value, h := range p.got {
		s := w.gate(h.attempt)
		may := rules && !over && h.attempt == p.attempt && !s.Done && s.Denied() == nil && s.Answered() == gate.Approved &&
			s.Verdict.Digest == h.digest
		switch {
		case !alive[value]:
			h.taken = true
		case may:
			h.since = time.Time{}
		case h.since.IsZero():
			h.since = now
		case now.Sub(h.since) > limit && now.Sub(p.outage) > limit:
			p.failures = append(p.failures, value+" lives "+now.Sub(h.since).String()+" longer than it may")
		}
	}
}

// onRecord holds every token that somebody had against the ledger.
func (p *player) onRecord() {
	records := map[string]int{}
	streams := map[string]bool{}
	for _, job := range p.jobs {
		streams[job.Stream()] = true
	}
	for stream := range streams {
		all, err := p.book.Log.Read(context.Background(), stream, 0)
		if err != nil {
			p.t.Fatal(err)
		}
		for _, r := range all {
			ev, err := gate.Decode(r.Kind, r.Body)
			if err != nil {
				p.t.Fatal(err)
			}
			if m, is := ev.(gate.Minted); is {
				records[m.Hash]++
			}
		}
		if live, err := p.book.Log.Live(context.Background(), stream); err != nil || len(live) > 0 {
			p.failures = append(p.failures, "something is left to be done about "+stream)
		}
	}
	for value := range p.got {
		sum := sha256.Sum256([]byte(value))
		if n := records[hex.EncodeToString(sum[:])]; n != 1 {
			p.failures = append(p.failures, value+" is not on record once")
		}
	}
}
