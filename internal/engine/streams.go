package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/ledger"
)

// Stream is one that was read to its end, and what its records come to.
type Stream[S any] struct {
	Name  string
	Head  ledger.Head
	State S
}

// Fold says what the streams of a kind come to, and what they want.
type Fold[S any] struct {
	After   func(S, gate.Entry) S
	Due     func(S) (gate.Step, time.Time)
	Failure func(S) *gate.Failed // the last step's, or nil
	Live    func(S) bool         // what the stream is about still goes on
	// Placed is the state with its subject where that is now, for a step to begin
	// with; nil: it stays as it is. Its error is the ledger's.
	Placed func(context.Context, S) (S, error)
	// Again are the steps that the state itself tries again in the end, where
	// their failure says never.
	Again []gate.Step
	// Long are those for which a slow worker has longer.
	Long []gate.Step
	// Aside has a few workers of their own work on these streams: what becomes of
	// them delays no others.
	Aside bool
}

// Step does what a stream wants. What the outside did wrong it marks with
// Outside; any other error is taken for the ledger's.
type Step[S any] func(context.Context, Stream[S]) error

// Streams are those of some kinds that come to a state of one type.
type Streams[S any] struct {
	engine *Engine
	fold   Fold[S]
	steps  map[gate.Kind]map[gate.Step]Step[S]
}

// kind is what the engine does with streams whose state it does not know.
type kind interface {
	next(ctx context.Context, stream string) (task, error)
	failure(ctx context.Context, stream string) (*gate.Failed, error)
	record(ctx context.Context, stream string, drafts ...Draft) (ledger.Head, error)
}

// task is what a stream wants done, and not before when.
type task struct {
	step gate.Step
	when time.Time
	long bool
	// begin returns what does it, nil where nobody knows how.
	begin func(context.Context) (func(context.Context) error, error)
}

// Keep gives the streams of some kinds to an engine.
func Keep[S any](e *Engine, fold Fold[S], kinds ...gate.Kind) *Streams[S] {
	s := &Streams[S]{engine: e, fold: fold, steps: map[gate.Kind]map[gate.Step]Step[S]{}}
	for _, k := range kinds {
		e.kinds[k], s.steps[k] = s, map[gate.Step]Step[S]{}
		e.asides[k] = fold.Aside
	}
	return s
}

// On has a step of a kind's streams done by do.
func (s *Streams[S]) On(kind gate.Kind, step gate.Step, do Step[S]) { s.steps[kind][step] = do }

// Knows reports whether somebody does a step of a kind's streams.
func (s *Streams[S]) Knows(kind gate.Kind, step gate.Step) bool { return s.steps[kind][step] != nil }

// Live reports whether what a stream is about still goes on.
func (s *Streams[S]) Live(f Stream[S]) bool { return s.fold.Live(f.State) }

// Failure is how the last step of a stream failed, or nil.
func (s *Streams[S]) Failure(f Stream[S]) *gate.Failed { return s.fold.Failure(f.State) }

// Due is what a stream wants done, and not before when: what has failed, not
// before its failure says, whatever the state makes of it.
func (s *Streams[S]) Due(f Stream[S]) (gate.Step, time.Time) {
	step, when := s.fold.Due(f.State)
	failed := s.fold.Failure(f.State)
	switch {
	case failed == nil || failed.Step != string(step):
		return step, when
	case failed.Next.IsZero() && !slices.Contains(s.fold.Again, step):
		return gate.Nothing, time.Time{}
	}
	return step, later(when, failed.Next)
}

// Load folds a stream to its end; what was folded before is not read again.
func (s *Streams[S]) Load(ctx context.Context, stream string) (Stream[S], error) {
	f, ok := s.cached(stream)
	if !ok {
		f = Stream[S]{Name: stream}
	}
	records, err := s.engine.Log.Read(ctx, stream, f.Head.Version)
	if err != nil {
		return f, fmt.Errorf("reading stream %s: %w", stream, err)
	}
	for _, r := range records {
		if f, err = s.after(f, r); err != nil {
			return f, fmt.Errorf("stream %s, version %d: %w", stream, r.Version, err)
		}
	}
	if len(records) > 0 {
		s.engine.folded.Add(stream, f)
	}
	return f, nil
}

func (s *Streams[S]) cached(stream string) (f Stream[S], known bool) {
	was, known := s.engine.folded.Get(stream)
	if known {
		f, known = was.(Stream[S])
	}
	return f, known
}

