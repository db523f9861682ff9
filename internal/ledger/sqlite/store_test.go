package sqlite_test

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/ledger"
	"github.com/gatehold/gatehold/internal/ledger/ledgertest"
	"github.com/gatehold/gatehold/internal/ledger/sqlite"
)

func TestConformance(t *testing.T) {
	ledgertest.Run(t, func(t testing.TB) func() (ledger.Store, error) {
		path := filepath.Join(t.TempDir(), "ledger.db")
		return func() (ledger.Store, error) { return sqlite.Open(path, sqlite.Options{}) }
	})
}

func BenchmarkAppend(b *testing.B) {
	ledgertest.Bench(b, func(t testing.TB) func() (ledger.Store, error) {
		path := filepath.Join(t.TempDir(), "ledger.db")
		return func() (ledger.Store, error) { return sqlite.Open(path, sqlite.Options{}) }
	})
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	foreign := filepath.Join(dir, "foreign.db")
	execute(t, foreign, "CREATE TABLE notes (text TEXT)")
	newer := filepath.Join(dir, "newer.db")
	s, err := sqlite.Open(newer, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	execute(t, newer, "INSERT INTO migration (name) VALUES ('9999_tomorrow')")
	text := filepath.Join(dir, "text.db")
	if err := os.WriteFile(text, []byte(strings.Repeat("not a database\n", 500)), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"":                                      "needs the path of a file",
		filepath.Join(dir, "none", "ledger.db"): "does not exist",
		dir:                                     "cannot be opened",
		foreign:                                 "something else",
		newer:                                   "newer gatehold",
		text:                                    "not a database",
	} {
		s, err := sqlite.Open(path, sqlite.Options{})
		if err == nil {
			s.Close()
			t.Errorf("%q was opened", path)
		} else if !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q in it", path, err, want)
		}
	}
	// A file that was refused is as it was.
	execute(t, foreign, "INSERT INTO notes VALUES ('still here')")
}

func execute(t *testing.T, path, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(statement); err != nil {
		t.Fatal(err)
	}
}

func TestOpenTakesAnyName(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, name := range []string{":memory:", "a b.db", "50%?x=1&mode=memory#y.db", "ü.db", "file:x.db", "'q'.db"} {
		s, err := sqlite.Open(name, sqlite.Options{})
		if err != nil {
			t.Errorf("%q: %v", name, err)
			continue
		}
		if err := s.Append(t.Context(), ledger.Batch{Stream: "s", Records: ledger.Seal("s", ledger.Head{}, time.Now(),
			ledger.Draft{})}); err != nil {
			t.Errorf("%q: %v", name, err)
		}
		s.Close()
		info, err := os.Stat(name)
		switch {
		case err != nil:
			t.Errorf("%q: %v", name, err)
		case info.Mode().Perm() != 0o600:
			t.Errorf("%q has mode %v", name, info.Mode())
		case info.Size() == 0:
			t.Errorf("%q is empty: the ledger is in another file", name)
		}
	}
}

// Many processes may start at once on a file that is not there yet.
func TestOpenAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	var wg sync.WaitGroup
	for i := range 12 {
		wg.Go(func() {
			s, err := sqlite.Open(path, sqlite.Options{})
			if err != nil {
				t.Error(err)
				return
			}
			defer s.Close()
			name := fmt.Sprint("s", i)
			if err := s.Append(t.Context(), ledger.Batch{Stream: name, Records: ledger.Seal(name, ledger.Head{}, time.Now(),
				ledger.Draft{})}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func BenchmarkOpen(b *testing.B) {
	path := filepath.Join(b.TempDir(), "ledger.db")
	for b.Loop() {
		s, err := sqlite.Open(path, sqlite.Options{})
		if err != nil {
			b.Fatal(err)
		}
		s.Close()
	}
}

// BenchmarkDue looks for what is due as a runner does: each time at a later moment,
// and for more where more is under way.
func BenchmarkDue(b *testing.B) {
	s, err := sqlite.Open(filepath.Join(b.TempDir(), "ledger.db"), sqlite.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	for n := 0; b.Loop(); n++ {
		if _, err := s.Due(b.Context(), []int{1, 2, 3}, time.Unix(int64(n), 0), 256+n%8); err != nil {
			b.Fatal(err)
		}
	}
}

// A file that was written before streams were known to go on: all that it holds
// are listed until they are written again.
func TestLiveOfAnOlderFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	first, err := os.ReadFile("schema/0001_ledger.sql")
	if err != nil {
		t.Fatal(err)
	}
	execute(t, path, string(first)+`
		CREATE TABLE migration (name TEXT PRIMARY KEY, at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP) STRICT;
		INSERT INTO migration (name) VALUES ('0001_ledger');`)
	records := ledger.Seal("pr/1/2", ledger.Head{}, time.Unix(1, 0), ledger.Draft{Kind: "test"})
	r := records[0]
	execute(t, path, fmt.Sprintf(`
		INSERT INTO stream (id, name, shard, version) VALUES (1, %q, %d, 1);
		INSERT INTO record (shard, stream, version, at, kind, key, body, prev, hash) VALUES (%d, 1, 1, %d, 'test', '', x'', '', %q);`,
		r.Stream, ledger.ShardOf(r.Stream), ledger.ShardOf(r.Stream), r.At.UnixMicro(), r.Hash))
	s, err := sqlite.Open(path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if got, err := s.Live(t.Context(), "pr/1/"); err != nil || len(got) != 1 || got[0] != "pr/1/2" {
		t.Fatalf("live = %q, %v", got, err)
	}
	over := ledger.Seal("pr/1/2", ledger.Head{Version: 1, Hash: r.Hash}, time.Unix(2, 0), ledger.Draft{Kind: "test"})
	if err := s.Append(t.Context(), ledger.Batch{Stream: "pr/1/2", After: 1, Records: over}); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Live(t.Context(), "pr/1/"); err != nil || len(got) != 0 {
		t.Fatalf("once it is over, live = %q, %v", got, err)
	}
}
