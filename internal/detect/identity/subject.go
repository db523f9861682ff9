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

// route matches a line that says what answers at an address; others only say who
// may come there.
var route = pattern.Of(`(?i)\b(?:get|post|put|patch|delete|del|head|options|route|match|any|resources?|Map(?:Get|Post|Put|` +
	`Delete|Patch)|path|url|` +
	`HandleFunc|Handle)\s*\(?\s*["'(]|@\w+\.(?:get|post|put|patch|delete|route)\(|Mapping\(`)

// address matches the path of a route in quotes.
var address = pattern.Of(`["']/[\w/:{}<>.*-]*["']`)

// losses tells of guards of a change that go whether what they stood before goes
// too.
type losses struct {
	files []*change.File // that the change leaves
	known map[string]bool
	asked int
}

// maxAsked bounds how often texts are looked through for one change. What is
// over it counts as lost.
const maxAsked = 300

// stands tells whether the file of a guard, or any other of the change, holds a
// subject now.
func (l *losses) stands(f *change.File, subject string) bool {
	key := f.Path + "\x00" + subject
	if known, ok := l.known[key]; ok {
		return known
	}
	if l.asked++; l.asked > maxAsked {
		return true
	}
	found := strings.Contains(f.After.Body, subject)
	for i := 0; i < len(l.files) && !found; i++ {
		found = strings.Contains(l.files[i].After.Body, subject)
	}
	l.known[key] = found
	return found
}

// of tells of the guards of a file that go whether nothing is lost: the route,
// the function or the class that they stood before goes as well, or they are
// asked in a function of their own now.
func (l *losses) of(f *change.File) func(change.Line) bool {
	var before, after []string
	var at map[string]int // where a line stands after the change
	return func(line change.Line) bool {
		if everywhere().MatchString(line.Text) {
			return false
		}
		if before == nil {
			before, after = strings.Split(f.Before.Body, "\n"), strings.Split(f.After.Body, "\n")
			at = map[string]int{}
			for i, l := range after {
				at[strings.TrimSpace(l)] = i
			}
		}
		if line.Number < 1 || line.Number > len(before) {
			return false
		}
		if subject := subjectOf(before, line.Number-1); subject != "" && !l.stands(f, subject) {
			return true
		}
		now, still := at[strings.TrimSpace(line.Text)]
		return still && l.own(f, subjectOf(after, now))
	}
}

// own tells whether a function is new.
func (l *losses) own(f *change.File, subject string) bool {
	if l.asked++; l.asked > maxAsked || subject == "" || address().MatchString(subject) {
		return false
	}
	return !strings.Contains(f.Before.Body, subject)
}

// subjectOf is what a guard on a line stands before, as the text names it; empty
// where it does not.
func subjectOf(lines []string, at int) string {
	line := lines[at]
	if m := address().FindString(line); m != "" && route().MatchString(line) {
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
