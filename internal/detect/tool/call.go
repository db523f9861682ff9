package tool

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect/shell"
)

// call is a command taken apart as a tool does it.
type call struct {
	command *shell.Command
	name    string
	words   []shell.Word // behind the program
	low     string       // the whole in lower case, with blanks around it

	plain []plain
	flags []flag

	verbs int    // how many plain words the verbs took
	with  string // what With named last
}

// plain is a word that is no flag.
type plain struct {
	text    string
	perhaps bool // it stands behind a flag, and may be its value
}

// flag is a flag with its value, where it has one.
type flag struct {
	name, value string
	follow      string // the word behind it, which may be its value
	behind      string // the flag before it, which may take this one as its value
}

func newCall(c *shell.Command) *call {
	out := &call{command: c, name: c.Name(), words: c.Args(), low: " " + strings.ToLower(c.Join()) + " "}
	if c.Stdin != nil && len(*c.Stdin) < 64<<10 {
		out.low += strings.ToLower(*c.Stdin) + " "
	}
	return out
}

// parse takes the arguments apart: which words are flags, and which may be
// values of flags.
func (c *call) parse(t *Tool) {
	c.plain, c.flags, c.verbs, c.with = c.plain[:0], c.flags[:0], 0, ""
	after, rest := false, false
	for i, w := range c.words {
		text := w.Text
		switch {
		case after && !rest && len(text) > 1 && text[0] == '-' && t.takes(c.flags[len(c.flags)-1].name):
			after = false // whatever it looks like, it is the value of a flag
		case rest || len(text) < 2 || text[0] != '-' || w.Quoted && strings.Contains(text, " "):
			if after && t.takes(c.flags[len(c.flags)-1].name) {
				after = false
				continue
			}
			c.plain = append(c.plain, plain{text, after})
			after = false
		case text == "--":
			rest, after = true, false
		default:
			name, value, has := strings.Cut(text, "=")
			f := flag{name: name, value: value}
			if !has && i+1 < len(c.words) {
				f.follow = c.words[i+1].Text
			}
			if after {
				f.behind = c.flags[len(c.flags)-1].name
			}
			c.flags = append(c.flags, f)
			after = !has
		}
	}
}

// takes reports whether a flag takes the word behind it.
func (t *Tool) takes(name string) bool {
	for _, g := range t.Global {
		if g == name || len(g) > 2 && len(name) > 2 && strings.TrimLeft(g, "-") == strings.TrimLeft(name, "-") {
			return true
		}
	}
	return false
}

// rest are the plain words behind the verbs.
func (c *call) rest() string {
	var b strings.Builder
	for i, p := range c.plain[min(c.verbs, len(c.plain)):] {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(p.text)
	}
	return b.String()
}

// fits reports whether all that a row says holds for a command.
func (r *Row) fits(t *Tool, c *call) bool {
	if r.Verbs != "" && !c.verbsFit(strings.Fields(r.Verbs), t.Parts) {
		return false
	}
	harmless := r.Kind == "none"
	for _, w := range r.With {
		if !c.holds(w, r.Reads == "refs", harmless) {
			return false
		}
	}
	for _, s := range r.Says {
		if !says(c.low, s) {
			return false
		}
	}
	for _, w := range r.Without {
		if c.holds(w, r.Reads == "refs", !harmless) && (harmless || r.excused(c, w)) {
			return false
		}
	}
	if len(r.Only) > 0 && !c.only(r.Only) {
		return false
	}
	for _, s := range r.Unsaid {
		if says(c.low, s) {
			return false
		}
	}
	return true
}

func says(low, list string) bool {
	for one := range strings.SplitSeq(list, "|") {
		if strings.Contains(low, one) {
			return true
		}
	}
	return false
}

