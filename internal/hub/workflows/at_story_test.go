package workflows_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/hubtest"
)

var usesPattern = regexp.MustCompile(`uses: (\S+)`)

func uses(text string) []string {
	var out []string
	for _, m := range usesPattern.FindAllStringSubmatch(text, -1) {
		out = append(out, m[1])
	}
	return out
}

const workflows = ".github/workflows/"

func workflowOf(w *hubtest.World, path string) map[string]change.Text {
	w.T.Helper()
	found, err := w.Hub.WorkflowAt(w.T.Context(), w.At().Repo, w.Shop.Tip("main"), path, uses)
	w.Must(err)
	if found.Path != path {
		w.T.Errorf("path %q", found.Path)
	}
	out := map[string]change.Text{"": found.Text}
	for _, c := range found.Calls {
		if _, twice := out[c.Uses]; twice {
			w.T.Errorf("%s is named twice", c.Uses)
		}
		out[c.Uses] = c.Text
	}
	return out
}

func TestAWorkflowAndWhatItCalls(t *testing.T) {
	w := hubtest.NewWorld(t)
	shared := w.Acme.CreateRepo("shared", fakehub.Files{
		workflows + "ship.yml":  "uses: ./.github/workflows/inner.yml\nuses: actions/checkout@v4\n",
		workflows + "inner.yml": "inner\n",
	})
	w.Commit("main", fakehub.NewCommit{Files: fakehub.Files{
		workflows +
			"deploy.yml": "uses: ./.github/workflows/a.yml\nuses: acme/shared/.github/workflows/ship.yml@main\nuses: " +
			"actions/checkout@v4\nuses: ./actions/local\nuses: ./.github/workflows/a.yml\nuses: " +
			"acme/none/.github/workflows/x.yml@v1\nuses: acme/shared/.github/workflows/x.yml\nuses: " +
			"./.github/workflows/gone.yml\nuses: acme/shared/.github/workflows/ship.yml@nowhere\n",
		workflows + "a.yml": "uses: ./.github/workflows/deploy.yml\nuses: ./.github/workflows/b.yml\n",
		workflows + "b.yml": "b\n",
	}})
	w.Asked()
	got := workflowOf(w, workflows+"deploy.yml")
	if n := w.Asked(); len(n) != 3 {
		t.Errorf("it took %v", n)
	}
	if !strings.HasPrefix(got[""].Body, "uses: ./.github") || got[""].State != change.Loaded {
		t.Errorf("%+v", got[""])
	}
	for use, want := range map[string]string{
		"./" + workflows + "a.yml":                      "uses: ./.github/workflows/deploy.yml\nuses: ./.github/workflows/b.yml\n",
		"./" + workflows + "b.yml":                      "b\n",
		"acme/shared/" + workflows + "ship.yml@main":    "uses: ./.github/workflows/inner.yml\nuses: actions/checkout@v4\n",
		"acme/shared/" + workflows + "inner.yml@main":   "inner\n",
		"acme/none/" + workflows + "x.yml@v1":           "",
		"acme/shared/" + workflows + "x.yml":            "",
		"./" + workflows + "gone.yml":                   "",
		"acme/shared/" + workflows + "ship.yml@nowhere": "",
	} {
		text, ok := got[use]
		switch {
		case !ok:
			t.Errorf("%s is not named", use)
		case want == "" && (text.State != change.Unreadable || text.Reason == ""):
			t.Errorf("%s: %+v", use, text)
		case want != "" && text.Body != want:
			t.Errorf("%s: %+v", use, text)
		}
		delete(got, use)
	}
	delete(got, "")
	if len(got) != 0 {
		t.Errorf("named too: %v", got)
	}
	if shared.Tip("main") == "" {
		t.Error("the other repository is empty")
	}
}

func TestBoundsOfAWorkflow(t *testing.T) {
	w := hubtest.NewWorld(t)
	files := fakehub.Files{}
	var many strings.Builder
	for i := range 30 {
		fmt.Fprintf(&many, "uses: ./.github/workflows/m%d.yml\n", i)
		files[fmt.Sprintf("%sm%d.yml", workflows, i)] = "m\n"
	}
	files[workflows+"many.yml"] = many.String()
	for i := range 7 {
		files[fmt.Sprintf("%sd%d.yml", workflows, i)] = fmt.Sprintf("uses: ./.github/workflows/d%d.yml\n", i+1)
	}
	w.Commit("main", fakehub.NewCommit{Files: files})
	loaded := func(got map[string]change.Text) (n, unreadable int) {
		for _, text := range got {
			if text.State == change.Loaded {
				n++
			} else if text.State == change.Unreadable && text.Reason != "" {
				unreadable++
			}
		}
		return n, unreadable
	}
	if n, un := loaded(workflowOf(w, workflows+"many.yml")); n != 20 || un != 11 {
		t.Errorf("%d of 31 files read, %d said to be too many", n, un)
	}
	got := workflowOf(w, workflows+"d0.yml")
	if n, un := loaded(got); n != 4 || un != 1 || got["./"+workflows+"d4.yml"].State != change.Unreadable {
		t.Errorf("%d levels read, %d said to be too deep: %v", n, un, got)
	}
	got = workflowOf(w, workflows+"none.yml")
	if len(got) != 1 || got[""].State != change.Absent || got[""].Reason != "" {
		t.Errorf("no such file: %+v", got)
	}
	w.Asked()
	got = workflowOf(w, "dynamic/pages/pages-build-deployment")
	if got[""].State != change.Absent || got[""].Reason == "" || len(w.Asked()) != 0 {
		t.Errorf("GitHub's own: %+v", got)
	}
	if _, err := w.Hub.WorkflowAt(t.Context(), w.At().Repo, "main", workflows+"many.yml",
		uses); gate.AsError(err).Code != "invalid_request" {
		t.Errorf("at a branch: %v", err)
	}
	for _, path := range []string{"README.md", workflows + "deploy:1.yml", workflows + "a\n.yml", workflows + "a/b.yml"} {
		if got, err := w.Hub.WorkflowAt(t.Context(), w.At().Repo, w.Shop.Tip("main"), path, uses); err != nil ||
			got.Text.State != change.Unreadable || got.Text.Reason == "" {
			t.Errorf("%q, which keeps its run from being judged: %+v, %v", path, got, err)
		}
	}
	if _, err := w.Hub.WorkflowAt(t.Context(), w.At().Repo, strings.Repeat("ab", 20), workflows+"many.yml",
		uses); gate.AsError(err).Code != "not_found" {
		t.Errorf("no such commit: %v", err)
	}
}
