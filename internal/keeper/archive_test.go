package keeper_test

import (
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/report"
)

// TestAnArchivedRepositoryIsLeftAlone: until it is unarchived, which an event
// tells, or the comparison with GitHub.
func TestAnArchivedRepositoryIsLeftAlone(t *testing.T) {
	for name, unarchive := range map[string]func(h *house){
		"event":      func(h *house) { h.tell(shop, gate.Unarchived, "") },
		"comparison": func(*house) {},
	} {
		t.Run(name, func(t *testing.T) {
			story(t, func(h *house) {
				h.close()
				h.hub.mu.Lock()
				h.hub.fault = func(call string) (error, bool) {
					if call == "put" {
						return &gate.Error{Code: "archived", Text: "The repository is archived.", Final: true}, false
					}
					return nil, false
				}
				h.hub.mu.Unlock()
				h.start() // nothing is compared: archived repositories are not listed
				h.hub.set(1, pull("aaa1", "db/drop.sql"))
				h.deliver(1, "opened")
				h.settle(2 * time.Hour)
				if n := h.hub.count("put"); n != 1 {
					t.Errorf("%d attempts within two hours, want 1", n)
				}
				gates := h.board().Gates()
				if len(gates) != 1 || !strings.Contains(gates[0].Reason, "unarchived") {
					t.Errorf("it does not say so: %+v", gates)
				}
				h.hub.mu.Lock()
				h.hub.fault = nil
				h.hub.mu.Unlock()
				if name == "comparison" {
					h.close()
					h.startWith(inventory{h.hub})
				}
				unarchive(h)
				h.settle(time.Minute)
				h.expect("aaa1", report.ActionRequired, "Held")
				if gates := h.board().Gates(); strings.Contains(gates[0].Reason, "unarchived") {
					t.Errorf("it still says so: %+v", gates)
				}
			})
		})
	}
}

// TestWhatHasToGoGoesOnceItIsUnarchived: GitHub did not take back the green of a
// head that the pull request has left.
func TestWhatHasToGoGoesOnceItIsUnarchived(t *testing.T) {
	story(t, func(h *house) {
		h.hub.lanes = `"base*"`
		into := func(head string) {
			h.hub.set(1, pull(head, "README.md"))
			h.hub.set(1, func(f *change.Facts) { f.Change.BaseRef = "base1" })
		}
		into("aaa1")
		h.deliver(1, "opened")
		h.settle(time.Second)
		h.expect("aaa1 gatehold: base*", report.Success, "Passed")

		h.hub.mu.Lock()
		h.hub.fault = func(call string) (error, bool) {
			if call == "put" {
				return &gate.Error{Code: "archived", Text: "The repository is archived.", Final: true}, false
			}
			return nil, false
		}
		h.hub.mu.Unlock()
		into("aaa2")
		h.deliver(1, "synchronize")
		h.settle(2 * time.Hour)
		h.hub.mu.Lock()
		h.hub.fault = nil
		h.hub.mu.Unlock()
		h.tell(shop, gate.Unarchived, "")
		h.settle(time.Minute)
		h.expect("aaa2 gatehold: base*", report.Success, "Passed")
		h.expect("aaa1 gatehold: base*", report.ActionRequired, "nothing that is open in this lane")
	})
}
