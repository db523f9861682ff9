package suggest

import (
	"fmt"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/policy"
	"github.com/gatehold/gatehold/internal/rulesfile"
)

// BenchmarkSuggest reads 20,000 changes of a month and proposes.
func BenchmarkSuggest(b *testing.B) {
	files := Files{Repo: &rulesfile.Source{Name: policy.FileName,
		Text: []byte("version: 1\nextends: [default]\nrules:\n  - { id: own, title: Own, paths: [\"a/**\"], risk: 60 }\n")}}
	told := newTale(compiled(b, files))
	for i := range 20_000 {
		fates := []string{"approved", "merged"}
		if i%100 == 0 {
			fates = []string{"denied", "closed"}
		}
		findings := []string{"own", "migrations/sql@sql/add-index", fmt.Sprintf("shape/shape@shape/%s", []string{"link", "archive"}[i%2])}
		told.change(now.Add(-time.Duration(i%40)*24*time.Hour), "acme/shop", i+1, "Devin", findings, fates)
	}
	o := Options{Now: now, Since: 30 * 24 * time.Hour, Clean: 20, Repository: "acme/shop"}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Suggest(told.history, files, o); err != nil {
			b.Fatal(err)
		}
	}
}
