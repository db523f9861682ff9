package helm

import (
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/detect/detecttest"
)

func TestCases(t *testing.T) { detecttest.Pairs(t, New(), "../../../testdata/detect/helm") }

func FuzzDetect(f *testing.F) {
	detecttest.Seed(f, New())
	f.Fuzz(func(t *testing.T, before, after string) {
		detecttest.Fuzz(t, New(), []string{"values.yaml", "Chart.yaml", "helmfile.yaml"}, before, after)
	})
}

func BenchmarkDetect(b *testing.B) {
	var text strings.Builder
	for _, k := range New().Kinds() {
		if len(k.Fires) > 0 && text.Len() < 4_000 {
			text.WriteString(k.Fires + "---\n")
		}
	}
	f := detecttest.File("values.yaml", "", text.String())
	b.SetBytes(int64(text.Len()))
	for b.Loop() {
		detecttest.Observe(New(), f)
	}
}

func TestAValueThatBecomesABlockIsCompared(t *testing.T) {
	// Neither side is a list: comparing them as lists of one would never end.
	for _, pair := range [][2]string{{"p", "persistence:\n  enabled: false\n"}, {"a: b\n", "a: {b: [c]}\n"},
		{"a: [[b]]\n", "a: {b: c}\n"}} {
		detecttest.Observe(New(), detecttest.File("values.yaml", pair[0], pair[1]))
		detecttest.Observe(New(), detecttest.File("values.yaml", pair[1], pair[0]))
	}
}
