package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	driver "modernc.org/sqlite"

	"github.com/gatehold/gatehold/internal/ledger"
)

// Reader reads a ledger file as a whole and writes nothing, to it or beside it,
// while a service works on it or not. It is a ledger.Source.
type Reader struct {
	path string
	db   *sql.DB
	rest *atRest // nil: somebody has it open
}

// OpenReader opens the ledger at path for reading.
func OpenReader(path string) (*Reader, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("ledger: path %q: %w", path, err)
	}
	info, err := os.Stat(abs)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("ledger: there is no ledger at %s", abs)
	case err != nil:
		return nil, fmt.Errorf("ledger: %s cannot be read: %w", abs, err)
	case info.IsDir():
		return nil, fmt.Errorf("ledger: %s is a directory: name the file in it", abs)
	}
	r := &Reader{path: abs}
	mode := "&mode=ro"
	if _, err := os.Stat(logOf(abs)); errors.Is(err, fs.ErrNotExist) {
		// SQLite would make the log's files to share them with others, and could
		// not where this user may write nothing.
		r.rest = &atRest{size: info.Size(), changed: info.ModTime()}
		mode += "&immutable=1"
	}
	if r.db, err = openPool(dsn(abs, 5*time.Second, "query_only(1)")+mode, 1); err == nil {
		err = closing(r.db, isLedger(r.db))
	}
	if err != nil {
		return nil, fmt.Errorf("ledger: %s cannot be read as a ledger: %w", abs, err)
	}
	return r, nil
}

// logOf is the file that lies beside a ledger for as long as somebody has it
// open for writing.
func logOf(path string) string { return path + "-wal" }

// atRest is a file that nobody had open when it was opened for reading: SQLite
// then looks for no changes while it reads.
type atRest struct {
	size    int64
	changed time.Time
}

