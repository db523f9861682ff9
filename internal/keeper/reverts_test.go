package keeper_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
)

// TestWhatARevertTakesBackIsOnRecord follows a merged pull request and the one
// that takes it back.
func TestWhatARevertTakesBackIsOnRecord(t *testing.T) {
	story(t, func(h *house) {
		h.hub.set(1, pull("aaa1", "db/1.sql"))
		h.deliver(1, "opened")
		h.settle(time.Second)
		h.hub.set(1, func(f *change.Facts) { f.Open, f.Merged = false, true })
		h.deliver(1, "closed")
		h.hub.set(2, pull("bbb1", "db/1.sql"))
		h.hub.set(2, func(f *change.Facts) { f.Change.Body = "Reverts acme/shop#1" })
		h.deliver(2, "opened")
		h.settle(time.Second)
		h.hub.set(2, func(f *change.Facts) { f.Open = false })
		h.deliver(2, "closed")
		h.settle(time.Second)

		merged, reverts := map[int]bool{}, map[int][]int{}
		for _, number := range []int{1, 2} {
			stream := gate.Subject{Kind: gate.PullRequest, Repo: shop, Number: number}.Stream()
			detail, err := h.board().Detail(context.Background(), stream)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range detail.Records {
				ev, err := gate.Decode(r.Kind, r.Body)
				if err != nil {
					t.Fatal(err)
				}
				switch ev := ev.(type) {
				case gate.Judged:
					reverts[number] = ev.Reverts
				case gate.Closed:
					merged[number] = ev.Merged
				}
			}
		}
		if !merged[1] || merged[2] || reverts[1] != nil || !slices.Equal(reverts[2], []int{1}) {
			t.Errorf("merged %v, reverts %v", merged, reverts)
		}
	})
}
