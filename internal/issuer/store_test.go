package issuer_test

import (
	"bytes"
	"context"
	"crypto/rsa"
	"crypto/x509"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/issuer"
	"github.com/gatehold/gatehold/internal/ledger/sqlite"
	"github.com/gatehold/gatehold/internal/usecase/credentials"
)

// After a restart the same key signs; nothing of its private half stands in the store, and
// with other secrets it cannot be opened.
func TestAKeyInTheStore(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ledger.db")
	ctx := context.Background()
	signing := func(seal byte) (issuer.Key, error) {
		t.Helper()
		store, err := sqlite.Open(path, sqlite.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		vault, err := credentials.NewSealed(store, [][]byte{bytes.Repeat([]byte{seal}, 32)})
		if err != nil {
			t.Fatal(err)
		}
		return issuer.NewKept(issuer.KeptConfig{Log: store, Vault: vault, Now: time.Now}).Signing(ctx)
	}
	first, err := signing(1)
	if err != nil {
		t.Fatal(err)
	}
	again, err := signing(1)
	if err != nil || again.ID != first.ID {
		t.Fatalf("after a restart %s signs, before %s: %v", again.ID, first.ID, err)
	}
	private, is := again.Signer.(*rsa.PrivateKey)
	if !is || private.N.BitLen() < 2048 {
		t.Fatalf("the key has %d bits", private.N.BitLen())
	}
	whole, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(path + "*")
	if err != nil || len(files) == 0 {
		t.Fatalf("there is no store: %v", err)
	}
	found := false
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		found = found || bytes.Contains(text, []byte(first.ID))
		for what, secret := range map[string][]byte{"key": whole, "first prime": private.Primes[0].Bytes(), "exponent": private.D.Bytes()} {
			if bytes.Contains(text, secret) {
				t.Errorf("%s holds the %s", filepath.Base(name), what)
			}
		}
	}
	if !found {
		t.Error("the public half is not on record")
	}
	if _, err := signing(2); gate.AsError(err).Code != "issuer_key_locked" {
		t.Errorf("with other secrets: %v", err)
	}
}
