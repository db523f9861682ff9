package sql

import "strings"

// skipComment steps over the comment that begins at the position, if one does.
// MySQL's executable comments (/*! … */) are no comments: only their opening
// is stepped over, and their closing counts as space.
func (l *lexer) skipComment(c byte) bool {
	if c != '-' && c != '/' && c != '#' && c != '*' {
		return false
	}
	rest := l.src[l.pos:]
	switch {
	case strings.HasPrefix(rest, "--"):
		return l.dashes(rest)
	case c == '#':
		return l.hashComment(rest)
	case strings.HasPrefix(rest, "*/") && (l.executed || !l.client):
		l.executed = false
		l.pos += 2
		return true
	case l.executable(rest):
		l.begun, l.executed, l.bol = true, true, false
		l.pos += strings.IndexByte(rest, '!') + 1
		for l.pos < len(l.src) && class[l.src[l.pos]] == cDigit {
			l.pos++
		}
		return true
	case strings.HasPrefix(rest, "/*"):
		l.skipBlock(rest)
		l.bol = false
		return true
	}
	return false
}

// dashes skips a comment of two dashes, behind which MySQL wants a space. Its client
// wants none where a statement has not begun.
func (l *lexer) dashes(rest string) bool {
	if glued := len(rest) > 2 && !blank(rest[2]); glued {
		if l.mysql && !(l.fresh && l.client && !l.begun) {
			return false
		}
		if !l.fresh {
			l.forked |= toMySQL
		}
	}
	l.skipLine()
	return true
}

// executable says whether a comment begins that MySQL executes.
func (l *lexer) executable(rest string) bool {
	if !strings.HasPrefix(rest, "/*!") && !strings.HasPrefix(rest, "/*M!") {
		return false
	}
	l.forks(toMySQL)
	return l.mysql || !l.client
}

// hashComment skips MySQL's # comment. Elsewhere # is an operator, or begins
// a temporary table's name; where a statement begins it can only be a comment.
func (l *lexer) hashComment(rest string) bool {
	if len(rest) > 1 && (rest[1] == '>' || rest[1] == '-') && !l.fresh {
		return false
	}
	if strings.HasPrefix(rest, "#{") && !l.client && !l.mysql {
		return false // Ruby's and Elixir's placeholder, in a string of theirs
	}
	if l.fresh && (!l.client || l.sqlite && l.bol) {
		l.skipLine()
		return true
	}
	if l.fresh || strayQuote(l.restOfLine()) { // psql takes it for a wrong beginning
		l.forks(toMySQL)
		if l.bol {
			l.forks(toSQLite)
		}
	}
	if !l.ansi && !l.mysql && len(rest) > 1 && class[rest[1]]&cSpace != 0 {
		l.forked |= toMySQL
	}
	if l.mysql {
		l.skipLine()
		return true
	}
	return false
}

// strayQuote says whether a line opens what it does not close, so that whoever takes
// it for a comment reads other things below it.
func strayQuote(line string) bool {
	const far = 200
	if len(line) > far {
		return true
	}
	for _, q := range [...]string{"'", "\"", "`"} {
		if strings.Count(line, q)%2 == 1 {
			return true
		}
	}
	n := strings.LastIndex(line, "/*")
	return n >= 0 && !strings.Contains(line[n+2:], "*/")
}

// skipLine steps to the end of the line, telling marks of the comment. A lone
// carriage return ends it for PostgreSQL, not for MySQL.
func (l *lexer) skipLine() {
	line := l.restOfLine()
	if n := strings.IndexByte(line, '\r'); n >= 0 && n < len(line)-1 {
		if l.mysql || l.sqlite {
			n = len(line)
		} else {
			l.forked |= toMySQL
		}
		line = line[:n]
	}
	if l.marks != nil && l.bol {
		l.marks(line)
	}
	l.pos += len(line)
}

