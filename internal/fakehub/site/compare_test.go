package site_test

import (
	"fmt"
	"testing"

	"github.com/gatehold/gatehold/internal/fakehub"
)

// TestCompareIsPagedByCommits shows GitHub's bounds: 250 commits unless they
// are paged, and files, 300 of them, on the first page only.
func TestCompareIsPagedByCommits(t *testing.T) {
	w, _ := deployWorld(t, fakehub.Options{})
	base := w.shop.Tip("main")
	many := fakehub.Files{}
	for i := range 310 {
		many[fmt.Sprintf("f/%03d", i)] = "x\n"
	}
	var tip string
	for i := range 260 {
		var err error
		tip, err = w.shop.Commit("main", fakehub.NewCommit{Author: w.alice, Message: fmt.Sprint("C", i), Files: many})
		w.do(err)
		many = fakehub.Files{"n": fmt.Sprint(i)}
	}
	_, err := w.shop.CommitOn(base, "side", fakehub.NewCommit{Author: w.alice, Message: "Side", Files: fakehub.Files{"s": "1"}})
	w.do(err)
	type answer struct {
		Status  string
		Total   int `json:"total_commits"`
		Ahead   int `json:"ahead_by"`
		Behind  int `json:"behind_by"`
		Commits []struct{ SHA string }
		Files   []struct{ Filename string }
	}
	for query, want := range map[string]struct {
		status         string
		total          int
		commits, files int
	}{
		base + "..." + tip:                          {"ahead", 260, 250, 300},
		base + "..." + tip + "?per_page=100":        {"ahead", 260, 100, 300},
		base + "..." + tip + "?per_page=100&page=3": {"ahead", 260, 60, 0},
		tip + "..." + base:                          {"behind", 0, 0, 0},
		tip + "..." + tip:                           {"identical", 0, 0, 0},
		tip + "...side":                             {"diverged", 1, 1, 1},
	} {
		var got answer
		w.api().get("/repos/acme/shop/compare/" + query).want(200).into(&got)
		if got.Status != want.status || got.Total != want.total || len(got.Commits) != want.commits || len(got.Files) != want.files {
			t.Errorf("%s: %s with %d of %d commits and %d files, want %+v", query, got.Status, len(got.Commits), got.Total,
				len(got.Files), want)
		}
	}
	w.api().get("/repos/acme/shop/compare/" + base + "...nothing").want(404)
}
