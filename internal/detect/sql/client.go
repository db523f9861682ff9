package sql

import (
	"cmp"
	"slices"
	"strings"
)

// clientCommand reads a command that is for the program which sends the script:
// a backslash of psql and mysql, which may stand anywhere, and where a line
// begins what sqlcmd, mysql and SQL*Plus take for themselves. What is skipped
// tells nothing.
func (l *lexer) clientCommand(c byte) (t token, ok, skipped bool) {
	if !l.client {
		return t, false, false
	}
	n := 0
	switch {
	case c == '\\':
		if n = l.backslash(); n <= 2 && !l.tells(n) {
			l.pos += n
			l.begun = l.begun || l.mysql
			return t, false, true
		}
	case !l.ansi && l.bol && l.fresh && !l.begun && ofMySQLsOwn(l.restOfLine()):
		if l.forks(toMySQL); !l.mysql {
			return t, false, false
		}
		l.pos += len(l.restOfLine())
		return t, false, true
	case l.bol && l.ownLine(c, l.src[l.pos:]):
		n = len(strings.TrimRight(l.upToReturn(), " \t"))
		if l.sqlite {
			n = len(l.restOfLine())
		}
	default:
		return t, false, false
	}
	t = token{kind: meta, from: l.pos, to: l.pos + n, line: l.line}
	l.pos += n
	l.bol, l.commanded = false, l.pos
	return t, true, false
}

// tells says whether the backslash here and what follows it, n bytes of it, are a
// command.
func (l *lexer) tells(n int) bool {
	if n < 2 || l.pos+1 >= len(l.src) {
		return false
	}
	if next := l.src[l.pos+1]; l.mysql {
		return known(next)
	} else {
		return class[next]&cWord != 0
	}
}

// backslash is the length of the command that begins with the backslash here.
func (l *lexer) backslash() int {
	rest := l.src[l.pos:]
	line := l.restOfLine()
	if !ofPsql(line) {
		l.forks(toMySQL | toSQLite)
	}
	switch {
	case len(rest) < 2 || l.ansi && !l.psql:
		return 1
	case l.mysql:
		return l.ofMySQL(line)
	case rest[1] == ';' || rest[1] == ':':
		return 1 // psql keeps them from itself, and sends them
	case rest[1] == '\\' && l.commanded > 0 && strings.TrimLeft(l.src[l.commanded:l.pos], " \t\r") == "":
		return 2 // it ends the command before
	case rest[1] == '!' || rest[1] == '.':
		return len(line)
	}
	if !psqlKnows(line) || strings.Contains(" copy h help ef ev sf sv ", " "+nameOf(line)+" ") {
		return len(line) // the rest of the line is the command's, or thrown away
	}
	return len(strings.TrimRight(l.command(line), " \t\r"))
}

// longCommands are commands of psql whose names are too long for mysql, which takes
// the second letter for the beginning of a statement that is wrong.
var longCommands = strings.Fields("bind cd conninfo connect copy copyright crosstabview echo edit elif else encoding endif " +
	"errverbose gdesc gexec gset gx help html if include include_relative ir list out password print prompt pset qecho " +
	"quit reset set setenv timing unset warn watch write")

// shortCommands are the other commands of psql.
const shortCommands = " a C c e ef ev f g H h i l lo_export lo_import lo_list lo_unlink o p q r s sf sv t T w x z "

// psqlKnows says whether a line begins with a command of psql.
func psqlKnows(line string) bool {
	name := nameOf(line)
	return slices.Contains(longCommands, name) ||
		name != "" && (strings.Contains(shortCommands, " "+name+" ") || name[0] == 'd' && len(name) < 6)
}

// nameOf is the name of a command of psql, of a line that begins with its backslash.
func nameOf(line string) string {
	line = line[1:min(len(line), 40)]
	if n := strings.IndexAny(line, " \t\r\v\f\\"); n >= 0 {
		line = line[:n]
	}
	return line
}

// ofPsql says whether a line can only be a command of psql: to mysql it would be
// nothing but one wrong statement.
func ofPsql(line string) bool {
	const far = 400
	return len(line) < far && slices.Contains(longCommands, nameOf(line)) && !strings.Contains(strings.TrimRight(line, "; \t\r"), ";")
}

// known says whether a backslash and the letter are a command of mysql.
func known(c byte) bool { return strings.IndexByte("?!.#-CGPRTWcdeghnpqrstuw", c) >= 0 }

// ofMySQL is the length of a command of mysql: a letter, and for some of them what
// follows it up to the end of the statement or the line.
func (l *lexer) ofMySQL(line string) int {
	if len(line) < 2 {
		return 1
	}
	if strings.IndexByte("?!.CPRTdhru", line[1]) < 0 {
		return 2
	}
	if line[1] == 'd' {
		l.delimit(line[2:])
	}
	if n := strings.Index(line[2:], cmp.Or(l.delimiter, ";")); n >= 0 {
		return 2 + n + len(l.delimiter)
	}
	return len(line)
}

// named are commands of mysql that stand alone on a line and change nothing here, and
// toldMore those of them that may be told more.
const (
	named    = " ? clear charset connect edit ego exit go help nopager notee nowarning pager print prompt quit rehash status tee warnings "
	toldMore = " ? charset connect help pager prompt tee "
)

// ofMySQLsOwn says whether a line is such a command, which ends where the line does.
func ofMySQLsOwn(line string) bool {
	const far = 200
	if len(line) > far || strings.Contains(line, ";") || strings.Contains(line, `\g`) {
		return false
	}
	name, more, _ := strings.Cut(strings.ReplaceAll(strings.TrimRight(line, " \t\r"), "\t", " "), " ")
	name = " " + strings.ToLower(name) + " "
	return strings.Contains(named, name) && (more == "" || strings.Contains(toldMore, name))
}

// delimit sets the mark that ends statements, as mysql is told it.
func (l *lexer) delimit(arg string) {
	arg = strings.TrimLeft(arg, " \t\r")
	if arg == "" {
		return
	}
	if n := strings.IndexByte(arg[1:], arg[0]); n >= 0 && strings.IndexByte("'\"`", arg[0]) >= 0 {
		arg = arg[1 : 1+n]
	} else if n := strings.IndexAny(arg, " \t\r"); n > 0 {
		arg = arg[:n]
	}
	if arg == "" || strings.Contains(arg, `\`) {
		return
	}
	if l.delimiter = arg; arg == ";" {
		l.delimiter = ""
	}
}

// forks notes that another reading takes the text otherwise, where the dialect is
// not known.
func (l *lexer) forks(to forks) {
	if !l.ansi && !l.mysql {
		l.forked |= to
	}
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
		l.forks(toSQLite)
		return l.sqlite
	}
	return isInclude(rest, "SOURCE") || l.oracle && hasWord(rest, "HOST") || l.mysql && hasWord(rest, "SYSTEM")
}

// command is as much of a line as one command of psql takes: what follows another
// backslash outside of quotes is the next one's, or again SQL.
func (l *lexer) command(line string) string {
	quote := byte(0)
	for i := 2; i < len(line); i++ {
		switch c := line[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			} else if c == '\\' && quote == '\'' {
				i++
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
	case `\r`, `\reset`, `\c`, `\connect`: // thrown away: what follows begins anew
		return true
	}
	return false
}
