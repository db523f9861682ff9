package sql

import "strings"

// clientCommand reads a command that is for the program which sends the script:
// a backslash of psql and mysql, which may stand anywhere, and where a line
// begins what sqlcmd, mysql and SQL*Plus take for themselves.
func (l *lexer) clientCommand(c byte) (token, bool) {
	if !l.client {
		return token{}, false
	}
	rest := l.src[l.pos:]
	backslash := c == '\\' && len(rest) > 1 && (class[rest[1]]&cWord != 0 || rest[1] == '!' || rest[1] == '.')
	if !backslash && !(l.bol && l.ownLine(c, rest)) {
		return token{}, false
	}
	line := l.command(strings.TrimRight(l.upToReturn(), " \t"))
	t := token{kind: meta, from: l.pos, to: l.pos + len(line), line: l.line}
	l.pos += len(line)
	l.bol = false
	return t, true
}

// ownLine says whether a line is a client's and not SQL.
func (l *lexer) ownLine(c byte, rest string) bool {
	switch {
	case c == ':':
		return hasWord(rest[1:], "SETVAR") || hasWord(rest[1:], "CONNECT") || isInclude(rest[1:], "R")
	case !l.fresh:
		return false
	case c == '@':
		return atScript(rest)
	case c == '!':
		return strings.HasPrefix(rest, "!!")
	case c == '.': // sqlite3's
		return len(rest) > 1 && class[rest[1]]&cWord != 0
	}
	return isInclude(rest, "SOURCE") || l.oracle && hasWord(rest, "HOST") || l.mysql && hasWord(rest, "SYSTEM")
}

// command is as much of a line as one command takes: what follows another
// backslash outside of quotes is the next one's, or again SQL. A shell's
// command takes the whole line, mysql's \g and \G nothing but themselves.
func (l *lexer) command(line string) string {
	switch {
	case line[0] != '\\' || line[1] == '!' || line[1] == '.':
		return line
	case line[1] == 'G', line[1] == 'g' && l.mysql:
		return line[:2]
	}
	quote := byte(0)
	for i := 2; i < len(line); i++ {
		switch c := line[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"' || c == '`':
			quote = c
		case c == '\\':
			return line[:i]
		}
	}
	return line
}

// isInclude says whether a line is a command that reads another script.
func isInclude(s, command string) bool {
	if !hasWord(s, command) || len(s) < len(command)+2 || s[len(command)] != ' ' && s[len(command)] != '\t' {
		return false
	}
	line, _, _ := strings.Cut(s, "\n")
	return len(strings.Fields(line)) == 2
}

// atScript says whether a line is SQL*Plus' @file or @@file.
func atScript(s string) bool {
	line, _, _ := strings.Cut(strings.TrimLeft(s, "@"), "\n")
	line = strings.TrimSpace(line)
	return len(line) > 0 && !strings.ContainsAny(line, " =(;") && strings.ContainsAny(line, "./")
}

// upToReturn is the line up to any sign that ends one.
func (l *lexer) upToReturn() string {
	line := l.restOfLine()
	if n := strings.IndexByte(line, '\r'); n >= 0 {
		return line[:n]
	}
	return line
}

// skipRows steps over the rows of a COPY to the line \. that ends them, for
// psql to the letter. Without that line there are no rows to step over, and with
// rows that are statements it is not believed: where the COPY fails, psql runs
// what follows it.
func (l *lexer) skipRows() {
	rest := l.src[l.pos:]
	for at := 0; !l.noRows; {
		n := strings.Index(rest[at:], "\\.")
		if n < 0 {
			break
		}
		at += n
		after := rest[at+2:]
		if (at == 0 || rest[at-1] == '\n') && (after == "" || after[0] == '\n' || strings.HasPrefix(after, "\r\n")) {
			if !statements(rest[:at]) {
				l.line += strings.Count(rest[:at], "\n")
				l.pos += at + 2
				l.bol = false
			}
			return
		}
		at += 2
	}
	l.noRows = true
}

// statements says whether a line of the rows reads like a statement that
// destroys.
func statements(rows string) bool {
	for line := range strings.Lines(rows) {
		if verb, rest := firstWord(line); !strings.Contains(line, "\t") && strings.Contains(rest, ";") &&
			oneOf(strings.ToUpper(verb), "DROP", "TRUNCATE", "DELETE", "UPDATE", "ALTER", "DO", "GRANT") {
			return true
		}
	}
	return false
}

// sends says whether a backslash command sends the statement before it.
func sends(command string) bool {
	name, _, _ := strings.Cut(command, " ")
	switch name {
	case `\g`, `\gx`, `\gexec`, `\gset`, `\gdesc`, `\crosstabview`, `\watch`, `\G`, `\bind`:
		return true
	}
	return false
}
