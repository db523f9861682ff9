// Package dependency reads what a change does to dependencies: where packages
// come from, whether what comes is still checked, what newly runs when they
// are installed, and names that read like others.
//
// It reads package.json, go.mod, requirements and lock files of npm, yarn,
// pnpm, Go, Cargo, Poetry, uv and Composer as what they are, and the settings
// of package managers and build tools line by line. Versions that only rise
// are not reported.
package dependency

import (
	"path"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
)

// maxBytes bounds one file; the largest lock files have some ten megabytes.
const maxBytes = 16 << 20

type detector struct{}

// New returns the detector of dependencies.
func New() detect.Whole { return detector{} }

func (detector) Name() string { return "dependency" }

func (detector) Kinds() []*detect.Kind { return shipped.All() }

// Wants takes manifests, lock files and settings of package managers.
func (detector) Wants(f *change.File) bool {
	if f.Status == change.Removed {
		return false
	}
	base := path.Base(f.Path)
	if lockOf(base) != nil || base == "package.json" || base == "go.mod" || base == "go.work" {
		return !vendored(f.Path)
	}
	return configures(f.Path) || builds(f.Path) && !vendored(f.Path)
}

func vendored(p string) bool {
	return strings.Contains("/"+p, "/node_modules/") || strings.Contains("/"+p, "/vendor/")
}

// Detect looks at one file.
func (detector) Detect(f *change.File, r *detect.Report) {
	if f.After.State == change.Absent || f.Before.State == change.Loaded && f.After.State == change.Loaded &&
		f.Before.Body == f.After.Body {
		return
	}
	base := path.Base(f.Path)
	if f.After.State != change.Loaded || len(f.After.Body) > maxBytes {
		why := f.After.Reason
		if f.After.State == change.Loaded {
			why = "larger than any lock file should be"
		}
		add(r, kindUnreadable, 0, base, why)
		return
	}
	switch read := lockOf(base); {
	case read != nil:
		locks(f, read, r)
	case base == "package.json":
		packageJSON(f, r)
	case base == "go.mod", base == "go.work":
		goMod(f, r)
	case base == "pnpm-workspace.yaml":
		workspace(f, r)
	}
	lookalikes(f, r)
	if requirementsTxt(f.Path) {
		pythonRequirements(f, r)
		requirementHashes(f, r)
	}
	if builds(f.Path) {
		buildScript(f, r)
	}
	settings(f, r)
}
