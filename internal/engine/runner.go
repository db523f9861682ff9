package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/ledger"
)

// The runner's pace.
const (
	pollEvery  = 200 * time.Millisecond // see Config.Poll
	leaseFor   = 15 * time.Second
	leaseEvery = 5 * time.Second
	duePerLook = 256
	storePause = time.Second // after the ledger itself failed
	// slowAtOnce is how many beats have all the time that they take: however much
	// comes at once that takes long, others go on beside it.
	slowAtOnce = 2
	// asideAtOnce is how many beats go on at once of all streams that are worked on
	// aside: whatever becomes of them, others wait for none.
	asideAtOnce = 4
)

// runner is the state of one Run: which streams are being worked on. It is
// used by the dispatching goroutine only, but for done.
type runner struct {
	*Engine
	quick, slow workers
	aside       workers
	busy        map[string]bool // stream: true where it was nudged again meanwhile
	patient     map[string]bool // streams that wait for a slow worker or for one aside, each once; the ledger bounds them
	done        chan beaten
	shards      []int
	beats       sync.WaitGroup
}

// workers are a number of beats at once, and those that wait for one to end.
type workers struct {
	slots   chan struct{}
	backlog []string
}

// beaten is a beat that has ended. Heavy says that a slow worker is to go on.
type beaten struct {
	stream string
	by     *workers
	heavy  bool
}

// Run works until ctx ends, then lets beats under way finish their step as far
// as ctx allows and gives its leases back.
func (e *Engine) Run(ctx context.Context) error {
	r := &runner{
		Engine:  e,
		quick:   workers{slots: make(chan struct{}, e.Workers)},
		slow:    workers{slots: make(chan struct{}, slowAtOnce)},
		aside:   workers{slots: make(chan struct{}, asideAtOnce)},
		busy:    map[string]bool{},
		patient: map[string]bool{},
		done:    make(chan beaten, e.Workers+slowAtOnce+asideAtOnce),
	}
	poll := time.NewTicker(e.Poll)
	defer poll.Stop()
	leases := time.NewTicker(leaseEvery)
	defer leases.Stop()
	r.lease(ctx)
	r.look(ctx)
	for _, work := range e.beside {
		go work(ctx)
	}
	for {
		select {
		case <-ctx.Done():
			r.close()
			return nil
		case stream := <-e.wake:
			if r.owns(stream) {
				r.begin(ctx, stream)
			}
		case b := <-r.done:
			r.ended(ctx, b)
		case <-poll.C:
			r.look(ctx)
		case <-leases.C:
			r.lease(ctx)
		}
	}
}

// begin starts a beat for stream, or remembers that one is wanted.
func (r *runner) begin(ctx context.Context, stream string) {
	if r.unread.rests(stream, r.Now()) {
		return
	}
	if _, working := r.busy[stream]; working {
		r.busy[stream] = true
		return
	}
	if r.asides[gate.StreamKind(stream)] {
		r.waits(stream, &r.aside)
		r.drain(ctx, &r.aside)
		return
	}
	if len(r.quick.slots) == cap(r.quick.slots) {
		if len(r.quick.backlog) < wakeBuffer { // past that, look finds it
			r.quick.backlog = append(r.quick.backlog, stream)
		}
		return
	}
	r.work(ctx, stream, &r.quick)
}

// work has one of the workers do a beat for stream.
func (r *runner) work(ctx context.Context, stream string, by *workers) {
	by.slots <- struct{}{}
	r.busy[stream] = false
	if by == &r.slow {
		ctx = withPatience(ctx)
	}
	r.beats.Add(1)
	go func() {
		defer r.beats.Done()
		heavy := r.guarded(ctx, stream)
		r.done <- beaten{stream, by, heavy}
	}()
}

// ended takes note of a beat that has ended, and begins what waits for that.
func (r *runner) ended(ctx context.Context, b beaten) {
	again := r.busy[b.stream]
	delete(r.busy, b.stream)
	<-b.by.slots
	switch {
	case b.heavy:
		r.waits(b.stream, &r.slow)
	case again && !b.heavy:
		r.begin(ctx, b.stream)
	}
	for len(r.quick.backlog) > 0 && len(r.quick.slots) < cap(r.quick.slots) {
		stream := r.quick.backlog[0]
		r.quick.backlog = r.quick.backlog[1:]
		r.begin(ctx, stream)
	}
	r.drain(ctx, &r.slow)
	r.drain(ctx, &r.aside)
}

