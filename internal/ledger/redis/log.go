package redis

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	redis "github.com/redis/go-redis/v9"

	"github.com/gatehold/gatehold/internal/ledger"
)

// Append implements ledger.Log.
func (s *Store) Append(ctx context.Context, b ledger.Batch) error {
	if err := b.Check(); err != nil {
		return err
	}
	leave, err := s.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	shard := ledger.ShardOf(b.Stream)
	keys := []string{
		s.shardKey(shard, "tail"),
		s.shardKey(shard, "place"),
		s.shardKey(shard, "places:"+b.Stream),
		s.shardKey(shard, "keys:"+b.Stream),
		s.shardKey(shard, "due"),
		s.shardKey(shard, "live"),
		s.shardKey(shard, "listed"),
	}
	live := 0
	if b.Live {
		live = 1
	}
	due := ""
	if !b.Due.IsZero() {
		due = strconv.FormatInt(b.Due.UnixMicro(), 10)
	}
	args := append(make([]any, 0, 5+6*len(b.Records)), b.Stream, b.After, due, rand.Text(), live)
	for _, r := range b.Records {
		args = append(args, r.At.UnixMicro(), r.Kind, r.Key, r.Body, r.Prev, r.Hash)
	}
	switch code, err := s.append.Run(ctx, s.client, keys, args...).Int(); {
	case err != nil:
		return s.failed(err)
	case code == 1:
		return ledger.ErrMoved
	case code == 2:
		return ledger.ErrSeen
	}
	return nil
}

// readPage is how many records one script reads: a long stream does not keep
// the server from others.
const readPage = 256

// Read implements ledger.Log.
func (s *Store) Read(ctx context.Context, stream string, after uint64) ([]ledger.Record, error) {
	leave, err := s.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	shard := ledger.ShardOf(stream)
	keys := []string{s.shardKey(shard, "tail"), s.shardKey(shard, "places:"+stream)}
	var records []ledger.Record
	for from := min(after, math.MaxInt32); ; from += readPage {
		entries, err := s.read.Run(ctx, s.client, keys, from, readPage).Slice()
		if err != nil {
			return nil, s.failed(err)
		}
		for _, e := range entries {
			r, err := fromEntry(e)
			if err != nil {
				return nil, s.failed(err)
			}
			records = append(records, r)
		}
		if len(entries) < readPage {
			return records, nil
		}
	}
}

// Tail implements ledger.Log. A cursor is the place of a record in its shard.
func (s *Store) Tail(ctx context.Context, shard int, after ledger.Cursor, max int) ([]ledger.Record, ledger.Cursor, error) {
	leave, err := s.enter(ctx)
	if err != nil {
		return nil, after, err
	}
	defer leave()
	if max <= 0 || after == math.MaxUint64 {
		return nil, after, nil
	}
	from := strconv.FormatUint(uint64(after)+1, 10) + "-0"
	messages, err := s.client.XRangeN(ctx, s.shardKey(shard, "tail"), from, "+", int64(max)).Result()
	if err != nil {
		return nil, after, s.failed(err)
	}
	records := make([]ledger.Record, 0, len(messages))
	for _, m := range messages {
		place, _, _ := strings.Cut(m.ID, "-")
		n, err := strconv.ParseUint(place, 10, 64)
		if err != nil {
			return nil, after, s.failed(fmt.Errorf("the tail holds a foreign entry %s", m.ID))
		}
		r, err := fromFields(m.Values)
		if err != nil {
			return nil, after, s.failed(err)
		}
		records, after = append(records, r), ledger.Cursor(n)
	}
	return records, after, nil
}

