package keeper

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/gatehold/gatehold/internal/engine"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/ledger"
	"github.com/gatehold/gatehold/internal/usecase/book"
)

// Take puts a delivery into the ledger. When it returns without an error all
// that the event means is durable. fresh is false where it was in the ledger
// before, or concerns no gate. Where it fails after one stream took the event,
// GitHub is not told that it was taken, and delivers it again.
func (k *Keeper) Take(ctx context.Context, d gate.Delivery) (fresh bool, err error) {
	if d.Compare {
		k.compareNow()
	}
	if d.Pushed != nil { // first: the look that the event asks for counts on it
		if err = k.takePush(ctx, *d.Pushed, d.Key); err != nil {
			return false, notTaken(err)
		}
	}
	if d.Seen == nil {
		return false, nil
	}
	if fresh, err = k.takeAll(ctx, append([]gate.Seen{*d.Seen}, d.Also...), d); err != nil {
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

func (k *Keeper) takeAll(ctx context.Context, all []gate.Seen, d gate.Delivery) (fresh bool, err error) {
	if len(all) == 1 {
		return k.takeOne(ctx, all[0], d)
	}
	var mu sync.Mutex
	var work sync.WaitGroup
	slots := make(chan struct{}, takenAtOnce)
	for _, seen := range all {
		slots <- struct{}{}
		work.Go(func() {
			defer func() { <-slots }()
			took, terr := k.takeOne(ctx, seen, d)
			mu.Lock()
			defer mu.Unlock()
			fresh, err = fresh || took, errors.Join(err, terr)
		})
	}
	work.Wait()
	return fresh, err
}

func (k *Keeper) takeOne(ctx context.Context, seen gate.Seen, d gate.Delivery) (fresh bool, err error) {
	if err := k.place(ctx, seen); err != nil {
		return false, err
	}
	stream, key := seen.Subject.Stream(), d.Key
	if press := seen.PressKey(); press != "" { // the same press, whatever number it is delivered under
		key = press
	}
	if seen.Subject.Kind == gate.WorkflowRun && seen.Action == "completed" {
		if concerns, err := k.endConcerns(ctx, seen.Subject); err != nil || !concerns {
			return false, err
		}
	}
	if seen.Subject.Kind == gate.Deployment && seen.Event == "deployment_status" {
		if !slices.Contains(endStates, seen.Action) {
			return false, nil
		}
		if seen.Subject, err = k.asked(ctx, seen.Subject); err != nil || seen.Subject.Run == 0 {
			return false, err
		}
		stream = seen.Subject.Stream()
	}
	var f book.Gate // where it is one
	err = k.spare.hear(d.Words, stream, func() (_ ledger.Head, err error) {
		if !gate.StreamKind(stream).Gates() {
			return k.Book.Record(ctx, stream, engine.Draft{Event: seen, Key: key})
		}
		f, err = k.Book.Gates.Record(ctx, stream, engine.Draft{Event: seen, Key: key})
		return f.Head, err
	})
	again := errors.Is(err, ledger.ErrSeen)
	if err != nil && !again {
		return false, err
	}
	if again && gate.StreamKind(stream).Gates() { // whoever took it may have ended before the rest was done
		if f, err = k.Book.Gates.Load(ctx, stream); err != nil {
			return false, err
		}
	}
	if err := k.concernLanes(ctx, seen, key, f); err != nil {
		return false, err
	}
	if !again {
		k.Book.Nudge(stream)
	}
	return !again, nil
}

// endStates are the states that a deployment ends in: that it waits, or goes on,
// decides nothing.
var endStates = []string{"success", "failure", "error"}

// endConcerns reports whether the end of a run concerns anybody: where its beginning
// did not, it does only for a deployment that is open.
func (k *Keeper) endConcerns(ctx context.Context, run gate.Subject) (bool, error) {
	f, err := k.Book.Gates.Load(ctx, run.Stream())
	if err != nil {
		return false, err
	}
	if f.State.Wanted != 0 && !f.State.Done {
		return true, nil
	}
	open, err := k.Book.DeploymentsOf(ctx, run)
	return err == nil && len(open) > 0, err
}

// concernLanes does what an event means for the lanes: the default branch may be
// another than was known, and a check may show what has left its lane.
func (k *Keeper) concernLanes(ctx context.Context, seen gate.Seen, key string, f book.Gate) error {
	if inLane(seen.Subject.Kind) || seen.Subject.Kind == gate.Repository {
		if err := k.otherDefault(ctx, seen, key); err != nil {
			return err
		}
	}
	if inLane(seen.Subject.Kind) {
		return k.takeBack(ctx, f)
	}
	return nil
}

// asked is the gate that holds a deployment: the one of its id, or the one that
// was begun when GitHub did not say that. A deployment about which GitHub never
// asked has none, whatever is said of it.
func (k *Keeper) asked(ctx context.Context, s gate.Subject) (gate.Subject, error) {
	unnamed := s
	unnamed.DeploymentID = 0
	for _, subject := range []gate.Subject{s, unnamed} {
		f, err := k.Book.Gates.Load(ctx, subject.Stream())
		if err != nil || f.Head.Version > 0 {
			return subject, err
		}
	}
	return gate.Subject{}, nil
}
