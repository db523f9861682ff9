package shell

import (
	"strconv"
	"strings"
	"sync"

	"mvdan.cc/sh/v3/syntax"
)

// The bounds of one parsing. The grammar is read by descent, so that a text
// costs stack for each of its bytes at the worst.
const (
	maxParsed = 64 << 10
	maxFaults = 24 // places where a text does not parse, before the rest is cut into words
)

var parsers = sync.Pool{New: func() any { return syntax.NewParser(syntax.Variant(syntax.LangBash)) }}

// script reads a text that begins at a line.
func (p *pass) script(text string, line int, c ctx) {
	if !p.take(len(text)) {
		return
	}
	if c.depth > maxDepth {
		p.note("it hands on what hands on, more than " + strconv.Itoa(maxDepth) + " times")
		return
	}
	if p.reader.Windows {
		p.lex(text, line, c)
		return
	}
	if p.plainly(text, line, c) {
		return
	}
	masked := mask(text)
	src := source{text: masked.text, masks: masked.parts}
	for faults := 0; src.text != "" && len(p.out) < maxCommands; {
		src.line = line
		if faults > maxFaults {
			p.lex(src.shown(src.text), line, c)
			return
		}
		n, ok := p.parse(&src, c)
		if !ok {
			faults++
			end := n + lineEnd(src.text[n:])
			if more := logicalLine(src.text[n:]); n+more > end {
				end = n + more
			}
			p.lex(src.shown(src.text[n:end]), line+strings.Count(src.text[:n], "\n"), c)
			n = end
		}
		line += strings.Count(src.text[:n], "\n")
		src.skip(n)
	}
}

// lineEnd is the length of the first line with what continues it.
func lineEnd(text string) int {
	n := 0
	for {
		i := strings.IndexByte(text[n:], '\n')
		if i < 0 {
			return len(text)
		}
		n += i + 1
		if n < 2 || text[n-2] != '\\' {
			return n
		}
	}
}

// logicalLine is the length of the first line with what goes on below it: quotes,
// expansions and substitutions that are closed there. It is 0 where one is not.
func logicalLine(text string) int {
	q := quoting{text: text[:min(len(text), maxParsed)]}
	for q.at < len(q.text) {
		if q.text[q.at] == '\n' && len(q.open) == 0 {
			return q.at + 1
		}
		q.step()
	}
	if len(q.open) == 0 {
		return len(q.text)
	}
	return 0
}

// quoting follows what is open in a text: by the byte that closes it, and 'a' for $'.
type quoting struct {
	text string
	at   int
	open []byte
}

// step goes on by what stands together.
func (q *quoting) step() {
	c, inner := q.text[q.at], byte(0)
	if len(q.open) > 0 {
		inner = q.open[len(q.open)-1]
	}
	q.at++
	switch {
	case c == '\\' && inner != '\'':
		q.at++
	case c == inner || inner == 'a' && c == '\'':
		q.open = q.open[:len(q.open)-1]
	case inner == '\'' || inner == 'a':
	case c == '#' && inner == 0:
		q.comment()
	case c == '$' && q.at < len(q.text):
		if closing := map[byte]byte{'{': '}', '(': ')', '\'': 'a'}[q.text[q.at]]; closing != 0 && (closing != 'a' || inner != '"') {
			q.open = append(q.open, closing)
			q.at++
		}
	case c == '"' || c == '`' || c == '\'' && inner != '"':
		q.open = append(q.open, c)
	}
}

// comment steps over what is a comment where no word goes on.
func (q *quoting) comment() {
	if q.at > 1 && strings.IndexByte(" \t\n;&|(", q.text[q.at-2]) < 0 {
		return
	}
	if n := strings.IndexByte(q.text[q.at:], '\n'); n >= 0 {
		q.at += n
		return
	}
	q.at = len(q.text)
}

// source is what is being parsed.
type source struct {
	text  string
	line  int
	masks []string

	seen int // bytes of text in which ends of lines were looked for
	last int // behind the last of those that were found; 0: there is none
}

// lines are as many whole lines of the text as are parsed at once, or a part of the
// first where that is longer. What was looked at once is not looked at again: one
// long line may have many statements that do not parse together.
func (s *source) lines() string {
	text := s.text[:maxParsed]
	if i := strings.LastIndexByte(text[min(s.seen, maxParsed):], '\n'); i >= 0 {
		s.last = s.seen + i + 1
	}
	if s.seen = maxParsed; s.last > 0 {
		return text[:s.last]
	}
	return text
}

func (s *source) skip(n int) {
	s.text, s.seen, s.last = s.text[n:], max(s.seen-n, 0), max(s.last-n, 0)
}

