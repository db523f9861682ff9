package sqlite_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/ledger"
	"github.com/gatehold/gatehold/internal/ledger/sqlite"
)

// fill makes a ledger of streams with records, written in turn as a service
// does.
func fill(t testing.TB, path string, streams, records int) {
	t.Helper()
	s, err := sqlite.Open(path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	heads := make([]ledger.Head, streams)
	for v := range records {
		for i := range heads {
			heads[i] = appendTo(t, s, fmt.Sprintf("pr/1/%d", i), heads[i], v)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func appendTo(t testing.TB, s *sqlite.Store, stream string, head ledger.Head, n int) ledger.Head {
	t.Helper()
	r := ledger.Seal(stream, head, time.Now(), ledger.Draft{Kind: "seen", Key: fmt.Sprint(n), Body: fmt.Appendf(nil, `{"n":%d}`, n)})
	if err := s.Append(context.Background(), ledger.Batch{Stream: stream, After: head.Version, Records: r}); err != nil {
		t.Fatal(err)
	}
	return ledger.Head{Version: r[0].Version, Hash: r[0].Hash}
}

// audit reads a file and says what is broken, one line each.
func audit(t testing.TB, path string, pinned []byte) string {
	t.Helper()
	r, err := sqlite.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var out strings.Builder
	tell := func(b ledger.Broken) error { out.WriteString(b.Error() + "\n"); return nil }
	if pinned == nil {
		_, err = ledger.AuditOf(t.Context(), r, nil, tell)
	} else {
		_, err = ledger.AuditOf(t.Context(), r, bytes.NewReader(pinned), tell)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func headsOf(t testing.TB, path string) []byte {
	t.Helper()
	r, err := sqlite.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var out bytes.Buffer
	if _, err := ledger.HeadsOf(t.Context(), r, &out, func(b ledger.Broken) error { return errors.New(b.Error()) }); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestWhatWasDoneToAFileIsFound by somebody who can write to it.
func TestWhatWasDoneToAFileIsFound(t *testing.T) {
	second := "stream = (SELECT id FROM stream WHERE name = 'pr/1/2')"
	cases := map[string]struct{ tamper, want string }{
		"nothing": {"", ""},
		"a changed body": {"UPDATE record SET body = x'7b7d' WHERE version = 2 AND " + second,
			`"pr/1/2" is broken at version 2: its content has hash`},
		"a changed time": {"UPDATE record SET at = at - 1 WHERE version = 3 AND " + second,
			`"pr/1/2" is broken at version 3: its content has hash`},
		"a changed key": {"UPDATE record SET key = 'other' WHERE version = 3 AND " + second,
			`"pr/1/2" is broken at version 3: its content has hash`},
		"a changed hash": {"UPDATE record SET hash = 'x' WHERE version = 4 AND " + second,
			`"pr/1/2" is broken at version 4: its content has hash`},
		"a negative one": {"UPDATE record SET version = -1 WHERE version = 1 AND " + second, `"pr/1/2" is broken`},
		"a removed record": {"DELETE FROM record WHERE version = 2 AND " + second,
			`"pr/1/2" is broken at version 3: the record is missing`},
		"bodies swapped": {"UPDATE record SET body = (SELECT body FROM record o WHERE o.stream = record.stream AND " +
			"o.version = 5 - record.version) WHERE version IN (2, 3) AND " + second, `at version 2: its content has hash`},
		"versions swapped": {"UPDATE record SET version = version + 100 WHERE version IN (2, 3) AND " + second +
			"; UPDATE record SET version = 105 - version WHERE version > 100", `at version 2: it was sealed on hash`},
		"an inserted one": {"INSERT INTO record (shard, stream, version, at, kind, key, body, prev, hash) SELECT shard, " +
			"stream, 5, at, kind, 'new', body, hash, 'x' FROM record WHERE version = 4 AND " + second,
			`"pr/1/2" is broken at version 5: its content has hash`},
		"the newest cut": {"DELETE FROM record WHERE version = 4 AND " + second,
			`"pr/1/2" is broken at version 4: the stream ends at version 3, and the file says that it has version 4`},
		"cut, and the head": {"DELETE FROM record WHERE version = 4 AND " + second +
			"; UPDATE stream SET version = 3 WHERE name = 'pr/1/2'", "1 records are missing between places"},
		"the last place cut, and the head": {"DELETE FROM record WHERE place = (SELECT max(place) FROM record); UPDATE " +
			"stream SET version = 3 WHERE name = 'pr/1/4'",
			"the file ends with the record at place 19, and place 20 was given last"},
		"a stream removed": {"DELETE FROM record WHERE " + second + "; DELETE FROM stream WHERE name = 'pr/1/2'",
			"1 records are missing between places"},
		"only its name removed": {"DELETE FROM stream WHERE name = 'pr/1/2'", "is of a stream that is gone"},
		"a stream's shard": {"UPDATE stream SET shard = 15 - shard WHERE name = 'pr/1/2'",
			`"pr/1/2" is broken: it is kept in shard`},
		"a record's shard": {"UPDATE record SET shard = 15 - shard WHERE version = 2 AND " + second,
			`"pr/1/2" is broken at version 2: it is kept in shard`},
		"a stream renamed": {"UPDATE stream SET name = 'pr/1/9' WHERE name = 'pr/1/2'",
			`"pr/1/9" is broken at version 1: its content has hash`},
		"a version that is ahead": {"UPDATE stream SET version = 9 WHERE name = 'pr/1/2'", "the file says that it has version 9"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "ledger.db")
			fill(t, path, 5, 4)
			tamper(t, path, c.tamper)
			found := audit(t, path, nil)
			if c.want == "" && found != "" || !strings.Contains(found, c.want) {
				t.Errorf("found\n%s\nwant %q", found, c.want)
			}
		})
	}
}

func tamper(t testing.TB, path, statements string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(statements); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// Whoever cuts off the newest and mends all that the file says of it is found by
// heads that were kept elsewhere, and by nothing else.
func TestOnlyKeptHeadsShowAnEndThatWasCutOffWell(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	fill(t, path, 5, 4)
	pinned := headsOf(t, path)
	tamper(t, path, `DELETE FROM record WHERE place = 20; UPDATE stream SET version = 3 WHERE name = 'pr/1/4';
		UPDATE sqlite_sequence SET seq = 19 WHERE name = 'record'`)
	if found := audit(t, path, nil); found != "" {
		t.Errorf("found %s, which README says cannot be", found)
	}
	if found := audit(t, path, pinned); !strings.Contains(found,
		`"pr/1/4" is broken at version 4: the stream ends at version 3, and had version 4`) {
		t.Errorf("found %q", found)
	}
}

func TestADamagedFileIsFound(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	fill(t, path, 20, 40)
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteAt(bytes.Repeat([]byte{0x5a}, 4096), 5*4096); err != nil {
		t.Fatal(err)
	}
	if found := audit(t, path, nil); !strings.Contains(found, "damaged") {
		t.Errorf("found %q", found)
	}
}

func TestWhatIsNoLedgerIsAnError(t *testing.T) {
	dir := t.TempDir()
	other := filepath.Join(dir, "other.db")
	tamper(t, other, "CREATE TABLE a (b)")
	newer := filepath.Join(dir, "newer.db")
	fill(t, newer, 1, 1)
	tamper(t, newer, "INSERT INTO migration (name) VALUES ('9999')")
	text := filepath.Join(dir, "text")
	if err := os.WriteFile(text, []byte("no database, and longer than a page's head\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		filepath.Join(dir, "none.db"): "there is no ledger", dir: "is a directory", other: "something else",
		newer: "newer gatehold", text: "cannot be read",
	} {
		r, err := sqlite.OpenReader(path)
		if err == nil {
			r.Close()
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "none.db")); !errors.Is(err, os.ErrNotExist) {
		t.Error("a ledger was made by looking for one")
	}
}

// TestReadingLeavesNothingBehind: evidence is not written to, nor beside.
func TestReadingLeavesNothingBehind(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	fill(t, path, 3, 3)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if found := audit(t, path, nil); found != "" {
		t.Error(found)
	}
	after, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("the file is another: %v", err)
	}
	if beside, err := os.ReadDir(filepath.Dir(path)); err != nil || len(beside) != 1 {
		t.Errorf("beside it lie %v: %v", beside, err)
	}
}

// TestAFileIsVerifiedWhileAServiceWrites: each look sees one moment.
func TestAFileIsVerifiedWhileAServiceWrites(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	s, err := sqlite.Open(path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	head := appendTo(t, s, "pr/1/0", ledger.Head{}, 0)
	stop, stopped := make(chan struct{}), make(chan struct{})
	var written atomic.Int64
	go func() {
		defer close(stopped)
		for n := 1; ; n++ {
			select {
			case <-stop:
				return
			default:
				head = appendTo(t, s, "pr/1/0", head, n)
				appendTo(t, s, fmt.Sprintf("pr/2/%d", n), ledger.Head{}, n)
				written.Store(int64(n))
			}
		}
	}()
	for looks := 0; looks < 10 || written.Load() < 10; looks++ {
		pinned := headsOf(t, path)
		if found := audit(t, path, pinned); found != "" {
			t.Error(found)
		}
	}
	close(stop)
	<-stopped
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestAServiceThatBeginsMeanwhileIsSaid: what nobody had open is read without
// looking for changes.
func TestAServiceThatBeginsMeanwhileIsSaid(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	fill(t, path, 2, 2)
	r, err := sqlite.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	s, err := sqlite.Open(path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	appendTo(t, s, "pr/9/9", ledger.Head{}, 1)
	_, err = ledger.AuditOf(t.Context(), r, nil, func(ledger.Broken) error { return nil })
	if err == nil || !strings.Contains(err.Error(), "meanwhile") {
		t.Errorf("the audit says %v", err)
	}
}

// TestMemoryDoesNotGrowWithTheLedger: records are passed on, not kept.
func TestMemoryDoesNotGrowWithTheLedger(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	fill(t, path, 1, 1)
	tamper(t, path, `WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 60000)
		INSERT INTO stream (id, name, shard, version) SELECT i, 'pr/2/' || i, 0, 1 FROM n;
		INSERT INTO record (shard, stream, version, at, kind, key, body, prev, hash) SELECT 0, id, 1, 0, 'seen', 'a', zeroblob(700), '', 'x' FROM stream WHERE id > 1`)
	r, err := sqlite.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	used := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	var early, late uint64
	n := 0
	a, err := ledger.AuditOf(t.Context(), r, nil, func(ledger.Broken) error {
		switch n++; n {
		case 10_000:
			early = used()
		case 110_000:
			late = used()
		}
		return nil
	})
	if err != nil || a.Records != 60_000 || late == 0 {
		t.Fatalf("%+v, told %d: %v", a, n, err)
	}
	if grown := int64(late) - int64(early); grown > 4<<20 {
		t.Errorf("%d KB more are in use after 50,000 records more", grown>>10)
	}
}
