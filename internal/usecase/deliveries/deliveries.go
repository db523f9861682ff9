// Package deliveries takes what GitHub tells of: an event is in the ledger, with all
// that it means, before the door answers. Of what GitHub could not deliver it asks
// for another attempt.
package deliveries

import (
	"context"
	"errors"
	"sync"

	"github.com/gatehold/gatehold/internal/engine"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/ledger"
	"github.com/gatehold/gatehold/internal/usecase/book"
)

// Repositories are kept up by what events say of them.
type Repositories interface {
	// Place puts on record what an event calls its repository.
	Place(ctx context.Context, seen gate.Seen) error
	// CompareNow asks for a comparison of the ledger with GitHub.
	CompareNow()
}

// Branches hear of pushes.
type Branches interface {
	Take(ctx context.Context, p gate.Pushed, key string) error
}

// Lanes are what pull requests and merge groups are in.
type Lanes interface {
	// OtherDefault puts on record that an event names another default branch.
	OtherDefault(ctx context.Context, seen gate.Seen, key string) error
	// Join has the check of a commit hold for a change that nobody has looked at yet.
	Join(ctx context.Context, f book.Gate) error
}

// Edits keeps the words of events until they are judged.
type Edits interface {
	Hear(w *gate.Words, stream string, record func() (ledger.Head, error)) error
}

// Concern tells which gate an event of some kind is for, if it concerns any.
type Concern interface {
	Concerned(ctx context.Context, seen gate.Seen) (_ gate.Seen, concerned bool, err error)
}

// Credentials hear of what happens to runs that were given some.
type Credentials interface {
	Stir(ctx context.Context, seen gate.Seen, key string) error
}

// Observer is told what happens, for metrics. Its methods must not block.
type Observer interface {
	Failed(step, code string)
}

// Config is what Deliveries are made of.
type Config struct {
	Engine       *engine.Engine
	Book         *book.Book
	Repositories Repositories
	Branches     Branches
	Lanes        Lanes
	Edits        Edits
	Credentials  Credentials
	Concerns     map[gate.Kind]Concern // of other kinds every event concerns its subject
	Missed       Missed
	Observer     Observer
}

// Deliveries takes what GitHub tells of.
type Deliveries struct{ Config }

// New returns what takes deliveries, and looks for those that failed once the engine
// runs.
func New(c Config) *Deliveries {
	u := &Deliveries{c}
	c.Engine.Beside(u.redeliver)
	return u
}

// Take puts a delivery into the ledger. When it returns without an error all
// that the event means is durable. fresh is false where it was in the ledger
// before, or concerns no gate. Where it fails after one stream took the event,
// GitHub is not told that it was taken, and delivers it again.
func (u *Deliveries) Take(ctx context.Context, d gate.Delivery) (fresh bool, err error) {
	if d.Compare {
		u.Repositories.CompareNow()
	}
	if d.Pushed != nil { // first: the look that the event asks for counts on it
		if err = u.Branches.Take(ctx, *d.Pushed, d.Key); err != nil {
			return false, notTaken(err)
		}
	}
	if d.Seen == nil {
		return false, nil
	}
	if fresh, err = u.takeAll(ctx, append([]gate.Seen{*d.Seen}, d.Also...), d); err != nil {
		return false, notTaken(err)
	}
	return fresh, nil
}

func notTaken(err error) error {
	return &gate.Error{
		Code: "store_unavailable",
		Text: "The ledger could not take the event. Nothing is lost if GitHub is asked to deliver it again.",
		Err:  err,
	}
}

// takenAtOnce bounds the streams that one event is appended to at the same
// time: an installation may name a thousand, and GitHub waits ten seconds. The
// store makes what comes together durable together.
const takenAtOnce = 32

func (u *Deliveries) takeAll(ctx context.Context, all []gate.Seen, d gate.Delivery) (fresh bool, err error) {
	if len(all) == 1 {
		return u.takeOne(ctx, all[0], d)
	}
	var mu sync.Mutex
	var work sync.WaitGroup
	slots := make(chan struct{}, takenAtOnce)
	for _, seen := range all {
		slots <- struct{}{}
		work.Go(func() {
			defer func() { <-slots }()
			took, terr := u.takeOne(ctx, seen, d)
			mu.Lock()
			defer mu.Unlock()
			fresh, err = fresh || took, errors.Join(err, terr)
		})
	}
	work.Wait()
	return fresh, err
}

func (u *Deliveries) takeOne(ctx context.Context, seen gate.Seen, d gate.Delivery) (fresh bool, err error) {
	if err := u.Repositories.Place(ctx, seen); err != nil {
		return false, err
	}
	stream, key := seen.Subject.Stream(), d.Key
	if press := seen.PressKey(); press != "" { // the same press, whatever number it is delivered under
		key = press
	}
	if seen.Subject.Run != 0 && seen.Action != "requested" { // also where it concerns no gate: a run may have ended
		if err := u.Credentials.Stir(ctx, seen, key); err != nil {
			return false, err
		}
	}
	if of, asked := u.Concerns[seen.Subject.Kind]; asked {
		var concerned bool
		if seen, concerned, err = of.Concerned(ctx, seen); err != nil || !concerned {
			return false, err
		}
		stream = seen.Subject.Stream()
	}
	var f book.Gate // where it is one
	err = u.Edits.Hear(d.Words, stream, func() (_ ledger.Head, err error) {
		if !gate.StreamKind(stream).Gates() {
			return u.Book.Record(ctx, stream, engine.Draft{Event: seen, Key: key})
		}
		f, err = u.Book.Gates.Record(ctx, stream, engine.Draft{Event: seen, Key: key})
		return f.Head, err
	})
	again := errors.Is(err, ledger.ErrSeen)
	if err != nil && !again {
		return false, err
	}
	if again && gate.StreamKind(stream).Gates() { // whoever took it may have ended before the rest was done
		if f, err = u.Book.Gates.Load(ctx, stream); err != nil {
			return false, err
		}
	}
	if err := u.concernLanes(ctx, seen, key, f); err != nil {
		return false, err
	}
	if !again {
		u.Book.Nudge(stream)
	}
	return !again, nil
}

// concernLanes does what an event means for the lanes: the default branch may be
// another than was known, and a check may show what has left its lane.
func (u *Deliveries) concernLanes(ctx context.Context, seen gate.Seen, key string, f book.Gate) error {
	if seen.Subject.Kind.Merges() || seen.Subject.Kind == gate.Repository {
		if err := u.Lanes.OtherDefault(ctx, seen, key); err != nil {
			return err
		}
	}
	if seen.Subject.Kind.Merges() {
		return u.Lanes.Join(ctx, f)
	}
	return nil
}
