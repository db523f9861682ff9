//go:build !services

package rulesets_test

import (
	"testing"

	"github.com/gatehold/gatehold/internal/fakehub"
)

// contract is nil without the tag services: nobody is asked.
func contract(*testing.T) fakehub.Contract { return nil }
