package tool

import (
	"testing"
)

// Each row's own examples are run: one that is wrong fails here.
func TestRowsHoldWhatTheySay(t *testing.T) {
	kinds := []string{}
	for _, k := range knownKinds(t) {
		kinds = append(kinds, k)
	}
	for _, one := range Shipped().Tools() {
		for _, problem := range Check(one, kinds) {
			t.Error(problem)
		}
	}
}
