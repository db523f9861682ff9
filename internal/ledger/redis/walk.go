package redis

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	redis "github.com/redis/go-redis/v9"

	"github.com/gatehold/gatehold/internal/ledger"
)

var _ ledger.Source = (*Store)(nil)

// Walk implements ledger.Source. It writes nothing. Each shard is seen as it is
// when its turn comes; what is appended to it meanwhile is left out. It needs
// the names of one shard's streams in memory, and a bit for each of its records.
func (s *Store) Walk(ctx context.Context, record func(ledger.Record) error, broken func(ledger.Broken) error) error {
	leave, err := s.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	for shard := range ledger.Shards {
		w := &walk{Store: s, ctx: ctx, shard: shard, record: record, broken: broken, met: map[uint64]uint64{}}
		if err := w.all(); err != nil {
			return err
		}
	}
	return nil
}

// walk is one pass over one shard.
type walk struct {
	*Store
	ctx    context.Context
	shard  int
	record func(ledger.Record) error
	broken func(ledger.Broken) error
	end    uint64            // the last place that was given when the walk began
	met    map[uint64]uint64 // a bit for each place up to it, 64 together
	stream string            // that was given last
	last   uint64            // the place of its newest record so far
}

func (w *walk) tell(stream string, version uint64, format string, args ...any) error {
	return w.broken(ledger.Broken{Stream: stream, Version: version, Why: fmt.Sprintf(format, args...)})
}

func (w *walk) all() error {
	if err := w.bounds(); err != nil {
		return err
	}
	streams, err := w.streams()
	if err != nil {
		return err
	}
	for batch := range slices.Chunk(streams, walkStreams) {
		if err := w.batch(batch); err != nil {
			return err
		}
	}
	return w.unmet()
}

// bounds finds the place up to which the walk goes. The count of places and the
// end of the tail grow together, so that what is asked for in turn is in order.
func (w *walk) bounds() error {
	began, err := w.given()
	if err != nil {
		return err
	}
	newest, err := w.client.XRevRangeN(w.ctx, w.shardKey(w.shard, "tail"), "+", "-", 1).Result()
	if err != nil {
		return w.failed(err)
	}
	var last uint64
	if len(newest) > 0 {
		if last, err = placeOf(newest[0].ID); err != nil {
			return w.tell("", 0, "shard %d: %s", w.shard, err)
		}
	}
	now, err := w.given()
	if err != nil {
		return err
	}
	w.end = min(began, last)
	switch {
	case last < began:
		return w.tell("", 0, "shard %d ends with the record at place %d, and place %d was given last", w.shard, last, began)
	case now < last:
		w.end = last
		return w.tell("", 0, "shard %d has a record at place %d, and place %d is said to be the last given", w.shard, last, now)
	}
	return nil
}

// given is the last place that was given, 0 where none was.
func (w *walk) given() (uint64, error) {
	n, err := w.client.Get(w.ctx, w.shardKey(w.shard, "place")).Uint64()
	if errors.Is(err, redis.Nil) {
		return 0, nil
	}
	return n, w.failed(err)
}

func placeOf(id string) (uint64, error) {
	place, ok := strings.CutSuffix(id, "-0")
	n, err := strconv.ParseUint(place, 10, 64)
	if !ok || err != nil || n == 0 {
		return 0, fmt.Errorf("the tail holds a foreign entry %s", id)
	}
	return n, nil
}

// streams are the names of the shard's streams, in order.
func (w *walk) streams() ([]string, error) {
	prefix := w.shardKey(w.shard, "places:")
	var mu sync.Mutex
	var names []string
	scan := func(ctx context.Context, node redis.Cmdable) error {
		keys := node.Scan(ctx, 0, escapeGlob(prefix)+"*", 1000).Iterator()
		for keys.Next(ctx) {
			mu.Lock()
			names = append(names, strings.TrimPrefix(keys.Val(), prefix))
			mu.Unlock()
		}
		return keys.Err()
	}
	var err error
	if cluster, ok := w.client.(*redis.ClusterClient); ok {
		err = cluster.ForEachMaster(w.ctx, func(ctx context.Context, node *redis.Client) error { return scan(ctx, node) })
	} else {
		err = scan(w.ctx, w.client)
	}
	slices.Sort(names)
	return slices.Compact(names), w.failed(err)
}

