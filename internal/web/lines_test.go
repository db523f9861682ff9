package web

import (
	"context"
	"log/slog"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/web/source"
)

// shelf is a GitHub with a few texts.
type shelf struct {
	after map[string]string
	fails error
}

func (s shelf) Lines(_ context.Context, _ gate.Repo, _, _ string, paths []string) (map[string]source.Sides, error) {
	out := map[string]source.Sides{}
	for _, p := range paths {
		out[p] = source.Sides{Before: change.NoText(), After: change.TextOf(s.after[p])}
		if s.after[p] == "" {
			out[p] = source.Sides{After: change.TooLarge("b", 1<<30, 1<<20)}
		}
	}
	return out, s.fails
}

func (shelf) Around(context.Context, gate.Subject, string) source.Around { return source.Around{} }

func held(findings ...gate.Finding) gate.State {
	return gate.State{Subject: gate.Subject{Kind: gate.PullRequest, Repo: shop, Number: 5}, Wanted: 1, Covered: 1,
		RulesAt: gate.RulesAt{Tip: "feedc0de"}, Verdict: &gate.Verdict{Head: "abcdef01", Base: "00ba5e00", Held: true,
			Needs: &gate.Need{Approvals: 1, From: []string{"@acme/sre"}}, Findings: findings}}
}

func shownFrom(t *testing.T, from Source, s gate.State) string {
	t.Helper()
	h := New(Deps{Board: one{state: s}, Lists: shown{}, Source: from, GitHub: "https://github.com", Metrics: NewMetrics(), Pages: true,
		Slog: slog.New(slog.DiscardHandler), Now: func() time.Time { return noon }, Ready: func(context.Context) error { return nil }})
	code, body := read(t, h, "/gates/pr/42/5", "text/html")
	if code != http.StatusOK {
		t.Fatal(code, body)
	}
	return body
}

func TestFindingsStandBesideTheirLines(t *testing.T) {
	seen := "sql/drop-table"
	drop := gate.Finding{Rule: "own", Pack: "repository", Observation: &seen, Path: "a.sql", Line: 2, Object: "users", Risk: 80,
		Message: "a.sql line 2 drops a table: users.", Why: "The rows are gone."}
	small := gate.Finding{Rule: "files", Pack: "migrations", Path: "a.sql", Risk: 10, Message: "a.sql was added: A migration."}
	large := gate.Finding{Rule: "big", Pack: "shape", Path: "large.sql", Line: 9, Risk: 50, Message: "large.sql line 9 is large."}
	s := held(small, large, drop)
	body := shownFrom(t, shelf{after: map[string]string{"a.sql": "-- x\nDROP TABLE users;\n",
		".github/gatehold.yml": "version: 1\nrules:\n  - { id: other }\n  - id: \"own\" # ours\n"}}, s)
	order := []string{"wants to drop the table", "Needs <strong class=\"outside\">1 of @acme/sre</strong>", `<span class="kw">DROP</span>`, "<mark>users</mark>",
		"Its lines cannot be shown: it has 1073741824 bytes", "<details class=\"fold\"><summary>1 of less weight", "Was added: A migration"}
	at := 0
	for _, want := range order {
		i := strings.Index(body[at:], want)
		if i < 0 {
			t.Fatalf("no %q after %d in\n%s", want, at, body[strings.Index(body, "<main"):])
		}
		at += i
	}
	for _, want := range []string{`href="https://github.com/acme/shop/blob/abcdef01/a.sql#L2"`, `href="https://github.com/acme/shop/pull/5"`,
		`href="https://github.com/acme/shop/blob/feedc0de/.github/gatehold.yml#L4"`} {
		if !strings.Contains(body, want) {
			t.Errorf("nothing leads to %s", want)
		}
	}
	if n := strings.Count(body, "The rows are gone."); n != 1 {
		t.Errorf("what could be lost is said %d times", n)
	}
}

func TestWithoutLinesThePageSaysWhereTheyAre(t *testing.T) {
	s := held(gate.Finding{Rule: "r", Pack: "p", Path: "a.sql", Line: 2, Risk: 80, Message: "a.sql line 2 drops a table: users."})
	body := shownFrom(t, shelf{fails: &gate.Error{Code: "github_unavailable", Text: "GitHub does not answer."}}, s)
	for _, want := range []string{"The lines cannot be shown now. GitHub does not answer.", `href="https://github.com/acme/shop/pull/5/files"`,
		"Drops a table: users"} {
		if !strings.Contains(body, want) {
			t.Errorf("it does not say %q", want)
		}
	}
	if body := shownFrom(t, nil, s); !strings.Contains(body, "Drops a table: users") || strings.Contains(body, "cannot be shown") {
		t.Error("a page that reads nothing complains")
	}
}

func TestWhereTheIDsOfRulesStand(t *testing.T) {
	got := idLines("id: a\n- id: 'b'\n  - { id: c, risk: 3 }\n  title: id: d\n# id: e\n- id:\n")
	if want := map[string]int{"a": 1, "b": 2, "c": 3}; !maps.Equal(got, want) {
		t.Errorf("%v", got)
	}
}
