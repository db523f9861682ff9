//go:build !race

package cloudformation

import (
	"testing"

	"github.com/gatehold/gatehold/internal/detect/detecttest"
)

func TestHostileFilesEnd(t *testing.T) {
	detecttest.HostileFilesEnd(t, New(), "stack.yaml", "stack.json")
}
