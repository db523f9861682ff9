package identity

import (
	"testing"

	"github.com/gatehold/gatehold/internal/detect/detecttest"
)

// The cases pin what is seen and what is not, in both directions.
func TestCases(t *testing.T) {
	detecttest.Pairs(t, New(), "../../../testdata/detect/identity")
}

func TestChanges(t *testing.T) {
	detecttest.Changes(t, New(), "../../../testdata/detect/identity/changes")
}

func FuzzDetect(f *testing.F) {
	detecttest.Seed(f, New())
	paths := []string{"a.py", "a.ts", "A.java", "a.go", "a.rb", "a.yml"}
	f.Fuzz(func(t *testing.T, before, after string) {
		detecttest.Fuzz(t, New(), paths, before, after)
	})
}
