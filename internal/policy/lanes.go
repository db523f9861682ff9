package policy

import (
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/gate"
)

// mergeBranches joins what both files name: whoever sets the floor says more
// lanes, and none can be taken away.
func (c *compiler) mergeBranches() {
	for _, f := range c.files {
		for _, pattern := range f.Branches {
			same := func(other string) bool { return strings.EqualFold(other, pattern) }
			if !slices.ContainsFunc(c.rules.branches, same) {
				c.rules.branches = append(c.rules.branches, pattern)
				c.set("branches", pattern, f.Name)
			}
		}
	}
}

// Branches are the patterns that name lanes beside the default branch's, in the
// order in which they count. They do so in the rules of the default branch only.
func (r *Rules) Branches() []string { return slices.Clone(r.branches) }

// missingOf are the entries of a that b does not have.
func missingOf(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(s string) bool { return slices.Contains(b, s) })
}

// Usable reports whether every file that the rules stand on could be used.
func (r *Rules) Usable() bool { return len(r.Problems) == 0 }

// branches says which lanes come and go. One that goes is not held any more by
// the rules of its own branches, nor by a check that is only theirs.
func (d *differ) branches(from, to *Rules) {
	for _, pattern := range missingOf(to.branches, from.branches) {
		d.say("The branches `%s` become a lane with the check `%s`.", pattern, gate.Lane(pattern).Check())
	}
	for _, pattern := range missingOf(from.branches, to.branches) {
		d.say("The branches `%s` are no lane any more: nothing requires what is said of changes into them.", pattern)
	}
	kept := missingOf(to.branches, missingOf(to.branches, from.branches))
	if !slices.Equal(kept, missingOf(from.branches, missingOf(from.branches, to.branches))) {
		d.say("Branches that several entries of `branches` match may belong to another lane: the order changes.")
	}
}
