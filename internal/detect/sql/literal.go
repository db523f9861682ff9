package sql

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// unescape takes out the escapes of the program, so that SQL is left.
func unescape(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			i++
			continue
		}
		switch c := s[i+1]; c {
		case 'n':
			b.WriteString(" \n")
		case 't', 'r':
			b.WriteString("  ")
		case '"', '\'', '`', '\\':
			b.WriteByte(c)
		case 'x', 'u', 'U':
			if r, n := codePoint(s[i+1:]); n > 0 {
				b.WriteRune(r)
				i += n + 1
				continue
			}
			b.WriteString(s[i : i+2])
		default:
			b.WriteString(s[i : i+2])
		}
		i += 2
	}
	return b.String()
}

// codePoint is the character of x44, u0044, u{44} and U00000044, and how long
// that is. A line feed is told as a return: it ends a comment, and no line of
// the program.
func codePoint(s string) (rune, int) {
	digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[s[0]]
	from, to := 1, 1+digits
	if len(s) > 2 && s[1] == '{' {
		n := strings.IndexByte(s[:min(len(s), 12)], '}')
		if n < 0 {
			return 0, 0
		}
		from, to = 2, n
	} else if s[0] == 'u' {
		for to < len(s) && to-digits < 8 && s[from] == 'u' { // Java's \uu0044
			from, to = from+1, to+1
		}
	}
	if to > len(s) {
		return 0, 0
	}
	v, err := strconv.ParseUint(s[from:to], 16, 31)
	if err != nil || !utf8.ValidRune(rune(v)) || v == 0 {
		return 0, 0
	}
	if s[from-1] == '{' {
		to++
	}
	if v == '\n' {
		v = '\r'
	}
	return rune(v), to
}

