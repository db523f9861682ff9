// Package command finds commands that destroy data, tear infrastructure down,
// run what comes from the network or switch a guard off, in what a change adds
// to scripts, Makefiles, workflows and other CI files, Dockerfiles, package
// scripts and program text that calls a shell.
//
// Lines are read as a shell would: quotes, operators, substitutions, sudo, sh
// -c and ssh are seen through, and a dangerous word in an echo or a comment is
// just a word. Build output, caches and test databases can be had again and are
// not reported, or with a risk that is noise.
package command

import (
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/keyword"
	"github.com/gatehold/gatehold/internal/detect/shell"
	"github.com/gatehold/gatehold/internal/detect/tool"
)

type kind = detect.Kind

// maxBytes bounds what is read of one file; scripts are far smaller.
const maxBytes = 2 << 20

// detector finds what a table of tools says of commands.
type detector struct {
	table *tool.Table      // nil: the one that is built in
	words *keyword.Matcher // of the table
}

// New returns the detector of dangerous commands.
func New() detect.Detector { return detector{} }

// Under is this detector with an organisation's own tools beside those that are
// built in, and any other detector as it is.
func Under(d detect.Detector, own *tool.Table) detect.Detector {
	if _, is := d.(detector); is && own != nil {
		return detector{table: own, words: wordsOf(own)}
	}
	return d
}

func (detector) Name() string { return "command" }

func (detector) Kinds() []*detect.Kind { return shipped.All() }

// Wants takes files in which commands stand.
func (detector) Wants(f *change.File) bool {
	return f.Status != change.Removed && formOf(f) != noForm
}

// words are what a line must hold to be worth reading: a program that is
// looked at, a shell, or a part of a framework's command.
var words = sync.OnceValue(func() *keyword.Matcher { return wordsOf(tool.Shipped()) })

func wordsOf(table *tool.Table) *keyword.Matcher {
	list := []string{"curl", "wget", "iwr", "irm", "invoke-", "downloadstring", "/dev/tcp", "/dev/udp", "nc ", "ncat", "netcat",
		"socat", "connect(", "drop ", "truncate ", "delete from"}
	for _, name := range table.Names() {
		// A short name counts with what follows it; "rm" stands in "term".
		for _, after := range [...]string{" ", "\t", "\"", "'", "\\"} {
			list = append(list, name+after)
		}
	}
	list = append(list, table.Says()...)
	slices.Sort(list)
	return keyword.New(slices.Compact(list))
}

func worth(m *keyword.Matcher, line string) bool {
	yes := false
	m.Find(line, func(int32, int) { yes = true })
	return yes
}

// Detect reads the added lines.
func (d detector) Detect(f *change.File, r *detect.Report) {
	if f.After.State == change.Absent || f.Before.State == change.Loaded && f.Before.Body == f.After.Body {
		return
	}
	if f.After.State != change.Loaded || len(f.After.Body) > maxBytes {
		why := f.After.Reason
		if f.After.State == change.Loaded {
			why = "larger than any script should be"
		}
		r.Add(detect.Observation{Kind: kindUnreadable, Object: path.Base(f.Path), Detail: why})
		return
	}
	form := formOf(f)
	if form == script && path.Ext(f.Path) == "" && !shebang(f.After.Body) && f.Mode == change.ModeExecutable {
		return // another language, or a binary
	}
	table, matcher := d.table, d.words
	if table == nil {
		table, matcher = tool.Shipped(), words()
	}
	cut := cutter{matcher, table}
	s := &state{form: form, file: f, table: table, cut: cut, test: testPath(f.Path), added: linesOf(f), where: sync.OnceValue(func() string {
		return strings.ToLower(f.After.Body[:min(len(f.After.Body), 64<<10)])
	})}
	s.had = sync.OnceValue(func() map[string]bool { return s.hadBefore(cut) })
	for _, p := range cut.pieces(form, f.Path, f.After.Body) {
		s.piece(p, r)
	}
}

func shebang(body string) bool {
	first, _, _ := strings.Cut(body, "\n")
	return strings.HasPrefix(first, "#!") && strings.Contains(first, "sh")
}

// lines counts the added lines up to each.
type lines []int

