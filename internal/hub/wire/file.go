package wire

import (
	"github.com/gatehold/gatehold/internal/change"
)

// File is a file as comparisons and lists of a pull request's files show
// it. Patches are left where they are.
type File struct {
	SHA       string `json:"sha"`
	Filename  string `json:"filename"`
	Previous  string `json:"previous_filename"`
	Status    string `json:"status"`
	Additions int    `json:"additions"`
	Deletions int    `json:"deletions"`
}

func (a *File) ChangeFile() (change.File, bool) {
	f := change.File{Path: a.Filename, PreviousPath: a.Previous, Status: change.Status(a.Status), Additions: a.Additions,
		Deletions: a.Deletions}
	f.After.Blob = a.SHA
	switch f.Status {
	case "unchanged":
		return f, false
	case change.Added, change.Copied:
		// A copy is new where it is: all of it is what the change brings.
		f.Before = change.NoText()
	case change.Removed:
		f.Before.Blob = a.SHA
		f.After = change.NoText()
	case change.Modified, change.Renamed, change.Changed:
	default:
		f.Status = change.Modified
	}
	return f, f.Path != ""
}
