//go:build services

package redis

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	redis "github.com/redis/go-redis/v9"

	"github.com/gatehold/gatehold/internal/ledger"
	"github.com/gatehold/gatehold/internal/ledger/ledgertest/redisserver"
)

const tampered = "pr/1/2"

// fill writes streams of four records each, in turn as a service does, and one
// of so many.
func fill(t *testing.T, s *Store, long int) {
	t.Helper()
	heads := map[string]ledger.Head{}
	add := func(stream string, n int) {
		r := ledger.Seal(stream, heads[stream], time.Now(),
			ledger.Draft{Kind: "seen", Key: fmt.Sprint(n), Body: fmt.Appendf(nil, `{"n":%d}`, n)})
		if err := s.Append(t.Context(), ledger.Batch{Stream: stream, After: heads[stream].Version, Records: r}); err != nil {
			t.Fatal(err)
		}
		heads[stream] = ledger.Head{Version: r[0].Version, Hash: r[0].Hash}
	}
	for n := range 4 {
		for i := range 5 {
			add(fmt.Sprintf("pr/1/%d", i), n)
		}
	}
	for n := range long {
		add("pr/long*[x]?", n)
	}
}

func auditOf(t *testing.T, s *Store, pinned []byte) string {
	t.Helper()
	var out strings.Builder
	tell := func(b ledger.Broken) error { out.WriteString(b.Error() + "\n"); return nil }
	var err error
	if pinned == nil {
		_, err = ledger.AuditOf(t.Context(), s, nil, tell)
	} else {
		_, err = ledger.AuditOf(t.Context(), s, bytes.NewReader(pinned), tell)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestWhatWasDoneToARedisIsFound by somebody who can write to it.
func TestWhatWasDoneToARedisIsFound(t *testing.T) {
	server := redisserver.Start(t)
	cases := map[string]struct {
		tamper func(*hand)
		want   string
	}{
		"nothing":          {func(*hand) {}, ""},
		"a changed body":   {func(h *hand) { h.rewrite(2, "b", "{}") }, `"pr/1/2" is broken at version 2: its content has hash`},
		"a changed time":   {func(h *hand) { h.rewrite(3, "t", "1") }, `"pr/1/2" is broken at version 3: its content has hash`},
		"a changed key":    {func(h *hand) { h.rewrite(3, "i", "other") }, `its key "other" is not among those`},
		"another's record": {func(h *hand) { h.rewrite(3, "s", "pr/1/9") }, `in its place is a record of stream "pr/1/9"`},
		"no record":        {func(h *hand) { h.rewrite(3, "v", "x") }, "is no record"},
		"a removed record": {func(h *hand) { h.do("XDEL", h.key("tail"), h.place(2)) },
			`"pr/1/2" is broken at version 2: its record is missing from place`},
		"removed from the stream's list": {func(h *hand) { h.do("LREM", h.key("places:"+tampered), 1, h.place(2)) },
			`version 2 of stream "pr/1/2", is in no stream's list`},
		"removed from both": {func(h *hand) {
			id := h.place(2)
			h.do("LREM", h.key("places:"+tampered), 1, id)
			h.do("XDEL", h.key("tail"), id)
		}, "is missing"},
		"swapped": {func(h *hand) {
			a, b := h.place(2), h.place(3)
			h.do("LSET", h.key("places:"+tampered), 1, b)
			h.do("LSET", h.key("places:"+tampered), 2, a)
		}, "is broken at version 3: the record is missing"},
		"inserted": {func(h *hand) {
			id := fmt.Sprintf("%d-0", h.count()+1)
			h.do("XADD", h.key("tail"), id, "s", tampered, "v", 5, "t", 1, "k", "seen", "i", "", "b", "{}", "p", "x", "h", "y", "w", "z")
			h.do("INCR", h.key("place"))
			h.do("RPUSH", h.key("places:"+tampered), id)
		}, `"pr/1/2" is broken at version 5: it was sealed on hash "x"`},
		"inserted, not counted": {func(h *hand) {
			h.do("XADD", h.key("tail"), "99999999999999-0", "s", tampered, "v", 5, "t", 1, "k", "seen", "i", "", "b", "{}", "p",
				"x", "h", "y", "w", "z")
		}, "is said to be the last given"},
		"a place that is none": {func(h *hand) { h.do("LSET", h.key("places:"+tampered), 1, "x") }, "its record is missing from place x"},
		"a list removed": {func(h *hand) { h.do("DEL", h.key("places:"+tampered)) },
			`version 1 of stream "pr/1/2", is in no stream's list`},
		"a key forgotten": {func(h *hand) { h.do("SREM", h.key("keys:"+tampered), "2") },
			`version 3: its key "2" is not among those that the stream has seen`},
		"the counter ahead": {func(h *hand) { h.do("SET", h.key("place"), "99999999999999999") }, "was given last"},
		"a list of another shard": {func(h *hand) {
			h.do("RPUSH", h.prefix+fmt.Sprintf(":{%02d}:places:%s", (ledger.ShardOf(tampered)+1)%ledger.Shards, tampered), h.place(1))
		}, `"pr/1/2" is broken: it is kept in shard`},
	}
	n := 0
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			n++
			s, err := Open(server.URL(), Options{Prefix: fmt.Sprint("t*", n)})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			fill(t, s, map[bool]int{true: readPage + 10}[name == "nothing"])
			c.tamper(&hand{t: t, Store: s})
			found := auditOf(t, s, nil)
			if c.want == "" && found != "" || !strings.Contains(found, c.want) {
				t.Errorf("found\n%s\nwant %q", found, c.want)
			}
		})
	}
}

