package shell

import "strings"

// ordinary are the bytes that mean nothing to a shell beside themselves.
var ordinary = func() (out [256]bool) {
	for c := range out {
		out[c] = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("_-./:,+@%= \t\n", byte(c)) >= 0
	}
	return out
}()

// grammar are words that begin something else than a simple command, or do
// something to variables.
var grammar = map[string]bool{"if": true, "then": true, "else": true, "elif": true, "fi": true, "do": true, "done": true,
	"case": true, "esac": true, "for": true, "select": true, "while": true, "until": true, "time": true, "function": true,
	"coproc": true, "in": true, "declare": true, "export": true, "local": true, "readonly": true, "typeset": true,
	"nameref": true, "let": true, "alias": true}

// plainly reads a text in which every line is a simple command of words that
// stand for themselves, and reports whether it is one. It needs no grammar.
func (p *pass) plainly(text string, line int, c ctx) bool {
	if len(p.funcs)+len(p.aliases) > 0 {
		return false
	}
	for i := range len(text) {
		if !ordinary[text[i]] {
			return false
		}
	}
	for one := range strings.Lines(text) {
		first, _, _ := strings.Cut(strings.TrimLeft(one, " \t"), " ")
		if first = strings.TrimSpace(first); grammar[first] || strings.Contains(first, "=") {
			return false
		}
	}
	for one := range strings.Lines(text) {
		var words []Word
		for w := range strings.FieldsSeq(one) {
			if len(words) < maxWords {
				words = append(words, Word{Text: w, Known: true})
			}
		}
		if len(words) > 0 {
			p.emit(Command{Words: words, Subst: Span{len(p.out), len(p.out)}, Line: line, End: line, Text: clip(one, maxText)}, c)
		}
		line++
	}
	return true
}
