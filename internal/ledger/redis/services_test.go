//go:build services

package redis_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/ledger"
	"github.com/gatehold/gatehold/internal/ledger/ledgertest"
	"github.com/gatehold/gatehold/internal/ledger/ledgertest/redisserver"
	"github.com/gatehold/gatehold/internal/ledger/redis"
)

// prefixes gives every place of a suite its own keys on one server.
func prefixes(url string) ledgertest.Place {
	var n atomic.Int64
	return func(testing.TB) func() (ledger.Store, error) {
		prefix := fmt.Sprint("test", n.Add(1))
		return func() (ledger.Store, error) { return redis.Open(url, redis.Options{Prefix: prefix}) }
	}
}

func TestConformance(t *testing.T) {
	ledgertest.Run(t, prefixes(redisserver.Start(t).URL()))
}

// A node in cluster mode refuses any script whose keys are not of one slot or
// that touches keys it did not name.
func TestConformanceOnCluster(t *testing.T) {
	server := redisserver.Start(t, "cluster-enabled yes", "cluster-require-full-coverage no")
	conn, err := net.Dial("tcp", server.Addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "CLUSTER ADDSLOTSRANGE 0 16383\r\nQUIT\r\n")
	if answer, err := io.ReadAll(conn); err != nil || !strings.HasPrefix(string(answer), "+OK") {
		t.Fatalf("the cluster was not made: %q, %v", answer, err)
	}
	url := server.URL() + "?addr=" + server.Addr
	s, err := redis.Open(url, redis.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	// A new cluster takes no writes for its first two seconds, and Check says so.
	if err := s.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "cluster_state") {
		t.Errorf("check of a cluster that is not up = %v", err)
	}
	until(t, "the cluster is up", func() bool { return s.Check(t.Context()) == nil })
	ledgertest.Run(t, prefixes(url))
}

func TestCheck(t *testing.T) {
	for name, c := range map[string]struct {
		settings []string
		want     string // in the error; empty: none
		weak     bool
	}{
		"durable":          {nil, "", false},
		"bounded, no loss": {[]string{"maxmemory 100mb", "maxmemory-policy noeviction"}, "", false},
		"once a second":    {[]string{"appendfsync everysec"}, "set appendfsync always", true},
		"no sync":          {[]string{"appendfsync no"}, "set appendfsync always", false},
		"no file":          {[]string{"appendonly no"}, "set appendonly yes", false},
		"evicts":           {[]string{"maxmemory 100mb", "maxmemory-policy allkeys-lru"}, "set maxmemory-policy noeviction", false},
		"evicts and weak":  {[]string{"maxmemory 100mb", "maxmemory-policy allkeys-lru", "appendfsync everysec"}, "noeviction", false},
		"no CONFIG":        {[]string{`rename-command CONFIG ""`}, "allow CONFIG GET", false},
		"replica":          {[]string{"replicaof 127.0.0.1 1"}, "address of the primary", false},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := redis.Open(redisserver.Start(t, c.settings...).URL(), redis.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			err = s.Check(t.Context())
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) ||
				errors.Is(err, redis.ErrWeak) != c.weak {
				t.Errorf("check = %v, want %q in it, weak: %v", err, c.want, c.weak)
			}
		})
	}
}

func TestCheckRefusedLogin(t *testing.T) {
	server := redisserver.Start(t)
	s, err := redis.Open("redis://somebody:s3cr3t@"+server.Addr, redis.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "user and password") ||
		strings.Contains(err.Error(), "s3cr3t") {
		t.Errorf("check = %v", err)
	}
}

// The server is killed with -9 in the middle of appends and comes back, round
// after round. What was acknowledged is there, chains hold, and a writer that
// was in doubt learns the truth: an append that came through is not refused as
// if it had been somebody else's.
func TestKilledServerLosesNothing(t *testing.T) {
	server := redisserver.Start(t)
	s, err := redis.Open(server.URL(), redis.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var acked, doubts atomic.Int64
	var stop atomic.Bool
	heads := make([]ledger.Head, 8)
	var wg sync.WaitGroup
	for w := range heads {
		wg.Go(func() {
			for n := 0; !stop.Load(); n++ {
				if !appendSurely(t, s, fmt.Sprint("s", w), &heads[w], &doubts) {
					return
				}
				acked.Add(1)
			}
		})
	}
	for round := range 5 {
		goal := acked.Load() + 200
		until(t, "200 appends", func() bool { return acked.Load() >= goal || t.Failed() })
		server.Kill()
		server.Restart()
		t.Logf("round %d: %d acknowledged, %d doubts", round, acked.Load(), doubts.Load())
	}
	stop.Store(true)
	wg.Wait()
	for w, head := range heads {
		records, err := s.Read(t.Context(), fmt.Sprint("s", w), 0)
		if err != nil {
			t.Fatal(err)
		}
		if err := ledger.Verify(records); err != nil {
			t.Error(err)
		}
		if uint64(len(records)) != head.Version || head.Hash != records[len(records)-1].Hash {
			t.Errorf("s%d: %d records are there, the last acknowledged is version %d", w, len(records), head.Version)
		}
	}
}

func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("%s: not within 20 s", what)
		}
	}
}

