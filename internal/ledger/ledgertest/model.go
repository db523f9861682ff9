package ledgertest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/gatehold/gatehold/internal/ledger"
)

// model is the port in the plainest words: what any store must be like when
// nothing happens at once.
type model struct {
	streams map[string][]ledger.Record
	tails   [ledger.Shards][]ledger.Record
	due     map[string]time.Time
	live    map[string]bool
	leases  map[string]string
}

func (m *model) append(b ledger.Batch) error {
	for _, old := range m.streams[b.Stream] {
		for _, r := range b.Records {
			if r.Key != "" && r.Key == old.Key {
				return ledger.ErrSeen
			}
		}
	}
	if uint64(len(m.streams[b.Stream])) != b.After {
		return ledger.ErrMoved
	}
	shard := ledger.ShardOf(b.Stream)
	m.streams[b.Stream] = append(m.streams[b.Stream], b.Records...)
	m.tails[shard] = append(m.tails[shard], b.Records...)
	delete(m.due, b.Stream)
	if !b.Due.IsZero() {
		m.due[b.Stream] = b.Due
	}
	m.live[b.Stream] = b.Live
	return nil
}

// dueAt gives the streams due at a time in order; no two are due at once.
func (m *model) dueAt(now time.Time, shards []int, max int) []string {
	var names []string
	for name, due := range m.due {
		if !due.After(now) && slices.Contains(shards, ledger.ShardOf(name)) {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, func(a, b string) int { return m.due[a].Compare(m.due[b]) })
	return names[:min(max, len(names))]
}

func (m *model) lease(name, holder string, ttl time.Duration) bool {
	switch {
	case ttl == 0 && m.leases[name] == holder:
		delete(m.leases, name)
		return false
	case ttl == 0 || m.leases[name] != "" && m.leases[name] != holder:
		return false
	}
	m.leases[name] = holder
	return true
}

// modelled does anything in any order, on two handles, with restarts, and
// compares each answer with the model's.
func modelled(t *testing.T, place Place) {
	rapid.Check(t, func(rt *rapid.T) {
		open := place(t)
		w := &world{m: &model{
			streams: map[string][]ledger.Record{}, due: map[string]time.Time{}, live: map[string]bool{}, leases: map[string]string{},
		}}
		for i := range w.logs {
			w.reopen(rt, open, i)
		}
		defer func() {
			for _, l := range w.logs {
				l.Close()
			}
		}()
		rt.Repeat(map[string]func(*rapid.T){
			"append": func(rt *rapid.T) { w.append(rt) },
			"read":   func(rt *rapid.T) { w.read(rt) },
			"tail":   func(rt *rapid.T) { w.tail(rt) },
			"due":    func(rt *rapid.T) { w.due(rt) },
			"live":   func(rt *rapid.T) { w.live(rt) },
			"lease":  func(rt *rapid.T) { w.lease(rt) },
			"reopen": func(rt *rapid.T) { w.reopen(rt, open, rapid.IntRange(0, 1).Draw(rt, "handle")) },
		})
	})
}

type world struct {
	m      *model
	logs   [2]ledger.Store
	clock  int
	shards [ledger.Shards]struct {
		cursor ledger.Cursor
		read   int
	}
}

// The streams of the model: few, so that they meet; two share a shard.
func modelStreams() []string { return []string{"a", "b", streamIn(ledger.ShardOf("a"), 1)} }

func (w *world) log(rt *rapid.T) ledger.Store {
	return w.logs[rapid.IntRange(0, 1).Draw(rt, "handle")]
}

func (w *world) append(rt *rapid.T) {
	stream := rapid.SampledFrom(modelStreams()).Draw(rt, "stream")
	have := w.m.streams[stream]
	// Mostly at the end, at times behind or ahead.
	n := max(0, len(have)+rapid.SampledFrom([]int{0, 0, 0, 0, 0, -1, 1}).Draw(rt, "off"))
	head := ledger.Head{Version: uint64(n)}
	if n > 0 && n <= len(have) {
		head.Hash = have[n-1].Hash
	}
	keys := rapid.SliceOfNDistinct(rapid.IntRange(0, 30), 1, 3, rapid.ID[int]).Draw(rt, "keys")
	var drafts []ledger.Draft
	for _, k := range keys {
		d := ledger.Draft{Kind: "test", Body: rapid.SliceOfN(rapid.Byte(), 0, 20).Draw(rt, "body")}
		if k > 6 {
			d.Key = fmt.Sprint("key-", k)
		}
		drafts = append(drafts, d)
	}
	w.clock++
	b := ledger.Batch{Stream: stream, After: head.Version, Records: ledger.Seal(stream, head, w.now(w.clock), drafts...)}
	if rapid.Bool().Draw(rt, "due") {
		// Distinct, before and after what was due so far.
		b.Due = noon.Add(time.Duration(rapid.IntRange(-50, 50).Draw(rt, "in"))*time.Second + time.Duration(w.clock)*time.Microsecond)
	}
	b.Live = rapid.Bool().Draw(rt, "live")
	want, got := w.m.append(b), w.log(rt).Append(rt.Context(), b)
	if !errors.Is(got, want) {
		rt.Fatalf("append to %q after %d = %v, want %v", stream, b.After, got, want)
	}
}

func (w *world) now(clock int) time.Time { return noon.Add(time.Duration(clock) * time.Microsecond) }

func (w *world) read(rt *rapid.T) {
	stream := rapid.SampledFrom(modelStreams()).Draw(rt, "stream")
	want := w.m.streams[stream]
	after := rapid.IntRange(0, len(want)+1).Draw(rt, "after")
	got, err := w.log(rt).Read(rt.Context(), stream, uint64(after))
	if err != nil {
		rt.Fatalf("read: %v", err)
	}
	same(rt, "read", got, want[min(after, len(want)):])
}

func (w *world) tail(rt *rapid.T) {
	shard := ledger.ShardOf(rapid.SampledFrom(modelStreams()).Draw(rt, "stream"))
	at, size := &w.shards[shard], rapid.IntRange(0, 5).Draw(rt, "size")
	got, next, err := w.log(rt).Tail(rt.Context(), shard, at.cursor, size)
	if err != nil {
		rt.Fatalf("tail: %v", err)
	}
	want := w.m.tails[shard][at.read:]
	same(rt, "tail", got, want[:min(size, len(want))])
	at.cursor, at.read = next, at.read+len(got)
}

func (w *world) due(rt *rapid.T) {
	now := noon.Add(time.Duration(rapid.IntRange(-60, 60).Draw(rt, "now")) * time.Second)
	size := rapid.IntRange(0, 3).Draw(rt, "size")
	shards := rapid.SampledFrom([][]int{allShards(), {ledger.ShardOf("a")}, {ledger.ShardOf("b")}, {}}).Draw(rt, "shards")
	got, err := w.log(rt).Due(rt.Context(), shards, now, size)
	if err != nil {
		rt.Fatalf("due: %v", err)
	}
	if want := w.m.dueAt(now, shards, size); !slices.Equal(got, want) {
		rt.Fatalf("due = %q, want %q", got, want)
	}
}

func (w *world) live(rt *rapid.T) {
	prefix := rapid.SampledFrom([]string{"", "a", "b", "c"}).Draw(rt, "prefix")
	var want []string
	for _, name := range modelStreams() {
		if w.m.live[name] && strings.HasPrefix(name, prefix) {
			want = append(want, name)
		}
	}
	slices.Sort(want)
	got, err := w.log(rt).Live(rt.Context(), prefix)
	if err != nil {
		rt.Fatalf("live: %v", err)
	}
	if !slices.Equal(got, want) {
		rt.Fatalf("live %q = %q, want %q", prefix, got, want)
	}
}

func (w *world) lease(rt *rapid.T) {
	name, holder := rapid.SampledFrom([]string{"x", "y"}).Draw(rt, "name"), rapid.SampledFrom([]string{"one", "two"}).Draw(rt, "holder")
	ttl := rapid.SampledFrom([]time.Duration{0, time.Hour, 2 * time.Hour}).Draw(rt, "ttl")
	got, err := w.log(rt).Lease(rt.Context(), name, holder, ttl)
	if err != nil {
		rt.Fatalf("lease: %v", err)
	}
	if want := w.m.lease(name, holder, ttl); got != want {
		rt.Fatalf("lease of %s for %s, %v = %v, want %v", name, holder, ttl, got, want)
	}
}

func (w *world) reopen(rt *rapid.T, open func() (ledger.Store, error), i int) {
	if w.logs[i] != nil {
		if err := w.logs[i].Close(); err != nil {
			rt.Fatalf("close: %v", err)
		}
	}
	l, err := open()
	if err != nil {
		rt.Fatalf("open: %v", err)
	}
	w.logs[i] = l
}
