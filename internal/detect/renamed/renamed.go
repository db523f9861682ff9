// Package renamed says what a renamed file is to a detector: one that is added
// where it comes into use, one that is deleted where it goes out of use, and
// nothing new where it stays in use.
package renamed

import (
	"path"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	where "github.com/gatehold/gatehold/internal/detect/place"
	"github.com/gatehold/gatehold/internal/detect/source"
)

// Anew is a file as one that is added, where it was renamed or copied from a place
// in which it did not do what it does now: not a line of it changed, and all of it
// comes into force. ok is false for any other.
func Anew(d detect.Detector, f *change.File) (fresh change.File, ok bool) {
	if f.PreviousPath == "" || f.PreviousPath == f.Path || f.After.State == change.Absent || !comesIntoForce(d, f) {
		return change.File{}, false
	}
	fresh = change.File{Path: f.Path, Status: change.Added, Mode: f.Mode, Additions: f.Additions, Before: change.NoText(), After: f.After}
	return fresh.Caching(), true
}

// Wants reports whether a detector needs the texts of a file, for what it is or
// for what it was.
func Wants(d detect.Detector, f *change.File) bool {
	_, gone := Withdrawn(d, f)
	return gone || d.Wants(f)
}

// Withdrawn is a file as one that is deleted, where it was renamed to a place in
// which it does not do any more what it did: not a line of it changed, and all of
// it is gone. ok is false for any other.
func Withdrawn(d detect.Detector, f *change.File) (gone change.File, ok bool) {
	from, to := f.PreviousPath, f.Path
	if from == "" || from == to || f.Status == change.Copied || f.Before.State == change.Absent {
		return change.File{}, false
	}
	gone = change.File{Path: from, Status: change.Removed, PreviousMode: f.PreviousMode, Deletions: f.Deletions, Before: f.Before,
		After: change.NoText()}
	if !d.Wants(&gone) || d.Wants(f) && where.SameEnvironment(from, to) && (where.Aside(path.Dir(from)) || !where.Aside(path.Dir(to))) {
		return change.File{}, false
	}
	return gone.Caching(), true
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
	return is.Migration && !is.Rollback && (!was.Migration || was.Rollback || path.Dir(from) != path.Dir(to) && !stays(from, to))
}

// stays reports whether a migration moves with its version: tools tell by that what
// has run, wherever it lies. In the folder of another database it has not.
func stays(from, to string) bool {
	was, is := source.Look(from), source.Look(to)
	a, b := path.Dir(from), path.Dir(to)
	return was.Versioned && is.Versioned && was.Base == is.Base && was.Database == is.Database &&
		(where.Within(a, b) || strings.HasSuffix(a, "/"+b) || strings.HasSuffix(b, "/"+a))
}
