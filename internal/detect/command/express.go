package command

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect/bound"
	"github.com/gatehold/gatehold/internal/detect/source"
)

// list reads expressions with commas between, up to the closing in front of which
// they stand, and what is added to them by .arg() and .args() behind it.
func (r *programReader) list(i, depth int) []value {
	out, end := r.listTo(i, depth)
	for r.at(end).Kind == source.Newline && r.at(end+1).Is(".") {
		end++
	}
	for r.at(end).Is(".") && r.at(end+2).Is("(") {
		name := fold(r.at(end + 1).Text)
		if name != "arg" && name != "args" && name != "addarg" && name != "withargs" {
			break
		}
		var more []value
		more, end = r.listTo(end+3, depth)
		out = append(out, more...)
		for r.at(end).Kind == source.Newline && r.at(end+1).Is(".") {
			end++
		}
	}
	return out
}

// listTo reads expressions up to the closing, and where that is passed.
func (r *programReader) listTo(i, depth int) (out []value, next int) {
	for i < len(r.toks) && len(out) < maxArgv {
		v, end := r.expression(i, false, depth)
		if len(v.words) > 0 || v.key != "" {
			out = append(out, v)
		}
		i = end
		switch t := r.at(i); {
		case t.Is(")"), t.Is("]"), t.Is("}"):
			return out, i + 1
		case t.Is(","), t.Is(";"):
			i++
		default:
			return out, i
		}
	}
	return out, i
}

// bare reads arguments without parentheses, to the end of the line.
func (r *programReader) bare(i int) (out []value) {
	for i < len(r.toks) && len(out) < maxArgv {
		v, end := r.expression(i, true, 0)
		if len(v.words) > 0 || v.key != "" {
			out = append(out, v)
		}
		if i = end + 1; !r.at(end).Is(",") {
			break
		}
		for r.at(i).Kind == source.Newline && i < len(r.toks) {
			i++
		}
	}
	return out
}

// expression reads one, and returns where it ends: at a comma, at a closing or,
// where it stands on its own, at the end of its line.
func (r *programReader) expression(i int, own bool, depth int) (v value, next int) {
	glued := false // the next string is a part of the last word
	for i < len(r.toks) {
		if r.effort++; r.effort > perToken*len(r.toks)+spare {
			bound.Stop("its calls nest too deep")
		}
		t := r.toks[i]
		if i >= r.stop || ends(t, own && !glued) {
			return v, i
		}
		switch t.Kind {
		case source.String:
			r.add(&v, r.text(t), glued || r.lang == source.Python && r.at(i-1).Kind == source.String)
			v.saw(t, r.raw(t))
			glued = false
			i++
		case source.Name:
			i = r.nameIn(&v, i, glued, depth)
			glued = false
		case source.Punct:
			i, glued = r.punctIn(&v, i, glued, depth)
			if own && t.Is("<<") && v.raw {
				return v, i // it went on below its line
			}
		case source.Number, source.Symbol:
			r.add(&v, t.Text, glued)
			i++
		default:
			i++
		}
	}
	return v, i
}

// ends tells whether an expression ends in front of a token.
func ends(t source.Token, own bool) bool {
	return t.Is(",") || t.Is(")") || t.Is("]") || t.Is("}") || t.Is(";") || own && t.Kind == source.Newline
}

// add puts a word or a part of one into a value.
func (r *programReader) add(v *value, text string, glued bool) {
	if glued && len(v.words) > 0 && !v.list {
		last := len(v.words) - 1
		if len(v.words[last]) < maxLogical {
			v.words[last] += text
		}
		return
	}
	if len(v.words) < maxArgv {
		v.words = append(v.words, text)
	}
}

func (v *value) saw(t source.Token, raw bool) {
	if !v.text {
		v.line, v.raw = t.Line, raw
	}
	v.text = true
	v.end = max(v.end, t.Line+strings.Count(t.Text, "\n"))
}

// take puts what another value holds into one.
func (v *value) take(other value) {
	if !v.text && other.text {
		v.line = other.line
	}
	v.text = v.text || other.text
	v.end = max(v.end, other.end)
}

// punctIn reads a sign: one that opens a list, or that puts strings together.
func (r *programReader) punctIn(v *value, i int, glued bool, depth int) (next int, glues bool) {
	t := r.toks[i]
	switch t.Text {
	case "[", "(", "{":
		if depth >= maxNesting {
			return i + 1, false
		}
		before, body := len(v.words), t.Text == "{" && (r.at(i-1).Is(")") || r.at(i-1).Is(">") && r.at(i-2).Is("="))
		some, end := r.listTo(i+1, depth+1)
		if body || t.Text == "{" && keyed(some) || t.Text == "[" && before > 0 {
			return end, false // options, the body of a function, or an index
		}
		for _, one := range some {
			for _, w := range one.words {
				r.add(v, w, glued)
			}
			v.take(one)
		}
		v.list = v.list || t.Text != "(" || len(some) > 1
		return end, false
	case "+", ".":
		return i + 1, len(v.words) > 0 && (t.Text == "+" || r.at(i+1).Kind == source.String)
	case "<<":
		return r.heredoc(v, i), false
	}
	return i + 1, glued
}

