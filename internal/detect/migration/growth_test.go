//go:build linux && !race

package migration

import (
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/detecttest"
)

// Texts made to be slow must be read in linear time; the bound lies far from
// what is linear (a fraction of a second) and what is quadratic (a minute).
func TestHostileTextsAreLinear(t *testing.T) {
	for name, piece := range map[string]string{
		"nested calls": "drop_table(", "nested blocks": "dir.down { ", "dos": "dir.down do\n", "downs": "def down\n",
		"calls":  "async down(",
		"hashes": "add_index a: {b: {", "quotes": "\"'", "runsql": "RunSQL(", "creates": "create_table :a do |t| ",
		"tables": "add_index :a, [:b, ",
		"tags":   "<a>", "list": "- a: [", "states": "state_operations=[", "chains": ").delete(", "names": "drop_table :a\n",
		"models": "model A {\n a B @map(\"", "tables of tables": "drizzle-orm pgTable(\"a\", {a: ", "blocks": "table \"a\" {\ncolumn \"b\" {",
		"columns": "CREATE TABLE a (b int, ", "more tables": "import \"drizzle-orm\"; createTable(\"a\", {b: c(\"d\")}); ",
		"sent": "send(:a, ", "got": "getattr(a.b, ", "indexed": "a[\"b\" + ", "dots": "a.b(c).delete().\n",
		"loops":   "for a in b.objects.all(): a.delete(",
		"reverts": "revert do\n", "assigned": "a = b(c, ", "types": "AlterColumn<a<b, ", "downs do": "down do\n",
	} {
		t.Run(name, func(t *testing.T) {
			for _, path := range fuzzPaths {
				body := strings.Repeat(piece, (120<<10)/len(piece))
				file := change.File{Path: path, Status: change.Modified, Before: change.TextOf(body[:len(body)/2]),
					After: change.TextOf(body)}
				if took := detecttest.Cost(func() { look(&file, detect.NewReport(path)) }); took > 10*time.Second {
					t.Errorf("%s: 120 KB took %s", path, took)
				}
			}
		})
	}
}
