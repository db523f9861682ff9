//go:build !race

package backup

import (
	"testing"

	"github.com/gatehold/gatehold/internal/detect/detecttest"
)

func TestHostileFilesEnd(t *testing.T) { detecttest.HostileFilesEnd(t, New(), "backup.yaml") }
