package shape

import (
	"slices"
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
)

func observe(c *change.Change) []string {
	d, r := New(), detect.NewReport("")
	for i := range c.Files {
		if d.Wants(&c.Files[i]) {
			d.Detect(&c.Files[i], r)
		}
	}
	d.DetectChange(c, r)
	var out []string
	for _, o := range r.Observations() {
		out = append(out, o.Kind.ID)
	}
	return out
}

func text(path, before, after string) *change.Change {
	f := change.File{Path: path, Status: change.Modified, Mode: change.ModeFile, PreviousMode: change.ModeFile,
		Before: change.TextOf(before), After: change.TextOf(after)}
	return &change.Change{Files: []change.File{f}}
}

func TestTexts(t *testing.T) {
	for name, tc := range map[string]struct {
		c    *change.Change
		want []string
	}{
		"plain":                      {text("a.go", "a\n", "b\n"), nil},
		"umlauts":                    {text("a.go", "", "// Größe in Metern – fünf „Stück“\n"), nil},
		"Hebrew with marks in prose": {text("locale/he.po", "", "msgstr \"\u200fשלום\u200e\"\n"), nil},
		"Persian joiner":             {text("a.go", "", "// می\u200cخواهم\n"), nil},
		"emoji family":               {text("a.md", "", "👩\u200d👩\u200d👧 ❤\ufe0f\n"), nil},
		"emoji in code":              {text("a.go", "", "fmt.Println(\"👩\u200d💻 ⚠\ufe0f\")\n"), nil},
		"byte order mark at the top": {text("a.cs", "", "\ufeffusing System;\n"), nil},
		"byte order mark within":     {text("a.cs", "", "using\ufeff System;\n"), []string{"shape/invisible-character"}},
		"it was there before":        {text("a.go", "x\u202e\n", "y\nx\u202e\n"), nil},
		"override":                   {text("a.go", "", "x\u202e\n"), []string{"shape/bidirectional-text"}},
		"isolate in a translation":   {text("i18n/ar.json", "", "\"\u2067x\u2069\"\n"), []string{"shape/bidirectional-text"}},
		"tags":                       {text("a.md", "", "hi\U000e0069\U000e0067\n"), []string{"shape/hidden-payload"}},
		"variation selectors":        {text("a.js", "", "s='"+strings.Repeat("\U000e0110", 40)+"'\n"), []string{"shape/hidden-payload"}},
		"look-alike name":            {text("a.go", "", "p\u0430ssword := 1\n"), []string{"shape/mixed-script"}},
		"units in Greek":             {text("a.go", "", "Δt := 5 // µs\n"), nil},
		"line ends changed":          {text("a.go", "a\nb\n", "a\r\nb\r\n"), nil},
		"minified":                   {text("a.js", "", strings.Repeat("x;", 4000)+"\n"), []string{"shape/minified"}},
		"nothing in a diff":          {text(".gitattributes", "*.go text\n", "*.go text\n* -diff\n"), []string{"shape/hidden-from-review"}},
		"other bytes checked out": {text("db/.gitattributes", "", "*.sql working-tree-encoding=UTF-7\n"),
			[]string{"shape/hidden-from-review"}},
		"workflows as generated": {text(".gitattributes", "", ".github/workflows/*.yml linguist-generated\n"),
			[]string{"shape/hidden-from-review"}},
		"a filter":          {text(".gitattributes", "", "**/*.tf filter=clean\n"), []string{"shape/hidden-from-review"}},
		"attributes of old": {text(".gitattributes", "*.sql -diff\n", "# why\n*.sql -diff\n*.png binary\n"), nil},
		"a macro":           {text(".gitattributes", "", "[attr]quiet -diff\n*.sql quiet\n"), []string{"shape/hidden-from-review"}},
		"a macro that hides now": {text(".gitattributes", "[attr]sql text\n*.sql sql\n", "[attr]sql text -diff\n*.sql sql\n"),
			[]string{"shape/hidden-from-review"}},
		"a folder of migrations":              {text(".gitattributes", "", "db/migrations/** -diff\n"), []string{"shape/hidden-from-review"}},
		"what a tool keeps beside migrations": {text(".gitattributes", "", "db/migrations/meta/*.json linguist-generated\n"), nil},
		"a macro that shows":                  {text(".gitattributes", "", "[attr]crlf text eol=crlf\n*.sql crlf\n"), nil},
		"what a tool makes":                   {text(".gitattributes", "", "dist/** -diff\npackage-lock.json -diff\n*.snap linguist-generated\n"), nil},
		"generated manifests":                 {text(".gitattributes", "", "config/crd/*.yaml linguist-generated=true\n* text=auto\n*.sql eol=lf\n"), nil},
		"attributes that show":                {text(".gitattributes", "", "*.sql linguist-generated=false\n*.bin filter=lfs -text\n"), nil},
		"a pointer for a script": {text("ops/run.sh", "echo\n", "version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 9\n"),
			[]string{"shape/content-elsewhere"}},
		"a pointer for a picture": {text("a.svg", "", "version https://git-lfs.github.com/spec/v1\noid sha256:ab\n"), nil},
		"a pointer no more":       {text("ops/run.sh", "version https://git-lfs.github.com/spec/v1\noid sha256:ab\n", "echo\n"), nil},
		"data on one line":        {text("a.json", "", strings.Repeat("1,", 4000)+"\n"), nil},
	} {
		if got := observe(tc.c); !slices.Equal(got, tc.want) {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
}

func TestModes(t *testing.T) {
	file := func(f change.File) *change.Change { return &change.Change{Files: []change.File{f}} }
	unread := change.Text{State: change.Unreadable, Reason: "too large"}
	for name, tc := range map[string]struct {
		c    *change.Change
		want []string
	}{
		"added script": {file(change.File{Path: "run.sh", Status: change.Added, Mode: change.ModeExecutable,
			Before: change.NoText(), After: change.TextOf("x")}), nil},
		"link to the root": {file(change.File{Path: "a", Status: change.Added, Mode: change.ModeSymlink,
			Before: change.NoText(), After: change.TextOf("/etc/passwd")}), []string{"shape/link-outside"}},
		"link upwards": {file(change.File{Path: "a/b/c", Status: change.Added, Mode: change.ModeSymlink,
			Before: change.NoText(), After: change.TextOf("../../../x")}), []string{"shape/link-outside"}},
		"link into .git": {file(change.File{Path: "a", Status: change.Added, Mode: change.ModeSymlink,
			Before: change.NoText(), After: change.TextOf(".git/hooks/pre-commit")}), []string{"shape/link-outside"}},
		"link beside": {file(change.File{Path: "a/b/c", Status: change.Added, Mode: change.ModeSymlink,
			Before: change.NoText(), After: change.TextOf("../../x")}), []string{"shape/link"}},
		"link unread": {file(change.File{Path: "a", Status: change.Added, Mode: change.ModeSymlink,
			Before: change.NoText(), After: unread}), []string{"shape/unreadable"}},
		"file to link": {file(change.File{Path: "a", Status: change.Modified, Mode: change.ModeSymlink,
			PreviousMode: change.ModeFile, Before: change.TextOf("x"), After: change.TextOf("b")}),
			[]string{"shape/link", "shape/became-link"}},
		"submodule moved": {file(change.File{Path: "lib", Status: change.Modified, Mode: change.ModeSubmodule,
			PreviousMode: change.ModeSubmodule}), []string{"shape/submodule"}},
		"a submodule of migrations": {file(change.File{Path: "db/migrations/shared", Status: change.Added, Mode: change.ModeSubmodule}),
			[]string{"shape/submodule-runs"}},
		"a submodule beside them": {file(change.File{Path: "lib/migrations-kit", Status: change.Added, Mode: change.ModeSubmodule}),
			[]string{"shape/submodule"}},
		"submodule gone": {file(change.File{Path: "lib", Status: change.Removed, PreviousMode: change.ModeSubmodule}),
			[]string{"shape/submodule"}},
		"picture": {file(change.File{Path: "a.png", Status: change.Added, Mode: change.ModeFile}), nil},
		"too large": {file(change.File{Path: "a.sql", Status: change.Added, Mode: change.ModeFile,
			Before: change.NoText(), After: unread}), []string{"shape/unreadable"}},
		"nobody loaded it": {file(change.File{Path: "a.sql", Status: change.Added, Mode: change.ModeFile}), []string{"shape/unreadable"}},
		"program": {file(change.File{Path: "a.DLL", Status: change.Added, Mode: change.ModeFile}),
			[]string{"shape/program-file"}},
		"a removed program": {file(change.File{Path: "a.dll", Status: change.Removed, PreviousMode: change.ModeFile}), nil},
	} {
		if got := observe(tc.c); !slices.Equal(got, tc.want) {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
}

func TestWhole(t *testing.T) {
	many := func(n int, f change.File) *change.Change {
		c := &change.Change{}
		for range n {
			c.Files = append(c.Files, f)
		}
		return c
	}
	gone := change.File{Path: "src/a.go", Status: change.Removed, PreviousMode: change.ModeFile}
	note := change.File{Path: ".changeset/lucky-pillows.md", Status: change.Removed, PreviousMode: change.ModeFile}
	moved := change.File{Path: "src/a.go", Status: change.Renamed, Mode: change.ModeFile, After: change.TextOf("")}
	vendored := change.File{Path: "vendor/a.go", Status: change.Added, Mode: change.ModeFile, Additions: 900, After: change.TextOf("")}
	long := change.File{Path: "a.go", Status: change.Modified, Mode: change.ModeFile, Additions: 9000, Deletions: 1000,
		After: change.TextOf("")}
	for name, tc := range map[string]struct {
		c    *change.Change
		want []string
	}{
		"many deleted":                  {many(30, gone), []string{"shape/bulk-deletion"}},
		"few deleted":                   {many(5, gone), nil},
		"notes that a release gathered": {many(60, note), nil},
		"many deleted among such notes": {&change.Change{Files: append(many(60, note).Files, many(25, gone).Files...)},
			[]string{"shape/bulk-deletion"}},
		"deleted among the rest": {&change.Change{Files: append(many(30, gone).Files, many(200, moved).Files...)},
			[]string{"shape/bulk-deletion"}},
		"vendored":   {many(500, vendored), nil},
		"many lines": {many(1, long), []string{"shape/very-large"}},
	} {
		if got := observe(tc.c); !slices.Equal(got, tc.want) {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
}

func FuzzDetect(f *testing.F) {
	f.Add("a.go", "100644", "x\n", "p\u0430ss\u202e\u200b\U000e0069\n")
	f.Add("a", "120000", "", "../../x")
	f.Add(".gitmodules", "100644", "", "url = x\n")
	f.Fuzz(func(t *testing.T, path, mode, before, after string) {
		c := text(path, before, after)
		c.Files[0].Mode = mode
		observe(c)
		same := text(path, after, after)
		same.Files[0].Mode, same.Files[0].PreviousMode = mode, mode
		for _, id := range observe(same) {
			if !strings.Contains("shape/submodule shape/program-file shape/archive", id) {
				t.Fatalf("nothing changed, and yet %s", id)
			}
		}
	})
}

func BenchmarkDetect(b *testing.B) {
	body := strings.Repeat("\tif err := do(ctx, \"größe\"); err != nil {\n\t\treturn err\n\t}\n", 500)
	c := text("a.go", "", body)
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		observe(c)
	}
}
