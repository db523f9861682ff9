package tool

import (
	"testing"
)

// Each row's own examples are run: one that is wrong fails here.
func TestRowsHoldWhatTheySay(t *testing.T) {
	kinds := knownKinds(t)
	for _, one := range Shipped().Tools() {
		for _, problem := range Check(one, kinds) {
			t.Error(problem)
		}
	}
}
