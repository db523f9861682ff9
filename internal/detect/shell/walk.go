package shell

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// walker follows what was parsed in the order in which it would run.
type walker struct {
	*pass
	src  *source
	said map[*syntax.CmdSubst]*string // what substitutions write that were followed; nil: not known
}

// function is one that the text defines.
type function struct {
	body *syntax.Stmt
	src  source
}

func (w *walker) stmts(list []*syntax.Stmt, c ctx) {
	for _, s := range list {
		w.stmt(s, c)
	}
}

// stmt follows one statement.
func (w *walker) stmt(s *syntax.Stmt, c ctx) {
	if s == nil {
		return
	}
	from := len(w.out)
	redirects := w.redirects(s, &c)
	at := w.place(s)
	w.command(s.Cmd, redirects, at, c)
	if s.Background && len(w.out) > from {
		w.out[len(w.out)-1].Background = true
	}
}

// place is where a simple command stands. Of others it is not asked: where they
// end is where what is in them ends.
func (w *walker) place(s *syntax.Stmt) place {
	switch s.Cmd.(type) {
	case nil, *syntax.CallExpr, *syntax.DeclClause:
	default:
		return place{}
	}
	at := place{src: w.src, line: w.line(s.Pos()), end: w.line(s.End()), from: s.Pos().Offset(), to: s.End().Offset()}
	for _, r := range s.Redirs {
		if r.Hdoc != nil {
			at.end = max(at.end, w.line(r.Hdoc.End()))
		}
	}
	return at
}

// place is where a command stands.
type place struct {
	src       *source
	line, end int
	from, to  uint
}

func (p place) text() string {
	return p.src.shown(clip(p.src.text[p.from:min(int(p.to), len(p.src.text))], maxText))
}

func (w *walker) line(pos syntax.Pos) int { return w.src.line + int(pos.Line()) - 1 }

// written is a node as it stands in the text.
func (w *walker) written(n syntax.Node) string {
	from, to := int(n.Pos().Offset()), int(n.End().Offset())
	if from > to || to > len(w.src.text) {
		return ""
	}
	return w.src.shown(w.src.text[from:to])
}

// command follows a command of any kind.
func (w *walker) command(cmd syntax.Command, redirects []Redirect, at place, c ctx) {
	maybe := c
	maybe.maybe, maybe.branch = true, true
	switch cmd := cmd.(type) {
	case nil:
		if len(redirects) > 0 {
			w.emit(Command{Redirects: redirects, Line: at.line, End: at.end, Text: at.text()}, c)
		}
	case *syntax.CallExpr:
		w.call(cmd, redirects, at, c)
	case *syntax.BinaryCmd:
		w.binary(cmd, c)
	case *syntax.Subshell:
		maybe.branch = c.branch
		w.apart(func() { w.stmts(cmd.Stmts, maybe) })
	case *syntax.Block:
		w.stmts(cmd.Stmts, c)
	case *syntax.IfClause:
		w.branch(cmd, c, maybe)
	case *syntax.WhileClause:
		w.stmts(cmd.Cond, c)
		w.stmts(cmd.Do, maybe)
	case *syntax.ForClause:
		w.loop(cmd, c)
		w.stmts(cmd.Do, maybe)
	case *syntax.CaseClause:
		w.word(cmd.Word, c, 0)
		for _, item := range cmd.Items {
			for _, p := range item.Patterns {
				w.inside(p, c)
			}
			w.stmts(item.Stmts, maybe)
		}
	case *syntax.FuncDecl:
		w.define(cmd, maybe)
	case *syntax.DeclClause:
		w.declare(cmd, redirects, at, c)
	case *syntax.TimeClause:
		w.stmt(cmd.Stmt, c)
	case *syntax.CoprocClause:
		w.stmt(cmd.Stmt, c)
	default:
		w.inside(cmd, c)
	}
	w.keepRedirects(cmd, redirects, c)
}

// keepRedirects tells the commands of a group where its output goes.
func (w *walker) keepRedirects(cmd syntax.Command, redirects []Redirect, c ctx) {
	switch cmd.(type) {
	case nil, *syntax.CallExpr, *syntax.DeclClause:
		return
	}
	for _, r := range redirects {
		if strings.HasPrefix(r.Op, "<") || len(w.out) == 0 {
			continue
		}
		w.emit(Command{Redirects: []Redirect{r}, Line: w.out[len(w.out)-1].Line, End: w.out[len(w.out)-1].End}, c)
	}
}

