package command

import (
	"strings"
)

// command is one simple command: its words without quotes, and what it stands
// in.
type command struct {
	words []word
	vars  []string // assignments before the command: RAILS_ENV=test
	piped bool     // its input comes from the command before it
	line  int      // counted from 1
	text  string   // as written, clipped
	inner bool     // it stood inside a string that is handed to a shell
}

// word is one argument. Parts in single quotes are plain text; a $ outside of
// them is a variable.
type word struct {
	s      string
	quoted bool
}

// The bounds of parsing: what is over them is cut off.
const (
	maxWords   = 200
	maxDepth   = 3
	maxLogical = 16 << 10
)

// parse splits a piece of shell into simple commands. It is a lexer that knows
// quotes, operators, substitutions and comments; here-documents are not code.
// Substitutions are parsed on their own, to maxDepth.
func parse(src string, line, depth int, out []command) []command {
	if depth > maxDepth || len(src) > maxLogical {
		return out
	}
	p := parser{src: src, line: line, start: line, depth: depth, out: out}
	p.run()
	return p.out
}

type parser struct {
	src   string
	at    int
	line  int
	start int // line where the current command began
	from  int // offset where it began
	depth int
	out   []command

	words  []word
	cur    strings.Builder
	have   bool
	quoted bool
	piped  bool
}

func (p *parser) run() {
	for p.at < len(p.src) {
		c := p.src[p.at]
		switch {
		case c == '\\' && p.at+1 < len(p.src):
			p.escape()
		case c == '\'' || c == '"':
			p.quote(c)
		case c == '$' && strings.HasPrefix(p.src[p.at:], "${{"):
			end := strings.Index(p.src[p.at:], "}}")
			if end < 0 {
				end = 1
			}
			p.take(end + 2)
		case c == '$' && strings.HasPrefix(p.src[p.at:], "$("), c == '`', (c == '<' || c == '>') && strings.HasPrefix(p.src[p.at+1:], "("):
			p.substitution(c)
		case c == '\n':
			p.end(false)
			p.at++
			p.line++
			p.start = p.line
		case c == ';' || c == '(' || c == ')' || c == '&' || c == '|':
			p.operator(c)
		case c == ' ' || c == '\t' || c == '\r':
			p.word()
			p.at++
		case c == '#' && !p.have:
			for p.at < len(p.src) && p.src[p.at] != '\n' {
				p.at++
			}
		default:
			p.take(1)
		}
	}
	p.end(false)
}

func (p *parser) take(n int) {
	n = min(n, len(p.src)-p.at)
	p.cur.WriteString(p.src[p.at : p.at+n])
	p.have = true
	p.at += n
}

func (p *parser) escape() {
	if p.src[p.at+1] == '\n' {
		p.word()
		p.line++
		p.at += 2
		return
	}
	p.at++
	p.take(1)
}

func (p *parser) quote(q byte) {
	p.have, p.quoted = true, true
	p.at++
	for p.at < len(p.src) && p.src[p.at] != q {
		c := p.src[p.at]
		if c == '\n' {
			p.line++
		}
		if q == '"' && c == '\\' && p.at+1 < len(p.src) {
			p.at++
			c = p.src[p.at]
		} else if q == '"' && (c == '`' || strings.HasPrefix(p.src[p.at:], "$(")) {
			p.substitution(c)
			continue
		}
		p.cur.WriteByte(c)
		p.at++
	}
	p.at = min(p.at+1, len(p.src))
}

// substitution parses what stands in $( ), <( ) or backticks as commands of
// its own, and keeps its text in the word.
func (p *parser) substitution(c byte) {
	open, closing := 2, byte(')')
	if c == '`' {
		open, closing = 1, '`'
	}
	from := p.at + open
	end, nested := from, 0
	for end < len(p.src) {
		switch p.src[end] {
		case '\\':
			end++
		case '(':
			if closing == ')' {
				nested++
			}
		case closing:
			if nested == 0 {
				goto found
			}
			nested--
		}
		end++
	}
found:
	end = min(end, len(p.src))
	inner := p.src[from:end]
	p.out = parse(inner, p.line, p.depth+1, p.out)
	p.cur.WriteString(p.src[p.at:min(end+1, len(p.src))])
	p.have = true
	p.line += strings.Count(inner, "\n")
	p.at = min(end+1, len(p.src))
}

func (p *parser) operator(c byte) {
	two := ""
	if p.at+1 < len(p.src) {
		two = p.src[p.at : p.at+2]
	}
	if c == '&' && p.at > 0 && (p.src[p.at-1] == '>' || p.src[p.at-1] == '<') || two == "&>" {
		p.take(1) // >&2
		return
	}
	switch two {
	case "&&", "||", ";;", "|&":
		p.end(two == "|&")
		p.at += 2
	default:
		p.end(c == '|')
		p.at++
	}
}

func (p *parser) word() {
	if p.have && len(p.words) < maxWords {
		p.words = append(p.words, word{p.cur.String(), p.quoted})
	}
	p.cur.Reset()
	p.have, p.quoted = false, false
}

