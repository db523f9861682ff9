package source

import "strings"

// quoted reads a string that begins with q. One that may not span lines and
// does is punctuation, so that a stray quote hides nothing.
func (s *scanner) quoted(t *Token, q byte, from int) {
	rest := s.src[s.pos:]
	triple := strings.Repeat(string(q), 3)
	switch {
	case strings.HasPrefix(rest, triple) && q != '`' && s.tripled():
		s.until(t, triple, s.lang != CLike)
	case q == '`' && s.lang == Go:
		s.until(t, "`", false)
	case q == '\'' && (s.lang == Rust || s.lang == Go):
		s.char(t)
	default:
		s.plain(t, q, q == '`' || s.lang == Ruby || s.lang == PHP || s.lang == Rust || s.lang == Elixir || s.lang == Perl)
	}
	t.From = from
}

// tripled says whether three quotes begin a string.
func (s *scanner) tripled() bool {
	switch s.lang {
	case Ruby, JavaScript, PHP, Go, Lua, Perl:
		return false
	}
	return true
}

// longBracket is the length of Lua's [[ or [==[ that a text begins with, 0 if it is
// none.
func longBracket(text string) int {
	n := 1
	for n < len(text) && n < 20 && text[n] == '=' {
		n++
	}
	if text == "" || text[0] != '[' || n >= len(text) || text[n] != '[' {
		return 0
	}
	return n + 1
}

// longString reads Lua's [[…]] and [==[…]==].
func (s *scanner) longString(t *Token) bool {
	n := longBracket(s.src[s.pos:])
	if n == 0 {
		return false
	}
	mark := "]" + strings.Repeat("=", n-2) + "]"
	from := s.pos + n
	end := strings.Index(s.src[from:], mark)
	if end < 0 {
		s.inVain(len(s.src) - from)
		return false
	}
	s.closed(t, from, from+end, from+end+len(mark))
	return true
}

// until reads a string up to a closing of several bytes.
func (s *scanner) until(t *Token, mark string, escapes bool) {
	from := s.pos + len(mark)
	i := from
	for {
		n := strings.Index(s.src[min(i, len(s.src)):], mark)
		if n < 0 {
			s.inVain(len(s.src) - from)
			break
		}
		i += n
		if escapes && backslashes(s.src[from:i])%2 == 1 {
			i++
			continue
		}
		s.closed(t, from, i, i+len(mark))
		return
	}
	s.pos++
	t.Kind = Punct
}

func backslashes(b string) int {
	n := 0
	for n < len(b) && b[len(b)-1-n] == '\\' {
		n++
	}
	return n
}

// closed makes t the string src[from:to], read up to next.
func (s *scanner) closed(t *Token, from, to, next int) {
	t.Kind, t.Text = String, s.src[from:to]
	s.line += strings.Count(s.src[s.pos:next], "\n")
	s.pos = next
}

// plain reads a string with backslash escapes.
func (s *scanner) plain(t *Token, q byte, lines bool) {
	from := s.pos + 1
	for i := from; i < len(s.src); i++ {
		switch c := s.src[i]; {
		case c == '\\':
			i++
		case c == q:
			s.closed(t, from, i, i+1)
			return
		case c == '\n' && !lines:
			s.inVain(i - from)
			s.pos++
			return
		}
	}
	s.inVain(len(s.src) - from)
	s.pos++
}

// char reads a character literal; Rust's 'lifetimes are punctuation.
func (s *scanner) char(t *Token) {
	from := s.pos + 1
	for i := from; i < len(s.src) && i < from+12; i++ {
		if s.src[i] == '\\' {
			i++
		} else if s.src[i] == '\'' {
			s.closed(t, from, i, i+1)
			return
		}
	}
	s.pos++
}

// verbatim reads C#'s @"…", in which "" is a quote.
func (s *scanner) verbatim(t *Token) {
	from := s.pos + 1
	for i := from; i < len(s.src); i++ {
		if s.src[i] == '"' {
			if i+1 < len(s.src) && s.src[i+1] == '"' {
				i++
				continue
			}
			s.closed(t, from, i, i+1)
			return
		}
	}
	s.inVain(len(s.src) - from)
	s.pos++
}

// rustRaw reads r"…", r#"…"#.
func (s *scanner) rustRaw(t *Token) {
	i := s.pos
	for i < len(s.src) && s.src[i] == '#' && i < s.pos+20 {
		i++
	}
	if i >= len(s.src) || s.src[i] != '"' {
		return
	}
	mark := `"` + strings.Repeat("#", i-s.pos)
	n := strings.Index(s.src[i+1:], mark)
	if n < 0 {
		s.inVain(len(s.src) - i)
		return
	}
	s.closed(t, i+1, i+1+n, i+1+n+len(mark))
}

// symbol reads :name and :"name". A :: is none.
func (s *scanner) symbol(t *Token) bool {
	rest := s.src[s.pos+1:]
	if rest == "" || s.pos > 0 && s.src[s.pos-1] == ':' {
		return false
	}
	if rest[0] == '"' {
		s.pos++
		s.plain(t, '"', true)
		if t.Kind == String {
			t.Kind = Symbol
		}
		return true
	}
	if !isLetter(rest[0]) {
		return false
	}
	n := 0
	for n < len(rest) && (isLetter(rest[n]) || isDigit(rest[n])) {
		n++
	}
	t.Kind, t.Text = Symbol, rest[:n]
	s.pos += 1 + n
	return true
}

