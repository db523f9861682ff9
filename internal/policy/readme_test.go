package policy

import (
	"os"
	"strings"
	"testing"
)

const readme = "../../rules/README.md"

// readmeExamples are the YAML blocks of the reference that are whole files.
func readmeExamples(tb testing.TB) []string {
	tb.Helper()
	text, err := os.ReadFile(readme)
	if err != nil {
		tb.Fatal(err)
	}
	var out []string
	for i, block := range strings.Split(string(text), "```yaml\n") {
		if i == 0 {
			continue
		}
		block, _, _ = strings.Cut(block, "```")
		if strings.HasPrefix(block, "version: 1\n") {
			out = append(out, block)
		}
	}
	return out
}
