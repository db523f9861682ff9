package shape

import (
	"fmt"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
)

// letters looks at the added lines of a text that is not plain ASCII for
// characters that make it look like something else.
func letters(f *change.File, r *detect.Report) {
	if plain(f.After.Body) {
		return
	}
	words := translation(f.Path)
	for _, line := range f.AddedLines() {
		if plain(line.Text) {
			continue
		}
		sight := scan(line.Text, line.Number == 1, words)
		if sight.direction != 0 {
			r.Add(detect.Observation{Kind: bidirectional, Path: f.Path, Line: line.Number, Detail: fmt.Sprintf("U+%04X", sight.direction)})
		}
		if sight.hidden >= 8 || sight.tag != 0 {
			r.Add(detect.Observation{Kind: hiddenPayload, Path: f.Path, Line: line.Number,
				Detail: fmt.Sprintf("%d characters, the last U+%04X", sight.hidden, sight.last)})
		} else if sight.hidden > 0 {
			r.Add(detect.Observation{Kind: invisible, Path: f.Path, Line: line.Number, Detail: fmt.Sprintf("U+%04X", sight.last)})
		}
		if sight.mixed != "" && !words {
			r.Add(detect.Observation{Kind: mixedScript, Path: f.Path, Line: line.Number, Object: sight.mixed})
		}
	}
}

