// Package board is the read model: the lists of gates, repositories and
// environments that people look at, and the counts that are measured.
//
// It follows the ledger and folds what it is told has changed. It is rebuilt in
// the background at start, and it may be behind: nothing that decides imports it,
// and archtest holds the house to that. What a gate comes to is
// gate.State.Standing here as everywhere.
package board

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/gate/env"
	"github.com/gatehold/gatehold/internal/gate/repo"
	"github.com/gatehold/gatehold/internal/gate/tell"
	"github.com/gatehold/gatehold/internal/ledger"
)

// Tail is what the board follows of the ledger.
type Tail interface {
	Tail(ctx context.Context, shard int, after ledger.Cursor, max int) ([]ledger.Record, ledger.Cursor, error)
	Read(ctx context.Context, stream string, after uint64) ([]ledger.Record, error)
}

// Streams folds streams to their ends.
type Streams interface {
	Gate(ctx context.Context, stream string) (gate.State, error)
	Repository(ctx context.Context, stream string) (repo.State, error)
	Environment(ctx context.Context, stream string) (env.State, error)
	// Told is what was told of the gate of a stream.
	Told(ctx context.Context, stream string) (tell.State, error)
}

// People is what the board asks of GitHub about who looks at it.
type People interface {
	Person(ctx context.Context, repo gate.Repo, who gate.Actor, groups []string) (gate.Person, error)
}

// Comparison is what is known of comparing the ledger with GitHub.
type Comparison interface {
	Compared(repo int64) time.Time // zero: this process has not
	Left(repo int64) bool          // the App may not see it any more
}

// Config is what a Board is made of. Tail, Streams and Now must be set.
type Config struct {
	Tail       Tail
	Streams    Streams
	People     People     // nil: nobody may see anything
	Comparison Comparison // nil: nothing is known of it
	Now        func() time.Time
	Slog       *slog.Logger
	// PublicURL is where people reach this server, without a slash at the end;
	// empty: what is listed carries no link.
	PublicURL string
}

// Board is the read model. Make one with New, then call Run.
type Board struct {
	Config
	changed chan int // shards that this process has appended to

	mu    sync.RWMutex
	gates map[string]*Summary // none is altered once it is here
	index []entry             // the same gates, for whoever looks at all of them
	place map[string]int      // of each in index, by stream
	repos map[string]RepoSummary
	// deployed are the environments that something was deployed to, by stream.
	deployed map[string]gate.Subject
	closed   []string          // streams in the order of their closing
	inForce  map[int64]InForce // the rules that each repository was judged by last
	watchers map[*watcher]struct{}
	texts    texts // that many gates share
	// untold are the gates of which somebody is to be told something yet, by stream.
	untold map[string]tell.State
}

// Bounds of the board.
const (
	keptClosed = 100_000 // some 110 MB
	tailPage   = 512
	tailEvery  = 2 * time.Second
	wakeBuffer = 4096
)

// New returns a board. It does no I/O.
func New(c Config) *Board {
	if c.Slog == nil {
		c.Slog = slog.New(slog.DiscardHandler)
	}
	return &Board{
		Config: c, changed: make(chan int, wakeBuffer),
		gates: map[string]*Summary{}, place: map[string]int{},
		repos: map[string]RepoSummary{}, deployed: map[string]gate.Subject{}, inForce: map[int64]InForce{}, texts: newTexts(),
		watchers: map[*watcher]struct{}{},
		untold:   map[string]tell.State{},
	}
}

// Changed has a shard looked at soon. It does not block; what is dropped is found
// at the next look.
func (b *Board) Changed(shard int) {
	select {
	case b.changed <- shard:
	default:
	}
}

// Run keeps the board up to date until ctx ends: at once with what this process
// appends, and a little later with what other replicas do.
func (b *Board) Run(ctx context.Context) {
	var cursors [ledger.Shards]ledger.Cursor
	look := func(shard int) {
		if err := b.catchUp(ctx, shard, &cursors[shard]); err != nil && ctx.Err() == nil {
			b.Slog.Error("the list of gates cannot follow the ledger", "shard", shard, "error", err)
		}
	}
	tick := time.NewTicker(tailEvery)
	defer tick.Stop()
	for {
		for shard := range ledger.Shards {
			look(shard)
		}
		for ticked := false; !ticked; {
			select {
			case shard := <-b.changed:
				look(shard)
			case <-tick.C:
				ticked = true
			case <-ctx.Done():
				return
			}
		}
	}
}

// Read reads the ledger to its end once, for a process that follows nothing.
func (b *Board) Read(ctx context.Context) error {
	for shard := range ledger.Shards {
		var start ledger.Cursor
		if err := b.catchUp(ctx, shard, &start); err != nil {
			return err
		}
	}
	return nil
}

func (b *Board) catchUp(ctx context.Context, shard int, cursor *ledger.Cursor) error {
	for {
		records, next, err := b.Tail.Tail(ctx, shard, *cursor, tailPage)
		if err != nil {
			return err
		}
		touched := map[string]time.Time{} // when, by stream
		for _, r := range records {
			touched[r.Stream] = r.At
		}
		for stream, at := range touched {
			if err := b.refresh(ctx, stream, at); err != nil {
				return err
			}
		}
		*cursor = next
		if len(records) < tailPage {
			return nil
		}
	}
}

// refresh shows a stream as it is now.
func (b *Board) refresh(ctx context.Context, stream string, at time.Time) error {
	switch kind := gate.StreamKind(stream); {
	case kind.Gates():
		s, err := b.Streams.Gate(ctx, stream)
		if unknown := gate.Unknown(err); unknown != nil { // as far as it can be read
			s.Failure = &gate.Failed{Step: "read", Code: unknown.Code, Text: unknown.Text, Attempt: 1, Since: at}
			s.Done, s.Deployment.Replied, err = false, nil, nil
		}
		if err == nil && s.Wanted > 0 {
			b.showGate(stream, s, at)
		}
		return err
	case kind == gate.Repository:
		s, err := b.Streams.Repository(ctx, stream)
		if err == nil {
			b.showRepository(stream, s, at)
		}
		return readable(err)
	case kind == gate.Environment:
		s, err := b.Streams.Environment(ctx, stream)
		if err == nil {
			b.showEnvironment(stream, s)
		}
		return readable(err)
	case kind == gate.Tell:
		s, err := b.Streams.Told(ctx, strings.TrimPrefix(stream, string(gate.Tell)+"/"))
		if err == nil {
			b.showTold(stream, s)
		}
		return readable(err)
	}
	return nil
}

// readable is err, but for what this version cannot read: that is not shown anew.
func readable(err error) error {
	if gate.Unknown(err) != nil {
		return nil
	}
	return err
}

func (b *Board) left(repo int64) bool { return b.Comparison != nil && b.Comparison.Left(repo) }

func (b *Board) link(stream string) string {
	if b.PublicURL == "" {
		return ""
	}
	return b.PublicURL + "/gates/" + stream
}
