package program

import (
	"strings"
	"sync"

	"github.com/gatehold/gatehold/internal/detect/source"
)

// reader reads one program.
type reader struct {
	src       string
	lang      source.Language
	toks      []source.Token
	said      string // the text in small letters, without comments
	migration bool
	memory    bool           // its database lives in memory, or is made for a test
	given     map[string]int // where the value of a name begins
	graphql   func() string
	signs     map[*string]bool // lists of signs, by their first, that were looked for
}

func newReader(body string, lang source.Language) *reader {
	r := &reader{src: body, lang: lang, toks: source.Tokens(body, lang), given: map[string]int{}, signs: map[*string]bool{}}
	var b strings.Builder
	end := 0
	for i, t := range r.toks {
		if t.From > end {
			b.WriteByte(' ')
		}
		if t.To >= t.From && t.Kind != source.Newline {
			b.WriteString(body[t.From:t.To])
		}
		end = t.To
		if t.Kind == source.Name && len(r.given) < 2000 && r.at(i+1).Is("=") && !r.at(i+2).Is("=") {
			r.given[t.Text] = i + 2
		} else if t.Kind == source.Name && r.at(i+1).Is(":") && r.at(i+2).Is("=") {
			r.given[t.Text] = i + 3
		}
	}
	r.said = strings.ToLower(b.String())
	r.memory = anyIn(r.said, inMemory)
	r.graphql = sync.OnceValue(func() string { return graphqlOf(r.toks) })
	return r
}

// inMemory are parts of texts whose databases and clouds last as long as a test.
var inMemory = []string{":memory:", "testcontainers", "mongodb-memory-server", "mongomock", "fakeredis", "localstack", "pg-mem",
	"ioredis-mock", "redis-mock", "embeddedpostgres", "embedded-postgres", "useinmemorydatabase", "jdbc:h2:mem", "sqlite::memory",
	"mock_aws", "aws-sdk-client-mock", "miniredis", "sqlmock", "pytest.fixture", "file::memory"}

// signed tells whether one of a library's signs is in the text; where there are none
// it needs none.
func (r *reader) signed(list []string) bool {
	if len(list) == 0 {
		return true
	}
	yes, known := r.signs[&list[0]]
	if !known {
		yes = anyIn(r.said, list)
		r.signs[&list[0]] = yes
	}
	return yes
}

func anyIn(s string, parts []string) bool {
	for _, p := range parts {
		if strings.Contains(s, p) {
			return true
		}
	}
	return false
}

func (r *reader) at(i int) source.Token {
	if i < 0 || i >= len(r.toks) {
		return source.Token{Kind: source.Newline}
	}
	return r.toks[i]
}

// call is one call with what stands around it.
type call struct {
	name   string   // folded
	chain  []string // folded names before it: a.b(c).NAME
	behind []string // those of the calls that follow on it
	args   []source.Token
	from   int // index of the name
	end    int // index behind the arguments
	line   int
}

// The bounds of one call, in tokens.
const (
	maxArgs  = 600
	maxChain = 200
)

func fold(name string) string { return source.Fold(name) }

// each calls f for all that the program destroys.
func (r *reader) each(f func(hit)) {
	for i, t := range r.toks {
		switch t.Kind {
		case source.Name:
			name := fold(t.Text)
			if c, ok := r.byName(i, name); ok {
				r.judge(&c, f)
			}
			if known().calls[name] || known().globbed(name) || removers[name] || requests[name] {
				if c, ok := r.call(i, name); ok {
					r.judge(&c, f)
				}
			}
			r.switched(i, name, f)
		case source.String:
			r.switched(i, fold(t.Text), f)
			r.mutation(t, f)
		}
	}
}

// call takes a call apart, if the name at token i is one.
func (r *reader) call(i int, name string) (call, bool) {
	c := call{name: name, from: i, line: r.toks[i].Line}
	next := r.at(i + 1)
	switch {
	case next.Is("("):
		c.end = r.closing(i + 1)
		c.args = r.toks[i+2 : max(i+2, c.end-1)]
	case r.lang == source.Ruby && !next.Is("=") && !next.Is(":"):
		c.end = i + 1
		for c.end < min(len(r.toks), i+maxArgs) && r.at(c.end).Kind != source.Newline && !r.at(c.end).Is("do") && !r.at(c.end).Is(".") {
			c.end++
		}
		c.args = r.toks[i+1 : c.end]
	default:
		return c, false
	}
	if r.declared(i, c.end) {
		return c, false
	}
	c.chain, c.behind = r.before(i), r.after(c.end)
	return c, true
}

