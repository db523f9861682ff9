package sql

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect/bound"
)

// kind is the sort of a token.
type kind uint8

const (
	word   kind = iota // an unquoted name or keyword
	quoted             // a quoted name: "…", `…`, […], or a template's placeholder
	text               // a string literal: '…', E'…', N'…'
	dollar             // $tag$…$tag$
	number
	punct // one byte of anything else
	end   // the end of a statement: ;, GO, a DELIMITER's mark, a lone /
)

// token is a piece of the source. Its bytes are src[from:to].
type token struct {
	kind     kind
	from, to int
	line     int
}

// A reading is how a text is lexed where dialects contradict each other. A file
// in which both readings differ, and whose dialect its path does not tell, is
// read both ways: what one of them hides, the other shows.
type reading struct {
	// mysql: \ escapes inside '…', # begins a comment, -- does so only before
	// a space, and block comments do not nest.
	mysql bool
	// ansi: '…' knows no escapes and # is an operator, for sure.
	ansi bool
}

// lexer splits a text into tokens. It accepts any bytes and looks at each a
// bounded number of times: a text in which too much is looked for in vain stops
// it (package bound).
type lexer struct {
	src  string
	pos  int
	line int
	reading

	delimiter string // of a DELIMITER command; empty: none
	waste     bound.Waste
	fresh     bool // no token of this statement yet
	bol       bool // only spaces since the line began
	forked    bool // something was met that the readings differ on
	marks     func(comment string)
}

const (
	cSpace = 1 << iota
	cWord  // may begin a word
	cDigit // may continue a word
)

var class = func() (t [256]uint8) {
	for c := 'a'; c <= 'z'; c++ {
		t[c], t[c-32] = cWord, cWord
	}
	for c := '0'; c <= '9'; c++ {
		t[c] = cDigit
	}
	for c := 128; c < 256; c++ {
		t[c] = cWord
	}
	t['_'], t['@'] = cWord, cWord
	for _, c := range " \t\r\n\f\v" {
		t[c] = cSpace
	}
	return t
}()

// next returns the next token, or false at the end of the text.
func (l *lexer) next() (token, bool) {
	for l.pos < len(l.src) {
		c := l.src[l.pos]
		switch {
		case c == '\n':
			l.line++
			l.pos++
			l.bol = true
			continue
		case class[c]&cSpace != 0:
			l.pos++
			continue
		}
		if l.skipComment(c) {
			continue
		}
		if l.bol {
			if t, ok, skipped := l.lineCommand(c); ok {
				return t, true
			} else if skipped {
				continue
			}
		}
		l.bol = false
		return l.lexeme(c), true
	}
	return token{}, false
}

func (l *lexer) numberToken(t *token) {
	t.kind = number
	for l.pos < len(l.src) && (class[l.src[l.pos]]&(cWord|cDigit) != 0 || l.src[l.pos] == '.') {
		l.pos++
	}
}

// lexeme reads the token that begins with c, which is no space and begins no
// comment.
func (l *lexer) lexeme(c byte) token {
	t := token{from: l.pos, line: l.line}
	switch {
	case l.delimiter != "" && strings.HasPrefix(l.src[l.pos:], l.delimiter):
		t.kind = end
		l.pos += len(l.delimiter)
	case c == ';':
		t.kind = end
		l.pos++
	case class[c]&cWord != 0:
		l.wordToken(&t)
	case class[c]&cDigit != 0:
		l.numberToken(&t)
	case c == '\'':
		t.kind = l.quote(text, '\'', l.mysql)
	case c == '"' || c == '`':
		t.kind = l.quote(quoted, c, l.mysql && c == '"')
	case c == '[':
		t.kind = l.bracket()
	case c == '$':
		t.kind = l.dollarQuote()
	case c == '#' && strings.HasPrefix(l.src[l.pos:], "#{"):
		l.pos++
		t.kind = l.template()
	case c == '#' && l.pos+1 < len(l.src) && class[l.src[l.pos+1]]&cWord != 0:
		l.pos++ // MSSQL's #temporary
		l.wordToken(&t)
	case c == '{' || c == '<':
		t.kind = l.template()
	default:
		t.kind = punct
		l.pos++
	}
	t.to = l.pos
	return t
}

