package command

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect/bound"
	"github.com/gatehold/gatehold/internal/detect/deed"
	"github.com/gatehold/gatehold/internal/detect/source"
)

// execs are names of calls that hand words or a text to a shell or to the system,
// in small letters and without underscores.
var execs = setOf(`system popen popen2 popen3 popen4 run call checkcall checkoutput getoutput getstatusoutput exec execsync execfile
	execfilesync execasync execv execve execvp execvpe execl execlp execute spawn spawnsync spawnl spawnlp spawnv spawnvp posixspawn
	execa execasync execasyncfn execasyncsh execacommand execacommandsync command commandcontext cmd sh shsync bash zsh
	pwsh powershell bat shell shellexec shellexecute passthru procopen pcntlexec processbuilder process processstartinfo start
	startprocess createprocess createsubprocessexec createsubprocessshell capture capture2 capture2e capture3 pipeline pipelinew
	backtick commandline sudo local runcommand runshell runcmd runscript runscriptsync remote invoke output mustrun runv runwith
	runsync execsh execshell shelljs zx $ doshellscript rsystem addcommands adduserdata executescript execcommand runinshell
	shellout sys fork qx task nsenter executecommand runprocess bashoperator sshoperator genrule runshell callcommand
	cmdline syscall silent $$ executeshellcommand runtimeexec popenasync execcmd runlocally within commandlinerunner`)

// wraps are names of calls that give back the strings that they are given.
var wraps = setOf(`list of aslist listof arrayof mutablelistof split join dedent format sprintf str string tuple strip trim trimindent quote
	vec array words shlex concat fmt ref w map literal raw escapeshellcmd stripindent cleandoc arrays from url`)

// commandArgs are keys of what is handed on that hold a command.
var commandArgs = setOf(`script command cmd commands args argv arguments filename executable input shell program inline run bashcommand
	cmdline file entrypoint`)

// programKeys are keys whose value is a command wherever they stand in a program,
// and listKeys those where it is one if it is a list.
var (
	programKeys = setOf(`inline commands userdata startupscript metadatastartupscript initscript shellhook script shell bashcommand
		cmdbash cmdps runcommand customdata userdatabase64 postinstall`)
	listKeys = setOf(`command cmd program entrypoint args argv containercommand`)
	hclKeys  = setOf(`command cmd run exec program entrypoint args executecommand`)
)

// programKey tells whether a key's value is a command wherever it stands.
func programKey(folded string) bool {
	if programKeys[folded] {
		return true
	}
	for _, part := range [...]string{"command", "cmd", "hook", "script"} {
		rest, begins := strings.CutPrefix(folded, part)
		if rest != "" && (strings.HasSuffix(folded, part) || begins && (rest == "content" || rest == "text" || rest == "body")) {
			return true
		}
	}
	for _, when := range [...]string{"pre", "post"} {
		switch after, ok := strings.CutPrefix(folded, when); {
		case !ok:
		case after == "deploy", after == "setup", after == "install", after == "build", after == "start", after == "create",
			after == "release":
			return true
		}
	}
	return false
}

func setOf(list string) map[string]bool {
	out := map[string]bool{}
	for name := range strings.FieldsSeq(list) {
		out[strings.ReplaceAll(name, "_", "")] = true
	}
	return out
}

func fold(name string) string { return source.Fold(name) }

// programPieces are the commands that a program hands to a shell, however many
// lines, names and parts their words are in.
func (c cutter) programPieces(lang source.Language, declares bool, body string) (out []piece, err error) {
	if !hands(body) && !worth(c.words, body) {
		return nil, nil
	}
	r := &programReader{cutter: c, lang: lang, declares: declares, src: body, values: map[string]value{}}
	err = bound.Catch(func() { // what was found before counts all the same
		r.toks = source.Tokens(body, lang)
		r.read()
	})
	return r.out, err
}

// programReader reads one program.
type programReader struct {
	cutter
	lang     source.Language
	declares bool // it says by keys what is run: HCL, Bazel
	src      string
	toks     []source.Token
	values   map[string]value // of names that were given one
	out      []piece
	effort   int
	stop     int // where the reading of one call ends at the latest
}

// value is what an expression comes to, as far as it is written down.
type value struct {
	key   string
	words []string
	list  bool
	text  bool // a part of it is a string
	raw   bool // its lines are those of the file
	line  int  // of its first string
	end   int
}

// The bounds of reading expressions.
const (
	maxNesting = 12
	maxTokens  = 250 // of the arguments of one call
	perToken   = 60  // how often each may be read, with calls inside of calls
	spare      = 100_000
	maxValues  = 2000
)

func (r *programReader) at(i int) source.Token {
	if i < 0 || i >= len(r.toks) {
		return source.Token{Kind: source.Newline}
	}
	return r.toks[i]
}

