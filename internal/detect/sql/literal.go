package sql

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// unescape takes out the escapes of the program, so that SQL is left.
func unescape(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			i++
			continue
		}
		switch c := s[i+1]; c {
		case 'n':
			b.WriteString(" \n")
		case 't', 'r':
			b.WriteString("  ")
		case '"', '\'', '`', '\\':
			b.WriteByte(c)
		case 'x', 'u', 'U':
			if r, n := codePoint(s[i+1:]); n > 0 {
				b.WriteRune(r)
				i += n + 1
				continue
			}
			b.WriteString(s[i : i+2])
		default:
			b.WriteString(s[i : i+2])
		}
		i += 2
	}
	return b.String()
}

// codePoint is the character of x44, u0044, u{44} and U00000044, and how long
// that is. A line feed is told as a return: it ends a comment, and no line of
// the program.
func codePoint(s string) (rune, int) {
	digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[s[0]]
	from, to := 1, 1+digits
	if len(s) > 2 && s[1] == '{' {
		n := strings.IndexByte(s[:min(len(s), 12)], '}')
		if n < 0 {
			return 0, 0
		}
		from, to = 2, n
	} else if s[0] == 'u' {
		for to < len(s) && to-digits < 8 && s[from] == 'u' { // Java's \uu0044
			from, to = from+1, to+1
		}
	}
	if to > len(s) {
		return 0, 0
	}
	v, err := strconv.ParseUint(s[from:to], 16, 31)
	if err != nil || !utf8.ValidRune(rune(v)) || v == 0 {
		return 0, 0
	}
	if s[from-1] == '{' {
		to++
	}
	if v == '\n' {
		v = '\r'
	}
	return rune(v), to
}

// literalOf is what a string literal says.
func literalOf(st *statement, t token) string {
	body := st.src[t.from:t.to]
	switch t.kind {
	case dollar:
		n := strings.IndexByte(body[1:], '$') + 2
		return body[n : len(body)-n]
	case text:
		i := strings.IndexByte(body, '\'')
		if i < 0 || len(body) < i+2 {
			return ""
		}
		if i > 0 && body[i-1]|0x20 == 'q' && len(body) > i+4 { // Oracle's q'[…]'
			return body[i+2 : len(body)-2]
		}
		escaped := i > 0 && body[0]|0x20 == 'e'
		body = strings.ReplaceAll(body[i+1:len(body)-1], "''", "'")
		if escaped && strings.Contains(body, `\`) {
			body = unescape(body)
		}
		return body
	}
	return ""
}
