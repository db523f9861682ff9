package sql

import (
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/bound"
	"github.com/gatehold/gatehold/internal/detect/source"
)

// maxHost bounds the program text that is read for SQL. A larger one is no
// hand-written source.
const maxHost = 4 << 20

// literal is one string of a program, its concatenated parts joined.
type literal struct {
	text     string
	line     int
	calls    bool // handed to something named like exec, query or raw
	listed   bool // one of several in a list, in a text that names no database
	into     string
	backward bool // of a migration's way back
}

// embedded judges the strings of a program that are SQL. In a migration each
// statement counts; elsewhere only what destroys data or opens it up.
func embedded(f *change.File, p source.Path, r *detect.Report) {
	body := f.After.Body
	if !mayDestroy(body) && !p.Migration && !isDbt(p) {
		return
	}
	if len(body) > maxHost {
		r.Add(detect.Observation{Kind: unread, Object: f.Path, Detail: "larger than 4 MiB"})
		return
	}
	shared := newJudge(dialectOf(p))
	// Where the reading is stopped, what it had found counts all the same.
	if err := bound.Catch(func() { judgeLiterals(f, p, shared, r) }); err != nil {
		r.Add(detect.Observation{Kind: unread, Object: f.Path, Detail: err.Error(), Bound: true})
	}
	for _, h := range shared.found(nil) {
		r.Add(detect.Observation{Kind: h.kind, Line: h.line, Object: h.object, Detail: h.detail})
	}
}

// judgeLiterals judges the strings of a program: those of a migration together
// by shared, others each by itself.
func judgeLiterals(f *change.File, p source.Path, shared *judge, r *detect.Report) {
	was := map[string]int{}
	if f.Before.State == change.Loaded && len(f.Before.Body) <= maxHost {
		for _, l := range literals(f.Before.Body, p) {
			was[l.key()]++
		}
	}
	for _, l := range literals(f.After.Body, p) {
		old := was[l.key()] > 0
		if old {
			was[l.key()]--
		}
		j := shared
		if !p.Migration {
			if old || l.listed || !mayDestroy(l.text) || !l.plausible() {
				continue
			}
			j = newJudge(dialectOf(p))
		}
		j.strict, j.old, j.rollback = true, old, l.backward || p.Rollback
		s := splitter{lex: lexer{src: l.text, line: l.line, reading: reading{mysql: p.Database == source.MySQL}}}
		s.each(j.statement)
		if j != shared {
			reportCode(j.found(nil), p, r)
		}
	}
}

// reportCode reports what code outside of migrations does.
func reportCode(hits []hit, p source.Path, r *detect.Report) {
	for _, h := range hits {
		if h.kind.Read().Risk < 50 && h.kind != fullRefresh {
			continue
		}
		if p.Test {
			h.detail, h.kind = strings.TrimSpace(h.kind.Title+" "+h.detail), inTest
		}
		r.Add(detect.Observation{Kind: h.kind, Line: h.line, Object: h.object, Detail: h.detail})
	}
}

// literals returns the strings of a program that begin like SQL.
func literals(body string, p source.Path) []literal {
	switch {
	case isSettings(p):
		return settingsLiterals(body)
	case isDbt(p):
		return dbtLiterals(body)
	case isMarkup(p.Ext) && !p.Migration:
		return queryLiterals(body, p.Ext)
	case isMarkup(p.Ext):
		return markupLiterals(body, p.Ext)
	}
	lang := source.LanguageOf(p.Ext)
	b := builder{lang: lang}
	if !p.Migration {
		source.Each(body, lang, func(t source.Token) bool {
			b.token(t, false)
			return true
		})
	} else {
		toks := source.Tokens(body, lang)
		back := source.Backward(toks, lang)
		for i, t := range toks {
			b.token(t, back[i])
		}
	}
	b.flush()
	for i := range b.out {
		b.out[i].listed = b.out[i].listed && !b.runner
	}
	return b.out
}

// maxBuilt bounds a text that a program builds by statements.
const maxBuilt = 4 << 10

// builder joins the parts of a string that a program puts together.
type builder struct {
	lang   source.Language
	out    []literal
	parts  []string
	line   int
	back   bool
	into   string
	joined bool // an operator that concatenates came last
	expr   bool // within an expression that is part of the string
	depth  int
	listed bool
	last   [2]source.Token // the last ones that end no line, newest first
	items  []string        // the strings of the list that was read last
	first  int             // its line
	joins  bool            // it is handed to join
	runner bool            // a name somewhere is of a database or of what runs SQL

	names [4]source.Token // the last names, newest first
}

func (b *builder) token(t source.Token, back bool) {
	b.step(t, back)
	if t.Kind == source.Newline {
		return
	}
	b.list(t)
	b.last[1], b.last[0] = b.last[0], t
	b.runner = b.runner || t.Kind == source.Name && ofDatabase(t.Text)
}

