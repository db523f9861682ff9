package agentconfig

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/gatehold/gatehold/internal/detect"
)

// token is one word of a text, in lower case, without the punctuation around it.
type token struct {
	text  string
	line  int
	comma bool // one follows
	code  bool // it begins a piece of code
	ruled bool // the line lists what must not be done
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
	ruled := outline(text)
	for line := range strings.Lines(text) {
		n++
		trimmed := strings.TrimLeft(line, " \t>")
		if strings.TrimSpace(trimmed) == "" || startsBlock(trimmed) {
			flush()
		}
		for field := range strings.FieldsFuncSeq(trimmed, unicode.IsSpace) {
			for i, part := range pipes(field) {
				if i > 0 {
					s = append(s, token{text: "|", line: n})
				}
				word, end := trim(part)
				if word != "" {
					comma := strings.Contains(part[max(0, len(part)-3):], ",")
					tongues().meant(word, func(word string) {
						s = append(s, token{text: word, line: n, comma: comma, code: part[0] == '`', ruled: ruled[n]})
					})
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
		strings.HasPrefix(line, "+ ") || strings.HasPrefix(line, "```") || isRow(line) {
		return true
	}
	digits := strings.TrimLeft(line, "0123456789")
	return digits != line && (strings.HasPrefix(digits, ". ") || strings.HasPrefix(digits, ") "))
}

// isRow reports whether a line is a row of a table.
func isRow(line string) bool {
	line = strings.TrimSpace(line)
	return len(line) > 2 && line[0] == '|' && line[len(line)-1] == '|'
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
	kind   *detect.Kind
	links  [][]string
	gap    int      // words that may stand between two links
	soft   bool     // who guards against it uses the same words
	near   bool     // the links may stand in any order, each within the gap of the first
	unless []string // words that excuse where they stand among the links or just behind them
}

// say makes a phrase of "a|b c d*": links are separated by blanks, and @name is
// any word of a class.
func say(text string) phrase {
	p := phrase{gap: 3}
	for link := range strings.FieldsSeq(text) {
		switch {
		case strings.HasPrefix(link, "gap="):
			p.gap = int(link[4] - '0')
		case strings.HasPrefix(link, "unless="):
			p.unless = alternatives(link[len("unless="):])
		case link == "soft":
			p.soft = true
		case link == "near":
			p.near = true
		default:
			p.links = append(p.links, alternatives(link))
		}
	}
	return p
}

// alternatives are the words of "a|b|@class"; PIPE is the word "|".
func alternatives(link string) []string {
	var out []string
	for word := range strings.SplitSeq(link, "|") {
		switch name, class := strings.CutPrefix(word, "@"); {
		case class && classes()[name] != nil:
			out = append(out, classes()[name]...)
		case word == "PIPE":
			out = append(out, "|")
		default:
			out = append(out, word)
		}
	}
	return out
}

//go:embed classes.txt
var classText string

// classes are words that mean the same, by the name of their class.
var classes = sync.OnceValue(func() map[string][]string {
	out := map[string][]string{}
	for line := range strings.Lines(classText) {
		if name, words, ok := strings.Cut(line, ":"); ok && line[0] != '#' {
			out[name] = strings.Fields(words)
		}
	}
	return out
})

// from takes for each link the first word within reach that fits: linear.
func (p *phrase) from(s []token, i int) bool {
	first := i
	if p.near {
		return p.around(s, i) && !p.excused(s, i, i+p.gap)
	}
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
	return !p.excused(s, first, i)
}

// around looks for each link on both sides of the first.
func (p *phrase) around(s []token, i int) bool {
	for _, link := range p.links[1:] {
		if !slices.ContainsFunc(s[max(0, i-p.gap):min(len(s), i+p.gap+1)], func(t token) bool { return fits(link, t.text) }) {
			return false
		}
	}
	return true
}

// excused reports whether what is said is of something that may well be done.
func (p *phrase) excused(s []token, from, to int) bool {
	const behind = 3
	return p.unless != nil && slices.ContainsFunc(s[from:min(len(s), to+1+behind)], func(t token) bool {
		return fits(p.unless, t.text)
	})
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
