//go:build services

package workflows

import (
	"testing"

	"github.com/gatehold/gatehold/internal/fakehub/contract"
)

// Every query is valid against GitHub's public schema.
func TestQueriesAgainstTheSchema(t *testing.T) {
	github, err := contract.Load()
	if err != nil {
		t.Fatal(err)
	}
	queries := map[string]string{"workflows": workflowsQuery}
	queries["workflow texts"], _ = workflowTextsQuery([]string{"a", "b"})
	queries["workflow"], _ = workflowQuery([]*callee{{file: wfile{path: "a"}}, {file: wfile{"o", "n", "p", "r"}}, {file: wfile{path: "b"}}})
	for name, q := range queries {
		if err := github.Query(q); err != nil {
			t.Errorf("%s: %v\n%.2000s", name, err, q)
		}
	}
}
