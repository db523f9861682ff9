package secret

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect/tokenform"
)

// formRules are the forms of package tokenform as rules.
func formRules() []*rule {
	var rules []*rule
	for _, f := range tokenform.Forms() {
		rules = append(rules, &rule{ID: f.ID, Regex: f.Regex, Keywords: f.Prefixes, Entropy: f.Entropy, Examples: f.Examples,
			digits: f.Digits, tail: f.Tail, form: true, alone: f.Alone})
	}
	return rules
}

// stands tells whether a token of a form that was found in a text is one as it
// stands there: not the beginning of something longer, and not a part of a word
// where the form asks for that.
func (r *rule) stands(text string, m match) bool {
	if m.end < len(text) && (letterOrDigit(text[m.end]) || text[m.end] == '_') {
		return false
	}
	return !r.alone || m.start == 0 || !tokenByte[text[m.start-1]] || strings.IndexByte("=|/~", text[m.start-1]) >= 0 || glued(text, m.start)
}

func letterOrDigit(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// glued tells whether what stands before at looks like a part of the word and
// is none: the end of a colour, of a percent code or of an escape.
func glued(text string, at int) bool {
	before := text[max(0, at-10):at]
	if strings.HasSuffix(before, "m") {
		code := strings.TrimRight(before[:len(before)-1], "0123456789;")
		return len(code) < len(before)-1 && strings.HasSuffix(code, "[")
	}
	n := len(before)
	switch {
	case n >= 3 && before[n-3] == '%' && hexDigit(before[n-2]) && hexDigit(before[n-1]):
		return true
	case n >= 2 && before[n-2] == '\\' && strings.IndexByte("nrt", before[n-1]) >= 0:
		return true
	case n >= 4 && before[n-4:n-2] == `\x`:
		return true
	}
	return n >= 6 && before[n-6:n-4] == `\u`
}

func hexDigit(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

// masked tells whether what follows a secret says that the rest of it was left
// out: what is seen is not whole then.
func masked(text string, m match) bool {
	rest := text[m.end:min(len(text), m.end+24)]
	for _, sign := range [...]string{"...", "…", "***", "•", "%s", "%d", "%v", "${", "{{", "[...", "[…"} {
		if strings.HasPrefix(rest, sign) {
			return true
		}
	}
	open := m.end > 0 && strings.IndexByte("-_.", text[m.end-1]) >= 0
	word := strings.ToLower(strings.TrimLeft(rest, "-_.<[("))
	if len(word) == len(rest) {
		return false
	}
	if open && (rest[0] == '<' || rest[0] == '[') {
		return true
	}
	for _, says := range [...]string{"redacted", "hidden", "masked", "snip", "removed", "omitted", "truncated", "your", "secret>", "token>",
		"rest>"} {
		if strings.HasPrefix(word, says) {
			return true
		}
	}
	return false
}
