package shell

import (
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// call follows a simple command: once for each of the values that its
// variables may have.
func (w *walker) call(cmd *syntax.CallExpr, redirects []Redirect, at place, c ctx) {
	if len(cmd.Args) == 0 {
		out := Command{Redirects: redirects, Line: at.line, End: at.end, Text: at.text()}
		for _, a := range cmd.Assigns {
			if a.Name != nil {
				out.Assigns = append(out.Assigns, w.assign(a, c))
			}
		}
		w.emit(out, c)
		return
	}
	var assigns []Assign
	for _, a := range cmd.Assigns {
		if a.Name != nil && a.Value != nil {
			assigns = append(assigns, Assign{a.Name.Value, w.text(a.Value, c, 0)})
		}
	}
	seen, from, to := "", len(w.out), 0
	for variant := range w.variants(cmd.Args) {
		var words []Word
		for _, arg := range cmd.Args {
			if len(words) < maxWords {
				words = append(words, w.wordAgain(arg, c, variant)...)
			}
		}
		if variant == 0 {
			to = len(w.out)
		}
		if len(words) == 0 {
			continue
		}
		if line := Join(words); variant > 0 && line == seen {
			break
		} else {
			seen = line
		}
		w.emit(Command{Words: words, Assigns: assigns, Redirects: redirects, Subst: Span{from, to},
			Line: at.line, End: at.end, Text: at.text()}, c)
		w.follow(words, at, c)
	}
}

// follow goes into what a command's name stands for in this text.
func (w *walker) follow(words []Word, at place, c ctx) {
	name := words[0].Text
	w.positions(words, c)
	if f := w.funcs[name]; f != nil {
		w.enter(f, words, c)
		return
	}
	if value, ok := w.aliases[name]; ok && w.take(len(value)) {
		first := split(value)
		if len(first) > 0 && first[0].Text != name {
			w.emit(Command{Words: append(first, words[1:]...), Line: at.line, End: at.end, Text: at.text()}, c)
		}
	}
	if name == "alias" {
		for _, word := range words[1:] {
			if k, v, ok := strings.Cut(word.Text, "="); ok && len(w.aliases) < 200 {
				if w.aliases == nil {
					w.aliases = map[string]string{}
				}
				w.aliases[k] = v
			}
		}
	}
}

// split cuts a text into words at its blanks.
func split(text string) []Word {
	var out []Word
	for f := range strings.FieldsSeq(text) {
		out = append(out, Word{Text: f, Known: true})
	}
	return out
}

// variants is how many values the variables of words have at most.
func (w *walker) variants(words []*syntax.Word) int {
	most := 1
	if len(w.vars) == 0 {
		return most
	}
	for _, word := range words {
		for _, part := range word.Parts {
			most = max(most, w.valuesOf(part))
		}
	}
	return most
}

func (w *walker) valuesOf(part syntax.WordPart) int {
	switch part := part.(type) {
	case *syntax.ParamExp:
		if part.Param != nil {
			return len(w.vars[part.Param.Value])
		}
	case *syntax.DblQuoted:
		most := 0
		for _, inner := range part.Parts {
			most = max(most, w.valuesOf(inner))
		}
		return most
	}
	return 0
}

// fields collects the words that one word becomes.
type fields struct {
	*walker
	ctx     ctx
	variant int
	again   bool // substitutions were followed before

	done   []Word
	cur    strings.Builder
	has    bool
	quoted bool
	open   bool // it holds what is not known
}

func (w *walker) word(word *syntax.Word, c ctx, variant int) []Word {
	return w.expand(word, &fields{walker: w, ctx: c, variant: variant})
}

func (w *walker) wordAgain(word *syntax.Word, c ctx, variant int) []Word {
	return w.expand(word, &fields{walker: w, ctx: c, variant: variant, again: variant > 0})
}

func (w *walker) expand(word *syntax.Word, f *fields) []Word {
	if word == nil {
		return nil
	}
	parts := word.Parts
	if f.braced(parts) {
		split := syntax.Word{Parts: slices.Clone(parts)} // the word is read again where a function is
		syntax.SplitBraces(&split)
		parts = split.Parts
	}
	for _, one := range braces(parts) {
		f.parts(one, false)
		if f.again && !f.take(f.cur.Len()) {
			break
		}
		f.end()
		f.again = true
	}
	return f.done
}

// maxNestedBraces is how many braces of one word are read: finding the end of each
// costs more than the last.
const maxNestedBraces = 24

// braced tells whether braces stand in the plain text of a word, and can be read.
func (w *walker) braced(parts []syntax.WordPart) bool {
	opens, commas := 0, false
	for _, p := range parts {
		if lit, ok := p.(*syntax.Lit); ok {
			opens += strings.Count(lit.Value, "{")
			commas = commas || strings.Contains(lit.Value, ",")
		}
	}
	if opens > maxNestedBraces {
		if commas {
			w.note("a word of it has more braces than are read")
		}
		return false
	}
	return opens > 0
}

// text is a word that is not split: a value, a file, a here-document.
func (w *walker) text(word *syntax.Word, c ctx, variant int) Word {
	f := &fields{walker: w, ctx: c, variant: variant}
	f.quoted = true
	for _, part := range word.Parts {
		if lit, ok := part.(*syntax.Lit); ok {
			f.literal(lit.Value, false)
			continue
		}
		f.part(part, true)
	}
	quoted := len(word.Parts) == 1
	if quoted {
		switch word.Parts[0].(type) {
		case *syntax.SglQuoted, *syntax.DblQuoted:
		default:
			quoted = false
		}
	}
	return Word{Text: w.src.shown(f.cur.String()), Quoted: quoted, Known: !f.open}
}

func (f *fields) parts(parts []syntax.WordPart, quoted bool) {
	for _, part := range parts {
		f.part(part, quoted)
	}
}

func (f *fields) end() {
	if f.has {
		f.done = append(f.done, Word{Text: f.src.shown(f.cur.String()), Quoted: f.quoted, Known: !f.open})
	}
	f.cur.Reset()
	f.has, f.quoted, f.open = false, false, false
}

func (f *fields) put(text string) {
	f.cur.WriteString(text)
	f.has = true
}

func (f *fields) part(part syntax.WordPart, quoted bool) {
	switch part := part.(type) {
	case *syntax.Lit:
		f.literal(part.Value, quoted)
	case *syntax.SglQuoted:
		value := part.Value
		if part.Dollar {
			value = ansi(value)
		}
		f.put(value)
		f.quoted = true
	case *syntax.DblQuoted:
		f.has, f.quoted = true, true
		if part.Dollar || !all(part.Parts) {
			f.parts(part.Parts, true)
			return
		}
		f.each()
	case *syntax.ParamExp:
		f.param(part, quoted)
	case *syntax.CmdSubst:
		f.substituted(part, quoted)
	case *syntax.ProcSubst:
		f.process(part)
	case *syntax.BraceExp: // more than are followed
		f.put("{}")
		f.open = true
	default:
		if !f.again {
			f.inside(part, f.ctx)
		}
		f.unknown(part)
	}
}

// all tells whether parts are "$@" alone.
func all(parts []syntax.WordPart) bool {
	if len(parts) != 1 {
		return false
	}
	p, ok := parts[0].(*syntax.ParamExp)
	return ok && p.Param != nil && p.Param.Value == "@" && p.Exp == nil && p.Slice == nil && p.Repl == nil
}

// each puts in what "$@" stands for: the arguments, each a word.
func (f *fields) each() {
	if !f.bound {
		f.put("$@")
		f.open = true
		return
	}
	f.every(f.args)
}

// every puts in words that stand as they are.
func (f *fields) every(args []string) {
	for i, arg := range args {
		if !f.take(len(arg)) {
			break
		}
		if i > 0 {
			f.end()
		}
		f.put(arg)
		f.quoted = true
	}
	if len(args) == 0 && f.cur.Len() == 0 {
		f.has, f.quoted = false, false
	}
}

// unknown keeps what is not known as it is written.
func (f *fields) unknown(n syntax.Node) {
	f.put(f.written(n))
	f.open = true
}

// literal puts in plain text without its backslashes.
func (f *fields) literal(value string, quoted bool) {
	f.has = f.has || value != ""
	if strings.IndexByte(value, marker) >= 0 && len(f.src.masks) > 0 {
		f.open = true
	}
	if !quoted && strings.ContainsAny(value, "*?[") {
		f.open = true
	}
	if strings.IndexByte(value, '\\') < 0 {
		f.cur.WriteString(value)
		return
	}
	for i := 0; i < len(value); i++ {
		c := value[i]
		if c == '\\' && i+1 < len(value) {
			next := value[i+1]
			switch {
			case next == '\n':
				i++
				continue
			case !quoted || strings.IndexByte("$`\"\\", next) >= 0:
				f.cur.WriteByte(next)
				i++
				continue
			}
		}
		f.cur.WriteByte(c)
	}
}

// value puts in a value that is known: split where it is not quoted.
func (f *fields) value(text string, quoted bool) {
	if !f.take(len(text)) {
		f.open, f.has = true, true
		return
	}
	if quoted {
		f.put(text)
		return
	}
	for i, field := range strings.Fields(text) {
		if i > 0 || strings.IndexByte(" \t\n", text[0]) >= 0 {
			f.end()
		}
		f.put(field)
	}
	if text != "" && strings.IndexByte(" \t\n", text[len(text)-1]) >= 0 {
		f.end()
	}
}
