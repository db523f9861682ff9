package shell

import (
	"slices"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// maxElements is how many elements of an array are known.
const maxElements = 200

// array keeps the elements that a variable is given.
func (p *pass) array(name string, words []Word, more, known bool) {
	if p.arrays == nil {
		p.arrays = map[string][]string{}
	}
	if !more {
		delete(p.arrays, name)
	}
	if !known || len(p.arrays) > 200 || len(p.arrays[name])+len(words) > maxElements {
		delete(p.arrays, name)
		return
	}
	for _, w := range words {
		p.arrays[name] = append(p.arrays[name], w.Text)
	}
}

// element puts in elements of an array that is known: ${a[1]}, "${a[@]}".
func (f *fields) element(p *syntax.ParamExp, quoted bool) bool {
	if p.Param == nil || p.Index == nil || p.Excl || p.Length || p.Slice != nil || p.Repl != nil || p.Exp != nil {
		return false
	}
	elements := f.arrays[p.Param.Value]
	index, ok := p.Index.(*syntax.Word)
	if !ok || len(elements) == 0 {
		return false
	}
	if index.Lit() == "@" && quoted {
		f.every(elements)
		return true
	}
	n := digits(index.Lit())
	if index.Lit() == "" || n < 0 || n >= len(elements) {
		return false
	}
	f.value(elements[n], quoted)
	return true
}

// cut puts in a part of a value that is known, or the value of the variable that
// it names: ${a:1:2}, ${a/b/c}, ${!a}.
func (f *fields) cut(p *syntax.ParamExp, quoted bool) bool {
	if p.Param == nil || p.Length || p.Index != nil || p.Exp != nil || p.Names != 0 || !p.Excl && p.Slice == nil && p.Repl == nil {
		return false
	}
	value, known := f.lookup(p.Param.Value, f.variant)
	if known && p.Excl {
		value, known = f.lookup(value, f.variant)
	}
	if known && p.Slice != nil {
		value, known = slice(value, p.Slice)
	}
	if known && p.Repl != nil {
		value, known = f.replaced(value, p.Repl)
	}
	if known && len(value) <= maxValue {
		f.value(value, quoted)
		return true
	}
	return false
}

func slice(value string, s *syntax.Slice) (string, bool) {
	from, ok := whole(s.Offset, 0)
	if from < 0 {
		from += len(value)
	}
	if !ok || from < 0 || from > len(value) {
		return "", false
	}
	length, ok := whole(s.Length, len(value))
	if !ok || length < 0 {
		return "", false
	}
	return value[from:min(len(value), from+length)], true
}

// whole is a number that stands in the text.
func whole(e syntax.ArithmExpr, absent int) (int, bool) {
	if e == nil {
		return absent, true
	}
	sign := 1
	if u, ok := e.(*syntax.UnaryArithm); ok && u.Op == syntax.Minus {
		e, sign = u.X, -1
	}
	word, ok := e.(*syntax.Word)
	if !ok {
		return 0, false
	}
	n, err := strconv.Atoi(word.Lit())
	return sign * n, err == nil && n < 1<<20
}

func (f *fields) replaced(value string, r *syntax.Replace) (string, bool) {
	if r.Orig == nil {
		return "", false
	}
	from, to := f.text(r.Orig, f.ctx, f.variant), Word{Known: true}
	if r.With != nil {
		to = f.text(r.With, f.ctx, f.variant)
	}
	if from.Text == "" || !from.Known || !to.Known || len(value)*(len(to.Text)+1) > maxValue*16 ||
		strings.ContainsAny(from.Text[:1], "#%/") || strings.ContainsAny(from.Text, "*?[") {
		return "", false
	}
	if r.All {
		return strings.ReplaceAll(value, from.Text, to.Text), true
	}
	return strings.Replace(value, from.Text, to.Text, 1), true
}

// positions follows set -- and shift, which change $1, $2, ...
func (p *pass) positions(words []Word, c ctx) {
	switch words[0].Text {
	case "set":
		if len(words) < 2 || words[1].Text != "--" {
			return
		}
		if slices.ContainsFunc(words[2:], func(w Word) bool { return !w.Known }) {
			p.bound, p.args = false, nil
			return
		}
		p.bound, p.args = true, texts(words[2:])
	case "shift":
		if n := 1; p.bound && !c.branch {
			if len(words) > 1 {
				n = max(0, digits(words[1].Text))
			}
			p.args = p.args[min(n, len(p.args)):]
		}
	}
}

func texts(words []Word) []string {
	var out []string
	for _, w := range words {
		out = append(out, w.Text)
	}
	return out
}

// fills follows what gives variables values beside an assignment: printf -v, and
// read and mapfile of an input that is known.
func (p *pass) fills(c *Command) {
	args := c.Args()
	switch c.Name() {
	case "printf":
		if len(args) > 2 && args[0].Text == "-v" {
			if text := formatted(args[2:]); text != nil && p.take(len(*text)) {
				p.set(args[1].Text, *text, true, false)
			}
		}
		return
	case "read", "mapfile", "readarray":
	default:
		return
	}
	for len(args) > 0 && strings.HasPrefix(args[0].Text, "-") {
		args = args[1:]
	}
	if c.Stdin == nil || len(args) == 0 || !p.take(len(*c.Stdin)) {
		return
	}
	text := strings.TrimRight(*c.Stdin, "\n")
	if c.Name() != "read" {
		p.array(args[0].Text, lineWords(text), false, true)
		return
	}
	n := 0
	for line := range strings.SplitSeq(text, "\n") { // a loop reads one after another
		if n++; n > maxValues {
			break
		}
		p.readLine(line, texts(args), n > 1)
	}
}

func lineWords(text string) []Word {
	var out []Word
	for line := range strings.SplitSeq(text, "\n") {
		if len(out) > maxElements {
			break
		}
		out = append(out, Word{Text: line, Known: true})
	}
	return out
}

// readLine gives each name a word of a line, and the last one the rest.
func (p *pass) readLine(line string, names []string, maybe bool) {
	for i, name := range names {
		line = strings.TrimSpace(line)
		word, rest, _ := strings.Cut(line, " ")
		if i == len(names)-1 {
			word = line
		}
		p.set(name, word, true, maybe)
		line = rest
	}
}