func (r *programReader) read() {
	for i, t := range r.toks {
		r.stop = i + maxTokens
		switch t.Kind {
		case source.Name:
			r.name(i, t)
		case source.String:
			r.stringAt(i, t)
		case source.Punct:
			if t.Text == "%" && r.lang == source.Ruby && r.at(i+1).Is("x") {
				r.percent(i)
			}
		}
	}
}

// name looks at what stands behind a name: a value, or the arguments of a call.
func (r *programReader) name(i int, t source.Token) {
	next := r.at(i + 1)
	switch prev := r.at(i - 1); {
	case declaring[prev.Text] && prev.Kind == source.Name:
	case next.Is("("):
		r.called(i, fold(t.Text))
	case t.Text == "Task" && next.Is("[") && r.at(i+2).Kind == source.String: // Rake::Task["db:drop"]
		r.task("rake", []value{{words: []string{r.at(i + 2).Text}, text: true, line: t.Line, end: t.Line}})
	case (next.Kind == source.String || next.Kind == source.Symbol) && next.Line == t.Line && execs[fold(t.Text)]:
		r.call(r.bare(i + 1))
	case r.assigns(i + 1):
		r.given(i, fold(t.Text))
	}
}

// declaring are words behind which a name is declared, not called.
var declaring = map[string]bool{"def": true, "function": true, "func": true, "class": true, "fn": true, "fun": true}

// called reads the arguments of a call that hands on what it is given.
func (r *programReader) called(i int, folded string) {
	receiver := r.receiver(i)
	by := runsTasks[folded]
	if by == "" {
		by = runsTasks[folded+" "+receiver]
	}
	switch v, known := r.values[receiver]; {
	case by != "":
		r.task(by, r.list(i+2, 0))
	case receiver == "sh" && r.table.Knows(folded): // Python's sh
		r.call(append([]value{{words: []string{folded}}}, r.list(i+2, 0)...))
	case execs[folded], folded == "new" && execs[fold(receiver)], runs(r.at(i).Text):
		r.call(r.list(i+2, 0))
	case known && (folded == "append" || folded == "extend" || folded == "push" || folded == "add"):
		r.grow(receiver, v, i+2)
	}
}

// runs tells the name of a call by which a library that nobody here knows runs a
// command: WithExec, run_shell_command.
func runs(name string) bool {
	for _, w := range deed.Split(name) {
		switch w {
		case "exec", "shell", "bash", "popen", "subprocess", "spawn":
			return true
		}
	}
	return false
}

// assigns tells whether a name is given a value at token i.
func (r *programReader) assigns(i int) bool {
	switch t := r.at(i); {
	case t.Is("="):
		return !r.at(i+1).Is("=") && !r.at(i+1).Is("~")
	case t.Is(":"):
		return !r.at(i + 1).Is(":")
	case t.Is("+"):
		return r.at(i + 1).Is("=")
	}
	return false
}

// given reads NAME = VALUE and KEY: VALUE.
func (r *programReader) given(i int, folded string) {
	from := i + 2
	for n := 0; n < 3 && (r.at(from).Is("=") || r.at(from).Is(">")); n++ {
		from++
	}
	v, end := r.expression(from, true, 0)
	r.keep(r.at(i).Text, v, r.at(i+1).Is("+"))
	if launches[folded] && len(v.words) == 1 {
		if all := r.withArguments(v, end); len(all.words) > 1 {
			r.call([]value{all})
		}
		return
	}
	if !v.text || !programKey(folded) && !(r.declares && hclKeys[folded]) && !(listKeys[folded] && v.list) {
		return
	}
	switch folded {
	case "command", "program", "executable":
		if len(v.words) == 1 {
			v = r.withArguments(v, end)
		}
	case "inline", "commands", "script":
		r.lines(v)
		return
	}
	r.call([]value{v})
}

// launches are keys of a program whose arguments stand under another key.
var launches = setOf("filename launchpath executableurl executable runtimeexecutable")

// keep gives a name its value, or more of it.
func (r *programReader) keep(name string, v value, more bool) {
	if len(v.words) == 0 || len(r.values) >= maxValues || !v.text && !v.list {
		return
	}
	if old := r.values[name]; more && len(old.words)+len(v.words) < maxArgv {
		v.words = append(append([]string(nil), old.words...), v.words...)
		v.list = v.list || old.list
	}
	r.values[name] = v
}

// runsTasks are calls that run a task of a framework, with the receiver where the
// name alone does not say it, and how the task is run in a shell.
var runsTasks = map[string]string{"callcommand": "manage.py", "call Artisan": "php artisan", "queue Artisan": "php artisan",
	"run Task": "mix", "rerun Task": "mix"}

