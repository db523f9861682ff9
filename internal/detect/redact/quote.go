package redact

import (
	"strconv"
	"strings"
)

// Quote puts text from outside on one line, without secrets and without
// characters that could pretend to be other text.
func Quote(s string) string {
	s = Text(s)
	if !strings.ContainsFunc(s, func(r rune) bool { return !strconv.IsPrint(r) }) {
		return s
	}
	q := strconv.QuoteToGraphic(s)
	return q[1 : len(q)-1]
}
