package pulls_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/hubtest"
)

func TestPast(t *testing.T) {
	w := hubtest.NewWorld(t)
	merge := func(branch string, files fakehub.Files, author *fakehub.Account) *fakehub.Pull {
		t.Helper()
		if _, err := w.Shop.Commit(branch, fakehub.NewCommit{Message: "On " + branch, Author: w.Alice, Files: files}); err != nil {
			t.Fatal(err)
		}
		pull, _ := w.Open(fakehub.NewPull{Title: "Merge " + branch, Head: branch, Author: author})
		if _, err := pull.Merge(w.Alice); err != nil {
			t.Fatal(err)
		}
		return pull
	}
	first := merge("one", fakehub.Files{"db/2.sql": "DROP TABLE users;\n"}, w.Agent)
	second := merge("two", fakehub.Files{"src/a.go": "package a\n"}, w.Alice)
	_, seen := w.Open(fakehub.NewPull{Title: "Still open", Head: func() string {
		if _, err := w.Shop.Commit("three", fakehub.NewCommit{Message: "Open", Author: w.Alice,
			Files: fakehub.Files{"b": "b\n"}}); err != nil {
			t.Fatal(err)
		}
		return "three"
	}()})
	w.Asked()
	past := w.Hub.Past()
	repo := seen.Subject.Repo
	sql := func(f *change.File) bool { return strings.HasSuffix(f.Path, ".sql") }
	got, err := past.Merged(t.Context(), repo, "main", 10, sql)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || got[0].Number != second.Number || got[1].Number != first.Number {
		t.Fatalf("merged: %+v", got)
	}
	dropped := got[1]
	if dropped.Title != "Merge one" || dropped.BaseRef != "main" || dropped.HeadRef != "one" ||
		dropped.Author.Login != "copilot-swe-agent[bot]" || len(dropped.Gaps) > 0 || len(dropped.Commits) != 1 {
		t.Errorf("%+v", dropped)
	}
	if f := dropped.Files; len(f) != 1 || f[0].Path != "db/2.sql" || f[0].Status != change.Added ||
		f[0].After.Body != "DROP TABLE users;\n" {
		t.Errorf("files %+v", f)
	}
	if f := got[0].Files; len(f) != 1 || f[0].After.State != change.NotLoaded {
		t.Errorf("a text that nobody wants was read: %+v", f)
	}
	if asked := w.Asked(); len(asked) > 1+2*2 {
		t.Errorf("%d requests: %v", len(asked), asked)
	}
	// What was read is used again, and what is changed in it stays with the caller.
	got[0].Files[0].Path = "spoiled"
	again, err := past.Merged(t.Context(), repo, "main", 10, sql)
	if err != nil || again[0].Files[0].Path != "src/a.go" {
		t.Errorf("%v, %+v", err, again)
	}
	if asked := w.Asked(); len(asked) != 0 {
		t.Errorf("asked again: %v", asked)
	}
	// Other rules want other texts; only those are read.
	again, err = past.Merged(t.Context(), repo, "main", 10, func(*change.File) bool { return true })
	if err != nil || again[0].Files[0].After.Body != "package a\n" {
		t.Errorf("%v, %+v", err, again)
	}
	if asked := w.Asked(); len(asked) != 1 || !slices.Contains(asked, "POST /graphql (texts)") {
		t.Errorf("asked: %v", asked)
	}
	if none, err := past.Merged(t.Context(), repo, "release", 10, sql); err != nil || len(none) != 0 {
		t.Errorf("of a branch without merges: %v, %v", none, err)
	}
	if one, err := past.Merged(t.Context(), repo, "main", 1, sql); err != nil || len(one) != 1 || one[0].Number != second.Number {
		t.Errorf("the last one: %v, %v", one, err)
	}
}

func TestPastThatCannotBeRead(t *testing.T) {
	w := hubtest.NewWorld(t)
	past := w.Hub.Past()
	repo := gate.Repo{Installation: w.Installation.ID, ID: w.Shop.ID, Owner: "acme", Name: "shop"}
	wrong := repo
	wrong.ID = 99999
	if _, err := past.Merged(t.Context(), wrong, "main", 10, func(*change.File) bool { return true }); err == nil {
		t.Error("another repository's past was taken")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := past.Merged(ctx, repo, "main", 10, func(*change.File) bool { return true }); err == nil {
		t.Error("no error after the time was up")
	}
	if got, err := past.Merged(t.Context(), repo, "main", 10, func(*change.File) bool { return true }); err != nil || len(got) != 0 {
		t.Errorf("a failure was remembered: %v, %v", got, err)
	}
}

// TestPastIsForgotten: after ten minutes what was merged since is seen.
func TestPastIsForgotten(t *testing.T) {
	w := hubtest.NewWorld(t)
	repo := gate.Repo{Installation: w.Installation.ID, ID: w.Shop.ID, Owner: "acme", Name: "shop"}
	past := w.Hub.Past()
	count := func() int {
		t.Helper()
		got, err := past.Merged(t.Context(), repo, "main", 10, func(*change.File) bool { return false })
		if err != nil {
			t.Fatal(err)
		}
		return len(got)
	}
	if n := count(); n != 0 {
		t.Fatalf("%d merged before the first", n)
	}
	pull, _ := w.Open(fakehub.NewPull{Files: fakehub.Files{"a": "a\n"}})
	if _, err := pull.Merge(w.Alice); err != nil {
		t.Fatal(err)
	}
	if n := count(); n != 0 {
		t.Errorf("asked again at once: %d", n)
	}
	w.Skip(10 * time.Minute)
	if n := count(); n != 1 {
		t.Errorf("%d merged after ten minutes, want 1", n)
	}
}
