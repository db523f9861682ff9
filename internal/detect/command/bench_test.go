package command

import (
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/detecttest"
)

// BenchmarkDetect reads files of a hundred kilobytes as they are met: a script,
// a workflow, a Makefile and program text.
func BenchmarkDetect(b *testing.B) {
	for _, c := range []struct{ path, unit string }{
		{"scripts/deploy.sh", "set -e\nfor f in *.go; do\n  echo \"$f\" | grep -v x || true\ndone\nif [ -f a ]; then " +
			"cp a b; fi\nmake -C web build\n" +
			"curl -fsS https://x.example/health > /dev/null\nkubectl apply -f k8s/\n"},
		{".github/workflows/ci.yml", "  - name: build\n    run: |\n      npm ci\n      npm run build -- --prod\n    " +
			"env:\n      A: ${{ github.sha }}\n"},
		{"Makefile", "build: a b\n\tgo build -o $(BIN) ./...\n\t@echo done\ntest:\n\tgo test ./...\n"},
		{"tools/run.py", "import subprocess\ndef f(a):\n    subprocess.run(['git', 'status'], check=True)\n    return a + 1\n"},
	} {
		text := strings.Repeat(c.unit, 100<<10/len(c.unit))
		f := detecttest.File(c.path, "", text)
		f.Status, f.Before = change.Added, change.NoText()
		b.Run(c.path, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			New().Detect(&f, detect.NewReport(c.path)) // tables are read at first use
			b.ResetTimer()
			for range b.N {
				New().Detect(&f, detect.NewReport(c.path))
			}
		})
	}
}
