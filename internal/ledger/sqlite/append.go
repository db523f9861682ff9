package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	driver "modernc.org/sqlite"

	"github.com/gatehold/gatehold/internal/ledger"
)

// Append implements ledger.Log.
func (s *Store) Append(ctx context.Context, b ledger.Batch) error {
	if err := b.Check(); err != nil {
		return err
	}
	size := 0
	for _, r := range b.Records {
		size += len(r.Body)
	}
	return s.doSized(ctx, size, func(t *turn) error { return t.append(b) })
}

func (t *turn) append(b ledger.Batch) error {
	var id, version int64
	err := t.stmt.head.QueryRowContext(t.ctx, b.Stream).Scan(&id, &version)
	fresh := errors.Is(err, sql.ErrNoRows)
	if err != nil && !fresh {
		return err
	}
	if !fresh {
		if err := t.refuseSeen(id, b.Records); err != nil {
			return err
		}
	}
	if uint64(version) != b.After {
		return refused{ledger.ErrMoved}
	}
	last := int64(b.Records[len(b.Records)-1].Version)
	if fresh {
		created, err := t.stmt.create.ExecContext(t.ctx, b.Stream, ledger.ShardOf(b.Stream), last, due(b.Due), b.Live)
		if err != nil {
			return err
		}
		if id, err = created.LastInsertId(); err != nil {
			return err
		}
	} else if _, err := t.stmt.advance.ExecContext(t.ctx, last, due(b.Due), b.Live, id); err != nil {
		return err
	}
	return t.insert(id, b)
}

func (t *turn) refuseSeen(stream int64, records []ledger.Record) error {
	for _, r := range records {
		if r.Key == "" {
			continue
		}
		var one int
		switch err := t.stmt.seen.QueryRowContext(t.ctx, stream, r.Key).Scan(&one); {
		case err == nil:
			return refused{ledger.ErrSeen}
		case !errors.Is(err, sql.ErrNoRows):
			return err
		}
	}
	return nil
}

func (t *turn) insert(stream int64, b ledger.Batch) error {
	shard := ledger.ShardOf(b.Stream)
	for _, r := range b.Records {
		body := r.Body
		if body == nil {
			body = []byte{} // nil would be NULL
		}
		_, err := t.stmt.insert.ExecContext(t.ctx, shard, stream, int64(r.Version), r.At.UnixMicro(), r.Kind, r.Key, body, r.Prev, r.Hash)
		if err != nil {
			return err
		}
	}
	return nil
}

// due is a due time as the database keeps it.
func due(at time.Time) any {
	if at.IsZero() {
		return nil
	}
	return at.UnixMicro()
}

// Lease implements ledger.Log. It waits in line with the appends.
func (s *Store) Lease(ctx context.Context, name, holder string, ttl time.Duration) (bool, error) {
	held := false
	err := s.do(ctx, func(t *turn) error {
		if ttl <= 0 {
			_, err := t.stmt.release.ExecContext(t.ctx, name, holder)
			return err
		}
		now := s.now()
		taken, err := t.stmt.lease.ExecContext(t.ctx, name, holder, now.Add(ttl).UnixMicro(), now.UnixMicro())
		if err != nil {
			return err
		}
		n, err := taken.RowsAffected()
		held = n == 1
		return err
	})
	return held && err == nil, err
}

// statements are what the writer prepared on its connection.
type statements struct {
	begin, commit                       *sql.Stmt
	head, seen, create, advance, insert *sql.Stmt
	lease, release                      *sql.Stmt
}

func newStatements(ctx context.Context, conn *sql.Conn) (*statements, error) {
	s := new(statements)
	for _, p := range []struct {
		to   **sql.Stmt
		text string
	}{
		{&s.begin, "BEGIN IMMEDIATE"},
		{&s.commit, "COMMIT"},
		{&s.head, "SELECT id, version FROM stream WHERE name = ?"},
		{&s.seen, "SELECT 1 FROM record WHERE stream = ? AND key = ? AND key <> ''"},
		{&s.create, "INSERT INTO stream (name, shard, version, due, live) VALUES (?, ?, ?, ?, ?)"},
		{&s.advance, "UPDATE stream SET version = ?, due = ?, live = ? WHERE id = ?"},
		{&s.insert, `INSERT INTO record (shard, stream, version, at, kind, key, body, prev, hash)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`},
		{&s.lease, `INSERT INTO lease (name, holder, until) VALUES (?1, ?2, ?3)
			ON CONFLICT (name) DO UPDATE SET holder = ?2, until = ?3 WHERE holder = ?2 OR until <= ?4`},
		{&s.release, "DELETE FROM lease WHERE name = ? AND holder = ?"},
	} {
		stmt, err := conn.PrepareContext(ctx, p.text)
		if err != nil {
			return nil, errors.Join(err, s.close())
		}
		*p.to = stmt
	}
	return s, nil
}

func (s *statements) close() error {
	var errs []error
	for _, stmt := range []*sql.Stmt{s.begin, s.commit, s.head, s.seen, s.create, s.advance, s.insert, s.lease, s.release} {
		if stmt != nil {
			errs = append(errs, stmt.Close())
		}
	}
	return errors.Join(errs...)
}

// isBusy reports whether another connection held the lock for too long:
// SQLITE_BUSY is 5, its extended codes have more bits above
// (https://www.sqlite.org/rescode.html).
func isBusy(err error) bool {
	const busy = 5
	var e *driver.Error
	return errors.As(err, &e) && e.Code()&0xff == busy
}
