package policy

import (
	"strconv"
	"strings"

	"github.com/gatehold/gatehold/internal/detect/redact"
)

// quote puts text from outside on one line, without secrets and without
// characters that could pretend to be other text.
func quote(s string) string {
	s = redact.Text(s)
	if !strings.ContainsFunc(s, func(r rune) bool { return !strconv.IsPrint(r) }) {
		return s
	}
	q := strconv.QuoteToGraphic(s)
	return q[1 : len(q)-1]
}
