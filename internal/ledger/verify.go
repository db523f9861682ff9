package ledger

import (
	"crypto/sha256"
	"errors"
	"fmt"
)

// ErrClosed is what a store answers after Close.
var ErrClosed = errors.New("ledger: the store is closed")

// Broken says where a stream's chain breaks, and what was expected there.
type Broken struct {
	Stream  string // empty: it is about the store as a whole
	Version uint64 // 0: it is about the stream as a whole
	Why     string
}

func (b *Broken) Error() string {
	switch {
	case b.Stream == "":
		return "ledger: " + b.Why
	case b.Version == 0:
		return fmt.Sprintf("ledger: stream %q is broken: %s", b.Stream, b.Why)
	}
	return fmt.Sprintf("ledger: stream %q is broken at version %d: %s", b.Stream, b.Version, b.Why)
}

// Verify checks the whole chain of one stream, as Read(ctx, stream, 0) gives
// it, without the store: every version from 1, each record as its hash says
// and chained to the one before, no key twice. The error is a *Broken, the first.
//
// A chain proves that nothing inside it was changed. It cannot prove that its
// end was not cut off, nor that nobody wrote it anew from the beginning: for
// that, compare the last hash with one that was kept elsewhere.
func Verify(records []Record) error {
	if len(records) == 0 {
		return nil
	}
	c := newChain(records[0].Stream)
	for i, r := range records {
		if why := c.add(r); why != "" {
			return &Broken{Stream: c.stream, Version: uint64(i) + 1, Why: why}
		}
	}
	return nil
}

// chain is a stream as far as it was looked at.
type chain struct {
	stream string
	head   Head
	keys   map[keySum]uint64 // versions
}

// keySum stands for a key, so that what is remembered of a stream of millions
// of records is small however long its keys are.
type keySum [16]byte

func newChain(stream string) *chain {
	return &chain{stream: stream, keys: map[keySum]uint64{}}
}

// add looks at the next record and says what is wrong with it, or nothing. It
// goes on from the record as it is, so that what follows is held against that.
func (c *chain) add(r Record) string {
	why := flaw(c.stream, c.head, r)
	if r.Key != "" {
		sum := sha256.Sum256([]byte(r.Key))
		key := keySum(sum[:len(keySum{})])
		if first, twice := c.keys[key]; twice && why == "" {
			why = fmt.Sprintf("its key %q is that of version %d", r.Key, first)
		}
		c.keys[key] = r.Version
	}
	c.head = Head{Version: r.Version, Hash: r.Hash}
	return why
}

func flaw(stream string, prev Head, r Record) string {
	switch {
	case r.Stream != stream:
		return fmt.Sprintf("the record is of stream %q", r.Stream)
	case r.Version > prev.Version+1:
		return fmt.Sprintf("the record is missing, the next is version %d", r.Version)
	case r.Version != prev.Version+1:
		return fmt.Sprintf("version %d follows version %d", r.Version, prev.Version)
	case r.Prev != prev.Hash:
		return fmt.Sprintf("it was sealed on hash %q, the record before has %q", r.Prev, prev.Hash)
	case r.Hash != HashOf(r):
		return fmt.Sprintf("its content has hash %s, the record says %q", HashOf(r), r.Hash)
	}
	return ""
}

// Check reports why a batch is not what Seal makes: records of another
// stream, a gap after After, a broken link, one key twice. Stores refuse such a
// batch, because a chain that was written wrongly cannot be put right. It does
// not compute hashes anew; Verify does.
func (b Batch) Check() error {
	switch {
	case b.Stream == "":
		return errors.New("ledger: a batch needs the name of a stream")
	case len(b.Records) == 0:
		return fmt.Errorf("ledger: a batch for stream %q has no record", b.Stream)
	}
	keys := make(map[string]bool)
	for i, r := range b.Records {
		switch {
		case r.Stream != b.Stream:
			return fmt.Errorf("ledger: a batch for stream %q holds a record of %q", b.Stream, r.Stream)
		case r.Version != b.After+uint64(i)+1:
			return fmt.Errorf("ledger: a batch for stream %q after version %d holds version %d at place %d",
				b.Stream, b.After, r.Version, i+1)
		case i > 0 && r.Prev != b.Records[i-1].Hash:
			return fmt.Errorf("ledger: version %d of stream %q is not sealed on the record before it", r.Version, b.Stream)
		case r.Key != "" && keys[r.Key]:
			return fmt.Errorf("ledger: a batch for stream %q holds key %q twice", b.Stream, r.Key)
		case r.Key != "":
			keys[r.Key] = true
		}
	}
	return nil
}
