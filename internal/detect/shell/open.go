package shell

import (
	"strings"
)

// open follows what a command hands on.
func (p *pass) open(i int, in ctx) {
	c := p.out[i]
	name := c.Name()
	switch name {
	case "find", "fd":
		p.found(i, in)
		return
	case "source", ".":
		p.sourced(i, in)
		return
	case "trap":
		if len(c.Words) > 2 && strings.Contains(c.Words[1].Text, " ") {
			p.inner(i, c.Words[1], in)
		}
		return
	case "tee":
		p.kept(i, in)
		return
	}
	o, ok := openerOf(c.Words)
	if !ok && mayBeNothing(c.Words) {
		p.hand(i, c.Words[1:], nil, in)
		return
	}
	if !ok {
		p.kept(i, in)
		if len(p.files) > 0 && strings.Contains(c.Words[0].Text, "/") {
			p.file(i, c.Words[0].Text, in)
		}
		return
	}
	if o.script != "" && p.scripts(i, o, in) {
		return
	}
	if o.behind != "" {
		p.behind(i, o, in)
		return
	}
	if o.stdin && o.script == "-c" { // a shell
		p.reads(i, in)
		return
	}
	p.rest(i, o, c.Words[1:], in)
}

// mayBeNothing says whether the first word may be left out, and what follows hands on
// another command: $SUDO sh -c '…'.
func mayBeNothing(words []Word) bool {
	first := words[0]
	if first.Known || first.Quoted || len(words) < 2 || strings.IndexByte("$`", first.Text[0]) < 0 {
		return false
	}
	next := Base(words[1].Text)
	_, opens := openers[next]
	return opens || next == "source" || next == "." || next == "find"
}

// openerOf is how a program hands on what it is told, if it does.
func openerOf(words []Word) (opener, bool) {
	name, next := Base(words[0].Text), ""
	if !words[0].Known { // what stands before the name may be nothing
		name = name[strings.LastIndexAny(name, ")}`")+1:]
	}
	if len(words) > 1 {
		next = words[1].Text
	}
	switch {
	case name == "docker" && next == "compose":
		name = "docker-compose"
	case name == "command" && (next == "-v" || next == "-V"): // only says where it is
		return opener{}, false
	}
	o, ok := openers[name]
	return o, ok
}

// scripts reads the texts that flags give, and says whether there was one.
func (p *pass) scripts(i int, o opener, in ctx) bool {
	words := p.out[i].Words[1:]
	for k, w := range words {
		if k+1 < len(words) && (has(o.script, w.Text) || o.stdin && bundled(w.Text)) {
			p.withArgs(words[k+2:], o.stdin && o.script == "-c", func() { p.inner(i, words[k+1], in) })
			return true
		}
		if o.script != shellOpener.script || !o.stdin {
			if glued, ok := gluedOn(o.script, w.Text); ok {
				p.inner(i, Word{Text: glued, Quoted: true}, in)
				return true
			}
		}
		if flag, value, ok := strings.Cut(w.Text, "="); ok && strings.HasPrefix(flag, "--") && has(o.script, flag) {
			p.inner(i, Word{Text: value, Quoted: true}, in)
			return true
		}
	}
	return false
}

// gluedOn is the text that stands in one word with its flag: env -S'rm -rf x'.
func gluedOn(flags, w string) (string, bool) {
	for one := range strings.FieldsSeq(flags) {
		if len(one) == 2 && one[0] == '-' && len(w) > 2 && strings.HasPrefix(w, one) && strings.Contains(w, " ") {
			return w[2:], true
		}
	}
	return "", false
}

// withArgs has a shell's text read with the words behind it as $0, $1, ...
func (p *pass) withArgs(words []Word, is bool, do func()) {
	if !is || len(words) == 0 {
		do()
		return
	}
	args, bound, zero := p.args, p.bound, p.zero
	p.zero, p.args, p.bound = words[0].Text, texts(words[1:]), true
	do()
	p.args, p.bound, p.zero = args, bound, zero
}

// bundled tells whether a shell's flags end in -c: -lc, -ec.
func bundled(w string) bool {
	return len(w) > 2 && w[0] == '-' && w[1] != '-' && w[len(w)-1] == 'c'
}

func has(list, word string) bool {
	for one := range strings.FieldsSeq(list) {
		if one == word {
			return true
		}
	}
	return false
}

// inner reads a text that a command hands to a shell.
func (p *pass) inner(i int, text Word, in ctx) {
	p.read(i, text.Text, p.out[i].Line, in)
}

func (p *pass) read(i int, text string, line int, in ctx) {
	if strings.TrimSpace(text) == "" {
		return
	}
	in.by = i
	in.depth++
	in.maybe = true
	if in.stdin == nil {
		in.stdin = p.out[i].Stdin
	}
	switch name := p.out[i].Name(); {
	case name == "eval" || name == "source" || name == ".":
		p.script(text, line, in)
	case elsewhere[name]:
		p.apart(func() {
			p.dir = ""
			p.script(text, line, in)
		})
	default:
		p.apart(func() { p.script(text, line, in) })
	}
}

// elsewhere are programs that run what they are given on another machine, or in
// another root.
var elsewhere = map[string]bool{"ssh": true, "docker": true, "podman": true, "nerdctl": true, "docker-compose": true,
	"kubectl": true, "oc": true, "k": true, "heroku": true, "fly": true, "flyctl": true, "chroot": true}

