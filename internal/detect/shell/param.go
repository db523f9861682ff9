package shell

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// param puts in the value of a variable, where it is known.
func (f *fields) param(p *syntax.ParamExp, quoted bool) {
	if !f.again {
		f.paramInside(p)
	}
	if f.element(p, quoted) || f.cut(p, quoted) {
		return
	}
	if !simple(p) {
		f.unknown(p)
		return
	}
	value, known := f.lookup(p.Param.Value, f.variant)
	if p.Exp == nil {
		if !known {
			f.unknown(p)
			return
		}
		f.value(value, quoted)
		return
	}
	switch p.Exp.Op {
	case syntax.DefaultUnset, syntax.DefaultUnsetOrNull, syntax.AssignUnset, syntax.AssignUnsetOrNull:
		if !known || value == "" {
			f.fallback(p, quoted)
			return
		}
		f.value(value, quoted)
	case syntax.AlternateUnset, syntax.AlternateUnsetOrNull:
		f.fallback(p, quoted)
	case syntax.RemSmallPrefix, syntax.RemLargePrefix, syntax.RemSmallSuffix, syntax.RemLargeSuffix:
		f.trimmed(p, value, known, quoted)
	default:
		if !known {
			f.unknown(p)
			return
		}
		f.value(value, quoted)
	}
}

// simple tells whether an expansion is a variable's value, or what stands for it.
func simple(p *syntax.ParamExp) bool {
	return p.Param != nil && !p.Excl && !p.Length && !p.Width && !p.IsSet && p.Names == 0 && len(p.Modifiers) == 0 &&
		p.Slice == nil && p.Repl == nil && (p.Index == nil || wholeArray(p.Index))
}

// fallback puts in what stands for a variable that is not set.
func (f *fields) fallback(p *syntax.ParamExp, quoted bool) {
	if p.Exp.Word == nil {
		f.unknown(p)
		return
	}
	w := f.text(p.Exp.Word, f.ctx, f.variant)
	if quoted || w.Known || !f.take(len(w.Text)) {
		f.value(w.Text, quoted)
		f.open = true
		return
	}
	for i, field := range strings.Fields(w.Text) { // of what is not known the pieces are not
		if i > 0 {
			f.end()
		}
		f.put(field)
		f.open = true
	}
	f.open = true
}

// trimmed takes a plain beginning or end off a value.
func (f *fields) trimmed(p *syntax.ParamExp, value string, known, quoted bool) {
	if !known || p.Exp.Word == nil {
		f.unknown(p)
		return
	}
	pattern := f.text(p.Exp.Word, f.ctx, f.variant)
	if !pattern.Known || strings.ContainsAny(pattern.Text, "*?[") {
		f.unknown(p)
		return
	}
	if p.Exp.Op == syntax.RemSmallPrefix || p.Exp.Op == syntax.RemLargePrefix {
		value = strings.TrimPrefix(value, pattern.Text)
	} else {
		value = strings.TrimSuffix(value, pattern.Text)
	}
	f.value(value, quoted)
}

func (f *fields) paramInside(p *syntax.ParamExp) {
	if p.Exp != nil && p.Exp.Word != nil {
		f.inside(p.Exp.Word, f.ctx)
	}
	if p.Repl != nil {
		for _, word := range []*syntax.Word{p.Repl.Orig, p.Repl.With} {
			if word != nil {
				f.inside(word, f.ctx)
			}
		}
	}
}

// wholeArray tells whether an index takes every element: a[@], a[*].
func wholeArray(index syntax.ArithmExpr) bool {
	word, ok := index.(*syntax.Word)
	if !ok {
		return false
	}
	lit := word.Lit()
	return lit == "@" || lit == "*"
}

// substituted puts in what a substitution is known to write, else its text.
func (f *fields) substituted(n *syntax.CmdSubst, quoted bool) {
	text, known := f.said[n]
	if !known || !f.again {
		text = f.writtenBy(f.substitution(n.Stmts, f.ctx))
		if f.said == nil {
			f.said = map[*syntax.CmdSubst]*string{}
		}
		f.said[n] = text
	}
	if text != nil && len(*text) <= maxValue {
		f.value(strings.TrimRight(*text, "\n"), quoted)
		return
	}
	f.unknown(n)
}

// process keeps <( ) as it is written, and what is known to stand in it.
func (f *fields) process(n *syntax.ProcSubst) {
	if !f.again {
		span := f.substitution(n.Stmts, f.ctx)
		if text := f.writtenBy(span); text != nil {
			if f.files == nil {
				f.files = map[string][]string{}
			}
			f.files[f.written(n)] = []string{*text}
		}
	}
	f.unknown(n)
}
