package repo_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/gate/repo"
)

// In whatever order events name the default branch, the newest by GitHub's time
// decides, and an older answer is not believed for a while.
func TestTheNewestEventNamesTheDefaultBranch(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := time.Date(2031, 3, 3, 9, 0, 0, 0, time.UTC)
		home := gate.Subject{Kind: gate.Repository, Repo: gate.Repo{ID: 1, Owner: "acme", Name: "shop"}}
		order := rapid.Permutation([]int{1, 2, 3, 4, 5}).Draw(t, "order")
		branches := rapid.SliceOfN(rapid.SampledFrom([]string{"main", "trunk", "next"}), 6, 6).Draw(t, "branches")
		s := repo.State{}.After(gate.Entry{Version: 1, At: at, Event: gate.Surveyed{Lanes: &gate.Lanes{Default: "first"}, RepoAt: at}})
		newest := 0
		for i, n := range order {
			named := at.Add(time.Duration(n) * time.Second)
			s = s.After(gate.Entry{Version: uint64(i + 2), At: at, Event: gate.Noticed{
				Subject: home, What: gate.LanesUnsure, Default: branches[n], RepoAt: named}})
			newest = max(newest, n)
		}
		if want := branches[newest]; s.Lanes.Default != want {
			t.Fatalf("the default branch is %s, want %s: %v in the order %v", s.Lanes.Default, want, branches, order)
		}
		known := at.Add(time.Duration(newest) * time.Second)
		for _, c := range []struct {
			at, now time.Time
			stale   bool
		}{
			{known.Add(-time.Second), at, true}, {known, at, true}, {known.Add(time.Second), at, false},
			{known, at.Add(time.Minute), false}, {known.Add(-time.Second), at.Add(29 * time.Minute), true},
			{known.Add(-time.Second), at.Add(30 * time.Minute), false}, {time.Time{}, at, false},
		} {
			if stale := s.StaleDefault("other", c.at, c.now); (stale != nil) != c.stale {
				t.Fatalf("an answer of %s at %s: %v, want stale %v", c.at, c.now, stale, c.stale)
			}
		}
		if stale := s.StaleDefault(s.Lanes.Default, at, at); stale != nil {
			t.Fatal(stale)
		}
	})
}
