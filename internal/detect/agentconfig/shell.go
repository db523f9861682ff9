package agentconfig

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect"
)

// command is one simple command of a shell line.
type command struct {
	name   string   // the program, without its folder
	args   []string // as written, without quotes
	env    []string // assignments before it
	piped  bool     // it reads what the command before it wrote
	behind bool     // it is sent to the background
	guard  bool     // its failure is thrown away
	text   string   // as written, bounded
}

// script looks at a shell script, line by line.
func (v *view) script(text string, firstLine int) {
	n := firstLine - 1
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		v.shell(line, n)
	}
}

// shell looks at one line for the shell.
func (v *view) shell(line string, n int) {
	if len(line) > 8192 {
		v.add(unreadable, n, "", "a command of more than 8192 bytes")
		line = line[:8192]
	}
	if strings.Contains(line, "/dev/tcp/") || strings.Contains(line, "/dev/udp/") {
		v.add(hookCode, n, "/dev/tcp", bounded(line))
	}
	commands := split(line)
	for i := range commands {
		c := &commands[i]
		var before *command
		if c.piped && i > 0 {
			before = &commands[i-1]
		}
		for _, s := range judge(c, before) {
			v.add(s.kind, n, s.object, c.text)
		}
	}
}

// split cuts a line into simple commands at ; && || | & and newlines, outside
// quotes. Command substitutions are read as commands of their own.
func split(line string) []command {
	var out []command
	var words []string
	var word strings.Builder
	quoted, has, start := byte(0), false, 0
	piped := false
	endWord := func() {
		if has {
			words = append(words, word.String())
		}
		word.Reset()
		has = false
	}
	endCommand := func(i int, next bool) {
		endWord()
		if c, ok := simple(words); ok {
			c.piped, c.text = piped, bounded(line[start:i])
			out = append(out, c)
		}
		words, piped = nil, next
	}
	for i := 0; i < len(line) && len(out) < 200; i++ {
		ch := line[i]
		switch {
		case quoted == '\'' && ch == '\'', quoted == '"' && ch == '"':
			quoted = 0
		case quoted == '\'':
			word.WriteByte(ch)
		case ch == '\\' && i+1 < len(line):
			i++
			word.WriteByte(line[i])
			has = true
		case quoted == 0 && (ch == '\'' || ch == '"'):
			quoted, has = ch, true
		case ch == '$' && i+1 < len(line) && line[i+1] == '(' || ch == '`' && quoted != 0:
			word.WriteByte(ch)
			has = true
		case quoted != 0:
			word.WriteByte(ch)
		case ch == ' ' || ch == '\t':
			endWord()
		case ch == '#' && !has:
			endCommand(i, false)
			return out
		case ch == '&' && (i > 0 && (line[i-1] == '>' || line[i-1] == '<') || i+1 < len(line) && line[i+1] == '>'): // a redirection
			word.WriteByte(ch)
			has = true
		case ch == '&' && i+1 < len(line) && line[i+1] == '&', ch == '|' && i+1 < len(line) && line[i+1] == '|':
			endCommand(i, false)
			if ch == '|' && len(out) > 0 && strings.HasPrefix(strings.TrimLeft(line[i+2:], " "), "true") {
				out[len(out)-1].guard = true
			}
			i++
			start = i + 1
		case ch == '|' || ch == ';' || ch == '&' || ch == '\n' || ch == '(' || ch == ')' || ch == '{' && !has || ch == '}' && !has || ch == '`':
			endCommand(i, ch == '|')
			if ch == '&' && len(out) > 0 {
				out[len(out)-1].behind = true
			}
			start = i + 1
		case ch == '>' || ch == '<':
			if has && strings.Trim(word.String(), "0123456789&") != "" {
				endWord()
			}
			word.WriteByte(ch)
			has = true
			if i+1 < len(line) && line[i+1] != '>' && line[i+1] != '<' && line[i+1] != '&' && line[i+1] != '(' {
				endWord()
			}
		default:
			word.WriteByte(ch)
			has = true
		}
	}
	endCommand(len(line), false)
	return out
}

// the words before a program that do not change what it is.
var prefixes = map[string]bool{
	"if": true, "then": true, "else": true, "elif": true, "do": true, "while": true, "until": true, "!": true, "time": true, "exec": true, "command": true,
	"builtin": true, "env": true, "nice": true, "ionice": true, "stdbuf": true, "xargs": true, "timeout": true,
}

// simple reads the words of one command.
func simple(words []string) (command, bool) {
	var c command
	for len(words) > 0 {
		w := words[0]
		name, _, assigned := strings.Cut(w, "=")
		switch {
		case assigned && name != "" && strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789") == "":
			c.env = append(c.env, w)
		case prefixes[w]:
		case len(c.env) == 0 && c.name == "" && strings.HasPrefix(w, "-"): // an option of such a prefix
		default:
			c.name = strings.ToLower(w[strings.LastIndexByte(w, '/')+1:])
			if strings.HasSuffix(w, "/") || c.name == "" {
				c.name = w
			}
			c.args = words[1:]
			return c, true
		}
		words = words[1:]
	}
	return c, len(c.env) > 0
}

// has reports whether one of the arguments is one of these.
func (c *command) has(options ...string) bool {
	for _, a := range c.args {
		for _, o := range options {
			if a == o {
				return true
			}
		}
	}
	return false
}

// short reports whether a bundle of one-letter options holds one of letters.
func (c *command) short(letters string) bool {
	for _, a := range c.args {
		if len(a) > 1 && a[0] == '-' && a[1] != '-' && strings.ContainsAny(a[1:], letters) {
			return true
		}
	}
	return false
}

// writes lists the files that output is sent to.
func (c *command) writes() []string {
	var out []string
	for i, a := range c.args {
		if op := strings.TrimLeft(a, "0123456789&"); (op == ">" || op == ">>") && i+1 < len(c.args) {
			out = append(out, c.args[i+1])
		}
	}
	if c.name == "tee" {
		out = append(out, c.args...)
	}
	if (c.name == "cp" || c.name == "mv" || c.name == "ln" || c.name == "install") && len(c.args) > 1 {
		out = append(out, c.args[len(c.args)-1])
	}
	return out
}

// seen is what a command was seen to do.
type seen struct {
	kind   *detect.Kind
	object string
}
