package hunk

import (
	"embed"
	"io/fs"
	"path"
	"strings"
	"sync"

	"github.com/alecthomas/chroma/v2"
)

// files are the languages that changes of weight are written in, of the 280 that
// chroma knows: all of them are two megabytes of the program.
//
//go:embed lexers/*.xml
var files embed.FS

// languages reads them when the first file is coloured.
var languages = sync.OnceValue(func() *chroma.LexerRegistry {
	known := chroma.NewLexerRegistry()
	names, _ := fs.Glob(files, "lexers/*.xml") // errs only for a bad pattern
	for _, name := range names {
		known.Register(chroma.MustNewXMLLexer(files, name)) // a test reads them all
	}
	return known
})

// Class is what a part of a line is in the language of its file.
type Class string

// The classes that a reader tells apart.
const (
	Plain   Class = ""
	Keyword Class = "kw"
	Name    Class = "fn" // of a function, a tag, a key
	Type    Class = "ty"
	Text    Class = "st"
	Number  Class = "nu"
	Comment Class = "co"
)

// maxTokens bounds what is coloured of one side of a hunk.
const maxTokens = 8000

// coloured takes the lines of a hunk apart by the language that the file's name
// tells of, each side by itself: what stands before and after are two texts. A
// comment or a string that begins above the hunk is not known for one.
func coloured(name string, lines []Line) {
	lexer := languages().Match(path.Base(name))
	if lexer == nil {
		return
	}
	for _, side := range []Kind{Removed, Added} {
		var of []int
		var text strings.Builder
		for i := range lines {
			if lines[i].Kind == side || lines[i].Kind == Both {
				of = append(of, i)
				text.WriteString(lines[i].Spans[0].Text + "\n")
			}
		}
		for k, spans := range tokens(lexer, text.String(), len(of)) {
			if i := of[k]; lines[i].Kind == side || side == Added {
				lines[i].Spans = spans
			}
		}
	}
}

// tokens are the parts of each line of a text; nothing where they are not the very
// text, or where the lexer fails.
func tokens(lexer chroma.Lexer, text string, lines int) (out [][]Span) {
	defer func() {
		if recover() != nil { // a lexer that gives up on a text does it so
			out = nil
		}
	}()
	next, err := lexer.Tokenise(&chroma.TokeniseOptions{State: "root", EnsureLF: false}, text)
	if err != nil {
		return nil
	}
	all := []Span(nil)
	whole := 0
	for n := 0; ; n++ {
		t := next()
		if t == chroma.EOF {
			break
		}
		if n == maxTokens {
			return nil
		}
		whole += len(t.Value)
		for i, part := range strings.Split(t.Value, "\n") {
			if i > 0 {
				out, all = append(out, all), nil
			}
			if part != "" {
				all = appended(all, Span{Class: classOf(t.Type), Text: part})
			}
		}
	}
	if whole != len(text) || len(out) != lines {
		return nil
	}
	return out
}

// appended puts a part to the one before where both are of one class.
func appended(spans []Span, s Span) []Span {
	if n := len(spans) - 1; n >= 0 && spans[n].Class == s.Class {
		spans[n].Text += s.Text
		return spans
	}
	return append(spans, s)
}

func classOf(t chroma.TokenType) Class {
	switch {
	case t.InCategory(chroma.Comment):
		return Comment
	case t.InCategory(chroma.Keyword) || t == chroma.OperatorWord:
		if t == chroma.KeywordType {
			return Type
		}
		return Keyword
	case t.InSubCategory(chroma.LiteralString):
		return Text
	case t.InSubCategory(chroma.LiteralNumber):
		return Number
	case t == chroma.NameFunction, t == chroma.NameTag, t == chroma.NameAttribute, t == chroma.NameProperty, t == chroma.NameBuiltin:
		return Name
	case t == chroma.NameClass, t == chroma.NameNamespace, t == chroma.NameConstant:
		return Type
	}
	return Plain
}
