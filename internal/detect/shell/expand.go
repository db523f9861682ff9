package shell

import (
	"encoding/base64"
	"strconv"
	"strings"
	"unicode/utf8"
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

// braces puts the words in the place of a{b,c}d.
func braces(w Word) []Word {
	done, todo := []Word(nil), []string{w.Text}
	for len(todo) > 0 && len(done)+len(todo) <= maxBraces {
		text := todo[0]
		todo = todo[1:]
		before, parts, after, ok := alternatives(text)
		if !ok {
			done = append(done, Word{Text: text, Known: w.Known})
			continue
		}
		var more []string
		for _, part := range parts {
			more = append(more, before+part+after)
		}
		todo = append(more, todo...)
	}
	for _, text := range todo {
		done = append(done, Word{Text: text})
	}
	return done
}

// alternatives cuts a word at its first braces that hold a comma.
func alternatives(s string) (before string, parts []string, after string, ok bool) {
	for open := 0; open < len(s); open++ {
		if s[open] != '{' || open > 0 && s[open-1] == '$' {
			continue
		}
		depth, from := 0, open+1
		parts = parts[:0]
		for i := open; i < len(s) && i < open+maxValue; i++ {
			switch s[i] {
			case '{':
				depth++
			case ',':
				if depth == 1 {
					parts = append(parts, s[from:i])
					from = i + 1
				}
			case '}':
				if depth--; depth == 0 {
					if len(parts) == 0 {
						i = len(s)
						break
					}
					return s[:open], append(parts, s[from:i]), s[i+1:], true
				}
			}
		}
		if open > 50 {
			break
		}
	}
	return "", nil, "", false
}

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
