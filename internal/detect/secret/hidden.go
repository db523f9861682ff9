package secret

import (
	"encoding/base64"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
)

// The bounds of what is put together or decoded: a run of base 64 that may be a
// token and a line that is written by hand.
const (
	minEncoded = 28
	maxEncoded = 2000
	maxJoined  = 4 * maxLine
)

// hidden looks for tokens that a line spells in pieces, "gh" + "p_...", or in
// base 64.
func (s *scan) hidden(l *change.Line) {
	if len(l.Text) <= maxJoined {
		if joined := joinedPieces(l.Text); joined != "" {
			s.tokensIn(joined, l.Number, 0, len(l.Text))
		}
	}
	for i := 0; i < len(l.Text); {
		from := i
		for i < len(l.Text) && (letterOrDigit(l.Text[i]) || strings.IndexByte("+/-_", l.Text[i]) >= 0) {
			i++
		}
		if n := i - from; n >= minEncoded && n <= maxEncoded {
			if text := decoded(l.Text[from:i]); text != "" {
				s.tokensIn(text, l.Number, from, i)
			}
		}
		i = max(i, from+1)
	}
}

// tokensIn looks for tokens that are known by themselves in a text that a piece
// of a line stands for.
func (s *scan) tokensIn(text string, line, start, end int) {
	seen := map[int]bool{}
	s.rules.keys.Find(text, func(k int32, _ int) {
		for _, i := range s.rules.byKey[k] {
			r := s.rules.rules[i]
			if seen[i] || s.work > maxWork || r.kind != kindToken || r.whole || r.named || r.context != "" {
				continue
			}
			seen[i] = true
			s.work += len(text)
			for _, m := range r.find(s.path, text) {
				s.keep(found{kind: r.kind, line: line, start: start, end: end, rule: r.ID, secret: text[m.start:m.end]}, text, m.start)
			}
		}
	})
}

// joinedPieces puts the pieces of strings together that only quotes and the
// sign between them divide; "" where there are none.
func joinedPieces(text string) string {
	var b strings.Builder
	done := 0
	for i := 0; i < len(text); i++ {
		if !quote(text[i]) {
			continue
		}
		if n := between(text, i); n > 0 {
			b.WriteString(text[done:i])
			done = i + n
			i = done - 1
		}
	}
	if done == 0 {
		return ""
	}
	return b.String() + text[done:]
}

// between is how many bytes from the quote at i on end one string and begin the
// next of the same text.
func between(text string, i int) int {
	at := i + 1
	for _, sign := range [...]string{"", "+", ".", "..", "||", "&", "<>"} {
		n := at
		if sign != "" {
			n = spaces(text, at)
			if !strings.HasPrefix(text[n:], sign) {
				continue
			}
			n = spaces(text, n+len(sign))
		}
		if n < len(text) && text[n] == text[i] {
			return n + 1 - i
		}
	}
	return 0
}

func spaces(text string, at int) int {
	for end := min(len(text), at+40); at < end && (text[at] == ' ' || text[at] == '\t'); {
		at++
	}
	return at
}

// decoded is the text that a word in base 64 stands for; "" where it is none.
func decoded(word string) string {
	enc := base64.RawStdEncoding
	if strings.ContainsAny(word, "-_") {
		enc = base64.RawURLEncoding
	}
	if begin, err := enc.DecodeString(word[:12]); err != nil || !printable(begin) {
		return "" // as most words are
	}
	data, err := enc.DecodeString(word)
	if err != nil || !printable(data) {
		return ""
	}
	return string(data)
}

func printable(data []byte) bool {
	for _, c := range data {
		if (c < ' ' || c > '~') && c != '\n' && c != '\t' && c != '\r' {
			return false
		}
	}
	return true
}