// literalOf is what a string literal says.
func literalOf(st *statement, t token) string {
	body := st.src[t.from:t.to]
	switch t.kind {
	case dollar:
		n := strings.IndexByte(body[1:], '$') + 2
		return body[n : len(body)-n]
	case text:
		i := strings.IndexByte(body, '\'')
		if i < 0 || len(body) < i+2 {
			return ""
		}
		if i > 0 && body[i-1]|0x20 == 'q' && len(body) > i+4 { // Oracle's q'[…]'
			return body[i+2 : len(body)-2]
		}
		escaped := i > 0 && body[0]|0x20 == 'e'
		body = strings.ReplaceAll(body[i+1:len(body)-1], "''", "'")
		if escaped && strings.Contains(body, `\`) {
			body = unescape(body)
		}
		return body
	}
	return ""
}

func (l *literal) key() string {
	if l.backward {
		return "\x00" + l.text
	}
	return l.text
}

// plausible says whether a string outside of migrations is SQL and not prose:
// a keyword in capitals, or handed to something that runs SQL.
func (l *literal) plausible() bool {
	verb, rest := firstWord(l.text)
	if l.calls {
		return true
	}
	if verb != strings.ToUpper(verb) {
		return wholeDrop(verb, rest) || verb[1:] != strings.ToLower(verb[1:])
	}
	next, _ := firstWord(rest)
	switch verb {
	case "DELETE":
		return next == "FROM"
	case "TRUNCATE":
		return next == "TABLE"
	}
	return true
}

// wholeDrop says whether a string in lower case is a DROP or TRUNCATE TABLE and
// nothing else: no sentence ends behind the name.
func wholeDrop(verb, rest string) bool {
	what, rest := firstWord(rest)
	if !oneOf(strings.ToLower(verb), "drop", "truncate") || !oneOf(strings.ToLower(what), "table", "database", "schema") {
		return false
	}
	words := strings.Fields(strings.ToLower(strings.TrimRight(rest, "; \n")))
	if len(words) > 2 && words[0] == "if" && words[1] == "exists" {
		words = words[2:]
	}
	return len(words) == 1 && words[0] != "{x}" || len(words) == 2 && words[1] == "cascade"
}

// firstWord returns the first word and what follows it.
func firstWord(s string) (verb, rest string) {
	for {
		s = strings.TrimLeft(s, " \t\r\n(;\ufeff\u00a0")
		n := -1
		switch {
		case strings.HasPrefix(s, "\\n"):
			n = 2
		case strings.HasPrefix(s, "--"):
			n = strings.IndexAny(s, "\r\n")
		case strings.HasPrefix(s, "/*"):
			if n = strings.Index(s, "*/"); n > 0 {
				n += 2
			}
		default:
			n = 0
		}
		if n < 0 {
			return "", ""
		}
		if n == 0 {
			break
		}
		s = s[n:]
	}
	n := 0
	for n < len(s) && class[s[n]]&cWord != 0 {
		n++
	}
	return s[:n], s[n:]
}

// isVerb says whether SQL that could do harm may begin with the word.
func isVerb(w string) bool {
	if len(w) < 2 || len(w) > 10 {
		return false
	}
	return oneOf(strings.ToUpper(w), "DROP", "TRUNCATE", "DELETE", "UPDATE", "ALTER", "CREATE", "GRANT", "MERGE", "RENAME",
		"WITH", "BEGIN", "DO", "EXEC", "EXECUTE", "SET", "SELECT", "INSERT", "REINDEX", "VACUUM", "CLUSTER", "LOCK", "REFRESH",
		"MATCH", "REMOVE", "COPY", "IF", "USE", "DECLARE", "START", "REPLACE", "COMMIT", "DISABLE")
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
				l.forked |= toMySQL
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
	if l.sqlite {
		return l.untilShut()
	}
	if l.pos > 0 && !l.mssql {
		if p := l.src[l.pos-1]; class[p]&(cWord|cDigit) != 0 || p == ']' || p == ')' || p == '"' {
			if near := l.src[l.pos:min(len(l.src), l.pos+260)]; strayQuote(near[:strings.IndexByte(near, ']')+1]) {
				l.forks(toSQLite | toMSSQL)
			}
			l.pos++
			return punct
		}
	}
	shut := l.shut()
	if shut < 0 {
		if n := strings.IndexByte(l.src[l.pos:min(len(l.src), l.pos+260)], ']'); n > 0 && !isPlain(l.src[l.pos+1:l.pos+n]) {
			l.forks(toSQLite)
		}
		l.pos++
		return punct
	}
	inside := l.src[l.pos+1 : shut]
	if strings.ContainsAny(inside, "'\"`;") || strings.Contains(inside, "--") || strings.Contains(inside, "/*") ||
		shut+1 < len(l.src) && l.src[shut+1] == ']' {
		l.forked |= toMSSQL
		l.forks(toSQLite)
	}
	if l.mssql || isPlain(inside) {
		l.pos = shut + 1
		return quoted
	}
	l.pos++
	return punct
}

// untilShut reads SQLite's [name], which ends at the first bracket that closes.
func (l *lexer) untilShut() kind {
	n := strings.IndexByte(l.src[l.pos:], ']')
	if n < 0 {
		l.waste.Add(len(l.src)-l.pos, len(l.src))
		l.pos++
		return punct
	}
	l.line += strings.Count(l.src[l.pos:l.pos+n], "\n")
	l.pos += n + 1
	return quoted
}

// shut is where the bracket that opens here is closed, -1 if that is too far.
func (l *lexer) shut() int {
	for i := l.pos + 1; i < len(l.src) && i < l.pos+260; i++ {
		switch c := l.src[i]; {
		case c == '\n', c == ']' && i == l.pos+1:
			return -1
		case c == ']' && l.mssql && i+1 < len(l.src) && l.src[i+1] == ']':
			i++
		case c == ']':
			return i
		}
	}
	return -1
}

// isPlain says whether a bracket's content is a name in every reading.
func isPlain(s string) bool {
	for i := range len(s) {
		c := s[i]
		if class[c]&cWord == 0 && (i == 0 || class[c]&cDigit == 0 && !strings.ContainsRune(" #$.-", rune(c))) {
			return false
		}
	}
	return true
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
	if i < len(l.src) && l.src[i] == '(' && i == l.pos+1 {
		if n := strings.IndexAny(l.src[i:min(len(l.src), i+80)], ")\n ';"); n > 1 && l.src[i+n] == ')' {
			l.pos = i + n + 1 // sqlcmd's $(name)
			return quoted
		}
	}
	if i < len(l.src) && l.src[i] == '{' {
		if n := strings.IndexAny(l.src[i:min(len(l.src), i+200)], "};"); n > 0 && l.src[i+n] == '}' {
			l.pos = i + n + 1
			return quoted
		}
	}
	l.pos = max(i, l.pos+1)
	return punct
}

// alternative steps over Oracle's q'[…]' behind its q, if Oracle reads it.
func (l *lexer) alternative() bool {
	rest := l.src[l.pos:]
	if len(rest) < 4 {
		return false
	}
	shut := string(rest[1])
	if i := strings.IndexByte("[{(<", rest[1]); i >= 0 {
		shut = "]})>"[i : i+1]
	}
	n := strings.Index(rest[2:], shut+"'")
	if n < 0 {
		l.waste.Add(len(rest), len(l.src))
		return false
	}
	if !l.oracle {
		if strings.IndexByte(rest[2:2+n], '\'') >= 0 {
			l.forked |= toOracle
		}
		l.waste.Add(n, len(l.src))
		return false
	}
	l.line += strings.Count(rest[:n+4], "\n")
	l.pos += n + 4
	return true
}
