// Package identity finds what weakens identity and access in program text and
// settings: connections and tokens whose other side is no longer checked,
// guards before handlers that are gone, policies that allow by default,
// sign-on that asks for less.
//
// It reads lines, before against after: what a change adds, and guards of
// which fewer stand than before. Rules of infrastructure (IAM, RBAC, security
// groups) are other detectors' subject.
package identity

import (
	"path"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/linematch"
)

// maxBytes bounds one file.
const maxBytes = 4 << 20

type detector struct{}

// New returns the detector of identity and access code.
func New() detect.Detector { return detector{} }

func (detector) Name() string { return "identity" }

func (detector) Kinds() []*detect.Kind { return shipped.All() }

var wanted = map[string]bool{".go": true, ".py": true, ".js": true, ".ts": true, ".jsx": true, ".tsx": true, ".mjs": true,
	".cjs": true, ".java": true, ".kt": true,
	".kts": true, ".scala": true, ".groovy": true, ".rb": true, ".php": true, ".cs": true, ".rs": true, ".ex": true,
	".exs": true, ".swift": true, ".rego": true,
	".cedar": true, ".rules": true, ".yml": true, ".yaml": true, ".toml": true, ".ini": true, ".conf": true, ".cfg": true,
	".properties": true, ".env": true,
	".json": true, ".xml": true, ".sh": true, ".csv": true, ".j2": true}

// Wants takes program text and settings, but for lock files and what is
// generated.
func (detector) Wants(f *change.File) bool {
	b := path.Base(f.Path)
	if strings.HasSuffix(b, ".min.js") || strings.Contains(b, "lock") || strings.Contains("/"+f.Path, "/node_modules/") ||
		strings.Contains("/"+f.Path, "/vendor/") {
		return false
	}
	return wanted[strings.ToLower(path.Ext(b))] || strings.HasPrefix(b, ".env") || b == "sshd_config" || b == "sudoers" ||
		b == "authorized_keys" ||
		strings.Contains(f.Path, "sudoers.d/")
}

// Detect reads the lines that differ.
func (detector) Detect(f *change.File, r *detect.Report) {
	after := f.After
	if after.State == change.Absent && f.Before.State == change.Loaded {
		return // what guarded nothing any more goes with what it guarded
	}
	if after.State != change.Loaded || len(after.Body) > maxBytes {
		if after.State != change.Absent {
			why := after.Reason
			if after.State == change.Loaded {
				why = "too large to be read"
			}
			r.Add(detect.Observation{Kind: kindUnreadable, Object: path.Base(f.Path), Detail: why})
		}
		return
	}
	var o linematch.Options
	if testPath(f.Path) {
		o.As = kindInTest
	}
	set().Run(f, r, o)
}

func testPath(p string) bool {
	l := strings.ToLower(p)
	for part := range strings.SplitSeq(path.Dir(l), "/") {
		switch part {
		case "test", "tests", "testdata", "__tests__", "spec", "specs", "fixtures", "examples", "example", "docs", "mocks",
			"e2e", "testing":
			return true
		}
	}
	b := path.Base(l)
	return strings.Contains(b, "_test.") || strings.Contains(b, ".test.") || strings.Contains(b, ".spec.") ||
		strings.HasPrefix(b, "test_") || strings.HasSuffix(b, "test.java")
}
