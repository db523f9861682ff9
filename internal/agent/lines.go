package agent

import (
	"strings"
	"unicode"
)

// line is one line of a text, and how it is meant.
type line struct {
	at, end int  // in the text, without the line break
	indent  int  // columns; a tab is four
	quoted  bool // in a fence, behind ">", shown as an example, or of what is reverted
	hidden  bool // within an HTML comment of several lines, as templates have them
	blank   bool
}

// mark says of each line of s whether its author says it. What is quoted is
// somebody else's word: in a fence that is closed, behind ">", indented below a
// line that ends in a colon, or of the message that a revert repeats. Indented
// lines alone are no quotation: `git merge --squash` indents what it collects.
// It takes time linear in s.
func mark(s string) []line {
	lines := make([]line, 0, strings.Count(s, "\n")+1)
	for at := 0; at <= len(s); {
		l := line{at: at, end: at + lineLen(s[at:])}
		text := s[l.at:l.end]
		bare := strings.TrimLeft(text, " \t")
		for _, c := range []byte(text[:len(text)-len(bare)]) {
			l.indent++
			if c == '\t' {
				l.indent += 3
			}
		}
		l.blank = bare == ""
		l.quoted = strings.HasPrefix(bare, ">")
		lines = append(lines, l)
		at = l.end + 1
	}
	markFences(s, lines)
	markComments(s, lines)
	markExamples(s, lines)
	return lines
}

// markFences marks what stands between ``` and ```, or ~~~ and ~~~. A fence that
// nothing closes was cut off, or is none.
func markFences(s string, lines []line) {
	open, kind, length := -1, byte(0), 0
	for i := range lines {
		text := strings.TrimSpace(s[lines[i].at:lines[i].end])
		if len(text) < 3 || text[0] != '`' && text[0] != '~' {
			continue
		}
		n := len(text) - len(strings.TrimLeft(text, text[:1]))
		switch {
		case n < 3:
		case open < 0:
			open, kind, length = i, text[0], n
		case text[0] == kind && n >= length && n == len(text):
			for k := open; k <= i; k++ {
				lines[k].quoted = true
			}
			open = -1
		}
	}
}

// markComments hides what stands between <!-- and --> on lines of their own.
func markComments(s string, lines []line) {
	open := -1
	for i := range lines {
		text := s[lines[i].at:lines[i].end]
		if open < 0 {
			if at := strings.LastIndex(text, "<!--"); at >= 0 && !strings.Contains(text[at:], "-->") {
				open = i
			}
			continue
		}
		if !strings.Contains(text, "-->") {
			continue
		}
		for k := open; k <= i; k++ {
			lines[k].hidden = true
		}
		open = -1
	}
}

// markExamples marks indented lines and lists below a line that introduces them,
// and what follows "Original message:" in a revert.
func markExamples(s string, lines []line) {
	reverts := strings.HasPrefix(s, "Revert ") || strings.HasPrefix(s, "revert")
	introduced, original := false, false
	for i := range lines {
		l := &lines[i]
		if l.blank {
			continue
		}
		text := strings.TrimSpace(s[l.at:l.end])
		switch {
		case original:
			l.quoted = true
		case l.indent >= 4:
			l.quoted = l.quoted || introduced
		default:
			introduced = strings.HasSuffix(text, ":") || introduced && listed(text)
			l.quoted = l.quoted || introduced && listed(text)
		}
		original = original || reverts && isOriginal(text)
	}
}

// listed reports whether a line is an item of a list, and no trailer that is
// written like one in a sentence of its own.
func listed(text string) bool {
	return strings.HasPrefix(text, "- ") || strings.HasPrefix(text, "* ") || strings.HasPrefix(text, "+ ")
}

// isOriginal reports whether a line introduces the message of what is reverted.
func isOriginal(text string) bool {
	low := strings.ToLower(strings.TrimLeft(text, "#*-_ "))
	return strings.HasPrefix(low, "original ") && strings.HasSuffix(strings.TrimRight(low, "*_ "), ":") && len(low) < 80
}

// around finds the line that holds a place, by halving.
func around(lines []line, at int) *line {
	low, high := 0, len(lines)
	for high-low > 1 {
		if mid := (low + high) / 2; lines[mid].at <= at {
			low = mid
		} else {
			high = mid
		}
	}
	return &lines[low]
}

// plain reports whether the text at a place is said by the author: not quoted
// and not in backticks. With start, only emoji, marks and spaces may stand
// before it on its line.
func plain(s string, l *line, at int, start bool) bool {
	before := s[l.at:at]
	if l.quoted || strings.Count(before, "`")%2 == 1 {
		return false
	}
	if !start {
		return true
	}
	before = untagged(before)
	return !strings.ContainsFunc(before, func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("\"'`“‘«", r)
	})
}

// untagged is the beginning of a line without the tags that it begins with:
// "<sub>", "<p align=center>".
func untagged(s string) string {
	for {
		s = strings.TrimLeft(s, " \t")
		if len(s) < 2 || s[0] != '<' || !(s[1] >= 'a' && s[1] <= 'z') {
			return s
		}
		_, after, closed := strings.Cut(s, ">")
		if !closed {
			return s
		}
		s = after
	}
}
