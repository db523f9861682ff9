package migration

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect/source"
)

// spelled writes calls whose name is a text as what they call: send("drop_" +
// "table", :a), getattr(op, "drop_table")("a"), schema["drop" + "Table"]("a"). What
// no text says is left as it stands.
func spelled(toks []source.Token, lang source.Language) []source.Token {
	s := speller{toks, lang}
	var out []source.Token
	from := 0 // tokens before it are in out
	for i := range toks {
		if i < from {
			continue
		}
		made, next := s.read(i)
		if next == 0 {
			continue
		}
		out = append(append(out, toks[from:i]...), made...)
		from = next
	}
	if from == 0 {
		return toks
	}
	return append(out, toks[from:]...)
}

// speller reads the tokens of a program for names that are texts.
type speller struct {
	toks []source.Token
	lang source.Language
}

// senders are the methods of Ruby that call another by its name, or return it.
var senders = map[string]bool{"send": true, "public_send": true, "__send__": true, "try": true, "method": true}

func (s speller) at(k int) source.Token {
	if k < 0 || k >= len(s.toks) {
		return source.Token{Kind: source.Newline}
	}
	return s.toks[k]
}

// named is a name where token i stands, with tokens before and behind it.
func (s speller) named(i int, name string, rest ...source.Token) []source.Token {
	t := s.toks[i]
	return append([]source.Token{{Kind: source.Name, From: t.From, To: t.To, Line: t.Line, Text: name}}, rest...)
}

func (s speller) dot(i int) source.Token {
	t := s.toks[i]
	return source.Token{Kind: source.Punct, From: t.From, To: t.To, Line: t.Line, Text: "."}
}

// read is what to read for the tokens at i, and the token behind them; 0 where
// they are read as they stand.
func (s speller) read(i int) (made []source.Token, next int) {
	t := s.toks[i]
	switch s.lang {
	case source.Ruby:
		if senders[t.Text] && t.Kind == source.Name {
			return s.sent(i)
		}
	case source.Python:
		if t.Is("getattr") && s.at(i+1).Is("(") {
			return s.got(i)
		}
	case source.JavaScript, source.PHP:
		before := s.at(i - 1)
		inBraces := t.Is("{") && s.lang == source.PHP && before.Is(">")
		if !inBraces && (!t.Is("[") || before.Kind != source.Name && !before.Is(")")) {
			return nil, 0
		}
		name, next := textAt(s.toks, i+1, s.lang)
		if next == 0 || !closes(s.at(next)) || !s.at(next+1).Is("(") {
			return nil, 0
		}
		if inBraces {
			return s.named(i, name), next + 1
		}
		return append([]source.Token{s.dot(i)}, s.named(i, name)...), next + 1
	}
	return nil, 0
}

// sent reads send(:drop_table, :a) and method(:drop_table).call(:a).
func (s speller) sent(i int) (made []source.Token, next int) {
	open := s.at(i + 1).Is("(")
	k := i + 1
	if open {
		k++
	}
	name, next := textAt(s.toks, k, s.lang)
	switch isMethod := s.toks[i].Is("method"); {
	case next == 0:
	case isMethod && open && s.at(next).Is(")") && s.at(next+1).Is(".") && s.at(next+2).Is("call"):
		return s.named(i, name), next + 3
	case isMethod:
	case s.at(next).Is(",") && open:
		return s.named(i, name, s.toks[i+1]), next + 1
	case s.at(next).Is(","):
		return s.named(i, name), next + 1
	case open && s.at(next).Is(")"):
		return s.named(i, name, s.toks[i+1]), next
	}
	return nil, 0
}

// got reads getattr(op, "drop_table")("a").
func (s speller) got(i int) (made []source.Token, next int) {
	k := i + 2
	for depth := 0; k < i+100 && (depth > 0 || !s.at(k).Is(",") && !s.at(k).Is(")")); k++ {
		switch {
		case s.at(k).Is("("):
			depth++
		case s.at(k).Is(")"):
			depth--
		}
	}
	name, next := textAt(s.toks, k+1, s.lang)
	if k == i+2 || next == 0 || !s.at(k).Is(",") || !s.at(next).Is(")") || !s.at(next+1).Is("(") {
		return nil, 0
	}
	made = append(append(made, s.toks[i+2:k]...), s.dot(i))
	return append(made, s.named(i, name)...), next + 1
}

// textAt is the name that a text at token i is, put together from its parts, and
// the token behind it; 0 where it is none.
func textAt(toks []source.Token, i int, lang source.Language) (name string, next int) {
	var b strings.Builder
	for ; i < len(toks) && b.Len() < 60; i++ {
		switch t := toks[i]; {
		case t.Kind == source.String || t.Kind == source.Symbol:
			b.WriteString(t.Text)
		case t.Is("+"), t.Is(".") && lang == source.PHP:
		default:
			if b.Len() == 0 || strings.Trim(strings.ToLower(b.String()), "abcdefghijklmnopqrstuvwxyz_!?") != "" {
				return "", 0
			}
			return b.String(), i
		}
	}
	return "", 0
}