func (b *builder) step(t source.Token, back bool) {
	if len(b.parts) == 0 {
		b.outside(t, back)
		return
	}
	switch {
	case t.Kind == source.Newline:
		b.expr = b.expr && b.depth > 0
		return
	case b.expr && b.inParens(t):
	case t.Kind == source.String && (b.joined || b.lang == source.Python && !b.expr):
		b.parts = append(b.parts, t.Text)
		b.joined, b.expr = false, false
	case b.concatenates(t):
		b.joined, b.expr = true, false
	case b.joined:
		b.parts = append(b.parts, " {x} ")
		b.joined, b.expr, b.depth = false, true, 0
	case b.expr && goesOn(t):
	default:
		b.flush()
		if t.Kind == source.String {
			b.begin(t, back)
		} else {
			b.step(t, back)
		}
	}
}

// outside takes a token that is of no string.
func (b *builder) outside(t source.Token, back bool) {
	switch t.Kind {
	case source.Name:
		copy(b.names[1:], b.names[:3])
		b.names[0] = t
	case source.String:
		b.begin(t, back)
	}
}

// inParens says whether the token is a parenthesis of an expression, or within one.
func (b *builder) inParens(t source.Token) bool {
	switch {
	case t.Is("("):
		b.depth++
	case b.depth == 0:
		return false
	case t.Is(")"):
		b.depth--
	}
	return true
}

// concatenates says whether the token joins strings in the language.
func (b *builder) concatenates(t source.Token) bool {
	switch {
	case t.Is("+"), t.Is("\\"), t.Is("&"):
		return true
	case t.Is("."):
		return b.lang == source.PHP || b.lang == source.Perl || b.lang == source.Lua
	case t.Is("<"), t.Is(">"):
		return b.lang == source.Elixir
	}
	return false
}

// goesOn says whether the token can be of an expression that has begun.
func goesOn(t source.Token) bool {
	return t.Kind == source.Name || t.Is(".") || t.Is("-") || t.Is(">") || t.Is("[") || t.Is("]")
}

func (b *builder) begin(t source.Token, back bool) {
	into := b.target()
	if n := len(b.out); n > 0 && into != "" && b.out[n-1].into == into && t.Line-b.out[n-1].line < 20 && b.adds() &&
		len(b.out[n-1].text) < maxBuilt {
		b.out[n-1].text += t.Text
		return
	}
	if !b.maybeSQL(t) {
		return
	}
	b.into, b.listed = into, b.last[0].Is("[") || b.last[0].Is(",") || b.last[0].Is("{")
	b.parts = append(b.parts[:0], t.Text)
	b.line, b.back = t.Line, back
	b.joined, b.expr, b.depth = false, false, 0
}

// maybeSQL says whether a string may be SQL: it begins with a verb, or with one
// that is put in, or it is handed to what runs SQL and has a statement in it.
func (b *builder) maybeSQL(t source.Token) bool {
	s := t.Text
	if strings.Contains(s, `\`) {
		s = unescape(s)
	}
	verb, rest := firstWord(s)
	if isVerb(verb) {
		return true
	}
	if verb == "" && rest != "" && (rest[0] == '#' || rest[0] == '{' || rest[0] == '$' || rest[0] == '%') {
		return heldVerb(rest)
	}
	b.line = t.Line
	return b.runs() && strings.IndexByte(s, ';') >= 0 && mayDestroy(s)
}

// heldVerb says whether a text begins with a placeholder where the verb belongs.
func heldVerb(s string) bool {
	n := strings.IndexAny(s[:min(len(s), 80)], " \t\n")
	if n < 2 {
		return false
	}
	next, rest := firstWord(s[n:])
	object, _ := firstWord(rest)
	return oneOf(next, "TABLE", "DATABASE", "SCHEMA") && object != "" || next == "FROM" && s[0] != '%' && object != ""
}

func (b *builder) flush() {
	if len(b.parts) == 0 {
		return
	}
	text := strings.Join(b.parts, "")
	if strings.Contains(text, `\`) {
		text = unescape(text)
	}
	b.out = append(b.out, literal{text: text, line: b.line, backward: b.back, calls: b.runs(), listed: b.listed, into: b.into})
	b.parts = b.parts[:0]
}

// runs says whether one of the last names sounds like running SQL.
func (b *builder) runs() bool {
	for _, n := range b.names {
		if n.Text == "" || b.line-n.Line > 3 {
			continue
		}
		low := strings.ToLower(n.Text)
		for _, w := range [...]string{"exec", "query", "sql", "raw", "statement", "prepare", "cursor", "stmt", "unprepared", "connection"} {
			if strings.Contains(low, w) {
				return true
			}
		}
	}
	return false
}

// mayDestroy looks for the words without which no string can do harm.
func mayDestroy(body string) bool {
	for i := 0; i+6 < len(body); i++ {
		switch body[i] | 0x20 {
		case 'd':
			if hasWord(body[i:], "DROP") || hasWord(body[i:], "DELETE") {
				return true
			}
		case 't':
			if hasWord(body[i:], "TRUNCATE") {
				return true
			}
		case 'u':
			if hasWord(body[i:], "UPDATE") {
				return true
			}
		case 'a':
			if hasWord(body[i:], "ALTER") {
				return true
			}
		case 'g':
			if hasWord(body[i:], "GRANT") {
				return true
			}
		case 'r':
			if hasWord(body[i:], "REPLACE") || hasWord(body[i:], "REMOVE") {
				return true
			}
		}
	}
	return false
}
