package engine

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/ledger"
)

const (
	stepTime = gate.StepTime   // one step, all its requests and waits together
	slowTime = 5 * time.Minute // the same, of a slow worker at a long step
)

// ErrHeavy ends a beat whose step is to be done by the slow workers. Nothing was
// recorded of it.
var ErrHeavy = errors.New("the change is for the slow workers")

type patience struct{}

// withPatience marks what is done by the slow workers.
func withPatience(ctx context.Context) context.Context {
	return context.WithValue(ctx, patience{}, true)
}

// Patient reports whether a slow worker is at it.
func Patient(ctx context.Context) bool { return ctx.Value(patience{}) != nil }

// beat does what a stream wants until it wants nothing now. Its error is the
// ledger's: what the outside did wrong is a record.
func (e *Engine) beat(ctx context.Context, stream string) error {
	streams, known := e.kinds[gate.StreamKind(stream)]
	if !known {
		return gate.KnownStream(stream)
	}
	for ctx.Err() == nil {
		t, err := streams.next(ctx, stream)
		if err != nil {
			return err
		}
		if t.step == gate.Nothing || t.when.After(e.Now()) {
			return nil
		}
		do, err := t.begin(ctx)
		if err != nil {
			return err
		}
		err = e.step(ctx, streams, stream, t, do)
		if err != nil && !errors.Is(err, ledger.ErrMoved) { // moved: look again
			return err
		}
	}
	return nil
}

func (e *Engine) step(ctx context.Context, streams kind, stream string, t task, do func(context.Context) error) error {
	limit := stepTime
	if Patient(ctx) && t.long {
		limit = slowTime
	}
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	err := e.do(limited, stream, t.step, do)
	var outside *outsideError
	if errors.Is(err, ErrHeavy) || !errors.As(err, &outside) && gate.Unknown(err) == nil {
		return err
	}
	if ctx.Err() != nil {
		return nil // we are stopping: nothing failed, it was not finished
	}
	return e.failed(ctx, streams, stream, t.step, err)
}

// do does a step. One that nobody knows is a failure like any other, recorded,
// retried and shown, and so is a panic; the other streams go on.
func (e *Engine) do(ctx context.Context, stream string, step gate.Step, do func(context.Context) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			e.Slog.Error("a step panicked", "stream", stream, "step", string(step), "panic", p, "stack", string(debug.Stack()))
			err = Outside(fmt.Errorf("panic: %v", p))
		}
	}()
	if do == nil {
		return Outside(&gate.Error{Code: "unknown_step", Text: fmt.Sprintf(
			"This version of gatehold does not know how to do what is due here (%s). It tries again; another version may know.", step)})
	}
	return do(ctx)
}

// outsideError marks what GitHub, not the ledger, did wrong.
type outsideError struct {
	err  error
	note func(*gate.Failed)
}

func (e *outsideError) Error() string { return e.err.Error() }
func (e *outsideError) Unwrap() error { return e.err }

// Outside marks what GitHub, not the ledger, did wrong: it goes on record, and
// the step is tried again.
func Outside(err error) error { return &outsideError{err: err} }

// OutsideNoting is Outside, and has note add to the record what else is to be
// known of the failure.
func OutsideNoting(err error, note func(*gate.Failed)) error {
	return &outsideError{err: err, note: note}
}

// OutsideOr marks what a person can do something about; all else is the
// ledger's.
func OutsideOr(err error) error {
	var known *gate.Error
	if errors.As(err, &known) {
		return Outside(err)
	}
	return err
}

// failed puts a failure on record with the time of the next attempt.
func (e *Engine) failed(ctx context.Context, streams kind, stream string, step gate.Step, err error) error {
	known := gate.AsError(err)
	if errors.Is(err, context.DeadlineExceeded) && known.Code == "internal" {
		known = &gate.Error{Code: "timeout", Text: "GitHub did not answer in time.", Err: err}
	}
	before, lerr := streams.failure(ctx, stream)
	if lerr != nil {
		return lerr
	}
	failure := known.Failed(step, before, e.Now(), jitter())
	var outside *outsideError
	if errors.As(err, &outside) && outside.note != nil {
		outside.note(&failure)
	}
	e.Slog.Warn("a step failed", "stream", stream, "step", string(step), "code", known.Code,
		"error", err, "attempt", failure.Attempt, "next", failure.Next)
	e.Observer.Failed(string(step), known.Code)
	if _, lerr = streams.record(ctx, stream, Draft{Event: failure}); lerr != nil {
		return lerr
	}
	return e.refused(ctx, stream, known.Code)
}