// lookups are the calls by which a program asks for a method by its name.
var lookups = setOf("getattr attrgetter methodcaller publicsend send getmethod callstatic calluserfunc")

// byName takes a call apart whose name is put together from texts: it is the
// call that they come to.
func (r *reader) byName(i int, name string) (call, bool) {
	c := call{from: i, line: r.toks[i].Line}
	if !lookups[name] || !r.at(i+1).Is("(") {
		return c, false
	}
	c.end = r.closing(i + 1)
	var b strings.Builder
	for k := i + 2; k < c.end && r.at(k).Kind != source.Newline; k++ {
		switch t := r.at(k); {
		case t.Kind == source.String:
			b.WriteString(t.Text)
		case t.Is(",") && b.Len() > 0:
			k = c.end
		}
	}
	if c.name = fold(b.String()); !known().calls[c.name] && !known().globbed(c.name) {
		return c, false
	}
	if r.at(c.end).Is("(") {
		end := r.closing(c.end)
		c.args = r.toks[c.end+1 : max(c.end+1, end-1)]
		c.end = end
	}
	c.chain, c.behind = r.before(i), r.after(c.end)
	return c, true
}

// declared tells whether a name is one that is being declared.
func (r *reader) declared(i, end int) bool {
	prev := r.at(i - 1)
	if prev.Kind != source.Name {
		return false
	}
	switch prev.Text {
	case "def", "function", "func", "class", "fn", "fun", "void", "sub", "defp", "async", "static", "public", "private", "protected":
		return true
	case "return", "await", "new", "yield", "else", "do", "in", "not", "and", "or", "then", "throw", "raise", "case", "go", "defer", "if",
		"unless", "try", "assert":
		return false
	}
	return r.lang != source.Ruby && r.lang != source.Elixir && r.at(end).Is("{")
}

// closing is the index behind the bracket that closes the one at token i.
func (r *reader) closing(i int) int {
	depth := 0
	for k := i; k < min(len(r.toks), i+maxArgs); k++ {
		switch t := r.toks[k]; {
		case t.Is("("), t.Is("["), t.Is("{"):
			depth++
		case t.Is(")"), t.Is("]"), t.Is("}"):
			if depth--; depth <= 0 {
				return k + 1
			}
		}
	}
	return min(len(r.toks), i+maxArgs)
}

// before are the names in front of the one at token i, nearest first.
func (r *reader) before(i int) (out []string) {
	k, joined := i-1, false
	for steps := 0; steps < maxChain && k >= 0 && len(out) < 12; steps++ {
		switch t := r.at(k); {
		case r.joins(k):
			joined = true
			k--
		case t.Kind == source.Newline && (joined || r.joins(k-1) || r.joins(k+1)):
			k--
		case !joined:
			return out
		case t.Is(")"), t.Is("]"):
			k = r.opening(k) - 1
			joined = r.at(k).Kind == source.Name || r.joins(k) || r.at(k).Is(")") || r.at(k).Is("]")
		case t.Kind == source.Name:
			out = append(out, fold(t.Text))
			k--
			joined = false
		default:
			return out
		}
	}
	return out
}

// joins tells whether a sign at token k stands between a name and what it has.
func (r *reader) joins(k int) bool {
	switch t := r.at(k); {
	case t.Is("."), t.Is("?"), t.Is("!"), t.Is("&"), t.Is(":"):
		return true
	case t.Is(">"):
		return r.at(k - 1).Is("-")
	case t.Is("-"):
		return r.at(k + 1).Is(">")
	}
	return false
}