// escapeGlob takes a text as it is in a pattern of SCAN.
func escapeGlob(text string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`, "]", `\]`).Replace(text)
}

// The bounds of what is asked for at once: a walk over many short streams would
// else wait for the network most of its time.
const (
	walkStreams = 64  // whose places are asked for
	walkRecords = 512 // that are in memory
)

// ref is a record by where it is.
type ref struct {
	stream  string
	version uint64
	id      string // of its place
}

// batch gives the records of some streams.
func (w *walk) batch(streams []string) error {
	first := make([]*redis.StringSliceCmd, len(streams))
	_, err := w.client.Pipelined(w.ctx, func(p redis.Pipeliner) error {
		for i, stream := range streams {
			first[i] = p.LRange(w.ctx, w.shardKey(w.shard, "places:"+stream), 0, readPage-1)
		}
		return nil
	})
	if err != nil {
		return w.failed(err)
	}
	var refs []ref
	for i, stream := range streams {
		if want := ledger.ShardOf(stream); want != w.shard {
			if err := w.tell(stream, 0, "it is kept in shard %d, and belongs to shard %d", w.shard, want); err != nil {
				return err
			}
		}
		ids, version := first[i].Val(), uint64(0)
		for {
			page := w.before(ids)
			for _, id := range page {
				version++
				if refs = append(refs, ref{stream, version, id}); len(refs) == walkRecords {
					if err := w.give(refs); err != nil {
						return err
					}
					refs = refs[:0]
				}
			}
			if len(page) < readPage {
				break
			}
			ids, err = w.client.LRange(w.ctx, w.shardKey(w.shard, "places:"+stream), int64(version), int64(version)+readPage-1).Result()
			if err != nil {
				return w.failed(err)
			}
		}
	}
	return w.give(refs)
}

// before cuts off the places that were given after the walk began.
func (w *walk) before(ids []string) []string {
	for i, id := range ids {
		if place, err := placeOf(id); err == nil && place > w.end {
			return ids[:i]
		}
	}
	return ids
}

// give passes on the records at some places.
func (w *walk) give(refs []ref) error {
	if len(refs) == 0 {
		return nil
	}
	answers := make([]*redis.XMessageSliceCmd, len(refs))
	_, err := w.client.Pipelined(w.ctx, func(p redis.Pipeliner) error {
		for i, ref := range refs {
			id := ref.id
			if _, err := placeOf(id); err != nil {
				id = "0-0" // where nothing is: Redis takes no other text for a place
			}
			answers[i] = p.XRange(w.ctx, w.shardKey(w.shard, "tail"), id, id)
		}
		return nil
	})
	if err != nil {
		return w.failed(err)
	}
	keyed := map[string][]ledger.Record{}
	for i, ref := range refs {
		r, err := w.one(ref, answers[i].Val())
		if err != nil {
			return err
		}
		if r != nil && r.Key != "" {
			keyed[ref.stream] = append(keyed[ref.stream], *r)
		}
	}
	return w.remembered(keyed)
}

// one passes on what was found at a place, nil where that is no record.
func (w *walk) one(ref ref, found []redis.XMessage) (*ledger.Record, error) {
	if w.stream != ref.stream {
		w.stream, w.last = ref.stream, 0
	}
	place, err := placeOf(ref.id)
	if err != nil || len(found) == 0 {
		return nil, w.tell(ref.stream, ref.version, "its record is missing from place %s of shard %d", ref.id, w.shard)
	}
	w.met[place/64] |= 1 << (place % 64)
	if place < w.last {
		const why = "it was written before the record that it follows (places %d and %d): it was put there"
		if err := w.tell(ref.stream, ref.version, why, place, w.last); err != nil {
			return nil, err
		}
	}
	w.last = max(w.last, place)
	r, err := fromFields(found[0].Values)
	if err != nil {
		return nil, w.tell(ref.stream, ref.version, "what is at place %d of shard %d is no record", place, w.shard)
	}
	if r.Stream != ref.stream {
		if err := w.tell(ref.stream, ref.version, "in its place is a record of stream %q", r.Stream); err != nil {
			return nil, err
		}
		r.Stream = ref.stream
	}
	return &r, w.record(r)
}

// remembered asks whether the keys of records are those that their streams have
// seen: what was forgotten would be taken a second time.
func (w *walk) remembered(keyed map[string][]ledger.Record) error {
	streams := slices.Sorted(maps.Keys(keyed))
	answers := make([]*redis.BoolSliceCmd, len(streams))
	if len(streams) == 0 {
		return nil
	}
	_, err := w.client.Pipelined(w.ctx, func(p redis.Pipeliner) error {
		for i, stream := range streams {
			keys := make([]any, len(keyed[stream]))
			for j, r := range keyed[stream] {
				keys[j] = r.Key
			}
			answers[i] = p.SMIsMember(w.ctx, w.shardKey(w.shard, "keys:"+stream), keys...)
		}
		return nil
	})
	if err != nil {
		return w.failed(err)
	}
	for i, stream := range streams {
		for j, yes := range answers[i].Val() {
			if r := keyed[stream][j]; !yes {
				if err := w.tell(stream, r.Version, "its key %q is not among those that the stream has seen", r.Key); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// maxTold bounds what is told of a shard as a whole.
const maxTold = 20

// unmet tells of places that no stream has led to.
func (w *walk) unmet() error {
	told := 0
	for place := uint64(1); place <= w.end && told < maxTold; place++ {
		if w.met[place/64]&(1<<(place%64)) != 0 {
			continue
		}
		told++
		id := strconv.FormatUint(place, 10) + "-0"
		found, err := w.client.XRange(w.ctx, w.shardKey(w.shard, "tail"), id, id).Result()
		if err != nil {
			return w.failed(err)
		}
		if len(found) == 0 {
			err = w.tell("", 0, "the record at place %d of shard %d is missing", place, w.shard)
		} else {
			err = w.tell("", 0, "the record at place %d of shard %d, version %v of stream %q, is in no stream's list",
				place, w.shard, found[0].Values["v"], found[0].Values["s"])
		}
		if err != nil {
			return err
		}
	}
	return nil
}
