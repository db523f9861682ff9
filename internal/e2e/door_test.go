//go:build services

package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/ledger"
	"github.com/gatehold/gatehold/internal/ledger/sqlite"
	"github.com/gatehold/gatehold/internal/testworld"
)

// post sends a signed delivery and returns the status of the answer.
func (s *server) post(event, guid string, body []byte) (int, error) {
	req, err := testworld.Delivery("http://"+s.addr+"/webhook", event, guid, body)
	if err != nil {
		return 0, err
	}
	resp, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode, err
}

// TestExamplePayloads posts every example that GitHub publishes to a running
// server, as it is.
func TestExamplePayloads(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "..", "testdata", "npm", "node_modules", "@octokit", "webhooks-examples",
		"api.github.com", "index.json"))
	if err != nil {
		t.Fatal(err)
	}
	var events []struct {
		Name     string            `json:"name"`
		Examples []json.RawMessage `json:"examples"`
	}
	if err := json.Unmarshal(text, &events); err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, fakehub.Options{}, testworld.Options{})
	path := filepath.Join(t.TempDir(), "ledger.db")
	s := newServer(t, w, "sqlite:"+path)
	posted, taken := 0, 0
	for _, e := range events {
		for i, example := range e.Examples {
			posted++
			status, err := s.post(e.Name, fmt.Sprintf("%s-%d", e.Name, i), example)
			if err != nil || status < 200 || status > 299 {
				t.Errorf("%s %d: status %d, %v", e.Name, i, status, err)
			}
			if status == http.StatusAccepted {
				taken++
			}
		}
	}
	t.Logf("%d examples posted, %d concern a gate", posted, taken)
	if posted < 329 {
		t.Errorf("%d examples posted, want 329", posted)
	}
	s.waitReady()
	s.kill()
	if seen := countSeen(t, path); seen != taken || taken < 20 {
		t.Errorf("%d deliveries were taken, and %d are on record", taken, seen)
	}
}

// delivered begins the key of what a delivery put on record: what gatehold saw
// by itself has other keys, and one delivery can concern several streams.
var delivered = regexp.MustCompile(`^[0-9]+:`)

// countSeen opens a ledger after its process was killed, verifies every
// stream, and counts the deliveries on record.
func countSeen(t *testing.T, path string) int {
	t.Helper()
	store, err := sqlite.Open(path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	ctx := context.Background()
	streams, deliveries := map[string]bool{}, map[string]bool{}
	for shard := range ledger.Shards {
		var cursor ledger.Cursor
		for {
			records, next, err := store.Tail(ctx, shard, cursor, 200)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range records {
				streams[r.Stream] = true
				if r.Kind == "seen" && delivered.MatchString(r.Key) {
					deliveries[r.Key] = true
				}
			}
			if cursor = next; len(records) == 0 {
				break
			}
		}
	}
	for stream := range streams {
		records, err := store.Read(ctx, stream, 0)
		if err != nil {
			t.Fatal(err)
		}
		if err := ledger.Verify(records); err != nil {
			t.Errorf("%s: %v", stream, err)
		}
	}
	return len(deliveries)
}

// TestStrangersAtTheDoor: sixty bodies of 24 MB that nobody signed come at once,
// with a length or without one. The process stays small, and what GitHub signed
// is answered all the while.
func TestStrangersAtTheDoor(t *testing.T) {
	t.Parallel()
	for name, declared := range map[string]int64{"declared": 24 << 20, "chunked": -1} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t, newWorld(t, fakehub.Options{}, testworld.Options{}), ledgerIn(t))
			before := s.memory("VmHWM")
			answered := make(chan error, 1)
			ctx, cancel := context.WithCancel(context.Background())
			go func() { answered <- s.keepAnswering(ctx) }()
			body := bytes.Repeat([]byte("a"), 24<<20)
			var strangers sync.WaitGroup
			for n := range 60 {
				strangers.Go(func() {
					req, err := http.NewRequest(http.MethodPost, "http://"+s.addr+"/webhook", struct{ io.Reader }{bytes.NewReader(body)})
					if err != nil {
						t.Error(err)
						return
					}
					req.ContentLength = declared
					req.Header.Set("Content-Type", "application/json")
					req.Header.Set("X-GitHub-Event", "push")
					req.Header.Set("X-GitHub-Delivery", fmt.Sprintf("stranger-%d", n))
					req.Header.Set("X-Hub-Signature-256", "sha256="+strings.Repeat("ab", 32))
					resp, err := client.Do(req)
					if err != nil {
						return // cut off
					}
					defer resp.Body.Close()
					if resp.StatusCode != http.StatusUnauthorized && resp.StatusCode != http.StatusServiceUnavailable {
						t.Errorf("a stranger was answered %d", resp.StatusCode)
					}
				})
			}
			strangers.Wait()
			cancel()
			if err := <-answered; err != nil {
				t.Error(err)
			}
			after := s.memory("VmHWM")
			bound := 256.0
			if raced { // which keeps what each of its bytes was last used by
				bound *= 2
			}
			if after > before+bound {
				t.Errorf("the process grew from %.0f to %.0f MB", before, after)
			}
			t.Logf("the process grew from %.0f to %.0f MB", before, after)
		})
	}
}

// keepAnswering asks the door again and again until ctx ends; it must always
// answer.
func (s *server) keepAnswering(ctx context.Context) error {
	for n := 0; ctx.Err() == nil; n++ {
		status, err := s.post("ping", fmt.Sprintf("ping-%d", n), []byte(`{"zen":"Keep it logically awesome.","hook_id":1}`))
		if err != nil || status != http.StatusOK {
			return fmt.Errorf("the door answered %d, %w", status, err)
		}
	}
	return nil
}
