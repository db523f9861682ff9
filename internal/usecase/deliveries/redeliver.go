package deliveries

import (
	"context"
	"errors"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
)

// Missed is GitHub's own log of what it sent us. GitHub does not deliver
// again by itself what it could not deliver.
type Missed interface {
	// Deliveries returns the attempts after one with an id, oldest first. whole
	// is false where the log does not reach back to that one: there may have
	// been others between.
	Deliveries(ctx context.Context, after int64) (attempts []gate.Attempt, whole bool, err error)
	// Redeliver asks for another attempt.
	Redeliver(ctx context.Context, id int64) error
}

// The pace of redeliveries. An event that fails again is asked for again at the next
// look, and given up, loudly, after so many attempts of ours.
const (
	redeliverEvery    = time.Minute
	redeliverLease    = 3 * redeliverEvery
	redeliverAttempts = 20
	redeliverAtOnce   = 200 // redeliveries asked for in one look
)

// redelivery is what one process knows of failed deliveries. It is not state: the
// truth is GitHub's log, which is read from its beginning at every start.
type redelivery struct {
	*Deliveries
	after  int64
	failed map[string]gate.Attempt // the newest attempt, by event
	tries  map[string]int
}

// redeliver looks for deliveries that failed, at start and every minute, until ctx
// ends. One replica does it.
func (u *Deliveries) redeliver(ctx context.Context) {
	m := &redelivery{Deliveries: u, failed: map[string]gate.Attempt{}, tries: map[string]int{}}
	tick := time.NewTicker(redeliverEvery)
	defer tick.Stop()
	for {
		ours, err := u.Book.Log.Lease(ctx, "deliveries", u.Engine.Holder, redeliverLease)
		if err == nil && ours {
			err = m.look(ctx)
		}
		if err != nil && ctx.Err() == nil {
			u.Observer.Failed("deliveries", gate.AsError(err).Code)
			u.Book.Slog.Warn("missed deliveries could not be looked for", "error", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// look reads what is new in the log and asks again for what failed.
func (m *redelivery) look(ctx context.Context) error {
	attempts, whole, err := m.Missed.Deliveries(ctx, m.after)
	if err != nil {
		return err
	}
	if !whole && len(attempts) > 0 {
		m.Book.Slog.Warn("GitHub's log of deliveries does not reach back to what was read last: what is open is compared with GitHub",
			"read", m.after, "oldest", attempts[0].ID, "at", attempts[0].At)
		m.Repositories.CompareNow()
	}
	for _, a := range attempts {
		m.after = max(m.after, a.ID)
		if a.OK {
			delete(m.failed, a.GUID)
			delete(m.tries, a.GUID)
		} else {
			m.failed[a.GUID] = a
		}
	}
	asked := 0
	for guid, a := range m.failed {
		if asked == redeliverAtOnce {
			break
		}
		if m.tries[guid] == redeliverAttempts {
			m.Book.Slog.Error("a delivery fails again and again; deliver it by hand from the App's page", "guid", guid,
				"attempts", redeliverAttempts)
			delete(m.failed, guid)
			continue
		}
		m.tries[guid]++
		if rerr := m.Missed.Redeliver(ctx, a.ID); rerr != nil { // this one may be gone; the others are not
			err = errors.Join(err, rerr)
			if !gate.AsError(rerr).Until.IsZero() {
				break
			}
			continue
		}
		asked++
	}
	if asked > 0 {
		m.Book.Slog.Info("asked for missed deliveries", "count", asked)
	}
	return err
}
