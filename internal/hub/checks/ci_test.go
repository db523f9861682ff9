package checks_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/hub/hubtest"
)

func TestChecksOfOthersAreCounted(t *testing.T) {
	s := hubtest.NewStub(t)
	run := func(app, id int64, name, status string, conclusion any) any {
		return map[string]any{"id": id, "name": name, "status": status, "conclusion": conclusion, "app": map[string]any{"id": app}}
	}
	at := "/repositories/99/commits/" + s.HeadID
	hubtest.Answers(s, map[string]any{at + "/check-runs": map[string]any{"total_count": 7, "check_runs": []any{
		run(15368, 1, "slow", "in_progress", nil), run(15368, 2, "test", "completed", "failure"), run(15368, 3, "lint", "completed", "success"),
		run(15368, 4, "docs", "completed", "skipped"), run(int64(hubtest.AppID), 5, "gatehold", "completed", "action_required"),
	}}, at + "/status": map[string]any{"total_count": 3, "statuses": []any{
		map[string]any{"context": "ci/old", "state": "error", "target_url": "https://ci.example/1"}, map[string]any{"context": "ci/new", "state": "success"},
		map[string]any{"context": "ci/wait", "state": "pending", "target_url": nil},
	}}})
	ci, err := s.Hub().CI(t.Context(), hubtest.Repo, s.HeadID)
	want := []change.CheckOf{{Name: "ci/old", Failed: true, Address: "https://ci.example/1"}, {Name: "test", Failed: true, Run: 2}, {Name: "ci/wait"},
		{Name: "slow", Run: 1}}
	if err != nil || !ci.Known || ci.Passed != 3 || ci.Failed != 2 || ci.Running != 2 || !slices.Equal(ci.Open, want) || !ci.Beyond || ci.Unread != "" {
		t.Errorf("%+v %v", ci, err)
	}
	if _, err := s.Hub().CI(t.Context(), hubtest.Repo, "short"); err == nil {
		t.Error("a short SHA is asked about")
	}
}

// Commit statuses take a permission that the App can do without: then it says so, and
// asks no more for a while.
func TestStatusesThatMayNotBeRead(t *testing.T) {
	for name, may := range map[string]bool{"with statuses: read": true, "without": false} {
		w := hubtest.NewWorld(t)
		if may {
			permissions := maps.Clone(fakehub.DefaultPermissions())
			permissions["statuses"] = "read"
			w.Installation.Grant(permissions)
		}
		sha := w.Shop.Tip("main")
		w.Shop.SetStatus(sha, fakehub.Status{Context: "ci/old", State: "pending"})
		w.Shop.SetStatus(sha, fakehub.Status{Context: "ci/old", State: "failure", Target: "https://ci.example/1"})
		for range 2 {
			ci, err := w.Hub.CI(t.Context(), w.Repo(), sha)
			if err != nil || !ci.Known || (ci.Failed == 1) != may || (ci.Unread == "") != may {
				t.Errorf("%s: %+v %v", name, ci, err)
			}
		}
	}
}
