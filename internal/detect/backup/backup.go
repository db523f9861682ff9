// Package backup finds what takes the way back away: backup jobs that no
// longer run, copies that are kept for a shorter time or purged, logs and
// versions that restoring needs, recovery plans that are deleted.
//
// It reads scripts, settings and manifests line by line, before against after.
// Terraform and CloudFormation are other detectors' subject.
package backup

import (
	"path"
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/linematch"
	"github.com/gatehold/gatehold/internal/detect/place"
	"github.com/gatehold/gatehold/internal/pattern"
)

// maxBytes bounds one file.
const maxBytes = 2 << 20

type detector struct{}

// New returns the detector of backups and recovery.
func New() detect.Detector { return detector{} }

func (detector) Name() string { return "backup" }

func (detector) Kinds() []*detect.Kind { return shipped.All() }

var wanted = map[string]bool{".sh": true, ".bash": true, ".yml": true, ".yaml": true, ".json": true, ".toml": true,
	".ini": true, ".conf": true, ".cfg": true,
	".cnf": true, ".properties": true, ".env": true, ".py": true, ".rb": true, ".ps1": true, ".service": true, ".timer": true,
	".mk": true, ".j2": true, ".template": true, ".cron": true, ".bat": true, ".cmd": true}

// Wants takes scripts and settings, and whatever speaks of backups in its
// path where it is deleted.
func (detector) Wants(f *change.File) bool {
	b := path.Base(f.Path)
	if test(f.Path) || strings.Contains(b, "lock") && path.Ext(b) != ".sh" {
		return false
	}
	e := strings.ToLower(path.Ext(b))
	if e == ".tf" || e == ".hcl" {
		return false
	}
	return wanted[e] || e == "" && !strings.HasPrefix(b, ".") || strings.HasPrefix(b, ".env") || f.Status == change.Removed && about(f.Path)
}

func test(p string) bool {
	for part := range strings.SplitSeq(strings.ToLower(path.Dir(p)), "/") {
		switch part {
		case "test", "tests", "testdata", "__tests__", "spec", "fixtures", "examples", "example", "e2e", "node_modules", "vendor":
			return true
		}
	}
	return strings.Contains(path.Base(p), "_test.")
}

var (
	// makes tells whether a text makes copies.
	makes = pattern.Of(runs)
	// declares tells a manifest that makes copies.
	declares = pattern.Of(`(?m)` + declared)
)

// Detect reads the lines that differ.
func (detector) Detect(f *change.File, r *detect.Report) {
	if f.After.State == change.Absent {
		deleted(f, r)
		return
	}
	if f.After.State != change.Loaded || len(f.After.Body) > maxBytes {
		if about(f.Path) {
			why := f.After.Reason
			if f.After.State == change.Loaded {
				why = "too large to be read"
			}
			r.Add(detect.Observation{Kind: kindUnreadable, Object: path.Base(f.Path), Detail: why})
		}
		return
	}
	set().Run(f, r, linematch.Options{Keep: func(p *linematch.Pattern, _ string) bool {
		return p.Tag != ofCopies || f.Before.State == change.Loaded && makes().MatchString(f.Before.Body)
	}})
	retention(f, r)
	schedules(f, r)
	script(f, r)
	parts(f, r)
}

// deleted looks at a file that is gone: a job, or the plan for the day when
// one is needed.
func deleted(f *change.File, r *detect.Report) {
	body := ""
	if f.Before.State == change.Loaded {
		body = f.Before.Body[:min(len(f.Before.Body), 256<<10)]
	}
	o := detect.Observation{Kind: kindDeleted, Removed: true, Line: 1, Object: path.Base(f.Path)}
	l := strings.ToLower(f.Path)
	switch e := strings.ToLower(path.Ext(f.Path)); {
	case e == ".md" || e == ".rst" || e == ".adoc" || e == ".txt":
		plan := strings.Contains(l, "disaster") || strings.Contains(l, "recovery") || strings.Contains(l, "restore") ||
			strings.Contains(l, "backup") || strings.Contains(l, "/dr/")
		if !plan || place.Note(f.Path) {
			return
		}
		o.Kind = kindPlanDeleted
	case makes().MatchString(body), declares().MatchString(body):
		o.Detail = "it made copies"
	case about(f.Path) && (strings.Contains(l, "backup") || strings.Contains(l, "velero") || strings.Contains(l, "restore")) && wanted[e]:
		if strings.Contains(l, "migrat") {
			return
		}
	default:
		return
	}
	r.Add(o)
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
