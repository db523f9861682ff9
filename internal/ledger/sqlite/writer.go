package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/gatehold/gatehold/internal/ledger"
)

// The bounds of one group commit: what waits longer than this many requests
// comes into the next one, so that a commit stays short.
const (
	lineLength = 256
	groupSize  = 128
	groupBytes = 4 << 20
)

// The states of a request.
const (
	waiting = iota
	taken
	abandoned
)

// request is one piece of work for the writer. work runs inside the group's
// transaction, and refuses before it has written anything: a refusal leaves the
// others of its group alone.
type request struct {
	work  func(*turn) error
	size  int
	state atomic.Int32
	done  chan error
}

// turn is what work has at hand inside the transaction.
type turn struct {
	ctx  context.Context
	conn *sql.Conn
	stmt *statements
}

// refused marks an answer that is the request's own, with nothing written. Any
// other error is trouble with the database, and ends the transaction.
type refused struct{ error }

func (r refused) Unwrap() error { return r.error }

// do puts work in line and waits for its outcome.
func (s *Store) do(ctx context.Context, work func(*turn) error) error {
	return s.doSized(ctx, 0, work)
}

func (s *Store) doSized(ctx context.Context, size int, work func(*turn) error) error {
	r := &request{work: work, size: size, done: make(chan error, 1)}
	if err := s.enter(ctx, r); err != nil {
		return err
	}
	select {
	case err := <-r.done:
		return err
	case <-ctx.Done():
		// Whoever moves the request on from waiting decides: abandoned in line
		// it is never written, once taken its outcome is what counts.
		if r.state.CompareAndSwap(waiting, abandoned) {
			return ctx.Err()
		}
		return <-r.done
	}
}

func (s *Store) enter(ctx context.Context, r *request) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return ledger.ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case s.writer.line <- r:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// writer is the one goroutine of a handle that writes.
type writer struct {
	db   *sql.DB
	turn turn
	line chan *request
	idle chan struct{} // closed when the line is closed and empty
}

func openWriter(path string, busy time.Duration) (*writer, error) {
	db, err := openPool(dsn(path, busy, "journal_mode(WAL)", "cache_size(-2000)", "journal_size_limit(16777216)"), 1)
	if err != nil {
		return nil, err
	}
	ctx := context.Background()
	conn, err := connect(ctx, db, busy)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if err := migrate(ctx, conn); err != nil {
		return nil, errors.Join(err, conn.Close(), db.Close())
	}
	stmt, err := newStatements(ctx, conn)
	if err != nil {
		return nil, errors.Join(err, conn.Close(), db.Close())
	}
	return &writer{
		db:   db,
		turn: turn{ctx: ctx, conn: conn, stmt: stmt},
		line: make(chan *request, lineLength),
		idle: make(chan struct{}),
	}, nil
}

// connect tries until the busy time is over: SQLite does not wait by itself
// while another process turns a new file to write-ahead logging.
func connect(ctx context.Context, db *sql.DB, busy time.Duration) (*sql.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, busy)
	defer cancel()
	for {
		conn, err := db.Conn(ctx)
		if err == nil || !isBusy(err) {
			return conn, err
		}
		select {
		case <-time.After(5 * time.Millisecond):
		case <-ctx.Done():
			return nil, err
		}
	}
}

func (w *writer) close() error {
	return errors.Join(w.turn.stmt.close(), w.turn.conn.Close(), w.db.Close())
}

// run commits group after group until the line is closed and empty.
func (w *writer) run() {
	defer close(w.idle)
	group := make([]*request, 0, groupSize)
	for first := range w.line {
		group = w.gather(first, group[:0])
		w.commit(group)
		clear(group)
	}
}

// gather takes what waits already, to a bound. It never waits for more: while
// one group is synced the next one gathers by itself.
func (w *writer) gather(first *request, group []*request) []*request {
	bytes := 0
	for r := first; ; {
		if r.state.CompareAndSwap(waiting, taken) {
			group = append(group, r)
			bytes += r.size
		}
		if len(group) == groupSize || bytes >= groupBytes {
			return group
		}
		select {
		case next, open := <-w.line:
			if !open {
				return group
			}
			r = next
		default:
			return group
		}
	}
}

// commit answers every request of a group. If one of them meets trouble that
// is not a refusal, the transaction is undone and each is tried alone, so that
// it cannot take the others with it.
func (w *writer) commit(group []*request) {
	if len(group) == 0 {
		return
	}
	refusals, undone, err := w.transact(group)
	if undone && len(group) > 1 {
		for i := range group {
			w.commit(group[i : i+1])
		}
		return
	}
	for i, r := range group {
		// A refusal counts only once the group is on disk: what it was refused
		// for may be the work of another of this group.
		if err != nil {
			r.done <- fmt.Errorf("ledger: the SQLite store could not write: %w", err)
		} else {
			r.done <- refusals[i]
		}
	}
}

// transact runs a group in one transaction. The refusals are each request's
// own; err is what befell them all. undone tells that it was the work of one
// of them, before the commit was tried: then all of it is surely not written
// and may be tried again.
func (w *writer) transact(group []*request) (refusals []error, undone bool, err error) {
	refusals = make([]error, len(group))
	if _, err := w.turn.stmt.begin.ExecContext(w.turn.ctx); err != nil {
		return refusals, false, err
	}
	for i, r := range group {
		err := r.work(&w.turn)
		if err == nil {
			continue
		}
		var own refused
		if !errors.As(err, &own) {
			w.rollback()
			return refusals, true, err
		}
		refusals[i] = own.error
	}
	if _, err := w.turn.stmt.commit.ExecContext(w.turn.ctx); err != nil {
		w.rollback()
		return refusals, false, err
	}
	return refusals, false, nil
}

// rollback ends a transaction that failed. SQLite may have ended it by
// itself, then this does nothing.
func (w *writer) rollback() {
	_, _ = w.turn.conn.ExecContext(w.turn.ctx, "ROLLBACK")
}
