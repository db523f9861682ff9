package cloudformation

import (
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/detect/detecttest"
)

func TestCases(t *testing.T) { detecttest.Pairs(t, New(), "../../../testdata/detect/cloudformation") }

func FuzzDetect(f *testing.F) {
	detecttest.Seed(f, New())
	f.Fuzz(func(t *testing.T, before, after string) {
		detecttest.Fuzz(t, New(), []string{"stack.yaml", "stack.json"}, before, after)
	})
}

func BenchmarkDetect(b *testing.B) {
	var text strings.Builder
	for _, k := range New().Kinds() {
		if len(k.Fires) > 0 && text.Len() < 4_000 {
			text.WriteString(k.Fires + "---\n")
		}
	}
	f := detecttest.File("stack.yaml", "", text.String())
	b.SetBytes(int64(text.Len()))
	for b.Loop() {
		detecttest.Observe(New(), f)
	}
}
