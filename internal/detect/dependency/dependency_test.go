package dependency

import (
	"testing"

	"github.com/gatehold/gatehold/internal/detect/detecttest"
)

// The cases pin what is seen and what is not, in both directions.
func TestCases(t *testing.T) {
	detecttest.Pairs(t, New(), "../../../testdata/detect/dependency")
}

func FuzzDetect(f *testing.F) {
	detecttest.Seed(f, New())
	paths := []string{"package.json", "package-lock.json", "yarn.lock", "pnpm-lock.yaml", "go.mod", "go.sum", "Cargo.lock",
		"uv.lock", "composer.lock", "requirements.txt", ".npmrc", "pom.xml", "Pipfile.lock",
		"bun.lock", "build.rs", "src/a.pth"}
	f.Fuzz(func(t *testing.T, before, after string) {
		detecttest.Fuzz(t, New(), paths, before, after)
	})
}
