package web

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/board"
	"github.com/gatehold/gatehold/internal/gate"
)

// busyBoard is a board with as many gates as a large organisation has open.
type busyBoard struct {
	shown
	page board.Page
}

func (b busyBoard) List(board.Query) board.Page { return b.page }

// BenchmarkList is a page of gates, from the request to the answer.
func BenchmarkList(b *testing.B) {
	busy := busyBoard{}
	for i := range board.DefaultLimit {
		busy.page.Gates = append(busy.page.Gates, board.Summary{
			Stream: fmt.Sprint("pr/42/", i), Subject: gate.Subject{Kind: gate.PullRequest, Repo: shop, Number: i}, Head: "0123456789abcdef",
			Standing: gate.IsHeld, Score: 70, Level: gate.High, Agents: []string{"devin"}, Strength: gate.Verified,
			Reason: "needs 1 approval from @acme/sre: it drops a table in db/migrations/0001_drop.sql", ChangedAt: noon,
		})
	}
	h := New(Deps{Board: busy, Lists: busy, Metrics: NewMetrics(), Pages: true, Now: func() time.Time { return noon }})
	var size int64
	for b.Loop() {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/gates", nil))
		if w.Code != http.StatusOK {
			b.Fatal(w.Code)
		}
		size = int64(w.Body.Len())
	}
	b.SetBytes(size)
	b.ReportAllocs()
}
