package pulls_test

import (
	"testing"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/hubtest"
)

func TestListedPullsThatCannotBeUsed(t *testing.T) {
	base := map[string]any{"ref": "main", "sha": hubtest.SHA("tip"),
		"repo": map[string]any{"id": 99, "name": "shop", "owner": map[string]any{"login": "acme"}}}
	pull := func(number any, head any, base any) any {
		return map[string]any{"number": number, "head": map[string]any{"sha": head}, "base": base}
	}
	with := func(key string, v any) map[string]any {
		out := map[string]any{"ref": base["ref"], "sha": base["sha"], "repo": base["repo"]}
		out[key] = v
		return out
	}
	for name, test := range map[string]struct {
		list any
		n    int
		code string
	}{
		"none":           {[]any{}, 0, ""},
		"one":            {[]any{pull(3, hubtest.SHA("head"), base)}, 1, ""},
		"the same twice": {[]any{pull(3, hubtest.SHA("head"), base), pull(3, hubtest.SHA("head"), base)}, 1, ""},
		"no head":        {[]any{pull(2, hubtest.SHA("head"), base), pull(3, nil, base)}, 1, "github_unavailable"},
		"no number":      {[]any{pull(0, hubtest.SHA("head"), base)}, 0, "github_unavailable"},
		"no base":        {[]any{pull(3, hubtest.SHA("head"), with("sha", ""))}, 0, "github_unavailable"},
		"no repository":  {[]any{pull(3, hubtest.SHA("head"), with("repo", nil))}, 0, "github_unavailable"},
		"another repository": {[]any{pull(3, hubtest.SHA("head"),
			with("repo", map[string]any{"id": 98, "name": "shop", "owner": map[string]any{"login": "acme"}}))}, 0, "not_found"},
		"an object": {map[string]any{"message": "x"}, 0, "github_unavailable"},
	} {
		s := hubtest.NewStub(t)
		hubtest.Answers(s, map[string]any{"/repositories/99/pulls": test.list})
		pulls, err := s.Hub().OpenPulls(t.Context(), hubtest.Repo)
		if len(pulls) != test.n || test.code == "" && err != nil || test.code != "" && (err == nil || gate.AsError(err).Code != test.code) {
			t.Errorf("%s: %+v, %v", name, pulls, err)
		}
	}
}
