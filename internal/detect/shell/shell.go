// Package shell reads text that a shell will run: POSIX sh and bash, and what
// is nearly that in Dockerfiles, workflows, Makefiles and package scripts.
//
// Read turns a text into simple commands as the shell would run them: with
// quotes taken off, variables of known value put in, substitutions, pipelines,
// functions and here-documents followed, and with what one command hands on to
// another (sh -c, sudo, xargs, ssh, a here-document into a shell) read as
// commands of their own. What bash can parse is parsed by a grammar of bash;
// what it cannot is cut into words by a lexer that takes anything.
//
// Nothing is run and nothing is looked up: a variable that the text does not
// set stays as it is written, and its word is not Known.
//
// The work is bounded in bytes (Script.Unread says that a bound was passed), and
// grows with the text alone.
package shell

import (
	"strings"
)

// Command is one simple command.
type Command struct {
	Words     []Word // program and arguments; none where it only assigns
	Assigns   []Assign
	Redirects []Redirect

	Line int    // where it begins, counted from 1
	End  int    // where it ends
	Text string // as written, at most 400 bytes of it

	Subst Span    // the commands whose output stands in its words
	In    Span    // the commands whose output it reads
	Stdin *string // what it is known to read; nil where that is not known

	Dir string // the folder that the text has gone into before; empty: it does not say

	By          int  // index of the command that hands it on; -1 where it stands by itself
	Depth       int  // how many strings are handed on around it
	Substituted bool // its output becomes part of another command
	Written     bool // it stands in a file that the text writes
	Background  bool // nothing waits for it
	Ignored     bool // its failure is thrown away: || true
	Maybe       bool // it may not run, or more than once
	Opened      bool // it only hands another command on, which follows

	out   *string // what it is known to write
	level int     // of substitutions around it
}

// Word is one word of a command, without its quotes.
type Word struct {
	Text   string
	Quoted bool // a part of it stood in quotes
	Known  bool // the text alone decides what it is
}

// Assign is NAME=VALUE before a command, or by itself.
type Assign struct {
	Name  string
	Value Word
}

// Redirect is where input comes from or output goes to.
type Redirect struct {
	Op     string // >, >>, <, <<, <<<, >&, ...
	Fd     string // as written; empty: the usual one
	Target Word   // a file, a descriptor, or the text of << and <<<
}

// Span is a range of commands by their index: From up to and without To.
type Span struct{ From, To int }

// Empty reports whether no command is in it.
func (s Span) Empty() bool { return s.From >= s.To }

// Script is a text that was read.
type Script struct {
	Commands []Command
	Unread   string // why a part was left out; empty: all was read
}

// Reader reads texts. The zero value reads bash.
type Reader struct {
	// Programs reports names that are programs, where it cannot be told from
	// the grammar alone at which word a command begins that is handed on.
	Programs func(name string) bool
	// Windows has texts read as PowerShell and cmd are written.
	Windows bool
}

// Read reads a text whose first line has a number, 1 for a file's.
func Read(text string, line int) *Script { return (&Reader{}).Read(text, line) }

// Read reads a text whose first line has a number, 1 for a file's.
func (r *Reader) Read(text string, line int) *Script {
	p := &pass{reader: r, size: len(text), vars: map[string][]string{}}
	p.script(clean(text), line, ctx{by: -1})
	return &Script{Commands: p.out, Unread: p.unread}
}

// clean drops what no shell sees: a byte order mark and zero bytes.
func clean(text string) string {
	text = strings.TrimPrefix(text, "\ufeff")
	if strings.IndexByte(text, 0) >= 0 {
		text = strings.ReplaceAll(text, "\x00", "")
	}
	return text
}

// Name is the program without its folder; empty where there is none.
func (c *Command) Name() string {
	if len(c.Words) == 0 {
		return ""
	}
	return Base(c.Words[0].Text)
}

// Args are the words behind the program.
func (c *Command) Args() []Word {
	if len(c.Words) == 0 {
		return nil
	}
	return c.Words[1:]
}

// Join is the command in one line, its words without quotes.
func (c *Command) Join() string { return Join(c.Words) }

// Join puts blanks between words.
func Join(words []Word) string {
	n := 0
	for _, w := range words {
		n += len(w.Text) + 1
	}
	var b strings.Builder
	b.Grow(n)
	for i, w := range words {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(w.Text)
	}
	return b.String()
}

// Base is a program's name without its folder.
func Base(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

// Upstream calls each with the commands that write into a command, nearest
// first, through the whole pipeline, until it returns false.
func (s *Script) Upstream(i int, each func(*Command) bool) {
	seen := 0
	for in := s.Commands[i].In; !in.Empty() && seen < 64; {
		for k := in.To - 1; k >= in.From; k-- {
			if seen++; !each(&s.Commands[k]) || seen >= 64 {
				return
			}
		}
		in = s.Commands[in.From].In
	}
}

// Writes lists the files that a command's output is sent to by redirection.
func (c *Command) Writes() []string {
	var out []string
	for _, r := range c.Redirects {
		switch r.Op {
		case ">", ">>", ">|", "&>", "&>>", "<>":
			out = append(out, r.Target.Text)
		}
	}
	return out
}
