//go:build services

package rules

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
	queries := map[string]string{"now": rulesNowQuery, "trunk": trunkQuery, "default": defaultRulesQuery}
	queries["owners"], _ = ownersQuery([]string{"CODEOWNERS", "docs/CODEOWNERS"})
	for name, q := range queries {
		if err := github.Query(q); err != nil {
			t.Errorf("%s: %v\n%.2000s", name, err, q)
		}
	}
}
