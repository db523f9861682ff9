package cli

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/cli/command"
	"github.com/gatehold/gatehold/internal/engine"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/ledger/sqlite"
	"github.com/gatehold/gatehold/internal/usecase/book"
)

// Whoever operates the server lists passkeys and ends one, with a reason, on record.
func TestAnOperatorEndsAPasskey(t *testing.T) {
	path := t.TempDir() + "/ledger.db"
	store, err := sqlite.Open(path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	b := book.New(engine.New(engine.Config{Log: store, Now: time.Now}), "")
	ana := gate.Actor{Login: "ana", ID: 11, Type: "User"}
	for _, e := range []gate.Event{
		gate.SessionOpened{ID: "s", By: ana, Until: time.Now().Add(time.Hour)},
		gate.Enrolled{Key: gate.Passkey{ID: "KEY1", Name: "laptop"}, From: time.Now().Add(time.Hour)},
	} {
		if _, err := b.Accounts.Record(t.Context(), gate.AccountStream(11), engine.Draft{Event: e}); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	run := func(want int, says string, args ...string) {
		t.Helper()
		var out bytes.Buffer
		code := Run(t.Context(), append(append([]string{"people"}, args...), "--store", "sqlite:"+path),
			command.IO{Out: &out, Err: &out, Getenv: func(string) string { return "" }})
		if code != want || !strings.Contains(out.String(), says) {
			t.Errorf("%v: exit code %d, want %d with %q: %s", args, code, want, says, &out)
		}
	}
	run(0, "waits", "list")
	run(0, `"key": "KEY1"`, "list", "--json")
	run(2, "say why", "revoke", "KEY1")
	run(1, "Nobody has such a passkey", "revoke", "KEY2", "--reason", "lost")
	run(0, "The passkey of @ana counts no more.", "revoke", "KEY1", "--reason", "The laptop was stolen.")
	run(0, "Nobody has a passkey", "list")
}
