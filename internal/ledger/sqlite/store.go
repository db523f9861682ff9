// Package sqlite keeps the ledger in one SQLite file: the store that needs no
// server.
//
// # What is promised
//
// An Append that returned nil is on disk: write-ahead log, synchronous=FULL,
// one sync per commit. Appends that are under way at the same time share a
// transaction and so a sync (group commit); each gets its own answer. kill -9
// loses no acknowledged record; a power cut loses none as far as the disk
// keeps what it was told to sync.
//
// An Append whose context ends while it waits in line is surely not written.
// One that is being written already is waited for, and reported as it went.
//
// # Who may open it
//
// Several processes of one machine may have the file open. It must be on a
// local disk: SQLite's locks do not hold on network file systems
// (https://www.sqlite.org/wal.html, "Overview"). Leases go by the clock of the
// machine.
//
// # Cost
//
// A handle keeps one connection for writing and up to four for reading, with
// page caches of 2 MB and 512 KB each, filled as they are used.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	driver "modernc.org/sqlite"

	"github.com/gatehold/gatehold/internal/ledger"
)

// Options are the settings of a store. The zero value is what serve uses.
type Options struct {
	// Now is the clock of the leases; nil: time.Now.
	Now func() time.Time
	// Busy is how long to wait for another process that writes, before an
	// append fails; zero: 5 s.
	Busy time.Duration
}

// Store is a ledger.Log on one SQLite file.
type Store struct {
	path   string
	now    func() time.Time
	reads  *sql.DB
	query  queries
	writer *writer

	mu     sync.RWMutex // held for reading while a request enters the line
	closed bool
}

var _ ledger.Store = (*Store)(nil)

// Open opens the ledger at path and creates it where there is none, readable
// by this user only. The directory must exist: a missing one is more often a
// disk that is not mounted than a wish for a new ledger.
func Open(path string, opts Options) (*Store, error) {
	if path == "" {
		return nil, errors.New("ledger: the SQLite store needs the path of a file, as in sqlite:/var/lib/gatehold/ledger.db")
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Busy <= 0 {
		opts.Busy = 5 * time.Second
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("ledger: path %q: %w", path, err)
	}
	if err := create(abs); err != nil {
		return nil, err
	}
	// Where SQLite can sync without the timestamps, it does so on every Linux
	// distribution; this build has to be told. Other systems ignore it.
	_, _ = driver.Fdatasync(true)

	w, err := openWriter(abs, opts.Busy)
	if err != nil {
		return nil, fmt.Errorf("ledger: %s cannot be opened: %w", abs, err)
	}
	reads, err := openPool(dsn(abs, opts.Busy, "query_only(1)", "cache_size(-512)"), 4)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("ledger: %s cannot be read: %w", abs, err), w.close())
	}
	s := &Store{path: abs, now: opts.Now, reads: reads, writer: w}
	if s.query, err = prepare(reads); err != nil {
		return nil, errors.Join(fmt.Errorf("ledger: %s cannot be read: %w", abs, err), reads.Close(), w.close())
	}
	go w.run()
	return s, nil
}

// create makes the file before SQLite does, because SQLite would let others
// read it. Its companions (-wal, -shm) take over the permissions.
func create(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("ledger: the directory %s does not exist: create it, or mount the disk that should be there", filepath.Dir(path))
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("ledger: %s cannot be written by this user: %w", path, err)
	case err != nil:
		return fmt.Errorf("ledger: %s cannot be opened: %w", path, err)
	}
	return f.Close()
}

// dsn names the file and what every connection to it sets. Pragmas belong
// here: a statement after opening would reach one connection of the pool only.
func dsn(path string, busy time.Duration, pragmas ...string) string {
	q := url.Values{"_pragma": append([]string{
		fmt.Sprintf("busy_timeout(%d)", busy.Milliseconds()),
		"synchronous(FULL)",
		"trusted_schema(0)",
		"secure_delete(ON)", // of the vault
	}, pragmas...)}
	u := url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}
	return u.String()
}

func openPool(dsn string, conns int) (*sql.DB, error) {
	c, err := driver.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(c)
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	return db, nil
}

// Check reports whether the store can be written to now, and durably. It
// waits in line behind the appends and takes the write lock, but writes
// nothing.
func (s *Store) Check(ctx context.Context) error {
	return s.do(ctx, func(t *turn) error {
		for _, want := range []struct{ pragma, value string }{{"synchronous", "2"}, {"journal_mode", "wal"}} {
			var got string
			if err := t.conn.QueryRowContext(t.ctx, "PRAGMA "+want.pragma).Scan(&got); err != nil {
				return fmt.Errorf("ledger: %s: %w", s.path, err)
			}
			if got != want.value {
				return fmt.Errorf("ledger: %s: appends are not durable: SQLite's %s is %q, not %q", s.path, want.pragma, got, want.value)
			}
		}
		return nil
	})
}

// Close lets the appends under way finish, then lets go of the file. Closing
// again does nothing.
func (s *Store) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	close(s.writer.line)
	s.mu.Unlock()
	<-s.writer.idle
	return errors.Join(s.query.close(), s.reads.Close(), s.writer.close())
}