// opening is the index of the bracket that the one at token k closes.
func (r *reader) opening(k int) int {
	depth := 0
	for i := k; i > max(0, k-maxChain); i-- {
		switch t := r.toks[i]; {
		case t.Is(")"), t.Is("]"), t.Is("}"):
			depth++
		case t.Is("("), t.Is("["), t.Is("{"):
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return max(0, k-maxChain)
}

// after are the names of the calls that follow on one.
func (r *reader) after(end int) (out []string) {
	for len(out) < 10 {
		for r.at(end).Kind == source.Newline && end < len(r.toks) && (r.at(end+1).Is(".") || r.at(end+1).Is("-")) {
			end++
		}
		if r.at(end).Is("-") && r.at(end+1).Is(">") {
			end++
		} else if !r.at(end).Is(".") {
			return out
		}
		out = append(out, fold(r.at(end+1).Text))
		end += 2
		if r.at(end).Is("(") {
			end = r.closing(end)
		}
	}
	return out
}

// pairs are the keys among the arguments with the words that they are given.
func (c *call) pairs(f func(key, value string)) {
	for i, t := range c.args {
		if t.Kind != source.Name && t.Kind != source.String && t.Kind != source.Symbol {
			continue
		}
		k := i + 1
		for k < len(c.args) && k < i+4 && (c.args[k].Is(":") || c.args[k].Is("=") || c.args[k].Is(">")) {
			k++
		}
		if k > i+1 && k < len(c.args) {
			f(fold(t.Text), strings.ToLower(c.args[k].Text))
		}
	}
}

// empty tells whether a call is given nothing that narrows what it does: no
// arguments, an empty object, a context.
func (c *call) empty() bool {
	for _, t := range c.args {
		switch {
		case t.Kind == source.Newline, t.Kind == source.Punct && strings.Contains("{}()[],:=.&", t.Text):
		case t.Kind == source.Name && (nothings[fold(t.Text)]):
		default:
			return false
		}
	}
	return true
}

// first is a call with its first argument alone.
func (c *call) first() *call {
	depth := 0
	for i, t := range c.args {
		switch {
		case t.Is("("), t.Is("["), t.Is("{"):
			depth++
		case t.Is(")"), t.Is("]"), t.Is("}"):
			depth--
		case t.Is(",") && depth == 0:
			return &call{args: c.args[:i]}
		}
	}
	return &call{args: c.args}
}

// nothings are names of arguments that narrow nothing.
var nothings = map[string]bool{"ctx": true, "context": true, "background": true, "where": true, "todo": true, "null": true, "nil": true,
	"none": true, "undefined": true, "bson": true, "d": true, "m": true, "filter": true, "tx": true, "new": true, "document": true,
	"dict": true, "objects": true, "map": true, "of": true, "interface": true, "string": true, "query": true, "primitive": true}

// object is the first string that a call is given, or that stands in its chain.
func (r *reader) object(c *call) string {
	for _, t := range c.args {
		if t.Kind == source.String && t.Text != "" && len(t.Text) < 200 && !strings.Contains(t.Text, "\n") {
			return t.Text
		}
	}
	for k := c.from - 1; k > max(0, c.from-20) && r.at(k).Line >= c.line-3; k-- {
		if t := r.at(k); t.Kind == source.String && t.Text != "" && r.at(k+1).Is(")") {
			return t.Text
		} else if t.Is(";") || t.Is("=") || t.Is("{") || t.Is("}") {
			break
		}
	}
	if len(c.chain) > 0 {
		return c.chain[0]
	}
	return ""
}

// text is a call as it is compared with others.
func (r *reader) text(c *call) string {
	var b strings.Builder
	for _, n := range c.chain {
		b.WriteString(n + ".")
	}
	for i := c.from; i < c.end; i++ {
		if t := r.at(i); t.Kind != source.Newline {
			b.WriteString(t.Text + "\x00")
		}
	}
	b.WriteString(strings.Join(c.behind, "."))
	return b.String()
}

// inside tells whether a call stands right behind a question for a test or for a
// developer's machine.
func (r *reader) inside(i int) bool {
	for k := i - 1; k > max(0, i-30); k-- {
		t := r.at(k)
		switch {
		case t.Is("}"), t.Is("else"):
			return false
		case t.Kind == source.String && stages[strings.ToLower(t.Text)]:
			return r.equals(k-2) && !r.at(k-3).Is("!") || r.equals(k+1)
		case t.Kind == source.Name && flags[fold(t.Text)] && (r.at(k-1).Is("if") || r.at(k-1).Is("(") || r.at(k-1).Is(".")):
			return !r.at(k - 2).Is("not")
		}
	}
	return false
}

// equals tells whether two signs stand at token k that ask whether one is another.
func (r *reader) equals(k int) bool { return r.at(k).Is("=") && r.at(k+1).Is("=") }

var (
	stages = map[string]bool{"test": true, "testing": true, "development": true, "dev": true, "local": true}
	flags  = map[string]bool{"debug": true, "testing": true, "isdev": true, "istest": true, "isdevelopment": true}
)
