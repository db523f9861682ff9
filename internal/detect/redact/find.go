package redact

import "strings"

// How far around a word that calls for a rule the rule looks in a text, in bytes.
// An expression costs by the byte, and the more the longer the text is.
const (
	shortText = 250 // a text that is looked at whole
	leftOf    = before
	rightOf   = after
)

// around appends what one rule finds around the ends of words that call for it,
// which are in order. What it finds at the end of such a part may go on behind it:
// then more is looked at.
func (r *rule) around(s string, ends []int, out []span) []span {
	if len(ends) == 0 {
		return out
	}
	if len(s) <= shortText {
		found, _ := r.find(s)
		return append(out, found...)
	}
	left, right := leftOf, rightOf
	if r.narrow {
		left, right = 40, 90
	}
	for i := 0; i < len(ends); {
		from, to := max(ends[i]-left, 0), min(ends[i]+right, len(s))
		for i++; i < len(ends) && ends[i]-left <= to && to-from < 2*(left+right); i++ {
			to = min(ends[i]+right, len(s))
		}
		found, last := r.find(s[from:to])
		for last == to-from && to < len(s) {
			to = min(to+2*(to-from), len(s))
			found, last = r.find(s[from:to])
		}
		for _, p := range found {
			out = append(out, span{from + p.from, from + p.to})
		}
		for i < len(ends) && ends[i]+right <= to && ends[i]-left >= from { // it was in what was looked at
			i++
		}
	}
	return out
}

// find gives what a rule finds in a text, and where the last match ends. A rule's
// secret is its last group that matched.
func (r *rule) find(s string) (out []span, last int) {
	for at := 0; at < len(s); {
		m := r.regex().FindStringSubmatchIndex(s[at:])
		if m == nil {
			break
		}
		last = at + m[1]
		from, to := m[0], m[1]
		for g := 2; g+1 < len(m); g += 2 {
			if m[g] >= 0 {
				from, to = m[g], m[g+1]
			}
		}
		if from < to && (r.keep == nil || !r.keep(s[at+from:at+to])) && !(r.named && about().MatchString(s[at+m[0]:at+from])) {
			out = append(out, span{at + from, at + to})
		}
		if to-m[0] > maxNested {
			from = m[1]
		}
		at += max(from, 1)
	}
	return out, last
}

// maxNested is up to how many bytes a match may have for others to be looked
// for in what it took for the secret: what follows one name may be the next.
const maxNested = 300

// token reports whether what follows a token's beginning may be the rest of it. No
// form has less than six characters there but those that go on with words.
func token(rest string) bool {
	n := 0
	for n < len(rest) && n < 6 && (randomByte(rest[n]) || rest[n] == '.' || rest[n] == ':') {
		n++
	}
	return n == 6 || n > 0 && n == len(rest)
}

// newer is token for the forms that are data.
func newer(rest string) bool {
	n := 0
	for n < len(rest) && n < 12 && (letterOrDigit(rune(rest[n])) || rest[n] == '-') {
		n++
	}
	return n == 12
}

// assigned reports whether what follows a part of a name may be the rest of the
// name and a sign of assignment or comparison.
func assigned(rest string) bool {
	rest = rest[:min(len(rest), farthest)]
	i := nameEnd(rest)
	for n := 0; n < 3 && i < len(rest) && (isQuote(rest[i]) || rest[i] == ']' || rest[i] == ')'); n++ {
		i++
	}
	i = spaceEnd(rest, i)
	return i == farthest || i < len(rest) && strings.IndexByte(":=->!+?", rest[i]) >= 0
}

// beside reports whether what follows a part of a name may be the rest of it, and
// then the word before a value.
func beside(rest string) bool {
	rest = rest[:min(len(rest), farthest)]
	i := nameEnd(rest)
	if i < len(rest) && (rest[i] == '"' || rest[i] == '\'') {
		i++
	}
	from := i
	for i < len(rest) && (rest[i] == ',' || rest[i] == ';' || isSpace(rest[i])) {
		i++
	}
	if i < len(rest) && (rest[i] == '"' || rest[i] == '\'') {
		i++
	}
	if from == i || i >= len(rest) {
		return i == farthest
	}
	switch rest[i] | 0x20 {
	case 'v', 'c', 'd', 's', 't', 'a':
		return true
	}
	return false
}

// farthest is how many bytes behind a word assigned and beside look at. Past it
// they take it that there is more.
const farthest = 300

func nameEnd(s string) int {
	i := 0
	for i < len(s) && (letterOrDigit(rune(s[i])) || s[i] == '_' || s[i] == '.' || s[i] == '-') {
		i++
	}
	return i
}

func spaceEnd(s string, i int) int {
	for i < len(s) && isSpace(s[i]) {
		i++
	}
	return i
}

func isSpace(c byte) bool {
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'
}