func (w *walker) branch(cmd *syntax.IfClause, c, maybe ctx) {
	for ; cmd != nil; cmd = cmd.Else {
		w.stmts(cmd.Cond, c)
		w.stmts(cmd.Then, maybe)
		c = maybe
	}
}

// binary follows pipelines, and lists of && and ||.
func (w *walker) binary(cmd *syntax.BinaryCmd, c ctx) {
	if cmd.Op != syntax.Pipe && cmd.Op != syntax.PipeAll {
		from := len(w.out)
		w.stmt(cmd.X, c)
		to := len(w.out)
		c.maybe = true
		w.stmt(cmd.Y, c)
		if cmd.Op == syntax.OrStmt && to < len(w.out) && to > from {
			if name := w.out[to].Name(); name == "true" || name == ":" {
				w.out[to-1].Ignored = true
			}
		}
		return
	}
	for _, stage := range stages(cmd, nil) {
		from := len(w.out)
		one := c
		one.maybe = true
		w.stmt(stage, one)
		c.in, c.stdin = Span{from, len(w.out)}, nil
	}
}

// stages are the parts of a pipeline, however it was parsed.
func stages(cmd *syntax.BinaryCmd, out []*syntax.Stmt) []*syntax.Stmt {
	for _, s := range []*syntax.Stmt{cmd.X, cmd.Y} {
		if b, ok := s.Cmd.(*syntax.BinaryCmd); ok && len(s.Redirs) == 0 && (b.Op == syntax.Pipe || b.Op == syntax.PipeAll) {
			out = stages(b, out)
			continue
		}
		out = append(out, s)
	}
	return out
}

// loop gives the variable of a loop the values that it goes through.
func (w *walker) loop(cmd *syntax.ForClause, c ctx) {
	iter, ok := cmd.Loop.(*syntax.WordIter)
	if !ok {
		w.inside(cmd.Loop, c)
		return
	}
	for _, item := range iter.Items {
		for _, word := range w.word(item, c, 0) {
			w.set(iter.Name.Value, word.Text, word.Known, true)
		}
	}
}

// define keeps a function, and reads what it would do whoever calls it.
func (w *walker) define(cmd *syntax.FuncDecl, c ctx) {
	names := cmd.Names
	if cmd.Name != nil {
		names = append(names, cmd.Name)
	}
	if w.funcs == nil {
		w.funcs = map[string]*function{}
	}
	for _, n := range names {
		if len(w.funcs) < 1000 {
			w.funcs[n.Value] = &function{cmd.Body, *w.src}
		}
	}
	c.in, c.stdin = Span{}, nil
	w.stmt(cmd.Body, c)
}

// The bounds of following calls of functions.
const (
	maxNested = 8
	maxCalls  = 500
)

// enter follows a call of a function with its arguments.
func (w *walker) enter(f *function, words []Word, c ctx) {
	if len(words) < 2 || w.bound && w.depthOfCalls() >= maxNested {
		return // read without arguments where it stands
	}
	if w.calls++; w.calls > maxCalls || !w.take(1024) {
		w.note("its functions call one another more often than is followed")
		return
	}
	args, bound, nested, zero := w.args, w.bound, w.nested, w.zero
	w.args, w.bound, w.nested = nil, true, nested+1
	for _, word := range words[1:] {
		w.args = append(w.args, word.Text)
	}
	src := f.src
	c.maybe, c.branch = true, false
	(&walker{pass: w.pass, src: &src}).stmt(f.body, c)
	w.args, w.bound, w.nested, w.zero = args, bound, nested, zero
}

func (w *walker) depthOfCalls() int { return w.nested }

// declare follows export, local, declare and their like.
func (w *walker) declare(cmd *syntax.DeclClause, redirects []Redirect, at place, c ctx) {
	out := Command{Words: []Word{{Text: cmd.Variant.Value, Known: true}}, Redirects: redirects,
		Line: at.line, End: at.end, Text: at.text()}
	from := len(w.out)
	for _, a := range cmd.Args {
		if a.Naked || a.Name == nil {
			if a.Value != nil {
				out.Words = append(out.Words, w.word(a.Value, c, 0)...)
			} else if a.Name != nil {
				out.Words = append(out.Words, Word{Text: a.Name.Value, Known: true})
			}
			continue
		}
		one := w.assign(a, c)
		out.Words = append(out.Words, Word{Text: one.Name + "=" + one.Value.Text, Quoted: one.Value.Quoted, Known: one.Value.Known})
	}
	out.Subst = Span{from, len(w.out)}
	w.emit(out, c)
}

