package hooks

import (
	"net/http"
	"slices"
	"sync"
	"time"
)

// Retention is how long GitHub keeps deliveries: an older one can be neither
// listed nor delivered again.
const Retention = 72 * time.Hour

// Hook is where an App's webhooks go, and how they are signed. Whoever changes
// it holds the lock of the hub's state.
type Hook struct {
	App, ID     int64
	URL, Secret string
}

// Event is one event for one App. It does not change once it is queued.
type Event struct {
	GUID         string
	Hook         *Hook
	Name, Action string
	Installation int64
	Repository   int64 // 0: of none
	Payload      []byte
	Redelivery   bool

	to Hook // as it was when the event was queued
}

// Attempt is how one sending went.
type Attempt struct {
	ID      int64
	At      time.Time
	Took    time.Duration
	Status  string
	Code    int // 0 where there was no answer
	Request http.Header
	Header  http.Header
	Body    []byte
	Of      *Event
}

// SentTo is the address that the event was queued for.
func (a *Attempt) SentTo() string { return a.Of.to.URL }

// record keeps the latest attempts, oldest first.
type record struct {
	mu    sync.Mutex
	keep  int
	next  int64
	items []*Attempt
}

// Delivery is one attempt of a webhook delivery, as the log has it.
type Delivery struct {
	ID            int64
	GUID          string
	AppID         int64
	Event, Action string
	Code          int // HTTP status, 0 where there was no answer
	Status        string
	Redelivery    bool
	Payload       []byte
	Took          time.Duration
	At            time.Time
}

func (l *record) add(d *Event, a Attempt) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.next++
	a.ID, a.Of = 12_000_000_000+l.next, d
	l.items = append(l.items, &a)
	if len(l.items) > 2*l.keep {
		l.items = slices.Clone(l.items[l.keep:])
	}
}

// list is the App's attempts that are young enough, newest first.
func (l *record) list(app int64, since time.Time) []*Attempt {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []*Attempt
	for _, a := range slices.Backward(l.items[max(0, len(l.items)-l.keep):]) {
		if (app == 0 || a.Of.Hook.App == app) && !a.At.Before(since) {
			out = append(out, a)
		}
	}
	return out
}

func (l *record) find(app int64, id int64, since time.Time) *Attempt {
	l.mu.Lock()
	defer l.mu.Unlock()
	i, ok := slices.BinarySearchFunc(l.items, id, func(a *Attempt, id int64) int { return int(a.ID - id) })
	if !ok || l.items[i].Of.Hook.App != app || l.items[i].At.Before(since) {
		return nil
	}
	return l.items[i]
}

// Deliveries is the log of all Apps, oldest first.
func (s *Sender) Deliveries() []Delivery {
	items := s.log.list(0, time.Time{})
	out := make([]Delivery, 0, len(items))
	for _, a := range slices.Backward(items) {
		out = append(out, Delivery{ID: a.ID, GUID: a.Of.GUID, AppID: a.Of.Hook.App, Event: a.Of.Name, Action: a.Of.Action, Code: a.Code,
			Status: a.Status, Redelivery: a.Of.Redelivery, Payload: a.Of.Payload, Took: a.Took, At: a.At})
	}
	return out
}

// DeliveriesOf are those of the log that are of an event and an action, ""
// being every one, oldest first.
func (s *Sender) DeliveriesOf(event, action string) []Delivery {
	return slices.DeleteFunc(s.Deliveries(), func(d Delivery) bool {
		return event != "" && d.Event != event || action != "" && d.Action != action
	})
}

// Attempts are those of an App since a time, newest first.
func (s *Sender) Attempts(app int64, since time.Time) []*Attempt { return s.log.list(app, since) }

// Find is an attempt of an App since a time, or nil.
func (s *Sender) Find(app, id int64, since time.Time) *Attempt { return s.log.find(app, id, since) }

// failedAttempt is a delivery that does not reach the App, as the log shows
// it.
func failedAttempt(at time.Time, code int) Attempt {
	if code == 0 {
		return Attempt{At: at, Status: "failed to connect to host"}
	}
	return Attempt{At: at, Status: http.StatusText(code), Code: code}
}
