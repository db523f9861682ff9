//go:build linux && !race

package sql

import (
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/detecttest"
)

// Texts made to be slow must be read in linear time. What is quadratic takes
// minutes for a quarter of a megabyte, what is linear a fraction of a second; the bound
// lies far from both, so that a busy machine does not matter.
func TestHostileTextsAreLinear(t *testing.T) {
	for name, piece := range hostile {
		t.Run(name, func(t *testing.T) {
			for _, path := range []string{"db/migrations/0001.sql", "db/migrate/1_a.rb", "a.js", "a.lua", "queries.toml"} {
				body := strings.Repeat(piece, (256<<10)/len(piece))
				file := change.File{Path: path, Status: change.Modified, Before: change.TextOf(body), After: change.TextOf(body + piece)}
				if took := detecttest.Cost(func() { New().Detect(&file, detect.NewReport(path)) }); took > 20*time.Second {
					t.Errorf("%s: 256 KB took %s", path, took)
				}
			}
		})
	}
}

var hostile = map[string]string{
	"quotes":          "'",
	"lost dollars":    "$a$ $b$ $c$ x; ",
	"distinct quotes": "\"' ` \n",
	"open comments":   "/* ",
	"nested comments": "/* /* */ ",
	"parens":          "(((((((((",
	"calls":           "exec(DROP TABLE ",
	"copy":            "COPY a FROM STDIN;\n",
	"alters":          "ALTER TABLE a DROP b, ",
	"one statement":   "DROP TABLE a ",
	"with":            "WITH a AS (DELETE FROM b ",
	"or":              "DELETE FROM a WHERE x OR ",
	"begin":           "CREATE TRIGGER a BEGIN ",
	"do":              "DO $$ x; $$; ",
	"execute":         "EXECUTE 'EXECUTE ''EXECUTE ''''x'''' '' '; ",
	"names":           "DROP TABLE a.b.c.d.e.f.",
	"heredocs":        "execute <<~SQL, <<~SQL\n",
	"templates":       "{{ {% <% ${ ",
	"braces":          "`${`${",
	"delimiter":       "DELIMITER x\n",
	"many tables":     "CREATE TABLE a(b int);DROP TABLE c;",
	"grants":          "GRANT a ON b TO c ",
	"brackets":        "[a [b [c ",
	"percent":         "%q( %( ",
	"joined":          "EXECUTE 'a' || 'b' || ",
	"variables":       "SET @s = CONCAT(@s, @s, 'a');\nPREPARE p FROM @s;\n",
	"assignments":     "DO $$ BEGIN v := v || 'a'; EXECUTE v; v := ",
	"cases":           "EXECUTE CASE WHEN a THEN 'b' ELSE (",
	"formats":         "EXECUTE format('%I%s', format('%I', a), ",
	"places":          "USE a; CREATE TABLE b(c int); USE d; ",
	"savepoints":      "BEGIN; SAVEPOINT a; ALTER TABLE b ADD c int; ROLLBACK TO a; ",
	"appended":        "q += \"DROP \"; q += \"a\";\n",
	"listed":          "[\"DROP\", \"a\"].join(); ",
	"graphs":          "MATCH (a {b: (c) ",
	"commands":        "\\set a 'b' \\\\ :a; \\if x\n",
	"rows":            "COPY a FROM stdin;\nb\n\\.x\n",
	"alternatives":    "q'[ q'( ",
	"alternative":     "DELETE FROM a WHERE b < 1 OR NOT (b) OR ",
	"own rows":        "DELETE FROM a WHERE id IN (SELECT id FROM a WHERE ",
	"wide spaces":     "\u3000\u00a0\r",
}
