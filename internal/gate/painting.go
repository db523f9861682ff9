package gate

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// Painting is written before a check run is painted: what it is about to show,
// and the nonce in the identifiers of its buttons. A press names the painting
// that it was made on by that nonce, and is worth nothing for what another one
// shows. Its number is the version of its record. Where no Published follows
// that names it, nobody knows whether GitHub took it, or when.
type Painting struct {
	Nonce   string  `json:"nonce"`
	Covers  uint64  `json:"covers"`        // version of the check's stream that it is made from
	Run     int64   `json:"run,omitempty"` // GitHub's id of the run that is repainted; 0: one is created
	Digest  string  `json:"digest"`        // of what it shows
	Outcome string  `json:"outcome,omitempty"`
	Shows   []Shown `json:"shows,omitempty"`
}

// Kind names the event in the ledger.
func (Painting) Kind() string { return "painting" }

// Shown is one gate as a check run shows it.
type Shown struct {
	Gate    Subject `json:"gate"`
	For     For     `json:"for"`     // of a gate that is not judged, its head only
	Version uint64  `json:"version"` // of the gate's stream
}

// Sight is what somebody had before their eyes when they chose. A person's
// choices about a gate are ordered by it, never by their arrival.
type Sight struct {
	Version  uint64 `json:"version,omitempty"`  // of the gate's stream, as it was shown
	Check    string `json:"check,omitempty"`    // stream of the check that showed it; empty: no check did
	Painting uint64 `json:"painting,omitempty"` // number of the painting
}

// before reports whether one sight is older than another. Two paintings of one
// check are told apart by their numbers even where the gate was the same; of
// anything else that shows the same version, neither is older.
func (s Sight) before(o Sight) bool {
	if s.Version != o.Version {
		return s.Version < o.Version
	}
	return s.Check == o.Check && s.Painting < o.Painting
}

// StepTime bounds one step of the engine with all its requests: what was sent
// has had its effect settleTime after it, or never will.
const StepTime = 2 * time.Minute

// keptPaintings bounds the paintings of a check that a press can name: one that
// is older is refused, and the check has newer buttons by then.
const keptPaintings = 64

// Painted is a painting with its place in the check's stream.
type Painted struct {
	Painting
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

// Blocks reports whether a required check does not pass by an outcome. What this
// version does not know may pass.
func Blocks(outcome string) bool {
	switch outcome {
	case "", "action_required", "failure", "cancelled":
		return true
	}
	return false
}

// announced remembers a painting that is about to be sent.
func (s CheckState) announced(ev Painting, e Entry) CheckState {
	if ev.Run == 0 {
		s.Unsure, s.Tried = true, e.At
	}
	kept := s.Paintings[max(0, len(s.Paintings)-keptPaintings+1):]
	s.Paintings = append(slices.Clone(kept), Painted{Painting: ev, Number: e.Version, At: e.At})
	s.sent = append(slices.Clone(s.sent), sending{
		number: e.Version, creates: ev.Run == 0, passes: !Blocks(ev.Outcome), until: e.At.Add(StepTime + settleTime),
	})
	return s
}

// painted takes in the outcome of a painting. One that comes after a newer one
// was announced may have been painted over it: the check is painted again.
func (s CheckState) painted(ev Published, e Entry) CheckState {
	s.sent = slices.DeleteFunc(slices.Clone(s.sent), func(p sending) bool { return p.number == ev.Painting })
	newest := s.Newest()
	if newest == nil || newest.Number != ev.Painting {
		s.late, s.latePasses = e.Version, s.latePasses || !Blocks(ev.Outcome)
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
func (s CheckState) stopped(painting uint64, at time.Time) CheckState {
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
func (s CheckState) Newest() *Painted {
	if len(s.Paintings) == 0 {
		return nil
	}
	return &s.Paintings[len(s.Paintings)-1]
}

// painting is the one that carries a nonce, as far as it is remembered.
func (s CheckState) painting(nonce string) *Painted {
	for i := range s.Paintings {
		if nonce != "" && s.Paintings[i].Nonce == nonce {
			return &s.Paintings[i]
		}
	}
	return nil
}

// Doubtful reports whether the run may show something else than the newest
// painting: an older one was sent, and nobody knows whether it came later.
func (s CheckState) Doubtful() bool { return s.late != 0 || len(s.sent) > 0 }

// MayWronglyPass reports whether the run may let a commit pass that it should not: for
// a commit that no gate has as its head any more, nothing else is painted again.
func (s CheckState) MayWronglyPass() bool {
	return Blocks(s.Outcome) && (s.latePasses || slices.ContainsFunc(s.sent, func(p sending) bool { return p.passes }))
}

// unsure reports whether the run is to be painted again to be sure of it.
func (s CheckState) unsure() bool { return s.Doubtful() && (!s.Over || s.MayWronglyPass()) }

// MayHaveAnother reports whether a run may exist whose id is not known.
func (s CheckState) MayHaveAnother() bool {
	return s.Unsure || slices.ContainsFunc(s.sent, func(p sending) bool { return p.creates })
}

// settles is when the doubt about what the run shows can be ended by painting
// it again; a zero time is at once.
func (s CheckState) settles() time.Time {
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
func (s CheckState) Shows(now []Shown, said map[string]uint64) bool {
	newest := s.Newest()
	if newest == nil {
		return false
	}
	before := map[string]Shown{}
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

// The buttons of a check run, by the letter that stands for each before the
// nonce in its identifier. GitHub takes 20 characters.
// https://docs.github.com/en/rest/checks/runs#create-a-check-run
var buttons = map[string]byte{
	string(Approve): 'a', string(Deny): 'd', string(Override): 'o', string(Review): 'r', Recheck: 'c',
}

// Recheck is the button that asks for another look. It is no answer.
const Recheck = "recheck"

// NonceLength is the length of a nonce: 95 bits in lower-case base32.
const NonceLength = 19

// ButtonID is the identifier of a button of a painting. Without a nonce it is
// the button's own name, as it was before paintings were on record.
func ButtonID(button, nonce string) string {
	if nonce == "" {
		return button
	}
	return string(buttons[button]) + nonce
}

// ReadButton reads an identifier that came back: which button, of the painting
// with which nonce. It is not ok where gatehold gives out none like it.
func ReadButton(id string) (button, nonce string, ok bool) {
	if _, old := buttons[id]; old {
		return id, "", true
	}
	if len(id) != NonceLength+1 || strings.Trim(id[1:], "abcdefghijklmnopqrstuvwxyz234567") != "" {
		return "", "", false
	}
	for name, letter := range buttons {
		if letter == id[0] {
			return name, id[1:], true
		}
	}
	return "", "", false
}

// PressKey is the ledger key of a press that is an answer: one person answers
// once on one painting, however often that is delivered, and under whatever
// number. Empty where nothing was answered.
func (s Seen) PressKey() string {
	if s.Subject.Kind != Check || s.Button == "" || s.Button == Recheck {
		return ""
	}
	painting := s.Nonce
	if painting == "" { // of a run from before paintings were on record
		painting = "run:" + strconv.FormatInt(s.Run, 10)
	}
	return "press:" + painting + ":" + strconv.FormatInt(s.Sender.ID, 10) + ":" + s.Button
}
