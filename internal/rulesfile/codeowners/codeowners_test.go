package codeowners_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/detect/detecttest"
	"github.com/gatehold/gatehold/internal/rulesfile/codeowners"
)

// TestPatterns holds each pattern to what GitHub's documentation says of it.
func TestPatterns(t *testing.T) {
	for _, c := range []struct {
		pattern string
		yes, no []string
	}{
		{"*", []string{"a", "a/b/c"}, nil},
		{"*.js", []string{"a.js", "src/deep/a.js", "dir.js/x"}, []string{"a.jsx", "js"}},
		{"/build/logs/", []string{"build/logs/a", "build/logs/b/c"}, []string{"build/logs", "x/build/logs/a"}},
		{"docs/*", []string{"docs/a.md"}, []string{"docs/deep/a.md", "x/docs/a.md", "docs"}},
		{"apps/", []string{"apps/a", "x/apps/b/c"}, []string{"apps", "appsx/a"}},
		{"/docs/", []string{"docs/a"}, []string{"x/docs/a"}},
		{"/scripts", []string{"scripts", "scripts/a/b"}, []string{"x/scripts", "scripts2"}},
		{"**/logs", []string{"logs", "logs/a", "x/y/logs/a"}, []string{"xlogs/a"}},
		{"/apps/github", []string{"apps/github", "apps/github/x"}, []string{"apps/githubx"}},
		{"a/**/b", []string{"a/b", "a/x/b", "a/x/y/b/c"}, []string{"a/bc", "x/a/b"}},
		{"foo/**", []string{"foo/a", "foo/a/b"}, []string{"foo", "x/foo/a"}},
		{"/**", []string{"a", "a/b"}, nil},
		{"/*", []string{"a"}, []string{"a/b"}},
		{"**/*.tf", []string{"a.tf", "x/y/a.tf"}, []string{"a.tfx"}},
		{"a?c", []string{"abc", "x/aéc"}, []string{"ac", "abbc", "a/c"}},
		{`a\ b`, []string{"a b"}, []string{"a", "ab"}},
		{`\#x`, []string{"#x"}, []string{"x"}},
		{`a\*`, []string{"a*"}, []string{"ab"}},
		{"Docs/", []string{"Docs/a"}, []string{"docs/a"}},
		{"a*b*c", []string{"abc", "aXbYc", "abbcc"}, []string{"acb", "aXbY"}},
		{"db/", []string{"db/\n/x", "db/x\ny"}, nil},
		{"x/**/y/**/z", []string{"x/y/z", "x/y/a/y/z", "x/a/y/b/z"}, []string{"x/z", "x/y/a"}},
		{"/", nil, []string{"a", "a/b"}},
	} {
		f := codeowners.Parse(c.pattern + " @ana")
		for _, path := range c.yes {
			if !slices.Equal(f.Owners(path), []string{"@ana"}) {
				t.Errorf("%q does not own %q", c.pattern, path)
			}
		}
		for _, path := range c.no {
			if f.Owners(path) != nil {
				t.Errorf("%q owns %q", c.pattern, path)
			}
		}
	}
}

func TestTheLastLineThatMatchesDecides(t *testing.T) {
	f := codeowners.Parse(`# who owns what
*            @acme/all  # everything else
/db/         @acme/dba @ana dba@acme.example
/db/docs/    # nobody
/db/docs/*.sql @bo
!/db/        @nobody
/[a-z]/      @nobody
/web/        not-an-owner
/web/old/    @acme/old extra@
`)
	for path, want := range map[string]string{
		"README.md":      "@acme/all",
		"db/1.sql":       "@acme/dba @ana dba@acme.example",
		"db/docs/x.md":   "",
		"db/docs/x.sql":  "@bo",
		"a/x":            "@acme/all",
		"web/index.html": "@acme/all", // the line is skipped
		"web/old/x":      "@acme/all",
	} {
		if got := strings.Join(f.Owners(path), " "); got != want {
			t.Errorf("%s: owned by %q, want %q", path, got, want)
		}
	}
}

// FuzzOwners: whatever the file says, reading and matching end soon.
func FuzzOwners(f *testing.F) {
	f.Add("* @a\n/x/ @b c@d.e # z\n\\", "x/y")
	f.Add(strings.Repeat("**/a/", 200)+" @a", strings.Repeat("a/", 300))
	f.Add(strings.Repeat("*a", 500)+"b @a", strings.Repeat("a", 1000))
	f.Fuzz(func(t *testing.T, text, path string) {
		var owners []string
		cost := detecttest.Cost(func() { owners = codeowners.Parse(text).Owners(path) })
		if len(text) < 1<<16 && len(path) < 1<<12 && cost > 5*time.Second {
			t.Fatalf("it took %v of CPU time", cost)
		}
		for _, o := range owners {
			if !strings.Contains(o, "@") || strings.ContainsAny(o, " \t\n") {
				t.Fatalf("owner %q", o)
			}
		}
	})
}

func BenchmarkOwners(b *testing.B) {
	var text strings.Builder
	for i := range 300 {
		text.WriteString([]string{"/services/s", "*.x", "/docs/d", "lib/**/y"}[i%4] + strings.Repeat("z", i%40) + " @acme/t\n")
	}
	f := codeowners.Parse(text.String())
	for b.Loop() {
		for range 3000 {
			f.Owners("services/deep/in/a/tree/file.go")
		}
	}
}
