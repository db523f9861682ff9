// Package redact takes secrets out of text that is shown or put on record.
//
// What a change says is quoted in findings, on checks, on pages and in a ledger
// that is never rewritten. So whatever reads as a secret is replaced there: by
// its own format (a token, a key block), or by what stands before it (a password
// in an URL, an assignment, a flag, a header, a statement of SQL). A word too
// many taken out costs a reader a look at the diff; one too few cannot be taken
// back. Nothing is kept of a secret, no part of it and no hash.
package redact

import (
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/gatehold/gatehold/internal/detect/keyword"
)

// Mark stands where a secret stood.
const Mark = "[redacted]"

// Text returns s with Mark for each secret in it. A text without any is
// returned as it is, and so is one that was redacted before. The time is linear
// in s.
func Text(s string) string {
	if len(s) < shortest {
		return s
	}
	found := spans(s)
	if joined, at := join(s); len(joined) < len(s) {
		for _, p := range spans(joined) {
			found = append(found, span{at[p.from], at[p.to-1] + 1})
		}
	}
	if len(found) == 0 {
		return s
	}
	slices.SortFunc(found, func(a, b span) int { return a.from - b.from })
	var b strings.Builder
	done := 0
	for _, p := range found {
		if p.to <= done {
			continue
		}
		if p.from >= done && (done == 0 || strings.TrimSpace(s[done:p.from]) != "") {
			b.WriteString(s[done:p.from])
			b.WriteString(Mark)
		}
		done = p.to
	}
	b.WriteString(s[done:])
	return b.String()
}

// shortest is the length in bytes from which a text can hold a secret that is
// not found by guessing.
const shortest = 4

// span is a secret by its bytes.
type span struct{ from, to int }

// spans finds the secrets of a text that are written in one piece.
func spans(s string) []span {
	var out []span
	places := make([][]int, len(rules))
	words().Find(s, func(word int32, end int) {
		for _, i := range words().rules[word] {
			if rules[i].goesOn == nil || rules[i].goesOn(s[end:]) {
				places[i] = append(places[i], end)
			}
		}
	})
	for i := range rules {
		out = rules[i].around(s, places[i], out)
	}
	out = append(out, urls(s)...)
	out = append(out, shortFlags(s)...)
	return append(out, randoms(s)...)
}

// signs announce what no rule looks for: see urls and shortFlags.
var signs = [...]string{"://", "@", " -p", "'-p", "\"-p", " -a", " -w"}

// wordSet finds which rules a text calls for, in one pass.
type wordSet struct {
	*keyword.Matcher
	rules [][]int // by word
}

var words = sync.OnceValue(func() wordSet {
	var set wordSet
	var list []string
	for i := range rules {
		every := rules[i].words
		if rules[i].more != nil {
			every = slices.Concat(every, rules[i].more())
		}
		for _, w := range every {
			k := slices.Index(list, w)
			if k < 0 {
				k = len(list)
				list, set.rules = append(list, w), append(set.rules, nil)
			}
			set.rules[k] = append(set.rules[k], i)
		}
	}
	for range signs {
		set.rules = append(set.rules, nil)
	}
	set.Matcher = keyword.New(append(list, signs[:]...))
	return set
})

// join puts pieces of one string together that quotes and signs divide, as in
// "AKIA" + "1234" or AK""IA, and leaves out what cannot be seen. at gives for
// each byte of joined its place in s.
func join(s string) (joined string, at []int) {
	var b strings.Builder
	at = make([]int, 0, len(s))
	for i := 0; i < len(s); {
		if n := glue(s[i:]); n > 0 {
			i += n
			continue
		}
		b.WriteByte(s[i])
		at = append(at, i)
		i++
	}
	return b.String(), at
}

// glue returns how many bytes at the beginning of s only divide a string: the
// end of a literal with the beginning of the next, or what is not visible.
func glue(s string) int {
	r, n := utf8.DecodeRuneInString(s)
	if n > 0 && r != '\n' && r != '\t' && r != unicode.ReplacementChar && (unicode.Is(unicode.Cf, r) || unicode.IsControl(r)) {
		return n
	}
	i := skipQuote(s, 0)
	if i == 0 {
		return 0
	}
	i = skipSpace(s, i)
	for _, sign := range [...]string{"||", "..", "+", ".", "&", "\\", "<>", "~", ","} {
		if strings.HasPrefix(s[i:], sign) {
			i = skipSpace(s, i+len(sign))
			break
		}
	}
	if n := skipQuote(s, i); n > i {
		return n
	}
	return 0
}

// skipQuote steps over a quote at i, which backslashes may escape.
func skipQuote(s string, i int) int {
	n := i
	for n < len(s) && n < i+4 && s[n] == '\\' {
		n++
	}
	if n < len(s) && isQuote(s[n]) {
		return n + 1
	}
	return i
}

// skipSpace steps over at most a line's indent of space.
func skipSpace(s string, i int) int {
	for end := min(len(s), i+80); i < end && (s[i] == ' ' || s[i] == '\n' || s[i] == '\t' || s[i] == '\r'); {
		i++
	}
	return i
}

func isQuote(c byte) bool { return c == '"' || c == '\'' || c == '`' }
