package sql

import (
	"strings"
	"unicode"
	"unicode/utf8"

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
	meta  // a command of the client: \connect, \gexec, :setvar
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
	// mssql: […] is a name whatever stands in it, and ]] is a ] of it.
	mssql bool
	// psql: what a backslash begins is a command of psql, for sure.
	psql bool
	// sqlite: $tag$ is a name and begins no text, for sure.
	sqlite bool
	// oracle: q'[…]' is a text that ends at ]' alone.
	oracle bool
	// client: the text goes through psql, mysql or sqlcmd, whose own commands
	// begin with a backslash or a colon.
	client bool
}

// forks are the readings that take something in a text otherwise.
type forks uint8

const (
	toMySQL forks = 1 << iota
	toMSSQL
	toOracle
	toSQLite
)

// lexer splits a text into tokens. It accepts any bytes and looks at each a
// bounded number of times: a text in which too much is looked for in vain stops
// it (package bound).
type lexer struct {
	src  string
	pos  int
	line int
	reading

	delimiter string // of a DELIMITER command; empty: none
	commanded int    // behind the last command of the client
	begun     bool   // mysql has something of this statement that is no token
	executed  bool   // a comment is open that MySQL executes
	eol       int    // where the line ends that was last looked at
	endAt     int    // where a line ends that ends its statement
	waste     bound.Waste
	fresh     bool  // no token of this statement yet
	bol       bool  // only spaces since the line began
	forked    forks // what was met that other readings take otherwise
	noRows    bool  // a COPY of this text has no end of rows: they are not looked for again
	rows      bool  // the lines that follow are those of a COPY
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
	for c := 1; c <= ' '; c++ { // SQL Server takes control characters for spaces
		t[c] = cSpace
	}
	return t
}()