// waits has a stream wait for one of some workers.
func (r *runner) waits(stream string, by *workers) {
	if !r.patient[stream] {
		r.patient[stream] = true
		by.backlog = append(by.backlog, stream)
	}
}

// drain begins what waits for a worker that is slow, or aside. What a quick one works
// on just now is looked at again when that has ended.
func (r *runner) drain(ctx context.Context, by *workers) {
	var later []string
	for len(by.backlog) > 0 && len(by.slots) < cap(by.slots) {
		stream := by.backlog[0]
		by.backlog = by.backlog[1:]
		if _, working := r.busy[stream]; working {
			later = append(later, stream)
			continue
		}
		delete(r.patient, stream)
		if r.owns(stream) { // it may have waited for longer than its lease
			r.work(ctx, stream, by)
		}
	}
	by.backlog = append(later, by.backlog...)
}

// look begins what is due by the ledger.
func (r *runner) look(ctx context.Context) {
	due, err := r.Log.Due(ctx, r.shards, r.Now(), len(r.busy)+len(r.patient)+duePerLook)
	if err != nil {
		if ctx.Err() == nil {
			r.Slog.Error("the ledger cannot be read", "error", err)
		}
		return
	}
	waiting := len(r.quick.backlog) + len(r.slow.backlog)
	for _, stream := range due {
		if _, working := r.busy[stream]; working || r.patient[stream] {
			continue
		}
		if len(r.quick.slots) == cap(r.quick.slots) {
			waiting++
			continue
		}
		r.begin(ctx, stream)
	}
	r.Observer.Queued(waiting)
}

// lease renews the shards that are ours and takes those that nobody holds, all
// at once so that a store can make them durable together.
func (r *runner) lease(ctx context.Context) {
	var held [ledger.Shards]bool
	var asked sync.WaitGroup
	for shard := range ledger.Shards {
		asked.Go(func() {
			ok, err := r.Log.Lease(ctx, leaseName(shard), r.Holder, leaseFor)
			if err != nil && ctx.Err() == nil {
				r.Slog.Error("a shard's lease cannot be renewed", "shard", shard, "error", err)
			}
			held[shard] = ok
		})
	}
	asked.Wait()
	r.shards = r.shards[:0]
	for shard, ours := range held {
		if ours {
			r.shards = append(r.shards, shard)
		}
	}
}

func (r *runner) owns(stream string) bool {
	shard := ledger.ShardOf(stream)
	for _, s := range r.shards {
		if s == shard {
			return true
		}
	}
	return false
}

// close waits for the beats and gives the leases back, so that another
// replica, or this one after its restart, need not wait for them to run out.
func (r *runner) close() {
	finished := make(chan struct{})
	go func() { r.beats.Wait(); close(finished) }()
	for open := true; open; {
		select {
		case <-r.done:
		case <-finished:
			open = false
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), storePause)
	defer cancel()
	for _, shard := range r.shards {
		if _, err := r.Log.Lease(ctx, leaseName(shard), r.Holder, 0); err != nil {
			r.Slog.Warn("a shard's lease was not given back", "shard", shard, "error", err)
		}
	}
}

func leaseName(shard int) string { return fmt.Sprintf("shard/%02d", shard) }

// guarded does a beat, and says whether a slow worker is to go on with it. A
// stream that cannot be read takes nobody's time.
func (r *runner) guarded(ctx context.Context, stream string) (heavy bool) {
	err := r.beat(ctx, stream)
	if errors.Is(err, ErrHeavy) {
		return true
	}
	if r.unread.note(stream, err, r.Now()) && ctx.Err() == nil {
		r.Slog.Error("a stream cannot be read", "stream", stream, "error", err)
		r.Observer.Failed("read", gate.UnknownRecord)
		return false
	}
	if err != nil && ctx.Err() == nil {
		r.Slog.Error("a beat failed", "stream", stream, "error", err)
		select { // the ledger failed us: do not hammer it
		case <-time.After(storePause):
		case <-ctx.Done():
		}
	}
	return false
}
