package sql

import (
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
)

// The lexer must take any text, in either reading, and cover it in order.
func FuzzLexer(f *testing.F) {
	for _, s := range []string{"SELECT 'a''b' -- x\n;", "/* /* */ */ $a$ x $a$", "DELIMITER //\nx //",
		"COPY t FROM STDIN;\n1\n\\.\n", "[a b] {{ x }} #{y} E'\\''", "CREATE TRIGGER t BEGIN x; END;", "--\n#\n'", "-- a\r\\gexec\n:setvar v x\r\n$(v) q'[x]'", "[a]]'] AS a$$b\u3000\ufeff \\i x \\\\ ;"} {
		f.Add(s, true)
		f.Add(s, false)
	}
	f.Fuzz(func(t *testing.T, src string, my bool) {
		l := lexer{src: src, line: 1, bol: true, fresh: true, reading: reading{mysql: my, mssql: my, oracle: !my, client: true}}
		at := 0
		for {
			tok, ok := l.next()
			if !ok {
				break
			}
			if tok.from < at || tok.to <= tok.from || tok.to > len(src) {
				t.Fatalf("token %d..%d after %d", tok.from, tok.to, at)
			}
			if want := 1 + strings.Count(src[:tok.from], "\n"); tok.line != want {
				t.Fatalf("token at %d is on line %d, not %d", tok.from, tok.line, want)
			}
			at = tok.to
			l.fresh = tok.kind == end
		}
		if l.pos != len(src) {
			t.Fatalf("stopped at %d of %d", l.pos, len(src))
		}
	})
}

// The whole detector must take any text before and after, as SQL and inside
// programs, and never report a statement that has not changed.
func FuzzDetect(f *testing.F) {
	for _, path := range fuzzPaths {
		f.Add("", "DROP TABLE a; ALTER TABLE b ADD COLUMN c int, DROP d; EXEC('x')", path)
		f.Add("BEGIN; DROP TABLE a; ROLLBACK;", "\\set v DROP\n:v TABLE a; SET @s = CONCAT('DROP ', @s); PREPARE p FROM @s; COPY t FROM stdin;\n\\.\n"+
			"USE b; SELECT format('%I %s', chr(68), CASE WHEN a THEN 'x' END) \\gexec", path)
		f.Add("SELECT 1", "DO $$ BEGIN DELETE FROM a; END $$; MERGE INTO x USING y ON 1=1", path)
		f.Add("CREATE TABLE a (b int)", "exec(\"TRUNCATE TABLE a\" + x + `y`)\n<<~SQL\nDROP TABLE a\nSQL\n", path)
	}
	f.Fuzz(func(t *testing.T, before, after, path string) {
		file := change.File{Path: path, Status: change.Modified, Before: change.TextOf(before), After: change.TextOf(after)}
		r := detect.NewReport(path)
		New().Detect(&file, r)
		for _, o := range r.Observations() {
			if o.Kind == nil || o.Line < 0 || o.Line > 2+strings.Count(before+after, "\n")+4*strings.Count(after, `\n`) {
				t.Fatalf("observation %+v", o)
			}
		}
		file.Before = file.After
		again := detect.NewReport(path)
		New().Detect(&file, again)
		for _, o := range again.Observations() {
			if o.Kind != unread {
				t.Fatalf("unchanged, and yet %s at line %d: %s", o.Kind.ID, o.Line, o.Object)
			}
		}
	})
}

var fuzzPaths = []string{"db/migrations/0001.sql", "mysql/a.sql", "db/structure.sql", "a.go", "db/migrate/1_a.rb",
	"m/migrations/0001_x.py", "migrations/1.ts", "a.php", "migrations/x.exs", "src/migrations/a.rs", "db/changelog/a.xml",
	"db/changelog/a.yaml"}

func bench(b *testing.B, path, before, after string) {
	file := change.File{Path: path, Status: change.Modified, Before: change.TextOf(before), After: change.TextOf(after)}
	if before == "" {
		file.Before = change.NoText()
	}
	b.SetBytes(int64(len(after)))
	b.ReportAllocs()
	for b.Loop() {
		New().Detect(&file, detect.NewReport(path))
	}
}

var (
	dumpText = strings.Repeat("INSERT INTO users VALUES (1, 'some name', 'it''s a text of some length', 12.5, NULL);\n", 60_000)
	ddlText  = strings.Repeat("ALTER TABLE orders ADD COLUMN note text; CREATE TABLE a (id bigint PRIMARY KEY, name text "+
		"NOT NULL DEFAULT 'x');\n", 10_000)
	codeText = strings.Repeat("func handle(w http.ResponseWriter, r *http.Request) {\n\tupdate := \"UPDATE users SET seen = "+
		"now() WHERE id = $1\" // update the row\n\tlog.Printf(\"%s\", name)\n}\n", 8_000)
)

func BenchmarkDump5MB(b *testing.B) { bench(b, "db/dump.sql", "", dumpText) }
func BenchmarkDDL(b *testing.B)     { bench(b, "db/migrations/0001.sql", "", ddlText) }
func BenchmarkDDLDiff(b *testing.B) { bench(b, "db/all.sql", ddlText, ddlText+"DROP TABLE a;") }
func BenchmarkCode(b *testing.B)    { bench(b, "store/a.go", "", codeText) }
func BenchmarkSmall(b *testing.B) {
	bench(b, "db/migrations/0001.sql", "", "ALTER TABLE users ADD COLUMN a int;\nCREATE INDEX i ON users (a);\n")
}
func BenchmarkLexer(b *testing.B) {
	b.SetBytes(int64(len(ddlText)))
	for b.Loop() {
		l := lexer{src: ddlText, line: 1}
		for {
			if _, ok := l.next(); !ok {
				break
			}
		}
	}
}
