//go:build !race

package helm

import (
	"testing"

	"github.com/gatehold/gatehold/internal/detect/detecttest"
)

func TestHostileFilesEnd(t *testing.T) {
	detecttest.HostileFilesEnd(t, New(), "values.yaml", "Chart.yaml", "helmfile.yaml")
}
