package judge

import (
	"slices"
	"testing"

	"github.com/gatehold/gatehold/internal/change"
)

// What was declared stands beside what was done, whether a rule asks for it or not.
func TestIntentsStandBesideWhatWasDone(t *testing.T) {
	r := rulesOf(t, "version: 1\nextends: [default]\nmode: enforce\n")
	c := &change.Change{Author: change.Actor{Login: "devin-ai-integration[bot]", Type: change.Bot, ID: 158243242}, Head: "a", Base: "b",
		Body: "```gatehold-intent\npaths: [docs/**]\nenvironments: []\n```\n```gatehold-intent\nnothing\n```",
		Files: []change.File{
			{Path: "docs/a.md", Status: change.Added, After: change.TextOf("# A\n"), Before: change.NoText()},
			{Path: "db/migrations/1.sql", Status: change.Added, After: change.TextOf("DROP TABLE invoices;\n"), Before: change.NoText()},
		}}
	in := Change(r, c).Intent
	if in == nil || in.Files != 2 || !slices.Equal(in.Folders, []string{"db/migrations", "docs"}) || !slices.Contains(in.Kinds, "sql/drop-table") {
		t.Fatalf("%+v", in)
	}
	if len(in.Declared) != 2 || !slices.Equal(in.Declared[0].Paths, []string{"docs/**"}) || in.Declared[0].Kinds != nil ||
		in.Declared[0].Environments == nil || in.Declared[1].Fault == "" {
		t.Errorf("%+v", in.Declared)
	}
	if len(in.Outside) != 1 || in.Outside[0].Path != "db/migrations/1.sql" || in.Outside[0].How != "declared are the paths docs/**" {
		t.Errorf("%+v", in.Outside)
	}
	c.Body = "nothing of it"
	if in := Change(r, c).Intent; in != nil {
		t.Errorf("nothing was declared: %+v", in)
	}
}