func linesOf(f *change.File) lines {
	added := f.AddedLines()
	most := 0
	if len(added) > 0 {
		most = added[len(added)-1].Number
	}
	out := make(lines, most+1)
	for _, l := range added {
		out[l.Number] = 1
	}
	for i := 1; i < len(out); i++ {
		out[i] += out[i-1]
	}
	return out
}

// any reports whether a line from one to another was added.
func (l lines) any(from, to int) bool {
	if len(l) == 0 {
		return false
	}
	at := func(n int) int { return l[max(0, min(n, len(l)-1))] }
	return at(to) > at(from-1)
}

// state is the work on one file.
type state struct {
	form  form
	table *tool.Table
	cut   cutter
	file  *change.File
	where func() string // the text in lower case, for what it says about itself
	test  bool
	added lines
	had   func() map[string]bool // the commands of the text before; nil: they are none of others
}

// becomes tells whether a command of which no line was added is another one now:
// a variable, a function or a folder has changed on which it stands.
func (s *state) becomes(c *command) bool {
	had := s.had()
	return had != nil && !had[where(c.Command)]
}

// where is a command with the folder that it runs in.
func where(c *shell.Command) string { return c.Dir + "\x00" + c.Join() }

// hadBefore reads the text before, where something was added on which commands
// elsewhere may stand.
func (s *state) hadBefore(cut cutter) map[string]bool {
	if s.file.Before.State != change.Loaded || len(s.file.Before.Body) > maxBytes {
		return nil
	}
	sets := func(l change.Line) bool {
		return strings.Contains(l.Text, "=") || strings.Contains(l.Text, "()") || strings.Contains(l.Text, "cd ") ||
			strings.Contains(l.Text, "pushd ")
	}
	if !slices.ContainsFunc(s.file.AddedLines(), sets) {
		return nil
	}
	out := map[string]bool{}
	for _, p := range cut.pieces(s.form, s.file.Path, s.file.Before.Body) {
		read := s.reader().Read(p.text, p.line)
		for i := range read.Commands {
			out[where(&read.Commands[i])] = true
		}
	}
	return out
}

// reader is how a file's texts are read.
func (s *state) reader() *shell.Reader {
	ext := strings.ToLower(path.Ext(s.file.Path))
	return &shell.Reader{Windows: ext == ".ps1" || ext == ".bat" || ext == ".cmd",
		Programs: s.table.Knows}
}

// piece looks at the commands of one text of which a part was added.
func (s *state) piece(p piece, r *detect.Report) {
	last := p.end
	if last == 0 {
		last = p.line + strings.Count(p.text, "\n")
	}
	if !s.added.any(p.line, last) {
		return
	}
	read := s.reader().Read(p.text, p.line)
	if read.Unread != "" {
		r.Add(detect.Observation{Kind: kindUnreadable, Line: p.line, Object: path.Base(s.file.Path), Detail: read.Unread, Bound: true})
	}
	cmds := commandsOf(read)
	if p.end > 0 {
		for i := range cmds {
			cmds[i].line, cmds[i].end = p.line, p.end
		}
	}
	s.commands(p, cmds, r)
}

// commands reports what commands do that were added.
func (s *state) commands(p piece, cmds []command, r *detect.Report) {
	type what struct {
		id, object string
		line       int
	}
	seen := map[what]bool{}
	report := func(line int, found []finding) {
		for _, f := range found {
			if w := (what{f.kind.ID, f.object, line}); !seen[w] {
				seen[w] = true
				k := f.kind
				if s.test && k != kindReverseShell && k != kindExfiltrate {
					k = kindInTest
				}
				r.Add(detect.Observation{Kind: k, Line: line, Object: f.object, Detail: f.detail})
			}
		}
	}
	for i := range cmds {
		c := &cmds[i]
		if len(c.words) == 0 || !s.added.any(c.line, c.end) && !s.becomes(c) {
			continue
		}
		found := append(s.command(c), s.inline(c)...)
		found = append(found, piped(cmds, i)...)
		found = append(found, exfiltrates(cmds, i)...)
		if len(found) == 0 {
			found = s.statement(c)
		}
		report(c.line, found)
	}
	s.reverse(p, cmds, report)
}

