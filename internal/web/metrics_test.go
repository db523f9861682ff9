package web

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/board"
	"github.com/gatehold/gatehold/internal/gate"
)

type standings struct{ since time.Time }

func (standings) Standings() map[gate.Standing]int { return nil }
func (standings) Guards() map[board.Guarded]int    { return nil }
func (standings) OldestWaiting() time.Time         { return time.Time{} }
func (standings) Unreviewed() int                  { return 0 }
func (s standings) Untold() (time.Time, int)       { return s.since, 3 }

// An operator's alarm sees a channel that is dead: how many attempts failed by it, how long
// something waits, and what is not tried any more.
func TestADeadChannelIsMeasured(t *testing.T) {
	now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	m := NewMetrics()
	m.Watch(standings{now.Add(-90 * time.Second)}, func() time.Time { return now })
	m.Messaged("ops", "failed")
	m.Messaged("ops", "failed")
	m.Messaged("ops", "given_up")
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	for _, line := range []string{
		`gatehold_messages_total{channel="ops",outcome="failed"} 2`, `gatehold_messages_total{channel="ops",outcome="given_up"} 1`,
		"gatehold_messages_age_seconds 90", "gatehold_messages_given_up 3",
	} {
		if !strings.Contains(w.Body.String(), "\n"+line+"\n") {
			t.Errorf("the metrics lack %s", line)
		}
	}
}
