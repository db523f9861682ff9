package glob

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/bmatcuk/doublestar/v4"
	"pgregory.net/rapid"
)

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		pattern string
		yes, no string // paths, separated by spaces
	}{
		{"**", "a a/b .x", ""},
		{"**/**", "a a/b", ""},
		{"*.md", "README.md .md", "docs/README.md README.mdx"},
		{"**/*.md", "README.md docs/a/b.md", "docs/a.md/x"},
		{"a/b.c", "a/b.c A/B.C", "a/b.cc x/a/b.c"},
		{"docs/**", "docs docs/a docs/a/b DOCS/a", "docs2/a x/docs/a"},
		{"**/db/**", "db db/x a/db/x/y", "adb/x dbx/y"},
		{"**/Makefile", "Makefile a/makefile", "a/Makefile/x aMakefile"},
		{"**/{a,b}*.{yml,yaml}", "a.yml x/bc.yaml x/y/a1.yml", "x/c.yml a.json"},
		{"envs/*/main.tf", "envs/x/main.tf", "envs/main.tf envs/x/y/main.tf"},
		{"envs/**/*.tf", "envs/a.tf envs/x/y/b.tf", "x/envs/a.tf envs"},
		{"**/envs/*.tf", "envs/a.tf x/envs/a.tf", "envs/x/a.tf"},
		{"**/envs/**/*.tf", "envs/a.tf x/envs/y/a.tf", "envsx/a.tf a.tf"},
		{"a?c", "abc aéc", "ac a/c abbc"},
		{"[a-c]x", "ax cx", "dx /x"},
		{"[!a-c]x", "dx", "ax /x"},
		{"a[+-0]b", "a.b a-b a0b", "a/b a1b"},
		{`app/\[id\]/page.tsx`, "app/[id]/page.tsx", "app/i/page.tsx"},
		{`a\*b`, "a*b", "axb"},
		{"{a,b/{c,d}}/x", "a/x b/c/x b/d/x", "b/x"},
		{"a**b", "ab axxb", "a/b"},
		{"a/**/b", "a/b a/x/b a/x/y/b", "ab a/xb"},
		{"V[0-9]*__*.sql", "V1__a.sql v22__b.sql", "Va__a.sql x/V1__a.sql"},
		{"{.github/,}CODEOWNERS", "CODEOWNERS .github/CODEOWNERS", "docs/CODEOWNERS"},
	} {
		p, err := Compile(c.pattern, true)
		if err != nil {
			t.Errorf("%s: %v", c.pattern, err)
			continue
		}
		for _, path := range strings.Fields(c.yes) {
			if !p.Match(Fold(path)) {
				t.Errorf("%s must match %s", c.pattern, path)
			}
		}
		for _, path := range strings.Fields(c.no) {
			if p.Match(Fold(path)) {
				t.Errorf("%s must not match %s", c.pattern, path)
			}
		}
	}
}

