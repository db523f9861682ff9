package objects

import (
	"fmt"
	"slices"
	"strings"
)

// maxDepth bounds how deep a path may go, and so every walk of a tree.
const maxDepth = 128

// Change is what happens to one path: it gets an entry (Mode and SHA of an
// object in the store, or of a submodule), or it is removed.
type Change struct {
	Path   string
	Mode   string
	SHA    string
	Remove bool
}

// Apply returns the tree that comes of tree by the changes. A file where a
// folder was replaces the folder, and the other way round; removing what is not
// there changes nothing; a folder that becomes empty goes, as in git.
func (s *Store) Apply(tree string, changes []Change) (string, error) {
	if _, ok := s.trees[tree]; !ok {
		return "", fmt.Errorf("the tree %q is not in the store", tree)
	}
	sorted := slices.Clone(changes)
	for _, c := range sorted {
		if err := checkPath(c.Path); err != nil {
			return "", err
		}
	}
	slices.SortStableFunc(sorted, func(a, b Change) int { return strings.Compare(a.Path, b.Path) })
	return s.apply(tree, sorted, 0), nil
}

func checkPath(path string) error {
	parts := strings.Split(path, "/")
	if len(parts) > maxDepth {
		return fmt.Errorf("the path %.40q… is deeper than %d folders", path, maxDepth)
	}
	for _, p := range parts {
		if p == "" || p == "." || p == ".." || strings.EqualFold(p, ".git") || strings.IndexByte(p, 0) >= 0 {
			return fmt.Errorf("%q is not a path that git takes", path)
		}
	}
	return nil
}

// apply takes changes whose paths from offset on are relative to tree; they are
// sorted, so those of one folder stand together except where a file's name is
// a prefix of the folder's (a, a.b, a/c): a map brings them together.
func (s *Store) apply(tree string, changes []Change, offset int) string {
	entries := make(map[string]Entry, len(s.trees[tree])+len(changes))
	for _, e := range s.trees[tree] {
		entries[e.Name] = e
	}
	below := map[string][]Change{}
	for _, c := range changes {
		name, rest, nested := strings.Cut(c.Path[offset:], "/")
		switch {
		case nested && rest != "":
			below[name] = append(below[name], c)
		case c.Remove:
			delete(entries, name)
		default:
			entries[name] = Entry{Name: name, Mode: c.Mode, SHA: c.SHA}
		}
	}
	for name, inside := range below {
		sub := EmptyTree
		old, had := entries[name]
		if had && old.Mode == ModeTree {
			sub = old.SHA
		}
		next := s.apply(sub, inside, offset+len(name)+1)
		if next != EmptyTree {
			entries[name] = Entry{Name: name, Mode: ModeTree, SHA: next}
		} else if had && old.Mode == ModeTree {
			delete(entries, name)
		}
	}
	list := make([]Entry, 0, len(entries))
	for _, e := range entries {
		list = append(list, e)
	}
	slices.SortFunc(list, func(a, b Entry) int { return strings.Compare(a.sortKey(), b.sortKey()) })
	return s.putTree(list)
}

// sortKey is git's order of a tree: a folder sorts as if its name ended in "/".
func (e Entry) sortKey() string {
	if e.Mode == ModeTree {
		return e.Name + "/"
	}
	return e.Name
}

// Lookup returns the entry at path in tree. The empty path is the tree itself.
func (s *Store) Lookup(tree, path string) (Entry, bool) {
	at := Entry{Mode: ModeTree, SHA: tree}
	if path == "" {
		return at, true
	}
	for name := range strings.SplitSeq(path, "/") {
		if at.Mode != ModeTree {
			return Entry{}, false
		}
		i := slices.IndexFunc(s.trees[at.SHA], func(e Entry) bool { return e.Name == name })
		if i < 0 {
			return Entry{}, false
		}
		at = s.trees[at.SHA][i]
	}
	return at, true
}

// PathEntry is an entry with its whole path.
type PathEntry struct {
	Path string
	Entry
}

// Walk lists what tree holds, folders before what is in them. It stops at limit
// entries and says so.
func (s *Store) Walk(tree string, recursive bool, limit int) (list []PathEntry, truncated bool) {
	var walk func(sha, prefix string, depth int)
	walk = func(sha, prefix string, depth int) {
		for _, e := range s.trees[sha] {
			if len(list) >= limit {
				truncated = true
				return
			}
			list = append(list, PathEntry{prefix + e.Name, e})
			if e.Mode == ModeTree && recursive && depth < maxDepth {
				walk(e.SHA, prefix+e.Name+"/", depth+1)
			}
		}
	}
	walk(tree, "", 0)
	return list, truncated
}