// verbsFit compares verbs with the words that are no flags. Words that may be
// values of flags that the table does not know are passed over.
func (c *call) verbsFit(verbs []string, parts bool) bool {
	at, any := 0, false
	for v, i := 0, 0; ; i++ {
		if v == len(verbs) {
			c.verbs = at
			return true
		}
		if verbs[v] == "**" {
			any = true
			v++
			i--
			continue
		}
		if i >= len(c.plain) {
			return false
		}
		switch {
		case one(verbs[v], c.plain[i].text, parts):
			v++
			at, any = i+1, false
		case any || c.plain[i].perhaps:
		default:
			return false
		}
	}
}

// one reports whether a word fits one of several patterns.
func one(patterns, word string, parts bool) bool {
	word = strings.ToLower(word)
	for p := range strings.SplitSeq(patterns, "|") {
		if glob(p, word) {
			return true
		}
		if parts && strings.ContainsAny(word, ",/") {
			head, _, _ := strings.Cut(word, "/")
			for part := range strings.SplitSeq(head, ",") {
				if glob(p, part) {
					return true
				}
			}
		}
	}
	return false
}

// glob compares a word with a pattern in which * is any part, and ? any byte.
func glob(pattern, word string) bool {
	p, w, star, from := 0, 0, -1, 0
	for w < len(word) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, from = p, w
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == word[w]):
			p++
			w++
		case star >= 0:
			from++
			p, w = star+1, from
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// holds reports whether one of several flags or words is among the arguments. A
// flag that excuses must be one: not what another flag takes as its value.
func (c *call) holds(list string, refs, excuses bool) bool {
	for p := range strings.SplitSeq(list, "|") {
		if strings.HasPrefix(p, "-") && len(p) > 1 {
			if c.flag(p, excuses) {
				c.with = p
				return true
			}
			continue
		}
		for _, w := range c.plain {
			text := strings.ToLower(w.text)
			if glob(p, text) || refs && glob(p, branch(text)) {
				c.with = w.text
				return true
			}
		}
		for _, f := range c.flags {
			if f.value != "" && glob(p, strings.ToLower(f.value)) {
				c.with = f.value
				return true
			}
		}
	}
	return false
}

// flag reports whether a flag is given: -f, also in a bundle, --name, or with a
// value, which may be glued on or stand behind it.
func (c *call) flag(pattern string, excuses bool) bool {
	name, value, valued := strings.Cut(pattern, "=")
	for i := range c.flags {
		f := &c.flags[i]
		if excuses && f.behind != "" && !words().bare[strings.TrimLeft(f.behind, "-")] {
			continue
		}
		if len(name) == 2 && f.short(name, value, valued) || len(name) != 2 && f.long(name, value, valued) {
			return true
		}
	}
	return false
}

// long reports whether it is a flag of that name, in any case and with one dash
// or two.
func (f *flag) long(name, value string, valued bool) bool {
	bare := func(s string) string { return strings.ToLower(strings.TrimLeft(s, "-")) }
	return glob(bare(name), bare(f.name)) && (!valued || f.has(value))
}

// short reports whether it is, or holds, a flag of one letter.
func (f *flag) short(name, value string, valued bool) bool {
	switch {
	case f.name == name:
		return !valued || f.has(value)
	case !valued:
		return bundle(f.name) && strings.IndexByte(f.name[1:], name[1]) >= 0
	case strings.HasPrefix(f.name, name) && glob(value, strings.ToLower(f.name[2:])):
		return true
	}
	return bundle(f.name) && f.name[len(f.name)-1] == name[1] && glob(value, strings.ToLower(f.follow))
}

// has reports whether it has a value, glued on or behind it.
func (f *flag) has(value string) bool {
	return f.value != "" && glob(value, strings.ToLower(f.value)) || f.follow != "" && glob(value, strings.ToLower(f.follow))
}

// bundle reports whether a word is a bundle of one-letter flags.
func bundle(f string) bool { return len(f) > 1 && len(f) <= 8 && f[0] == '-' && f[1] != '-' }

// branch is the branch that a refspec writes.
func branch(ref string) string {
	ref = ref[strings.LastIndexByte(ref, ':')+1:]
	return strings.TrimPrefix(strings.TrimPrefix(ref, "+"), "refs/heads/")
}
