package keeper

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
)

// A step that nobody knows is a failure, recorded and tried again later, not
// something to be asked for over and over.
func TestAnUnknownStepFails(t *testing.T) {
	k := replicas(t, 1)[0]
	for _, subject := range []gate.Subject{
		{Kind: gate.PullRequest, Repo: gate.Repo{ID: 42}, Number: 1}, {Kind: gate.Check, Repo: gate.Repo{ID: 42}, SHA: "a1"},
		{Kind: gate.Repository, Repo: gate.Repo{ID: 42}}, {Kind: gate.Environment, Repo: gate.Repo{ID: 42}, Environment: "qa"},
	} {
		stream := subject.Stream()
		f, err := k.record(t.Context(), stream, draft{event: gate.Seen{Subject: subject, Head: "a1"}})
		if err != nil {
			t.Fatal(err)
		}
		for _, step := range []gate.Step{"unheard of", gate.Survey, gate.ForwardPresses} {
			if doings[subject.Kind][step] != nil {
				continue
			}
			if err := k.step(t.Context(), f, step); err != nil {
				t.Fatal(err)
			}
			if f, err = k.load(t.Context(), stream); err != nil {
				t.Fatal(err)
			}
			failed := f.failure()
			if failed == nil || failed.Step != string(step) || failed.Code != "unknown_step" || !failed.Next.After(time.Now()) {
				t.Fatalf("%s: after %q the failure is %+v", stream, step, failed)
			}
		}
	}
}

// Whatever step fails, on whatever kind of stream, is not due again before its
// failure says; and where that says never, not before something else happens.
func TestNoStepIsDueBeforeItsFailureSays(t *testing.T) {
	next := time.Date(2026, 11, 20, 16, 0, 0, 0, time.UTC)
	pull := gate.Subject{Kind: gate.PullRequest, Repo: gate.Repo{ID: 42}, Number: 1}
	check := gate.Subject{Kind: gate.Check, Repo: gate.Repo{ID: 42}, SHA: "a1"}
	offered := gate.State{Subject: pull, Approvals: gate.Approvals{Offers: []gate.Offer{{}}}}
	for name, f := range map[string]folded{
		"tell":  {stream: pull.Stream(), gate: gate.State{Subject: pull, Changed: 3}},
		"count": {stream: pull.Stream(), gate: offered},
		"hand":  {stream: check.Stream(), check: gate.CheckState{Subject: check, Pressed: []gate.Press{{}}}},
	} {
		step, when := f.due()
		if string(step) != name || when.After(next) {
			t.Fatalf("%s: due is %q at %s", name, step, when)
		}
		for _, again := range []time.Time{next, {}} {
			failure := &gate.Failed{Step: name, Code: "internal", Next: again}
			f.gate.Failure, f.check.Failure = failure, failure
			step, when = f.due()
			if again.IsZero() && step != gate.Nothing || !again.IsZero() && (string(step) != name || !when.Equal(again)) {
				t.Errorf("%s, failed until %s: due is %q at %s", name, again, step, when)
			}
		}
	}
}

// A step that panics is a failure of that step.
func TestAPanicIsAFailureOfItsStep(t *testing.T) {
	k := replicas(t, 1)[0]
	env := gate.Subject{Kind: gate.Deployment, Repo: gate.Repo{ID: 42}, Run: 1, Environment: "qa"}
	f, err := k.record(t.Context(), env.Stream(), draft{event: gate.Seen{Subject: env, Head: "a1"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := k.step(t.Context(), f, gate.Respond); err != nil { // there is nobody to ask about runs
		t.Fatal(err)
	}
	if f, err = k.load(t.Context(), env.Stream()); err != nil {
		t.Fatal(err)
	}
	if failed := f.gate.Failure; failed == nil || failed.Step != "respond" || failed.Code != "internal" || failed.Next.IsZero() {
		t.Errorf("the failure is %+v", failed)
	}
}

// Every step that package gate declares is known on some kind of stream.
func TestEveryStepIsDone(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "../gate/state.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	steps := 0
	ast.Inspect(file, func(n ast.Node) bool {
		spec, is := n.(*ast.ValueSpec)
		if !is || len(spec.Values) != 1 {
			return true
		}
		if typ, is := spec.Type.(*ast.Ident); !is || typ.Name != "Step" {
			return true
		}
		word, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		if steps++; word == "" {
			return true
		}
		for _, known := range doings {
			if known[gate.Step(word)] != nil {
				return true
			}
		}
		t.Errorf("nobody does the step %q", word)
		return true
	})
	if steps < 10 {
		t.Errorf("only %d steps were found", steps)
	}
}
