package hooks

import (
	"slices"
	"time"
)

// What can happen to a webhook on its way. HookFault has what happens by
// itself: lost, failed, doubled, late. Here is what a test directs: webhooks
// that are kept back and let go in any order, and those that somebody caught
// and sends again.

// Held keeps webhooks back: they are in no log, and Settle does not wait for
// them.
type Held struct {
	sender        *Sender
	event, action string
	waiting       []*Event // the sender's lock guards it
}

// Hold keeps back all webhooks of an event and an action, "" being every one,
// until they are released.
//
//	presses := hub.Hold("check_run", "requested_action")
//	hub.Click(run, "approve", ana)
//	hub.Click(run, "deny", ana)
//	presses.Release(1, 0)             // the denial arrives before the approval
func (s *Sender) Hold(event, action string) *Held {
	s.mu.Lock()
	defer s.mu.Unlock()
	held := &Held{sender: s, event: event, action: action}
	s.held = append(s.held, held)
	return held
}

// Waiting are the webhooks that are kept back, oldest first. They have no id
// of the log yet.
func (held *Held) Waiting() []Delivery {
	held.sender.mu.Lock()
	defer held.sender.mu.Unlock()
	out := make([]Delivery, 0, len(held.waiting))
	for _, d := range held.waiting {
		out = append(out, Delivery{GUID: d.GUID, AppID: d.Hook.App, Event: d.Name, Action: d.Action, Payload: d.Payload})
	}
	return out
}

// Release sends those of Waiting that are named by their places, in this
// order, each when the one before it was answered; all of them, oldest first,
// where none is named. What comes later is kept back as before.
func (held *Held) Release(order ...int) {
	for _, d := range held.take(order) {
		held.sender.send(d)
	}
}

// Lose throws those away that are named, all where none is: they are never
// delivered, and no log has them.
func (held *Held) Lose(order ...int) { held.take(order) }

// End releases what is left and keeps nothing back any more.
func (held *Held) End() {
	s := held.sender
	s.mu.Lock()
	s.held = slices.DeleteFunc(slices.Clone(s.held), func(o *Held) bool { return o == held })
	s.mu.Unlock()
	held.Release()
}

// take removes deliveries from those that wait. Places that there are not are
// passed by.
func (held *Held) take(order []int) []*Event {
	held.sender.mu.Lock()
	defer held.sender.mu.Unlock()
	if len(order) == 0 {
		all := held.waiting
		held.waiting = nil
		return all
	}
	var out, left []*Event
	for _, i := range order {
		if i >= 0 && i < len(held.waiting) && !slices.Contains(out, held.waiting[i]) {
			out = append(out, held.waiting[i])
		}
	}
	for _, d := range held.waiting {
		if !slices.Contains(out, d) {
			left = append(left, d)
		}
	}
	held.waiting = left
	return out
}

// caught keeps a delivery back where a test wants it so. The caller holds the
// sender's lock.
func (s *Sender) caught(d *Event) bool {
	for _, held := range s.held {
		if (held.event == "" || held.event == d.Name) && (held.action == "" || held.action == d.Action) {
			held.waiting = append(held.waiting, d)
			return true
		}
	}
	return false
}

// lateEvent is one that its time has not come for.
type lateEvent struct {
	at time.Time
	*Event
}

// postpone keeps a delivery until a time of the hub's clock.
func (s *Sender) postpone(d *Event, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.late = append(s.late, lateEvent{at, d})
	slices.SortStableFunc(s.late, func(a, b lateEvent) int { return a.at.Compare(b.at) })
}

// DeliverLate sends what is due.
func (s *Sender) DeliverLate(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.late) > 0 && !s.late[0].at.After(now) {
		s.pending.Add(1)
		s.queue = append(s.queue, s.late[0].Event)
		s.late = s.late[1:]
		s.wake.Signal()
	}
}
