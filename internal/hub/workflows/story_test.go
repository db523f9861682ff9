package workflows_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/hub/hubtest"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

func workflowsOf(w *hubtest.World, requests int) change.Workflows {
	w.T.Helper()
	w.Asked()
	found, err := w.Hub.Workflows(w.T.Context(), w.At().Repo)
	w.Must(err)
	if n := w.Asked(); len(n) != requests {
		w.T.Errorf("it took %v, want %d requests", n, requests)
	}
	return found
}

// The files of the default branch are read once for each state of their folder.
func TestTheWorkflowsOfARepository(t *testing.T) {
	w := hubtest.NewWorld(t)
	if got := workflowsOf(w, 1); got.Tip != w.Shop.Tip("main") || len(got.Files) != 0 || got.Repo.State != change.RulesFound ||
		got.Org.State != change.RulesAbsent || got.Cancels {
		t.Errorf("without workflows: %+v", got)
	}
	w.Commit("main", fakehub.NewCommit{Files: fakehub.Files{
		workflows + "b.yml": "b\n", workflows + "a.YAML": "a\n", workflows + "README.md": "no workflow\n",
		workflows + "sub/c.yml":  "none either\n",
		workflows + "binary.yml": "\x00", workflows + "large.yml": strings.Repeat("#", 256<<10+1),
	}})
	got := workflowsOf(w, 2)
	want := map[string]string{"a.YAML": "a\n", "b.yml": "b\n", "binary.yml": "it is binary",
		"large.yml": "it has 262145 bytes, more than the 262144 that gatehold reads of one file"}
	said := map[string]string{}
	for _, f := range got.Files {
		said[strings.TrimPrefix(f.Path, workflows)] = f.Text.Body + f.Text.Reason
	}
	if !maps.Equal(said, want) || got.More != 0 || got.Tip != w.Shop.Tip("main") {
		t.Errorf("%v", said)
	}
	w.Commit("main", fakehub.NewCommit{Files: fakehub.Files{"README.md": "other\n", wire.RulesPath: "version: 1\nmode: observe\n"}})
	if got := workflowsOf(w, 1); len(got.Files) != 4 || !strings.Contains(string(got.Repo.Text), "observe") || got.Tip != w.Shop.Tip("main") {
		t.Errorf("the folder is as it was: %+v", got)
	}
	many := fakehub.Files{}
	for i := range 60 {
		many[fmt.Sprintf(workflows+"many-%02d.yml", i)] = "x\n"
	}
	w.Commit("main", fakehub.NewCommit{Files: many})
	if got := workflowsOf(w, 2); len(got.Files) != 50 || got.More != 14 || got.Files[49].Path != workflows+"many-45.yml" {
		t.Errorf("%d files and %d more", len(got.Files), got.More)
	}
}

// What the App may do to runs is told by its token.
func TestWhetherRunsCanBeCancelled(t *testing.T) {
	w := hubtest.NewWorld(t)
	permissions := maps.Clone(fakehub.DefaultPermissions())
	permissions["actions"] = "write"
	w.Installation.Grant(permissions)
	if got := workflowsOf(w, 1); !got.Cancels {
		t.Errorf("%+v", got)
	}
}
