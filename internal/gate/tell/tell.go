// Package tell is what people are told of one gate: which channel is to be told what,
// what was tried and what was taken. A State is the fold of its stream; the events
// stand in package gate, by which all streams are read.
//
// A letter is announced before it is sent. After a crash between that and the record
// of its outcome it is sent again, under the same id: whoever can tell has one message
// of it. A state that does not stand any more is not told.
package tell

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
)

// State is what was told of a gate, and what is to be told.
type State struct {
	Gate    gate.Subject
	Version uint64

	Heard   uint64    // version of the newest word of the gate
	Covered uint64    // version up to which it was decided who is told
	Stands  string    // what the gate came to when that was last known
	Since   time.Time // since when it is that
	Look    time.Time // when time alone may ask for more
	Boxes   []Box     // by channel
	Unknown []string  // channels that the rules name and nobody has configured
	Failure *gate.Failed
}

// Box is what one channel was told, and is to be told.
type Box struct {
	Channel string
	Want    *gate.Letter // nil: nothing
	Asked   time.Time    // since when it is wanted
	Tried   []string     // ids that were announced since something was taken last
	Failed  *gate.Unsent // of what is wanted

	Told      string // key of what was taken last
	ToldState string
	ToldAt    time.Time
	First     string   // what the channel calls the first of them
	About     []string // all that waited for a person when something was taken last, as far as it still does
	trying    []string // all that waits as what was announced last has it

	turn     int    // how many were announced, each counted once
	last     string // id of the one that was announced last
	lastSays string // its key
}

// After is the state once e has happened.
func (s State) After(e gate.Entry) State {
	s.Version = e.Version
	switch ev := e.Event.(type) {
	case gate.Heard:
		s.Gate, s.Heard = ev.Gate, e.Version
		s.Failure = s.Failure.UnlessFinal()
	case gate.Addressed:
		s = s.addressed(ev, e.At)
	case gate.Sending:
		s = s.with(ev.Channel, func(b Box) Box {
			return b.announced(ev)
		})
	case gate.Sent:
		s = s.with(ev.Channel, func(b Box) Box { return b.taken(ev, e.At) })
	case gate.Unsent:
		s = s.with(ev.Channel, func(b Box) Box {
			return b.untaken(ev)
		})
	case gate.Failed:
		s.Failure = &ev
	}
	return s
}

func (s State) addressed(ev gate.Addressed, at time.Time) State {
	if ev.Covers < s.Covered { // somebody has decided since
		return s
	}
	s.Covered, s.Look, s.Unknown, s.Failure = ev.Covers, ev.Look, ev.Unknown, nil
	if ev.State != "" && ev.State != s.Stands {
		s.Stands, s.Since = ev.State, at
	}
	wanted := map[string]gate.Letter{}
	for _, l := range ev.Letters {
		wanted[l.Channel] = l
		s = s.with(l.Channel, func(b Box) Box { return b })
	}
	s.Boxes = slices.Clone(s.Boxes)
	for i := range s.Boxes {
		l, wants := wanted[s.Boxes[i].Channel]
		s.Boxes[i] = s.Boxes[i].wants(l, wants, at)
		s.Boxes[i].About = slices.DeleteFunc(slices.Clone(s.Boxes[i].About), func(of string) bool { return !slices.Contains(ev.Still, of) })
	}
	return s
}

// with is the state with a channel's box as change makes it.
func (s State) with(channel string, change func(Box) Box) State {
	at, has := slices.BinarySearchFunc(s.Boxes, channel, func(b Box, name string) int { return strings.Compare(b.Channel, name) })
	s.Boxes = slices.Clone(s.Boxes)
	if !has {
		s.Boxes = slices.Insert(s.Boxes, at, Box{Channel: channel})
	}
	s.Boxes[at] = change(s.Boxes[at])
	return s
}

func (b Box) wants(l gate.Letter, wants bool, at time.Time) Box {
	switch {
	case !wants:
		b.Want, b.Failed, b.Asked = nil, nil, time.Time{}
	case b.Want == nil || b.Want.ID != l.ID:
		b.Want, b.Failed, b.Asked = &l, nil, at
	default:
		b.Want = &l
	}
	return b
}

func (b Box) announced(ev gate.Sending) Box {
	if ev.ID != b.last {
		b.turn++
		b.last, b.lastSays = ev.ID, ev.Key
	}
	if !slices.Contains(b.Tried, ev.ID) {
		b.Tried = append(slices.Clip(b.Tried), ev.ID)
	}
	b.trying = ev.About
	return b
}

// taken takes in that a channel has a letter, if it is that of now or one that was
// withdrawn while it was being sent. One that was taken before something else says
// nothing new.
func (b Box) taken(ev gate.Sent, at time.Time) Box {
	if !slices.Contains(b.Tried, ev.ID) {
		return b
	}
	b.Told, b.ToldState, b.ToldAt = ev.Key, ev.State, at
	b.Tried = nil
	if ev.ID == b.last {
		b.About = b.trying
	}
	if b.First == "" {
		b.First = ev.Ref
	}
	if b.Want != nil && (b.Want.ID == ev.ID || b.Want.Key == ev.Key) {
		b.Want, b.Failed, b.Asked = nil, nil, time.Time{}
	}
	return b
}

