package credentials_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/ledger/sqlite"
	"github.com/gatehold/gatehold/internal/usecase/credentials"
)

// TestTheStoreSeesNothingOfAToken: what is kept opens by its keys, under its id alone.
func TestTheStoreSeesNothingOfAToken(t *testing.T) {
	store, err := sqlite.Open(t.TempDir()+"/ledger.db", sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	key := func(b byte) []byte { return bytes.Repeat([]byte{b}, 32) }
	open := func(keys ...[]byte) *credentials.Sealed {
		s, err := credentials.NewSealed(store, keys)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	want := func(s *credentials.Sealed, id, secret, code string) {
		t.Helper()
		got, found, err := s.Take(t.Context(), id)
		if got != secret || found != (secret != "") || code != "" && gate.AsError(err).Code != code || code == "" && err != nil {
			t.Errorf("%s: %q, %v, %v", id, got, found, err)
		}
	}
	old, until := open(key(1)), time.Now().Add(time.Hour)
	if err := old.Keep(t.Context(), "a", "ghs_secret", until); err != nil {
		t.Fatal(err)
	}
	sealed, err := store.Take(t.Context(), "a")
	if err != nil || bytes.Contains(sealed, []byte("secret")) {
		t.Errorf("the store sees %q, %v", sealed, err)
	}
	want(old, "a", "ghs_secret", "")
	want(open(key(2), key(1)), "a", "ghs_secret", "") // a key is changed without a gap
	want(open(key(2)), "a", "", "vault_locked")
	want(old, "b", "", "")
	if err := store.Keep(t.Context(), "b", sealed, until); err != nil { // moved by somebody who can write to the store
		t.Fatal(err)
	}
	want(old, "b", "", "vault_locked")
	if err := old.Forget(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	want(old, "a", "", "")
	for _, keys := range [][][]byte{nil, {{1, 2}}} {
		if _, err := credentials.NewSealed(store, keys); err == nil {
			t.Errorf("%d keys are taken", len(keys))
		}
	}
}
