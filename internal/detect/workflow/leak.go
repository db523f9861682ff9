package workflow

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect/hosts"
	"github.com/gatehold/gatehold/internal/detect/shell"
)

// taint is a secret that a variable, a word or an output holds.
type taint struct {
	secret  string // its name; empty: none
	changed bool   // it is not as it was given, so that logs do not hide it
}

func (t taint) none() bool { return t.secret == "" }

// leaks follows the secrets of one step through what it runs.
type leaks struct {
	step   *step
	vars   map[string]taint
	files  map[string]taint // written with a secret in it
	script *shell.Script
	out    []taint // what each command writes
	piped  []bool  // another command reads what it writes
	hits   []hit
	where  string
	read   int // bytes of programs that were looked at
}

// auditLeaks reports secrets that leave the run: sent to hosts that they are not
// for, printed in a form that logs do not hide, put into an artifact.
func auditLeaks(f *file, j *job) []hit {
	var out []hit
	files := map[string]taint{}
	for i := range j.steps {
		s := &j.steps[i]
		if never(s.ifs.s) {
			continue
		}
		l := &leaks{step: s, vars: f.tainted(j, s), files: files, where: j.id}
		if s.uses.s != "" {
			l.action()
		} else if text := l.marked(s.run.s); len(l.vars) > 0 || strings.Contains(text, "ACTIONS_ID_TOKEN_REQUEST") {
			l.run(text)
		}
		out = append(out, l.hits...)
		out = append(out, readsMemory(j, s)...)
	}
	return out
}

// tainted are the variables of a step's environment that hold secrets.
func (f *file) tainted(j *job, s *step) map[string]taint {
	out := map[string]taint{}
	for _, env := range [][]pair{f.env, j.env, s.env} {
		for _, p := range env {
			if secret := secretIn(p.value.s); secret != "" {
				out[p.key] = taint{secret: secret}
			} else {
				delete(out, p.key)
			}
		}
	}
	return out
}

// secretIn is the secret that a value holds, empty for none. The job's own token
// is one: it is good for as long as the job runs.
func secretIn(s string) string {
	for _, e := range expressions(s) {
		for _, c := range contexts(e.body) {
			name, one := strings.CutPrefix(c.path, "secrets.")
			switch {
			case !c.flows:
			case c.path == "secrets" || one && strings.HasPrefix(name, "*"):
				return "ALL"
			case one:
				return strings.ToUpper(name)
			case c.path == "github.token":
				return "GITHUB_TOKEN"
			}
		}
	}
	return ""
}

// marked is a script with each expression made a variable, so that a shell's
// reader takes it for one word; those of secrets become known.
func (l *leaks) marked(run string) string {
	var b strings.Builder
	at := 0
	for _, e := range expressions(run) {
		b.WriteString(run[at:e.off])
		whole := run[e.off : e.off+len(e.body)+5]
		name := "GH_EXPRESSION"
		if secret := secretIn(whole); secret != "" {
			name = "GH_SECRET_" + secret
			l.vars[name] = taint{secret: secret}
		}
		b.WriteString("${" + name + "}" + strings.Repeat("\n", strings.Count(whole, "\n")))
		at = e.off + len(whole)
	}
	b.WriteString(run[at:])
	return b.String()
}

func (l *leaks) run(text string) {
	switch lang := l.step.shell; {
	case strings.HasPrefix(lang, "python"), strings.HasPrefix(lang, "node"), strings.HasPrefix(lang, "perl"),
		strings.HasPrefix(lang, "ruby"), strings.HasPrefix(lang, "php"):
		l.program(text, l.step.run.line)
		return
	}
	r := shell.Reader{Windows: strings.HasPrefix(l.step.shell, "pwsh") || strings.HasPrefix(l.step.shell, "powershell")}
	l.script = r.Read(text, 1)
	cmds := l.script.Commands
	if len(cmds) > maxCommands {
		cmds = cmds[:maxCommands]
	}
	l.out, l.piped = make([]taint, len(cmds)), make([]bool, len(cmds))
	for i := range cmds {
		if in := cmds[i].In; !in.Empty() && in.From < len(cmds) {
			l.piped[min(in.To, len(cmds))-1] = true
		}
	}
	for i := range cmds {
		l.command(i, &cmds[i])
	}
}

