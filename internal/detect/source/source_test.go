package source

import (
	"strings"
	"testing"
)

func FuzzTokens(f *testing.F) {
	for l := Ruby; l <= CLike; l++ {
		f.Add("a = \"x\" + 'y' # z\n<<~SQL\nx\nSQL\n`q` /a'/ %q(x) r#\"y\"# @\"z\" '''w''' ~s(v) :sym", uint8(l))
	}
	f.Fuzz(func(t *testing.T, src string, lang uint8) {
		l := Language(lang % uint8(CLike+1))
		at := 0
		toks := Tokens(src, l)
		for _, tok := range toks {
			if tok.From < at || tok.To < tok.From || tok.To > len(src) {
				t.Fatalf("token %+v after %d", tok, at)
			}
			if want := 1 + strings.Count(src[:tok.From], "\n"); tok.Line != want {
				t.Fatalf("token %q at %d is on line %d, not %d", tok.Text, tok.From, tok.Line, want)
			}
			at = tok.To
		}
		Backward(toks, l)
	})
}

func FuzzChanges(f *testing.F) {
	f.Add("<a><sql>x</sql><rollback>y</rollback></a>", uint8(0))
	f.Add("a:\n  - sql: x\n", uint8(1))
	f.Add(`{"a":[{"sql":"x"}]}`, uint8(2))
	f.Fuzz(func(t *testing.T, src string, ext uint8) {
		list, _ := Changes(src, [...]string{".xml", ".yaml", ".json"}[ext%3])
		for _, c := range list {
			if c.Attrs == nil || c.Line < 0 {
				t.Fatalf("%+v", c)
			}
		}
	})
}

func TestLook(t *testing.T) {
	for path, want := range map[string]string{
		"db/migrate/20260101_x.rb":                    "migration versioned",
		"db/schema.rb":                                "schema",
		"db/migrations/V7__x.sql":                     "migration versioned oneway",
		"db/migrations/U7__x.sql":                     "migration versioned rollback oneway",
		"db/migrations/R__views.sql":                  "migration",
		"db/migrations/V42__orders_rollback.sql":      "migration versioned oneway",
		"db/migrations/20260101000000_x_undo.sql":     "migration versioned",
		"db/migrations/20260101000000_x_down.sql":     "migration versioned rollback oneway",
		"db/migrations/0042_x_rollback.sql":           "migration versioned rollback oneway",
		"db/migrate/20260101_fix_rollback.rb":         "migration versioned",
		"db/V0012.Name.down.sql":                      "migration versioned rollback oneway",
		"migrations/2024-01-01-000000_x/up.sql":       "migration versioned oneway",
		"migrations/2024-01-01-000000_x/down.sql":     "migration versioned rollback oneway",
		"prisma/migrations/20240101_x/migration.sql":  "migration versioned oneway",
		"prisma/schema.prisma":                        "schema",
		"app/migrations/0001_initial.py":              "migration versioned",
		"alembic/versions/ae1027a6acf1_x.py":          "migration versioned",
		"db/migrations/20260624100140_add_schema.rb":  "migration versioned",
		"db/changelog/db.changelog-1.xml":             "migration",
		"src/main.go":                                 "",
		"src/main_test.go":                            "test",
		"docs/versions/2.sql":                         "migration",
		"models/orders.sql":                           "",
		"internal/postgres/migrations/0001_a.up.sql":  "migration versioned oneway",
		"db/migrations/0007_tags.sql.erb":             "migration versioned",
		"services/versions/api.go":                    "migration",
		"db/migrations/rollback/0007_tags.sql":        "migration versioned rollback oneway",
		"frontend/src/migrationGuide.ts":              "",
		"db/migrations/20240101000000_schema.sql":     "migration versioned",
		"db/migrations/0007_tags_structure.sql":       "migration versioned",
		"db/structure.sql":                            "schema",
		"backend/db/migration/V2_1__add_x.sql":        "migration versioned oneway",
		"backend/db/migration/v2.1.0__add_x.sql":      "migration versioned oneway",
		"ts/src/migrations/1700000000000-AddThing.ts": "migration versioned",
	} {
		p := Look(path)
		var got []string
		for _, f := range []struct {
			on   bool
			name string
		}{{p.Migration, "migration"}, {p.Versioned, "versioned"}, {p.Rollback, "rollback"}, {p.OneWay, "oneway"},
			{p.Schema, "schema"}, {p.Test, "test"}} {
			if f.on {
				got = append(got, f.name)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %q, want %q", path, strings.Join(got, " "), want)
		}
	}
}