// Box is what a channel was told.
func (s State) Box(channel string) Box {
	for _, b := range s.Boxes {
		if b.Channel == channel {
			return b
		}
	}
	return Box{Channel: channel}
}

// untaken takes in that a channel does not have a letter. That something is over is
// given up for good: nothing comes after it that would be told instead.
func (b Box) untaken(ev gate.Unsent) Box {
	if b.Want == nil || b.Want.ID != ev.ID {
		return b
	}
	if b.Failed = &ev; ev.Next.IsZero() && b.Want.State == "closed" {
		b.Want, b.Failed, b.Asked = nil, nil, time.Time{}
	}
	return b
}

// Knows reports whether a channel was told what a key stands for, and for certain
// nothing else since.
func (b Box) Knows(key string) bool { return b.Told == key && len(b.Tried) == 0 }

// MayHaveTold reports whether a channel may have been told that the gate waits, and
// nothing since.
func (b Box) MayHaveTold(state string) bool { return b.ToldState == state || len(b.Tried) > 0 }

// ID is that of what a channel is told next, if that has a key. It stays the same
// until something else was announced: from then on who goes by ids would take it for
// what came before that.
func (b Box) ID(stream, key string) string {
	if key == b.lastSays {
		return b.last
	}
	sum := sha256.Sum256([]byte(strings.Join([]string{stream, b.Channel, strconv.Itoa(b.turn), key}, "\x00")))
	return "msg_" + hex.EncodeToString(sum[:16])
}

// GivenUp reports whether what is wanted is not tried any more.
func (b Box) GivenUp() bool { return b.Want != nil && b.Failed != nil && b.Failed.Next.IsZero() }

// due is when what is wanted is sent next, and whether it is.
func (b Box) due() (when time.Time, is bool) {
	if b.Want == nil || b.GivenUp() {
		return time.Time{}, false
	}
	when = b.Want.NotBefore
	if b.Failed != nil && b.Failed.Next.After(when) {
		when = b.Failed.Next
	}
	return when, true
}

// Next is the box whose letter is sent next, and when.
func (s State) Next() (next Box, when time.Time, is bool) {
	for _, b := range s.Boxes {
		if at, wants := b.due(); wants && (!is || at.Before(when)) {
			next, when, is = b, at, true
		}
	}
	return next, when, is
}

// Due is what is to be done, and not before when; a zero time is at once.
func (s State) Due() (gate.Step, time.Time) {
	if s.Heard > s.Covered {
		return gate.Address, time.Time{}
	}
	_, when, sends := s.Next()
	switch {
	case sends && (s.Look.IsZero() || when.Before(s.Look)):
		return gate.Deliver, when
	case !s.Look.IsZero():
		return gate.Address, s.Look
	}
	return gate.Nothing, time.Time{}
}

// Live reports whether something is to be told yet, given up or not, or may have to be.
func (s State) Live() bool {
	step, _ := s.Due()
	return step != gate.Nothing || slices.ContainsFunc(s.Boxes, func(b Box) bool { return b.Want != nil })
}

// Waiting is since when the oldest letter waits that should have been sent, given up or
// not; zero: none does.
func (s State) Waiting(now time.Time) time.Time {
	var oldest time.Time
	for _, b := range s.Boxes {
		if b.Want == nil {
			continue
		}
		since := b.Asked
		if b.Want.Wanted.After(since) {
			since = b.Want.Wanted
		}
		if !since.After(now) && (oldest.IsZero() || since.Before(oldest)) {
			oldest = since
		}
	}
	return oldest
}

// How often, and for how long, a letter is tried before it is given up.
const (
	firstWait  = 5 * time.Second
	longest    = time.Hour
	giveUpFrom = 24 * time.Hour
	// finally is how often a channel is tried that says that trying does not help: it
	// is the operator who mends it, and nobody tells us when.
	finally = 8
)

// Failing is the record of a letter that was not taken: how long to wait doubles from
// five seconds to an hour, and it is given up after a day, or after eight times where
// the channel says that trying does not help. jitter goes from 0 to 1.
func (b Box) Failing(id string, e *gate.Error, at time.Time, jitter float64) gate.Unsent {
	u := gate.Unsent{Channel: b.Channel, ID: id, Code: e.Code, Text: e.Text, Attempt: 1, Since: at}
	if b.Failed != nil && b.Failed.ID == id {
		u.Attempt, u.Since = b.Failed.Attempt+1, b.Failed.Since
	}
	if at.Sub(u.Since) >= giveUpFrom || e.Final && u.Attempt >= finally {
		return u
	}
	wait := longest
	if u.Attempt < 11 {
		wait = min(longest, firstWait<<(u.Attempt-1))
	}
	wait = wait/2 + time.Duration(jitter*float64(wait/2))
	u.Next = at.Add(wait)
	if e.Until.After(u.Next) {
		u.Next = e.Until.Add(time.Duration(jitter * float64(2*time.Second)))
	}
	return u
}
