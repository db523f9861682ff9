//go:build services

package files

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/fakehub/contract"
)

// Every query is valid against GitHub's public schema.
func TestQueriesAgainstTheSchema(t *testing.T) {
	github, err := contract.Load()
	if err != nil {
		t.Fatal(err)
	}
	queries := map[string]string{}
	file := &change.File{Path: "a", PreviousPath: "b"}
	for before := nothing; before <= content; before++ {
		for after := nothing; after <= content; after++ {
			if before == nothing && after == nothing {
				continue
			}
			q, vars := textsQuery([]*wanted{{file: file, beforePath: "b", before: before, after: after}})
			queries[fmt.Sprintf("texts %d %d", before, after)] = q
			for name := range vars {
				if !strings.Contains(q, "$"+name+":") {
					t.Errorf("the variable %s is not declared in %s", name, q)
				}
			}
		}
	}
	var many []*wanted
	for range filesPerQuery {
		many = append(many, &wanted{file: file, beforePath: "b", before: content, after: modeOnly})
	}
	queries["many"], _ = textsQuery(many)
	for name, q := range queries {
		if err := github.Query(q); err != nil {
			t.Errorf("%s: %v\n%.2000s", name, err, q)
		}
	}
}
