package judge

import (
	"fmt"
	"testing"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect/catalog"
	"github.com/gatehold/gatehold/internal/policy"
	"github.com/gatehold/gatehold/internal/rulesfile"
)

var typicalPaths = []string{
	"services/billing/db/migrations/20260101_add_index.sql", "services/billing/main.go", "services/billing/main_test.go",
	"docs/README.md", "web/src/components/Button.tsx", ".github/workflows/ci.yml", "deploy/k8s/billing/deployment.yaml",
	"go.mod", "go.sum", "scripts/release.sh",
}

// manyFiles is a change of n files such as there are in a large repository.
func manyFiles(n int) *change.Change {
	c := &change.Change{
		Repository: "acme/shop", Number: 7, HeadRef: "copilot/fix", BaseRef: "main", Title: "Fix the thing",
		Author: change.Actor{Login: "Copilot", ID: 198982749, Type: change.Bot},
	}
	for i := range n {
		p := typicalPaths[i%len(typicalPaths)]
		if i >= len(typicalPaths) {
			p = fmt.Sprintf("pkg%d/%s", i/len(typicalPaths), p)
		}
		c.Files = append(c.Files, change.File{Path: p, Status: change.Modified, Mode: change.ModeFile, PreviousMode: change.ModeFile,
			Before: change.TextOf("before\n"), After: change.TextOf("after\n")})
	}
	return c
}

// strictest rules that ship, so that every pack is in force.
func strictFile(tb testing.TB) *rulesfile.File {
	tb.Helper()
	f, err := rulesfile.Parse(rulesfile.Source{Name: "bench", Text: []byte("version: 1\nextends: [strict]\n")})
	if err != nil {
		tb.Fatal(err)
	}
	return f
}

func strictRules(tb testing.TB) *policy.Rules {
	tb.Helper()
	r, err := policy.Compile(strictFile(tb), nil)
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

// withoutDetectors measures the rules alone: paths, merging, scoring, digest.
func withoutDetectors(tb testing.TB) *policy.Rules {
	tb.Helper()
	r, err := policy.CompileWith(strictFile(tb), nil, catalog.NewRegistry(nil))
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

func BenchmarkJudge(b *testing.B) {
	all := strictRules(b)
	for _, which := range []struct {
		name  string
		rules *policy.Rules
	}{{"rules", withoutDetectors(b)}, {"detectors", all}} {
		for _, n := range []int{10, 100, 1000, 3000} {
			c := manyFiles(n)
			b.Run(fmt.Sprintf("%s/files=%d", which.name, n), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					Change(which.rules, c)
				}
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "verdicts/s")
			})
		}
	}
}

func BenchmarkWants(b *testing.B) {
	r := strictRules(b)
	c := manyFiles(3000)
	for b.Loop() {
		for i := range c.Files {
			r.Wants(&c.Files[i])
		}
	}
}

func BenchmarkCompile(b *testing.B) {
	text := []byte("version: 1\nextends: [strict]\nrules:\n  - { id: a, title: A, paths: [\"a/**\"], risk: 5 }\n")
	for b.Loop() {
		f, err := rulesfile.Parse(rulesfile.Source{Name: "bench", Text: text})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := policy.Compile(f, nil); err != nil {
			b.Fatal(err)
		}
	}
}
