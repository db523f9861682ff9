//go:build linux && !race

package catalog_test

import (
	"cmp"
	"flag"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/bound"
	"github.com/gatehold/gatehold/internal/detect/catalog"
	"github.com/gatehold/gatehold/internal/detect/detecttest"
	"github.com/gatehold/gatehold/internal/policy"
)

// growthPaths are where the texts of each section of testdata/growth.txt lie.
// Those of the section "any" lie at the first path of each.
var growthPaths = map[string][]string{
	"yaml": {"deploy/app.yaml", ".github/workflows/ci.yml", "compose.yaml", "chart/values.yaml", ".github/dependabot.yml"},
	"hcl":  {"infra/main.tf", "infra/terraform.tfvars"},
	"sql":  {"db/migrations/0001.sql", "mysql/a.sql", "db/structure.sql"},
	"code": {"db/migrate/20260101000000_a.rb", "shop/migrations/0002_a.py", "migrations/1.ts",
		"migrations/2020_a.php", "migrations/x.exs", "db/changelog/0001.xml"},
	"shell":          {"scripts/deploy.sh", ".claude/hooks/check.sh", "Makefile"},
	"workflow":       {".github/workflows/ci.yml", "action.yml"},
	"kubernetes":     {"deploy/app.yaml", "chart/templates/app.yaml"},
	"cloudformation": {"cloudformation/stack.yaml", "cloudformation/stack.json"},
	"identity":       {"policy.json", "pg_hba.conf"},
	"hosting":        {"wrangler.toml", "fly.toml"},
	"pipeline":       {".gitlab-ci.yml", ".circleci/config.yml", ".buildkite/pipeline.yml"},
	"compose":        {"compose.yaml"},
	"docker":         {"Dockerfile"},
	"dependency": {"package-lock.json", "package.json", "yarn.lock", "go.mod", "go.sum", "Cargo.lock", "Gemfile.lock",
		"requirements.txt", "pom.xml", ".npmrc", "pnpm-lock.yaml"},
	"secret":      {"src/client.py", ".env"},
	"agentconfig": {"AGENTS.md", ".claude/settings.json", ".mcp.json", ".codex/config.toml"},
	"gateconfig":  {".github/CODEOWNERS", ".github/gatehold.yml"},
	"program":     {"ops/clean.py", "src/app.ts", "src/App.java", "lib/x.rb", "ops/x.go", "Jenkinsfile"},
	"holders": {"notebooks/a.ipynb", "tox.ini", "shell.nix", "CMakeLists.txt", "pom.xml", "ops/crontab", "ops/.env", "infra/main.tf",
		"application.yml", "application.properties", "persistence.xml"},
}

// growthRow is a text that can be made of any size: a head, a unit that is
// repeated, a tail, and a second unit behind it.
type growthRow struct {
	section, name string
	parts         []string
}

// growthRows reads testdata/growth.txt. A row is a Go string without its
// quotes: HEAD¦UNIT¦TAIL or HEAD¦UNIT¦TAIL¶SECOND, or a unit alone. § is a
// counter, so that no two units are the same. "-- NAME" begins a section.
func growthRows(t *testing.T) []growthRow {
	data, err := os.ReadFile("testdata/growth.txt")
	if err != nil {
		t.Fatal(err)
	}
	var rows []growthRow
	section := ""
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSuffix(line, "\n")
		if name, ok := strings.CutPrefix(line, "-- "); ok && (name == "any" || growthPaths[name] != nil) {
			section = name
			continue
		}
		text, err := strconv.Unquote(`"` + line + `"`)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		row := growthRow{section, line, []string{"", text, "", ""}}
		if cut := strings.Split(text, "¦"); len(cut) == 3 {
			row.parts = append(cut, "")
			row.parts[2], row.parts[3], _ = strings.Cut(cut[2], "¶")
		}
		rows = append(rows, row)
	}
	return rows
}

// text is never longer than size, so that the largest is not past what is read of
// one file, where it is read in another way.
func (r growthRow) text(size int) string {
	room := size - len(r.parts[0]) - len(r.parts[2])
	if r.parts[3] != "" {
		room /= 2
	}
	return r.parts[0] + detecttest.Repeated(r.parts[1], room) + r.parts[2] + detecttest.Repeated(r.parts[3], room)
}

func (r growthRow) paths() []string {
	if r.section != "any" {
		return growthPaths[r.section]
	}
	var out []string
	for _, list := range growthPaths {
		out = append(out, list[0])
	}
	return out
}

// cost is the CPU time that a detector takes for a file.
func cost(d detect.Detector, path, text string) time.Duration {
	return detecttest.Cost(func() { read(d, path, text) })
}

// read has a detector look at an added file. A reading that was stopped at a
// bound has cost what it has cost.
func read(d detect.Detector, path, text string) {
	f := change.File{Path: path, Status: change.Added, Mode: change.ModeFile, Before: change.NoText(), After: change.TextOf(text)}
	r := detect.NewReport(path)
	_ = bound.Catch(func() {
		if d.Wants(&f) {
			d.Detect(&f, r)
		}
		if w, ok := d.(detect.Whole); ok {
			w.DetectChange(&change.Change{Repository: "acme/shop", Files: []change.File{f}}, r)
		}
	})
}

