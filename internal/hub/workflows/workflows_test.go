package workflows_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/hubtest"
)

// What is not the whole answer about this very repository is none.
func TestAnswersAboutWorkflowsThatAreNotTaken(t *testing.T) {
	tip := strings.Repeat("a", 40)
	branch := func(fields map[string]any) map[string]any {
		target := map[string]any{"oid": tip, "file": nil, "folder": nil}
		for k, v := range fields {
			target[k] = v
		}
		return map[string]any{"databaseId": hubtest.Repo.ID, "nameWithOwner": hubtest.Repo.FullName(),
			"defaultBranchRef": map[string]any{"name": "main", "target": target}}
	}
	folder := func(entries ...any) map[string]any {
		return map[string]any{"mode": 16384, "oid": tip, "object": map[string]any{"__typename": "Tree", "entries": entries}}
	}
	file := map[string]any{"name": "a.yml", "mode": 33188, "oid": strings.Repeat("b", 40), "size": 2}
	for name, c := range map[string]struct {
		repository, files any
		errors            []any
		code              string // empty: taken
	}{
		"nothing": {repository: map[string]any{"databaseId": hubtest.Repo.ID, "nameWithOwner": hubtest.Repo.FullName(),
			"defaultBranchRef": nil}},
		"another": {repository: map[string]any{"databaseId": 5}, code: "not_found"},
		"none":    {repository: nil, code: "github_unavailable"},
		"refused": {repository: nil, errors: []any{map[string]any{"type": "FORBIDDEN", "path": []any{"repository"},
			"message": "no"}}, code: "no_permission"},
		"without its tip": {repository: branch(map[string]any{"oid": "short"}), code: "github_unavailable"},
		"a file": {repository: branch(map[string]any{"folder": map[string]any{"mode": 33188, "oid": tip,
			"object": map[string]any{"__typename": "Blob"}}})},
		"a submodule": {repository: branch(map[string]any{"folder": map[string]any{"mode": 57344, "oid": tip, "object": nil}})},
		"a text":      {repository: branch(map[string]any{"folder": folder(file)}), files: map[string]any{"b0": nil}},
		"a link": {repository: branch(map[string]any{"folder": folder(map[string]any{"name": "a.yml", "mode": 40960,
			"oid": tip, "size": 2})})},
		"the organisation": {repository: branch(nil),
			errors: []any{map[string]any{"type": "FORBIDDEN", "path": []any{"org"}, "message": "no"}}},
	} {
		s := hubtest.NewStub(t)
		s.Intercept = func(w http.ResponseWriter, r *http.Request, body []byte) bool {
			if !strings.HasSuffix(r.URL.Path, "/graphql") {
				return false
			}
			data := map[string]any{"repository": c.repository, "org": nil}
			if strings.Contains(string(body), "b0") {
				data = map[string]any{"repository": map[string]any{"databaseId": hubtest.Repo.ID}, "files": c.files}
			}
			hubtest.Reply(w, 200, map[string]any{"data": data, "errors": c.errors})
			return true
		}
		got, err := s.Hub().Workflows(t.Context(), hubtest.Repo)
		code := ""
		if err != nil {
			code = gate.AsError(err).Code
		}
		if code != c.code {
			t.Errorf("%s: %v", name, err)
		}
		for _, f := range got.Files {
			if f.Text.State != change.Unreadable || f.Text.Reason == "" {
				t.Errorf("%s: %+v", name, f)
			}
		}
		if err == nil && name == "the organisation" && got.Org.State != change.RulesUnknown {
			t.Errorf("%s: %+v", name, got.Org)
		}
	}
}
