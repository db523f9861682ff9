//go:build services

package pulls

import (
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/fakehub/contract"
)

// Every query is valid against GitHub's public schema.
func TestQueriesAgainstTheSchema(t *testing.T) {
	github, err := contract.Load()
	if err != nil {
		t.Fatal(err)
	}
	queries := map[string]string{"state": stateQuery, "light state": lightStateQuery(), "past": pastQuery, "about": aboutQuery}
	for name, q := range queries {
		if err := github.Query(q); err != nil {
			t.Errorf("%s: %v\n%.2000s", name, err, q)
		}
	}
	broken := strings.Replace(stateQuery, "headRefOid", "headRefSha", 1)
	if github.Query(broken) == nil {
		t.Error("a field that does not exist is taken")
	}
}