// reverse looks at the lines in which something is done.
func (s *state) reverse(p piece, cmds []command, report func(int, []finding)) {
	if !reaches(p.text) {
		return
	}
	acts := map[int]bool{}
	for i := range cmds {
		if len(cmds[i].words) > 0 && !speaks[cmds[i].name] {
			acts[cmds[i].line] = true
		}
	}
	if p.end > 0 {
		if acts[p.line] {
			report(p.line, reverse(p.text))
		}
		return
	}
	for _, l := range logicals(p.text) {
		line := l.line + p.line - 1
		if acts[line] && s.added.any(line, line+strings.Count(l.text, "\n")) {
			report(line, reverse(l.text))
		}
	}
}

// command is a simple command as this package looks at it.
type command struct {
	*shell.Command
	name  string
	words []shell.Word
	vars  []string // assignments before the command: RAILS_ENV=test
	piped bool     // its input comes from the command before it
	line  int      // counted from 1
	end   int
	text  string // as written, clipped
}

func commandsOf(s *shell.Script) []command {
	out := make([]command, len(s.Commands))
	for i := range s.Commands {
		c := &s.Commands[i]
		out[i] = command{Command: c, name: c.Name(), words: c.Words, piped: !c.In.Empty(), line: c.Line, end: c.End, text: c.Text}
		for _, a := range c.Assigns {
			out[i].vars = append(out[i].vars, a.Name+"="+a.Value.Text)
		}
	}
	return out
}

// command says what the table says of a command.
func (s *state) command(c *command) []finding {
	if speaks[c.name] || c.Opened {
		return nil
	}
	var out []finding
	for _, m := range s.table.Match(c.Command) {
		kind := m.Kind
		if m.Row.Production != "" && kind == m.Row.Kind && m.Row.Spare != "" && tool.TestWorld(s.where()) {
			kind = m.Row.Spare
		}
		if k := named[kind]; k != nil {
			out = append(out, finding{k, m.Object, m.Detail})
		}
	}
	return out
}

// finding is what a command does to what.
type finding struct {
	kind   *kind
	object string
	detail string
}

func found(k *kind, object, detail string) []finding { return []finding{{k, object, detail}} }

// sqlIn looks for a destructive statement in a text.
func sqlIn(text string) []finding {
	m, ok := tool.Statement(text)
	if !ok {
		return nil
	}
	return found(named[m.Kind], m.Object, m.Detail)
}

// args are the words of a command without its flags, and its flags.
func (c *command) args() (plain []string, flags []string) {
	for _, w := range c.Args() {
		if len(w.Text) > 1 && w.Text[0] == '-' {
			flags = append(flags, w.Text)
		} else {
			plain = append(plain, w.Text)
		}
	}
	return plain, flags
}

func (c *command) flag(names ...string) bool {
	for _, w := range c.Args() {
		for _, n := range names {
			if w.Text == n || strings.HasPrefix(w.Text, n+"=") {
				return true
			}
		}
	}
	return false
}

// speaks are programs that only say what they are given.
var speaks = map[string]bool{"echo": true, "printf": true, "log": true, "Write-Host": true, "Write-Output": true, "info": true,
	"warn": true, "print": true,
	"console.log": true, "logger": true, "grep": true, "rg": true, "git-grep": true, "man": true, "which": true, "type": true,
	"test": true, "[": true, "[[": true, "#": true, "say": true, "fail": true, "die": true}

// statement looks for SQL that is no client's argument: what a client reads,
// and what stands on a line of its own.
func (s *state) statement(c *command) []finding {
	own := false
	switch strings.ToLower(c.words[0].Text) {
	case "drop", "truncate", "delete":
		own = true
	}
	if !own && c.Stdin == nil || s.form == code || s.form == yaml && !strings.Contains(s.where(), "sql") {
		return nil
	}
	if own {
		return sqlIn(c.text)
	}
	knows := s.table.Knows(c.name)
	if c.Stdin == nil || c.piped && !knows || speaks[c.name] {
		return nil
	}
	var out []finding
	for line := range strings.Lines(*c.Stdin) {
		first, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(line)), " ")
		if knows || first == "drop" || first == "truncate" || first == "delete" {
			out = append(out, sqlIn(line)...)
		}
	}
	return out
}
