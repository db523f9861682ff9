// Package codeowners reads GitHub's CODEOWNERS: who owns which path.
//
// It follows what GitHub documents: the last line that matches a path decides;
// a line without owners takes the owners of its paths away; a line that GitHub
// cannot read is skipped, and the others count. Patterns are those of gitignore
// without `!` and `[a-z]`, and paths are compared with letter case.
// https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
//
// Matching never backtracks more than once for each star of a segment and once
// for each `**`, and looks at those lines only that can match the first segment
// of a path. Everything is pure, and a File may be used by many goroutines.
package codeowners

import (
	"regexp"
	"slices"
	"strings"
)

// MaxSize is the size of a file, in bytes, from which on GitHub ignores it.
const MaxSize = 3 << 20

// maxPattern bounds one pattern, in bytes. Git's own paths end at 4096.
const maxPattern = 4096

// Places are where GitHub looks for the file, in its order: the first that is
// there counts, and no other.
func Places() []string { return []string{".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"} }

// File is a CODEOWNERS file. The zero value owns nothing.
type File struct {
	lines []line
	first map[string][]int // by the first segment of the path: lines that begin with just that
	any   []int            // lines that can match paths of any first segment
}

type line struct {
	segments []string // "**" crosses segments
	owners   []string
}

// Parse reads a file. It never fails: GitHub skips what it cannot read.
func Parse(text string) *File {
	f := &File{first: map[string][]int{}}
	for raw := range strings.Lines(text) {
		pattern, rest := cutPattern(strings.TrimSpace(raw))
		segments, ok := compile(pattern)
		if !ok {
			continue
		}
		owners, ok := owners(rest)
		if !ok {
			continue
		}
		i := len(f.lines)
		f.lines = append(f.lines, line{segments, owners})
		if head := segments[0]; strings.ContainsAny(head, `*?\`) {
			f.any = append(f.any, i)
		} else {
			f.first[head] = append(f.first[head], i)
		}
	}
	return f
}

// Owners are the owners of a path as they are written: "@user", "@org/team" or
// an e-mail address. None where no line matches or the last that does names none.
func (f *File) Owners(path string) []string {
	parts := strings.Split(path, "/")
	own, all := f.first[parts[0]], f.any
	for len(own)+len(all) > 0 { // from the last line up
		var i int
		if len(all) == 0 || len(own) > 0 && own[len(own)-1] > all[len(all)-1] {
			i, own = own[len(own)-1], own[:len(own)-1]
		} else {
			i, all = all[len(all)-1], all[:len(all)-1]
		}
		if matches(f.lines[i].segments, parts) {
			return slices.Clone(f.lines[i].owners)
		}
	}
	return nil
}

// cutPattern splits a line at the first space that is not escaped. What begins
// with # is a comment.
func cutPattern(s string) (pattern, rest string) {
	if strings.HasPrefix(s, "#") {
		return "", ""
	}
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case ' ', '\t':
			return s[:i], s[i:]
		}
	}
	return s, ""
}

// compile splits a pattern into segments that are matched from the root.
func compile(p string) ([]string, bool) {
	if p == "" || p == "/" || len(p) > maxPattern || p[0] == '!' || strings.Contains(p, "[") || strings.Contains(p, "***") ||
		strings.HasSuffix(p, `\`) {
		return nil, false
	}
	inside := strings.HasSuffix(p, "/") // a directory: what lies in it
	p, anchored := strings.CutPrefix(strings.TrimRight(p, "/"), "/")
	segments := strings.Split(p, "/")
	if slices.Contains(segments, "") {
		return nil, false
	}
	if !anchored && len(segments) == 1 {
		segments = append([]string{"**"}, segments...)
	}
	last := segments[len(segments)-1]
	switch {
	case inside:
		segments = append(segments, "*", "**")
	case last == "**":
		segments = append(segments[:len(segments)-1], "*", "**")
	case last == "*" && segments[0] != "**":
		// docs/* owns what lies in docs itself, and nothing deeper.
	default:
		segments = append(segments, "**") // a directory of this name with all in it
	}
	return segments, true
}

var owner = regexp.MustCompile(`^(?:@[A-Za-z0-9_-]+(?:/[A-Za-z0-9._-]+)?|[^@\s]+@[^@\s]+\.[^@\s]+)$`)

// owners reads the rest of a line up to a comment.
func owners(s string) ([]string, bool) {
	var out []string
	for _, word := range strings.Fields(s) {
		if strings.HasPrefix(word, "#") {
			break
		}
		if !owner.MatchString(word) {
			return nil, false
		}
		out = append(out, word)
	}
	return out, true
}

// matches compares segments; `**` stands for any number of them, none too. Only
// the last `**` is tried again: what an earlier one leaves to it is as good.
func matches(pattern, path []string) bool {
	p, s, star, from := 0, 0, -1, 0
	for s < len(path) {
		switch {
		case p < len(pattern) && pattern[p] == "**":
			star, from = p, s
			p++
		case p < len(pattern) && segment(pattern[p], path[s]):
			p, s = p+1, s+1
		case star >= 0:
			from++
			p, s = star+1, from
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == "**" {
		p++
	}
	return p == len(pattern)
}

// segment compares one segment, in the same way.
func segment(pattern, text string) bool {
	p, s, star, from := 0, 0, -1, 0
	for s < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, from = p, s
			p++
			continue
		case p < len(pattern) && pattern[p] == '\\' && p+1 < len(pattern) && pattern[p+1] == text[s]:
			p, s = p+2, s+1
			continue
		case p < len(pattern) && pattern[p] == '?':
			p++
			for s++; s < len(text) && text[s]&0xC0 == 0x80; s++ { // the rest of the character
			}
			continue
		case p < len(pattern) && pattern[p] != '\\' && pattern[p] == text[s]:
			p, s = p+1, s+1
			continue
		case star >= 0:
			from++
			p, s = star+1, from
			continue
		}
		return false
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}
