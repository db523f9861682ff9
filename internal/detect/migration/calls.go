package migration

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect/source"
)

// call is one call of a migration's program: add_index :users, :name.
type call struct {
	recv  string // "t", "op", "queryInterface"; ")" behind another call
	name  string // as written
	plain string // in lower case, without underscores and trailing ! or ?
	args  []arg
	line  int
	back  bool // stands in the part that undoes the migration
	at    int  // index of the name among the tokens
	end   int  // index behind the arguments
	block string
}

// arg is one argument, named where key is set.
type arg struct {
	key  string
	toks []source.Token
}

const (
	maxArgs   = 600       // tokens of one call's arguments that are read
	maxEffort = 1_000_000 // tokens read again for calls inside calls
)

// program is a migration in some language, cut into tokens.
type program struct {
	lang   source.Language
	toks   []source.Token
	back   []bool
	effort int
}

func newProgram(body string, lang source.Language) *program {
	p := &program{lang: lang, toks: spelled(source.Tokens(body, lang), lang)}
	p.back = source.Backward(p.toks, lang)
	return p
}

func (p *program) at(i int) source.Token {
	if i < 0 || i >= len(p.toks) {
		return source.Token{Kind: source.Newline}
	}
	return p.toks[i]
}

// each calls f for every call whose name wanted knows, in order.
func (p *program) each(wanted func(plain string) bool, f func(*call)) {
	for i, t := range p.toks {
		if t.Kind != source.Name || p.effort > maxEffort {
			continue
		}
		plain := plainName(t.Text)
		if !wanted(plain) {
			continue
		}
		prev, next := p.at(i-1), p.at(i+1)
		if prev.Is("def") || prev.Is("function") || prev.Is("func") || prev.Is("class") {
			continue
		}
		c := &call{name: t.Text, plain: plain, line: t.Line, back: p.back[i], at: i, recv: p.receiver(i)}
		switch open := p.overTypes(i + 1); {
		case p.at(open).Is("("):
			p.arguments(c, open+1, true)
		case p.lang == source.Ruby || p.lang == source.Elixir:
			if next.Is("=") || next.Is(":") && !p.at(i+2).Is(":") {
				continue // a variable or a hash key
			}
			p.arguments(c, i+1, false)
		default:
			continue
		}
		f(c)
	}
}

// overTypes is the token behind the types in angle brackets at token i, as in
// AlterColumn<string>(…), and i where there are none.
func (p *program) overTypes(i int) int {
	if !p.at(i).Is("<") || p.lang != source.CLike && p.lang != source.JavaScript {
		return i
	}
	depth := 0
	for k := i; k < i+20; k++ {
		switch t := p.at(k); {
		case t.Is("<"):
			depth++
		case t.Is(">"):
			if depth--; depth == 0 {
				return k + 1
			}
		case t.Kind != source.Name && !t.Is(",") && !t.Is(".") && !t.Is("[") && !t.Is("]") && !t.Is("?"):
			return i
		}
	}
	return i
}

func plainName(s string) string {
	if len(s) > 60 {
		return ""
	}
	return strings.ToLower(strings.ReplaceAll(strings.TrimRight(s, "!?"), "_", ""))
}

// receiver returns the name before the dot, arrow or double colon.
func (p *program) receiver(i int) string {
	switch {
	case p.at(i - 1).Is("."):
		i -= 2
		if p.at(i).Is("&") || p.at(i).Is("?") {
			i--
		}
	case p.at(i-1).Is(">") && p.at(i-2).Is("-"), p.at(i-1).Is(":") && p.at(i-2).Is(":"):
		i -= 3
	case p.at(i-1).Kind == source.Newline && p.at(i-2).Is(")"):
		return ""
	default:
		return ""
	}
	for p.at(i).Kind == source.Newline && i > 0 {
		i--
	}
	return p.at(i).Text
}

// arguments reads from token i to the closing parenthesis, or without
// parentheses to the end of the line or the block's beginning.
func (p *program) arguments(c *call, i int, parens bool) {
	stop := min(len(p.toks), i+maxArgs)
	c.end = stop
	r := argumentReader{p: p, c: c, parens: parens}
	for ; i < stop; i++ {
		t := p.toks[i]
		p.effort++
		if r.ends(t, i) {
			return
		}
		switch {
		case t.Kind == source.Newline:
		case r.depth == 0 && t.Is(","):
			r.add()
		case r.namesValue(t, i):
			r.cur.key = r.cur.toks[0].Text
			r.cur.toks = nil
			if p.at(i + 1).Is(">") { // :key => value, and arrow functions
				i++
			}
		default:
			r.nest(t)
			r.cur.toks = append(r.cur.toks, t)
		}
	}
	r.add()
}

// argumentReader reads the arguments of one call.
type argumentReader struct {
	p      *program
	c      *call
	parens bool
	depth  int // of parentheses, brackets and braces within the arguments
	cur    arg
}

// ends reports whether the arguments end before token i, and takes what follows.
func (r *argumentReader) ends(t source.Token, i int) bool {
	if r.depth > 0 {
		return false
	}
	switch {
	case closes(t):
		r.finish(i)
		r.p.afterParens(r.c, i+1)
	case r.parens:
		return false
	case t.Kind == source.Newline && !r.p.at(i-1).Is(","):
		r.finish(i)
	case t.Is("do"), t.Is("{") && !r.p.opensValue(i):
		r.finish(i)
		r.p.blockName(r.c, i+1)
	case t.Is("if"), t.Is("unless"), t.Is(";"), t.Is("end"):
		r.finish(i)
	default:
		return false
	}
	return true
}