func (s *Streams[S]) after(f Stream[S], r ledger.Record) (Stream[S], error) {
	kind := gate.StreamKind(f.Name)
	if err := gate.KnownStream(f.Name); err != nil {
		return f, err
	}
	if s.steps[kind] == nil { // somebody asks for it as what it is not
		return f, fmt.Errorf("the stream %s is not kept among these", f.Name)
	}
	ev, err := gate.Decode(r.Kind, r.Body)
	if err != nil {
		return f, err
	}
	f.State = s.fold.After(f.State, gate.Entry{Version: r.Version, At: r.At, Event: ev})
	f.Head = ledger.Head{Version: r.Version, Hash: r.Hash}
	return f, nil
}

// Draft is an event on its way into the ledger. A key that the stream has
// already makes it ledger.ErrSeen.
type Draft struct {
	Event gate.Event
	Key   string
}

// Append writes events at the end that f has seen, with the due time that the
// state after them asks for. Where the stream has moved it is ledger.ErrMoved.
func (s *Streams[S]) Append(ctx context.Context, f Stream[S], drafts ...Draft) (Stream[S], error) {
	at := s.engine.Now()
	sealed := make([]ledger.Draft, len(drafts))
	for i, d := range drafts {
		body, err := gate.Encode(d.Event)
		if err != nil {
			return f, fmt.Errorf("encoding %s: %w", d.Event.Kind(), err)
		}
		sealed[i] = ledger.Draft{Kind: d.Event.Kind(), Key: d.Key, Body: body}
	}
	batch := ledger.Batch{
		Stream: f.Name, After: f.Head.Version,
		Records: ledger.Seal(f.Name, f.Head, at, sealed...),
	}
	next := f
	for _, r := range batch.Records {
		var err error
		if next, err = s.after(next, r); err != nil {
			return f, err
		}
	}
	if step, when := s.Due(next); step != gate.Nothing {
		batch.Due = later(when, at)
	}
	batch.Live = s.Live(next)
	began := time.Now()
	err := s.engine.Log.Append(ctx, batch)
	s.engine.Observer.Appended(time.Since(began))
	if err != nil {
		return f, err
	}
	s.engine.folded.Add(f.Name, next)
	s.engine.Appended(ledger.ShardOf(f.Name))
	return next, nil
}

// Record appends what has happened: a fact stays true whatever else was
// appended meanwhile, so it is sealed again on the moved stream. ledger.ErrSeen
// is returned as it is.
func (s *Streams[S]) Record(ctx context.Context, stream string, drafts ...Draft) (Stream[S], error) {
	f, cached := s.cached(stream)
	for try := 0; ; try++ {
		var err error
		if !cached || try > 0 {
			if f, err = s.Load(ctx, stream); err != nil {
				return f, err
			}
		}
		next, err := s.Append(ctx, f, drafts...)
		if !errors.Is(err, ledger.ErrMoved) || try == MaxMoves {
			return next, err
		}
	}
}

// MaxMoves bounds how often one fact is sealed again. Each loss means that
// somebody else's append went through, so the stream as a whole moves on.
const MaxMoves = 100

// Once appends an event that must stand in a stream a single time, however
// often it is tried, and has the stream looked at.
func (s *Streams[S]) Once(ctx context.Context, stream, key string, event gate.Event) error {
	_, err := s.Record(ctx, stream, Draft{Event: event, Key: key})
	if err != nil && !errors.Is(err, ledger.ErrSeen) {
		return err
	}
	s.engine.Nudge(stream)
	return nil
}

func (s *Streams[S]) next(ctx context.Context, stream string) (task, error) {
	f, err := s.Load(ctx, stream)
	if err != nil {
		return task{}, err
	}
	step, when := s.Due(f)
	begin := func(ctx context.Context) (do func(context.Context) error, err error) {
		if s.fold.Placed != nil {
			if f.State, err = s.fold.Placed(ctx, f.State); err != nil {
				return nil, err
			}
		}
		if with, known := s.steps[gate.StreamKind(stream)][step]; known {
			do = func(ctx context.Context) error { return with(ctx, f) }
		}
		return do, nil
	}
	return task{step: step, when: when, long: slices.Contains(s.fold.Long, step), begin: begin}, nil
}

func (s *Streams[S]) failure(ctx context.Context, stream string) (*gate.Failed, error) {
	f, err := s.Load(ctx, stream)
	return s.fold.Failure(f.State), err
}

func (s *Streams[S]) record(ctx context.Context, stream string, drafts ...Draft) (ledger.Head, error) {
	f, err := s.Record(ctx, stream, drafts...)
	return f.Head, err
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
