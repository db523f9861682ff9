// Package linematch reports lines that a change adds or takes away and that
// match a pattern, for detectors whose subject is a line: a setting, a call, a
// guard before a handler.
//
// Patterns are tried only on lines that hold one of their words, and compiled
// when that first happens. Lines that are comments do not count.
package linematch

import (
	"regexp"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/keyword"
	"github.com/gatehold/gatehold/internal/pattern"
)

// maxLine is how much of a line is looked at.
const maxLine = 2000

// maxWork bounds bytes times patterns on one file.
const maxWork = 16 << 20

// Pattern is what makes a line worth reporting.
type Pattern struct {
	Kind  *detect.Kind
	Words []string // in lower case; one must stand on the line
	Expr  string   // must match the line; its first group that matched is the object
	Not   string   // must not match the line; "" for none
	Gone  bool     // reported where fewer lines of the file match after than before
	In    func(path string) bool
	Says  string
	Tag   string // free, for Options.Keep
}

// Options are how one file is looked at. The zero value is as the patterns say.
type Options struct {
	Only Side // which lines are looked at; both where it is left out
	// Moved reports of a line that goes that it stands elsewhere now, or that what
	// it stood for went with it: it is not gone. Nil: nothing moves.
	Moved func(change.Line) bool

	As   *detect.Kind                         // replaces the kind of every finding, say in tests
	Keep func(p *Pattern, object string) bool // false: not reported
}

// Side is a side of a change.
type Side uint8

// The sides.
const (
	Both  Side = iota
	Added      // lines that come
	Gone       // lines that go
)

// Set is patterns ready to be tried. It may be used from several goroutines.
type Set struct {
	patterns []Pattern
	exprs    []func() *regexp.Regexp
	nots     []func() *regexp.Regexp
	words    *keyword.Matcher
	byWord   [][]int
}

// New makes a set. It is cheap but for the automaton over the words.
func New(patterns []Pattern) *Set {
	s := &Set{patterns: patterns}
	var words []string
	index := map[string]int{}
	for n, p := range patterns {
		for _, w := range p.Words {
			i, ok := index[w]
			if !ok {
				i = len(words)
				index[w] = i
				words = append(words, w)
				s.byWord = append(s.byWord, nil)
			}
			s.byWord[i] = append(s.byWord[i], n)
		}
		s.exprs = append(s.exprs, lazy(p.Expr))
		s.nots = append(s.nots, lazy(p.Not))
	}
	s.words = keyword.New(words)
	return s
}

// lazy is an expression that a pattern may leave out: then it is nil.
func lazy(expr string) func() *regexp.Regexp {
	if expr == "" {
		return func() *regexp.Regexp { return nil }
	}
	return pattern.Of(expr)
}

// hit is a pattern that matched, with what it matched.
type hit struct {
	pattern int
	object  string
}

// Run reports the lines of f.
func (s *Set) Run(f *change.File, r *detect.Report, o Options) {
	work := 0
	if o.Only != Gone && s.added(f, r, o, &work) {
		return
	}
	if o.Only != Added {
		s.gone(f, r, o, &work)
	}
}

// added reports lines that come, and whether the work was too much.
func (s *Set) added(f *change.File, r *detect.Report, o Options, work *int) bool {
	for _, l := range f.AddedLines() {
		for _, h := range s.match(l.Text, f.Path, false, work) {
			s.add(r, h, l.Number, false, o)
		}
		if *work > maxWork {
			return true
		}
	}
	return false
}

// gone reports lines that go.
func (s *Set) gone(f *change.File, r *detect.Report, o Options, work *int) {
	removed := f.RemovedLines()
	if len(removed) == 0 {
		return
	}
	var lost map[int]int // pattern to how many more lines matched before
	for _, l := range removed {
		for _, h := range s.match(l.Text, f.Path, true, work) {
			if lost == nil {
				lost = s.balance(f)
			}
			if lost[h.pattern] > 0 && (o.Moved == nil || !o.Moved(l)) {
				lost[h.pattern]--
				s.add(r, h, l.Number, true, o)
			}
		}
		if *work > maxWork {
			return
		}
	}
}

// Closely is how many bytes of f Run reads by more than words: the lines that
// differ, and all of it where a line goes that a pattern may be about.
func (s *Set) Closely(f *change.File) int {
	whole := false
	for _, l := range f.RemovedLines() {
		s.words.Find(l.Text, func(w int32, _ int) {
			for _, n := range s.byWord[w] {
				whole = whole || s.patterns[n].Gone
			}
		})
		if whole {
			return len(f.Before.Body) + len(f.After.Body)
		}
	}
	return f.Differing()
}

func (s *Set) add(r *detect.Report, h hit, line int, removed bool, o Options) {
	p := &s.patterns[h.pattern]
	if o.Keep != nil && !o.Keep(p, h.object) {
		return
	}
	k := p.Kind
	if o.As != nil {
		k = o.As
	}
	r.Add(detect.Observation{Kind: k, Line: line, Removed: removed, Object: h.object, Detail: p.Says})
}

// balance counts for each pattern about lines that go how many fewer lines
// match now: a guard that moved or was renamed to another is still there.
func (s *Set) balance(f *change.File) map[int]int {
	out := map[int]int{}
	work := 0
	count := func(t change.Text, by int) {
		if t.State != change.Loaded {
			return
		}
		for line := range strings.Lines(t.Body) {
			for _, h := range s.match(line, f.Path, true, &work) {
				out[h.pattern] += by
			}
			if work > maxWork {
				return
			}
		}
	}
	count(f.Before, 1)
	count(f.After, -1)
	return out
}

func (s *Set) match(line, path string, gone bool, work *int) []hit {
	if len(line) > maxLine {
		line = line[:maxLine]
	}
	var tried uint64
	var more map[int]bool
	var out []hit
	seen := func(n int) bool {
		if n < 64 {
			was := tried&(1<<n) != 0
			tried |= 1 << n
			return was
		}
		if more == nil {
			more = map[int]bool{}
		}
		was := more[n]
		more[n] = true
		return was
	}
	s.words.Find(line, func(w int32, _ int) {
		for _, n := range s.byWord[w] {
			p := &s.patterns[n]
			if p.Gone != gone || seen(n) || p.In != nil && !p.In(path) || comment(line) {
				continue
			}
			*work += len(line)
			m := s.exprs[n]().FindStringSubmatch(line)
			if m == nil {
				continue
			}
			if not := s.nots[n](); not != nil && not.MatchString(line) {
				continue
			}
			out = append(out, hit{n, object(m)})
		}
	})
	return out
}

func object(m []string) string {
	for _, g := range m[1:] {
		if g != "" {
			return strings.TrimSpace(g)
		}
	}
	return strings.TrimSpace(m[0])
}

func comment(line string) bool {
	t := strings.TrimSpace(line)
	for _, p := range [...]string{"#", "//", "/*", "* ", "-- ", "<!--", ";", "\"\"\"", "%"} {
		if strings.HasPrefix(t, p) {
			return !strings.HasPrefix(t, "#[") // an attribute of Rust
		}
	}
	return false
}
