package redis

import (
	"context"
	"errors"
	"time"

	redis "github.com/redis/go-redis/v9"

	"github.com/gatehold/gatehold/internal/ledger"
)

var _ ledger.Vault = (*Store)(nil)

func (s *Store) vaultKey(id string) string { return s.prefix + ":vault:" + id }

// Keep implements ledger.Vault. The server drops it by its own clock.
func (s *Store) Keep(ctx context.Context, id string, sealed []byte, until time.Time) error {
	leave, err := s.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	return s.failed(s.client.SetArgs(ctx, s.vaultKey(id), sealed, redis.SetArgs{ExpireAt: until}).Err())
}

// Take implements ledger.Vault.
func (s *Store) Take(ctx context.Context, id string) ([]byte, error) {
	leave, err := s.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	sealed, err := s.client.Get(ctx, s.vaultKey(id)).Bytes()
	if errors.Is(err, redis.Nil) {
		return nil, nil
	}
	return sealed, s.failed(err)
}

// Forget implements ledger.Vault.
func (s *Store) Forget(ctx context.Context, id string) error {
	leave, err := s.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	return s.failed(s.client.Del(ctx, s.vaultKey(id)).Err())
}
