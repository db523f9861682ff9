package keeper_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/report"
)

// inventory tells what the fake GitHub holds, except for a repository that fails.
type inventory struct{ *github }

func (c inventory) Repositories(context.Context) ([]gate.Repo, error) {
	broken := gate.Repo{Installation: 7, ID: 43, Owner: "acme", Name: "broken"}
	return []gate.Repo{broken, shop}, fmt.Errorf("one installation could not be read")
}

func (c inventory) OpenPulls(_ context.Context, repo gate.Repo) (out []gate.Look, err error) {
	if repo.Name == "broken" {
		return nil, &gate.Error{Code: "github_unavailable", Text: "GitHub answered 502."}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for number, f := range c.pulls {
		if f.Open {
			out = append(out, gate.Look{
				Subject: gate.Subject{Kind: gate.PullRequest, Repo: shop, Number: number},
				Why:     gate.Reconciled, Head: f.Change.Head, BaseRef: f.Change.BaseRef,
			})
		}
	}
	return out, nil
}

// TestWhatNobodyToldIsFound: no delivery at all, not even a failed one, for an
// opened, a pushed to and a closed pull request.
func TestWhatNobodyToldIsFound(t *testing.T) {
	story(t, func(h *house) {
		h.close()
		h.hub.set(1, pull("aaa1", "db/drop.sql")) // open before the App was installed
		h.startWith(inventory{h.hub})
		h.settle(time.Second)
		h.expect("aaa1", report.ActionRequired, "Held")
		facts := h.hub.count("facts")
		h.settle(31 * time.Minute)
		if n := h.hub.count("facts"); n != facts {
			t.Errorf("judged %d times more although nothing was missed", n-facts)
		}

		h.hub.set(1, pull("aaa2", "README.md"))
		h.settle(11 * time.Minute)
		h.expect("aaa2", report.Success, "Passed")

		h.hub.set(1, func(f *change.Facts) { f.Open = false })
		h.settle(11 * time.Minute)
		if n := h.board().Standings()["closed"]; n != 1 {
			t.Errorf("%d gates are closed, want 1", n)
		}
	})
}
