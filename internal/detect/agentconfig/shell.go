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
	depth  int      // of commands that run this one
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

// splitter cuts a line into words and simple commands.
type splitter struct {
	line   string
	out    []command
	words  []string
	word   strings.Builder
	has    bool // a word has begun, be it empty
	quote  byte
	start  int  // of the present command
	piped  bool // it reads what the one before wrote
	closed bool // the rest is a comment
}

// split cuts a line into simple commands at ; && || | & and newlines, outside
// quotes. Command substitutions are read as commands of their own.
func split(line string) []command {
	s := &splitter{line: line}
	for i := 0; i < len(line) && len(s.out) < 200 && !s.closed; {
		i = s.take(i)
	}
	if !s.closed {
		s.endCommand(len(line), false)
	}
	return s.out
}

func (s *splitter) put(c byte) { s.word.WriteByte(c); s.has = true }

func (s *splitter) endWord() {
	if s.has {
		s.words = append(s.words, s.word.String())
	}
	s.word.Reset()
	s.has = false
}

func (s *splitter) endCommand(i int, pipe bool) {
	s.endWord()
	if c, ok := simple(s.words); ok {
		c.piped, c.text = s.piped, bounded(s.line[min(s.start, i):i])
		s.out = append(s.out, c)
	}
	s.words, s.piped = nil, pipe
}

func (s *splitter) next(i int) byte {
	if i+1 < len(s.line) {
		return s.line[i+1]
	}
	return 0
}

// take reads what stands at i, and returns where to go on.
func (s *splitter) take(i int) int {
	c := s.line[i]
	switch {
	case s.quote != 0 && c == s.quote:
		s.quote = 0
	case s.quote == '\'':
		s.put(c)
	case c == '\\' && i+1 < len(s.line):
		s.put(s.line[i+1])
		return i + 2
	case s.quote != 0:
		s.put(c)
	case c == '\'' || c == '"':
		s.quote, s.has = c, true
	case c == ' ' || c == '\t':
		s.endWord()
	case c == '#' && !s.has:
		s.endCommand(i, false)
		s.closed = true
	case c == '$' && s.next(i) == '(':
		s.put(c)
	case c == '&' && (i > 0 && (s.line[i-1] == '>' || s.line[i-1] == '<') || s.next(i) == '>'): // a redirection
		s.put(c)
	case c == '>' || c == '<':
		s.redirect(i)
	case strings.IndexByte("|;&\n()`", c) >= 0 || (c == '{' || c == '}') && !s.has:
		return s.operator(i)
	default:
		s.put(c)
	}
	return i + 1
}

// operator ends a command.
func (s *splitter) operator(i int) int {
	c := s.line[i]
	double := (c == '&' || c == '|') && s.next(i) == c
	s.endCommand(i, c == '|' && !double)
	end := i + 1
	if double {
		end++
	}
	s.start = end
	if len(s.out) == 0 {
		return end
	}
	last := &s.out[len(s.out)-1]
	last.guard = last.guard || double && c == '|' && strings.HasPrefix(strings.TrimLeft(s.line[end:], " "), "true")
	last.behind = last.behind || c == '&' && !double
	return end
}

// redirect keeps the sign a word of its own: "2>file" is "2>" and "file".
func (s *splitter) redirect(i int) {
	if s.has && strings.Trim(s.word.String(), "0123456789&") != "" && strings.Trim(s.word.String(), "0123456789&<>") != "" {
		s.endWord()
	}
	s.put(s.line[i])
	if next := s.next(i); next != '>' && next != '<' && next != '&' && next != '(' {
		s.endWord()
	}
}

// the words before a program that do not change what it is.
var prefixes = map[string]bool{
	"if": true, "then": true, "else": true, "elif": true, "do": true, "while": true, "until": true, "!": true, "time": true,
	"exec": true, "command": true,
	"builtin": true, "env": true, "nice": true, "ionice": true, "stdbuf": true, "xargs": true, "timeout": true, "busybox": true,
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