// command looks at one command: what it reads, what it hands on, where it goes.
func (l *leaks) command(i int, c *shell.Command) {
	for _, a := range c.Assigns {
		if t := l.value(a.Value.Text); !t.none() {
			l.vars[a.Name] = t
		}
	}
	name := c.Name()
	if name == "export" || name == "declare" || name == "local" || name == "readonly" {
		for _, w := range c.Args() {
			if key, value, ok := strings.Cut(w.Text, "="); ok {
				if t := l.value(value); !t.none() {
					l.vars[key] = t
				}
			}
		}
	}
	in := l.input(i, c)
	l.out[i] = l.output(name, c, in)
	if !l.out[i].none() {
		l.written(i, c)
	}
	if !sends[name] && !interpreter(name) && !resolvers[name] && !mailers[name] {
		return
	}
	switch {
	case resolvers[name]:
		if t := l.words(c); !t.none() {
			l.sent(c, t, "in a name that "+name+" looks up")
		}
	case interpreter(name):
		if text := handed(c); text != "" {
			l.program(text, l.step.run.line+c.Line)
		}
	default:
		l.request(c, in)
	}
}

// value is what a value of the script holds, with the substitutions in it.
func (l *leaks) value(text string) taint {
	t := l.holds(text)
	if !t.none() && (strings.Contains(text, "$(") || strings.Contains(text, "`")) {
		for w := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune(" |()`\"$;", r) }) {
			if encoders[shell.Base(w)] {
				t.changed = true
			}
			if hashes[shell.Base(w)] {
				return taint{}
			}
		}
	}
	return t
}

// holds finds a variable with a secret in a word of a shell. A part of it, or
// one with characters exchanged, is not what logs look for.
func (l *leaks) holds(text string) taint {
	for at := 0; at < len(text); {
		i := strings.IndexByte(text[at:], '$')
		if i < 0 {
			return taint{}
		}
		at += i + 1
		rest := text[at:]
		brace := strings.HasPrefix(rest, "{")
		rest = strings.TrimPrefix(rest, "{")
		if len(rest) > 4 && strings.EqualFold(rest[:4], "env:") {
			rest = rest[4:]
		}
		n := 0
		for n < len(rest) && isIdent(rest[n]) && rest[n] != '-' {
			n++
		}
		t, ok := l.vars[rest[:n]]
		if !ok {
			if strings.HasPrefix(rest[:n], "ACTIONS_ID_TOKEN_REQUEST_TOKEN") {
				return taint{secret: "ACTIONS_ID_TOKEN_REQUEST_TOKEN"}
			}
			continue
		}
		if brace && n+1 < len(rest) {
			switch next := rest[n]; {
			case next == ':' && !strings.ContainsRune("-+=?", rune(rest[n+1])), strings.IndexByte("/^,@#%", next) >= 0:
				t.changed = true
			}
		}
		return t
	}
	return taint{}
}

// words is what the arguments of a command hold, with what runs in them.
func (l *leaks) words(c *shell.Command) taint {
	var found taint
	for _, w := range c.Words {
		if t := l.value(w.Text); !t.none() {
			found.secret, found.changed = t.secret, found.changed || t.changed
		}
	}
	for k := c.Subst.From; k < min(c.Subst.To, len(l.out)); k++ {
		if t := l.out[k]; !t.none() {
			found.secret, found.changed = t.secret, found.changed || t.changed
		}
	}
	return found
}

// input is what a command reads: from a pipe, or from the script.
func (l *leaks) input(i int, c *shell.Command) taint {
	for k := c.In.To - 1; k >= c.In.From && k < i; k-- {
		if t := l.out[k]; !t.none() {
			return t
		}
	}
	for _, r := range c.Redirects {
		switch r.Op {
		case "<<", "<<-", "<<<":
			if t := l.holds(r.Target.Text); !t.none() {
				return t
			}
		case "<":
			if t := l.files[clean(r.Target.Text)]; !t.none() {
				return t
			}
		}
	}
	return taint{}
}

