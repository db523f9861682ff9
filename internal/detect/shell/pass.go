package shell

import (
	"strings"
)

// The bounds of one reading.
const (
	maxDepth    = 6        // strings that hand on strings
	maxCommands = 20000    // of one text, with all that is handed on
	maxWords    = 4000     // of one command
	maxValue    = 4 << 10  // bytes of a variable's value
	maxValues   = 4        // values that one variable may have
	maxText     = 400      // bytes of Command.Text
	perByte     = 16       // how often each byte may be read, with all that is handed on
	spare       = 64 << 10 // bytes beyond that, for short texts
)

// pass is the reading of one text.
type pass struct {
	reader *Reader
	size   int // of the text
	work   int // bytes read so far, with what is handed on
	out    []Command
	unread string

	vars    map[string][]string // known values, the newest last
	arrays  map[string][]string
	funcs   map[string]*function
	aliases map[string]string
	calls   int                 // of functions that were followed
	args    []string            // $1, $2, ... of the function that is followed
	zero    string              // $0, where a shell is told it
	bound   bool                // args are known
	nested  int                 // functions that are being followed, one in another
	files   map[string][]string // what the text has written, by the name of the file
	dir     string              // where the text has gone with cd
}

// ctx is what a command stands in.
type ctx struct {
	in      Span
	stdin   *string
	by      int
	depth   int
	level   int  // of substitutions
	maybe   bool // it may not run, or not once: what it assigns is one value more
	branch  bool // it stands in an if, a case or a loop
	written bool
}

// take pays for bytes that are read, and reports whether they may be.
func (p *pass) take(n int) bool {
	if p.work += n; p.work > perByte*p.size+spare {
		p.note("it hands on more than can be followed")
		return false
	}
	return true
}

func (p *pass) note(why string) {
	if p.unread == "" {
		p.unread = why
	}
}

// emit adds a command and follows what it hands on.
func (p *pass) emit(c Command, in ctx) {
	if len(p.out) >= maxCommands {
		p.note("it comes to more commands than are read")
		return
	}
	c.In, c.Stdin, c.By, c.Depth = in.in, in.stdin, in.by, in.depth
	c.level, c.Substituted, c.Written, c.Dir, c.Maybe = in.level, in.level > 0, in.written, p.dir, in.maybe
	if c.Stdin == nil && !in.in.Empty() {
		c.Stdin = p.writtenBy(in.in)
	}
	i := len(p.out)
	p.out = append(p.out, c)
	p.goes(&c)
	p.fills(&c)
	if says[c.Name()] && p.take(16*len(c.Words)) {
		p.out[i].out = output(&p.out[i])
	}
	if len(c.Words) > 0 {
		p.open(i, in)
	}
}

// writtenBy is what commands are known to write together: those whose output no
// other one of them takes.
func (p *pass) writtenBy(span Span) *string {
	if span.Empty() || span.To-span.From > 50 {
		return nil
	}
	level := p.out[span.From].level
	for i := span.From; i < span.To; i++ {
		level = min(level, p.out[i].level)
	}
	var b strings.Builder
	for i := span.From; i < span.To; i++ {
		c := &p.out[i]
		if c.level > level || c.By >= span.From || len(c.Words) == 0 || p.taken(i, span) {
			continue
		}
		if c.out == nil || b.Len() > 64<<10 {
			return nil
		}
		if !p.take(len(*c.out)) {
			return nil
		}
		b.WriteString(*c.out)
	}
	if b.Len() == 0 {
		return nil
	}
	text := b.String()
	return &text
}

// taken tells whether another of the commands reads what one writes.
func (p *pass) taken(i int, span Span) bool {
	for k := i + 1; k < span.To; k++ {
		if in := p.out[k].In; in.From <= i && i < in.To {
			return true
		}
	}
	return false
}

// set gives a variable a value. Where that may not happen it is one more.
func (p *pass) set(name string, value string, known, maybe bool) {
	if name == "" || len(p.vars) > 2000 {
		return
	}
	switch {
	case !known || len(value) > maxValue:
		if !maybe {
			delete(p.vars, name)
		}
	case !maybe:
		p.vars[name] = []string{value}
	case len(p.vars[name]) < maxValues:
		for _, v := range p.vars[name] {
			if v == value {
				return
			}
		}
		p.vars[name] = append(p.vars[name][:len(p.vars[name]):len(p.vars[name])], value)
	}
}

// lookup is one of the values of a variable: the one that is asked for, or the
// nearest there is.
func (p *pass) lookup(name string, variant int) (string, bool) {
	if name == "IFS" {
		return " ", true
	}
	if p.bound {
		switch name {
		case "@", "*":
			return strings.Join(p.args, " "), true
		}
		if name == "0" && p.zero != "" {
			return p.zero, true
		}
		if n := digits(name); n > 0 {
			if n <= len(p.args) {
				return p.args[n-1], true
			}
			return "", true
		}
	}
	values := p.vars[name]
	if len(values) == 0 {
		return "", false
	}
	return values[min(variant, len(values)-1)], true
}

func digits(s string) int {
	n := 0
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' || n > 1000 {
			return -1
		}
		n = n*10 + int(s[i]-'0')
	}
	return n
}

func clip(s string, max int) string {
	s = strings.TrimSpace(s)
	if len(s) > max {
		s = s[:max]
	}
	return s
}

func identifier(s string) bool {
	for i := 0; i < len(s); i++ {
		if !nameByte(s[i], i == 0) {
			return false
		}
	}
	return s != ""
}

func nameByte(c byte, first bool) bool {
	return c == '_' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || !first && c >= '0' && c <= '9'
}
