package fakehub

import (
	"github.com/gatehold/gatehold/internal/fakehub/objects"
)

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