func plain(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// translation reports whether a file holds sentences in other languages, where
// joiners and marks of direction belong.
func translation(name string) bool {
	low := strings.ToLower(name)
	switch path.Ext(low) {
	case ".po", ".pot", ".xlf", ".xliff", ".arb", ".resx", ".strings", ".ftl", ".md", ".mdx", ".rst", ".txt", ".adoc", ".html", ".svg":
		return true
	}
	for _, part := range []string{"locale", "i18n", "l10n", "lang/", "translation", "messages", "/res/values"} {
		if strings.Contains(low, part) {
			return true
		}
	}
	return false
}

// line is what one line holds that cannot be seen.
type line struct {
	direction rune // an override or isolate of the direction of writing
	tag       rune // a letter that shows nothing
	hidden    int
	last      rune
	mixed     string // a word of letters from two scripts that look alike
}

// scan reads one line. In sentences (words), joiners within other scripts,
// marks of direction and variation of emoji are in their place.
func scan(s string, first, words bool) line {
	in := reading{text: s, first: first, words: words}
	for i, r := range s {
		if r < utf8.RuneSelf && (r|0x20 >= 'a' && r|0x20 <= 'z') { // most of them
			in.beginWord(i)
			in.latin, in.before = true, r
			continue
		}
		in.word(i, r)
		in.sight(i, r)
		in.before = r
	}
	in.endWord(len(s))
	return in.line
}

// reading is how far a line is read.
type reading struct {
	line
	text           string
	first, words   bool
	before         rune
	start          int  // of the word that is read
	latin, foreign bool // what letters the word has; neither is no word
}

func (in *reading) beginWord(at int) {
	if !in.latin && !in.foreign {
		in.start = at
	}
}

func (in *reading) endWord(at int) {
	if in.latin && in.foreign && in.mixed == "" {
		in.mixed = in.text[in.start:at]
	}
	in.latin, in.foreign = false, false
}

// word takes a rune that is no plain letter into the word, or ends it there.
func (in *reading) word(at int, r rune) {
	if unicode.IsLetter(r) || r == '_' || r >= '0' && r <= '9' {
		in.beginWord(at)
		in.foreign = in.foreign || alike(r)
		return
	}
	in.endWord(at)
}

// sight notes a rune that shows nothing.
func (in *reading) sight(at int, r rune) {
	switch {
	case r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069:
		in.direction = r
	case tagLetter(r):
		if in.before != 0x1F3F4 && !tagLetter(in.before) { // a flag is a flag
			in.tag = r
		}
		if in.tag != 0 {
			in.hidden, in.last = in.hidden+1, r
		}
	case unseen(r, in.before, in.words) && !(r == 0xFEFF && in.first && at == 0):
		in.hidden, in.last = in.hidden+1, r
	}
}

func tagLetter(r rune) bool { return r >= 0xE0000 && r <= 0xE007F }

// alike reports whether r is a letter of a script whose letters can be taken
// for Latin ones.
func alike(r rune) bool {
	return r >= 0x0400 && r <= 0x052F || r >= 0x0370 && r <= 0x03FF && r != 'µ' && r != 'μ' && r != 'π' && r != 'Δ' &&
		r != 'Ω' && r != 'λ' && r != 'σ' && r != 'α' && r != 'β' && r != 'ε' && r != 'θ'
}

// blanks show nothing wherever they stand.
var blanks = &unicode.RangeTable{R16: []unicode.Range16{
	{Lo: 0x115F, Hi: 0x1160, Stride: 1}, // fillers of Hangul
	{Lo: 0x180E, Hi: 0x180E, Stride: 1},
	{Lo: 0x200B, Hi: 0x200B, Stride: 1},
	{Lo: 0x2060, Hi: 0x2064, Stride: 1},
	{Lo: 0x3164, Hi: 0x3164, Stride: 1},
	{Lo: 0xFEFF, Hi: 0xFEFF, Stride: 1},
	{Lo: 0xFFA0, Hi: 0xFFA0, Stride: 1},
}}

func unseen(r, before rune, words bool) bool {
	switch {
	case r < 0xAD:
		return false
	case unicode.Is(blanks, r):
		return true
	case r == 0x200C || r == 0x200D: // joiners, between letters that join
		return before < 0x80 || unicode.Is(unicode.Latin, before)
	case r == 0x00AD || r == 0x200E || r == 0x200F || r == 0x061C: // a soft hyphen, marks of direction
		return !words
	case r >= 0xE0100 && r <= 0xE01EF: // one after an ideograph picks its form
		return !unicode.Is(unicode.Han, before)
	case r >= 0xFE00 && r <= 0xFE0E:
		return before >= 0xFE00 && before <= 0xFE0F || before < 0x80
	}
	return false
}

// maxLine is how long a line may be that a person can still review.
const maxLine = 5000

// unreviewable looks for code on one endless line, and for edits in files that
// programs write.
func unreviewable(f *change.File, r *detect.Report) {
	if !runs(f.Path) {
		return
	}
	body := f.After.Body
	if len(body) > maxLine && f.Before.Body != body {
		for _, line := range f.AddedLines() {
			if len(line.Text) > maxLine && !strings.Contains(line.Text[:200], "sourceMappingURL") {
				r.Add(detect.Observation{Kind: minified, Path: f.Path, Line: line.Number, Object: path.Base(f.Path),
					Detail: fmt.Sprintf("%d characters on one line", len(line.Text))})
				break
			}
		}
	}
	if f.Before.State == change.Loaded && f.Before.Body != body && generated(body) && generated(f.Before.Body) {
		r.Add(detect.Observation{Kind: generatedEdited, Path: f.Path, Object: path.Base(f.Path)})
	}
}

// runs reports whether a file is code that runs.
func runs(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".js", ".mjs", ".cjs", ".ts", ".jsx", ".tsx", ".py", ".rb", ".php", ".pl", ".go", ".rs", ".java", ".kt", ".c", ".h",
		".cc", ".cpp", ".cs", ".sh", ".bash", ".ps1", ".lua", ".swift", ".vue", ".svelte", ".groovy":
		return true
	}
	return false
}

// generated reports whether a file says at its head that a program wrote it.
// https://go.dev/s/generatedcode
func generated(body string) bool {
	head := body[:min(len(body), 2000)]
	return strings.Contains(head, "DO NOT EDIT") || strings.Contains(head, "@generated")
}
