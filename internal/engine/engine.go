// Package engine runs what streams want done, and knows no subject.
//
// A use case says what the streams of a kind come to (Keep) and what does the
// steps that they can want (On). What comes in is appended; Run reads what is
// due in the ledger, folds the stream, asks it what it wants, has that done and
// goes on until it wants nothing now. There is no other state: an engine that is
// killed at any point goes on, or another one does, from the ledger alone.
//
// One beat at a time works on one stream; many streams are worked on at once.
// The fence against a second replica is the ledger's compare-and-swap: a lease
// on a shard only spares useless work. A step that fails, panics or that nobody
// knows is a record with the time of the next attempt. Every outside effect can
// be repeated without harm.
package engine

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/ledger"
)

// Observer is told what happens, for metrics. Its methods must not block.
type Observer interface {
	Failed(step, code string)
	Appended(took time.Duration)
	Queued(streams int) // due and not yet begun, at the last look
}

// Config is what an Engine is made of. Log and Now must be set.
type Config struct {
	Log      ledger.Store
	Now      func() time.Time
	Observer Observer     // nil: nobody is told
	Slog     *slog.Logger // nil: nothing is logged
	// Appended is told what shards are appended to; it must not block. nil: nobody is.
	Appended func(shard int)
	// Holder names this process among the replicas on one ledger. The same
	// name after a restart takes its shards over at once.
	Holder string
	// Poll is how often the ledger is looked at for what time, or another
	// replica's door, has made due; 0 means five times a second.
	Poll time.Duration
	// Workers bounds the beats at once; 0 means 64.
	Workers int
}

// Engine keeps streams and runs what they want. Make one with New, give it the
// kinds with Keep and On, then call Run.
type Engine struct {
	Config
	kinds   map[gate.Kind]kind
	asides  map[gate.Kind]bool      // whose streams are worked on aside
	folded  *lru.Cache[string, any] // streams as they were read last, each a Stream of its kind's state
	wake    chan string
	unread  unread
	beside  []func(context.Context)
	refused func(ctx context.Context, stream, code string) error
}

const (
	cachedStreams = 4096
	wakeBuffer    = 4096
)

// New returns an engine that keeps no kind yet. It does no I/O.
func New(c Config) *Engine {
	if c.Workers == 0 {
		c.Workers = 64
	}
	if c.Poll == 0 {
		c.Poll = pollEvery
	}
	if c.Observer == nil {
		c.Observer = silent{}
	}
	if c.Slog == nil {
		c.Slog = slog.New(slog.DiscardHandler)
	}
	if c.Appended == nil {
		c.Appended = func(int) {}
	}
	folded, _ := lru.New[string, any](cachedStreams) // errs only for a size below 1
	return &Engine{
		Config:  c,
		kinds:   map[gate.Kind]kind{},
		asides:  map[gate.Kind]bool{},
		folded:  folded,
		wake:    make(chan string, wakeBuffer),
		refused: func(context.Context, string, string) error { return nil },
	}
}

// Beside has something go on beside the beats while Run works: it begins with
// Run, and is to end when its context does.
func (e *Engine) Beside(work func(context.Context)) { e.beside = append(e.beside, work) }

// OnFailure is called with the code of each failure that has been put on the
// record of a stream. Its error is the ledger's.
func (e *Engine) OnFailure(do func(ctx context.Context, stream, code string) error) { e.refused = do }

// Nudge asks for a beat without waiting for the next look at the ledger. It
// may be dropped: what is due stands in the ledger.
func (e *Engine) Nudge(stream string) {
	select {
	case e.wake <- stream:
	default:
	}
}

// Record appends what has happened to a stream of whatever kind, as
// Streams.Record does.
func (e *Engine) Record(ctx context.Context, stream string, drafts ...Draft) (ledger.Head, error) {
	streams, known := e.kinds[gate.StreamKind(stream)]
	if !known {
		return ledger.Head{}, gate.KnownStream(stream)
	}
	return streams.record(ctx, stream, drafts...)
}

func jitter() float64 { return rand.Float64() }

type silent struct{}

func (silent) Failed(string, string)  {}
func (silent) Appended(time.Duration) {}
func (silent) Queued(int)             {}
