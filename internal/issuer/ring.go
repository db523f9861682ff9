package issuer

import (
	"slices"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
)

// Times of a key, each a bound on what verifiers and replicas do.
const (
	// Cached is for how long verifiers may keep the keys that they have read.
	Cached = time.Hour
	// stale is for how long a replica goes by what it read of the ledger last, and slack
	// by how much clocks may differ.
	stale, slack = 5 * time.Minute, 5 * time.Minute
	// Ahead is how long a key is published before it signs.
	Ahead = Cached + stale + slack
	// Behind is how long a key is published after the next one signs.
	Behind = MaxLife + Cached + slack
	// RotateEvery is how long a key signs.
	RotateEvery = 30 * 24 * time.Hour
)

// ring are the keys on record, in the order in which they sign.
type ring []held

type held struct {
	gate.KeyPublished
	at      time.Time
	dropped bool
}

// after is the ring once something has happened.
func (r ring) after(e gate.Entry) ring {
	switch ev := e.Event.(type) {
	case gate.KeyPublished:
		return append(slices.Clip(r), held{KeyPublished: ev, at: e.At})
	case gate.KeyDropped:
		r = slices.Clone(r)
		for i := range r {
			r[i].dropped = r[i].dropped || r[i].ID == ev.ID
		}
	}
	return r
}

// signing is the key that signs at a moment. It is decided by time alone, so that all
// replicas decide the same.
func (r ring) signing(now time.Time) (held, bool) {
	for i := len(r) - 1; i >= 0; i-- {
		if !now.Before(r[i].From) {
			return r[i], true
		}
	}
	return held{}, false
}

// until is when a key is published no more; zero: it is the last one.
func (r ring) until(i int) time.Time {
	if i+1 >= len(r) {
		return time.Time{}
	}
	return r[i+1].From.Add(Behind)
}

// published are the keys that verifiers have to know at a moment.
func (r ring) published(now time.Time) (out []JWK) {
	for i, k := range r {
		if end := r.until(i); !k.dropped && (end.IsZero() || now.Before(end)) {
			out = append(out, JWK{Type: "RSA", Use: "sig", Algorithm: algorithm, ID: k.ID, Modulus: k.Modulus, Exponent: k.Exponent})
		}
	}
	return out
}

// over are the keys of which the private halves can go.
func (r ring) over(now time.Time) (out []string) {
	for i, k := range r {
		if end := r.until(i); !k.dropped && !end.IsZero() && !now.Before(end) {
			out = append(out, k.ID)
		}
	}
	return out
}

// next says whether another key is wanted, and from when it signs: the first at once, for
// nobody has read the keys before. usable says whether the one that signs can be used; an
// other takes its place as soon as verifiers know it.
func (r ring) next(now time.Time, usable bool) (from time.Time, wanted bool) {
	if len(r) == 0 {
		return now, true
	}
	switch newest := r[len(r)-1]; {
	case now.Before(newest.From): // it waits already
	case !usable:
		return now.Add(Ahead), true
	case !now.Before(newest.From.Add(RotateEvery - Ahead)):
		return now.Add(Ahead), true
	}
	return time.Time{}, false
}
