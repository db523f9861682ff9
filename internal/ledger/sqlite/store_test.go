package sqlite_test

import (
	"path/filepath"
	"testing"

	"github.com/gatehold/gatehold/internal/ledger"
	"github.com/gatehold/gatehold/internal/ledger/ledgertest"
	"github.com/gatehold/gatehold/internal/ledger/sqlite"
)

func TestConformance(t *testing.T) {
	ledgertest.Run(t, func(t testing.TB) func() (ledger.Log, error) {
		path := filepath.Join(t.TempDir(), "ledger.db")
		return func() (ledger.Log, error) { return sqlite.Open(path, sqlite.Options{}) }
	})
}

func BenchmarkAppend(b *testing.B) {
	ledgertest.Bench(b, func(t testing.TB) func() (ledger.Log, error) {
		path := filepath.Join(t.TempDir(), "ledger.db")
		return func() (ledger.Log, error) { return sqlite.Open(path, sqlite.Options{}) }
	})
}
