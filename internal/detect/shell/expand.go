package shell

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"mvdan.cc/sh/v3/syntax"
)

// ansi reads what stands in $'...'.
func ansi(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 >= len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		if plain, ok := escapes[s[i]]; ok {
			b.WriteByte(plain)
			continue
		}
		switch c := s[i]; {
		case c >= '0' && c <= '7':
			i += number(&b, s[i:], 3, 8) - 1
		case c == 'x':
			i += number(&b, s[i+1:], 2, 16)
		case c == 'u' || c == 'U':
			i += character(&b, s[i+1:], map[byte]int{'u': 4, 'U': 8}[c])
		case c == 'c' && i+1 < len(s):
			i++
			b.WriteByte(s[i] & 0x1f)
		default:
			b.WriteByte('\\')
			b.WriteByte(c)
		}
	}
	return b.String()
}

var escapes = map[byte]byte{'n': '\n', 't': '\t', 'r': '\r', 'a': 7, 'b': 8, 'e': 27, 'E': 27, 'f': 12, 'v': 11,
	'\\': '\\', '\'': '\'', '"': '"', '?': '?'}

// number writes the byte that digits stand for and returns how many they are.
func number(b *strings.Builder, s string, most, base int) int {
	n := 0
	for n < most && n < len(s) {
		if _, err := strconv.ParseUint(s[n:n+1], base, 8); err != nil {
			break
		}
		n++
	}
	if v, err := strconv.ParseUint(s[:n], base, 16); err == nil {
		b.WriteByte(byte(v))
	}
	return n
}

func character(b *strings.Builder, s string, most int) int {
	n := 0
	for n < most && n < len(s) && strings.IndexByte("0123456789abcdefABCDEF", s[n]) >= 0 {
		n++
	}
	if v, err := strconv.ParseUint(s[:n], 16, 32); err == nil {
		b.WriteString(string(utf8.AppendRune(nil, rune(v))))
	}
	return n
}

const maxBraces = 200 // words that one word becomes

// braces are the words that one with braces becomes: a{b,c}d and {1..3}.
func braces(parts []syntax.WordPart) [][]syntax.WordPart {
	done, todo := [][]syntax.WordPart(nil), [][]syntax.WordPart{parts}
	for len(todo) > 0 {
		one := todo[0]
		todo = todo[1:]
		at := slices.IndexFunc(one, func(p syntax.WordPart) bool { _, ok := p.(*syntax.BraceExp); return ok })
		if at < 0 || len(done)+len(todo) > maxBraces {
			done = append(done, one)
			continue
		}
		var more [][]syntax.WordPart
		for _, elem := range elements(one[at].(*syntax.BraceExp)) {
			more = append(more, slices.Concat(one[:at], elem, one[at+1:]))
		}
		todo = append(more, todo...)
	}
	return done
}

// elements are what a pair of braces stands for, each in its turn.
func elements(b *syntax.BraceExp) [][]syntax.WordPart {
	var out [][]syntax.WordPart
	if !b.Sequence {
		for _, e := range b.Elems {
			out = append(out, e.Parts)
		}
		return out
	}
	from, err := strconv.Atoi(b.Elems[0].Lit())
	to, err2 := strconv.Atoi(b.Elems[1].Lit())
	if err != nil || err2 != nil || len(b.Elems) > 2 || from > to || to-from > maxBraces {
		return [][]syntax.WordPart{b.Elems[0].Parts, b.Elems[1].Parts}
	}
	for n := from; n <= to; n++ {
		out = append(out, []syntax.WordPart{&syntax.Lit{Value: strconv.Itoa(n)}})
	}
	return out
}

// says are programs of which it is known what they write.
var says = map[string]bool{"echo": true, "printf": true, "cat": true, "tee": true, "base64": true}

// output is what a command is known to write: what it is told to say, and what
// it hands through.
func output(c *Command) *string {
	if len(c.Words) == 0 {
		return nil
	}
	args := c.Words[1:]
	switch c.Name() {
	case "echo":
		return said(args)
	case "printf":
		return formatted(args)
	case "cat", "tee":
		if c.Stdin != nil && (c.Name() == "tee" || len(args) == 0 || len(args) == 1 && args[0].Text == "-") {
			return c.Stdin
		}
	case "base64":
		if c.Stdin == nil || len(args) != 1 || !strings.HasPrefix(args[0].Text, "-d") &&
			args[0].Text != "--decode" && args[0].Text != "-D" {
			return nil
		}
		if raw, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(*c.Stdin), "")); err == nil {
			text := string(raw)
			return &text
		}
	}
	return nil
}

func said(args []Word) *string {
	escaped, end := false, "\n"
	for len(args) > 0 && len(args[0].Text) > 1 && args[0].Text[0] == '-' && strings.Trim(args[0].Text[1:], "neE") == "" {
		escaped = escaped || strings.Contains(args[0].Text, "e")
		if strings.Contains(args[0].Text, "n") {
			end = ""
		}
		args = args[1:]
	}
	text := Join(args)
	if escaped {
		text = ansi(text)
	}
	text += end
	return &text
}

func formatted(args []Word) *string {
	if len(args) > 1 && args[0].Text == "--" {
		args = args[1:]
	}
	if len(args) == 0 {
		return nil
	}
	format := ansi(args[0].Text)
	args = args[1:]
	var b strings.Builder
	for {
		before := len(args)
		for i := 0; i < len(format); i++ {
			if format[i] != '%' || i+1 >= len(format) {
				b.WriteByte(format[i])
				continue
			}
			i++
			switch format[i] {
			case '%':
				b.WriteByte('%')
			case 's', 'b', 'q', 'd', 'i':
				if len(args) == 0 {
					continue
				}
				if format[i] == 'b' {
					b.WriteString(ansi(args[0].Text))
				} else {
					b.WriteString(args[0].Text)
				}
				args = args[1:]
			default:
				return nil
			}
			if b.Len() > 64<<10 {
				return nil
			}
		}
		if len(args) == 0 || len(args) == before {
			break
		}
	}
	text := b.String()
	return &text
}
