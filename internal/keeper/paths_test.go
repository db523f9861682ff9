package keeper_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/usecase/outgoing"
	"github.com/gatehold/gatehold/internal/usecase/repos"
)

// folder is the workflow files of a repository, and those of others.
type folder struct {
	mu     sync.Mutex
	files  map[string]string
	called map[string]string // by uses
	more   int
	rules  change.RulesFile
	err    error
	asked  int
	follow int
}

func (f *folder) Workflows(context.Context, gate.Repo) (change.Workflows, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked++
	w := change.Workflows{Tip: "tip", More: f.more, Cancels: true, Org: change.RulesFile{State: change.RulesAbsent}, Repo: f.rules}
	for path, text := range f.files {
		w.Files = append(w.Files, change.Workflow{Path: ".github/workflows/" + path, Text: change.TextOf(text)})
	}
	return w, f.err
}

func (f *folder) WorkflowAt(_ context.Context, _ gate.Repo, sha, path string, next func(string) []string) (change.Workflow, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.follow++
	text := f.files[strings.TrimPrefix(path, ".github/workflows/")]
	out := change.Workflow{Path: path, Text: change.TextOf(text)}
	for _, uses := range next(text) {
		if body, ok := f.called[uses]; ok && sha == "tip" {
			out.Calls = append(out.Calls, change.Called{Uses: uses, Text: change.TextOf(body)})
		}
	}
	return out, f.err
}

func (f *folder) set(edit func(*folder)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	edit(f)
}

const (
	shipJob = "on: push\njobs:\n  ship:\n    runs-on: ubuntu-latest\n    steps:\n      - run: kubectl apply -f prod.yml\n"
	prodJob = "on: push\njobs:\n  prod:\n    runs-on: ubuntu-latest\n    environment: production\n    steps:\n      - run: ./deploy\n"
)

func enforcing(extra string) change.RulesFile {
	return change.RulesFile{State: change.RulesFound, Name: "rules",
		Text: []byte("version: 1\nextends: [default]\nmode: enforce\n" + extra)}
}

// say is one line for each way.
func say(paths []gate.Job) string {
	var out []string
	for _, p := range paths {
		out = append(out, fmt.Sprintf("%s %s %s", strings.TrimPrefix(p.Workflow, ".github/workflows/"), p.ID, p.Held))
	}
	return strings.Join(out, "; ")
}

func TestDeployPathsFollowWhatIsCalled(t *testing.T) {
	production := []gate.Enforcement{{Branch: "main", Enforced: true}, {Environment: "production", Enforced: true}}
	f := &folder{rules: enforcing(""), files: map[string]string{
		"deploy.yml": prodJob, "ship.yml": shipJob,
		"local.yml":  "on: push\njobs:\n  call:\n    uses: ./.github/workflows/deploy.yml\n",
		"remote.yml": "on: push\njobs:\n  call:\n    uses: acme/shared/.github/workflows/ship.yml@v1\n",
		"test.yml":   "on: push\npermissions: {}\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: make test\n",
	}, called: map[string]string{"acme/shared/.github/workflows/ship.yml@v1": prodJob}}
	find := func(enforced []gate.Enforcement) string {
		t.Helper()
		paths, err := repos.DeployPaths(t.Context(), f, shop, enforced)
		if err != nil || paths == nil {
			t.Fatalf("%v, %v", paths, err)
		}
		return say(paths)
	}
	if got, want := find(production), "ship.yml ship not_held; deploy.yml prod certain; local.yml call / prod certain; "+
		"remote.yml call / prod certain"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if f.follow != 1 {
		t.Errorf("%d files were followed, one calls another repository", f.follow)
	}
	if got := find(nil); strings.Contains(got, "certain") {
		t.Errorf("nothing is protected: %s", got)
	}
	f.rules = enforcing("workflows:\n  ship: { paths: [\".github/workflows/ship.yml\"], hold: cancel, need: { approvals: 1 } }\n")
	if got := find(production); !strings.HasPrefix(got, "ship.yml ship best_effort; deploy.yml") {
		t.Errorf("cancelled: %s", got)
	}
	f.more = 3
	if got := find(production); !strings.HasSuffix(got, ";   not_held") {
		t.Errorf("files that were not read: %q", got)
	}
	var many []gate.Enforcement
	for i := range outgoing.MaxEnvironments {
		many = append(many, gate.Enforcement{Environment: fmt.Sprint("e", i)})
	}
	for enforced, says := range map[*[]gate.Enforcement]string{&many: "does not wait for gatehold", {many[0]}: "does not exist"} {
		paths, err := repos.DeployPaths(t.Context(), f, shop, *enforced)
		if err != nil || !strings.Contains(fmt.Sprint(paths), says) {
			t.Errorf("%v, %v: want %q", paths, err, says)
		}
	}
	f.rules = change.RulesFile{State: change.RulesUnknown, Reason: "who knows"}
	if _, err := repos.DeployPaths(t.Context(), f, shop, nil); gate.AsError(err).Code != "rules_unreadable" {
		t.Error(err)
	}
}

// How a repository can deploy is on record, once for each state of it, and
// what cannot be read is said as a way that nothing holds.
func TestDeployPathsAreOnRecord(t *testing.T) {
	story(t, func(h *house) {
		h.close()
		f := &folder{rules: enforcing(""), files: map[string]string{"ship.yml": shipJob}}
		h.flows = f
		h.guarded(&watchman{})
		records := func() (n int) {
			d, err := h.log.Read(context.Background(), gate.Subject{Kind: gate.Repository, Repo: shop}.Stream(), 0)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range d {
				if strings.Contains(string(r.Body), `"paths":`) {
					n++
				}
			}
			return n
		}
		expect := func(says string, recorded int) {
			t.Helper()
			h.settle(20 * time.Second)
			repos := h.board().Repositories()
			if len(repos) != 1 || repos[0].Paths == nil || say(repos[0].Paths) != says || repos[0].PathsAt.IsZero() {
				t.Errorf("%+v, want %q", repos, says)
			}
			if n := records(); n != recorded {
				t.Errorf("%d times on record, want %d", n, recorded)
			}
		}
		expect("ship.yml ship not_held", 1)
		h.tell(shop, gate.WorkflowsChanged, "main") // and says the same
		expect("ship.yml ship not_held", 1)
		f.set(func(f *folder) { f.files["prod.yml"] = prodJob })
		h.tell(shop, gate.WorkflowsChanged, "main")
		expect("prod.yml prod not_held; ship.yml ship not_held", 2)
		f.set(func(f *folder) { f.err = &gate.Error{Code: "github_unavailable", Text: "It is down."} })
		h.tell(shop, gate.WorkflowsChanged, "main") // what was known stays
		expect("prod.yml prod not_held; ship.yml ship not_held", 2)
		f.set(func(f *folder) { f.err, f.files = nil, nil }) // seen by comparing, an hour later
		h.settle(2 * time.Hour)
		expect("", 3)
		f.set(func(f *folder) { f.err = &gate.Error{Code: "no_permission", Text: "The App may not read it."} })
		h.tell(shop, gate.WorkflowsChanged, "main")
		expect("  not_held", 4)
		before := f.asked
		h.settle(59 * time.Minute)
		if n := f.asked - before; n > 1 {
			t.Errorf("asked %d times within the hour", n)
		}
	})
}
