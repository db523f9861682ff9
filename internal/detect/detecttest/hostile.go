package detecttest

import (
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/detect"
)

// HostileFilesEnd has a detector read, at each path, files that nest, repeat or
// never end: they must not take the process along, and what is past the bounds
// must be said. It takes ten times as long under the race detector, which has
// nothing to watch where a single goroutine reads.
func HostileFilesEnd(t *testing.T, d detect.Detector, paths ...string) {
	t.Helper()
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
		for _, path := range paths {
			for _, o := range Observe(d, File(path, "", text)) {
				if !strings.HasSuffix(o.Kind.ID, "/unreadable") {
					t.Errorf("%s at %s: %s", name, path, o.Kind.ID)
				}
			}
		}
	}
}
