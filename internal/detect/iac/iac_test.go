package iac

import (
	"testing"

	"github.com/gatehold/gatehold/internal/detect/bound"
	"github.com/gatehold/gatehold/internal/detect/detecttest"
)

func TestCases(t *testing.T) { detecttest.Pairs(t, New(), "../../../testdata/detect/iac") }

func TestChanges(t *testing.T) { detecttest.Changes(t, New(), "../../../testdata/detect/iac/changes") }

func FuzzDetect(f *testing.F) {
	detecttest.Seed(f, New())
	paths := []string{"a/stack.ts", "a/stack.py", "a/stack.go", "a/Stack.java", "a/Stack.cs", "main.bicep", "azuredeploy.json", "Pulumi.yaml"}
	f.Fuzz(func(t *testing.T, before, after string) {
		for _, path := range paths {
			_ = bound.Catch(func() { detecttest.Fuzz(t, New(), []string{path}, before, after) })
		}
	})
}
