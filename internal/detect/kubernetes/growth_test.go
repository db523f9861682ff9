//go:build !race

package kubernetes

import (
	"testing"

	"github.com/gatehold/gatehold/internal/detect/detecttest"
)

func TestHostileFilesEnd(t *testing.T) {
	detecttest.HostileFilesEnd(t, New(), "app.yaml", "kustomization.yaml", "x.json")
}
