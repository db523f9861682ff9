//go:build services

package rulesets_test

import (
	"sync"
	"testing"

	"github.com/gatehold/gatehold/internal/fakehub"
	described "github.com/gatehold/gatehold/internal/fakehub/contract"
)

var loadContract = sync.OnceValues(described.Load)

// contract holds every request and answer of these tests against GitHub's own
// description.
func contract(t *testing.T) fakehub.Contract {
	c, err := loadContract()
	if err != nil {
		t.Fatal(err)
	}
	return c
}
