package command

import (
	"testing"

	"github.com/gatehold/gatehold/internal/detect/detecttest"
)

// The cases pin what is seen and what is not, in both directions.
func TestCases(t *testing.T) {
	detecttest.Pairs(t, New(), "../../../testdata/detect/command")
}

func FuzzDetect(f *testing.F) {
	detecttest.Seed(f, New())
	paths := []string{"run.sh", "Makefile", "deploy.yml", "package.json", "Dockerfile", "tool.py", "Jenkinsfile"}
	f.Fuzz(func(t *testing.T, before, after string) {
		detecttest.Fuzz(t, New(), paths, before, after)
	})
}