// assign gives a variable its value, and returns both.
func (w *walker) assign(a *syntax.Assign, c ctx) Assign {
	out := Assign{Name: a.Name.Value, Value: Word{Known: true}}
	switch {
	case a.Array != nil:
		var words []Word
		for _, e := range a.Array.Elems {
			if e.Value != nil {
				words = append(words, w.word(e.Value, c, 0)...)
			}
		}
		out.Value.Text = Join(words)
		for _, word := range words {
			out.Value.Known = out.Value.Known && word.Known
		}
		w.array(out.Name, words, a.Append, out.Value.Known)
	case a.Value != nil:
		out.Value = w.text(a.Value, c, 0)
	}
	value, known := out.Value.Text, out.Value.Known
	if a.Append {
		old, ok := w.lookup(out.Name, 0)
		if a.Array != nil {
			old += " "
		}
		value, known = old+value, known && ok
	}
	if a.Index == nil {
		w.set(out.Name, value, known, c.maybe)
	}
	return out
}

// inside follows the substitutions in what is no command itself.
func (w *walker) inside(n syntax.Node, c ctx) {
	syntax.Walk(n, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.CmdSubst:
			w.substitution(n.Stmts, c)
			return false
		case *syntax.ProcSubst:
			w.substitution(n.Stmts, c)
			return false
		}
		return true
	})
}

// substitution follows commands whose output is used, and says which they are.
func (w *walker) substitution(stmts []*syntax.Stmt, c ctx) Span {
	c.in, c.stdin, c.maybe = Span{}, nil, true
	c.level++
	from := len(w.out)
	w.apart(func() { w.stmts(stmts, c) })
	return Span{from, len(w.out)}
}

// redirects follows the redirections of a statement.
func (w *walker) redirects(s *syntax.Stmt, c *ctx) []Redirect {
	var out []Redirect
	for _, r := range s.Redirs {
		one := Redirect{Op: r.Op.String()}
		if r.N != nil {
			one.Fd = r.N.Value
		}
		switch {
		case r.Hdoc != nil:
			one.Target = w.text(r.Hdoc, *c, 0)
			if quotedDelimiter(r.Word) {
				one.Target = Word{Text: w.src.shown(plain(r.Hdoc)), Quoted: true, Known: true}
			}
		case r.Word != nil:
			one.Target = w.text(r.Word, *c, 0)
		}
		if r.Op == syntax.Hdoc || r.Op == syntax.DashHdoc || r.Op == syntax.WordHdoc {
			text := one.Target.Text
			c.in, c.stdin = Span{}, &text
		} else if r.Op == syntax.RdrIn {
			c.stdin = nil
			if p, ok := procSubst(r.Word); ok {
				c.in = w.substitution(p.Stmts, *c)
			} else {
				c.in = Span{}
			}
		}
		out = append(out, one)
	}
	return out
}

// plain is a here-document that is taken as it stands.
func plain(word *syntax.Word) string {
	var b strings.Builder
	for _, part := range word.Parts {
		if lit, ok := part.(*syntax.Lit); ok {
			b.WriteString(lit.Value)
		}
	}
	return b.String()
}

// quotedDelimiter tells whether a here-document is taken as it stands.
func quotedDelimiter(word *syntax.Word) bool {
	if word == nil {
		return false
	}
	for _, part := range word.Parts {
		switch part := part.(type) {
		case *syntax.SglQuoted, *syntax.DblQuoted:
			return true
		case *syntax.Lit:
			if strings.Contains(part.Value, "\\") {
				return true
			}
		}
	}
	return false
}

func procSubst(word *syntax.Word) (*syntax.ProcSubst, bool) {
	if word == nil || len(word.Parts) != 1 {
		return nil, false
	}
	p, ok := word.Parts[0].(*syntax.ProcSubst)
	return p, ok
}
