package linematch

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
)

var (
	kindOn   = &detect.Kind{ID: "x/on"}
	kindGone = &detect.Kind{ID: "x/gone"}
)

func run(path, before, after string) string {
	s := New([]Pattern{
		{Kind: kindOn, Words: []string{"verify"}, Expr: `verify\s*=\s*(\w+)`, Not: `ignore me`},
		{Kind: kindGone, Gone: true, Words: []string{"guard"}, Expr: `@guard\b`,
			In: func(p string) bool { return strings.HasSuffix(p, ".py") }},
	})
	f := change.File{Path: path, Status: change.Modified, Before: change.TextOf(before), After: change.TextOf(after)}
	r := detect.NewReport(path)
	s.Run(&f, r, Options{})
	var out []string
	for _, o := range r.Observations() {
		out = append(out, fmt.Sprintf("%s %d %v %s", o.Kind.ID, o.Line, o.Removed, o.Object))
	}
	return strings.Join(out, "; ")
}

func TestRun(t *testing.T) {
	for _, c := range []struct{ name, path, before, after, want string }{
		{"added", "a.py", "x\n", "x\nverify = off\n", "x/on 2 false off"},
		{"there before", "a.py", "verify = off\n", "y\nverify = off\n", ""},
		{"a comment", "a.py", "", "# verify = off\n", ""},
		{"excepted", "a.py", "", "verify = off ignore me\n", ""},
		{"gone", "a.py", "@guard\ndef f\n", "def f\n", "x/gone 1 true @guard"},
		{"gone once of two", "a.py", "@guard\ndef f\n@guard\ndef g\n", "def f\n@guard\ndef g\n", "x/gone 1 true @guard"},
		{"written otherwise", "a.py", "@guard(1)\ndef f\n", "@guard(2)\ndef f\n", ""},
		{"another language", "a.go", "@guard\n", "\n", ""},
	} {
		if got := run(c.path, c.before, c.after); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// A line that matches everything, ten thousand times, is bounded.
func TestBounded(t *testing.T) {
	line := strings.Repeat("verify = ", 200) + "\n"
	if got := run("a.py", "", strings.Repeat(line, 1_000)); got == "" {
		t.Error("nothing was seen")
	}
}