// blank says whether a byte is a space for everybody.
func blank(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

// wideSpace is the length of a space beyond ASCII that a text begins with, 0
// where it begins with none. SQL Server takes them for spaces; elsewhere they
// are letters, and a statement with one is no statement at all.
func wideSpace(s string) int {
	if s[0] < 0x80 {
		return 0
	}
	r, n := utf8.DecodeRuneInString(s)
	if unicode.IsSpace(r) || r == '\ufeff' || r == '\u200b' || r == '\u180e' {
		return n
	}
	return 0
}

// next returns the next token, or false at the end of the text.
func (l *lexer) next() (token, bool) {
	for l.pos < len(l.src) {
		c := l.src[l.pos]
		switch {
		case c == '\n':
			if l.endAt == l.pos && l.pos > 0 {
				t := token{kind: end, from: l.pos, to: l.pos + 1, line: l.line}
				l.newline()
				return t, true
			}
			l.newline()
			continue
		case l.space(c):
			continue
		}
		if l.skipComment(c) {
			continue
		}
		if t, ok, skipped := l.clientCommand(c); ok {
			return t, true
		} else if skipped {
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

// space steps over a space that is no line feed, and says whether one was here.
func (l *lexer) space(c byte) bool {
	switch {
	case c == '\r':
		l.bol = l.bol || !l.mysql && !l.lineFeedNext()
		l.pos++
	case class[c]&cSpace != 0:
		if !blank(c) { // SQL Server's
			l.forks(toMySQL)
			l.begun = l.begun || l.mysql
		}
		l.pos++
	case c >= 0x80:
		n := wideSpace(l.src[l.pos:])
		l.begun = l.begun || n > 0 && l.mysql && (l.pos > 0 || c != 0xef)
		l.pos += n
		return n > 0
	default:
		return false
	}
	return true
}

// newline steps over a line feed, and over the rows of a COPY behind it.
func (l *lexer) newline() {
	l.line++
	l.pos++
	l.bol = true
	if l.rows {
		l.rows = false
		l.skipRows()
	}
}

// lineFeedNext says whether the carriage return here is followed by the line
// feed that it belongs to.
func (l *lexer) lineFeedNext() bool {
	return l.pos+1 < len(l.src) && l.src[l.pos+1] == '\n'
}

func (l *lexer) numberToken(t *token) {
	t.kind = number
	for from := l.pos; l.pos < len(l.src) && (class[l.src[l.pos]]&(cWord|cDigit) != 0 || l.src[l.pos] == '.'); l.pos++ {
		if l.pos > from && l.delimits() {
			break
		}
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
	case class[c]&cWord != 0 || c == '$' && l.bareDollar():
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
	case c == '#':
		l.hash(&t)
	case c == '{' || c == '<':
		t.kind = l.template()
	default:
		t.kind = punct
		l.pos++
	}
	t.to = l.pos
	return t
}

// hash reads what begins with #: a placeholder of Ruby, MSSQL's #temporary.
func (l *lexer) hash(t *token) {
	l.pos++
	switch {
	case l.pos < len(l.src) && l.src[l.pos] == '{':
		t.kind = l.template()
	case l.pos < len(l.src) && class[l.src[l.pos]]&cWord != 0:
		l.wordToken(t)
	default:
		t.kind = punct
	}
}

// bareDollar says whether the $ here begins a name: MySQL and SQLite know no $tag$.
func (l *lexer) bareDollar() bool {
	return (l.mysql || l.sqlite) && l.pos+1 < len(l.src) && l.src[l.pos+1] != '{' && l.src[l.pos+1] != '('
}

// wordToken reads a word, or the string that its prefix introduces. A $ belongs
// to the word that it follows, for PostgreSQL and MySQL alike.
func (l *lexer) wordToken(t *token) {
	t.kind = word
	start := l.pos
	for l.pos < len(l.src) {
		c := l.src[l.pos]
		if class[c]&(cWord|cDigit) == 0 && c != '$' || l.pos > start && l.delimits() {
			break
		}
		if c >= 0x80 {
			if wideSpace(l.src[l.pos:]) > 0 {
				break
			}
		} else if c == '$' && l.pos+1 < len(l.src) && (l.src[l.pos+1] == '{' || l.src[l.pos+1] == '(') {
			break
		}
		l.pos++
	}
	l.prefixed(t, start)
}

// prefixed reads the string that the word from start introduces, if it does.
func (l *lexer) prefixed(t *token, start int) {
	if l.pos-start > 2 || l.pos >= len(l.src) || l.src[l.pos] != '\'' {
		return
	}
	switch l.src[start] | 0x20 {
	case 'e':
		t.kind = l.quote(text, '\'', !l.sqlite && !l.mssql && !l.oracle)
	case 'n', 'b', 'x', 'q', 'u', '_':
		if l.src[l.pos-1]|0x20 == 'q' && l.alternative() {
			t.kind = text
			return
		}
		t.kind = l.quote(text, '\'', l.mysql)
	}
}

// delimits says whether the mark of DELIMITER stands here: the client of MySQL
// looks for it in words too.
func (l *lexer) delimits() bool {
	return l.delimiter != "" && l.src[l.pos] == l.delimiter[0] && strings.HasPrefix(l.src[l.pos:], l.delimiter)
}

// ends says whether a semicolon stands in what would be a placeholder, outside of
// its quotes: nobody who fills them in wrote it.
func ends(inside string) bool {
	quote := byte(0)
	for i := range len(inside) {
		switch c := inside[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case c == ';':
			return true
		}
	}
	return quote != 0 && strings.Contains(inside, ";")
}

// template reads a placeholder of Jinja, Mustache or ERB as a name.
func (l *lexer) template() kind {
	rest := l.src[l.pos:min(len(l.src), l.pos+400)]
	for _, p := range [...][2]string{{"{{", "}}"}, {"<%", "%>"}, {"{%", "%}"}} {
		if !strings.HasPrefix(rest, p[0]) {
			continue
		}
		if n := strings.Index(rest, p[1]); n > 0 && !ends(rest[:n]) {
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
