package branches_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/hubtest"
)

func TestWhetherABranchHasACommit(t *testing.T) {
	const tip, old, other = "1111111111111111111111111111111111111111", "2222222222222222222222222222222222222222",
		"3333333333333333333333333333333333333333"
	s := hubtest.NewStub(t)
	s.Intercept = func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
		base := map[string]any{"total_commits": 0, "commits": []any{}, "files": []any{},
			"base_commit": map[string]any{"sha": old}, "merge_base_commit": map[string]any{"sha": old}}
		switch path := strings.TrimPrefix(r.URL.EscapedPath(), "/api/v3/repositories/99/"); path {
		case "branches/release%2F1":
			hubtest.Reply(w, 200, map[string]any{"name": "release/1", "commit": map[string]any{"sha": tip}})
		case "branches/renamed":
			hubtest.Reply(w, 200, map[string]any{"name": "main", "commit": map[string]any{"sha": tip}})
		case "branches/gone", "compare/" + strings.Repeat("4", 40) + "..." + tip:
			hubtest.Reply(w, 404, map[string]any{"message": "Not Found"})
		case "branches/broken":
			hubtest.Reply(w, 200, map[string]any{"name": "broken", "commit": map[string]any{"sha": "HEAD"}})
		case "compare/" + old + "..." + tip:
			hubtest.Reply(w, 200, base)
		case "compare/" + other + "..." + tip:
			base["base_commit"] = map[string]any{"sha": other}
			hubtest.Reply(w, 200, base)
		default:
			return false
		}
		return true
	}
	h := s.Hub()
	for _, c := range []struct {
		branch, sha string
		has         bool
	}{
		{"release/1", tip, true}, {"release/1", old, true}, {"release/1", other, false}, {"release/1", strings.Repeat("4", 40), false},
		{"renamed", tip, false}, {"gone", tip, false},
	} {
		if has, err := h.HasCommit(t.Context(), hubtest.Repo, c.branch, c.sha); err != nil || has != c.has {
			t.Errorf("%s has %s: %v, %v", c.branch, c.sha, has, err)
		}
	}
	for branch, sha := range map[string]string{"": tip, "release/1": "HEAD", "broken": tip} {
		if has, err := h.HasCommit(t.Context(), hubtest.Repo, branch, sha); has || err == nil || gate.AsError(err).Code == "internal" {
			t.Errorf("%q has %s: %v, %v", branch, sha, has, err)
		}
	}
}