// hand is somebody with the server's password.
type hand struct {
	t *testing.T
	*Store
}

func (h *hand) key(name string) string { return h.shardKey(ledger.ShardOf(tampered), name) }

func (h *hand) do(command ...any) any {
	h.t.Helper()
	out, err := h.client.Do(h.t.Context(), command...).Result()
	if err != nil {
		h.t.Fatal(err)
	}
	return out
}

func (h *hand) place(version int) string {
	return h.do("LINDEX", h.key("places:"+tampered), version-1).(string)
}

func (h *hand) count() int {
	n, err := h.client.Get(h.t.Context(), h.key("place")).Int()
	if err != nil {
		h.t.Fatal(err)
	}
	return n
}

// rewrite makes the shard's tail anew with one field of one record changed.
func (h *hand) rewrite(version int, field, value string) {
	h.t.Helper()
	id := h.place(version)
	all, err := h.client.XRange(h.t.Context(), h.key("tail"), "-", "+").Result()
	if err != nil {
		h.t.Fatal(err)
	}
	h.do("DEL", h.key("tail"))
	for _, m := range all {
		if m.ID == id {
			m.Values[field] = value
		}
		if err := h.client.XAdd(h.t.Context(), &redis.XAddArgs{Stream: h.key("tail"), ID: m.ID, Values: m.Values}).Err(); err != nil {
			h.t.Fatal(err)
		}
	}
}

// Whoever takes a stream's newest record out of everything is found by heads
// that were kept elsewhere, and by nothing else.
func TestOnlyKeptHeadsShowAnEndThatWasCutOffWell(t *testing.T) {
	s, err := Open(redisserver.Start(t).URL(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	fill(t, s, 0)
	var pinned bytes.Buffer
	if _, err := ledger.HeadsOf(t.Context(), s, &pinned, func(b ledger.Broken) error { return &b }); err != nil {
		t.Fatal(err)
	}
	newest := ""
	for _, stream := range []string{"pr/1/0", "pr/1/1", "pr/1/2", "pr/1/3", "pr/1/4"} {
		if ledger.ShardOf(stream) == ledger.ShardOf(tampered) {
			newest = stream // the last of the shard that was written
		}
	}
	h := &hand{t: t, Store: s}
	id := h.do("RPOP", h.key("places:"+newest)).(string)
	h.do("XDEL", h.key("tail"), id)
	h.do("DECR", h.key("place"))
	if found := auditOf(t, s, nil); found != "" {
		t.Errorf("found %s, which README says cannot be", found)
	}
	if found := auditOf(t, s, pinned.Bytes()); !strings.Contains(found, "the stream ends at version 3, and had version 4") {
		t.Errorf("found %q", found)
	}
}

// TestARedisIsVerifiedWhileAServiceWrites.
func TestARedisIsVerifiedWhileAServiceWrites(t *testing.T) {
	s, err := Open(redisserver.Start(t).URL(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	fill(t, s, 0)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	var written atomic.Int64
	go func() {
		defer close(done)
		var head ledger.Head
		for n := 0; ctx.Err() == nil; n++ {
			for _, stream := range []string{"pr/2/0", fmt.Sprint("pr/3/", n)}[:1+min(1, 200/(n+1))] {
				from := ledger.Head{}
				if stream == "pr/2/0" {
					from = head
				}
				r := ledger.Seal(stream, from, time.Now(), ledger.Draft{Kind: "seen", Key: fmt.Sprint(n)})
				if err := s.Append(context.Background(), ledger.Batch{Stream: stream, After: from.Version, Records: r}); err != nil {
					t.Error(err)
				}
				if stream == "pr/2/0" {
					head = ledger.Head{Version: r[0].Version, Hash: r[0].Hash}
				}
			}
			written.Store(int64(n))
		}
	}()
	for looks := 0; looks < 10 || written.Load() < 10; looks++ {
		var pinned bytes.Buffer
		if _, err := ledger.HeadsOf(t.Context(), s, &pinned, func(b ledger.Broken) error { return &b }); err != nil {
			t.Fatal(err)
		}
		if found := auditOf(t, s, pinned.Bytes()); found != "" {
			t.Error(found)
		}
	}
	cancel()
	<-done
}
