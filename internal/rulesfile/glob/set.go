package glob

import (
	"fmt"
	"strings"
)

// Set is a list of patterns in order: the last that matches a path decides.
// The zero value matches nothing.
type Set struct {
	patterns []*Pattern
	negated  []bool
	written  []string
	takesOut bool // some pattern is negated
}

// CompileSet compiles patterns in order. The error for pattern i is errs[i];
// errs is nil where all are good. Dead patterns, which a later one takes back
// wholly, are errors as well: they would look as if they protected something.
func CompileSet(patterns []string) (*Set, []error) {
	s := &Set{written: patterns}
	errs := make([]error, len(patterns))
	failed := false
	for i, written := range patterns {
		text, negated := strings.CutPrefix(written, "!")
		p, err := Compile(text, !negated)
		if strings.HasPrefix(text, "!") {
			err = fmt.Errorf("the pattern begins with more than one exclamation mark, or with one that takes nothing out: a " +
				"name that begins with one is written as \\!x")
		}
		if err == nil && negated && len(s.patterns) == 0 {
			err = fmt.Errorf("the list begins with %q, which takes out of nothing: patterns count in order, and the last "+
				"that matches decides", written)
		}
		if err != nil {
			errs[i], failed = err, true
			p = &Pattern{text: text}
		}
		s.patterns = append(s.patterns, p)
		s.negated = append(s.negated, negated)
		s.takesOut = s.takesOut || negated
	}
	for i := range s.patterns {
		if errs[i] != nil || s.negated[i] {
			continue
		}
		for j := i + 1; j < len(s.patterns); j++ {
			if s.negated[j] && covers(s.patterns[j].text, s.patterns[i].text) {
				errs[i], failed = fmt.Errorf("%q can never match: %q after it takes all of it out", patterns[i], patterns[j]), true
				break
			}
		}
	}
	if failed {
		return nil, errs
	}
	return s, nil
}

// covers reports, for the shapes where it is plain, that everything that
// pattern matches is matched by wide.
func covers(wide, pattern string) bool {
	if wide == pattern || onlyStars(wide) {
		return true
	}
	dir, ok := strings.CutSuffix(wide, "/**")
	return ok && plain(dir) && (pattern == dir || strings.HasPrefix(pattern, dir+"/"))
}

// Match reports whether the set holds path. folded is Fold(path).
func (s *Set) Match(path, folded string) bool {
	for i := len(s.patterns) - 1; i >= 0; i-- {
		if s.negated[i] {
			if s.patterns[i].Match(path) {
				return false
			}
		} else if s.patterns[i].Match(folded) {
			return true
		}
	}
	return false
}

// Patterns are the patterns as they were written.
func (s *Set) Patterns() []string { return s.written }
