package ledgertest

import (
	"bytes"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/ledger"
)

// vault is that of a store.
func vault(t testing.TB, s ledger.Store) ledger.Vault {
	t.Helper()
	v, has := s.(ledger.Vault)
	if !has {
		t.Fatalf("%T has no vault", s)
	}
	return v
}

func mustTake(t testing.TB, v ledger.Vault, id string, want []byte) {
	t.Helper()
	got, err := v.Take(t.Context(), id)
	if err != nil || !bytes.Equal(got, want) || (got == nil) != (want == nil) {
		t.Errorf("%s holds %q, %v, not %q", id, got, err, want)
	}
}

// vaultKeeps: what is kept is there for every handle, until it is forgotten or has run out,
// and is no record.
func vaultKeeps(t *testing.T, place Place) {
	logs := handles(t, place, 2)
	one, other := vault(t, logs[0]), vault(t, logs[1])
	keep := func(id string, sealed []byte, until time.Time) {
		t.Helper()
		if err := one.Keep(t.Context(), id, sealed, until); err != nil {
			t.Fatal(err)
		}
	}
	later := time.Now().Add(time.Hour)
	mustTake(t, one, "a", nil)
	keep("a", []byte("\x00sealed\xff"), later)
	mustTake(t, other, "a", []byte("\x00sealed\xff"))
	keep("a", []byte("again"), later)
	mustTake(t, other, "a", []byte("again"))
	keep("b", []byte("b"), later)
	for range 2 { // forgetting again does nothing
		if err := other.Forget(t.Context(), "a"); err != nil {
			t.Fatal(err)
		}
	}
	mustTake(t, one, "a", nil)
	mustTake(t, one, "b", []byte("b"))
	keep("c", []byte("c"), time.Now().Add(1500*time.Millisecond))
	eventually(t, "what has run out is gone", func() bool {
		got, err := one.Take(t.Context(), "c")
		return err == nil && got == nil
	})
	for shard := range ledger.Shards {
		if records, _, err := logs[0].Tail(t.Context(), shard, 0, 10); err != nil || len(records) > 0 {
			t.Errorf("shard %d has %d records, %v", shard, len(records), err)
		}
	}
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			id, v := fmt.Sprint("many", i), []ledger.Vault{one, other}[i%2]
			if err := v.Keep(t.Context(), id, []byte(id), later); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for i := range 20 {
		mustTake(t, one, fmt.Sprint("many", i), []byte(fmt.Sprint("many", i)))
	}
}

// vaultClosed: a closed store keeps nothing more.
func vaultClosed(t *testing.T, place Place) {
	store := handles(t, place, 1)[0]
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	v := vault(t, store)
	_, err := v.Take(t.Context(), "a")
	for _, err := range []error{err, v.Keep(t.Context(), "a", nil, time.Now().Add(time.Hour)), v.Forget(t.Context(), "a")} {
		if !errors.Is(err, ledger.ErrClosed) {
			t.Errorf("it says %v", err)
		}
	}
}
