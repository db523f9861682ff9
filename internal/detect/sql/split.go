package sql

import (
	"hash/maphash"
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/detect/bound"
)

// statement is one statement of a script. Its tokens are only valid while the
// function that receives it runs.
type statement struct {
	src      string
	toks     []token
	key      uint64 // equal for statements that differ in comments, spaces and keyword case only
	rollback bool   // stands under a mark like "-- +goose Down"
	sent     string // the command of psql that sends it, such as \gexec
	routine  bool   // creates a function, procedure, trigger or rule: its body runs later
}

// A splitter cuts a script into statements: at ;, at the mark of DELIMITER, at
// GO and at a lone slash, except inside the BEGIN … END of a routine.
type splitter struct {
	lex   lexer
	seed  maphash.Seed
	keyed bool // compute keys
	marks bool // believe marks of sections: the file's name lets it have some

	sawUp, down bool
	noBlocks    bool // a BEGIN of this text has no END: they are not believed
	emit        func(*statement)
	told        int // up to where commands of the client were told
}

// keptOfInsert is how many tokens of an INSERT are kept before what stands in
// its parentheses is left out: a dump is mostly rows, and nobody looks at them.
const keptOfInsert = 48

// maxTokens bounds the tokens of one statement, of which each takes 32 bytes.
const maxTokens = 300_000

// each calls f for every statement.
func (s *splitter) each(f func(*statement)) {
	var toks []token
	s.lex.fresh, s.lex.bol = true, true
	if s.lex.line == 0 {
		s.lex.line = 1
	}
	s.lex.marks, s.emit = s.mark, f
	for {
		here, up, down := s.lex, s.sawUp, s.down
		st := statement{src: s.lex.src, toks: toks[:0]}
		more, open := s.collect(&st)
		if open && !s.noBlocks {
			// No END for a BEGIN: what looked like one routine is read again
			// as plain statements. This happens once in a text.
			s.noBlocks = true
			s.lex, s.sawUp, s.down = here, up, down
			continue
		}
		toks = st.toks
		if len(st.toks) > 0 {
			f(&st)
		}
		if !more {
			return
		}
	}
}

// collect reads one statement. It returns whether text may follow, and whether
// the text ended inside a block.
func (s *splitter) collect(st *statement) (more, open bool) {
	var h maphash.Hash
	if s.keyed {
		h.SetSeed(s.seed)
	}
	blocks, depth, insert := 0, 0, false
	s.lex.fresh, s.lex.begun = true, false
	for {
		t, ok := s.lex.next()
		if !ok {
			s.finish(st, &h)
			return false, blocks > 0
		}
		if t.kind == meta {
			if s.command(st, t) {
				h.WriteString(st.sent)
				s.finish(st, &h)
				return true, false
			}
			continue
		}
		if t.kind == end {
			switch {
			case blocks > 0 && s.lex.src[t.from] == ';':
				st.toks = append(st.toks, t)
			case !s.lex.fresh:
				s.finish(st, &h)
				s.lex.rows = s.lex.rows || takesRows(st)
				return true, false
			}
			continue
		}
		if s.lex.fresh {
			s.lex.fresh = false
			st.rollback = s.down
			insert = s.either(t, "INSERT", "REPLACE")
		}
		if s.keyed {
			s.hash(&h, t)
		}
		if insert && t.kind == punct {
			depth += deeper(s.lex.src[t.from])
		}
		if depth > 0 && len(st.toks) >= keptOfInsert {
			continue
		}
		if st.toks = append(st.toks, t); len(st.toks) > maxTokens {
			bound.Stop("one statement has more than 300000 words and signs")
		}
		blocks = s.blocksAt(st, blocks)
	}
}

func (s *splitter) either(t token, a, b string) bool {
	return wordIs(s.lex.src, t, a) || wordIs(s.lex.src, t, b)
}

