package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/gatehold/gatehold/internal/ledger"
)

// queries are prepared once and shared by the connections for reading.
type queries struct{ read, tail, due, live *sql.Stmt }

const columns = "r.place, s.name, r.version, r.at, r.kind, r.key, r.body, r.prev, r.hash"

func prepare(db *sql.DB) (queries, error) {
	var q queries
	for _, p := range []struct {
		to   **sql.Stmt
		text string
	}{
		{&q.read, "SELECT " + columns + ` FROM stream s JOIN record r ON r.stream = s.id
			WHERE s.name = ? AND r.version > ? ORDER BY r.version`},
		{&q.tail, "SELECT " + columns + ` FROM record r JOIN stream s ON r.stream = s.id
			WHERE r.shard = ? AND r.place > ? ORDER BY r.place LIMIT ?`},
		// The shards come as one number with a bit for each of them, so that one
		// statement serves any set and the index is read in its order. SQLite plans
		// a statement anew when a limit that is a mere parameter is another than
		// before, as the runner's is with each beat under way: hence the sum.
		{&q.due, `SELECT name FROM stream INDEXED BY stream_due
			WHERE due <= ? AND (1 << shard) & ? ORDER BY due LIMIT ? + 0`},
		{&q.live, `SELECT name FROM stream INDEXED BY stream_live
			WHERE live = 1 AND name >= ? AND name < ? ORDER BY name`},
	} {
		stmt, err := db.Prepare(p.text)
		if err != nil {
			return queries{}, errors.Join(err, q.close())
		}
		*p.to = stmt
	}
	return q, nil
}

func (q queries) close() error {
	var errs []error
	for _, stmt := range []*sql.Stmt{q.read, q.tail, q.due, q.live} {
		if stmt != nil {
			errs = append(errs, stmt.Close())
		}
	}
	return errors.Join(errs...)
}

// Read implements ledger.Log.
func (s *Store) Read(ctx context.Context, stream string, after uint64) ([]ledger.Record, error) {
	records, _, err := s.records(ctx, s.query.read, stream, int64(min(after, math.MaxInt64)))
	return records, err
}

// Tail implements ledger.Log. A cursor is the place of a record in the file.
func (s *Store) Tail(ctx context.Context, shard int, after ledger.Cursor, max int) ([]ledger.Record, ledger.Cursor, error) {
	if max <= 0 {
		return nil, after, nil
	}
	records, last, err := s.records(ctx, s.query.tail, shard, int64(min(after, math.MaxInt64)), max)
	if err != nil || len(records) == 0 {
		return nil, after, err
	}
	return records, ledger.Cursor(last), nil
}

// Due implements ledger.Log.
func (s *Store) Due(ctx context.Context, shards []int, now time.Time, max int) ([]string, error) {
	var set int64
	for _, shard := range shards {
		if shard < 0 || shard >= ledger.Shards {
			return nil, fmt.Errorf("ledger: there is no shard %d", shard)
		}
		set |= 1 << shard
	}
	if set == 0 || max <= 0 {
		return nil, nil
	}
	return s.names(ctx, s.query.due, now.UnixMicro(), set, max)
}

// Live implements ledger.Index.
func (s *Store) Live(ctx context.Context, prefix string) ([]string, error) {
	return s.names(ctx, s.query.live, prefix, prefix+lastName)
}

// lastName comes, behind a prefix, after every name that begins with it.
const lastName = "\U0010FFFF"

// names runs a query for the names of streams.
func (s *Store) names(ctx context.Context, query *sql.Stmt, args ...any) ([]string, error) {
	rows, err := s.rows(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var streams []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, s.failed(err)
		}
		streams = append(streams, name)
	}
	return streams, s.failed(rows.Err())
}

// records runs a query for columns, and returns also the place of the last.
func (s *Store) records(ctx context.Context, query *sql.Stmt, args ...any) ([]ledger.Record, int64, error) {
	rows, err := s.rows(ctx, query, args...)
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	var records []ledger.Record
	var place int64
	for rows.Next() {
		var r ledger.Record
		var at int64
		if err := rows.Scan(&place, &r.Stream, &r.Version, &at, &r.Kind, &r.Key, &r.Body, &r.Prev, &r.Hash); err != nil {
			return nil, 0, s.failed(err)
		}
		r.At = time.UnixMicro(at).UTC()
		records = append(records, r)
	}
	if err := rows.Err(); err != nil {
		return nil, 0, s.failed(err)
	}
	return records, place, nil
}

func (s *Store) rows(ctx context.Context, query *sql.Stmt, args ...any) (*sql.Rows, error) {
	if err := s.open(); err != nil {
		return nil, err
	}
	rows, err := query.QueryContext(ctx, args...)
	return rows, s.failed(err)
}

func (s *Store) open() error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return ledger.ErrClosed
	}
	return nil
}

func (s *Store) failed(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("ledger: the SQLite store could not read: %w", err)
}
