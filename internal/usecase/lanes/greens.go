package lanes

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/ledger"
)

// keptGreen is how many green checks of one repository are looked at when its
// lanes change: the newest ones.
const keptGreen = 2000

// greens are the streams of checks that were painted green, by repository, as
// the ledger's records have them so far: where to look, never what to do.
type greens struct {
	mu      sync.Mutex
	cursors [ledger.Shards]ledger.Cursor
	streams map[int64][]string
	listed  map[string]uint64 // and the newest painting of each, by version
}

// of lists those of a repository, the oldest first, after reading what the ledger
// has got since the last time.
func (g *greens) of(ctx context.Context, log ledger.Log, repo int64) ([]string, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.streams == nil {
		g.streams, g.listed = map[int64][]string{}, map[string]uint64{}
	}
	for shard := range ledger.Shards {
		for {
			records, next, err := log.Tail(ctx, shard, g.cursors[shard], tailPage)
			if err != nil {
				return nil, fmt.Errorf("looking for green checks: %w", err)
			}
			for _, r := range records {
				if err := g.note(r); err != nil {
					return nil, err
				}
			}
			g.cursors[shard] = next
			if len(records) < tailPage {
				break
			}
		}
	}
	return slices.Clone(g.streams[repo]), nil
}

const tailPage = 512

func (g *greens) note(r ledger.Record) error {
	if gate.StreamKind(r.Stream) != gate.Check || r.Kind != (gate.Published{}).Kind() && r.Kind != (gate.Painting{}).Kind() {
		return nil
	}
	ev, err := gate.Decode(r.Kind, r.Body)
	if err != nil {
		return err
	}
	parts := strings.SplitN(r.Stream, "/", 3)
	repo, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil {
		return fmt.Errorf("the stream %s names no repository: %w", r.Stream, err)
	}
	newest, listed := g.listed[r.Stream]
	green := false // or just being painted so
	switch ev := ev.(type) {
	case gate.Published: // an outcome that came late says nothing of what was painted since
		green = !gate.Blocks(ev.Outcome) || listed && ev.Painting < newest
		newest = max(newest, ev.Painting)
	case gate.Painting:
		green, newest = !gate.Blocks(ev.Outcome) || listed, r.Version
	}
	list := g.streams[repo]
	if listed {
		list = slices.DeleteFunc(list, func(s string) bool { return s == r.Stream })
		delete(g.listed, r.Stream)
	}
	if green {
		list, g.listed[r.Stream] = append(list, r.Stream), newest
	}
	if len(list) > keptGreen {
		delete(g.listed, list[0])
		list = list[1:]
	}
	g.streams[repo] = list
	return nil
}
