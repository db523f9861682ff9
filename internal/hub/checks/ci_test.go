package checks_test

import (
	"slices"
	"testing"

	"github.com/gatehold/gatehold/internal/hub/hubtest"
)

func TestChecksOfOthersAreCounted(t *testing.T) {
	s := hubtest.NewStub(t)
	run := func(app int64, name, status string, conclusion any) any {
		return map[string]any{"name": name, "status": status, "conclusion": conclusion, "app": map[string]any{"id": app}}
	}
	hubtest.Answers(s, map[string]any{"/repositories/99/commits/" + s.HeadID + "/check-runs": map[string]any{"total_count": 7, "check_runs": []any{
		run(15368, "test", "completed", "failure"), run(15368, "lint", "completed", "success"), run(15368, "docs", "completed", "skipped"),
		run(15368, "slow", "in_progress", nil), run(int64(hubtest.AppID), "gatehold", "completed", "action_required"),
	}}})
	ci, err := s.Hub().CI(t.Context(), hubtest.Repo, s.HeadID)
	if err != nil || !ci.Known || ci.Passed != 2 || ci.Failed != 1 || ci.Running != 1 || !slices.Equal(ci.Failing, []string{"test"}) || !ci.Beyond {
		t.Errorf("%+v %v", ci, err)
	}
	if _, err := s.Hub().CI(t.Context(), hubtest.Repo, "short"); err == nil {
		t.Error("a short SHA is asked about")
	}
}
