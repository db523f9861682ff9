package sql

import "strings"

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
	if l.pos > 0 && !l.mssql {
		if p := l.src[l.pos-1]; class[p]&(cWord|cDigit) != 0 || p == ']' || p == ')' || p == '"' {
			l.pos++
			return punct
		}
	}
	shut := l.shut()
	if shut < 0 {
		l.pos++
		return punct
	}
	inside := l.src[l.pos+1 : shut]
	if strings.ContainsAny(inside, "'\"`;") || strings.Contains(inside, "--") || strings.Contains(inside, "/*") ||
		shut+1 < len(l.src) && l.src[shut+1] == ']' {
		l.forked |= toMSSQL
	}
	if l.mssql || isPlain(inside) {
		l.pos = shut + 1
		return quoted
	}
	l.pos++
	return punct
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
		if n := strings.IndexAny(l.src[i:min(len(l.src), i+80)], ")\n '"); n > 1 && l.src[i+n] == ')' {
			l.pos = i + n + 1 // sqlcmd's $(name)
			return quoted
		}
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