func TestRefused(t *testing.T) {
	for _, pattern := range []string{
		"", "/a", "a/", "a//b", "./a", "a/../b", "a[", "a[]", "[a/b]", "{a", "a}", "{a,}", `a\`, "[z-a]", "\xff",
		strings.Repeat("a", MaxLength+1), strings.Repeat("{a,b}", 7), strings.Repeat("*a", MaxWildcards+1), "{{{{{a,b},c},d},e},f}",
	} {
		if _, err := Compile(pattern, true); err == nil {
			t.Errorf("%q was taken for a pattern", pattern)
		}
	}
}

func TestSet(t *testing.T) {
	for _, c := range []struct {
		patterns []string
		yes, no  string
	}{
		{[]string{"db/**", "!**/*.md"}, "db/a.sql DB/a.sql", "db/a.md x/a.sql"},
		{[]string{"db/**", "!db/seeds/**", "db/seeds/prod.sql"}, "db/a db/seeds/prod.sql", "db/seeds/a"},
		// What is taken out is taken out only in the case that was written.
		{[]string{"db/**", "!db/docs/**"}, "db/DOCS/x", "db/docs/x"},
	} {
		s, errs := CompileSet(c.patterns)
		if errs != nil {
			t.Fatal(errs)
		}
		for _, path := range strings.Fields(c.yes) {
			if !s.Match(path, Fold(path)) {
				t.Errorf("%v must hold %s", c.patterns, path)
			}
		}
		for _, path := range strings.Fields(c.no) {
			if s.Match(path, Fold(path)) {
				t.Errorf("%v must not hold %s", c.patterns, path)
			}
		}
	}
}

func TestSetRefused(t *testing.T) {
	for _, c := range []struct {
		patterns []string
		at       int
	}{
		{[]string{"!a"}, 0},
		{[]string{"a", "!a"}, 0},
		{[]string{"a", "b", "!**"}, 1},
		{[]string{"db/x/*.sql", "!db/**"}, 0},
		{[]string{"ok", "a["}, 1},
	} {
		if _, errs := CompileSet(c.patterns); errs == nil || errs[c.at] == nil {
			t.Errorf("%v: pattern %d was taken: %v", c.patterns, c.at, errs)
		}
	}
}

// pieces of patterns and of paths, few enough that they often meet.
var (
	patternPieces = []string{"a", "b", "ab", "*", "**", "?", "a*", "*b", "*.x", "a.x", "[ab]", "[!a]", "{a,b}", "{ab,*.x}", "b*a", "a.*"}
	pathPieces    = []string{"a", "b", "ab", "ba", "abb", "a.x", "b.x", "x", "a.b.x", ".x"}
)

func joined(pieces []string) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 1, 5).Draw(t, "segments"), "/")
	})
}

// What is matched as text, or by RE2, is what doublestar matches.
func TestLikeDoublestar(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pattern, path := joined(patternPieces).Draw(t, "pattern"), joined(pathPieces).Draw(t, "path")
		p, err := Compile(pattern, false)
		if err != nil {
			t.Fatalf("%s: %v", pattern, err)
		}
		want, err := doublestar.Match(pattern, path)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Match(path); got != want {
			t.Fatalf("%s on %s: %v, doublestar says %v", pattern, path, got, want)
		}
	})
}

// The index finds the very sets that match.
func TestIndex(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var sets []*Set
		for range rapid.IntRange(1, 12).Draw(t, "sets") {
			patterns := rapid.SliceOfN(joined(patternPieces), 1, 4).Draw(t, "patterns")
			for i := 1; i < len(patterns); i++ {
				if rapid.Bool().Draw(t, "negated") {
					patterns[i] = "!" + patterns[i]
				}
			}
			if s, errs := CompileSet(patterns); errs == nil {
				sets = append(sets, s)
			} else {
				sets = append(sets, nil)
			}
		}
		x := NewIndex(sets)
		for range 5 {
			path := joined(pathPieces).Draw(t, "path")
			if rapid.Bool().Draw(t, "upper") {
				path = strings.ToUpper(path)
			}
			var want []int
			for i, s := range sets {
				if s != nil && s.Match(path, Fold(path)) {
					want = append(want, i)
				}
			}
			if got := x.Match(path, Fold(path), nil); !slices.Equal(got, want) {
				t.Fatalf("%s: the index says %v, the sets %v", path, got, want)
			}
		}
	})
}

func FuzzPattern(f *testing.F) {
	for _, p := range patternPieces {
		f.Add(p, "a/b.x")
	}
	f.Add(strings.Repeat("*a", 200), strings.Repeat("a", 4000))
	f.Add(strings.Repeat("**/", 150)+"x", strings.Repeat("a/", 2000))
	f.Fuzz(func(t *testing.T, pattern, path string) {
		s, errs := CompileSet([]string{pattern, "!" + pattern + "x", pattern + "/y"})
		if errs != nil {
			return
		}
		one := s.Match(path, Fold(path))
		if found := NewIndex([]*Set{s}).Match(path, Fold(path), nil); one != (len(found) == 1) {
			t.Fatalf("%q on %q: the set says %v, the index %v", pattern, path, one, found)
		}
	})
}

func BenchmarkIndex(b *testing.B) {
	var sets []*Set
	for i := range 60 {
		s, errs := CompileSet([]string{fmt.Sprintf("**/dir%d/**", i), fmt.Sprintf("**/*.{e%d,yml}", i),
			fmt.Sprintf("a%d/**/*.go", i), "!**/*.md"})
		if errs != nil {
			b.Fatal(errs)
		}
		sets = append(sets, s)
	}
	x := NewIndex(sets)
	path := "services/billing/internal/store/store.go"
	var buf []int
	for b.Loop() {
		buf = x.Match(path, path, buf[:0])
	}
}

// A hostile path against a hostile pattern takes time in proportion to both.
func BenchmarkHostile(b *testing.B) {
	p, err := Compile(strings.Repeat("*a", MaxWildcards-1)+"[b]", true)
	if err != nil {
		b.Fatal(err)
	}
	path := strings.Repeat("a", 4096)
	for b.Loop() {
		p.Match(path)
	}
}