// deeper is by how much a byte nests what follows.
func deeper(c byte) int {
	switch c {
	case '(':
		return 1
	case ')':
		return -1
	}
	return 0
}

// blocksAt is how many blocks of a routine are open behind the statement's last
// word, of which as many were before it.
func (s *splitter) blocksAt(st *statement, blocks int) int {
	switch last := st.toks[len(st.toks)-1]; {
	case last.kind == dollar && aliased(st):
		s.lex.forked |= toMySQL
		return blocks
	case last.kind != word:
		return blocks
	}
	if first := st.toks[0]; !st.routine && len(st.toks) <= 12 && first.kind == word && s.either(first, "CREATE", "ALTER") {
		st.routine = isRoutine(st)
	}
	if st.routine && !s.noBlocks {
		return s.nest(st, blocks)
	}
	return blocks
}

// nest follows BEGIN … END, CASE … END through a routine's body.
func (s *splitter) nest(st *statement, blocks int) int {
	n := len(st.toks)
	prev := ""
	if n > 1 {
		prev = strings.ToUpper(st.str(n - 2))
	}
	switch t := st.toks[n-1]; {
	case wordIs(st.src, t, "BEGIN"), wordIs(st.src, t, "CASE"):
		switch prev {
		case "TRIGGER", "PROCEDURE", "PROC", "FUNCTION", "EVENT", "ON", ".", "EXISTS":
			return blocks
		case "END":
			return max(blocks-1, 0) // END CASE, whose END did not count
		}
		return blocks + 1
	case prev == "END" && (wordIs(st.src, t, "IF") || wordIs(st.src, t, "LOOP") || wordIs(st.src, t, "WHILE") ||
		wordIs(st.src, t, "REPEAT")):
		return blocks + 1 // END IF closes no BEGIN: take back what END did
	case wordIs(st.src, t, "END") && blocks > 0:
		return blocks - 1
	}
	return blocks
}

// isRoutine says whether a CREATE or ALTER makes something whose body runs
// later.
func isRoutine(st *statement) bool {
	last := st.toks[len(st.toks)-1]
	for _, w := range [...]string{"FUNCTION", "PROCEDURE", "PROC", "TRIGGER", "EVENT", "PACKAGE", "RULE"} {
		if wordIs(st.src, last, w) {
			return routinePrefix(st)
		}
	}
	return false
}

// routinePrefix says whether only words that may stand between CREATE and the
// sort of routine do so. ALTER TABLE t DISABLE TRIGGER is no routine.
func routinePrefix(st *statement) bool {
	for i := 1; i < len(st.toks)-1; i++ {
		switch strings.ToUpper(st.str(i)) {
		case "TABLE", "EXTENSION", "INDEX", "DATABASE", "SCHEMA", "VIEW", "TYPE", "ROLE", "USER", "DEFAULT", "SERVER", "POLICY",
			"LANGUAGE", "SEQUENCE", "AGGREGATE":
			return false
		}
	}
	return true
}

func (s *splitter) finish(st *statement, h *maphash.Hash) {
	if s.keyed {
		if st.rollback {
			h.WriteByte(1)
		}
		st.key = h.Sum64()
	}
}

// hash feeds a token to a statement's key: words in upper case, the rest as is.
func (s *splitter) hash(h *maphash.Hash, t token) {
	if t.kind != word {
		h.WriteString(s.lex.src[t.from:t.to])
	} else {
		for i := t.from; i < t.to; i++ {
			c := s.lex.src[i]
			if c >= 'a' && c <= 'z' {
				c -= 32
			}
			h.WriteByte(c)
		}
	}
	h.WriteByte(0)
}

// takesRows says whether rows follow the statement: COPY name FROM STDIN.
func takesRows(st *statement) bool {
	c := span{st: st, n: len(st.toks)}
	if !c.take("COPY") || c.is("(") {
		return false
	}
	c.name()
	c.skipParens()
	return c.is("FROM", "STDIN")
}

