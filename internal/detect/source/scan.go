package source

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect/bound"
)

// Kind is the sort of a token.
type Kind uint8

// The sorts of tokens. Comments and spaces are none.
const (
	Name    Kind = iota // a name or keyword; in Ruby and Elixir with a trailing ? or !
	Symbol              // :name of Ruby and Elixir; Text has no colon
	String              // a string literal; Text is what stands between its quotes, as written
	Number              // a number
	Punct               // one byte of anything else
	Newline             // the end of a line that holds a token
)

// Token is one piece of a program. Lines count from 1. From and To are the
// bytes that it covers; Text is a slice of the source.
type Token struct {
	Kind     Kind
	From, To int
	Line     int
	Text     string
}

// Is says whether the token is this name or punctuation.
func (t Token) Is(s string) bool {
	return (t.Kind == Name || t.Kind == Punct) && t.Text == s
}

type scanner struct {
	src      string
	lang     Language
	pos      int
	line     int
	heredocs []heredoc // announced on this line
	waste    bound.Waste
	regexp   bool // a / here begins a regular expression
}

type heredoc struct{ tag string }

// inVain counts a look-ahead of n bytes for a closing that is not there, so that
// a text stays linear to read whatever it contains.
func (s *scanner) inVain(n int) { s.waste.Add(n+1, len(s.src)) }

// Each calls f for every token of src until f returns false. It stops (package
// bound) where a text wastes its time.
func Each(src string, lang Language, f func(Token) bool) {
	s := scanner{src: src, lang: lang, line: 1, regexp: true}
	some := false
	for s.pos < len(s.src) {
		c := s.src[s.pos]
		switch {
		case c == '\n':
			if some && !f(Token{Kind: Newline, From: s.pos, To: s.pos + 1, Line: s.line, Text: "\n"}) {
				return
			}
			s.pos++
			s.line++
			some, s.regexp = false, true
			for _, t := range s.bodies() {
				if !f(t) {
					return
				}
			}
			continue
		case c == ' ' || c == '\t' || c == '\r':
			s.pos++
			continue
		case s.comment(c):
			continue
		}
		t := s.token(c)
		t.To = s.pos
		if t.Text == "" && t.Kind != String {
			t.Text = s.src[t.From:t.To]
		}
		s.regexp = t.Kind == Punct && t.Text != ")" && t.Text != "]" && t.Text != "}"
		some = true
		if !f(t) {
			return
		}
	}
}

// maxTokens bounds the tokens of a program, of which each takes 48 bytes.
const maxTokens = 500_000

// Tokens returns the tokens of a text. It stops (package bound) past maxTokens.
func Tokens(src string, lang Language) []Token {
	out := make([]Token, 0, len(src)/6+8)
	Each(src, lang, func(t Token) bool {
		if out = append(out, t); len(out) > maxTokens {
			bound.Stop("the program has more than 500000 words and signs")
		}
		return true
	})
	return out
}

// comment steps over the comment at the position, if there is one.
func (s *scanner) comment(c byte) bool {
	rest := s.src[s.pos:]
	switch {
	case c == '#' && s.hashes(rest):
		s.skipLine(rest)
	case c == '-' && s.lang == Lua && strings.HasPrefix(rest, "--"):
		s.pos += 2
		if n := longBracket(rest[2:]); n > 0 {
			s.skipTo("]"+strings.Repeat("=", n-2)+"]", true)
		} else {
			s.skipLine(rest[2:])
		}
	case c == '/' && strings.HasPrefix(rest, "//") && s.slashes():
		s.skipLine(rest)
	case c == '/' && strings.HasPrefix(rest, "/*") && s.slashes():
		s.pos += 2
		s.skipTo("*/", true)
	case (c == '=' || c == '_') && s.lang == Ruby:
		return s.rubyBlock(rest)
	default:
		return false
	}
	return true
}

// skipLine steps to the end of the line as the language has it: a lone return
// ends one in most, and U+2028 in JavaScript.
func (s *scanner) skipLine(rest string) {
	ends := "\n"
	switch s.lang {
	case Python, PHP, CLike:
		ends = "\r\n"
	case JavaScript:
		ends = "\r\n\u2028\u2029"
	}
	n := strings.IndexAny(rest, ends)
	if n < 0 {
		n = len(rest)
	}
	s.pos += n
}

// rubyBlock steps over what Ruby sets apart at the beginning of a line: =begin to
// =end, and all behind __END__.
func (s *scanner) rubyBlock(rest string) bool {
	if s.pos > 0 && s.src[s.pos-1] != '\n' {
		return false
	}
	switch {
	case strings.HasPrefix(rest, "=begin"):
		s.skipTo("\n=end", true)
	case strings.HasPrefix(rest, "__END__") && strings.TrimRight(firstLine(rest), "\r") == "__END__":
		s.pos = len(s.src)
	default:
		return false
	}
	return true
}