// parse reads what it can of the beginning of a text, statement by statement.
// It returns how much that was, and whether what follows can be parsed if
// anything does.
func (p *pass) parse(src *source, c ctx) (n int, ok bool) {
	text := src.text
	whole := len(text) <= maxParsed
	if !whole {
		text = src.lines()
	}
	stmts, end, failed := statements(text)
	if failed && whole {
		if stop := unclosed(text); stop != "" { // a shell takes what is left for the here-document
			text += "\n" + stop + "\n"
			stmts, end, failed = statements(text)
			src.text = text
		}
	}
	if !whole && !failed && len(stmts) > 1 { // the last may go on behind the cut
		stmts = stmts[:len(stmts)-1]
		end = int(stmts[len(stmts)-1].End().Offset())
		if strings.Contains(text, "<<") {
			for _, s := range stmts {
				end = max(end, lastHeredoc(s))
			}
		}
	}
	w := &walker{pass: p, src: src}
	for _, s := range stmts {
		w.stmt(s, c)
	}
	switch {
	case !failed && whole:
		return len(text), true
	case !whole && len(stmts) > 0:
		return end, true
	}
	return min(end, len(text)), !failed && end > 0
}

// statements parses as many as it can, and returns where the last one ends. A
// parser that panics on a text could not parse it.
func statements(text string) (stmts []*syntax.Stmt, end int, failed bool) {
	parser := parsers.Get().(*syntax.Parser)
	defer func() {
		if recover() != nil {
			failed = true
			return
		}
		parsers.Put(parser)
	}()
	for s, err := range parser.StmtsSeq(strings.NewReader(text)) {
		if err != nil {
			failed = true
			break
		}
		stmts = append(stmts, s)
	}
	if failed && len(stmts) > 0 && openHeredoc(stmts[len(stmts)-1]) {
		stmts = stmts[:len(stmts)-1]
	}
	if len(stmts) > 0 {
		end = int(stmts[len(stmts)-1].End().Offset())
	}
	if strings.Contains(text, "<<") {
		for _, s := range stmts {
			end = max(end, lastHeredoc(s))
		}
	}
	return stmts, min(end, len(text)), failed
}

// unclosed is the word that a text ends without, which would close its here-document.
func unclosed(text string) string {
	if !strings.Contains(text, "<<") {
		return ""
	}
	_, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(text), "")
	if err == nil {
		return ""
	}
	_, said, found := strings.Cut(err.Error(), "unclosed here-document ")
	if word, err := strconv.Unquote(said); found && err == nil && !strings.ContainsAny(word, "\r\n") {
		return word
	}
	return ""
}

func openHeredoc(s *syntax.Stmt) bool {
	for _, r := range s.Redirs {
		if (r.Op == syntax.Hdoc || r.Op == syntax.DashHdoc) && r.Hdoc == nil {
			return true
		}
	}
	return false
}

// lastHeredoc is where the last here-document of a statement ends, which may be
// behind the statement.
func lastHeredoc(s *syntax.Stmt) int {
	end := 0
	syntax.Walk(s, func(n syntax.Node) bool {
		if r, ok := n.(*syntax.Redirect); ok && r.Hdoc != nil {
			end = max(end, int(r.Hdoc.End().Offset()))
		}
		return true
	})
	return end
}

// masked is a text in which ${{ }} stand for themselves as one word.
type masked struct {
	text  string
	parts []string
}

const marker = '\x01'

// mask puts words in the place of ${{ }}, which is put in before a shell sees
// the text. Each is as long as what it stands for.
func mask(text string) masked {
	if !strings.Contains(text, "${{") || strings.IndexByte(text, marker) >= 0 {
		return masked{text: text}
	}
	var b strings.Builder
	var parts []string
	rest := text
	for {
		before, from, found := strings.Cut(rest, "${{")
		b.WriteString(before)
		if !found {
			break
		}
		inside, after, closed := strings.Cut(from, "}}")
		if !closed || strings.Contains(inside, "\n") || len(parts) >= 46000 {
			b.WriteString("${{")
			rest = from
			if !closed {
				b.WriteString(from)
				break
			}
			continue
		}
		b.WriteByte(marker)
		b.WriteString(strconv.FormatInt(int64(len(parts))+36*36, 36)) // three letters
		b.WriteString(strings.Repeat("x", len(inside)))
		b.WriteByte(marker)
		parts = append(parts, "${{"+inside+"}}")
		rest = after
	}
	return masked{b.String(), parts}
}

// shown puts what was masked back.
func (s *source) shown(text string) string {
	if len(s.masks) == 0 || strings.IndexByte(text, marker) < 0 {
		return text
	}
	var b strings.Builder
	for {
		before, from, found := strings.Cut(text, string(marker))
		b.WriteString(before)
		if !found {
			return b.String()
		}
		inside, after, closed := strings.Cut(from, string(marker))
		if closed && len(inside) >= 3 {
			if i, err := strconv.ParseInt(inside[:3], 36, 32); err == nil && int(i) >= 36*36 && int(i)-36*36 < len(s.masks) {
				b.WriteString(s.masks[int(i)-36*36])
			}
		}
		text = after
	}
}
