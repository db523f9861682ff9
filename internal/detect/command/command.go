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
	"github.com/gatehold/gatehold/internal/detect/deed"
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
	list = append(append(list, table.Says()...), deed.Verbs()...)
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
	if f.After.State == change.Absent || !becomesRun(f) && f.Before.State == change.Loaded && f.Before.Body == f.After.Body {
		return
	}
	form, name := formOf(f), f.Path
	if path.Ext(name) == "" && form == script && f.After.State == change.Loaded {
		form, name = byFirstLine(f)
	}
	if form == noForm || f.After.State != change.Loaded && !expected(f) {
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
	table, matcher := d.table, d.words
	if table == nil {
		table, matcher = tool.Shipped(), words()
	}
	cut := cutter{matcher, table}
	s := &state{form: form, name: name, file: f, table: table, cut: cut, test: testPath(f.Path, form), added: linesOf(f),
		whole: becomesRun(f), where: sync.OnceValue(func() string {
			return strings.ToLower(f.After.Body[:min(len(f.After.Body), 64<<10)])
		})}
	s.had, s.has = s.lazily(f.Before), s.lazily(f.After)
	for _, p := range cut.pieces(form, name, f.After.Body) {
		s.piece(p, r)
	}
}

// expected tells whether a file that cannot be read is one in which commands are
// sure to stand.
func expected(f *change.File) bool {
	return path.Ext(f.Path) != "" || f.Mode == change.ModeExecutable || scriptFolders[strings.ToLower(path.Base(path.Dir(f.Path)))] ||
		formOf(f) != script
}

// becomesRun tells whether the same text is run now: only its mode has changed.
func becomesRun(f *change.File) bool {
	return f.Status == change.Modified && path.Ext(f.Path) == "" && f.PreviousMode != change.ModeExecutable &&
		f.Mode == change.ModeExecutable && f.Before.State == change.Loaded && f.After.State == change.Loaded && f.Before.Body == f.After.Body
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
		if acts[line] && s.is(line, line+strings.Count(l.text, "\n")) {
			report(line, reverse(l.text))
		}
	}
}

// command is a simple command as this package looks at it.
type command struct {
	*shell.Command
	name   string
	words  []shell.Word
	vars   []string // assignments before the command: RAILS_ENV=test
	piped  bool     // its input comes from the command before it
	around around   // what stands before it
	line   int      // counted from 1
	end    int
	text   string // as written, clipped
}

// commandsOf are the commands of a piece of a file.
func commandsOf(s *shell.Script, p piece) []command {
	out := make([]command, len(s.Commands))
	for i := range s.Commands {
		c := &s.Commands[i]
		out[i] = command{Command: c, name: c.Name(), words: c.Words, piped: !c.In.Empty(), line: c.Line, end: c.End, text: c.Text}
		if p.end > 0 {
			out[i].line, out[i].end = p.line, p.end
		}
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
	matches := s.table.Match(c.Command)
	if len(matches) == 0 {
		matches = s.table.Guess(c.Command)
	}
	for _, m := range matches {
		kind := m.Kind
		if m.Row.Production != "" && kind == m.Row.Kind && m.Row.Spare != "" && tool.TestWorld(s.where()) {
			kind = m.Row.Spare
		}
		if kind == "destroy-infrastructure" && spared(c) {
			kind = "delete-minor"
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
	if !own && c.Stdin == nil || s.form == code || s.form == program || s.form == yaml && !strings.Contains(s.where(), "sql") {
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
