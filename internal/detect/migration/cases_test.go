package migration

import (
	"testing"

	"github.com/gatehold/gatehold/internal/detect/detecttest"
)

// Cases of our own pin what is found and what is not, with lines.
func TestCases(t *testing.T) {
	detecttest.Lines(t, New(), "../../../testdata/detect/migration", 2)
}

// What moves between the files of a change has not gone.
func TestMoves(t *testing.T) {
	detecttest.Changes(t, New(), "../../../testdata/detect/migration/moves")
}