func lengthOfName(text string) int {
	n := 0
	for n < len(text) && (isLetter(text[n]) || isDigit(text[n])) {
		n++
	}
	return n
}

// announce reads the head of a heredoc: <<~SQL, <<-'SQL', <<<SQL. Its body is
// given out after the line.
func (s *scanner) announce(t *Token) bool {
	rest := s.src[s.pos:]
	i := 2
	if s.lang == PHP {
		i = 3
	}
	for i < len(rest) && (rest[i] == '~' || rest[i] == '-' || rest[i] == ' ' && s.lang == PHP) {
		i++
	}
	q := byte(0)
	if i < len(rest) && (rest[i] == '\'' || rest[i] == '"') {
		q = rest[i]
		i++
	}
	from := i
	i += lengthOfName(rest[i:])
	if i == from || (s.lang == Ruby || s.lang == Perl) && q == 0 && (rest[from] < 'A' || rest[from] > 'Z') || len(s.heredocs) >= 8 {
		return false
	}
	s.heredocs = append(s.heredocs, heredoc{tag: rest[from:i]})
	if q != 0 && i < len(rest) && rest[i] == q {
		i++
	}
	s.pos += i
	t.Kind, t.Text = Punct, "<<"
	return true
}

// bodies reads the heredocs announced on the line before.
func (s *scanner) bodies() []Token {
	var out []Token
	for _, h := range s.heredocs {
		from, line := s.pos, s.line
		i := s.pos
		for i < len(s.src) {
			l := firstLine(s.src[i:])
			next := min(i+len(l)+1, len(s.src))
			if body, ok := strings.CutPrefix(strings.TrimLeft(l, " \t"), h.tag); ok &&
				(body == "" || !isLetter(body[0]) && !isDigit(body[0])) {
				break
			}
			i = next
			s.line++
		}
		out = append(out, Token{Kind: String, From: from, To: i, Line: line, Text: s.src[from:i]})
		n := len(firstLine(s.src[i:]))
		if s.lang == PHP { // code goes on behind the closing tag
			n = strings.Index(s.src[i:], h.tag) + len(h.tag)
		}
		if i < len(s.src) {
			i = min(i+n, len(s.src))
		}
		s.pos = i
	}
	s.heredocs = s.heredocs[:0]
	return out
}

// percent reads Ruby's %q(…), %Q{…}, %(…).
func (s *scanner) percent(t *Token) bool {
	i := s.pos + 1
	if i < len(s.src) && (s.src[i] == 'q' || s.src[i] == 'Q') {
		i++
	} else if i < len(s.src) && (s.src[i] != '(' && s.src[i] != '{' || s.pos > 0 && (isLetter(s.src[s.pos-1]) || isDigit(s.src[s.pos-1]))) {
		return false
	}
	if i >= len(s.src) {
		return false
	}
	open, shut := s.src[i], closing(s.src[i])
	if shut == 0 {
		return false
	}
	return s.nested(t, i+1, open, shut)
}

func closing(c byte) byte {
	switch c {
	case '(':
		return ')'
	case '{':
		return '}'
	case '[':
		return ']'
	case '<':
		return '>'
	case '|', '/', '!', '"', '\'':
		return c
	}
	return 0
}

// nested reads up to the closing that matches.
func (s *scanner) nested(t *Token, from int, open, shut byte) bool {
	depth := 1
	for i := from; i < len(s.src); i++ {
		switch c := s.src[i]; {
		case c == '\\':
			i++
		case c == shut:
			if depth--; depth == 0 {
				s.closed(t, from, i, i+1)
				return true
			}
		case c == open:
			depth++
		}
	}
	s.inVain(len(s.src) - from)
	return false
}

// sigil reads Elixir's ~s(…), ~S""" and the like.
func (s *scanner) sigil(t *Token) bool {
	i := s.pos + 1
	for i < len(s.src) && isLetter(s.src[i]) && i < s.pos+8 {
		i++
	}
	if i == s.pos+1 || i >= len(s.src) {
		return false
	}
	if strings.HasPrefix(s.src[i:], `"""`) {
		s.pos = i
		s.until(t, `"""`, false)
		return true
	}
	if shut := closing(s.src[i]); shut != 0 {
		return s.nested(t, i+1, s.src[i], shut)
	}
	return false
}

// skipRegexp steps over a JavaScript regular expression on one line.
func (s *scanner) skipRegexp() bool {
	set := false
	for i := s.pos + 1; i < len(s.src) && s.src[i] != '\n' && i < s.pos+2000; i++ {
		switch c := s.src[i]; {
		case c == '\\':
			i++
		case c == '[':
			set = true
		case c == ']':
			set = false
		case c == '/' && !set && i > s.pos+1:
			s.pos = i + 1
			return true
		}
	}
	return false
}
