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
	var out line
	var before rune
	word, latin, foreign := 0, false, false
	endWord := func(end int) {
		if latin && foreign && out.mixed == "" {
			out.mixed = s[word:end]
		}
		latin, foreign = false, false
	}
	for i, r := range s {
		if r < utf8.RuneSelf && (r|0x20 >= 'a' && r|0x20 <= 'z') { // most of them
			if !latin && !foreign {
				word = i
			}
			latin, before = true, r
			continue
		}
		if unicode.IsLetter(r) || r == '_' || r >= '0' && r <= '9' {
			if !latin && !foreign {
				word = i
			}
			foreign = foreign || alike(r)
		} else {
			endWord(i)
		}
		switch {
		case r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069:
			out.direction = r
		case r >= 0xE0000 && r <= 0xE007F:
			if before != 0x1F3F4 && (before < 0xE0000 || before > 0xE007F) { // a flag is a flag
				out.tag = r
			}
			if out.tag != 0 {
				out.hidden, out.last = out.hidden+1, r
			}
		case unseen(r, before, words) && !(r == 0xFEFF && first && i == 0):
			out.hidden, out.last = out.hidden+1, r
		}
		before = r
	}
	endWord(len(s))
	return out
}

// alike reports whether r is a letter of a script whose letters can be taken
// for Latin ones.
func alike(r rune) bool {
	return r >= 0x0400 && r <= 0x052F || r >= 0x0370 && r <= 0x03FF && r != 'µ' && r != 'μ' && r != 'π' && r != 'Δ' &&
		r != 'Ω' && r != 'λ' && r != 'σ' && r != 'α' && r != 'β' && r != 'ε' && r != 'θ'
}

func unseen(r, before rune, words bool) bool {
	switch {
	case r < 0xAD:
		return false
	case r == 0x200B || r == 0x2060 || r >= 0x2061 && r <= 0x2064 || r == 0xFEFF || r == 0x180E || r == 0x00AD && !words:
		return true
	case r == 0x3164 || r == 0x115F || r == 0x1160 || r == 0xFFA0:
		return true
	case r == 0x200C || r == 0x200D: // joiners, between letters that join
		return before < 0x80 || unicode.Is(unicode.Latin, before)
	case r == 0x200E || r == 0x200F || r == 0x061C:
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
