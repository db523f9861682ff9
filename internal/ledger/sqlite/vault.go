package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/gatehold/gatehold/internal/ledger"
)

var _ ledger.Vault = (*Store)(nil)

// Keep implements ledger.Vault. What has run out is dropped on the way, and what is
// dropped is overwritten (secure_delete).
func (s *Store) Keep(ctx context.Context, id string, sealed []byte, until time.Time) error {
	return s.doSized(ctx, len(sealed), func(t *turn) error {
		if _, err := t.conn.ExecContext(t.ctx, "DELETE FROM vault WHERE until < ?", s.now().UnixMicro()); err != nil {
			return err
		}
		_, err := t.conn.ExecContext(t.ctx, "INSERT INTO vault (id, sealed, until) VALUES (?, ?, ?) "+
			"ON CONFLICT (id) DO UPDATE SET sealed = excluded.sealed, until = excluded.until", id, sealed, until.UnixMicro())
		return err
	})
}

// Take implements ledger.Vault.
func (s *Store) Take(ctx context.Context, id string) ([]byte, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return nil, ledger.ErrClosed
	}
	var sealed []byte
	err := s.reads.QueryRowContext(ctx, "SELECT sealed FROM vault WHERE id = ? AND until >= ?", id, s.now().UnixMicro()).Scan(&sealed)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("ledger: the vault of %s cannot be read: %w", s.path, err)
	}
	return sealed, nil
}

// Forget implements ledger.Vault.
func (s *Store) Forget(ctx context.Context, id string) error {
	return s.do(ctx, func(t *turn) error {
		_, err := t.conn.ExecContext(t.ctx, "DELETE FROM vault WHERE id = ?", id)
		return err
	})
}
