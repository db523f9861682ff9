package keeper_test

import (
	"context"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/report"
)

// What led to a pull request stands on its record, moves with its body, and is
// nothing that an approval is for.
func TestOriginIsOnRecord(t *testing.T) {
	story(t, func(h *house) {
		stream := gate.Subject{Kind: gate.PullRequest, Repo: shop, Number: 1}.Stream()
		judged := func() *gate.Verdict {
			h.settle(20 * time.Second)
			d, err := h.board().Detail(context.Background(), stream)
			if err != nil || d.State.Verdict == nil {
				t.Fatalf("%+v, %v", d.State, err)
			}
			return d.State.Verdict
		}
		h.hub.set(1, pull("aaa1", "db/drop.sql"))
		h.hub.set(1, func(f *change.Facts) {
			f.Change.Issues = []change.Issue{{Repository: "acme/shop", Number: 7,
				Author: change.Actor{Login: "planner[bot]", Type: change.Bot}}}
		})
		h.deliver(1, "opened")
		before := judged()
		if o := before.Origin; len(o) != 1 || o[0].Kind != "issue" || o[0].Ref != "#7" || o[0].By != "planner[bot]" || !o[0].Agent {
			t.Errorf("%+v", o)
		}
		h.hub.set(1, func(f *change.Facts) {
			f.Change.Issues = append(f.Change.Issues,
				change.Issue{Repository: "acme/plans", Number: 8, Author: change.Actor{Login: "ana", ID: 5, Type: change.User}})
		})
		h.deliver(1, "edited")
		after := judged()
		if o := after.Origin; len(o) != 2 || o[1].Ref != "acme/plans#8" || o[1].Agent {
			t.Errorf("%+v", o)
		}
		if before.Digest != after.Digest {
			t.Error("where a change comes from is part of what an approval is for")
		}
		h.expect("aaa1", report.ActionRequired, "Held")
	})
}
