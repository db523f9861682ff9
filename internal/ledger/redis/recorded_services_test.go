//go:build services

package redis

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	redis "github.com/redis/go-redis/v9"

	"github.com/gatehold/gatehold/internal/ledger"
	"github.com/gatehold/gatehold/internal/ledger/ledgertest/redisserver"
	"github.com/gatehold/gatehold/internal/ledger/sqlite"
)

// TestRecordedLedgersAreRead: what an earlier version wrote to a Redis is read
// as what it wrote to a file at the same time, and is gone on with.
func TestRecordedLedgersAreRead(t *testing.T) {
	dirs, err := filepath.Glob("../../../testdata/ledger/v*")
	if err != nil || len(dirs) == 0 {
		t.Fatalf("no recorded ledgers: %v", err)
	}
	for _, dir := range dirs {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			server := redisserver.Start(t)
			restore(t, server.URL(), filepath.Join(dir, "redis.jsonl.gz"))
			store, err := Open(server.URL(), Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer store.Close()
			path := filepath.Join(t.TempDir(), "ledger.db")
			if err := os.WriteFile(path, unzip(t, filepath.Join(dir, "ledger.db.gz")), 0o600); err != nil {
				t.Fatal(err)
			}
			file, err := sqlite.Open(path, sqlite.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			if found := auditOf(t, store, nil); found != "" {
				t.Error(found)
			}
			for shard := range ledger.Shards {
				sameShard(t, shard, store, file)
			}
		})
	}
}

// sameShard holds a shard's records, due times and ends against those of
// another store.
func sameShard(t *testing.T, shard int, store, other ledger.Log) {
	t.Helper()
	got, want := tailOf(t, store, shard), tailOf(t, other, shard)
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("shard %d has %d records, in the file are %d, or they are not the same", shard, len(got), len(want))
	}
	far := time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
	due, err := store.Due(t.Context(), []int{shard}, far, 1000)
	if err != nil {
		t.Fatal(err)
	}
	if want, err := other.Due(t.Context(), []int{shard}, far, 1000); err != nil || !reflect.DeepEqual(due, want) && len(due)+len(want) > 0 {
		t.Errorf("shard %d: due are %v, in the file %v: %v", shard, due, want, err)
	}
	heads := map[string]ledger.Head{}
	for _, r := range got {
		heads[r.Stream] = ledger.Head{Version: r.Version, Hash: r.Hash}
		if r.Key == "" {
			continue
		}
		twice := ledger.Seal(r.Stream, heads[r.Stream], r.At, ledger.Draft{Kind: r.Kind, Key: r.Key})
		if err := store.Append(t.Context(), ledger.Batch{Stream: r.Stream, After: twice[0].Version - 1,
			Records: twice}); !errors.Is(err, ledger.ErrSeen) {
			t.Fatalf("key %q of %s is not known: %v", r.Key, r.Stream, err)
		}
	}
	for stream, head := range heads {
		next := ledger.Seal(stream, head, far, ledger.Draft{Kind: "test"})
		if err := store.Append(t.Context(), ledger.Batch{Stream: stream, After: head.Version, Records: next}); err != nil {
			t.Fatalf("%s cannot be gone on with: %v", stream, err)
		}
	}
}

func tailOf(t *testing.T, log ledger.Log, shard int) []ledger.Record {
	t.Helper()
	records, _, err := log.Tail(t.Context(), shard, 0, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	return records
}

// restore runs the commands of a recorded ledger.
func restore(t *testing.T, address, path string) {
	t.Helper()
	options, err := redis.ParseURL(address)
	if err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(options)
	defer client.Close()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	z, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for lines := json.NewDecoder(bufio.NewReader(z)); ; n++ {
		var command []any
		if err := lines.Decode(&command); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		for i, arg := range command { // due times are the only numbers
			if number, is := arg.(float64); is {
				command[i] = int64(number)
			}
		}
		if err := client.Do(t.Context(), command...).Err(); err != nil {
			t.Fatalf("command %d: %v", n+1, err)
		}
	}
	if n == 0 {
		t.Fatal("no commands")
	}
}

func unzip(t *testing.T, path string) []byte {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	z, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
