// Package ledgertest is what every store of the ledger must pass. A store's
// own tests call Run and add what only they can know: crashes, files, servers.
package ledgertest

import (
	"context"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/ledger"
)

// Place makes a new empty store and returns what opens it. Every call of the
// opener gives one more handle on the same records, as another process would
// have it. Handles are closed by the suite.
type Place func(t testing.TB) (open func() (ledger.Store, error))

// Run puts a store through the whole suite.
func Run(t *testing.T, place Place) {
	for _, c := range []struct {
		name string
		test func(*testing.T, Place)
	}{
		{"append reads back exactly", readsBack},
		{"a long stream reads back", readsLong},
		{"append refuses a version that moved", refusesMoved},
		{"append refuses a key that was seen", refusesSeen},
		{"append refuses what is not sealed", refusesUnsealed},
		{"one winner for each version", oneWinner},
		{"one winner for each key", oneWinnerKey},
		{"many streams at once", manyStreams},
		{"tail in order, in pages", tailPages},
		{"tail skips nothing", tailSkipsNothing},
		{"due in order, by shard", dueOrder},
		{"due is moved, cleared and kept", dueMoves},
		{"live by name", liveByName},
		{"lease is taken, renewed, given back", leaseTurns},
		{"lease ends", leaseEnds},
		{"one holder for each lease", leaseOneHolder},
		{"reopen keeps everything", reopenKeeps},
		{"cancelled contexts", cancelled},
		{"closed", closed},
		{"vault keeps and forgets", vaultKeeps},
		{"vault of a closed store", vaultClosed},
		{"model", modelled},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, place) })
	}
}

// handles opens n handles on one new place.
func handles(t *testing.T, place Place, n int) []ledger.Store {
	t.Helper()
	open := place(t)
	logs := make([]ledger.Store, n)
	for i := range logs {
		logs[i] = mustOpen(t, open)
	}
	return logs
}

func mustOpen(t *testing.T, open func() (ledger.Store, error)) ledger.Store {
	t.Helper()
	l, err := open()
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return l
}

var noon = time.Date(2026, 3, 1, 12, 0, 0, 123456000, time.UTC)

// draft is a record of no importance.
func draft(key string) ledger.Draft {
	return ledger.Draft{Kind: "test", Key: key, Body: []byte("body of " + key)}
}

// seal makes a batch that goes on from records.
func seal(stream string, records []ledger.Record, drafts ...ledger.Draft) ledger.Batch {
	head := headOf(records)
	return ledger.Batch{Stream: stream, After: head.Version, Records: ledger.Seal(stream, head, noon, drafts...)}
}

func headOf(records []ledger.Record) ledger.Head {
	if n := len(records); n > 0 {
		return ledger.Head{Version: records[n-1].Version, Hash: records[n-1].Hash}
	}
	return ledger.Head{}
}

func mustAppend(t *testing.T, l ledger.Store, b ledger.Batch) {
	t.Helper()
	if err := l.Append(t.Context(), b); err != nil {
		t.Fatalf("append to %q after %d: %v", b.Stream, b.After, err)
	}
}

func mustRead(t *testing.T, l ledger.Store, stream string) []ledger.Record {
	t.Helper()
	records, err := l.Read(t.Context(), stream, 0)
	if err != nil {
		t.Fatalf("read %q: %v", stream, err)
	}
	return records
}

func mustDue(t *testing.T, l ledger.Store, now time.Time, max int, shards ...int) []string {
	t.Helper()
	streams, err := l.Due(t.Context(), shards, now, max)
	if err != nil {
		t.Fatalf("due: %v", err)
	}
	return streams
}

// same compares records field by field; times by what they print, so that a
// wrong zone is a difference, and bodies by their bytes.
func same(t failer, what string, got, want []ledger.Record) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d records, want %d", what, len(got), len(want))
	}
	for i := range got {
		if g, w := plain(got[i]), plain(want[i]); !reflect.DeepEqual(g, w) {
			t.Fatalf("%s: record %d is\n%+q\nwant\n%+q", what, i, g, w)
		}
	}
}

func plain(r ledger.Record) []string {
	return []string{r.Stream, fmt.Sprint(r.Version), r.At.Format(time.RFC3339Nano), r.Kind, r.Key, string(r.Body), r.Prev, r.Hash}
}

// streamIn finds a name in a shard.
func streamIn(shard, number int) string {
	for i := 0; ; i++ {
		name := fmt.Sprintf("gate/%d/%d/%d", shard, number, i)
		if ledger.ShardOf(name) == shard {
			return name
		}
	}
}

func allShards() []int {
	shards := make([]int, ledger.Shards)
	for i := range shards {
		shards[i] = i
	}
	return shards
}

// eventually tries until a condition holds. It bounds a test that waits for
// the store's clock or for another goroutine; it is not what decides it.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("%s: not within 20 s", what)
		}
	}
}

// failer is what a test and a rapid check have in common.
type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}
