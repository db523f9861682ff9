// Package glob matches repository paths against the patterns of a rules file.
//
// The syntax is that of doublestar: `*` and `?` stay within one segment, `**`
// as a whole segment crosses any number of them, `[a-z]` and `[!a-z]` are
// classes, `{a,b}` are alternatives, `\` takes the next character as it is. A
// pattern is anchored at both ends: `*.md` means the root, `**/*.md` any depth.
// `dir/**` matches `dir` itself as well, which may be a symlink or a submodule.
//
// Matching takes time linear in the path, whatever the pattern: common shapes
// are compared as text, the rest by RE2. A Set is a list of patterns in order,
// where the last one that matches decides and `!` takes out.
//
// Letter case: what a pattern asks for is matched in any letter case, what it
// takes out only in the case written. A file system that folds case must not
// let `ENVS/Production` past a rule for `envs/production`; and `DOCS/` is not
// excused because `docs/` is.
package glob

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Bounds on patterns, so that a rules file cannot make matching slow.
const (
	MaxLength       = 512 // bytes of one pattern
	MaxAlternatives = 64  // what `{a,b}` may expand to
	MaxWildcards    = 32  // stars, question marks and classes of one pattern
)

// Pattern is one compiled pattern. The zero value matches nothing.
type Pattern struct {
	text string
	alts []alternative
}

// Compile compiles a pattern. With fold, letter case does not matter. The error
// is a sentence without the pattern's position.
func Compile(text string, fold bool) (*Pattern, error) {
	if err := check(text); err != nil {
		return nil, err
	}
	source := text
	if fold {
		source = Fold(source)
	}
	expanded, err := expand(source)
	if err != nil {
		return nil, err
	}
	p := &Pattern{text: text}
	for _, e := range expanded {
		alt, err := compileAlternative(e)
		if err != nil {
			return nil, err
		}
		p.alts = append(p.alts, alt)
	}
	return p, nil
}

// String is the pattern as it was written.
func (p *Pattern) String() string { return p.text }

// Fold is the form in which letter case does not matter. Patterns that fold
// are matched against a folded path.
func Fold(s string) string { return strings.ToLower(s) }

// Match reports whether path matches. For a pattern that folds, path must have
// been folded by the caller, once for all patterns.
func (p *Pattern) Match(path string) bool {
	for i := range p.alts {
		if p.alts[i].match(path) {
			return true
		}
	}
	return false
}

func check(text string) error {
	switch {
	case text == "":
		return fmt.Errorf("the pattern is empty")
	case len(text) > MaxLength:
		return fmt.Errorf("the pattern is longer than %d bytes", MaxLength)
	case !utf8.ValidString(text):
		return fmt.Errorf("the pattern is not valid UTF-8")
	case strings.HasPrefix(text, "/"):
		return fmt.Errorf("the pattern begins with a slash: paths count from the root of the repository, write %q",
			strings.TrimLeft(text, "/"))
	case strings.HasSuffix(text, "/"):
		return fmt.Errorf("the pattern ends with a slash, and no file's path does: for all files below write %q", text+"**")
	case strings.Count(text, "*")+strings.Count(text, "?")+strings.Count(text, "[") > MaxWildcards:
		return fmt.Errorf("the pattern holds more than %d wildcards", MaxWildcards)
	case strings.Contains(text, "//"):
		return fmt.Errorf("the pattern holds an empty segment (//): no path does")
	}
	for segment := range strings.SplitSeq(text, "/") {
		if segment == "." || segment == ".." {
			return fmt.Errorf("the pattern holds the segment %q: no path in a repository does", segment)
		}
	}
	return nil
}

// expand resolves alternatives: "a.{b,c}" to "a.b" and "a.c".
func expand(text string) ([]string, error) {
	out := []string{""}
	for i := 0; i < len(text); {
		switch text[i] {
		case '\\':
			if i+1 >= len(text) {
				return nil, fmt.Errorf("the pattern ends with a backslash: a backslash takes the next character as it is")
			}
			_, size := utf8.DecodeRuneInString(text[i+1:])
			out = suffix(out, text[i:i+1+size])
			i += 1 + size
		case '[':
			end := classEnd(text[i:])
			if end < 0 {
				return nil, fmt.Errorf("the pattern opens a class with [ and does not close it: for the character itself write \\[")
			}
			out = suffix(out, text[i:i+end])
			i += end
		case '{':
			inner, end, err := braces(text[i:])
			if err != nil {
				return nil, err
			}
			var next []string
			for _, choice := range inner {
				expanded, err := expand(choice)
				if err != nil {
					return nil, err
				}
				if len(next)+len(out)*len(expanded) > MaxAlternatives {
					return nil, fmt.Errorf("the pattern's braces stand for more than %d alternatives: write several patterns",
						MaxAlternatives)
				}
				for _, head := range out {
					for _, tail := range expanded {
						next = append(next, head+tail)
					}
				}
			}
			out = next
			i += end
		case '}':
			return nil, fmt.Errorf("the pattern closes a brace that it does not open: for the character itself write \\}")
		default:
			out = suffix(out, text[i:i+1])
			i++
		}
	}
	return out, nil
}

func suffix(list []string, tail string) []string {
	for i := range list {
		list[i] += tail
	}
	return list
}

// braces splits "{a,b{c,d}}rest" into its choices and says where it ends.
func braces(text string) (choices []string, end int, err error) {
	depth, start := 0, 1
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '[':
			if n := classEnd(text[i:]); n > 0 {
				i += n - 1
			}
		case '{':
			if depth++; depth > 4 {
				return nil, 0, fmt.Errorf("the pattern's braces nest more than 4 deep")
			}
		case ',':
			if depth == 1 {
				choices = append(choices, text[start:i])
				start = i + 1
			}
		case '}':
			if depth--; depth == 0 {
				return append(choices, text[start:i]), i + 1, nil
			}
		}
	}
	return nil, 0, fmt.Errorf("the pattern opens a brace and does not close it: for the character itself write \\{")
}

// classEnd returns the length of the class that text begins with, or -1.
func classEnd(text string) int {
	i := 1
	if i < len(text) && (text[i] == '!' || text[i] == '^') {
		i++
	}
	for first := true; i < len(text); first = false {
		switch {
		case text[i] == '\\':
			i += 2
		case text[i] == ']' && !first:
			return i + 1
		case text[i] == '/':
			return -1
		default:
			i++
		}
	}
	return -1
}
