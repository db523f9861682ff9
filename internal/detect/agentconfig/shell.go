package agentconfig

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/shell"
	"github.com/gatehold/gatehold/internal/detect/tool"
)

// command is one simple command of a hook or server.
type command struct {
	name   string         // the program, without its folder, in lower case
	args   []string       // without quotes, and behind them the redirections: ">", "file"
	env    []string       // assignments before it
	behind bool           // it is sent to the background
	guard  bool           // its failure is thrown away
	text   string         // as written, bounded
	before string         // the program that writes into it, "" for none
	inner  []string       // the programs that it hands on to, or whose output stands in its words
	does   []tool.Match   // what the table of tools says of it
	shell  *shell.Command // as it was read
}

// script looks at a shell script.
func (v *view) script(text string, firstLine int) {
	read := v.reading(text, firstLine)
	if read.Unread != "" {
		v.seen = append(v.seen, sighting{kind: unreadable, line: firstLine, detail: read.Unread, bound: true})
	}
	for i := range read.Commands {
		c, ok := commandOf(read, i)
		if !ok {
			continue
		}
		c.does = v.tools().Match(&read.Commands[i])
		for _, net := range [...]string{"/dev/tcp/", "/dev/udp/"} {
			if strings.Contains(read.Commands[i].Text, net) {
				v.add(hookCode, read.Commands[i].Line, "/dev/tcp", c.text)
				break
			}
		}
		for _, s := range judge(&c) {
			v.add(s.kind, read.Commands[i].Line, s.object, c.text)
		}
	}
}

// reading reads a text of shell that begins at a line.
func (v *view) reading(text string, line int) *shell.Script {
	return (&shell.Reader{Programs: v.tools().Knows}).Read(text, line)
}

// tools are the table of what commands destroy.
func (v *view) tools() *tool.Table {
	if v.table == nil {
		return tool.Shipped()
	}
	return v.table
}

// passing are programs that only run another one, and change nothing about it.
var passing = set("if then else elif do while until ! time exec command builtin env nice ionice stdbuf timeout busybox { RUN")

// commandOf is a command as it is judged here. What only runs another one is not.
func commandOf(read *shell.Script, i int) (command, bool) {
	c := &read.Commands[i]
	if c.Opened && passing[c.Name()] {
		return command{}, false
	}
	out := command{shell: c, name: strings.ToLower(c.Name()), behind: c.Background, guard: c.Ignored, text: bounded(c.Text)}
	if out.name == "" && len(c.Words) > 0 {
		out.name = c.Words[0].Text
	}
	for _, w := range c.Args() {
		out.args = append(out.args, w.Text)
	}
	for _, r := range c.Redirects {
		if !strings.HasPrefix(r.Op, "<<") {
			out.args = append(out.args, r.Fd+r.Op, r.Target.Text)
		}
	}
	for _, a := range c.Assigns {
		out.env = append(out.env, a.Name+"="+a.Value.Text)
	}
	if len(c.Words) > 0 {
		read.Upstream(i, func(up *shell.Command) bool {
			out.before = strings.ToLower(up.Name())
			return out.before == ""
		})
	}
	for k := c.Subst.From; k < c.Subst.To; k++ {
		out.inner = append(out.inner, strings.ToLower(read.Commands[k].Name()))
	}
	for k := i + 1; k < len(read.Commands) && read.Commands[k].Depth > c.Depth && len(out.inner) < 200; k++ {
		out.inner = append(out.inner, strings.ToLower(read.Commands[k].Name()))
	}
	return out, len(c.Words) > 0 || len(c.Assigns) > 0 || len(c.Redirects) > 0
}

// commandsOf reads a text of shell for what it runs.
func (v *view) commandsOf(text string) []command {
	read := v.reading(text, 1)
	var out []command
	for i := range read.Commands {
		if c, ok := commandOf(read, i); ok {
			c.does = v.tools().Match(&read.Commands[i])
			out = append(out, c)
		}
	}
	return out
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

// fetches reports whether it puts what comes from elsewhere, or is not to be
// read, into its words or hands it on.
func (c *command) fetches() bool {
	for _, name := range c.inner {
		if name == "curl" || name == "wget" || name == "base64" {
			return true
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
		if op := strings.TrimLeft(a, "0123456789&"); (op == ">" || op == ">>" || op == ">|") && i+1 < len(c.args) {
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
