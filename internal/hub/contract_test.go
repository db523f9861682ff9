//go:build !services

package hub_test

import (
	"testing"

	"github.com/gatehold/gatehold/internal/fakehub"
)

// contract holds nothing here: GitHub's descriptions are read with the build
// tag services.
func contract(*testing.T) fakehub.Contract { return nil }
