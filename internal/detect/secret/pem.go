package secret

import (
	"sort"
	"strings"
)

// privateKeys finds PEM blocks of private keys that the change added or
// touched: in plain, in quotes, with escaped line breaks, or cut short.
func (s *scan) privateKeys() {
	for from := 0; ; {
		i := strings.Index(s.body[from:], "-----BEGIN")
		if i < 0 {
			return
		}
		at := from + i
		from = at + 10
		label, _, ok := strings.Cut(s.body[from:min(len(s.body), from+120)], "-----")
		if !ok || !strings.Contains(strings.ToUpper(label), "PRIVATE KEY") || strings.ContainsAny(label, "\n\"'") {
			continue
		}
		body := s.body[from+len(label)+5 : min(len(s.body), from+len(label)+8000)]
		if end := strings.Index(body, "-----"); end >= 0 {
			body = body[:end]
		}
		first := keyMaterial(body)
		if first == "" {
			continue
		}
		top, bottom := s.lineAt(at), s.lineAt(from+len(label)+len(body))
		if line := s.firstAdded(top, bottom); line > 0 {
			s.keep(found{kind: kindPrivateKey, line: line, start: 0, end: 1 << 20, rule: "private-key", secret: body, mark: first}, s.body, at)
		}
		from += len(label) + len(body)
	}
}

// keyMaterial finds the key that a block holds in base 64, whatever separates
// its lines, and returns the first piece of it: "" for dots, a word or prose in
// its place.
func keyMaterial(body string) string {
	first, material, other := "", 0, 0
	for i := 0; i < len(body); {
		if body[i] == '\\' && i+1 < len(body) { // \n, \r, \t
			i += 2
			continue
		}
		from := i
		for i < len(body) && (letterOrDigit(body[i]) || body[i] == '+' || body[i] == '/' || body[i] == '=') {
			i++
		}
		switch word := body[from:i]; {
		case len(word) >= 16 && mixed(word):
			material += len(word)
			if first == "" {
				first = word
			}
		case len(word) > 1:
			other += len(word)
		}
		i = max(i, from+1)
	}
	if material < 60 || material < other || strings.Contains(body, "...") || strings.Contains(body, "…") {
		return ""
	}
	return first
}

// mixed tells whether a piece of base 64 holds letters of both cases, as
// generated text does and words do not, and more than a few of them.
func mixed(word string) bool {
	var seen [256]bool
	distinct := 0
	for i := 0; i < len(word); i++ {
		if !seen[word[i]] {
			seen[word[i]] = true
			distinct++
		}
	}
	c := classify(word)
	return c.lower > 1 && c.upper > 1 && c.digit > 0 && distinct >= 10
}

// near tells whether a word stands in the text around a line.
func (s *scan) near(line int, word string) bool {
	at := s.offset(line)
	s.work += 500
	return strings.Contains(s.body[max(0, at-2000):min(len(s.body), at+4000)], word)
}

// offset is where a line begins.
func (s *scan) offset(line int) int {
	if s.offsets == nil {
		s.offsets = make([]int, 1, strings.Count(s.body, "\n")+2)
		for i := 0; i < len(s.body); i++ {
			if s.body[i] == '\n' {
				s.offsets = append(s.offsets, i+1)
			}
		}
	}
	if line < 1 || line > len(s.offsets) {
		return len(s.body)
	}
	return s.offsets[line-1]
}

// lineText is a line of the text, its first maxLine bytes.
func (s *scan) lineText(line int) string {
	from := s.offset(line)
	text := s.body[from:min(len(s.body), from+maxLine)]
	if i := strings.IndexByte(text, '\n'); i >= 0 {
		text = text[:i]
	}
	return text
}

func (s *scan) lineAt(off int) int {
	s.offset(1)
	return sort.Search(len(s.offsets), func(i int) bool { return s.offsets[i] > off })
}

func (s *scan) isAdded(line int) bool { return s.firstAdded(line, line) > 0 }

// firstAdded is the first added line from first to last, 0 for none.
func (s *scan) firstAdded(first, last int) int {
	i := sort.Search(len(s.added), func(i int) bool { return s.added[i].Number >= first })
	if i < len(s.added) && s.added[i].Number <= last {
		return s.added[i].Number
	}
	return 0
}

// tokenRun tells whether at least n token characters stand from at on.
func tokenRun(s string, at, n int) bool {
	if at+n > len(s) {
		return false
	}
	for i := at; i < at+n; i++ {
		if !tokenByte[s[i]] {
			return false
		}
	}
	return true
}

// longest is the length of the longest run of token characters.
func longest(s string) int {
	best, n := 0, 0
	for i := 0; i < len(s); i++ {
		if tokenByte[s[i]] {
			n++
			if n > best {
				best = n
			}
		} else {
			n = 0
		}
	}
	return best
}

var tokenByte = func() (t [256]bool) {
	for c := '0'; c <= '9'; c++ {
		t[c] = true
	}
	for c := 'a'; c <= 'z'; c++ {
		t[c], t[c-32] = true, true
	}
	for _, c := range "_-.~=|+/" {
		t[c] = true
	}
	return t
}()
