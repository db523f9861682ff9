package policy

import (
	"strings"

	"github.com/gatehold/gatehold/internal/change"
)

// nameGlob matches logins and labels: only `*` is special, so that the
// brackets of "renovate[bot]" are themselves; letter case does not matter.
type nameGlob struct {
	written string
	negated bool
	parts   []string // of the folded pattern, between its stars
}

func newNameGlob(written string) nameGlob {
	text, negated := strings.CutPrefix(written, "!")
	text = strings.TrimPrefix(text, "@")
	return nameGlob{written: written, negated: negated, parts: strings.Split(strings.ToLower(text), "*")}
}

// match compares with a folded name. It takes one pass: each part is looked
// for behind the one before it.
func (g nameGlob) match(name string) bool {
	first, rest := g.parts[0], g.parts[1:]
	if len(rest) == 0 {
		return name == first
	}
	if !strings.HasPrefix(name, first) {
		return false
	}
	name = name[len(first):]
	last := rest[len(rest)-1]
	for _, part := range rest[:len(rest)-1] {
		i := strings.Index(name, part)
		if i < 0 {
			return false
		}
		name = name[i+len(part):]
	}
	return strings.HasSuffix(name, last)
}

// matchName lets the last pattern that matches decide.
func matchName(globs []nameGlob, name string) bool {
	for i := len(globs) - 1; i >= 0; i-- {
		if globs[i].match(name) {
			return !globs[i].negated
		}
	}
	return false
}

// detectSet selects observations by id: "sql/drop-table", "sql/*", "*", in
// order, where `!` takes out and the last that matches decides.
type detectSet struct {
	written []string
	globs   []nameGlob
}

func newDetectSet(written []string) *detectSet {
	s := &detectSet{written: written}
	for _, w := range written {
		s.globs = append(s.globs, newNameGlob(w))
	}
	return s
}

func (s *detectSet) match(id string) bool { return s != nil && matchName(s.globs, id) }

// matchAny reports whether the set selects one of the ids at least.
func (s *detectSet) matchAny(ids []string) bool {
	for _, id := range ids {
		if s.match(id) {
			return true
		}
	}
	return false
}

// The statuses that a rule can name beside GitHub's own.
const (
	modeChanged = "mode_changed" // the mode moved, whatever else did
	symlink     = "symlink"      // is or was a symbolic link
	submodule   = "submodule"    // is or was another repository at a commit
)

var statusWords = []string{
	string(change.Added), string(change.Removed), string(change.Modified), string(change.Renamed),
	string(change.Copied), modeChanged, symlink, submodule,
}

// hasStatus reports whether one of the words is true of f.
func hasStatus(words []string, f *change.File) bool {
	for _, word := range words {
		switch word {
		case modeChanged:
			if f.Status == change.Changed || f.Mode != "" && f.PreviousMode != "" && f.Mode != f.PreviousMode {
				return true
			}
		case symlink:
			if f.Mode == change.ModeSymlink || f.PreviousMode == change.ModeSymlink {
				return true
			}
		case submodule:
			if f.Mode == change.ModeSubmodule || f.PreviousMode == change.ModeSubmodule {
				return true
			}
		default:
			if word == string(f.Status) {
				return true
			}
		}
	}
	return false
}
