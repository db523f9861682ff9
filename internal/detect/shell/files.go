package shell

import (
	"path"
	"strings"
)

// file reads a file that is known: what a process substitution writes, or the
// text has written before.
func (p *pass) file(i int, name string, in ctx) {
	text, known := p.files[name]
	if !known {
		text, known = p.files[path.Clean(name)]
	}
	if known {
		p.read(i, strings.Join(text, ""), p.out[i].Line, in)
	}
}

func (p *pass) sourced(i int, in ctx) {
	if c := p.out[i]; len(c.Words) > 1 {
		if c.Words[1].Text == "/dev/stdin" {
			p.fromInput(i, in)
			return
		}
		p.file(i, c.Words[1].Text, in)
	}
}

// kept reads a text that is written to where it will be run.
func (p *pass) kept(i int, in ctx) {
	c := p.out[i]
	text := c.out
	if text == nil {
		text = c.Stdin
	}
	if text == nil || c.Name() != "cat" && c.Name() != "tee" && c.Name() != "echo" && c.Name() != "printf" {
		return
	}
	targets := c.Writes()
	if c.Name() == "tee" {
		for _, w := range c.Words[1:] {
			targets = append(targets, w.Text)
		}
	}
	for _, t := range targets {
		if runs(t, *text) {
			in.written, in.in, in.stdin = true, Span{}, &nothing
			line := c.Line
			if len(c.Redirects) > 1 {
				line++
			}
			p.read(i, *text, line, in)
			return
		}
	}
	for _, t := range targets {
		p.writesFile(t, *text)
	}
}

// writesFile keeps what the text writes into a file, which it may run later.
func (p *pass) writesFile(name, text string) {
	if name = path.Clean(name); strings.HasPrefix(name, "/dev/") || !p.take(len(text)) {
		return
	}
	if p.files == nil {
		p.files = map[string][]string{}
	}
	p.files[name] = append(p.files[name], text) // what was there before may be, or not
}

// runs tells whether a file will be run by a shell.
func runs(name, text string) bool {
	for _, end := range [...]string{".sh", ".bash", ".zsh", "bashrc", ".profile", ".zshrc", "rc.local", "/crontab", "authorized_keys"} {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	return strings.HasPrefix(text, "#!") && strings.Contains(text[:min(len(text), 40)], "sh") ||
		strings.Contains(name, "/cron.") || strings.Contains(name, ".git/hooks/") || strings.Contains(name, "/profile.d/")
}