func (r *argumentReader) finish(i int) {
	r.c.end = i
	r.add()
}

// add ends one argument.
func (r *argumentReader) add() {
	if r.cur.key != "" || len(r.cur.toks) > 0 {
		r.c.args = append(r.c.args, r.cur)
	}
	r.cur = arg{}
}

// namesValue reports whether what was read of the argument is the name of what
// follows token i.
func (r *argumentReader) namesValue(t source.Token, i int) bool {
	return r.depth == 0 && r.cur.key == "" && len(r.cur.toks) == 1 && (t.Is(":") || t.Is("=")) && !r.p.at(i+1).Is("=") &&
		r.cur.toks[0].Kind != source.Number
}

func (r *argumentReader) nest(t source.Token) {
	switch {
	case t.Is("("), t.Is("["), t.Is("{"):
		r.depth++
	case closes(t):
		r.depth--
	}
}

func closes(t source.Token) bool { return t.Is(")") || t.Is("]") || t.Is("}") }

// opensValue says whether a { is a hash and no block.
func (p *program) opensValue(i int) bool {
	prev := p.at(i - 1)
	return prev.Is(",") || prev.Is(":") || prev.Is(">") || prev.Is("=") || prev.Is("(")
}

func (p *program) afterParens(c *call, i int) {
	if p.at(i).Is("do") || p.at(i).Is("{") {
		p.blockName(c, i+1)
	}
}

// blockName reads |t|.
func (p *program) blockName(c *call, i int) {
	c.block = "?"
	if p.at(i).Is("|") && p.at(i+1).Kind == source.Name {
		c.block = p.at(i + 1).Text
	}
}

// pos returns the n-th positional argument's first value as a name.
func (c *call) pos(n int) string {
	for _, a := range c.args {
		if a.key != "" {
			continue
		}
		if n == 0 {
			return a.value()
		}
		n--
	}
	return ""
}

// firstText is the first string in the n-th positional argument.
func (c *call) firstText(n int) string {
	for _, a := range c.args {
		if a.key != "" {
			continue
		}
		if n == 0 {
			for _, t := range a.toks {
				if t.Kind == source.String {
					return t.Text
				}
			}
		}
		n--
	}
	return ""
}

// positional counts the arguments without a key.
func (c *call) positional() int {
	n := 0
	for _, a := range c.args {
		if a.key == "" {
			n++
		}
	}
	return n
}

// opt returns a named argument. Options written as a hash in braces count too.
func (c *call) opt(keys ...string) (arg, bool) {
	for _, a := range c.args {
		for _, k := range keys {
			if a.key == k {
				return a, true
			}
		}
	}
	return arg{}, false
}

// is says whether a named argument has one of the values.
func (c *call) is(key string, values ...string) bool {
	a, ok := c.opt(key)
	if !ok {
		return false
	}
	v := a.value()
	for _, w := range values {
		if strings.EqualFold(v, w) {
			return true
		}
	}
	return false
}

// value is the first token that is no bracket, as text.
func (a arg) value() string {
	for _, t := range a.toks {
		switch t.Kind {
		case source.String, source.Symbol, source.Name, source.Number:
			return strings.TrimSpace(t.Text)
		}
	}
	return ""
}

// names lists the strings and symbols of an argument: [:a, :b], %w[a b].
func (a arg) names() []string {
	var out []string
	for i, t := range a.toks {
		if t.Kind == source.String || t.Kind == source.Symbol {
			out = append(out, t.Text)
		} else if t.Kind == source.Name && i > 1 && a.toks[0].Is("%") {
			out = append(out, t.Text)
		}
	}
	return out
}

// has says whether key stands anywhere in the argument with the value, as in
// index: {algorithm: :concurrently}.
func (a arg) has(key string, values ...string) bool {
	for i, t := range a.toks {
		if t.Text != key || i+2 >= len(a.toks) || t.Kind == source.Punct {
			continue
		}
		next := a.toks[i+2]
		if a.toks[i+1].Is("=") && next.Is(">") && i+3 < len(a.toks) {
			next = a.toks[i+3]
		}
		for _, v := range values {
			if strings.EqualFold(next.Text, v) {
				return true
			}
		}
	}
	return false
}

// anywhere says whether key: value stands anywhere among the arguments.
func (c *call) anywhere(key string, values ...string) bool {
	if c.is(key, values...) {
		return true
	}
	for _, a := range c.args {
		if a.has(key, values...) {
			return true
		}
	}
	return false
}

// text is a call's source in one normal form, for comparing.
func (p *program) text(c *call) string {
	var b strings.Builder
	b.WriteString(c.recv)
	b.WriteByte('.')
	for i := c.at; i < min(c.end, c.at+maxArgs); i++ {
		if t := p.toks[i]; t.Kind != source.Newline {
			b.WriteByte(byte('0' + t.Kind))
			b.WriteString(t.Text)
			b.WriteByte(0)
		}
	}
	if c.back {
		b.WriteByte(1)
	}
	return b.String()
}