// task reads the name of a task, with its arguments.
func (r *programReader) task(by string, args []value) {
	if len(args) == 0 || !args[0].text {
		return
	}
	text := by
	for _, a := range args {
		if a.key == "" {
			text += " " + strings.Join(a.words, " ")
		}
	}
	r.put(text, value{line: args[0].line, end: args[0].end})
}

// lines has each string of a list be a command of its own.
func (r *programReader) lines(v value) {
	for _, w := range v.words {
		one := v
		one.words, one.list = []string{w}, false
		r.call([]value{one})
	}
}

// withArguments joins the arguments that the next key gives to a program.
func (r *programReader) withArguments(v value, end int) value {
	for i := end; i < min(end+6, len(r.toks)); i++ {
		if t := r.at(i); (t.Kind == source.Name || t.Kind == source.String) && strings.HasPrefix(fold(t.Text), "arg") {
			for i++; r.at(i).Is(":") || r.at(i).Is("="); i++ {
			}
			more, _ := r.expression(i, true, 0)
			if len(more.words) == 1 {
				more.words = strings.Fields(more.words[0])
			}
			v.words, v.list, v.end = append(v.words, more.words...), true, max(v.end, more.end)
			return v
		}
	}
	return v
}

// grow adds what a list is given more.
func (r *programReader) grow(name string, v value, from int) {
	words := append([]string(nil), v.words...)
	for _, a := range r.list(from, 0) {
		words = append(words, a.words...)
	}
	if len(words) < maxArgv {
		v.words, v.list = words, true
		r.values[name] = v
	}
}

// stringAt looks at a string that is run by itself, and at a key in quotes.
func (r *programReader) stringAt(i int, t source.Token) {
	quote := r.src[t.From]
	next, name := r.at(i+1), fold(r.at(i+2).Text)
	switch {
	case quote == '`' && (r.lang == source.Ruby || r.lang == source.PHP),
		next.Is(".") && name == "execute" && r.at(i+3).Is("("), next.Is(".") && r.at(i+2).Is("!"):
		v, _ := r.expression(i, true, 0)
		r.call([]value{v})
	case next.Is(":") || next.Is("=") && r.at(i+2).Is(">"):
		r.given(i, fold(t.Text))
	}
}

// percent reads Ruby's %x(…).
func (r *programReader) percent(i int) {
	from := r.at(i + 1).To
	if from >= len(r.src) {
		return
	}
	shut := map[byte]byte{'(': ')', '{': '}', '[': ']', '|': '|', '!': '!'}[r.src[from]]
	text := r.src[from+1 : min(len(r.src), from+1000)]
	if end := strings.IndexByte(text, shut); shut != 0 && end >= 0 {
		line := r.at(i).Line
		r.call([]value{{words: []string{text[:end]}, text: true, line: line, end: line + strings.Count(text[:end], "\n")}})
	}
}

// receiver is the name before the dot or the colons in front of token i, or the
// one that is made.
func (r *programReader) receiver(i int) string {
	switch {
	case r.at(i - 1).Is("."):
		return r.at(i - 2).Text
	case r.at(i-1).Is(":") && r.at(i-2).Is(":"), r.at(i-1).Is(">") && r.at(i-2).Is("-"):
		return r.at(i - 3).Text
	}
	return ""
}

// call reports what a call is handed: a text, or the words of a command.
func (r *programReader) call(args []value) {
	var given []value
	all := value{}
	for _, a := range args {
		if len(a.words) == 0 || a.key != "" && !commandArgs[fold(a.key)] {
			continue
		}
		given = append(given, a)
		all.words = append(all.words, a.words...)
		all.take(a)
	}
	if !all.text || len(all.words) > maxArgv {
		return
	}
	for len(given) > 1 && !given[0].text && !given[0].list { // exec.CommandContext(ctx, …)
		if !strings.HasPrefix(given[0].words[0], "${") {
			break
		}
		all.words, given = all.words[len(given[0].words):], given[1:]
	}
	first, words := given[0], all.words
	switch {
	case len(words) == 1 || !first.list && strings.Contains(strings.TrimSpace(words[0]), " "):
		for _, a := range given {
			r.put(strings.Join(a.words, " "), a)
		}
	case !first.list && len(words) == 2 && strings.Contains(words[1], " ") && !runners[words[0]] && !shells[words[0]]:
		r.put(words[0]+" "+words[1], value{line: all.line, end: all.end})
	default:
		r.put(asWords(words), value{line: all.line, end: all.end})
	}
}

// put keeps a text of shell.
func (r *programReader) put(text string, at value) {
	if len(text) < 4 || at.line == 0 || !r.worth(text) {
		return
	}
	one := piece{text: text, line: at.line, end: max(at.line, at.end)}
	if at.raw {
		one.end = 0
	}
	r.out = append(r.out, one)
}
