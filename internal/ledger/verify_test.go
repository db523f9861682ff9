package ledger_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/ledger"
)

func chain() []ledger.Record {
	at := time.Date(2026, 3, 1, 12, 0, 0, 123456789, time.UTC)
	records := ledger.Seal("gate/1", ledger.Head{}, at,
		ledger.Draft{Kind: "seen", Key: "a", Body: []byte("one")},
		ledger.Draft{Kind: "judged", Body: []byte("two")})
	return append(records, ledger.Seal("gate/1", ledger.Head{Version: 2, Hash: records[1].Hash}, at.Add(time.Hour),
		ledger.Draft{Kind: "seen", Key: "b", Body: []byte{0, 0xff}})...)
}

func TestVerifyAcceptsWhatSealMade(t *testing.T) {
	if err := ledger.Verify(nil); err != nil {
		t.Errorf("an empty stream: %v", err)
	}
	if err := ledger.Verify(chain()); err != nil {
		t.Errorf("a whole chain: %v", err)
	}
}

func TestVerifyNamesTheFirstBreak(t *testing.T) {
	reseal := func(records []ledger.Record, from int) {
		for i := from; i < len(records); i++ {
			if i > 0 {
				records[i].Prev = records[i-1].Hash
			}
			records[i].Hash = ledger.HashOf(records[i])
		}
	}
	cases := map[string]struct {
		tamper  func([]ledger.Record) []ledger.Record
		version uint64
		why     string
	}{
		"body": {func(r []ledger.Record) []ledger.Record { r[1].Body = []byte("TWO"); return r }, 2, "its content has hash"},
		"kind": {func(r []ledger.Record) []ledger.Record { r[0].Kind = "counted"; return r }, 1, "its content has hash"},
		"key":  {func(r []ledger.Record) []ledger.Record { r[2].Key = ""; return r }, 3, "its content has hash"},
		"time": {func(r []ledger.Record) []ledger.Record { r[2].At = r[2].At.Add(time.Microsecond); return r }, 3,
			"its content has hash"},
		"moved": {func(r []ledger.Record) []ledger.Record { r[0].Body, r[0].Kind = []byte("none"), "seeo"; return r }, 1,
			"its content has hash"},
		"rehash": {func(r []ledger.Record) []ledger.Record { r[0].Body = nil; r[0].Hash = ledger.HashOf(r[0]); return r }, 2,
			"sealed on hash"},
		"no hash": {func(r []ledger.Record) []ledger.Record { r[2].Hash = ""; return r }, 3, "its content has hash"},
		"gap":     {func(r []ledger.Record) []ledger.Record { return append(r[:1], r[2]) }, 2, "missing, the next is version 3"},
		"front":   {func(r []ledger.Record) []ledger.Record { return r[1:] }, 1, "missing, the next is version 2"},
		"twice":   {func(r []ledger.Record) []ledger.Record { return append(r[:2], r[1]) }, 3, "version 2 follows version 2"},
		"swapped": {func(r []ledger.Record) []ledger.Record { r[1], r[2] = r[2], r[1]; return r }, 2, "missing, the next is version 3"},
		"foreign": {func(r []ledger.Record) []ledger.Record { r[1].Stream = "gate/2"; return r }, 2, `of stream "gate/2"`},
		"key twice, sealed anew": {func(r []ledger.Record) []ledger.Record {
			r[2].Key = "a"
			reseal(r, 2)
			return r
		}, 3, "that of version 1"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			err := ledger.Verify(c.tamper(chain()))
			var broken *ledger.Broken
			if !errors.As(err, &broken) {
				t.Fatalf("Verify = %v, want a *Broken", err)
			}
			if broken.Version != c.version || !strings.Contains(err.Error(), c.why) {
				t.Errorf("Verify = %v, want version %d and %q", err, c.version, c.why)
			}
		})
	}
}

// The fields are length-prefixed, so that no byte can wander from one field to
// the next without changing the hash.
func TestHashOfSeparatesFields(t *testing.T) {
	a := ledger.Record{Stream: "s", Version: 1, Kind: "ab", Key: "c"}
	b := ledger.Record{Stream: "s", Version: 1, Kind: "a", Key: "bc"}
	if ledger.HashOf(a) == ledger.HashOf(b) {
		t.Error("two different records have one hash")
	}
}

// A stored chain must verify for ever: these values are part of the format.
func TestFormatIsPinned(t *testing.T) {
	const want = "bdcd0bc93c2c7913365fb62dcd99753c50e26f63f31a1db6f5b6fee115c97af0"
	if got := chain()[2].Hash; got != want {
		t.Errorf("HashOf changed: %s, want %s", got, want)
	}
	if got := ledger.ShardOf("gate/1"); got != 2 {
		t.Errorf("ShardOf changed: %d", got)
	}
}

func TestBatchCheck(t *testing.T) {
	good := ledger.Batch{Stream: "gate/1", Records: chain()}
	if err := good.Check(); err != nil {
		t.Fatalf("a sealed batch: %v", err)
	}
	bad := map[string]func(*ledger.Batch){
		"no stream":      func(b *ledger.Batch) { b.Stream = "" },
		"no record":      func(b *ledger.Batch) { b.Records = nil },
		"another stream": func(b *ledger.Batch) { b.Stream = "gate/2" },
		"a gap":          func(b *ledger.Batch) { b.After = 1 },
		"a broken link":  func(b *ledger.Batch) { b.Records[1].Prev = "x" },
		"one key twice":  func(b *ledger.Batch) { b.Records[2].Key = "a" },
	}
	for name, spoil := range bad {
		b := ledger.Batch{Stream: "gate/1", Records: chain()}
		spoil(&b)
		if b.Check() == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
