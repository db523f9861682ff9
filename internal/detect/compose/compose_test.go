package compose

import (
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/detect/detecttest"
)

func TestCases(t *testing.T) { detecttest.Pairs(t, New(), "../../../testdata/detect/compose") }

// A file that nests, repeats or never ends must not take the process along,
// and what is past the bounds must be said.
func TestHostileFilesEnd(t *testing.T) {
	for name, text := range map[string]string{
		"brackets":   "apiVersion: v1\nkind: [AWS:: Resources " + strings.Repeat("[", 500_000),
		"braces":     "apiVersion: v1\nkind: AWS::Resources\na: " + strings.Repeat("{a: ", 200_000),
		"directives": "apiVersion: v1\nkind: AWS::Resources\n" + strings.Repeat("{{ a ", 200_000),
		"closed":     "apiVersion: v1\nkind: AWS::Resources\n" + strings.Repeat("{{ a }} ", 120_000),
		"escapes":    "FROM a\nRUN " + strings.Repeat("a \\\n", 150_000),
		"pipes":      "FROM a\nRUN curl " + strings.Repeat("| a ", 200_000), "heredocs": strings.Repeat("RUN <<A\n", 100_000),
		"size":  "apiVersion: v1\nkind: AWS::Resources\n" + strings.Repeat("a: b\n", 300_000),
		"lines": "apiVersion: v1\nkind: AWS::Resources\na:\n" + strings.Repeat("- b\n", 240_000),
		"json":  "{\"apiVersion\": \"v1\", \"kind\": \"AWS:: Resources\", \"a\": " + strings.Repeat("[", 500_000),
	} {
		for _, path := range []string{"compose.yaml"} {
			for _, o := range detecttest.Observe(New(), detecttest.File(path, "", text)) {
				if !strings.HasSuffix(o.Kind.ID, "/unreadable") {
					t.Errorf("%s at %s: %s", name, path, o.Kind.ID)
				}
			}
		}
	}
}

func FuzzDetect(f *testing.F) {
	detecttest.Seed(f, New())
	f.Fuzz(func(t *testing.T, before, after string) {
		detecttest.Fuzz(t, New(), []string{"compose.yaml"}, before, after)
	})
}

func BenchmarkDetect(b *testing.B) {
	var text strings.Builder
	for _, k := range New().Kinds() {
		if len(k.Fires) > 0 && text.Len() < 4_000 {
			text.WriteString(k.Fires + "---\n")
		}
	}
	f := detecttest.File("compose.yaml", "", text.String())
	b.SetBytes(int64(text.Len()))
	for b.Loop() {
		detecttest.Observe(New(), f)
	}
}
