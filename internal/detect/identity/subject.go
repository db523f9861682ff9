package identity

import (
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/pattern"
)

// declares matches what a line declares: a function, a class, a method.
var declares = pattern.Of(`(?:\b(?:def|defp|func|function|fn|fun|class|interface|module|namespace|const|let|var|scope|` +
	`resources?|namespace|location)\s+` +
	`(?:\([^)]*\)\s*)?["':/]?([\w./:-]+)|^\s*(?:(?:public|private|protected|internal|static|async|override|final|export|` +
	`default)\s+)+(?:[\w<>\[\],.?]+\s+)?` +
	`(\w+)\s*\(|^\s*(?:async\s+)?(\w+)\s*\([^)]*\)\s*(?::\s*[^{]+)?\{\s*$)`)

// address matches the path of a route in quotes.
var address = pattern.Of(`["']/[\w/:{}<>.*-]*["']`)

// losses tells of guards of a change that go whether what they stood before goes
// too.
type losses struct {
	files []*change.File // that the change leaves
	here  map[string]bool
	asked int
}

// maxAsked bounds how often all texts of a change are looked through.
const maxAsked = 200

// stands tells whether any file of the change holds a subject now.
func (l *losses) stands(subject string) bool {
	if known, ok := l.here[subject]; ok {
		return known
	}
	if l.asked++; l.asked > maxAsked {
		return true
	}
	for _, f := range l.files {
		if strings.Contains(f.After.Body, subject) {
			l.here[subject] = true
			return true
		}
	}
	l.here[subject] = false
	return false
}

// of tells of the guards of a file that go whether nothing is lost: the route,
// the function or the class that they stood before goes as well, or they are
// asked in a function of their own now.
func (l *losses) of(f *change.File) func(change.Line) bool {
	var before, after []string
	return func(line change.Line) bool {
		if before == nil {
			before, after = strings.Split(f.Before.Body, "\n"), strings.Split(f.After.Body, "\n")
		}
		if line.Number < 1 || line.Number > len(before) {
			return false
		}
		if subject := subjectOf(before, line.Number-1); subject != "" && !strings.Contains(f.After.Body, subject) && !l.stands(subject) {
			return true
		}
		return l.extracted(f, strings.TrimSpace(line.Text), after)
	}
}

// extracted tells whether a line stands in a function that is new.
func (l *losses) extracted(f *change.File, line string, after []string) bool {
	if l.asked++; l.asked > maxAsked || len(line) < 8 {
		return false
	}
	for i := range after {
		if strings.TrimSpace(after[i]) != line {
			continue
		}
		if subject := subjectOf(after, i); subject != "" && !strings.Contains(f.Before.Body, subject) && address().FindString(subject) == "" {
			return true
		}
	}
	return false
}

// subjectOf is what a guard on a line stands before, as the text names it; empty
// where it does not.
func subjectOf(lines []string, at int) string {
	line := lines[at]
	if m := address().FindString(line); m != "" {
		return m
	}
	t := strings.TrimSpace(line)
	if strings.HasPrefix(t, "@") || strings.HasPrefix(t, "[") || strings.HasPrefix(t, "#[") {
		for i := at + 1; i < len(lines) && i < at+12; i++ {
			next := strings.TrimSpace(lines[i])
			if next == "" || strings.HasPrefix(next, "@") || strings.HasPrefix(next, "[") || strings.HasPrefix(next, "#") {
				continue
			}
			return declared(lines[i])
		}
		return ""
	}
	subject := ""
	above(lines, at, func(l string) bool {
		if subject = address().FindString(l); subject == "" {
			subject = declared(l)
		}
		return subject == ""
	})
	return subject
}

// declared is the name that a line declares.
func declared(line string) string {
	for _, g := range declares().FindStringSubmatch(line) {
		if g != "" && !strings.ContainsAny(g, " (") {
			switch g {
			case "if", "for", "while", "switch", "catch", "else", "return", "with", "try", "function":
				return ""
			}
			return g
		}
	}
	return ""
}
