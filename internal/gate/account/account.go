// Package account is what is on record of a person: the sessions in which they are
// signed in, and the passkeys that sign their answers. A State is the fold of the
// account's stream; the events stand in package gate, by which all streams are read.
//
// Enrolment is where a second channel is weakest: whoever has a person's browser can
// make a key in it. So a first key waits before it counts, in which time its owner is
// told and may object, unless another approver, by a key that counts, vouches for it.
// Every further key is signed for by one that counts.
package account

import (
	"slices"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
)

// Bounds of what an account may have.
const (
	MostKeys     = 10 // that count, or wait to
	MostSessions = 20 // open at once: the oldest ends
	// Fresh is how long after signing in a first key may be made.
	Fresh = 10 * time.Minute
	// keptDead is how many keys that count no more are shown, and keptUses how many
	// signatures are known again; a statement expires long before as many are made.
	keptDead, keptUses = 20, 1000
)

// State is what is on record of a person.
type State struct {
	Actor    gate.Actor // as GitHub named them last
	Version  uint64
	Sessions []Session // open, the oldest first; some may have run out
	Keys     []Key     // in the order in which they were made
	Links    []Link    // to members of Slack, confirmed or on their way
	Settings gate.Settings
	Settled  time.Time // when they were set

	Informed uint64       // version up to which it is known to be told what became of keys
	Failure  *gate.Failed // of telling it

	used []string // challenges that were signed, the last few
}

// Session is one in which somebody is signed in.
type Session struct {
	ID     string // SHA-256 of what the cookie carries
	Client string
	At     time.Time
	Until  time.Time
}

// Key is a passkey with what became of it.
type Key struct {
	gate.Passkey
	At       time.Time    // when it was made
	From     time.Time    // when it begins to count
	First    bool         // no other key signed for it
	Vouches  int          // how many have to vouch for it; 0: one
	Vouchers []gate.Actor // who did
	Vouched  *gate.Actor  // the last of them, where that were enough
	Objected *gate.Objected
	Revoked  *gate.Revoked
	EndedAt  time.Time // of what was objected to or revoked
	Uses     int
	UsedAt   time.Time
	Changed  uint64 // version at which something became of it last, beside being used
}

// Alive reports whether a key counts, or waits to.
func (k Key) Alive() bool { return k.Objected == nil && k.Revoked == nil }

// Counts reports whether what a key signs counts at a moment.
func (k Key) Counts(now time.Time) bool { return k.Alive() && !now.Before(k.From) }

// Waits reports whether a key begins to count later.
func (k Key) Waits(now time.Time) bool { return k.Alive() && now.Before(k.From) }

// Lacks is how many more have to vouch for a key, so that it counts.
func (k Key) Lacks() int { return max(0, max(1, k.Vouches)-len(k.Vouchers)) }

func (k Key) vouchedBy(who gate.Actor) bool {
	return slices.ContainsFunc(k.Vouchers, func(v gate.Actor) bool { return v.ID == who.ID })
}

// After is the state once e has happened.
func (s State) After(e gate.Entry) State {
	s.Version = e.Version
	switch ev := e.Event.(type) {
	case gate.SessionOpened:
		s.Actor = ev.By
		s.Sessions = append(slices.Clone(s.Sessions), Session{ID: ev.ID, Client: ev.Client, At: e.At, Until: ev.Until})
		s.Sessions = slices.DeleteFunc(s.Sessions, func(o Session) bool { return !e.At.Before(o.Until) })
		s.Sessions = s.Sessions[max(0, len(s.Sessions)-MostSessions):]
	case gate.SessionEnded:
		s.Sessions = slices.DeleteFunc(slices.Clone(s.Sessions), func(o Session) bool { return ev.ID == "" || o.ID == ev.ID })
	case gate.Enrolled:
		s.Keys = s.withKey(Key{Passkey: ev.Key, At: e.At, From: ev.From, First: ev.Proof == nil, Vouches: ev.Vouches,
			Changed: e.Version})
	case gate.Vouched:
		s.Keys = s.each(ev.Key, func(k *Key) {
			if k.Waits(e.At) && ev.By.ID != s.Actor.ID && !k.vouchedBy(ev.By) {
				k.Vouchers, k.Changed = append(slices.Clip(k.Vouchers), ev.By), e.Version
				if k.Lacks() == 0 {
					k.From, k.Vouched = e.At, &ev.By
				}
			}
		})
	case gate.Objected:
		s.Keys = s.each(ev.Key, func(k *Key) {
			if k.Waits(e.At) {
				k.Objected, k.EndedAt, k.Changed = &ev, e.At, e.Version
			}
		})
	case gate.Revoked:
		s.Keys = s.each(ev.Key, func(k *Key) {
			if k.Alive() {
				k.Revoked, k.EndedAt, k.Changed = &ev, e.At, e.Version
			}
		})
	case gate.Used:
		s.Keys = s.each(ev.Key, func(k *Key) { k.Count, k.Uses, k.UsedAt = ev.Count, k.Uses+1, e.At })
		s.used = append(slices.Clone(s.used), ev.Challenge)
		s.used = s.used[max(0, len(s.used)-keptUses):]
	case gate.Settled:
		s.Settings, s.Settled = ev.Settings, e.At
	case gate.Informed:
		s.Informed, s.Failure = max(s.Informed, ev.Covers), nil
	case gate.Failed:
		s.Failure = &ev
	default:
		s.Links = s.links(e)
	}
	return s
}

// Due is what is to be done of an account by itself: what became of a passkey is told.
func (s State) Due() (gate.Step, time.Time) {
	if slices.ContainsFunc(s.Keys, func(k Key) bool { return k.Changed > s.Informed }) {
		return gate.Inform, time.Time{}
	}
	return gate.Nothing, time.Time{}
}

// withKey adds a key, and forgets those that ended longest ago.
func (s State) withKey(k Key) []Key {
	keys := append(slices.Clone(s.Keys), k)
	dead := 0
	for i := len(keys) - 1; i >= 0; i-- {
		if keys[i].Alive() {
			continue
		}
		if dead++; dead > keptDead {
			keys = slices.Delete(keys, i, i+1)
		}
	}
	return keys
}

func (s State) each(id string, do func(*Key)) []Key {
	keys := slices.Clone(s.Keys)
	for i := range keys {
		if keys[i].ID == id {
			do(&keys[i])
		}
	}
	return keys
}

// Key is a key by its id.
func (s State) Key(id string) (Key, bool) {
	i := slices.IndexFunc(s.Keys, func(k Key) bool { return k.ID == id })
	if i < 0 {
		return Key{}, false
	}
	return s.Keys[i], true
}

// Counting are the keys that count at a moment.
func (s State) Counting(now time.Time) []Key {
	return slices.DeleteFunc(slices.Clone(s.Keys), func(k Key) bool { return !k.Counts(now) })
}

// Session is an open session by its id, at a moment.
func (s State) Session(id string, now time.Time) (Session, bool) {
	for _, o := range s.Sessions {
		if o.ID == id && now.Before(o.Until) {
			return o, true
		}
	}
	return Session{}, false
}

// WasUsed reports whether a challenge was signed and taken before.
func (s State) WasUsed(challenge string) bool { return slices.Contains(s.used, challenge) }
