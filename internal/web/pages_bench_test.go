package web

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/board"
	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/web/source"
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

// BenchmarkGate is the page of a hold with 300 files, each with a finding and, as far as
// so many are read, with its lines.
func BenchmarkGate(b *testing.B) {
	var findings []gate.Finding
	after := map[string]string{}
	for i := range 300 {
		path := fmt.Sprintf("db/migrations/%04d_drop.sql", i)
		findings = append(findings, gate.Finding{Rule: "migrations/sql", Pack: "migrations", Path: path, Line: 21, Object: "invoices", Risk: 80,
			Message: path + " line 21 drops a table: invoices.", Why: "The rows are gone when the statement commits."})
		after[path] = strings.Repeat("-- a comment\nSELECT id, total FROM orders WHERE total > 10;\n", 10) + "DROP TABLE invoices;\n"
	}
	h := New(Deps{Board: one{state: held(findings...)}, Lists: shown{}, Source: source.New(library{after}, time.Now), GitHub: "https://github.com",
		Metrics: NewMetrics(), Pages: true, Slog: slog.New(slog.DiscardHandler), Now: func() time.Time { return noon }})
	var size int64
	for b.Loop() {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/gates/pr/42/5", nil))
		if w.Code != http.StatusOK || strings.Count(w.Body.String(), "<mark>invoices</mark>") != source.MaxFiles {
			b.Fatal(w.Code, strings.Count(w.Body.String(), "<mark>"))
		}
		size = int64(w.Body.Len())
	}
	b.SetBytes(size)
	b.ReportAllocs()
}

// library is a GitHub that has texts, and nothing else.
type library struct{ after map[string]string }

func (l library) TextsWithin(_ context.Context, _ gate.Subject, c *change.Change, _ func(*change.File) bool, _ int64) error {
	for i := range c.Files {
		c.Files[i].Before, c.Files[i].After = change.NoText(), change.TextOf(l.after[c.Files[i].Path])
	}
	return nil
}

func (library) About(context.Context, gate.Subject) (change.About, error) { return change.About{}, nil }

func (library) CI(context.Context, gate.Repo, string) (change.CI, error) { return change.CI{}, nil }