// skipBlock steps over a block comment. Comments nest in PostgreSQL and MSSQL,
// not elsewhere. In a string of a program, which is read once, nested closings are
// believed unless it matters what stands before the last one: then the comment ends
// where it ends for the readers that do not nest.
func (l *lexer) skipBlock(rest string) {
	first := strings.Index(rest[2:], "*/")
	stop := len(rest)
	if first >= 0 {
		first += 4
	}
	switch {
	case l.mysql || l.sqlite || l.oracle:
		if first > 0 {
			stop = first
		}
	default:
		shut, nested := nestedEnd(rest)
		if shut > 0 {
			stop = shut
		}
		if nested && first > 0 && !l.ansi && (shut == 0 || matters(rest[first:stop])) {
			if l.forks(toMySQL | toSQLite); !l.client {
				l.waste.Add(stop-first, len(l.src)) // what was looked at is read again
				stop = first
			}
		}
	}
	l.line += strings.Count(rest[:stop], "\n")
	l.pos += stop
}

// matters says whether what is a comment for some could be more than words to others.
func matters(inside string) bool {
	return strings.ContainsAny(inside, "'\"#`;") || strings.Contains(inside, "--") || strings.Contains(inside, "/*")
}

// nestedEnd is where a comment ends for those who take comments in it for comments,
// 0 where it does not, and whether there are any.
func nestedEnd(rest string) (end int, nested bool) {
	depth, i := 1, 2
	for i+1 < len(rest) {
		n := strings.IndexAny(rest[i:], "*/")
		if n < 0 || i+n+1 >= len(rest) {
			break
		}
		i += n
		switch {
		case rest[i] == '*' && rest[i+1] == '/':
			i += 2
			if depth--; depth == 0 {
				return i, nested
			}
		case rest[i] == '/' && rest[i+1] == '*':
			depth++
			nested = true
			i += 2
		default:
			i++
		}
	}
	return 0, nested
}

// lineCommand reads what only means something where a line begins: DELIMITER,
// GO, and Oracle's lone slash.
func (l *lexer) lineCommand(c byte) (t token, ok, skipped bool) {
	switch c {
	case '\\':
		if l.client {
			return t, false, false
		}
		l.skipLine()
		return t, false, true
	case 'd', 'D':
		if !l.fresh || l.ansi && l.client || l.begun || !hasWord(l.src[l.pos:], "DELIMITER") {
			return t, false, false
		}
		return t, false, l.delimiterLine()
	case 'u', 'U':
		if line := l.restOfLine(); l.fresh && usesAlone(line) {
			l.endAt = l.pos + len(line)
		}
	case 'g', 'G':
		if line := l.restOfLine(); hasWord(line, "GO") && (l.fresh || !l.mysql) && strings.Trim(line[2:], " \t\r;0123456789") == "" {
			return l.lineEnd(len(line)), true, false
		}
	case '/':
		line := l.restOfLine()
		if strings.TrimSpace(line) == "/" && !l.mysql {
			return l.lineEnd(len(line)), true, false
		}
	}
	return t, false, false
}

// usesAlone says whether a line is USE and a name: for mysql and SQL Server that is the
// statement.
func usesAlone(line string) bool {
	return hasWord(line, "USE") && len(line) < 200 && len(strings.Fields(line)) == 2 && !strings.Contains(line, ";")
}

// delimiterLine reads DELIMITER and its mark. Where MySQL may not be who reads it,
// it is believed with a mark alone that no word and no quote of a statement can hold.
func (l *lexer) delimiterLine() bool {
	line := l.restOfLine()
	arg := line[len("DELIMITER"):]
	if strings.TrimLeft(arg, " \t") == arg || strings.Contains(line, `\g`) {
		return false
	}
	if l.forks(toMySQL); !l.mysql {
		if mark := strings.TrimSpace(arg); strings.Trim(mark, "/$|&%^~!;") != "" {
			return false
		}
	}
	l.pos += len(line)
	l.delimit(arg)
	return true
}

func (l *lexer) lineEnd(n int) token {
	t := token{kind: end, from: l.pos, to: l.pos + n, line: l.line}
	l.pos += n
	return t
}

func (l *lexer) restOfLine() string {
	if l.eol < l.pos || l.pos == 0 {
		l.eol = len(l.src)
		if n := strings.IndexByte(l.src[l.pos:], '\n'); n >= 0 {
			l.eol = l.pos + n
		}
	}
	return l.src[l.pos:l.eol]
}

// hasWord says whether s begins with the word w, in any case.
func hasWord(s, w string) bool {
	return len(s) >= len(w) && strings.EqualFold(s[:len(w)], w) &&
		(len(s) == len(w) || class[s[len(w)]]&(cWord|cDigit) == 0)
}
