package migration

import (
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
)

var fuzzPaths = []string{
	"db/migrate/1_a.rb", "db/schema.rb", "prisma/schema.prisma", "m/migrations/0001_x.py", "migrations/1_a.ts",
	"database/migrations/2026_01_01_a.php", "priv/repo/migrations/1_x.exs", "src/Migrations/1_A.cs", "db/changelog/a.xml",
	"db/changelog/a.yaml", "db/changelog/a.json", "db/migrations/0001_a.sql", "db/schema/a.sql", "src/db/schema.ts", "db/schema.hcl",
}

// Any text before and after must be read without panic, and what has not
// changed must not be reported.
func FuzzDetect(f *testing.F) {
	for i, path := range fuzzPaths {
		f.Add(i, "", "def up\n  drop_table :a\nend\nmigrations.RunSQL(\"x\", reverse_sql=\"y\")")
		f.Add(i, "create_table :a do |t|\nend", "exports.down = () => { t.dropColumn('a') }; $table->string('x')->change()")
		f.Add(i, "<a><dropTable tableName='x'/></a>", "model A {\n id Int\n}\n- dropTable:\n    tableName: a\n")
		f.Add(i, "import \"drizzle-orm\"; pgTable(\"a\", { id: text(\"id\").notNull() })", "table \"a\" {\n column \"b\" { type = int }\n}\n")
		f.Add(i, "CREATE TABLE a (id varchar(3), UNIQUE (id));", "CREATE TABLE a (id varchar(2) NOT NULL, s ENUM('a'));")
		_ = path
	}
	f.Fuzz(func(t *testing.T, which int, before, after string) {
		path := fuzzPaths[uint(which)%uint(len(fuzzPaths))]
		file := change.File{Path: path, Status: change.Modified, Before: change.TextOf(before), After: change.TextOf(after)}
		r := detect.NewReport(path)
		look(&file, r)
		for _, o := range r.Observations() {
			if o.Kind == nil || o.Line < 0 || o.Line > 2+strings.Count(before, "\n")+strings.Count(after, "\n") {
				t.Fatalf("observation %+v", o)
			}
		}
		file.Before = file.After
		again := detect.NewReport(path)
		look(&file, again)
		for _, o := range again.Observations() {
			if o.Kind != unreadable && o.Kind != irreversible {
				t.Fatalf("unchanged, and yet %s at line %d: %s", o.Kind.ID, o.Line, o.Object)
			}
		}
	})
}

// look has the detector look at a file alone, and at it as a change.
func look(f *change.File, r *detect.Report) {
	New().Detect(f, r)
	New().(detect.Whole).DetectChange(&change.Change{Files: []change.File{*f}}, r)
}

func BenchmarkRails(b *testing.B) {
	body := "class A < ActiveRecord::Migration[8.0]\n  def change\n" +
		strings.Repeat("    add_column :users, :name, :string, default: \"x\"\n    add_index :users, :name, algorithm: "+
			":concurrently\n", 20) + "  end\nend\n"
	file := change.File{Path: fuzzPaths[0], Status: change.Added, Before: change.NoText(), After: change.TextOf(body)}
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		New().Detect(&file, detect.NewReport(file.Path))
	}
}
