package agentconfig

import "strings"

const (
	maxSpans = 400 // commands that are read of one text
	maxSpan  = 400 // bytes of one
)

// reader is where one who looks for commands in instructions stands.
type reader struct {
	*view
	ruled  []bool
	before []token // the words of the paragraph so far
	told   int
}

// spans looks at the commands that instructions name in code, where they ask
// that one be run.
func (v *view) spans(text string) {
	r := &reader{view: v, ruled: outline(text)}
	fence, shelled := false, false
	n := 0
	for line := range strings.Lines(text) {
		n++
		t := strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(t, "```"):
			fence = !fence
			shelled = fence && shellish[strings.ToLower(strings.TrimLeft(t, "`"))]
		case shelled:
			r.block(t, n)
		case !fence:
			r.line(line, n)
		}
	}
}

var shellish = map[string]bool{"": true, "sh": true, "bash": true, "shell": true, "console": true, "zsh": true}

// block reads a line of a block of code.
func (r *reader) block(t string, n int) {
	if r.told++; r.told < maxSpans && !r.ruled[n] && !turnedBefore(r.before) {
		r.runs(strings.TrimPrefix(t, "$ "), n)
	}
}

// line reads one of the text round the blocks.
func (r *reader) line(line string, n int) {
	if t := strings.TrimSpace(line); t == "" || startsBlock(t) {
		r.before = r.before[:0]
	}
	at := 0
	for i, part := range strings.Split(line, "`") {
		at = min(len(line), at+len(part)+1)
		if i%2 == 1 && len(part) <= maxSpan && r.told < maxSpans && strings.ContainsRune(part, ' ') {
			r.told++
			s := append(r.before[:len(r.before):len(r.before)], token{text: "\x00", line: n, ruled: r.ruled[n]})
			if ordered(r.before) && !turned(append(s, restOf(line[at:])...), len(r.before), true) {
				r.runs(part, n)
			}
		}
		r.before = wordsOf(r.before, part, n)
	}
}

// turnedBefore reports whether the words above a block of code forbid it.
func turnedBefore(s []token) bool {
	return turned(append(s[:len(s):len(s)], token{text: "\x00"}), len(s), true)
}

// wordsOf adds the words of a text to those of its sentence; the end of one
// begins anew.
func wordsOf(s []token, text string, line int) []token {
	for field := range strings.FieldsSeq(text) {
		word, end := trim(field)
		if word != "" {
			s = append(s, token{text: word, line: line, comma: strings.HasSuffix(field, ",")})
		}
		if end || len(s) >= maxSentence {
			s = s[:0]
		}
	}
	return s
}

// restOf is what follows in a sentence.
func restOf(text string) []token {
	var s []token
	for field := range strings.FieldsSeq(text) {
		word, end := trim(field)
		if word != "" {
			s = append(s, token{text: word, comma: strings.HasSuffix(field, ",")})
		}
		if end || len(s) >= maxSentence {
			break
		}
	}
	return s
}

// orders are the verbs by which a sentence has a command run.
var orders = set("run runs running execute executing use using call start do with via then first type issue perform invoke")

// ordered reports whether the words before a command ask for it to be run.
func ordered(s []token) bool {
	return len(s) == 0 || within(s, max(0, len(s)-6), 6, orders)
}

// runs looks at one command that an agent is told to run.
func (v *view) runs(text string, line int) {
	for _, c := range v.commandsOf(text) {
		for _, m := range c.does {
			if takesData(m.Kind) {
				v.add(ordersCommand, line, c.name, c.text)
				return
			}
		}
	}
}
