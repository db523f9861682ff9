//go:build !services

package hubtest

import (
	"testing"

	"github.com/gatehold/gatehold/internal/fakehub"
)

// contract holds nothing here: GitHub's descriptions are read with the build
// tag services.
func Contract(*testing.T) fakehub.Contract { return nil }
