package rulesfile

import (
	"errors"
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/detect/catalog"
)

// Hostile files are refused in bounded time.
func TestHostileFiles(t *testing.T) {
	for name, text := range map[string]string{
		"a large file":  strings.Repeat("# x\n", MaxFileSize/4+1),
		"deep flow":     "version: 1\nrules: " + strings.Repeat("[", 100_000),
		"deep blocks":   deepBlocks(2000),
		"an alias bomb": "a: &a [x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b]\n",
		"many rules":    "version: 1\nrules:\n" + strings.Repeat("  - {}\n", MaxRules+1),
		"many problems": "version: 1\nrules:\n" + strings.Repeat("  - { a: 1, b: 2, c: 3 }\n", MaxRules),
		"a long list":   "version: 1\nextends: [" + strings.Repeat("default, ", MaxList+1) + "]\n",
		"a costly condition": "version: 1\nrules: [{ id: a, title: A, risk: 1, when: \"change.paths.exists(a, " +
			"change.paths.exists(b, change.paths.exists(c, a == b && b == c)))\" }]\n",
		"a long condition": "version: 1\nrules: [{ id: a, title: A, risk: 1, when: \"" + strings.Repeat("true && ", 600) + "true\" }]\n",
		"a deep condition": "version: 1\nrules: [{ id: a, title: A, risk: 1, when: \"" + strings.Repeat("(", 500) + "true" +
			strings.Repeat(")", 500) + "\" }]\n",
		"a condition of text": "version: 1\nrules: [{ id: a, title: A, risk: 1, when: change.title }]\n",
	} {
		_, err := ParseWith(Source{Name: name, Text: []byte(text)}, catalog.Shipped(), PackRuleIDs)
		var problems Problems
		if !errors.As(err, &problems) {
			t.Errorf("%s was taken: %v", name, err)
		} else if len(problems) > MaxProblems+1 {
			t.Errorf("%s: %d problems", name, len(problems))
		}
	}
}

func deepBlocks(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat(" ", i%500) + "a:\n")
	}
	return b.String()
}
