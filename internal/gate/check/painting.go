package check

import (
	"slices"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
)

// keptPaintings bounds the paintings of a check that a press can name: one that
// is older is refused, and the check has newer buttons by then.
const keptPaintings = 64

// Painted is a painting with its place in the check's stream.
type Painted struct {
	gate.Painting
	Number uint64
	At     time.Time
}

// sending is a painting whose outcome is not on record.
type sending struct {
	number  uint64
	creates bool
	passes  bool      // a required check passes by it
	until   time.Time // it has its effect until then, or never
}

// announced remembers a painting that is about to be sent.
func (s State) announced(ev gate.Painting, e gate.Entry) State {
	if ev.Run == 0 {
		s.Unsure, s.Tried = true, e.At
	}
	kept := s.Paintings[max(0, len(s.Paintings)-keptPaintings+1):]
	s.Paintings = append(slices.Clone(kept), Painted{Painting: ev, Number: e.Version, At: e.At})
	s.sent = append(slices.Clone(s.sent), sending{
		number: e.Version, creates: ev.Run == 0, passes: !gate.Blocks(ev.Outcome), until: e.At.Add(gate.StepTime + settleTime),
	})
	return s
}

// painted takes in the outcome of a painting. One that comes after a newer one
// was announced may have been painted over it: the check is painted again.
func (s State) painted(ev gate.Published, e gate.Entry) State {
	s.sent = slices.DeleteFunc(slices.Clone(s.sent), func(p sending) bool { return p.number == ev.Painting })
	newest := s.Newest()
	if newest == nil || newest.Number != ev.Painting {
		s.late, s.latePasses = e.Version, s.latePasses || !gate.Blocks(ev.Outcome)
		return s
	}
	if s.late < ev.Painting {
		s.late, s.latePasses = 0, false
	}
	s.sent = slices.DeleteFunc(s.sent, func(p sending) bool { return !p.until.After(newest.At) })
	return s
}

// stopped notes that whoever sent a painting has given up: a request that went
// out may still take effect for as long as the wire may take.
func (s State) stopped(painting uint64, at time.Time) State {
	s.sent = slices.Clone(s.sent)
	for i := range s.sent {
		end := at.Add(settleTime)
		if s.sent[i].number != painting || !end.Before(s.sent[i].until) {
			continue
		}
		if s.sent[i].until = end; s.sent[i].creates {
			s.Tried = at
		}
	}
	return s
}

// Newest is the painting that was announced last; nil where none was since
// paintings are on record.
func (s State) Newest() *Painted {
	if len(s.Paintings) == 0 {
		return nil
	}
	return &s.Paintings[len(s.Paintings)-1]
}

// painting is the one that carries a nonce, as far as it is remembered.
func (s State) painting(nonce string) *Painted {
	for i := range s.Paintings {
		if nonce != "" && s.Paintings[i].Nonce == nonce {
			return &s.Paintings[i]
		}
	}
	return nil
}

// Doubtful reports whether the run may show something else than the newest
// painting: an older one was sent, and nobody knows whether it came later.
func (s State) Doubtful() bool { return s.late != 0 || len(s.sent) > 0 }

// MayWronglyPass reports whether the run may let a commit pass that it should not: for
// a commit that no gate has as its head any more, nothing else is painted again.
func (s State) MayWronglyPass() bool {
	return gate.Blocks(s.Outcome) && (s.latePasses || slices.ContainsFunc(s.sent, func(p sending) bool { return p.passes }))
}

// unsure reports whether the run is to be painted again to be sure of it.
func (s State) unsure() bool { return s.Doubtful() && (!s.Over || s.MayWronglyPass()) }

// MayHaveAnother reports whether a run may exist whose id is not known.
func (s State) MayHaveAnother() bool {
	return s.Unsure || slices.ContainsFunc(s.sent, func(p sending) bool { return p.creates })
}

// settles is when the doubt about what the run shows can be ended by painting
// it again; a zero time is at once.
func (s State) settles() time.Time {
	var when time.Time
	if s.late != 0 {
		return when
	}
	for _, p := range s.sent {
		if when.IsZero() || p.until.Before(when) {
			when = p.until
		}
	}
	return when
}

// Shows reports whether the newest painting shows these gates as they are, and
// after all that was said to them: each press wants new buttons, so that whoever
// made it can answer again.
func (s State) Shows(now []gate.Shown, said map[string]uint64) bool {
	newest := s.Newest()
	if newest == nil {
		return false
	}
	before := map[string]gate.Shown{}
	for _, g := range newest.Shows {
		before[g.Gate.Stream()] = g
	}
	for _, g := range now {
		stream := g.Gate.Stream()
		was, known := before[stream]
		if !known || was.For != g.For || was.Version < said[stream] {
			return false
		}
	}
	return len(before) == len(now)
}