// slashes says whether // and /* begin comments.
func (s *scanner) slashes() bool {
	return s.lang != Ruby && s.lang != Python && s.lang != Elixir && s.lang != Lua && s.lang != Perl
}

// hashes says whether the # that rest begins with begins a comment.
func (s *scanner) hashes(rest string) bool {
	if s.lang == Lua || s.lang == Perl && s.pos > 0 && s.src[s.pos-1] == '$' {
		return false // a length
	}
	return !s.slashes() || s.lang == PHP && !strings.HasPrefix(rest, "#[")
}

func firstLine(s string) string {
	if i := strings.IndexByte(s, '\n'); i >= 0 {
		return s[:i]
	}
	return s
}

// skipTo steps to the mark, and over it if so asked; without one to the end.
func (s *scanner) skipTo(mark string, over bool) {
	n := strings.Index(s.src[s.pos:], mark)
	if n < 0 {
		n = len(s.src) - s.pos
	} else if over {
		n += len(mark)
	}
	s.line += strings.Count(s.src[s.pos:s.pos+n], "\n")
	s.pos += n
}

// token reads the token that begins with c.
func (s *scanner) token(c byte) Token {
	t := Token{Kind: Punct, From: s.pos, Line: s.line}
	switch {
	case isLetter(c):
		s.name(&t)
	case c >= '0' && c <= '9':
		s.number(&t)
	case c == '"' || c == '\'' || c == '`':
		s.quoted(&t, c, s.pos)
	case s.literal(&t, c):
	default:
		s.pos++
	}
	return t
}

func (s *scanner) number(t *Token) {
	t.Kind = Number
	for s.pos < len(s.src) && (isLetter(s.src[s.pos]) || isDigit(s.src[s.pos]) ||
		s.src[s.pos] == '.' && s.pos+1 < len(s.src) && isDigit(s.src[s.pos+1])) {
		s.pos++
	}
}

// literal reads what c begins in the language alone, if it does: a symbol, a
// heredoc, a string in other quotes, a regular expression.
func (s *scanner) literal(t *Token, c byte) bool {
	rest := s.src[s.pos:]
	switch s.lang {
	case Ruby:
		switch {
		case c == ':':
			return s.symbol(t)
		case c == '%':
			return s.percent(t)
		}
		return strings.HasPrefix(rest, "<<") && s.announce(t)
	case Perl:
		return strings.HasPrefix(rest, "<<") && s.announce(t)
	case PHP:
		return strings.HasPrefix(rest, "<<<") && s.announce(t)
	case Elixir:
		return c == ':' && s.symbol(t) || c == '~' && s.sigil(t)
	case Lua:
		return c == '[' && s.longString(t)
	case CLike:
		if strings.HasPrefix(rest, "@\"") {
			s.pos++
			s.verbatim(t)
			return true
		}
	case JavaScript:
		return c == '/' && s.regexp && s.skipRegexp()
	}
	return false
}

// name reads a name, or the string that it is the prefix of.
func (s *scanner) name(t *Token) {
	t.Kind = Name
	start := s.pos
	for s.pos < len(s.src) && (isLetter(s.src[s.pos]) || isDigit(s.src[s.pos])) {
		s.pos++
	}
	if s.pos >= len(s.src) {
		return
	}
	s.behindName(t, s.src[start:s.pos], start)
}

// behindName reads what belongs to a name: the string that it is the prefix of, or
// the sign that it ends with.
func (s *scanner) behindName(t *Token, name string, start int) {
	c := s.src[s.pos]
	switch s.lang {
	case Python:
		if (c == '"' || c == '\'') && pythonPrefix(name) {
			s.quoted(t, c, start)
		}
	case Rust:
		if (c == '"' || c == '#') && rustPrefix(name) {
			s.rustRaw(t)
		}
	case Perl:
		if name == "q" || name == "qq" {
			s.quoteLike(t)
		}
	case Ruby, Elixir:
		if (c == '?' || c == '!') && !strings.HasPrefix(s.src[s.pos:], "!=") {
			s.pos++
		}
	}
}

// quoteLike reads what stands behind Perl's q and qq: q{…}, qq(…).
func (s *scanner) quoteLike(t *Token) {
	i := s.pos
	for i < len(s.src) && s.src[i] == ' ' {
		i++
	}
	if i < len(s.src) && closing(s.src[i]) != 0 {
		s.nested(t, i+1, s.src[i], closing(s.src[i]))
	}
}

func pythonPrefix(name string) bool {
	return len(name) <= 2 && strings.Trim(strings.ToLower(name), "rfbut") == ""
}

func rustPrefix(name string) bool {
	return len(name) <= 2 && (name[0] == 'r' || name[0] == 'b')
}

func isLetter(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= 128 || c == '$'
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