// Due implements ledger.Log.
func (s *Store) Due(ctx context.Context, shards []int, now time.Time, max int) ([]string, error) {
	leave, err := s.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	if len(shards) == 0 || max <= 0 {
		return nil, nil
	}
	until := &redis.ZRangeBy{Min: "-inf", Max: strconv.FormatInt(now.UnixMicro(), 10), Count: int64(max)}
	answers := make([]*redis.ZSliceCmd, len(shards))
	_, err = s.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i, shard := range shards {
			answers[i] = p.ZRangeByScoreWithScores(ctx, s.shardKey(shard, "due"), until)
		}
		return nil
	})
	if err != nil {
		return nil, s.failed(err)
	}
	var due []redis.Z
	for _, a := range answers {
		due = append(due, a.Val()...)
	}
	slices.SortStableFunc(due, func(a, b redis.Z) int { return cmp.Compare(a.Score, b.Score) })
	streams := make([]string, 0, min(max, len(due)))
	for _, z := range due[:min(max, len(due))] {
		name, _ := z.Member.(string)
		streams = append(streams, name)
	}
	return streams, nil
}

// Live implements ledger.Index.
func (s *Store) Live(ctx context.Context, prefix string) ([]string, error) {
	leave, err := s.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	var names []string
	for shard := range ledger.Shards {
		found, err := s.liveIn(ctx, shard, prefix)
		if err != nil {
			return nil, s.failed(err)
		}
		names = append(names, found...)
	}
	slices.Sort(names)
	return names, nil
}

// liveIn asks one shard. The first time after an upgrade it is told place by
// place what older versions wrote.
func (s *Store) liveIn(ctx context.Context, shard int, prefix string) ([]string, error) {
	keys := []string{s.shardKey(shard, "live"), s.shardKey(shard, "listed"), s.shardKey(shard, "tail")}
	from := ""
	for {
		answer, err := s.live.Run(ctx, s.client, keys, prefix, from).Result()
		if err != nil {
			return nil, err
		}
		switch answer := answer.(type) {
		case string:
			from = answer
		case []any:
			names := make([]string, 0, len(answer))
			for _, name := range answer {
				text, _ := name.(string)
				names = append(names, text)
			}
			return names, nil
		default:
			return nil, fmt.Errorf("live.lua answered with a %T", answer)
		}
	}
}

// Lease implements ledger.Log. A lease lasts whole milliseconds, at least one.
func (s *Store) Lease(ctx context.Context, name, holder string, ttl time.Duration) (bool, error) {
	leave, err := s.enter(ctx)
	if err != nil {
		return false, err
	}
	defer leave()
	ms := int64(0)
	if ttl > 0 {
		ms = max(1, ttl.Milliseconds())
	}
	code, err := s.lease.Run(ctx, s.client, []string{s.prefix + ":lease:" + name}, holder, ms).Int()
	return code == 1 && err == nil, s.failed(err)
}

// fromEntry reads an entry of a stream as a script gives it: its id, and names
// and values in turn.
func fromEntry(entry any) (ledger.Record, error) {
	pair, _ := entry.([]any)
	if len(pair) != 2 {
		return ledger.Record{}, errForeign
	}
	list, _ := pair[1].([]any)
	fields := make(map[string]any, len(list)/2)
	for i := 0; i+1 < len(list); i += 2 {
		name, _ := list[i].(string)
		fields[name] = list[i+1]
	}
	return fromFields(fields)
}

var errForeign = errors.New("the tail holds an entry that gatehold did not write")

// fromFields reads a record from the fields that append.lua writes.
func fromFields(fields map[string]any) (ledger.Record, error) {
	var missing bool
	text := func(name string) string {
		v, ok := fields[name].(string)
		missing = missing || !ok
		return v
	}
	version, err1 := strconv.ParseUint(text("v"), 10, 64)
	at, err2 := strconv.ParseInt(text("t"), 10, 64)
	r := ledger.Record{
		Stream: text("s"), Version: version, At: time.UnixMicro(at).UTC(), Kind: text("k"),
		Key: text("i"), Body: []byte(text("b")), Prev: text("p"), Hash: text("h"),
	}
	if missing || err1 != nil || err2 != nil {
		return ledger.Record{}, errForeign
	}
	return r, nil
}