// reads follows a shell that is given a file, or reads its input.
func (p *pass) reads(i int, in ctx) {
	c := p.out[i]
	for _, w := range c.Words[1:] {
		if strings.HasPrefix(w.Text, "-") && w.Text != "-" || strings.HasPrefix(w.Text, "+") {
			continue
		}
		if w.Text != "-" && w.Text != "/dev/stdin" && !hasFlag(c.Words, "-s") {
			p.file(i, w.Text, in)
			return
		}
		break
	}
	p.fromInput(i, in)
}

func hasFlag(words []Word, flag string) bool {
	for _, w := range words[1:] {
		if w.Text == flag {
			return true
		}
	}
	return false
}

// fromInput reads what a shell is given as its input, where it is known.
func (p *pass) fromInput(i int, in ctx) {
	c := p.out[i]
	if c.Stdin == nil {
		return
	}
	line := c.Line
	for _, r := range c.Redirects {
		if r.Op == "<<" || r.Op == "<<-" {
			line++ // the text stands under the command
		}
	}
	in.in, in.stdin = Span{}, &nothing
	p.read(i, *c.Stdin, line, in)
}

// nothing is what is left of an input that was read.
var nothing string

// found follows find -exec.
func (p *pass) found(i int, in ctx) {
	words := p.out[i].Words
	for k, w := range words {
		switch w.Text {
		case "-exec", "-execdir", "-ok", "-okdir", "-x", "-X":
			end := k + 1
			for end < len(words) && words[end].Text != ";" && words[end].Text != "+" {
				end++
			}
			p.hand(i, words[k+1:end], nil, in)
		}
	}
}

// rest hands on the words behind a program's own flags.
func (p *pass) rest(i int, o opener, words []Word, in ctx) {
	var assigns []Assign
	skip, image := o.skip, ""
	for len(words) > 0 {
		w := words[0].Text
		name, value, assigned := strings.Cut(w, "=")
		switch {
		case w == "--":
			if words = words[1:]; skip == 0 {
				goto found
			}
			continue
		case has(o.valued, w):
			words = words[min(2, len(words)):]
			continue
		case len(w) > 1 && w[0] == '-', w == "-":
		case assigned && identifier(name):
			assigns = append(assigns, Assign{name, Word{Text: value, Quoted: words[0].Quoted, Known: words[0].Known}})
		case skip > 0:
			image = w
			skip--
		default:
			goto found
		}
		words = words[1:]
	}
found:
	if len(words) == 0 {
		if o.stdin {
			p.fromInput(i, in)
		}
		return
	}
	p.out[i].Opened = o.only
	name := p.out[i].Name()
	switch {
	case name == "xargs":
		p.xargs(i, words, in)
		return
	case o.joined:
		p.read(i, Join(words), p.out[i].Line, in)
		return
	case len(words) == 1 && words[0].Quoted && strings.Contains(strings.TrimSpace(words[0].Text), " "):
		p.inner(i, words[0], in)
		return
	}
	if p.reader.Programs != nil && o.skip > 0 && !o.only {
		words = p.resync(words, image)
	}
	p.hand(i, words, assigns, in)
}

// resync goes on to the first word that is a program, where a flag that nobody
// knows may have taken a word. Where none is, an image that is called as a program
// runs it: docker run hashicorp/terraform destroy.
func (p *pass) resync(words []Word, image string) []Word {
	for k, w := range words {
		if _, opens := openers[Base(w.Text)]; opens || p.reader.Programs(Base(w.Text)) {
			return words[k:]
		}
	}
	image, _, _ = strings.Cut(image[strings.LastIndexByte(image, '/')+1:], "@")
	if image, _, _ = strings.Cut(image, ":"); image != "" && p.reader.Programs(image) {
		return append([]Word{{Text: image, Known: true}}, words...)
	}
	return words
}

// behind hands on what stands behind a word that says so.
func (p *pass) behind(i int, o opener, in ctx) {
	words := p.out[i].Words
	for k, w := range words {
		if k == 0 || !has(o.behind, w.Text) {
			continue
		}
		if w.Text == "--" || o.skip == 0 {
			p.rest(i, opener{valued: o.valued, stdin: o.stdin}, words[k+1:], in)
		} else {
			p.rest(i, opener{valued: o.valued, skip: o.skip}, words[k+1:], in)
		}
		return
	}
	if o.bins && p.reader.Programs != nil && len(words) > 1 && p.reader.Programs(words[1].Text) {
		p.hand(i, words[1:], nil, in)
		return
	}
	for k := len(words) - 1; k > 0; k-- { // the last quoted word that holds a blank is a command line
		if words[k].Quoted && strings.Contains(strings.TrimSpace(words[k].Text), " ") && o.script == "" {
			p.inner(i, words[k], in)
			return
		}
	}
}

// hand has words be a command of their own, with the input of the one that
// hands them on.
func (p *pass) hand(i int, words []Word, assigns []Assign, in ctx) {
	if len(words) == 0 || !p.take(16*len(words)) {
		return
	}
	if in.depth > maxDepth || p.handed(i) > 20 {
		p.note("it hands on what hands on more often than is followed")
		return
	}
	c := p.out[i]
	in.by = i
	if in.stdin == nil {
		in.stdin = c.Stdin
	}
	if at := strings.LastIndexByte(words[0].Text, '@'); at > 0 { // npx tool@2
		words = append([]Word(nil), words...)
		words[0].Text = words[0].Text[:at]
	}
	p.emit(Command{Words: words, Assigns: append(append([]Assign(nil), c.Assigns...), assigns...),
		Redirects: c.Redirects, Subst: c.Subst, Line: c.Line, End: c.End, Text: c.Text}, in)
}

// handed is how many commands hand one on.
func (p *pass) handed(i int) int {
	n := 0
	for i >= 0 && n < 100 {
		i = p.out[i].By
		n++
	}
	return n
}
