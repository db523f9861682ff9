package tool

import (
	"path/filepath"
	"strings"
	"testing"
)

// knownKinds are the kinds of the detector of commands.
func knownKinds(t *testing.T) []string {
	t.Helper()
	names, err := filepath.Glob("../command/kinds/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("no kinds: %v", err)
	}
	for i, n := range names {
		names[i] = strings.TrimSuffix(filepath.Base(n), ".txtar")
	}
	return names
}
