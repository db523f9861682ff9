package hub_test

import (
	"testing"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/hub/hubtest"
	"github.com/gatehold/gatehold/internal/report"
)

// What a page shows beside a verdict: the words of the pull request, and whether
// others' checks pass, of which gatehold's own is none.
func TestWhatStandsBesideAVerdict(t *testing.T) {
	w := hubtest.NewWorld(t)
	_, seen := w.Open(fakehub.NewPull{Title: "Drop the old table", Body: "Because.", Files: fakehub.Files{"db/1.sql": "DROP TABLE orders;\n"}})
	about, err := w.Hub.About(t.Context(), seen.Subject)
	if err != nil || about.Title != "Drop the old table" || about.Body != "Because." || about.Author.Type != change.Bot || about.Head != seen.Head {
		t.Errorf("%+v %v", about, err)
	}
	f := w.Facts(seen)
	if _, err := w.Hub.PutCheck(t.Context(), seen.Subject.Repo, 0, checkOf(f, report.ActionRequired)); err != nil {
		t.Fatal(err)
	}
	if ci, err := w.Hub.CI(t.Context(), seen.Subject.Repo, seen.Head); err != nil || !ci.Known || ci.Passed+ci.Failed+ci.Running != 0 {
		t.Errorf("%+v %v", ci, err)
	}
	gone := seen.Subject
	gone.Number = 999
	if _, err := w.Hub.About(t.Context(), gone); err == nil {
		t.Error("a pull request that there is not says something")
	}
}
