package dependency

import (
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
)

// requirementHashes reports packages of a requirements file that had hashes and
// have none: pip checks all or nothing only while it is told to.
func requirementHashes(f *change.File, r *detect.Report) {
	if f.Before.State != change.Loaded {
		return
	}
	had := map[string]bool{}
	for _, p := range pinnedLines(f.Before.Body) {
		had[p.name] = had[p.name] || p.hashed
	}
	for _, p := range pinnedLines(f.After.Body) {
		if had[p.name] && !p.hashed {
			add(r, kindIntegrityRemoved, p.line, p.name, "its hash is gone")
		}
	}
}

type pin struct {
	name   string
	line   int
	hashed bool
}

// pinnedLines are the packages of a requirements file; a line that ends in a
// backslash goes on.
func pinnedLines(body string) []pin {
	var out []pin
	n, goesOn := 0, false
	for line := range strings.Lines(body) {
		n++
		t := strings.TrimSpace(line)
		if goesOn && len(out) > 0 {
			out[len(out)-1].hashed = out[len(out)-1].hashed || strings.Contains(t, "--hash")
		} else if name := pythonName(t); name != "" && len(out) < maxEntries {
			out = append(out, pin{name: name, line: n, hashed: strings.Contains(t, "--hash")})
		}
		goesOn = strings.HasSuffix(t, "\\")
	}
	return out
}
