package fakehub

import (
	"fmt"
	"strings"

	"github.com/gatehold/gatehold/internal/fakehub/objects"
)

// Files says what becomes of paths: the new text of each, or Deleted, or what
// Executable, Symlink and Submodule make.
type Files map[string]string

// mark begins the values that are not plain text. No text that one would put in
// a story starts so.
const mark = "\x00fakehub\x00"

// Deleted as the text of a path removes it, a file or a whole folder.
const Deleted = mark + "deleted"

// Executable is a file with the executable bit.
func Executable(text string) string { return mark + objects.ModeExecutable + text }

// Symlink is a symbolic link to target.
func Symlink(target string) string { return mark + objects.ModeSymlink + target }

// Submodule is a pointer to a commit of another repository, 40 hex digits.
func Submodule(sha string) string { return mark + objects.ModeSubmodule + sha }

// changes stores the blobs of f and returns what is to be done to a tree.
func (f Files) changes(s *objects.Store) ([]objects.Change, error) {
	list := make([]objects.Change, 0, len(f))
	for path, text := range f {
		special, marked := strings.CutPrefix(text, mark)
		switch {
		case !marked:
			list = append(list, objects.Change{Path: path, Mode: objects.ModeFile, SHA: s.PutBlob([]byte(text))})
		case special == "deleted":
			list = append(list, objects.Change{Path: path, Remove: true})
		case strings.HasPrefix(special, objects.ModeSubmodule):
			sha := special[len(objects.ModeSubmodule):]
			if !objects.IsSHA(sha) {
				return nil, fmt.Errorf("the submodule %s names %q, which is no commit id", path, sha)
			}
			list = append(list, objects.Change{Path: path, Mode: objects.ModeSubmodule, SHA: sha})
		default:
			mode := special[:len(objects.ModeFile)]
			list = append(list, objects.Change{Path: path, Mode: mode, SHA: s.PutBlob([]byte(special[len(mode):]))})
		}
	}
	return list, nil
}

// Diff is what differs between two trees, with the lines counted.
func (r *Repo) Diff(oldTree, newTree string) *objects.TreeDiff {
	return r.Diffs.Between(r.Store, oldTree, newTree)
}

// Between is the range of commits and the three-dot diff of two commits.
func (r *Repo) Between(base, head string) (objects.Range, *objects.TreeDiff) {
	rg := r.Store.Between(base, head)
	from := objects.EmptyTree
	if c := r.Store.Commit(rg.MergeBase); c != nil {
		from = c.Tree
	}
	return rg, r.Diff(from, r.Store.Commit(head).Tree)
}

// Resolve finds the commit that a name means: a full id, or a branch with or
// without refs/heads/.
func (r *Repo) Resolve(name string) *objects.Commit {
	if objects.IsSHA(name) {
		if c := r.Store.Commit(name); c != nil {
			return c
		}
	}
	return r.Store.Commit(r.Refs[BranchName(name)])
}

// Patch is one file's change, counted and, where it is not too large, spelled out.
func (r *Repo) Patch(d objects.Delta) (objects.Stat, string) {
	return objects.Patch(r.Store.Content(d.OldMode, d.OldSHA), r.Store.Content(d.NewMode, d.NewSHA), r.hub.Options.PatchLimit)
}

// AccountOf is the account whose mail address git shows, or nil.
func (r *Repo) AccountOf(p objects.Person) *Account { return r.hub.AccountByEmail[Fold(p.Email)] }