// appendSurely appends one record, asking anew as long as the server is away.
// It alone writes to its stream: moved means that what it was in doubt about
// came through.
func appendSurely(t *testing.T, s *redis.Store, stream string, head *ledger.Head, doubts *atomic.Int64) bool {
	records := ledger.Seal(stream, *head, time.Now(), ledger.Draft{Kind: "test", Body: make([]byte, 300)})
	doubt := false
	for begun := time.Now(); time.Since(begun) < 30*time.Second; {
		err := s.Append(context.Background(), ledger.Batch{Stream: stream, After: head.Version, Records: records})
		switch {
		case err == nil, doubt && errors.Is(err, ledger.ErrMoved):
			*head = ledger.Head{Version: records[0].Version, Hash: records[0].Hash}
			return true
		case errors.Is(err, ledger.ErrMoved), errors.Is(err, ledger.ErrSeen):
			t.Errorf("%s: nobody else writes to it, and append = %v", stream, err)
			return false
		}
		doubt = true
		doubts.Add(1)
	}
	t.Errorf("%s: the server stayed away", stream)
	return false
}

// The server appends, and the answer is lost on the way: the store asks again,
// and must not take its own append for somebody else's.
func TestLostAnswer(t *testing.T) {
	server := redisserver.Start(t)
	for _, key := range []string{"", "delivery"} {
		proxy := newProxy(t, server.Addr)
		s, err := redis.Open("redis://"+proxy.addr, redis.Options{Prefix: "lost" + key})
		if err != nil {
			t.Fatal(err)
		}
		first := ledger.Batch{Stream: "s", Records: ledger.Seal("s", ledger.Head{}, time.Now(),
			ledger.Draft{Kind: "first", Key: key}, ledger.Draft{})}
		proxy.armed.Store(true)
		if err := s.Append(t.Context(), first); err != nil {
			t.Errorf("append whose answer was lost (key %q) = %v", key, err)
		}
		if n := proxy.lost.Load(); n != 1 {
			t.Errorf("%d answers were lost, want 1: the test tests nothing", n)
		}
		records, err := s.Read(t.Context(), "s", 0)
		if err != nil || len(records) != 2 {
			t.Errorf("%d records, want 2 (%v)", len(records), err)
		}
		want := ledger.ErrMoved
		if key != "" {
			want = ledger.ErrSeen
		}
		if err := s.Append(t.Context(), first); !errors.Is(err, want) {
			t.Errorf("another append of the same = %v, want %v", err, want)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

// proxy passes connections on and, once, drops one instead of an answer.
type proxy struct {
	addr  string
	armed atomic.Bool
	lost  atomic.Int32
}

func newProxy(t *testing.T, to string) *proxy {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{addr: l.Addr().String()}
	var wg sync.WaitGroup
	t.Cleanup(func() {
		l.Close()
		wg.Wait()
	})
	wg.Go(func() {
		for {
			from, err := l.Accept()
			if err != nil {
				return
			}
			go p.pass(from, to)
		}
	})
	return p
}

func (p *proxy) pass(from net.Conn, to string) {
	defer from.Close()
	server, err := net.Dial("tcp", to)
	if err != nil {
		return
	}
	defer server.Close()
	go func() {
		io.Copy(server, from)
		server.Close()
	}()
	buffer := make([]byte, 64<<10)
	for {
		n, err := server.Read(buffer)
		// The answer to a script that appended; one that the server does not know
		// yet (NOSCRIPT) is sent again by the client.
		if err == nil && string(buffer[:n]) == ":0\r\n" && p.armed.CompareAndSwap(true, false) {
			p.lost.Add(1)
			return
		}
		if err != nil {
			return
		}
		if _, err := from.Write(buffer[:n]); err != nil {
			return
		}
	}
}

func BenchmarkAppend(b *testing.B) {
	ledgertest.Bench(b, prefixes(redisserver.Start(b).URL()))
}

// What an older version wrote is listed page by page, once.
func TestLiveOfAnOlderLedger(t *testing.T) {
	server := redisserver.Start(t)
	s, err := redis.Open(server.URL(), redis.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	const streams = 40
	for n := range streams {
		head := ledger.Head{}
		for range 100 {
			records := ledger.Seal(fmt.Sprintf("pr/1/%d", n), head, time.Now(), ledger.Draft{Kind: "test"})
			if err := s.Append(t.Context(), ledger.Batch{Stream: records[0].Stream, After: head.Version, Records: records}); err != nil {
				t.Fatal(err)
			}
			head = ledger.Head{Version: records[0].Version, Hash: records[0].Hash}
		}
	}
	if got, err := s.Live(t.Context(), "pr/"); err != nil || len(got) != 0 {
		t.Fatalf("of streams that are over %q are live, %v", got, err)
	}
	conn, err := net.Dial("tcp", server.Addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for shard := range ledger.Shards { // as it was before these keys were
		fmt.Fprintf(conn, "DEL gatehold:{%02d}:live gatehold:{%02d}:listed\r\n", shard, shard)
	}
	fmt.Fprint(conn, "QUIT\r\n")
	if _, err := io.ReadAll(conn); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if got, err := s.Live(t.Context(), "pr/1/"); err != nil || len(got) != streams {
			t.Fatalf("%d are live, %v; want %d", len(got), err, streams)
		}
	}
}
