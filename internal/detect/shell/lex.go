package shell

import (
	"strings"
)

// lex cuts a text that does not parse into commands. It knows quotes, operators,
// substitutions and comments, and takes whatever it does not know as it stands.
func (p *pass) lex(text string, line int, c ctx) {
	l := &lexer{pass: p, src: text, line: line, start: line, ctx: c}
	l.run()
}

type lexer struct {
	*pass
	ctx   ctx
	src   string
	at    int
	line  int
	start int // line where the present command began
	from  int // offset where it began, -1 before it does

	endless bool // no more ${{ }} ends

	words     []Word
	redirects []Redirect
	operator  string // of a redirection whose target is to come
	cur       strings.Builder
	have      bool
	quoted    bool
	open      bool

	input Span // what the present command reads
	first int  // the first command of the present stage
}

func (l *lexer) run() {
	l.first, l.from = len(l.out), -1
	for l.at < len(l.src) {
		c := l.src[l.at]
		if l.from < 0 && strings.IndexByte("&|;() \t\n", c) < 0 {
			l.from = l.at
		}
		if !l.expansion(c) {
			l.plain(c)
		}
	}
	l.end("")
}

// expansion reads what stands for something else, or is taken as it stands, and
// reports whether there was any.
func (l *lexer) expansion(c byte) bool {
	rest := l.src[l.at:]
	switch {
	case c == '\\' && len(rest) > 1:
		l.escape()
	case c == '\'' || c == '"':
		l.quote(c)
	case strings.HasPrefix(rest, "${{"):
		l.expression()
	case strings.HasPrefix(rest, "$("), c == '`' && !l.reader.Windows, strings.HasPrefix(rest, "<("), strings.HasPrefix(rest, ">("):
		l.substitution(c)
	case c == '$':
		l.variable()
	default:
		return false
	}
	return true
}

// plain reads a byte that stands for itself, or between words.
func (l *lexer) plain(c byte) {
	switch {
	case c == '\n':
		l.end("")
		l.at++
		l.line++
		l.start = l.line
	case strings.IndexByte(";()&|", c) >= 0:
		l.separator(c)
	case c == '<' || c == '>':
		l.redirect(c)
	case c == ' ' || c == '\t' || c == '\r':
		l.word()
		l.at++
	case c == '#' && !l.have:
		for l.at < len(l.src) && l.src[l.at] != '\n' {
			l.at++
		}
	default:
		l.take1(1)
	}
}

func (l *lexer) take1(n int) {
	n = min(n, len(l.src)-l.at)
	l.cur.WriteString(l.src[l.at : l.at+n])
	l.have = true
	l.at += n
}

func (l *lexer) escape() {
	if l.src[l.at+1] == '\n' {
		l.word()
		l.line++
		l.at += 2
		return
	}
	l.at++
	l.take1(1)
}

func (l *lexer) expression() {
	end := -1
	if !l.endless {
		end = strings.Index(l.src[l.at:], "}}")
	}
	if end < 0 {
		l.endless, end = true, 1
	}
	l.open = true
	l.take1(end + 2)
}

func (l *lexer) quote(q byte) {
	l.have, l.quoted = true, true
	l.at++
	for l.at < len(l.src) && l.src[l.at] != q {
		c := l.src[l.at]
		if c == '\n' {
			l.line++
		}
		switch {
		case q == '"' && c == '\\' && l.at+1 < len(l.src):
			l.at++
			c = l.src[l.at]
		case q == '"' && (c == '`' || strings.HasPrefix(l.src[l.at:], "$(")):
			l.substitution(c)
			continue
		case q == '"' && c == '$':
			l.variable()
			continue
		}
		l.cur.WriteByte(c)
		l.at++
	}
	l.at = min(l.at+1, len(l.src))
}

// variable puts in a value that is known, else what is written.
func (l *lexer) variable() {
	name, n := "", 1
	if strings.HasPrefix(l.src[l.at:], "${") {
		if end := strings.IndexByte(l.src[l.at:min(len(l.src), l.at+200)], '}'); end > 0 {
			name, n = l.src[l.at+2:l.at+end], end+1
		}
	} else {
		for l.at+n < len(l.src) && nameByte(l.src[l.at+n], n == 1) {
			n++
		}
		name = l.src[l.at+1 : l.at+n]
	}
	value, known := l.lookup(name, 0)
	if !known || !identifier(name) || !l.take(len(value)) {
		l.open = true
		l.take1(n)
		return
	}
	l.cur.WriteString(value)
	l.have = true
	l.at += n
}

// substitution reads what stands in $( ), <( ) or backticks as commands of
// their own, and keeps its text in the word.
func (l *lexer) substitution(c byte) {
	open, closing := 2, byte(')')
	if c == '`' {
		open, closing = 1, '`'
	}
	from := l.at + open
	end := closed(l.src, from, closing)
	inner := l.src[from:end]
	ctx := l.ctx
	ctx.in, ctx.stdin, ctx.maybe = Span{}, nil, true
	ctx.level++
	if ctx.level < 20 {
		if l.pass.take(len(inner)) {
			l.pass.lex(inner, l.line, ctx)
		}
	} else {
		l.note("its substitutions stand in one another too deep")
	}
	l.cur.WriteString(l.src[l.at:min(end+1, len(l.src))])
	l.have, l.open = true, true
	l.line += strings.Count(inner, "\n")
	l.at = min(end+1, len(l.src))
}

