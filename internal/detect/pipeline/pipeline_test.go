package pipeline

import (
	"testing"

	"github.com/gatehold/gatehold/internal/detect/detecttest"
)

// The cases pin what is seen and what is not, in both directions.
func TestCases(t *testing.T) {
	detecttest.Pairs(t, New(), "../../../testdata/detect/pipeline")
}

func FuzzDetect(f *testing.F) {
	detecttest.Seed(f, New())
	paths := []string{".gitlab-ci.yml", ".circleci/config.yml", "azure-pipelines.yml", ".buildkite/pipeline.yml",
		"bitbucket-pipelines.yml",
		"Jenkinsfile"}
	f.Fuzz(func(t *testing.T, before, after string) {
		detecttest.Fuzz(t, New(), paths, before, after)
	})
}
