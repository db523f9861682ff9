package sql

import "strings"

// skipComment steps over the comment that begins at the position, if one does.
// MySQL's executable comments (/*! … */) are no comments: only their opening
// is stepped over, and a stray closing counts as space.
func (l *lexer) skipComment(c byte) bool {
	if c != '-' && c != '/' && c != '#' && c != '*' {
		return false
	}
	rest := l.src[l.pos:]
	switch {
	case strings.HasPrefix(rest, "--"):
		if l.mysql && len(rest) > 2 && class[rest[2]]&cSpace == 0 {
			return false
		}
		if len(rest) > 2 && class[rest[2]]&cSpace == 0 && !l.fresh {
			l.forked |= toMySQL
		}
		l.skipLine()
		return true
	case c == '#':
		return l.hashComment(rest)
	case strings.HasPrefix(rest, "*/"):
		l.pos += 2
		return true
	case strings.HasPrefix(rest, "/*!"), strings.HasPrefix(rest, "/*M!"):
		l.pos += strings.IndexByte(rest, '!') + 1
		for l.pos < len(l.src) && class[l.src[l.pos]] == cDigit {
			l.pos++
		}
		return true
	case strings.HasPrefix(rest, "/*"):
		l.skipBlock(rest)
		return true
	}
	return false
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
	if l.fresh {
		l.skipLine()
		return true
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

// skipLine steps to the end of the line, telling marks of the comment. A lone
// carriage return ends it for PostgreSQL, not for MySQL.
func (l *lexer) skipLine() {
	line := l.restOfLine()
	if n := strings.IndexByte(line, '\r'); n >= 0 && n < len(line)-1 {
		if l.mysql {
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
// not elsewhere. Nested closings are believed unless what stands before the
// last one could only be meant to make a nesting reader skip it: then the
// comment ends where it ends for the readers that do not nest.
func (l *lexer) skipBlock(rest string) {
	depth, i, first, nested := 1, 2, -1, 0
	nests := !l.mysql
	for i+1 < len(rest) && depth > 0 {
		n := strings.IndexAny(rest[i:], "*/")
		if n < 0 || i+n+1 >= len(rest) {
			i = len(rest)
			break
		}
		i += n
		switch {
		case rest[i] == '*' && rest[i+1] == '/':
			if first < 0 {
				first = i + 2
			}
			depth--
			i += 2
		case rest[i] == '/' && rest[i+1] == '*' && nests:
			depth++
			nested++
			i += 2
		default:
			i++
		}
	}
	i = min(i, len(rest))
	stop := i
	if depth > 0 {
		stop = len(rest)
	}
	if nested > 0 && first > 0 && !l.ansi &&
		(depth > 0 || strings.ContainsAny(rest[first:stop], "'\"#`") || strings.Contains(rest[first:stop], "--") ||
			strings.Contains(rest[first:stop], "/*")) {
		l.waste.Add(i-first, len(l.src)) // what was looked at is read again
		stop = first
	}
	l.line += strings.Count(rest[:stop], "\n")
	l.pos += stop
}

// lineCommand reads what only means something where a line begins: DELIMITER,
// GO, and Oracle's lone slash.
func (l *lexer) lineCommand(c byte) (t token, ok, skipped bool) {
	switch c {
	case '\\':
		l.skipLine()
		return t, false, true
	case 'd', 'D':
		if !l.fresh || !hasWord(l.src[l.pos:], "DELIMITER") {
			return t, false, false
		}
		line := l.restOfLine()
		l.delimiter = strings.TrimSpace(line[len("DELIMITER"):])
		if i := strings.IndexAny(l.delimiter, " \t"); i > 0 {
			l.delimiter = l.delimiter[:i]
		}
		if l.delimiter == ";" {
			l.delimiter = ""
		}
		l.pos += len(line)
		return t, false, true
	case 'g', 'G':
		if !hasWord(l.src[l.pos:], "GO") {
			return t, false, false
		}
		line := l.restOfLine()
		if strings.Trim(line[2:], " \t\r;0123456789") != "" {
			return t, false, false
		}
		return l.lineEnd(len(line)), true, false
	case '/':
		line := l.restOfLine()
		if strings.TrimSpace(line) == "/" {
			return l.lineEnd(len(line)), true, false
		}
	}
	return t, false, false
}

func (l *lexer) lineEnd(n int) token {
	t := token{kind: end, from: l.pos, to: l.pos + n, line: l.line}
	l.pos += n
	return t
}

func (l *lexer) restOfLine() string {
	rest := l.src[l.pos:]
	if n := strings.IndexByte(rest, '\n'); n >= 0 {
		return rest[:n]
	}
	return rest
}

// hasWord says whether s begins with the word w, in any case.
func hasWord(s, w string) bool {
	return len(s) >= len(w) && strings.EqualFold(s[:len(w)], w) &&
		(len(s) == len(w) || class[s[len(w)]]&(cWord|cDigit) == 0)
}
