package agentconfig

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

//go:embed tongues.txt
var tongueText string

// lexiconOf are words of other languages, by what they mean in English.
type lexiconOf struct {
	words  map[string]string
	glyphs map[string]string // of writing that puts no blanks between words
	most   int               // runes of the longest of those
}

var tongues = sync.OnceValue(func() *lexiconOf {
	x := &lexiconOf{words: map[string]string{}, glyphs: map[string]string{}}
	for line := range strings.Lines(tongueText) {
		english, foreign, ok := strings.Cut(line, ":")
		if !ok || line[0] == '#' {
			continue
		}
		for word := range strings.FieldsSeq(foreign) {
			if r, _ := utf8.DecodeRuneInString(word); unspaced(r) {
				x.glyphs[word] = english
				x.most = max(x.most, utf8.RuneCountInString(word))
			} else {
				x.words[word] = english
			}
		}
	}
	return x
})

// unspaced reports whether a letter is of writing without blanks between words.
func unspaced(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul)
}

// meant is what a word means in English, as the word itself where it is English or
// not known. Writing without blanks comes as the words that are known in it.
func (x *lexiconOf) meant(word string, each func(string)) {
	if isASCII(word) {
		if english, ok := x.words[word]; ok {
			word = english
		}
		each(word)
		return
	}
	if english, ok := x.words[word]; ok {
		each(english)
		return
	}
	start, found := 0, false
	for start < len(word) {
		r, size := utf8.DecodeRuneInString(word[start:])
		if !unspaced(r) {
			end := start + size
			for end < len(word) {
				next, n := utf8.DecodeRuneInString(word[end:])
				if unspaced(next) {
					break
				}
				end += n
			}
			if found || end < len(word) {
				if part := strings.Trim(word[start:end], "，。、：；！？（）「」“”\"'`(),.:;!?"); part != "" {
					each(part)
					found = true
				}
			}
			start = end
			continue
		}
		if n, english := x.longest(word[start:]); n > 0 {
			each(english)
			start, found = start+n, true
			continue
		}
		start += size
	}
	if !found {
		each(word)
	}
}

// longest is the longest word that a text begins with, its length and meaning.
func (x *lexiconOf) longest(s string) (n int, english string) {
	end := 0
	for range x.most {
		if end >= len(s) {
			break
		}
		_, size := utf8.DecodeRuneInString(s[end:])
		end += size
		if e, ok := x.glyphs[s[:end]]; ok {
			n, english = end, e
		}
	}
	return n, english
}