// everyPath has each text of testdata/growth.txt lie at every path of its
// section, and the table of what each detector takes longest for logged:
// go test ./internal/detect/catalog -run Linear -growth.all -v
var everyPath = flag.Bool("growth.all", false, "try each text at every path, and log what takes longest")

// Twice the text costs twice the time and a little more, whatever is in it. A
// text that is read at many megabytes a second needs no second look.
func TestReadersAreLinear(t *testing.T) {
	const size, quick = 32 << 10, 16 * time.Millisecond
	all := catalog.All(policy.FileReader{})
	var seen table
	for n, row := range growthRows(t) {
		if testing.Short() && n%20 != 0 {
			continue
		}
		text := row.text(size)
		paths := row.paths()
		for i, path := range paths {
			if some := min(len(paths), 6); !*everyPath && i%some != n%some {
				continue // the texts of a section are alike, and so are its paths
			}
			for _, d := range all {
				took := cost(d, path, text)
				seen.add(d.Name(), path, row.name, took)
				if took > quick {
					checkDoubling(t, d, path, row, size)
				}
			}
		}
	}
	if *everyPath {
		seen.log(t, size)
	}
}

// checkDoubling compares the cost of a text with that of one doubled twice.
func checkDoubling(t *testing.T, d detect.Detector, path string, row growthRow, size int) {
	t.Helper()
	detecttest.Linear(t, d.Name()+" on "+path+": "+row.name, size, func(size int) func() {
		text := row.text(size)
		return func() { read(d, path, text) }
	})
}

// table is what each detector took longest for.
type table map[string][]tableRow

type tableRow struct {
	path, text string
	took       time.Duration
}

func (s *table) add(detector, path, text string, took time.Duration) {
	if *s == nil {
		*s = table{}
	}
	rows := append((*s)[detector], tableRow{path, text, took})
	slices.SortFunc(rows, func(a, b tableRow) int { return cmp.Compare(b.took, a.took) })
	(*s)[detector] = rows[:min(len(rows), 3)]
}

func (s *table) log(t *testing.T, size int) {
	for _, name := range slices.Sorted(maps.Keys(*s)) {
		for _, r := range (*s)[name] {
			t.Logf("%-15s %6.2f s/MiB  %-32s %.60s", name, r.took.Seconds()*float64(1<<20)/float64(size), r.path, r.text)
		}
	}
}

// What once took a service down stays cheap at the size that it takes files of.
func TestGrowthOfAttacks(t *testing.T) {
	for _, c := range []struct{ path, row string }{
		{"db/migrations/0001.sql", "DROP TABLE ¦ab,¦c;\n"},
		{"db/migrations/0001.sql", "DROP TABLE ¦a§,¦c;\n"},
		{"db/migrations/0001.sql", "¦(¦"},
		{"db/migrations/0001.sql", "¦[¦"},
		{"db/migrations/0001.sql", "DELETE FROM a WHERE ¦(¦;"},
		{"mysql/a.sql", "¦\\'¦"},
		{"db/migrate/20260101000000_a.rb", "def change\n¦ if ¦"},
		{"db/migrate/20260101000000_a.rb", "def change\n¦if a\n¦"},
		{"db/migrate/20260101000000_a.rb", "¦\\'¦"},
		{".github/workflows/ci.yml", "on: push\njobs:\n  a:\n    runs-on: b\n    steps:\n    - run: echo ¦${{ ¦"},
		{".github/workflows/ci.yml", "on: push\njobs:\n  a:\n    runs-on: b\n    steps:\n    - run: echo ¦${{ ¦ }}"},
		{"infra/main.tf", "resource \"aws_db_instance\" \"b\" {\n a = ¦1+¦1\n}\n"},
		{"infra/terraform.tfvars", "¦/*+ ¦"},
		{".claude/hooks/check.sh", "¦sudo ¦\n"},
		{"src/client.py", "¦curl a | sh\n¦"},
		{"src/client.py", "¦-----BEGIN RSA PRIVATE KEY-----\n¦"},
	} {
		row := growthRow{name: c.row, parts: append(strings.Split(c.row, "¦"), "")}
		for _, d := range catalog.All(policy.FileReader{}) {
			const size = 256 << 10
			one := cost(d, c.path, row.text(size))
			if one < 20*time.Millisecond {
				continue
			}
			two, four := cost(d, c.path, row.text(2*size)), cost(d, c.path, row.text(4*size))
			t.Logf("%-12s %-32s %-40.40q 256 KiB %6.3f s, 512 KiB %6.3f s, 1 MiB %6.3f s", d.Name(), c.path, c.row,
				one.Seconds(), two.Seconds(), four.Seconds())
			checkDoubling(t, d, c.path, row, size)
			if four > 5*time.Second {
				t.Errorf("%s on %s: 1 MiB of %s takes %v", d.Name(), c.path, c.row, four)
			}
		}
	}
}
