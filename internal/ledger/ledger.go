// Package ledger declares the record that is gatehold's state, and the port
// that every store implements.
//
// The ledger is a set of streams of records. A stream is appended to with
// compare-and-swap; its records form a hash chain; a key that was used once in
// a stream is refused for ever after. Stores keep bytes and know no rules:
// the writer seals records (Seal) before it appends them.
//
// # Shards
//
// ShardOf maps a stream to one of Shards shards. Everything that must change
// together (records, keys, the due time, the tail) lives in one shard, so that
// a store may spread shards over machines.
//
// # Due times
//
// A stream has at most one due time, set or cleared by each Append in the same
// atomic step. Due lists the streams whose time has come: it is the queue, the
// timer and the retry schedule at once, it survives a crash, and starting
// needs no scan of the past.
//
// # Live streams
//
// Each Append says whether what the stream is about still goes on. Live lists
// those by the beginning of their names, exactly as of the appends that
// returned: whoever decides about all open gates of a repository asks it, and
// needs no list of its own.
package ledger

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"hash/fnv"
	"time"
)

// Shards is the number of shards. It is part of the stored format.
const Shards = 16

// ShardOf is the shard of a stream.
func ShardOf(stream string) int {
	h := fnv.New32a()
	h.Write([]byte(stream))
	return int(h.Sum32() % Shards)
}

// The outcomes of Append that a caller handles.
var (
	// ErrMoved means that the stream is not at Batch.After: read it again.
	ErrMoved = errors.New("ledger: the stream has moved")
	// ErrSeen means that one of the batch's keys is in the stream already;
	// nothing was appended. It wins over ErrMoved.
	ErrSeen = errors.New("ledger: a key was seen before")
)

// Record is one entry of a stream. Version counts from 1 without gaps.
type Record struct {
	Stream  string
	Version uint64
	At      time.Time // UTC, microseconds
	Kind    string
	Key     string // idempotence: unique within the stream; empty: none
	Body    []byte
	Prev    string // Hash of the record before; empty for the first
	Hash    string // hex SHA-256, see HashOf
}

// Draft is a record before it is sealed.
type Draft struct {
	Kind string
	Key  string
	Body []byte
}

// Head is the end of a stream: version 0 and no hash where it has no record.
type Head struct {
	Version uint64
	Hash    string
}

// Seal chains drafts to the end of a stream at one instant, which is cut to
// microseconds, the precision that every store keeps.
func Seal(stream string, head Head, at time.Time, drafts ...Draft) []Record {
	at = at.UTC().Truncate(time.Microsecond)
	records := make([]Record, 0, len(drafts))
	for _, d := range drafts {
		r := Record{
			Stream: stream, Version: head.Version + 1, At: at,
			Kind: d.Kind, Key: d.Key, Body: d.Body, Prev: head.Hash,
		}
		r.Hash = HashOf(r)
		head = Head{Version: r.Version, Hash: r.Hash}
		records = append(records, r)
	}
	return records
}

// HashOf is the hash of a record: SHA-256 over its fields in the order of
// Record, each preceded by its length as eight big-endian bytes, Version and
// At (microseconds since 1970) as eight big-endian bytes, Hash left out.
func HashOf(r Record) string {
	h := sha256.New()
	var n [8]byte
	number := func(v uint64) {
		binary.BigEndian.PutUint64(n[:], v)
		h.Write(n[:])
	}
	text := func(b []byte) {
		number(uint64(len(b)))
		h.Write(b)
	}
	text([]byte(r.Stream))
	number(r.Version)
	number(uint64(r.At.UnixMicro()))
	text([]byte(r.Kind))
	text([]byte(r.Key))
	text(r.Body)
	text([]byte(r.Prev))
	return hex.EncodeToString(h.Sum(nil))
}

// Batch is what one Append writes, all or nothing.
type Batch struct {
	Stream  string
	After   uint64    // the stream's version that the records were sealed on
	Records []Record  // at least one
	Due     time.Time // when the stream wants attention next, cut to microseconds; zero: not by itself
	Live    bool      // what the stream is about still goes on
}

// Cursor is a place in the tail of a shard; zero is its beginning. Its value
// means something to the store that gave it only.
type Cursor uint64

// Log is the port to a store.
//
// Append must be durable before it returns, and linearizable within a stream.
// After ErrSeen, ErrMoved, ErrClosed or a batch that Check refuses, nothing was
// written. After any other error the batch may have been written or not, and
// never in part: appending it again is safe, and Read tells.
// Read sees every append that returned before it was called. Tail gives the
// records of one shard in the order of their appending, each exactly once, and
// never skips a record that becomes visible later. All methods may be called
// from many goroutines and many processes at once.
type Log interface {
	// Append writes a batch, or returns ErrSeen or ErrMoved and writes nothing.
	Append(ctx context.Context, b Batch) error
	// Read returns the records of a stream after a version, in order.
	Read(ctx context.Context, stream string, after uint64) ([]Record, error)
	// Tail returns at most max records of a shard after a cursor, and the
	// cursor to go on from.
	Tail(ctx context.Context, shard int, after Cursor, max int) ([]Record, Cursor, error)
	// Due returns at most max streams of the shards whose due time is not
	// after now, the longest due first.
	Due(ctx context.Context, shards []int, now time.Time, max int) ([]string, error)
	// Lease takes or renews the lease called name for holder, and reports
	// whether holder has it. A ttl of 0 gives it back. The fence is Append's
	// compare-and-swap: a lease only spares useless work.
	Lease(ctx context.Context, name, holder string, ttl time.Duration) (bool, error)
	// Close lets go of the store. Appends under way finish first.
	Close() error
}

// Index finds streams by the beginning of their names.
type Index interface {
	// Live returns the streams whose names begin with prefix and whose last batch
	// was Live, in the order of their names. It sees every append that returned
	// before it was called. A stream that was last written before stores kept
	// this is listed as well: its records tell.
	Live(ctx context.Context, prefix string) ([]string, error)
}

// Store is what every store offers.
type Store interface {
	Log
	Index
}
