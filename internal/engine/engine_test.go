package engine_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/engine"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/ledger/sqlite"
)

// wish is what streams come to here: each wants the same step until it is told
// that it was done, and how that failed last.
type wish struct {
	step    gate.Step
	done    bool
	failure *gate.Failed
}

func fold(step gate.Step) engine.Fold[wish] {
	return engine.Fold[wish]{
		After: func(w wish, e gate.Entry) wish {
			switch ev := e.Event.(type) {
			case gate.Failed:
				w.failure = &ev
			case gate.Lapsed:
				w.done = true
			}
			w.step = step
			return w
		},
		Due: func(w wish) (gate.Step, time.Time) {
			if w.done {
				return gate.Nothing, time.Time{}
			}
			return w.step, time.Time{}
		},
		Failure: func(w wish) *gate.Failed { return w.failure },
		Live:    func(w wish) bool { return !w.done },
	}
}

// watcher hears of failures.
type watcher struct{ failed chan string }

func (w watcher) Failed(step, code string) { w.failed <- step + " " + code }
func (watcher) Appended(time.Duration)     {}
func (watcher) Queued(int)                 {}
func newEngine(t *testing.T) (*engine.Engine, watcher) {
	t.Helper()
	store, err := sqlite.Open(filepath.Join(t.TempDir(), "ledger.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	w := watcher{failed: make(chan string, 16)}
	return engine.New(engine.Config{
		Log: store, Observer: w, Now: time.Now, Holder: "test", Poll: time.Millisecond,
	}), w
}

// run has an engine work until the test ends.
func run(t *testing.T, e *engine.Engine) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- e.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// seen is some event on a subject.
func seen(s gate.Subject) engine.Draft {
	return engine.Draft{Event: gate.Seen{Subject: s, Head: "a1"}}
}

// A step that nobody knows is a failure, recorded and tried again later, not
// something to be asked for over and over.
func TestAnUnknownStepFails(t *testing.T) {
	for _, subject := range []gate.Subject{
		{Kind: gate.PullRequest, Repo: gate.Repo{ID: 42}, Number: 1}, {Kind: gate.Check, Repo: gate.Repo{ID: 42}, SHA: "a1"},
		{Kind: gate.Repository, Repo: gate.Repo{ID: 42}}, {Kind: gate.Environment, Repo: gate.Repo{ID: 42}, Environment: "qa"},
	} {
		e, heard := newEngine(t)
		kept := engine.Keep(e, fold("unheard of"), subject.Kind)
		stream := subject.Stream()
		if _, err := kept.Record(t.Context(), stream, seen(subject)); err != nil {
			t.Fatal(err)
		}
		run(t, e)
		if said := <-heard.failed; said != "unheard of unknown_step" {
			t.Errorf("it failed as %s", said)
		}
		failed := failureOf(t, kept, stream)
		if failed.Step != "unheard of" || failed.Code != "unknown_step" || !failed.Next.After(time.Now()) {
			t.Fatalf("%s: the failure is %+v", stream, failed)
		}
	}
}

// failureOf waits for the failure that is being put on record.
func failureOf(t *testing.T, kept *engine.Streams[wish], stream string) *gate.Failed {
	t.Helper()
	for t.Context().Err() == nil {
		f, err := kept.Load(t.Context(), stream)
		if err != nil {
			t.Fatal(err)
		}
		if failed := kept.Failure(f); failed != nil {
			return failed
		}
	}
	return nil
}

// A step that panics is a failure of that step, and the others go on.
func TestAPanicIsAFailureOfItsStep(t *testing.T) {
	e, heard := newEngine(t)
	kept := engine.Keep(e, fold("panics"), gate.Deployment, gate.PullRequest)
	env := gate.Subject{Kind: gate.Deployment, Repo: gate.Repo{ID: 42}, Run: 1, Environment: "qa"}
	pull := gate.Subject{Kind: gate.PullRequest, Repo: gate.Repo{ID: 42}, Number: 1}
	done := make(chan struct{})
	kept.On(gate.Deployment, "panics", func(context.Context, engine.Stream[wish]) error { panic("nobody is there") })
	kept.On(gate.PullRequest, "panics", func(ctx context.Context, f engine.Stream[wish]) error {
		if _, err := kept.Append(ctx, f, engine.Draft{Event: gate.Lapsed{}}); err != nil {
			return err
		}
		close(done)
		return nil
	})
	for _, s := range []gate.Subject{env, pull} {
		if _, err := kept.Record(t.Context(), s.Stream(), seen(s)); err != nil {
			t.Fatal(err)
		}
	}
	run(t, e)
	if said := <-heard.failed; said != "panics internal" {
		t.Errorf("it failed as %s", said)
	}
	<-done
	if failed := failureOf(t, kept, env.Stream()); failed.Step != "panics" || failed.Code != "internal" || failed.Next.IsZero() {
		t.Errorf("the failure is %+v", failed)
	}
}

// Whatever step fails is not due again before its failure says; and where that says
// never, not before something else happens, but where the state tries it again.
func TestNoStepIsDueBeforeItsFailureSays(t *testing.T) {
	e, _ := newEngine(t)
	again := fold("again")
	again.Again = []gate.Step{"again"}
	next := time.Date(2026, 11, 20, 16, 0, 0, 0, time.UTC)
	once, kept := engine.Keep(e, fold("once"), gate.Check), engine.Keep(e, again, gate.Repository)
	for _, at := range []time.Time{next, {}} {
		f := engine.Stream[wish]{State: wish{step: "once", failure: &gate.Failed{Step: "once", Next: at}}}
		if step, when := once.Due(f); at.IsZero() && step != gate.Nothing || !at.IsZero() && (step != "once" || !when.Equal(at)) {
			t.Errorf("failed until %s: due is %q at %s", at, step, when)
		}
		f.State = wish{step: "again", failure: &gate.Failed{Step: "again", Next: at}}
		if step, when := kept.Due(f); step != "again" || when.Before(at) {
			t.Errorf("failed until %s: due is %q at %s", at, step, when)
		}
		f.State.failure.Step = "another"
		if step, when := kept.Due(f); step != "again" || !when.IsZero() {
			t.Errorf("after another's failure due is %q at %s", step, when)
		}
	}
}

// What the engine keeps is asked for as what it is: a stream of another kind is
// neither folded nor written as if it were one of these.
func TestAStreamIsReadAsWhatItIs(t *testing.T) {
	e, _ := newEngine(t)
	checks, repositories := engine.Keep(e, fold("a"), gate.Check), engine.Keep(e, fold("b"), gate.Repository)
	repo := gate.Subject{Kind: gate.Repository, Repo: gate.Repo{ID: 42}}
	if _, err := repositories.Record(t.Context(), repo.Stream(), seen(repo)); err != nil {
		t.Fatal(err)
	}
	if _, err := checks.Record(t.Context(), repo.Stream(), seen(repo)); err == nil || errors.Is(err, context.Canceled) {
		t.Error("a repository was written as a check")
	}
	if f, err := repositories.Load(t.Context(), repo.Stream()); err != nil || f.Head.Version != 1 {
		t.Errorf("it is at version %d: %v", f.Head.Version, err)
	}
}

// However many streams that are worked on aside take for ever, another one is worked
// on, also where it is found in the ledger only; and a few of theirs go on at once.
func TestWhatIsAsideHoldsUpNobody(t *testing.T) {
	e, _ := newEngine(t)
	asides := fold("hangs")
	asides.Aside = true
	aside, kept := engine.Keep(e, asides, gate.Tell), engine.Keep(e, fold("lapses"), gate.PullRequest)
	begun, letGo, done := make(chan string, 400), make(chan struct{}), make(chan struct{})
	aside.On(gate.Tell, "hangs", func(ctx context.Context, f engine.Stream[wish]) error {
		begun <- f.Name
		select {
		case <-letGo:
			_, err := aside.Append(ctx, f, engine.Draft{Event: gate.Lapsed{}})
			return err
		case <-ctx.Done():
			return ctx.Err()
		}
	})
	kept.On(gate.PullRequest, "lapses", func(ctx context.Context, f engine.Stream[wish]) error {
		_, err := kept.Append(ctx, f, engine.Draft{Event: gate.Lapsed{}})
		close(done)
		return err
	})
	const many = 300 // more than are looked for at once
	pull := gate.Subject{Kind: gate.PullRequest, Repo: gate.Repo{ID: 42}, Number: many + 1}
	for n := range many {
		s := gate.Subject{Kind: gate.PullRequest, Repo: gate.Repo{ID: 42}, Number: n + 1}
		if _, err := aside.Record(t.Context(), gate.TellStream(s.Stream()), seen(s)); err != nil {
			t.Fatal(err)
		}
	}
	run(t, e)
	<-begun
	if _, err := kept.Record(t.Context(), pull.Stream(), seen(pull)); err != nil {
		t.Fatal(err)
	}
	<-done
	if n := len(begun) + 1; n > 4 {
		t.Errorf("%d of those aside are worked on at once", n)
	}
	close(letGo)
	for range many - 1 {
		<-begun
	}
}
