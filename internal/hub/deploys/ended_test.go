package deploys_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/hubtest"
)

// actionsApp is the App by which GitHub Actions acts.
const actionsApp = "github-actions"

// saidOf is a status of a deployment by an App, in somebody's name.
func saidOf(state, by, login string) map[string]any {
	s := map[string]any{
		"state": state, "created_at": "2026-01-02T03:04:05Z", "creator": map[string]any{"login": login, "id": 7, "type": "User"},
		"performed_via_github_app": nil,
	}
	if by != "" {
		s["performed_via_github_app"] = map[string]any{"slug": by}
	}
	return s
}

// TestWhatADeploymentHasComeTo: what GitHub says of a job's deployment counts, and
// what others say of it, before or after, as often as they like, does not.
func TestWhatADeploymentHasComeTo(t *testing.T) {
	forged := []any{saidOf("success", "", "mallory"), saidOf("success", "devin", "devin[bot]"), saidOf("success", actionsApp, "github-actions[bot]")}
	over := change.Job{Status: "completed", EndedAt: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		By: change.Actor{Login: "alice", ID: 7, Type: change.User}}
	for name, test := range map[string]struct {
		statuses []any
		want     string // the conclusion; "": it is not over
	}{
		"nothing":             {nil, ""},
		"it waits":            {[]any{saidOf("waiting", actionsApp, "alice")}, ""},
		"it goes on":          {[]any{saidOf("in_progress", actionsApp, "alice"), saidOf("waiting", actionsApp, "alice")}, ""},
		"it succeeded":        {[]any{saidOf("success", actionsApp, "alice")}, "success"},
		"another came since":  {[]any{saidOf("inactive", actionsApp, "bob"), saidOf("success", actionsApp, "alice")}, "success"},
		"it failed":           {[]any{saidOf("failure", actionsApp, "alice")}, "failure"},
		"it met an error":     {[]any{saidOf("error", actionsApp, "alice")}, "error"},
		"others say it ended": {forged, ""},
		"others say it after": {append(forged, saidOf("failure", actionsApp, "alice")), "failure"},
	} {
		s, _ := deployStub(t, map[string]any{"deployments/600/statuses": append([]any{}, test.statuses...)})
		got, err := s.Hub().Deployed(t.Context(), hubtest.Repo, 600)
		want := over
		if want.Conclusion = test.want; test.want == "" {
			want = change.Job{Status: "unknown"}
		}
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// TestAFloodOfStatuses: what GitHub said is found among those that others wrote after
// it, and is given up after some pages.
func TestAFloodOfStatuses(t *testing.T) {
	const mostPages = 5
	for _, pages := range []int{2, mostPages, mostPages + 1} {
		s := hubtest.NewStub(t)
		asked := 0
		s.Intercept = func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
			if r.URL.Path != "/api/v3/repositories/99/deployments/600/statuses" {
				return false
			}
			list := []any{}
			for range 99 {
				list = append(list, saidOf("success", "", "mallory"))
			}
			said := saidOf("success", "", "mallory")
			if r.URL.Query().Get("page") == fmt.Sprint(pages) {
				said = saidOf("failure", actionsApp, "alice")
			}
			s.Set(func() { asked++ })
			hubtest.Reply(w, 200, append(list, said))
			return true
		}
		got, err := s.Hub().Deployed(t.Context(), hubtest.Repo, 600)
		if err != nil || got.Over() != (pages <= mostPages) || asked != min(pages, mostPages) {
			t.Errorf("on page %d: %+v after %d requests, %v", pages, got, asked, err)
		}
	}
}

// TestADeploymentThatIsNotFound is one that was deleted, or one of a repository that
// the App does not see.
func TestADeploymentThatIsNotFound(t *testing.T) {
	for sees, code := range map[int]string{200: "", 404: "not_found", 502: "github_unavailable"} {
		answers := map[string]any{"deployments/600/statuses": 404, "": sees}
		if sees == 200 {
			answers[""] = map[string]any{"id": 99}
		}
		s, _ := deployStub(t, answers)
		got, err := s.Hub().Deployed(t.Context(), hubtest.Repo, 600)
		if got.Over() || (err != nil) != (code != "") || err != nil && gate.AsError(err).Code != code {
			t.Errorf("where the repository answers %d: %+v, %v", sees, got, err)
		}
	}
}