// heredoc takes the text that stands under the line.
func (r *programReader) heredoc(v *value, i int) int {
	for k := i + 1; k < min(i+12, len(r.toks)); k++ {
		if r.at(k).Kind == source.Newline {
			if t := r.at(k + 1); t.Kind == source.String {
				r.add(v, t.Text, false)
				v.saw(t, true)
				return k + 2
			}
			break
		}
	}
	return i + 1
}

// keyed tells whether values are those of keys.
func keyed(some []value) bool {
	for _, one := range some {
		if one.key != "" {
			return true
		}
	}
	return false
}

// nameIn reads a name: a key, one that was given a value, a call, or what is not
// known.
func (r *programReader) nameIn(v *value, i int, glued bool, depth int) int {
	t, next := r.toks[i], r.at(i+1)
	switch {
	case len(v.words) == 0 && v.key == "" && r.assigns(i+1) && !next.Is("+"):
		v.key = t.Text
		for i += 2; r.at(i).Is(">") || r.at(i).Is("="); i++ {
		}
		return i
	case next.Is(".") && r.at(i+2).Is("."): // args...
		r.valueOf(v, t.Text, glued)
		return i + 4
	case next.Is("."):
		return i + 2
	case next.Is(":") && r.at(i+2).Is(":"), next.Is("-") && r.at(i+2).Is(">"):
		return i + 3
	case next.Is("("):
		return r.callIn(v, i, glued, depth)
	case t.Text == "executable" && r.at(i-1).Is("."):
		r.add(v, "python", glued)
	case t.Text == "execPath" && r.at(i-1).Is("."):
		r.add(v, "node", glued)
	default:
		r.valueOf(v, t.Text, glued)
	}
	return i + 1
}

// callIn reads a call inside of an expression: what gives back what it is given,
// or what is not known.
func (r *programReader) callIn(v *value, i int, glued bool, depth int) int {
	if depth >= maxNesting {
		return i + 1
	}
	some, end := r.listTo(i+2, depth+1)
	name := r.toks[i].Text
	if wraps[fold(name)] || execs[fold(name)] && len(v.words) == 0 {
		r.wrapped(v, fold(name), some, glued)
	} else if len(v.words) == 0 || glued {
		r.add(v, "${"+name+"}", glued)
	}
	return end
}

// valueOf puts in what a name was given, or the name where that is not known.
func (r *programReader) valueOf(v *value, name string, glued bool) {
	known, ok := r.values[name]
	switch {
	case ok:
		for k, w := range known.words {
			r.add(v, w, glued && k == 0)
		}
		v.list = v.list || known.list
		v.take(known)
	case fillers[name]:
	default:
		r.add(v, "${"+name+"}", glued)
	}
}

// words of languages that stand in expressions and say nothing.
var fillers = setOf("new String string await return const var let val ref mut vec as final Object any in if else and or not nil None null")

// oneText are wraps that give back one text.
var oneText = setOf("url dedent format sprintf str string strip trim trimindent literal raw escapeshellcmd stripindent cleandoc fmt ref")

// wrapped puts in what a call hands back of what it is given.
func (r *programReader) wrapped(v *value, name string, some []value, glued bool) {
	var words []string
	for _, one := range some {
		words = append(words, one.words...)
		v.take(one)
	}
	switch {
	case name == "split" && len(v.words) == 1 && v.text: // "a b".split()
		v.words, v.list = strings.Fields(v.words[0]), true
		return
	case (name == "split" || name == "shlex" || name == "w") && len(words) > 0:
		words, v.list = strings.Fields(words[0]), true
	case name == "join":
		sep := " "
		if len(v.words) == 1 { // " ".join(list)
			sep, v.words = v.words[0], nil
		}
		words = []string{strings.Join(words, sep)}
	case oneText[name] && len(v.words) > 0: // "a".format(b)
		return
	case oneText[name]:
		words = words[:min(1, len(words))]
	default:
		v.list = true
	}
	for k, w := range words {
		r.add(v, w, glued && k == 0)
	}
}

// raw tells whether a string stands as it is, over lines of the file.
func (r *programReader) raw(t source.Token) bool {
	return strings.Contains(t.Text, "\n") && !strings.Contains(t.Text, `\n`)
}

var unescaper = strings.NewReplacer(`\"`, `"`, `\'`, `'`, "\\`", "`", `\\`, `\`, `\n`, "\n", `\t`, "\t", `\$`, `$`, "\\\n", "\\\n")

// text is what a string says.
func (r *programReader) text(t source.Token) string {
	if strings.IndexByte(t.Text, '\\') < 0 {
		return t.Text
	}
	first := r.src[t.From]
	if r.lang == source.Go && first == '`' || first == 'r' || first == 'R' || first == '@' {
		return t.Text
	}
	return unescaper.Replace(t.Text)
}
