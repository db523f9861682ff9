package rulesfile

import (
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/rulesfile/glob"
)

// NameGlob matches logins and labels: only `*` is special, so that the
// brackets of "renovate[bot]" are themselves; letter case does not matter.
type NameGlob struct {
	Written string
	negated bool
	parts   []string // of the folded pattern, between its stars
}

func newNameGlob(written string) NameGlob {
	text, negated := strings.CutPrefix(written, "!")
	text = strings.TrimPrefix(text, "@")
	return NameGlob{Written: written, negated: negated, parts: strings.Split(strings.ToLower(text), "*")}
}

// Login is the one login that the pattern names, in small letters; empty where it
// is a pattern of many.
func (g NameGlob) Login() string {
	if len(g.parts) > 1 || strings.ContainsAny(g.parts[0], " /") {
		return ""
	}
	return g.parts[0]
}

// match compares with a folded name. It takes one pass: each part is looked
// for behind the one before it.
func (g NameGlob) match(name string) bool {
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

// MatchName lets the last pattern that matches decide.
func MatchName(globs []NameGlob, name string) bool {
	for i := len(globs) - 1; i >= 0; i-- {
		if globs[i].match(name) {
			return !globs[i].negated
		}
	}
	return false
}

// DetectSet selects observations by id: "sql/drop-table", "sql/*", "*", in
// order, where `!` takes out and the last that matches decides.
type DetectSet struct {
	Written []string
	globs   []NameGlob
}

func NewDetectSet(written []string) *DetectSet {
	s := &DetectSet{Written: written}
	for _, w := range written {
		s.globs = append(s.globs, newNameGlob(w))
	}
	return s
}

func (s *DetectSet) Match(id string) bool { return s != nil && MatchName(s.globs, id) }

// matchAny reports whether the set selects one of the ids at least.
func (s *DetectSet) matchAny(ids []string) bool {
	for _, id := range ids {
		if s.Match(id) {
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

// HasStatus reports whether one of the words is true of f.
func HasStatus(words []string, f *change.File) bool {
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

// Names are patterns of names that are let pass, in order: the last that matches
// decides. Unlike patterns of what rules look at, they match in the case that is
// written, and take out in any: "Main" is another branch than "main", and
// whoever may push can make it.
type Names struct {
	patterns []*glob.Pattern
	negated  []bool
}

// NamesOf takes patterns that the parser has compiled before.
func NamesOf(patterns []string) *Names {
	n := &Names{}
	for _, written := range patterns {
		text, negated := strings.CutPrefix(written, "!")
		p, err := glob.Compile(text, negated)
		if err != nil {
			return &Names{} // which lets nothing pass
		}
		n.patterns, n.negated = append(n.patterns, p), append(n.negated, negated)
	}
	return n
}

func (n *Names) Match(name string) bool {
	for i := len(n.patterns) - 1; i >= 0; i-- {
		if n.negated[i] {
			if n.patterns[i].Match(glob.Fold(name)) {
				return false
			}
		} else if n.patterns[i].Match(name) {
			return true
		}
	}
	return false
}
