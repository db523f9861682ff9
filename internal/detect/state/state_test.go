package state

import (
	"testing"

	"github.com/gatehold/gatehold/internal/detect/detecttest"
)

// The cases pin what is seen and what is not, in both directions.
func TestCases(t *testing.T) {
	detecttest.Pairs(t, New(), "../../../testdata/detect/state")
}

func FuzzDetect(f *testing.F) {
	detecttest.Seed(f, New())
	paths := []string{"agents/a.yaml", "auth/a.json", "auth/a.toml", "ops/a.conf", "access.tf", ".github/agents/a.md", "src/agent.py"}
	f.Fuzz(func(t *testing.T, before, after string) {
		detecttest.Fuzz(t, New(), paths, before, after)
	})
}
