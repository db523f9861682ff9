package ansible

import (
	"testing"

	"github.com/gatehold/gatehold/internal/detect/detecttest"
)

func TestCases(t *testing.T) { detecttest.Pairs(t, New(), "../../../testdata/detect/ansible") }

func FuzzDetect(f *testing.F) {
	detecttest.Seed(f, New())
	f.Fuzz(func(t *testing.T, before, after string) {
		detecttest.Fuzz(t, New(), []string{"playbooks/site.yml"}, before, after)
	})
}
