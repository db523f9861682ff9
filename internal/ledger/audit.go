package ledger

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"time"
)

// Source is a whole ledger to be read once, from its beginning to its end: a
// store, or an export.
type Source interface {
	// Walk gives every record as it is stored: shard by shard, in a shard stream
	// by stream in the order of their names, in a stream version by version. What
	// it finds broken in how the records are kept goes to broken. It sees one
	// moment of each shard, and keeps no record of what it gave. An error of
	// either function ends it.
	Walk(ctx context.Context, record func(Record) error, broken func(Broken) error) error
}

// Before is the order in which a Source gives streams: below 0, 0 or above as
// stream a comes before b, is b, or comes after it.
func Before(a, b string) int {
	if by := cmp.Compare(ShardOf(a), ShardOf(b)); by != 0 {
		return by
	}
	return cmp.Compare(a, b)
}

// maxBroken bounds what is told of one stream.
const maxBroken = 20

// Audit is what a walk over a ledger came to.
type Audit struct {
	Streams, Records uint64
	Broken           uint64
	First, Last      time.Time // of all records; zero where there is none
	Heads            string    // hex SHA-256 over all heads, as HeadsOf writes them

	tell   func(Broken) error
	head   func(Pin) error
	pins   *pins
	count  *count
	chain  *chain
	broken uint64 // of the stream
}

// count is how much was walked over, and where every stream ended.
type count struct {
	streams, records uint64
	last             Pin
	sum              hash.Hash
}

func newCount() *count { return &count{sum: sha256.New()} }

func (c *count) add(r Record) {
	if c.records == 0 || c.last.Stream != r.Stream {
		c.close()
		c.streams++
	}
	c.records++
	c.last = Pin{Stream: r.Stream, Head: Head{Version: r.Version, Hash: r.Hash}}
}

func (c *count) close() {
	if c.records > 0 {
		_ = WriteHead(c.sum, c.last) // a hash takes all
	}
}

// digest ends the count.
func (c *count) digest() string {
	c.close()
	return hex.EncodeToString(c.sum.Sum(nil))
}

// AuditOf verifies a whole ledger: the chain of every stream, how the source
// keeps it, and that every pinned head is in it. tell is called for each thing
// that is broken; one change can break more than one thing. pinned is a text
// that WriteHead wrote, or nil. An error is not about what is broken: the source
// or the pinned heads cannot be read, or tell failed.
//
// What it needs of memory grows with the keys of the longest stream, 16 bytes
// each, and with nothing else.
func AuditOf(ctx context.Context, from Source, pinned io.Reader, tell func(Broken) error) (*Audit, error) {
	return audit(ctx, from, pinned, tell, func(Pin) error { return nil })
}

// HeadsOf writes the head of every stream to w, in the order of Before. What is
// broken goes to tell, and heads of broken streams are written all the same.
func HeadsOf(ctx context.Context, from Source, w io.Writer, tell func(Broken) error) (*Audit, error) {
	return audit(ctx, from, nil, tell, func(p Pin) error { return WriteHead(w, p) })
}

func audit(ctx context.Context, from Source, pinned io.Reader, tell func(Broken) error, head func(Pin) error) (*Audit, error) {
	a := &Audit{tell: tell, head: head, count: newCount()}
	if pinned != nil {
		a.pins = newPins(pinned)
	}
	err := from.Walk(ctx, a.record, a.flaw)
	if err == nil {
		err = a.end()
	}
	if err == nil {
		err = a.pins.finish(a)
	}
	a.Streams, a.Records, a.Heads = a.count.streams, a.count.records, a.count.digest()
	return a, err
}

func (a *Audit) record(r Record) error {
	if a.chain == nil || a.chain.stream != r.Stream {
		if err := a.begin(r.Stream); err != nil {
			return err
		}
	}
	a.count.add(r)
	if a.First.IsZero() || r.At.Before(a.First) {
		a.First = r.At
	}
	if r.At.After(a.Last) {
		a.Last = r.At
	}
	if why := a.chain.add(r); why != "" {
		if err := a.inStream(r.Version, why); err != nil {
			return err
		}
	}
	return a.pins.at(a, r)
}

// begin ends the stream that was walked over and turns to the next.
func (a *Audit) begin(stream string) error {
	last := ""
	if a.chain != nil {
		last = a.chain.stream
	}
	first := a.chain == nil
	if err := a.end(); err != nil {
		return err
	}
	a.chain, a.broken = newChain(stream), 0
	if !first && Before(stream, last) < 0 {
		const why = "it comes after stream %q, before which it belongs: its records are not together, or were put there"
		if err := a.inStream(0, fmt.Sprintf(why, last)); err != nil {
			return err
		}
	}
	return a.pins.turn(a, stream)
}

// end closes the stream that was walked over last.
func (a *Audit) end() error {
	if a.chain == nil {
		return nil
	}
	p := Pin{Stream: a.chain.stream, Head: a.chain.head}
	a.chain = nil
	if err := a.pins.ended(a, p); err != nil {
		return err
	}
	return a.head(p)
}

func (a *Audit) inStream(version uint64, why string) error {
	a.broken++
	switch {
	case a.broken > maxBroken+1:
		a.Broken++
		return nil
	case a.broken > maxBroken:
		a.Broken++
		return a.tell(Broken{Stream: a.chain.stream,
			Why: fmt.Sprintf("more than %d things are broken in it, the others are only counted", maxBroken)})
	}
	return a.flaw(Broken{Stream: a.chain.stream, Version: version, Why: why})
}

func (a *Audit) flaw(b Broken) error {
	a.Broken++
	return a.tell(b)
}
