package objects

import (
	"slices"
	"strings"
)

// Delta is one path that differs between two trees.
type Delta struct {
	Path     string
	Previous string // where a rename came from
	Status   string // added, removed, modified, renamed, changed
	OldMode  string
	OldSHA   string
	NewMode  string
	NewSHA   string
}

// Diff lists the files that differ, sorted by path. A file that left one path
// and appeared with the same content at another is one delta, renamed. Status
// changed means that the kind of thing changed, a file that became a symlink
// say (git's letter T).
func (s *Store) Diff(oldTree, newTree string) []Delta {
	var list []Delta
	s.diff(oldTree, newTree, "", 0, &list)
	list = joinRenames(list)
	slices.SortFunc(list, func(a, b Delta) int { return strings.Compare(a.Path, b.Path) })
	return list
}

func (s *Store) diff(oldTree, newTree, prefix string, depth int, out *[]Delta) {
	if oldTree == newTree || depth > maxDepth {
		return
	}
	before, after := s.trees[oldTree], s.trees[newTree]
	for len(before) > 0 || len(after) > 0 {
		switch {
		case len(after) == 0 || len(before) > 0 && before[0].sortKey() < after[0].sortKey():
			s.onlyOne(before[0], prefix, depth, "removed", out)
			before = before[1:]
		case len(before) == 0 || after[0].sortKey() < before[0].sortKey():
			s.onlyOne(after[0], prefix, depth, "added", out)
			after = after[1:]
		default:
			s.both(before[0], after[0], prefix, depth, out)
			before, after = before[1:], after[1:]
		}
	}
}

func (s *Store) onlyOne(e Entry, prefix string, depth int, status string, out *[]Delta) {
	switch {
	case e.Mode == ModeTree && status == "removed":
		s.diff(e.SHA, EmptyTree, prefix+e.Name+"/", depth+1, out)
	case e.Mode == ModeTree:
		s.diff(EmptyTree, e.SHA, prefix+e.Name+"/", depth+1, out)
	case status == "removed":
		*out = append(*out, Delta{Path: prefix + e.Name, Status: status, OldMode: e.Mode, OldSHA: e.SHA})
	default:
		*out = append(*out, Delta{Path: prefix + e.Name, Status: status, NewMode: e.Mode, NewSHA: e.SHA})
	}
}

// both is for two entries with the same sort key, so both or none are folders.
func (s *Store) both(a, b Entry, prefix string, depth int, out *[]Delta) {
	switch {
	case a == b:
	case a.Mode == ModeTree:
		s.diff(a.SHA, b.SHA, prefix+a.Name+"/", depth+1, out)
	default:
		d := Delta{Path: prefix + a.Name, Status: "modified", OldMode: a.Mode, OldSHA: a.SHA, NewMode: b.Mode, NewSHA: b.SHA}
		if family(a.Mode) != family(b.Mode) {
			d.Status = "changed"
		}
		*out = append(*out, d)
	}
}

func family(mode string) string { return mode[:3] }

// emptyBlob is never taken for a renamed file, as in git.
const emptyBlob = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"

func joinRenames(list []Delta) []Delta {
	gone := map[string][]int{}
	for i, d := range list {
		if d.Status == "removed" && d.OldMode != ModeSubmodule && d.OldSHA != emptyBlob {
			gone[d.OldSHA] = append(gone[d.OldSHA], i)
		}
	}
	if len(gone) == 0 {
		return list
	}
	drop := map[int]bool{}
	for i := range list {
		d := &list[i]
		from := gone[d.NewSHA]
		if d.Status != "added" || len(from) == 0 || family(list[from[0]].OldMode) != family(d.NewMode) {
			continue
		}
		old := list[from[0]]
		gone[d.NewSHA] = from[1:]
		drop[from[0]] = true
		d.Status, d.Previous, d.OldMode, d.OldSHA = "renamed", old.Path, old.OldMode, old.OldSHA
	}
	kept := list[:0]
	for i, d := range list {
		if !drop[i] {
			kept = append(kept, d)
		}
	}
	return kept
}

// Content is the bytes of one side of a delta as git diffs them: a submodule is
// a line that names its commit.
func (s *Store) Content(mode, sha string) []byte {
	switch mode {
	case "":
		return nil
	case ModeSubmodule:
		return []byte("Subproject commit " + sha + "\n")
	}
	return s.blobs[sha]
}
