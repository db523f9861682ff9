package service

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/web/source"
)

// texts is a GitHub that has one file in each commit.
type texts struct{ before, after string }

func (g texts) TextsWithin(_ context.Context, _ gate.Subject, c *change.Change, _ func(*change.File) bool, _ int64) error {
	for i := range c.Files {
		c.Files[i].Before, c.Files[i].After = change.TextOf(g.before), change.TextOf(g.after)
	}
	return nil
}

func (texts) About(context.Context, gate.Subject) (change.About, error) { return change.About{}, nil }
func (texts) CI(context.Context, gate.Repo, string) (change.CI, error)  { return change.CI{}, nil }

// A message carries few lines, those around what is dangerous, and nothing that reads as a
// secret.
func TestLinesForMessages(t *testing.T) {
	var before, after strings.Builder
	for n := range 100 {
		fmt.Fprintf(&before, "SELECT %d;\n", n)
		switch n {
		case 50:
			after.WriteString("DROP TABLE a;\n")
		case 52:
			after.WriteString("-- password = \"hunter2-Sw0rdf1sh-9\" AKIAIOSFODNN7EXAMPLE\n")
		default:
			fmt.Fprintf(&after, "SELECT %d;\n", n)
		}
	}
	d := dangerous{source.New(texts{before.String(), after.String()}, time.Now)}
	v := &gate.Verdict{Base: "b", Head: "h"}
	for n := range 9 {
		v.Findings = append(v.Findings, gate.Finding{Path: fmt.Sprintf("db/%d.sql", n), Line: 51, Risk: n, Object: "a"})
	}
	v.Findings = append(v.Findings, gate.Finding{Path: "watched.sql", Line: 51, Risk: 99, Observe: true}, gate.Finding{Risk: 99})
	got, err := d.Hunks(t.Context(), gate.Repo{ID: 1}, v)
	if err != nil || len(got) != toldFiles || got[0].Path != "db/8.sql" {
		t.Fatalf("%d hunks: %v", len(got), err)
	}
	text := strings.Join(got[0].Lines, "\n")
	if !strings.Contains(text, "+DROP TABLE a;") || !strings.Contains(text, "-SELECT 50;") || len(got[0].Lines) > 2*toldAround+4 {
		t.Errorf("%d lines:\n%s", len(got[0].Lines), text)
	}
	if strings.Contains(text, "AKIAIOSFODNN7EXAMPLE") {
		t.Errorf("a secret is told:\n%s", text)
	}
}
