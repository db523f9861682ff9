package report

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gatehold/gatehold/internal/gate"
)

// Our own bounds on annotations.
const (
	allAnnotations = 250
	maxTitle       = 255
	maxMessage     = 2000
)

// annotations marks the lines in the head that findings are about, those of
// the worst gate first, each rule once at a line.
func annotations(gates []shown) []Annotation {
	type at struct {
		path, rule string
		line       int
	}
	var out []Annotation
	seen := map[at]bool{}
	for _, g := range gates {
		if g.Verdict == nil {
			continue
		}
		for _, group := range grouped(g.Verdict.Findings) {
			for _, f := range group {
				key := at{f.Path, f.Rule, f.Line}
				if len(out) == allAnnotations {
					return out
				}
				if seen[key] || !annotatable(f) {
					continue
				}
				seen[key] = true
				out = append(out, annotation(f))
			}
		}
	}
	return out
}

// annotatable reports whether GitHub can show f at a line of the head.
func annotatable(f gate.Finding) bool {
	return f.Path != "" && f.Line > 0 && !f.Removed && len(f.Path) <= 4096 &&
		utf8.ValidString(f.Path) && !strings.ContainsFunc(f.Path, func(r rune) bool { return r < ' ' || r == 0x7F })
}

func annotation(f gate.Finding) Annotation {
	level := "warning"
	switch {
	case f.Observe:
		level = "notice"
	case f.Risk >= 50:
		level = "failure"
	}
	message := capital(Seen(f)) // it stands at its place
	if message != "" {
		message += "."
	}
	if f.Why != "" {
		message += "\n" + visible(f.Why, maxMessage)
	}
	if message == "" {
		message = "The rule matched here."
	}
	return Annotation{
		Path: f.Path, StartLine: f.Line, EndLine: f.Line, Level: level,
		Title:   bytesOf(fmt.Sprintf("%s - risk %d", visible(f.Rule, 120), f.Risk), maxTitle),
		Message: message,
	}
}

// capital begins a text as a sentence.
func capital(s string) string {
	if s == "" {
		return s
	}
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}

// bytesOf is at most n bytes of s, whole characters.
func bytesOf(s string, n int) string {
	if len(s) <= n {
		return s
	}
	n -= len("…")
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}
