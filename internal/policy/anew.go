package policy

import (
	"path"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	where "github.com/gatehold/gatehold/internal/detect/place"
	"github.com/gatehold/gatehold/internal/detect/source"
)

// anew is a file as one that is added, where it was renamed or copied from a place
// in which it did not do what it does now: not a line of it changed, and all of it
// comes into force. ok is false for any other.
func anew(d detect.Detector, f *change.File) (fresh change.File, ok bool) {
	if f.PreviousPath == "" || f.PreviousPath == f.Path || f.After.State == change.Absent || !comesIntoForce(d, f) {
		return change.File{}, false
	}
	fresh = change.File{Path: f.Path, Status: change.Added, Mode: f.Mode, Additions: f.Additions, Before: change.NoText(), After: f.After}
	return fresh.Caching(), true
}

func comesIntoForce(d detect.Detector, f *change.File) bool {
	from, to := f.PreviousPath, f.Path
	was := change.File{Path: from, Status: change.Modified, Mode: f.PreviousMode, PreviousMode: f.PreviousMode}
	return f.Status == change.Copied || !d.Wants(&was) || !where.SameEnvironment(from, to) ||
		where.Aside(path.Dir(from)) && !where.Aside(path.Dir(to)) || migrates(from, to)
}

// migrates reports whether a file becomes a migration, another database's, or one
// that goes forward.
func migrates(from, to string) bool {
	was, is := source.Look(from), source.Look(to)
	return is.Migration && !is.Rollback && (!was.Migration || was.Rollback || path.Dir(from) != path.Dir(to))
}
