package engine

import (
	"sync"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
)

// How long a stream rests that cannot be read: what a newer version wrote is not
// known to this one however often it looks, and its time belongs to the others.
const (
	unreadRest    = 10 * time.Second
	unreadLongest = 10 * time.Minute
)

// unread are the streams that hold what this version does not know. Nothing is
// put on record about them: whoever does not understand a stream adds nothing.
type unread struct {
	mu      sync.Mutex
	streams map[string]resting
}

type resting struct {
	until time.Time
	rest  time.Duration
}

// note remembers a stream that could not be read, and forgets one that could. It
// reports whether it could not.
func (u *unread) note(stream string, err error, now time.Time) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if gate.Unknown(err) == nil {
		delete(u.streams, stream)
		return false
	}
	if u.streams == nil {
		u.streams = map[string]resting{}
	}
	rest := min(max(2*u.streams[stream].rest, unreadRest), unreadLongest)
	u.streams[stream] = resting{until: now.Add(rest), rest: rest}
	return true
}

func (u *unread) rests(stream string, now time.Time) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return now.Before(u.streams[stream].until)
}
