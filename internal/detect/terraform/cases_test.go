package terraform

import (
	"testing"

	"github.com/gatehold/gatehold/internal/detect/detecttest"
)

func TestCases(t *testing.T) { detecttest.Pairs(t, New(), "../../../testdata/detect/terraform") }

func TestChanges(t *testing.T) {
	detecttest.Changes(t, New(), "../../../testdata/detect/terraform/moves")
}