// still reports whether nobody has written meanwhile.
func (a *atRest) still(path string) error {
	if a == nil {
		return nil
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	_, err = os.Stat(logOf(path))
	if !errors.Is(err, fs.ErrNotExist) || info.Size() != a.size || !info.ModTime().Equal(a.changed) {
		return errors.New("a service has opened it meanwhile, and what was read may be half of something: read it again")
	}
	return nil
}

// closing lets go of db where there was an error.
func closing(db *sql.DB, err error) error {
	if err == nil {
		return nil
	}
	return errors.Join(err, db.Close())
}

func isLedger(db *sql.DB) error {
	ctx := context.Background()
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	done, err := applied(ctx, conn)
	if err != nil {
		return err
	}
	if _, err := missing(done); err != nil || len(done) > 0 {
		return err // an older version's records are read as they are
	}
	return errors.New("it holds no ledger")
}

// isDamaged: SQLITE_CORRUPT is 11, its extended codes have more bits above
// (https://www.sqlite.org/rescode.html).
func isDamaged(err error) bool {
	var e *driver.Error
	return errors.As(err, &e) && e.Code()&0xff == 11
}

// Close lets go of the file.
func (r *Reader) Close() error { return r.db.Close() }

// Walk implements ledger.Source. All shards are of one moment; what a service
// writes meanwhile waits beside the file until the walk is over.
func (r *Reader) Walk(ctx context.Context, record func(ledger.Record) error, broken func(ledger.Broken) error) error {
	conn, err := r.db.Conn(ctx)
	if err != nil {
		return r.failed(err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, "BEGIN"); err != nil {
		return r.failed(err)
	}
	w := &walk{ctx: ctx, conn: conn, record: record, broken: broken}
	err = w.all()
	// It wrote nothing: there is nothing to undo but the moment that it saw.
	_, rollback := conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
	var theirs *callerError
	if errors.As(err, &theirs) {
		return theirs.error
	}
	moved := r.rest.still(r.path)
	switch {
	case moved != nil:
		return r.failed(moved)
	case isDamaged(err):
		return broken(ledger.Broken{Why: fmt.Sprintf("%s is damaged, what follows cannot be read: %s", r.path, err)})
	}
	return r.failed(errors.Join(err, rollback))
}

func (r *Reader) failed(err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	return fmt.Errorf("ledger: %s could not be read: %w", r.path, err)
}

// walk is one pass over the file, in one transaction.
type walk struct {
	ctx    context.Context
	conn   *sql.Conn
	record func(ledger.Record) error
	broken func(ledger.Broken) error
	of     *sql.Stmt // the records of a stream
}

// callerError is what the caller's own function said.
type callerError struct{ error }

func (w *walk) tell(stream string, version uint64, format string, args ...any) error {
	if err := w.broken(ledger.Broken{Stream: stream, Version: version, Why: fmt.Sprintf(format, args...)}); err != nil {
		return &callerError{err}
	}
	return nil
}

func (w *walk) all() (err error) {
	for _, look := range []func() error{w.pages, w.places, w.orphans} {
		if err := look(); err != nil {
			return err
		}
	}
	w.of, err = w.conn.PrepareContext(w.ctx, `SELECT place, shard, version, at, kind, key, body, prev, hash
		FROM record WHERE stream = ? ORDER BY version`)
	if err != nil {
		return err
	}
	defer w.of.Close()
	rows, err := w.conn.QueryContext(w.ctx, "SELECT id, name, shard, version FROM stream ORDER BY shard, name")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var s streamRow
		if err := rows.Scan(&s.id, &s.name, &s.shard, &s.version); err != nil {
			return err
		}
		if err := w.stream(s); err != nil {
			return err
		}
	}
	return rows.Err()
}

type streamRow struct {
	id, shard, version int64
	name               string
}

// stream gives the records of one stream.
func (w *walk) stream(s streamRow) error {
	if want := ledger.ShardOf(s.name); s.shard != int64(want) {
		if err := w.tell(s.name, 0, "it is kept in shard %d, and belongs to shard %d", s.shard, want); err != nil {
			return err
		}
	}
	rows, err := w.of.QueryContext(w.ctx, s.id)
	if err != nil {
		return err
	}
	defer rows.Close()
	var last, version, place int64
	for rows.Next() {
		r := ledger.Record{Stream: s.name}
		var at, now, shard int64
		if err := rows.Scan(&now, &shard, &version, &at, &r.Kind, &r.Key, &r.Body, &r.Prev, &r.Hash); err != nil {
			return err
		}
		r.Version, r.At = uint64(version), time.UnixMicro(at).UTC()
		if err := w.record(r); err != nil {
			return &callerError{err}
		}
		if now < place {
			err = w.tell(s.name, r.Version,
				"it was written before the record that it follows (places %d and %d): it was put there", now, place)
		} else if shard != s.shard {
			err = w.tell(s.name, r.Version, "it is kept in shard %d, and its stream in shard %d", shard, s.shard)
		}
		if err != nil {
			return err
		}
		last, place = version, now
	}
	if err := rows.Err(); err != nil {
		return err
	}
	if last != s.version {
		return w.tell(s.name, uint64(last)+1, "the stream ends at version %d, and the file says that it has version %d", last, s.version)
	}
	return nil
}

// maxTold bounds what is told of the file as a whole.
const maxTold = 20

// pages asks SQLite whether the file is whole: a record that an index does not
// lead to would be in no stream.
func (w *walk) pages() error {
	return w.each(fmt.Sprintf("PRAGMA integrity_check(%d)", maxTold), func(rows *sql.Rows) error {
		var says string
		if err := rows.Scan(&says); err != nil || says == "ok" {
			return err
		}
		return w.tell("", 0, "the file is damaged: %s", says)
	})
}

// places asks whether records were taken out. Places are given one after the
// other, also across what is undone, and none is given twice.
func (w *walk) places() error {
	var count, last, given int64
	err := w.conn.QueryRowContext(w.ctx, `SELECT (SELECT count(*) FROM record), (SELECT coalesce(max(place), 0) FROM record),
		(SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'record')`).Scan(&count, &last, &given)
	if err != nil {
		return err
	}
	if last != given {
		if err := w.tell("", 0, "the file ends with the record at place %d, and place %d was given last", last, given); err != nil {
			return err
		}
	}
	if count == last {
		return nil
	}
	return w.each(fmt.Sprintf(`SELECT r.place, s.name, r.version, (SELECT coalesce(max(place), 0) FROM record WHERE place < r.place)
		FROM record r LEFT JOIN stream s ON s.id = r.stream
		WHERE r.place > 1 AND NOT EXISTS (SELECT 1 FROM record p WHERE p.place = r.place - 1) ORDER BY r.place LIMIT %d`, maxTold),
		func(rows *sql.Rows) error {
			var place, version, before int64
			var name sql.NullString
			if err := rows.Scan(&place, &name, &version, &before); err != nil {
				return err
			}
			return w.tell("", 0, "%d records are missing between places %d and %d, before version %d of stream %q was written",
				place-before-1, before, place, version, name.String)
		})
}

// orphans asks for records that no stream leads to.
func (w *walk) orphans() error {
	return w.each(fmt.Sprintf(`SELECT place, version FROM record WHERE NOT EXISTS (SELECT 1 FROM stream WHERE id = record.stream)
		ORDER BY place LIMIT %d`, maxTold), func(rows *sql.Rows) error {
		var place, version int64
		if err := rows.Scan(&place, &version); err != nil {
			return err
		}
		return w.tell("", 0, "the record at place %d, version %d, is of a stream that is gone", place, version)
	})
}

func (w *walk) each(query string, row func(*sql.Rows) error) error {
	rows, err := w.conn.QueryContext(w.ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
