//go:build services

package hubtest

import (
	"sync"
	"testing"

	"github.com/gatehold/gatehold/internal/fakehub"
	described "github.com/gatehold/gatehold/internal/fakehub/contract"
)

var loadContract = sync.OnceValues(described.Load)

// Contract holds every request and answer of these tests against GitHub's own
// descriptions.
func Contract(t *testing.T) fakehub.Contract {
	c, err := loadContract()
	if err != nil {
		t.Fatal(err)
	}
	return c
}
