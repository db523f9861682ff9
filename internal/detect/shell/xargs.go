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
	in.in, in.stdin = Span{}, &nothing
	p.hand(i, words, nil, in)
}

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
