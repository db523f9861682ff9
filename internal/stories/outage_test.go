//go:build services

package stories

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/faults"
	"github.com/gatehold/gatehold/internal/testworld"
)

// TestOutages: GitHub answers 502, or 403 for its secondary limit, for a
// while. No pull request is lost, and the door answers all the while.
func TestOutages(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]faults.Fault{
		"bad gateway":     {Kind: faults.Status, Code: 502},
		"secondary limit": {Kind: faults.SecondaryLimit, RetryAfter: 2 * time.Second},
		"lost answers":    {Kind: faults.LostAnswer, Probability: 0.5},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, testworld.Options{})
			w.begin()
			fault.Route = "* /repos/*"
			rest := w.hub.Inject(fault)
			fault.Route = "POST /graphql"
			graph := w.hub.Inject(fault)
			harms := func(n int) bool { return n%2 == 0 }
			var pulls []*fakehub.Pull
			for n := range 40 {
				pull, err := w.Open(fakehub.NewPull{Files: testworld.Change(n, harms(n))})
				w.must(err)
				pulls = append(pulls, pull)
			}
			answered := make(chan error, 1)
			ctx, cancel := context.WithCancel(t.Context())
			go func() { answered <- w.keepsAnswering(ctx) }()
			w.until(30*time.Second, "the fault was not met", func() bool { return rest.Hits()+graph.Hits() > 20 })
			rest.Remove()
			graph.Remove()
			w.until(2*time.Minute, "not every pull request has its check", func() bool {
				for n, pull := range pulls {
					if w.Judged(pull, harms(n)) != "" {
						return false
					}
				}
				return true
			})
			cancel()
			if err := <-answered; err != nil {
				t.Error(err)
			}
			w.settle()
			for n, pull := range pulls {
				if wrong := w.Judged(pull, harms(n)); wrong != "" {
					t.Error(wrong)
				}
			}
		})
	}
}

// keepsAnswering asks the door again and again until ctx ends; it must always
// answer.
func (r *rig) keepsAnswering(ctx context.Context) error {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for n := 0; ; n++ {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
		req, err := testworld.Delivery("/webhook", "ping", fmt.Sprintf("ping-%d", n),
			[]byte(`{"zen":"Keep it logically awesome.","hook_id":1}`))
		if err != nil {
			return err
		}
		w := httptest.NewRecorder()
		(*r.door.Load()).ServeHTTP(w, req)
		if w.Code != http.StatusOK {
			return fmt.Errorf("the door answered %d", w.Code)
		}
	}
}