// output is what a command writes.
func (l *leaks) output(name string, c *shell.Command, in taint) taint {
	switch name {
	case "echo", "printf", "Write-Host", "Write-Output", "print":
		return l.words(c)
	case "env", "printenv", "export", "set", "declare":
		if name == "printenv" && len(c.Args()) > 0 {
			return l.vars[c.Args()[0].Text]
		}
		if len(c.Args()) == 0 || c.Args()[0].Text == "-p" || name == "env" && c.Args()[0].Text == "-0" {
			return taint{secret: l.any()}
		}
		return taint{}
	case "cat", "head", "tail", "tee", "grep", "sort", "jq", "cut", "dd", "gzip", "zstd", "xz":
	default:
		if !encoders[name] {
			return taint{}
		}
	}
	if in.none() {
		for _, w := range c.Args() {
			if t := l.files[clean(w.Text)]; !t.none() {
				in = t
			}
		}
	}
	in.changed = in.changed || !in.none() && (encoders[name] && !decodes(c) || takesApart(name, c))
	return in
}

// takesApart tells whether a filter gives out pieces of what it reads, or its own
// form of it.
func takesApart(name string, c *shell.Command) bool {
	text := c.Join()
	switch name {
	case "head", "tail":
		return strings.Contains(text, "-c")
	case "grep":
		return strings.Contains(text, "-o")
	case "jq":
		return strings.Contains(text, "@") || strings.Contains(text, "explode") || strings.Contains(text,
			"split(") || strings.Contains(text, "[")
	case "dd":
		return true
	}
	return false
}

// any is a secret of the environment; the first by name.
func (l *leaks) any() string {
	for _, name := range sortedKeys(l.vars) {
		if !strings.HasPrefix(name, "GH_SECRET_") {
			return l.vars[name].secret
		}
	}
	return ""
}

// decodes tells whether an encoder is run the other way round.
func decodes(c *shell.Command) bool {
	for _, w := range c.Args() {
		switch w.Text {
		case "-d", "-D", "--decode", "-di", "-r", "-A", "-rp", "-dbase64":
			return true
		}
	}
	return false
}

// written looks at where a secret goes that a command writes.
func (l *leaks) written(i int, c *shell.Command) {
	t := l.out[i]
	if c.Name() == "tee" {
		for _, w := range c.Args() {
			l.files[clean(w.Text)] = t
		}
	}
	for _, r := range c.Redirects {
		switch r.Op {
		case ">", ">>", ">|", "&>", "&>>":
			target := r.Target.Text
			switch {
			case strings.HasPrefix(target, "/dev/tcp/"), strings.HasPrefix(target, "/dev/udp/"):
				if host, _, _ := strings.Cut(target[len("/dev/tcp/"):], "/"); !hosts.Within(host) {
					l.sent(c, t, "to "+host)
				}
			case strings.HasPrefix(target, "/dev/std"), strings.HasPrefix(target, "/dev/tty"), strings.HasPrefix(target, "/proc/"),
				strings.Contains(target, "GITHUB_STEP_SUMMARY"):
				if t.changed {
					l.printed(c, t)
				}
			default:
				l.files[clean(target)] = t
			}
			return
		}
	}
	splits := c.Substituted && (c.Name() == "fold" || c.Name() == "rev")
	if t.changed && !l.piped[i] && (!c.Substituted || splits) {
		l.printed(c, t)
	}
}

// clean is a file's name as different steps may write it.
func clean(name string) string {
	name = strings.TrimSpace(strings.ReplaceAll(name, "\\", "/"))
	for _, root := range [...]string{"./", "$GITHUB_WORKSPACE/", "${GITHUB_WORKSPACE}/", "${GH_EXPRESSION}/"} {
		name = strings.TrimPrefix(name, root)
	}
	return name
}

func (l *leaks) printed(c *shell.Command, t taint) {
	l.hits = append(l.hits, hit{kind: kindSecretPrinted, key: t.secret, line: l.line(c), object: t.secret, detail: "by " + c.Name()})
}

func (l *leaks) sent(c *shell.Command, t taint, how string) {
	l.hits = append(l.hits, hit{kind: kindSecretSent, key: t.secret, line: l.line(c), object: t.secret, detail: how})
}

func (l *leaks) line(c *shell.Command) int {
	if !strings.Contains(l.step.run.s, "\n") {
		return l.step.run.line
	}
	return l.step.run.line + c.Line
}