// copiesRows says whether rows follow a command of psql: \copy name from stdin.
func copiesRows(command string) bool {
	rest, is := strings.CutPrefix(command, `\copy `)
	words := strings.Fields(strings.ToLower(rest))
	i := slices.Index(words, "from")
	return is && i > 0 && i+1 < len(words) && words[i+1] == "stdin"
}

// aliased says whether the last token, a $tag$…$tag$, may be no text: SELECT 1 AS $$
// names a column in MySQL, and SELECT $$ a parameter in SQLite.
func aliased(st *statement) bool {
	n := len(st.toks)
	if n == 1 || oneOf(strings.ToUpper(st.str(0)), "CREATE", "ALTER", "DO", "COMMENT", "CALL", "EXECUTE", "PREPARE") {
		return n == 1
	}
	return wordIs(st.src, st.toks[n-2], "AS") || st.str(n-2) == "." || severalIn(st.str(n-1))
}

// severalIn says whether more follows a semicolon in a $tag$…$tag$.
func severalIn(quote string) bool {
	n := strings.IndexByte(quote[1:], '$') + 2
	_, more, _ := strings.Cut(quote[n:len(quote)-n], ";")
	return strings.Trim(more, "; \t\r\n") != ""
}

// command tells of a command of the client, and says whether it sent what
// stands before it.
func (s *splitter) command(st *statement, t token) bool {
	command := s.lex.src[t.from:t.to]
	if t.from >= s.told {
		s.told = t.to
		one := statement{src: s.lex.src, toks: []token{t}, rollback: s.down}
		if s.keyed {
			one.key = maphash.String(s.seed, command)
		}
		s.emit(&one)
	}
	s.lex.rows = s.lex.rows || copiesRows(command)
	if s.lex.fresh || !sends(command) {
		return false
	}
	st.sent = command
	return true
}

// mark reads comments that divide a migration into its two directions. They
// only count in a file whose name leaves that open and after the mark of the
// way up: a comment alone cannot declare a statement harmless.
func (s *splitter) mark(comment string) {
	if !s.marks {
		return
	}
	c := strings.ToLower(strings.Join(strings.Fields(strings.TrimLeft(comment, "-# ")), " "))
	switch c = strings.TrimPrefix(c, "--- "); {
	case c == "+goose up", strings.HasPrefix(c, "migrate:up"), strings.HasPrefix(c, "+migrate up"), c == "!ups":
		s.sawUp, s.down = true, false
	case c == "+goose down", strings.HasPrefix(c, "migrate:down"), strings.HasPrefix(c, "+migrate down"), c == "!downs":
		s.down = s.sawUp
	}
}

// str returns the i-th token's text, or "" past the end.
func (st *statement) str(i int) string {
	if i < 0 || i >= len(st.toks) {
		return ""
	}
	return st.src[st.toks[i].from:st.toks[i].to]
}

// wordIs compares an unquoted token with an upper-case keyword.
func wordIs(src string, t token, w string) bool {
	if t.kind != word || t.to-t.from != len(w) {
		return false
	}
	for i := range len(w) {
		c := src[t.from+i]
		if c >= 'a' && c <= 'z' {
			c -= 32
		}
		if c != w[i] {
			return false
		}
	}
	return true
}

// SameStatements says whether two scripts differ in nothing but comments,
// spaces and the case of keywords.
func SameStatements(a, b string) bool {
	seed := maphash.MakeSeed()
	var first []uint64
	s := splitter{lex: lexer{src: a}, seed: seed, keyed: true, marks: true}
	s.each(func(st *statement) { first = append(first, st.key) })
	n, same := 0, true
	s = splitter{lex: lexer{src: b}, seed: seed, keyed: true, marks: true}
	s.each(func(st *statement) {
		same = same && n < len(first) && first[n] == st.key
		n++
	})
	return same && n == len(first)
}