// closed is where what was opened before from ends.
func closed(src string, from int, closing byte) int {
	nested := 0
	for end := from; end < len(src); end++ {
		switch src[end] {
		case '\\':
			end++
		case '(':
			if closing == ')' {
				nested++
			}
		case closing:
			if nested == 0 {
				return end
			}
			nested--
		}
	}
	return len(src)
}

func (l *lexer) separator(c byte) {
	two := l.src[l.at:min(l.at+2, len(l.src))]
	if c == '&' && (two == "&>" || l.at > 0 && (l.src[l.at-1] == '>' || l.src[l.at-1] == '<')) {
		l.take1(1) // >&2
		return
	}
	switch two {
	case "&&", "||", ";;", "|&":
		l.end(two)
		l.at += 2
	default:
		l.end(string(c))
		l.at++
	}
}

// redirect begins a redirection; its target is the next word.
func (l *lexer) redirect(c byte) {
	fd := ""
	if word := l.cur.String(); l.have && !l.quoted && strings.Trim(word, "0123456789&") == "" {
		fd, l.have = word, false
		l.cur.Reset()
	}
	l.word()
	n := 1
	for n < 3 && l.at+n < len(l.src) && (l.src[l.at+n] == c || n == 1 && strings.IndexByte("&|>", l.src[l.at+n]) >= 0) {
		n++
	}
	op := l.src[l.at : l.at+n]
	if fd == "&" {
		op, fd = "&"+op, ""
	}
	l.operator = op
	l.redirects = append(l.redirects, Redirect{Op: op, Fd: fd})
	l.at += n
}

func (l *lexer) word() {
	if l.have {
		w := Word{Text: l.cur.String(), Quoted: l.quoted, Known: !l.open}
		switch {
		case l.operator != "":
			l.redirects[len(l.redirects)-1].Target = w
			l.operator = ""
		case len(l.words) < maxWords:
			l.words = append(l.words, w)
		}
	}
	l.cur.Reset()
	l.have, l.quoted, l.open = false, false, false
}

// end ends a command at an operator.
func (l *lexer) end(operator string) {
	l.word()
	l.operator = ""
	if len(l.words) > 0 || len(l.redirects) > 0 {
		l.finish()
	}
	switch operator {
	case "|", "|&":
		l.input = Span{l.first, len(l.out)}
	default:
		l.input = Span{}
	}
	if n := len(l.out); n > l.first {
		switch operator {
		case "&":
			l.out[n-1].Background = true
		case "||":
			rest := strings.TrimLeft(l.src[l.at+2:min(len(l.src), l.at+40)], " \t")
			l.out[n-1].Ignored = strings.HasPrefix(rest, "true")
		}
	}
	l.first = len(l.out)
	l.start = l.line
	l.from = -1
}

// reserved are words of the grammar that stand before a command.
var reserved = map[string]bool{"if": true, "then": true, "else": true, "elif": true, "do": true, "while": true,
	"until": true, "!": true, "{": true, "time": true, "-": true, "--": true, "@": true, "RUN": true}

// withoutIndex is the variable that a[1]= or a+= gives a value.
func withoutIndex(name string) string {
	name = strings.TrimSuffix(name, "+")
	if i := strings.IndexByte(name, '['); i > 0 && strings.HasSuffix(name, "]") {
		return name[:i]
	}
	return name
}

func (l *lexer) finish() {
	c := Command{Words: l.words, Redirects: l.redirects, Subst: Span{l.first, len(l.out)}, Line: l.start, End: l.line,
		Text: clip(l.src[max(0, min(l.from, l.at)):l.at], maxText)}
	l.words, l.redirects = nil, nil
	for len(c.Words) > 0 {
		name, value, assigned := strings.Cut(c.Words[0].Text, "=")
		switch {
		case assigned && identifier(withoutIndex(name)):
			c.Assigns = append(c.Assigns, Assign{name, Word{Text: value, Quoted: c.Words[0].Quoted, Known: c.Words[0].Known}})
		case reserved[c.Words[0].Text] && !c.Words[0].Quoted && len(c.Words) > 1:
		default:
			goto named
		}
		c.Words = c.Words[1:]
	}
named:
	ctx := l.ctx
	if !l.input.Empty() {
		ctx.in, ctx.stdin = l.input, nil
	}
	for _, r := range c.Redirects {
		if r.Op == "<<<" {
			text := r.Target.Text
			ctx.in, ctx.stdin = Span{}, &text
		}
	}
	if len(c.Words) == 0 {
		for _, a := range c.Assigns {
			l.set(a.Name, a.Value.Text, a.Value.Known, l.ctx.maybe)
		}
	}
	l.emit(c, ctx)
}