func (p *parser) end(pipe bool) {
	p.word()
	if len(p.words) > 0 {
		text := strings.TrimSpace(p.src[min(p.from, p.at):p.at])
		p.out = append(p.out, unwrap(command{words: p.words, piped: p.piped, line: p.start, text: text})...)
		p.words = nil
	}
	p.piped = pipe
	p.start = p.line
	p.from = p.at
	for p.from < len(p.src) && strings.IndexByte("&|;() \t\n", p.src[p.from]) >= 0 {
		p.from++
	}
}

// prefixes are words before a command that change nothing about what it does.
var prefixes = map[string]bool{"sudo": true, "time": true, "nohup": true, "exec": true, "command": true, "builtin": true, "then": true,
	"do": true, "else": true, "if": true, "while": true, "until": true, "!": true, "{": true, "nice": true, "env": true, "doas": true,
	"elif": true, "ionice": true, "stdbuf": true, "xvfb-run": true, "retry": true, "@": true, "RUN": true, "npx": true, "bunx": true,
	"exec:": true, "dotenv": true, "--": true, "-": true, "busybox": true, "chronic": true}

// unwrap takes what stands before a command off, and opens what hands a
// command on to another shell.
func unwrap(c command) []command {
	for len(c.words) > 0 {
		first := c.words[0].s
		name, _, assigned := strings.Cut(first, "=")
		switch {
		case assigned && name != "" && identifier(name) && !strings.HasPrefix(first, "-"):
			c.vars = append(c.vars, first)
		case prefixes[first] && (len(c.words) > 1 || first != "env"):
		case len(c.words) > 1 && (strings.HasPrefix(first, "@") || strings.HasPrefix(first, "-@")) && len(first) > 1:
			c.words[0].s = strings.TrimLeft(first, "@-")
			continue
		case (first == "-E" || first == "-n" || first == "-u" || first == "-H") && len(c.words) > 1 && wasSudo(c):
			if first == "-u" {
				c.words = c.words[1:]
			}
		default:
			return append([]command{c}, opened(c)...)
		}
		c.words = c.words[1:]
	}
	return nil
}

func wasSudo(c command) bool {
	return strings.HasPrefix(c.text, "sudo") || strings.HasPrefix(c.text, "env")
}

func identifier(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c != '_' && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && (c < '0' || c > '9' || i == 0) {
			return false
		}
	}
	return s != ""
}

// opened returns the commands that a command hands on: sh -c '...', ssh host
// '...', kubectl exec pod -- ..., xargs ..., docker run image ...
func opened(c command) []command {
	name := base(c.words[0].s)
	rest := c.words[1:]
	switch name {
	case "sh", "bash", "zsh", "dash", "ash", "su", "runuser", "eval", "pwsh", "powershell", "cmd", "cmd.exe":
		for i, w := range rest {
			shellFlag := w.s == "-c" || w.s == "-Command" || w.s == "/c" ||
				len(w.s) > 1 && w.s[0] == '-' && w.s[1] != '-' && strings.HasSuffix(w.s, "c")
			if shellFlag && i+1 < len(rest) {
				return inner(rest[i+1].s, c)
			}
		}
		if name == "eval" {
			return inner(join(rest), c)
		}
	case "ssh", "docker", "podman", "kubectl", "oc", "docker-compose", "heroku", "fly", "flyctl", "timeout", "xargs", "nsenter",
		"chroot", "watch", "parallel", "bundle", "pipenv", "poetry", "uv", "yarn", "pnpm", "npm", "dotenvx", "with-env", "cross-env":
		return handedOn(name, rest, c)
	}
	return nil
}

func inner(src string, c command) []command {
	out := parse(src, c.line, maxDepth-1, nil)
	for i := range out {
		out[i].inner = true
		out[i].vars = append(out[i].vars, c.vars...)
	}
	return out
}

func handedOn(name string, rest []word, c command) []command {
	for i, w := range rest {
		if w.s == "--" || w.s == "exec" && (name == "bundle" || name == "heroku" || name == "pnpm" || name == "npm") ||
			w.s == "run" && (name == "pipenv" || name == "poetry" || name == "uv" || name == "heroku" || name == "docker-compose") {
			if name == "docker-compose" {
				break
			}
			return unwrap(command{words: rest[i+1:], vars: c.vars, line: c.line, text: c.text, inner: true})
		}
	}
	if name == "npm" || name == "yarn" || name == "pnpm" || name == "bundle" {
		return nil
	}
	// The last quoted word that holds a blank is a command line.
	for i := len(rest) - 1; i >= 0; i-- {
		if rest[i].quoted && strings.Contains(strings.TrimSpace(rest[i].s), " ") {
			return inner(rest[i].s, c)
		}
	}
	// Else what follows may be the command itself: try each place where a
	// program that we know stands.
	for i, w := range rest {
		if i > 0 && programs[base(w.s)] != nil && !strings.HasPrefix(w.s, "-") && name != base(w.s) {
			return unwrap(command{words: rest[i:], vars: c.vars, line: c.line, text: c.text, inner: true})
		}
	}
	return nil
}

func join(ws []word) string {
	var b strings.Builder
	for i, w := range ws {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(w.s)
	}
	return b.String()
}

func base(s string) string { return s[strings.LastIndexByte(s, '/')+1:] }
