package brought

import (
	"slices"

	"github.com/gatehold/gatehold/internal/change"
)

// history is the commits of a change, as they follow from one another.
type history struct {
	commits map[string]*change.Commit
	before  map[string]map[string]bool // of a commit: those of the change that it has, itself included
}

func newHistory(commits []change.Commit) *history {
	h := &history{commits: make(map[string]*change.Commit, len(commits)), before: map[string]map[string]bool{}}
	for i := range commits {
		h.commits[commits[i].SHA] = &commits[i]
	}
	return h
}

// has are the commits of the change that one of them has, itself included; none
// where it is none of the change.
func (h *history) has(sha string) map[string]bool {
	if known, is := h.before[sha]; is {
		return known
	}
	out := map[string]bool{}
	for todo := []string{sha}; len(todo) > 0; {
		at := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if c := h.commits[at]; c != nil && !out[at] {
			out[at] = true
			todo = append(todo, c.Parents...)
		}
	}
	h.before[sha] = out
	return out
}

// broughtBy are the commits that a merge put on its branch; none where it is not
// proven that GitHub made it of the very head that was merged.
//
// A merge commit is signed by GitHub and joins that head to the branch. A squash or
// a rebase has one parent each, down to where the branch was before the push that
// brought them, and that head is not among them: GitHub takes a pull request for
// merged, of which the head is not in the branch, only where it has merged it itself.
func (h *history) broughtBy(m *merge) []string {
	c := h.commits[m.SHA]
	switch {
	case c == nil || m.Head == "" || m.SHA == m.Head:
		return nil
	case len(c.Parents) == 2:
		if !c.SignedByGitHub || c.Parents[1] != m.Head {
			return nil
		}
		out := []string{m.SHA}
		on := h.has(c.Parents[0])
		for sha := range h.has(c.Parents[1]) {
			if !on[sha] {
				out = append(out, sha)
			}
		}
		slices.Sort(out[1:])
		return out
	}
	for _, push := range m.into.Pushes {
		if push.After == m.SHA && push.Before != "" && push.Before != m.Head && !push.Forced {
			return h.line(m.SHA, push.Before, m.Head)
		}
	}
	return nil
}

// line are the commits from one down to another that is left out, if each has one
// parent and none is the head that they were made from.
func (h *history) line(from, to, head string) []string {
	var out []string
	for sha := from; sha != to; {
		c := h.commits[sha]
		if c == nil || len(c.Parents) != 1 || sha == head || len(out) == len(h.commits) {
			return nil
		}
		out = append(out, sha)
		sha = c.Parents[0]
	}
	return out
}

// proven are the commits that parts alone have made, and all that they follow from
// within the change.
func (h *history) proven(parts []part) map[string]bool {
	made := map[string]bool{}
	for i := range parts {
		if parts[i].whole() {
			for _, sha := range parts[i].commits {
				made[sha] = true
			}
		}
	}
	// What has a commit that they did not make is not theirs: followed from those.
	children := map[string][]string{}
	var other []string
	for sha, c := range h.commits {
		for _, p := range c.Parents {
			children[p] = append(children[p], sha)
		}
		if !made[sha] || len(c.Parents) == 0 {
			other = append(other, sha)
		}
	}
	for len(other) > 0 {
		sha := other[len(other)-1]
		other = other[:len(other)-1]
		delete(made, sha)
		for _, child := range children[sha] {
			if made[child] {
				delete(made, child)
				other = append(other, child)
			}
		}
	}
	return made
}

// reach is the proven commit that has the most of the change; empty where there is
// none. Of several the first by name: which one it is must not depend on chance.
func (h *history) reach(parts []part) string {
	best, most := "", 0
	proven := h.proven(parts)
	for sha := range proven {
		top := true
		for i := range parts { // only what a part has left is looked at, and there are few
			top = top && (parts[i].SHA != sha || !parts[i].whole())
		}
		if n := len(h.has(sha)); !top && (n > most || n == most && sha < best) {
			best, most = sha, n
		}
	}
	return best
}
