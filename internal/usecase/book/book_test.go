package book_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/engine"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/gate/check"
	"github.com/gatehold/gatehold/internal/ledger"
	"github.com/gatehold/gatehold/internal/ledger/sqlite"
	"github.com/gatehold/gatehold/internal/usecase/book"
)

// bookOn is a book on a ledger, of which no use case makes anything.
func bookOn(store ledger.Store) *book.Book {
	return book.New(engine.New(engine.Config{Log: store, Now: time.Now, Holder: "test"}), "")
}

func bookAt(t *testing.T, path string) *book.Book {
	t.Helper()
	store, err := sqlite.Open(path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	return bookOn(store)
}

// Of the gates of a repository those that are open are found whatever replica
// wrote them last, and no others.
func TestOpenGatesAreFoundInTheLedger(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	books := [2]*book.Book{bookAt(t, path), bookAt(t, path)}
	pull := func(repo int64, n int) gate.Subject {
		return gate.Subject{Kind: gate.PullRequest, Repo: gate.Repo{ID: repo, Owner: "acme", Name: fmt.Sprint("r", repo)}, Number: n}
	}
	for i, s := range []gate.Subject{pull(4, 1), pull(4, 2), pull(42, 3)} {
		if _, err := books[i%2].Gates.Record(t.Context(), s.Stream(),
			engine.Draft{Event: gate.Seen{Subject: s, Event: "pull_request", Head: "a", BaseRef: "main"}}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := books[1].Gates.Record(t.Context(), pull(4, 1).Stream(), engine.Draft{Event: gate.Closed{Covers: 1}}); err != nil {
		t.Fatal(err)
	}
	open, err := books[0].OpenGates(t.Context(), 4, gate.PullRequest, gate.Deployment)
	if err != nil || len(open) != 1 || open[0].State.Subject.Number != 2 || open[0].State.Base() != "main" {
		t.Errorf("open gates: %+v, %v", open, err)
	}
	repos, err := books[0].Beside(t.Context(), gate.Repo{Owner: "Acme"})
	if err != nil || len(repos) != 2 || repos[0].ID != 4 || repos[1].ID != 42 {
		t.Errorf("repositories of acme: %+v, %v", repos, err)
	}
}

// Whatever step fails, on whatever kind of stream, is not due again before its
// failure says; and where that says never, not before something else happens.
func TestNoStepIsDueBeforeItsFailureSays(t *testing.T) {
	b := bookAt(t, filepath.Join(t.TempDir(), "ledger.db"))
	next := time.Date(2026, 11, 20, 16, 0, 0, 0, time.UTC)
	pull := gate.Subject{Kind: gate.PullRequest, Repo: gate.Repo{ID: 42}, Number: 1}
	sha := gate.Subject{Kind: gate.Check, Repo: gate.Repo{ID: 42}, SHA: "a1"}
	offered := gate.State{Subject: pull, Approvals: gate.Approvals{Offers: []gate.Offer{{}}}}
	tells, counts := book.Gate{State: gate.State{Subject: pull, Changed: 3}}, book.Gate{State: offered}
	hands := book.Check{State: check.State{Subject: sha, Pressed: []check.Press{{}}}}
	for name, due := range map[string]func(*gate.Failed) (gate.Step, time.Time){
		"tell":  func(f *gate.Failed) (gate.Step, time.Time) { tells.State.Failure = f; return b.Gates.Due(tells) },
		"count": func(f *gate.Failed) (gate.Step, time.Time) { counts.State.Failure = f; return b.Gates.Due(counts) },
		"hand":  func(f *gate.Failed) (gate.Step, time.Time) { hands.State.Failure = f; return b.Checks.Due(hands) },
	} {
		step, when := due(nil)
		if string(step) != name || when.After(next) {
			t.Fatalf("%s: due is %q at %s", name, step, when)
		}
		for _, again := range []time.Time{next, {}} {
			failure := &gate.Failed{Step: name, Code: "internal", Next: again}
			step, when = due(failure)
			if again.IsZero() && step != gate.Nothing || !again.IsZero() && (string(step) != name || !when.Equal(again)) {
				t.Errorf("%s, failed until %s: due is %q at %s", name, again, step, when)
			}
		}
	}
}
