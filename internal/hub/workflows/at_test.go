package workflows_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/hubtest"
)

// Trouble with a repository elsewhere is said of what is called there; trouble
// with the repository itself is an error.
func TestWorkflowsThatCannotBeRead(t *testing.T) {
	type answer struct{ data, errors any }
	entry := func(mode int64, text string) any {
		return map[string]any{"file": hubtest.RulesEntry(mode, text), "__typename": "Commit"}
	}
	home := func(level map[string]any) map[string]any {
		level["w"] = map[string]any{"databaseId": 99, "at": map[string]any{"__typename": "Commit"}}
		return level
	}
	in := func(at any) map[string]any { return map[string]any{"databaseId": 5, "at": at} }
	wrong := func(kind string, path ...any) []any {
		return []any{map[string]any{"type": kind, "path": path, "message": "Could not resolve"}}
	}
	read := func(root any, second answer) (change.Workflow, error) {
		s := hubtest.NewStub(t)
		n := 0
		s.Intercept = func(w http.ResponseWriter, r *http.Request, body []byte) bool {
			if !strings.HasSuffix(r.URL.Path, "/graphql") {
				return false
			}
			var q struct{ Variables map[string]any }
			if err := json.Unmarshal(body, &q); err != nil || q.Variables["sha"] != s.HeadID {
				t.Errorf("%v %v", q.Variables, err)
			}
			if n++; n == 1 {
				hubtest.Reply(w, 200, map[string]any{"data": root})
			} else {
				hubtest.Reply(w, 200, map[string]any{"data": second.data, "errors": second.errors})
			}
			return true
		}
		return s.Hub().WorkflowAt(t.Context(), hubtest.Repo, s.HeadID, ".github/workflows/deploy.yml", strings.Fields)
	}
	const use = "acme/x/.github/workflows/a.yml@v1"
	root := func() map[string]any { return home(map[string]any{"w0": in(entry(33188, use))}) }
	tag := map[string]any{"__typename": "Tag", "target": entry(33188, "tagged\n")}
	for name, test := range map[string]struct {
		second answer
		state  change.TextState
		body   string
	}{
		"read":       {answer{home(map[string]any{"w0": in(entry(33188, "x\n"))}), nil}, change.Loaded, "x\n"},
		"executable": {answer{home(map[string]any{"w0": in(entry(33261, "x\n"))}), nil}, change.Loaded, "x\n"},
		"by a tag":   {answer{home(map[string]any{"w0": in(tag)}), nil}, change.Loaded, "tagged\n"},
		"a link":     {answer{home(map[string]any{"w0": in(entry(40960, "b.yml"))}), nil}, change.Unreadable, ""},
		"binary":     {answer{home(map[string]any{"w0": in(entry(33188, "\x00"))}), nil}, change.Unreadable, ""},
		"cut": {answer{home(map[string]any{"w0": in(entry(33188, strings.Repeat("a", 600000)))}), nil},
			change.Unreadable, ""},
		"no such file": {answer{home(map[string]any{"w0": in(map[string]any{"__typename": "Commit", "file": nil})}),
			nil}, change.Unreadable, ""},
		"no such branch": {answer{home(map[string]any{"w0": in(nil)}), nil}, change.Unreadable, ""},
		"a name of something else": {answer{home(map[string]any{"w0": in(map[string]any{"__typename": "Blob"})}), nil},
			change.Unreadable, ""},
		"hidden":    {answer{home(map[string]any{"w0": nil}), wrong("NOT_FOUND", "w0")}, change.Unreadable, ""},
		"forbidden": {answer{home(map[string]any{"w0": nil}), wrong("FORBIDDEN", "w0", "at")}, change.Unreadable, ""},
	} {
		got, err := read(root(), test.second)
		if err != nil || got.Text.Body != use || len(got.Calls) != 1 || got.Calls[0].Uses != use {
			t.Errorf("%s: %+v, %v", name, got, err)
			continue
		}
		if text := got.Calls[0].Text; text.State != test.state || text.Body != test.body ||
			test.state == change.Unreadable && text.Reason == "" {
			t.Errorf("%s: %+v", name, text)
		}
	}
	for name, test := range map[string]struct {
		root   any
		second answer
		code   string
	}{
		"the repository is gone":    {map[string]any{"w": nil, "w0": nil}, answer{}, "github_unavailable"},
		"another repository":        {map[string]any{"w": map[string]any{"databaseId": 5}}, answer{}, "not_found"},
		"no commit":                 {map[string]any{"w": map[string]any{"databaseId": 99, "at": nil}}, answer{}, "not_found"},
		"the answer fails":          {root(), answer{nil, wrong("SOMETHING", "w0")}, "github_unavailable"},
		"the repository is refused": {root(), answer{home(map[string]any{}), wrong("FORBIDDEN", "w")}, "no_permission"},
		"the rate limit": {root(), answer{nil, []any{map[string]any{"type": "RATE_LIMITED",
			"message": "API rate limit exceeded"}}}, "rate_limited"},
		"an error that has no place": {root(), answer{home(map[string]any{}), wrong("NOT_FOUND", "w9")}, "not_found"},
	} {
		if got, err := read(test.root, test.second); err == nil || gate.AsError(err).Code != test.code {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// A hostile file names more than anybody reads: what is beyond the bounds is
// said at least once, and costs nothing.
func TestAHostileWorkflow(t *testing.T) {
	s := hubtest.NewStub(t)
	n := 0
	s.Intercept = func(w http.ResponseWriter, r *http.Request, body []byte) bool {
		if !strings.HasSuffix(r.URL.Path, "/graphql") {
			return false
		}
		var q struct{ Variables map[string]any }
		if err := json.Unmarshal(body, &q); err != nil {
			t.Error(err)
		}
		n++
		level := map[string]any{"w": map[string]any{"databaseId": 99, "at": map[string]any{"__typename": "Commit"}}}
		for i := range len(q.Variables) - 3 {
			level[fmt.Sprintf("w%d", i)] = map[string]any{"databaseId": 99,
				"at": map[string]any{"__typename": "Commit", "file": hubtest.RulesEntry(33188, fmt.Sprintf("%d %d", n, i))}}
		}
		hubtest.Reply(w, 200, map[string]any{"data": level})
		return true
	}
	calls := 0
	got, err := s.Hub().WorkflowAt(t.Context(), hubtest.Repo, s.HeadID, ".github/workflows/deploy.yml", func(string) []string {
		var out []string
		for range 100000 {
			calls++
			out = append(out, fmt.Sprintf("./.github/workflows/%d.yml", calls))
		}
		return out
	})
	loaded, refused := 0, 0
	for _, c := range got.Calls {
		if c.Text.State == change.Loaded {
			loaded++
		} else if c.Text.State == change.Unreadable {
			refused++
		}
	}
	if err != nil || loaded != 20-1 || refused != 60-loaded || n != 2 {
		t.Errorf("%d read, %d refused, in %d requests, %v", loaded, refused, n, err)
	}
}
