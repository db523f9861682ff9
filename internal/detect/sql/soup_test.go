package sql

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/detecttest"
)

// canaries are statements that must not be overlooked: they fail or do nothing,
// and the program says of each that it ran it.
var canaries = []string{"DROP TABLE IF EXISTS canary_@;", "DROP TABLE IF EXISTS canary_@;", "drop table if exists canary_@ ;",
	"DROP/**/TABLE IF EXISTS canary_@;", "DROP TABLE IF EXISTS\ncanary_@;", "DROP TABLE IF EXISTS canary_@", ";DROP TABLE IF EXISTS canary_@;",
	"\nDROP TABLE IF EXISTS canary_@;\n", "DROP TABLE IF EXISTS \"canary_@\";", "DROP TABLE IF EXISTS public.canary_@;"}

// everywhere are pieces to which programs give more than one meaning.
var everywhere = []string{"'", "'", "''", "\"", "\"\"", "`", "``", "'a'", "'a;b'", "\"a;\"", "'\\'", "'\\\\'", "\"\\\"", "\\", "\\\\", "\\'",
	"--", "-- ", "--a", "---", "--\t", "-", "#", "# ", "#a", "/*", "*/", "/**/", "/*/", "*/*", "/*!", "/*!50000 ", "/*!99999 ", "/*!999999 ", "/*M! ",
	"/*M!100100 ", "/*+ ", "/*! */", "*", "/", "$$", "$$", "$a$", "$A$", "$1", "a$$", "a$a$", "$é$", "é$$", "$a", "$", "$1$", "$a-$", "$_$", "1$$",
	"E'", "e'", "E'\\''", "U&'", "u&'\\0027'", "U&\"", "N'", "n'", "B'", "X'", "x'41'", "_utf8'", "q'[", "]'", "q'", "'a' 'b'", "'a'\n'b'",
	"\ufeff", "\r", "\r", "\r\n", "\n", "\n", "\u00a0", "\u3000", "\u0085", "\u2028", "\u200b", "\x01", "\x0b", "\x0c", "\x1a", "\x7f", "\t", " ",
	";", ";", ";;", " ; ", "\\;", "DELIMITER //\n", "delimiter $$\n", "\nDELIMITER ;\n", "\nDELIMITER ;;\n", "DELIMITER '\n", "\nDELIMITER a\n", "//",
	"\nGO\n", "\ngo;\n", "\n/\n", "[", "]", "]]", "[a;b]", "[a]", "[']", "{", "}", "{{", "}}", "{{ a }}", "${a}", "${", "<%", "%>", "<%= a %>", "{%", "%}",
	"{a}", "#{", "$(a)", "$(", "(", ")", "()", "@", ":", "::", ":a", ":'a'", ":\"a\"", ":=", ".", ",", "=", "AS ", "as$$", "1", "1.", "1e", "0x", "a", "é",
	"SELECT 1", "SELECT 1;", "SELECT 'a';", "SELECT 1 AS ", "SELECT ", "BEGIN", "BEGIN ", "END", "END;", " END ", "CASE ", "IF ", "LOOP ", "END IF;", "GO",
	"CREATE FUNCTION f() RETURNS int LANGUAGE sql ", "CREATE FUNCTION f() ", "BEGIN ATOMIC ", "CREATE PROCEDURE p() ", "CREATE TRIGGER x ", "CREATE EVENT ",
	"CREATE TRIGGER x AFTER INSERT ON t FOR EACH ROW ", "CREATE RULE r AS ON INSERT TO t DO ", "ALTER FUNCTION f() ", "CREATE ", "INSERT INTO t VALUES (", "VALUES ('",
	"COMMENT ON TABLE t IS '", "SET v = '", "DO ", "DO $$", "x", "-- +goose Down\n", "-- +goose Up\n", "-- migrate:down\n"}

// shellOfSQLite are what the shell of SQLite takes for itself.
var shellOfSQLite = []string{"\n.print ", "\n.print '\n", "\n.echo off\n", "\n.nosuch\n", ".print a\n", "\n.mode csv\n", "\n .print\n", "\n/\n", "\ngo\n", "\nGO\n", "\n;\n", "\n# a\n", "\n#",
	"CREATE TEMP TRIGGER x ", "CREATE TEMPORARY TRIGGER x ", "EXPLAIN CREATE TRIGGER x ", "CREATE TRIGGER x BEFORE DELETE ON t BEGIN ", "SELECT 1; END;", ";END;", "; END ;",
	"\n.parameter set a '\n", "\n.headers on\n", "\n.prompt a b\n", "\n.help\n"}

var numbered = regexp.MustCompile(`canary_(\d+)`)

// seen are the canaries that the detector shows of a text at a path.
func seen(path, body string) detecttest.Numbers {
	file := change.File{Path: path, Status: change.Added, Before: change.NoText(), After: change.TextOf(body)}
	r := detect.NewReport(path)
	New().Detect(&file, r)
	out := detecttest.Numbers{}
	for _, o := range r.Observations() {
		for _, m := range numbered.FindAllStringSubmatch(o.Object+" "+o.Detail, -1) {
			n, _ := strconv.Atoi(m[1])
			out[n] = true
		}
		if o.Kind == unread || o.Kind == dynamic && strings.HasPrefix(o.Object, "'") { // it is said that not all could be read
			out[detecttest.Unread] = true
		}
	}
	return out
}

// paths are where the texts of a program lie: where its name says which it is, and
// where nothing does.
var paths = map[string][]string{"psql": {"postgres/a.sql", "db/a.sql"}, "mysql": {"mysql/a.sql", "db/a.sql"},
	"sqlite": {"sqlite/a.sql", "db/a.sql"}}

// limits are what is not seen where nothing says which database a text is for, as
// rules/limits.md has it: such texts are looked at in their own folder alone.
var limits = map[string]*regexp.Regexp{
	"psql":   regexp.MustCompile(`(?i)delimiter \$\$`),
	"mysql":  regexp.MustCompile(`(?is)\bgo\b.*--|drop\s+table\s+#|\b(create|alter|do|comment|call|execute|prepare)\b.*\$`),
	"sqlite": regexp.MustCompile(`(?is)e'|\b(create|alter|do|comment|call|execute|prepare)\b.*\$`),
}

// What real programs once ran and this detector did not show is shown.
func TestWhatWasOnceUnseenIsSeen(t *testing.T) {
	detecttest.Replay(t, "../../../testdata/detect/real/sql.txt", func(program, text string) detecttest.Numbers {
		return seenAs(program)(text)
	})
}

// seenAs are the canaries that the detector shows of a text of a program, wherever
// it lies.
func seenAs(program string) func(body string) detecttest.Numbers {
	return func(body string) detecttest.Numbers {
		in := paths[program]
		out, also := seen(in[0], body), seen(in[1], body)
		if also[detecttest.Unread] || limits[program].MatchString(body) {
			return out
		}
		if out[detecttest.Unread] {
			return also
		}
		for n := range out {
			if !also[n] {
				delete(out, n)
			}
		}
		return out
	}
}
