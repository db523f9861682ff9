package keeper

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/ledger"
)

// folded is a stream read to its end. By the stream's kind, one of its states
// is in use.
type folded struct {
	stream string
	head   ledger.Head
	gate   gate.State
	check  gate.CheckState
	repo   gate.RepoState
	env    gate.EnvironmentState
	branch gate.BranchState
}

// due is what the stream wants done, and not before when: what has failed, not
// before its failure says, whatever the state makes of it.
func (f folded) due() (gate.Step, time.Time) {
	step, when := f.wants()
	failed := f.failure()
	switch {
	case failed == nil || failed.Step != string(step):
		return step, when
	case failed.Next.IsZero() && step != gate.Assess && step != gate.Respond: // these two the state itself tries again in the end
		return gate.Nothing, time.Time{}
	}
	return step, later(when, failed.Next)
}

func (f folded) wants() (gate.Step, time.Time) {
	switch gate.StreamKind(f.stream) {
	case gate.Check:
		return f.check.Due()
	case gate.Repository:
		return f.repo.Due()
	case gate.Environment:
		return f.env.Due()
	case gate.Branch:
		return gate.Nothing, time.Time{}
	}
	return f.gate.Due()
}

func (f folded) failure() *gate.Failed {
	switch gate.StreamKind(f.stream) {
	case gate.Check:
		return f.check.Failure
	case gate.Repository:
		return f.repo.Failure
	case gate.Environment:
		return f.env.Failure
	}
	return f.gate.Failure
}

// live reports whether what the stream is about still goes on. A check is asked
// for by its commit only.
func (f folded) live() bool {
	switch kind := gate.StreamKind(f.stream); {
	case kind.Gates():
		return f.gate.Wanted > 0 && !f.gate.Left()
	case kind == gate.Branch:
		n := len(f.branch.Pushes)
		return n > 0 && f.branch.Pushes[n-1].After != ""
	default:
		return kind != gate.Check
	}
}

func (f folded) after(r ledger.Record) (folded, error) {
	if err := gate.KnownStream(f.stream); err != nil {
		return f, err
	}
	ev, err := gate.Decode(r.Kind, r.Body)
	if err != nil {
		return f, err
	}
	entry := gate.Entry{Version: r.Version, At: r.At, Event: ev}
	switch gate.StreamKind(f.stream) {
	case gate.Check:
		f.check = f.check.After(entry)
	case gate.Repository:
		f.repo = f.repo.After(entry)
	case gate.Environment:
		f.env = f.env.After(entry)
	case gate.Branch:
		f.branch = f.branch.After(entry)
	default:
		f.gate = f.gate.After(entry)
	}
	f.head = ledger.Head{Version: r.Version, Hash: r.Hash}
	return f, nil
}

// load folds a stream to its end; what was folded before is not read again.
func (k *Keeper) load(ctx context.Context, stream string) (folded, error) {
	f, ok := k.streams.Get(stream)
	if !ok {
		f = folded{stream: stream}
	}
	records, err := k.Log.Read(ctx, stream, f.head.Version)
	if err != nil {
		return f, fmt.Errorf("reading stream %s: %w", stream, err)
	}
	for _, r := range records {
		if f, err = f.after(r); err != nil {
			return f, fmt.Errorf("stream %s, version %d: %w", stream, r.Version, err)
		}
	}
	if len(records) > 0 {
		k.streams.Add(stream, f)
	}
	return f, nil
}

// Gate folds the stream of a gate to its end.
func (k *Keeper) Gate(ctx context.Context, stream string) (gate.State, error) {
	f, err := k.load(ctx, stream)
	return f.gate, err
}

// Repository folds the stream of a repository to its end.
func (k *Keeper) Repository(ctx context.Context, stream string) (gate.RepoState, error) {
	f, err := k.load(ctx, stream)
	return f.repo, err
}

// Environment folds the stream of an environment to its end.
func (k *Keeper) Environment(ctx context.Context, stream string) (gate.EnvironmentState, error) {
	f, err := k.load(ctx, stream)
	return f.env, err
}

// draft is an event on its way into the ledger.
type draft struct {
	event gate.Event
	key   string
}

// append writes events at the end that f has seen, with the due time that the
// state after them asks for.
func (k *Keeper) append(ctx context.Context, f folded, drafts ...draft) (folded, error) {
	at := k.Now()
	sealed := make([]ledger.Draft, len(drafts))
	for i, d := range drafts {
		body, err := gate.Encode(d.event)
		if err != nil {
			return f, fmt.Errorf("encoding %s: %w", d.event.Kind(), err)
		}
		sealed[i] = ledger.Draft{Kind: d.event.Kind(), Key: d.key, Body: body}
	}
	batch := ledger.Batch{
		Stream: f.stream, After: f.head.Version,
		Records: ledger.Seal(f.stream, f.head, at, sealed...),
	}
	next := f
	for _, r := range batch.Records {
		var err error
		if next, err = next.after(r); err != nil {
			return f, err
		}
	}
	if step, when := next.due(); step != gate.Nothing {
		batch.Due = later(when, at)
	}
	batch.Live = next.live()
	began := time.Now()
	err := k.Log.Append(ctx, batch)
	k.Observer.Appended(time.Since(began))
	if err != nil {
		return f, err
	}
	k.streams.Add(f.stream, next)
	k.Appended(ledger.ShardOf(f.stream))
	return next, nil
}

// record appends what has happened: a fact stays true whatever else was
// appended meanwhile, so it is sealed again on the moved stream. ErrSeen is
// returned as it is.
func (k *Keeper) record(ctx context.Context, stream string, drafts ...draft) (folded, error) {
	f, cached := k.streams.Get(stream)
	for try := 0; ; try++ {
		var err error
		if !cached || try > 0 {
			if f, err = k.load(ctx, stream); err != nil {
				return f, err
			}
		}
		next, err := k.append(ctx, f, drafts...)
		if !errors.Is(err, ledger.ErrMoved) || try == maxMoves {
			return next, err
		}
	}
}

// maxMoves bounds how often one fact is sealed again. Each loss means that
// somebody else's append went through, so the stream as a whole moves on.
const maxMoves = 100

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
