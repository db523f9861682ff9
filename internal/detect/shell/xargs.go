package shell

import "strings"

// xargs hands on what it is known to read behind what it is told.
func (p *pass) xargs(i int, words []Word, in ctx) {
	if c := p.out[i]; c.Stdin != nil {
		more := strings.Fields(*c.Stdin)
		if place := replaces(c.Args()); place != "" {
			for line := range strings.SplitSeq(strings.TrimSpace(*c.Stdin), "\n") {
				if !p.take(len(line)) {
					return
				}
				next := in
				next.in, next.stdin = Span{}, &nothing
				p.hand(i, putIn(words, place, line), nil, next)
			}
			return
		}
		words = append([]Word(nil), words...)
		for _, w := range more[:min(len(more), 100)] {
			words = append(words, Word{Text: w, Known: true})
		}
	}
	if p.out[i].Stdin == nil {
		words = append(words[:len(words):len(words)], p.listed(i)...)
	}
	in.in, in.stdin = Span{}, &nothing
	p.hand(i, words, nil, in)
}

// listed are the paths that a listing before a command has named: ls prints the
// names that match, and find all below the folders that it is given.
func (p *pass) listed(i int) []Word {
	in := p.out[i].In
	if in.Empty() || in.To-in.From != 1 || len(p.out[in.From].Words) == 0 {
		return nil
	}
	var out []Word
	switch c := p.out[in.From]; Base(c.Words[0].Text) {
	case "ls":
		for _, w := range c.Args() {
			if strings.ContainsAny(w.Text, "*?") && w.Text[0] != '-' {
				out = append(out, w)
			}
		}
	case "find":
		for _, w := range c.Args() {
			switch {
			case !strings.HasPrefix(w.Text, "-") && (len(out) == 0 || !strings.HasPrefix(out[len(out)-1].Text, "-")):
				out = append(out, Word{Text: w.Text, Known: w.Known})
			case strings.HasPrefix(w.Text, "-") && !everything[w.Text]:
				return nil // only some of what is there
			}
		}
	}
	return out[:min(len(out), 20)]
}

// everything are words of find that leave nothing out but the folder itself.
var everything = map[string]bool{"-mindepth": true, "-maxdepth": true, "-print0": true, "-print": true, "-depth": true, "-xdev": true}

// replaces is what xargs puts a line in the place of: -I{}.
func replaces(args []Word) string {
	for i, w := range args {
		switch {
		case (w.Text == "-I" || w.Text == "--replace") && i+1 < len(args):
			return args[i+1].Text
		case strings.HasPrefix(w.Text, "-I"):
			return w.Text[2:]
		case w.Text == "-i":
			return "{}"
		}
	}
	return ""
}

func putIn(words []Word, place, line string) []Word {
	out := append([]Word(nil), words...)
	for i := range out {
		if n := strings.Count(out[i].Text, place); n*len(line) <= maxValue {
			out[i].Text = strings.ReplaceAll(out[i].Text, place, line)
		}
	}
	return out
}
