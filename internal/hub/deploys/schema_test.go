//go:build services

package deploys

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
	queries := map[string]string{"deployments": deploymentsQuery}
	queries["outgoing, no commits"], _ = outgoingQuery(nil, true)
	queries["outgoing, more commits"], _ = outgoingQuery([]string{"a", "b"}, false)
	queries["outgoing"], _ = outgoingQuery(make([]string, commitsPerQuery), true)
	for name, q := range queries {
		if err := github.Query(q); err != nil {
			t.Errorf("%s: %v\n%.2000s", name, err, q)
		}
	}
}