// wordToken reads a word, or the string that its prefix introduces.
func (l *lexer) wordToken(t *token) {
	t.kind = word
	start := l.pos
	for l.pos < len(l.src) && (class[l.src[l.pos]]&(cWord|cDigit) != 0 || l.src[l.pos] == '$' && l.delimiter != "$$" && !l.opensDollar()) {
		l.pos++
	}
	if l.pos-start > 2 || l.pos >= len(l.src) || l.src[l.pos] != '\'' {
		return
	}
	switch l.src[start] | 0x20 {
	case 'e':
		t.kind = l.quote(text, '\'', true)
	case 'n', 'b', 'x', 'q', 'u', '_':
		t.kind = l.quote(text, '\'', l.mysql)
	}
}

// opensDollar says whether $tag$ begins here: AS$$…$$ is legal.
func (l *lexer) opensDollar() bool {
	return strings.HasPrefix(l.src[l.pos:], "$$")
}

// quote reads a quoted text, doubled quotes included, as a token of kind k. A
// quote that nothing closes is punctuation: a stray apostrophe hides nothing.
func (l *lexer) quote(k kind, q byte, escapes bool) kind {
	i, line := l.pos+1, l.line
	for i < len(l.src) {
		switch c := l.src[i]; {
		case c == '\n':
			l.line++
		case c == '\\' && i+1 < len(l.src):
			if escapes {
				if l.src[i+1] == '\n' {
					l.line++
				}
				i++
			} else if l.src[i+1] == q && q != '`' {
				l.forked = true
			}
		case c == q:
			if i+1 >= len(l.src) || l.src[i+1] != q {
				l.pos = i + 1
				return k
			}
			i++
		}
		i++
	}
	l.waste.Add(len(l.src)-l.pos, len(l.src))
	l.line = line
	l.pos++
	return punct
}

// bracket reads MSSQL's [name]; an array subscript stays punctuation.
func (l *lexer) bracket() kind {
	if l.pos > 0 {
		if p := l.src[l.pos-1]; class[p]&(cWord|cDigit) != 0 || p == ']' || p == ')' || p == '"' {
			l.pos++
			return punct
		}
	}
	for i := l.pos + 1; i < len(l.src) && i < l.pos+130; i++ {
		c := l.src[i]
		if c == ']' && i > l.pos+1 {
			l.pos = i + 1
			return quoted
		}
		if class[c]&cWord == 0 && (i == l.pos+1 || class[c]&cDigit == 0 && !strings.ContainsRune(" #$.-", rune(c))) {
			break
		}
	}
	l.pos++
	return punct
}

// dollarQuote reads $tag$…$tag$, a placeholder ($1, ${name}), or a bare $.
func (l *lexer) dollarQuote() kind {
	i := l.pos + 1
	for i < len(l.src) && i-l.pos < 70 && class[l.src[i]]&(cWord|cDigit) != 0 {
		i++
	}
	if i < len(l.src) && l.src[i] == '$' && (i == l.pos+1 || class[l.src[l.pos+1]]&cDigit == 0) {
		tag := l.src[l.pos : i+1]
		if n := strings.Index(l.src[i+1:], tag); n >= 0 {
			stop := i + 1 + n + len(tag)
			l.line += strings.Count(l.src[l.pos:stop], "\n")
			l.pos = stop
			return dollar
		}
		l.waste.Add(len(l.src)-i, len(l.src))
	}
	if i < len(l.src) && l.src[i] == '{' {
		if n := strings.IndexByte(l.src[i:min(len(l.src), i+200)], '}'); n > 0 {
			l.pos = i + n + 1
			return quoted
		}
	}
	l.pos = max(i, l.pos+1)
	return punct
}

// template reads a placeholder of Jinja, Mustache or ERB as a name.
func (l *lexer) template() kind {
	rest := l.src[l.pos:min(len(l.src), l.pos+400)]
	for _, p := range [...][2]string{{"{{", "}}"}, {"<%", "%>"}, {"{%", "%}"}} {
		if !strings.HasPrefix(rest, p[0]) {
			continue
		}
		if n := strings.Index(rest, p[1]); n > 0 {
			l.line += strings.Count(rest[:n], "\n")
			l.pos += n + len(p[1])
			if p[0] == "{%" || p[0] == "<%" && rest[2] != '=' {
				return punct
			}
			return quoted
		}
	}
	if n := strings.IndexAny(rest[:min(len(rest), 80)], "}\n'\";"); rest[0] == '{' && n > 0 && rest[n] == '}' {
		l.pos += n + 1 // a format's {name}
		return quoted
	}
	l.pos++
	return punct
}
