package agentconfig

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gatehold/gatehold/internal/detect"
)

// token is one word of a text, in lower case, without the punctuation around it.
type token struct {
	text string
	line int
}

const maxSentence = 120 // words; a longer one is cut into several

// sentences cuts a text into sentences of words. Lines of one paragraph run
// on; a list item, a heading and an empty line begin anew.
func sentences(text string, each func(s []token)) {
	var s []token
	flush := func() {
		if len(s) > 0 {
			each(s)
		}
		s = s[:0]
	}
	n := 0
	for line := range strings.Lines(text) {
		n++
		trimmed := strings.TrimLeft(line, " \t>")
		if strings.TrimSpace(trimmed) == "" || startsBlock(trimmed) {
			flush()
		}
		for field := range strings.FieldsFuncSeq(trimmed, unicode.IsSpace) {
			for i, part := range pipes(field) {
				if i > 0 {
					s = append(s, token{"|", n})
				}
				word, end := trim(part)
				if word != "" {
					s = append(s, token{word, n})
				}
				if end || len(s) >= maxSentence {
					flush()
				}
			}
		}
	}
	flush()
}

func startsBlock(line string) bool {
	if strings.HasPrefix(line, "#") || strings.HasPrefix(line, "- ") || strings.HasPrefix(line, "* ") ||
		strings.HasPrefix(line, "+ ") || strings.HasPrefix(line, "```") {
		return true
	}
	digits := strings.TrimLeft(line, "0123456789")
	return digits != line && (strings.HasPrefix(digits, ". ") || strings.HasPrefix(digits, ") "))
}

// pipes splits "a|b" at its pipes, so that a pipe is a word of its own.
func pipes(field string) []string {
	if strings.IndexByte(field, '|') < 0 || strings.Contains(field, "<|") {
		return []string{field}
	}
	return strings.Split(field, "|")
}

// trim drops punctuation around a word, and reports whether a sentence ends.
func trim(field string) (word string, end bool) {
	word = strings.ToLower(strings.TrimRight(field, "\"'`)*]}”’»"))
	if cut := strings.TrimRight(word, ".!?;:,"); cut != word {
		end = strings.ContainsAny(word[len(cut):], ".!?;")
		word = cut
	}
	word = strings.TrimRight(strings.TrimLeft(word, "\"'`(*[{“‘«"), "\"'`)*]}”’»_")
	if rest := strings.TrimLeft(word, "_"); rest != "" {
		word = rest
	}
	word = strings.Map(func(r rune) rune {
		switch {
		case r == '’':
			return '\''
		case r == utf8.RuneError, unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, word)
	if strings.HasPrefix(word, "http://localhost") || strings.HasPrefix(word, "http://127.") ||
		strings.HasPrefix(word, "https://localhost") || strings.HasPrefix(word, "http://0.0.0.0") {
		word = "local-" + word
	}
	return word, end
}

// phrase is a chain of words that stand in a sentence in this order. Each link
// lists alternatives; "x*" takes any word that begins with x, "#" a number.
type phrase struct {
	kind  *detect.Kind
	links [][]string
	gap   int  // words that may stand between two links
	soft  bool // who guards against it uses the same words
}

// the words that turn a phrase round: "never ignore ...".
var negations = map[string]bool{
	"not": true, "never": true, "don't": true, "dont": true, "do-not": true, "avoid": true, "cannot": true, "can't": true,
	"won't": true, "shouldn't": true,
	"mustn't": true, "refuse": true, "forbidden": true, "prohibited": true, "prevent": true, "prevents": true, "no": true, "without": true,
	"instead": true, "rather": true, "nor": true, "neither": true, "disallow": true, "reject": true, "block": true,
	"stop": true, "blocks": true,
}

// the words of one who guards against something rather than asks for it.
var defences = map[string]bool{
	"flag": true, "detect": true, "detects": true, "detecting": true, "reject": true, "rejects": true, "warn": true,
	"prevent": true, "prevents": true,
	"preventing": true, "avoid": true, "mitigate": true, "against": true, "protect": true, "refuse": true, "block": true,
	"blocks": true, "vulnerable": true,
	"vulnerability": true, "vulnerabilities": true, "attacker": true, "attackers": true, "attack": true, "attacks": true,
	"threat": true, "threats": true,
}

// say makes a phrase of "a|b c d*": links are separated by blanks.
func say(text string) phrase {
	p := phrase{gap: 3}
	for link := range strings.FieldsSeq(text) {
		switch {
		case strings.HasPrefix(link, "gap="):
			p.gap = int(link[4] - '0')
		case link == "soft":
			p.soft = true
		default:
			p.links = append(p.links, strings.Split(strings.ReplaceAll(link, "PIPE", "\x00"), "|"))
		}
	}
	for _, alternatives := range p.links {
		for i := range alternatives {
			alternatives[i] = strings.ReplaceAll(alternatives[i], "\x00", "|")
		}
	}
	return p
}

// from takes for each link the first word within reach that fits: linear.
func (p *phrase) from(s []token, i int) bool {
	for _, link := range p.links[1:] {
		found := -1
		for j := i + 1; j < len(s) && j <= i+1+p.gap; j++ {
			if fits(link, s[j].text) {
				found = j
				break
			}
		}
		if found < 0 {
			return false
		}
		i = found
	}
	return true
}

func fits(alternatives []string, word string) bool {
	for _, a := range alternatives {
		if a == word || open(a) && opens(a, word) {
			return true
		}
	}
	return false
}

// open reports whether an alternative takes more than one word.
func open(a string) bool { return a == "#" || a[len(a)-1] == '*' }

func opens(a, word string) bool {
	switch {
	case a == "#":
		return word[0] >= '0' && word[0] <= '9'
	case a[0] == '*' && len(a) > 2:
		return strings.Contains(word, a[1:len(a)-1])
	}
	return strings.HasPrefix(word, a[:len(a)-1])
}

// turned reports whether what is said at i is warned of rather than asked for.
func turned(s []token, i int, soft bool) bool {
	for j := i - 1; j >= 0 && j >= i-3; j-- {
		if negations[s[j].text] {
			return true
		}
	}
	for j := range s {
		if j < i && (s[j].text == "flag" || s[j].text == "detect" || s[j].text == "detects" || s[j].text == "reject") ||
			soft && defences[s[j].text] {
			return true
		}
	}
	if soft && len(s) > 0 {
		switch s[0].text {
		case "check", "look", "review", "audit", "scan", "test", "verify", "identify", "find", "watch":
			return true
		}
	}
	return false
}
