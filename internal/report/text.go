package report

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// visible turns a text from outside into one line in which everything can be
// seen: line breaks and other white space become one blank, and what is
// invisible or steers the direction of writing is spelled out as \u{202E}. At
// most max characters are kept.
func visible(s string, max int) string {
	var b strings.Builder
	n, blank, marks := 0, false, 0
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		raw := s[i]
		i += size
		if unicode.IsSpace(r) || r == '\u2028' || r == '\u2029' {
			blank = b.Len() > 0
			continue
		}
		if r == '\uFE0F' { // "as an emoji": says nothing by itself
			continue
		}
		if unicode.Is(unicode.Mn, r) {
			marks++
		} else {
			marks = 0
		}
		if blank {
			b.WriteByte(' ')
			n, blank = n+1, false
		}
		if n >= max {
			return b.String() + "…"
		}
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02X`, raw)
		case hidden(r) || marks > 3:
			fmt.Fprintf(&b, `\u{%X}`, r)
		default:
			b.WriteRune(r)
		}
		n++
	}
	return b.String()
}

// Visible is a text from outside as one line of at most max characters in
// which everything can be seen, for pages: they escape what means something to
// them, and this spells out what means something to the eye.
func Visible(s string, max int) string { return visible(s, max) }

// hidden reports whether r shows nothing, or changes how others are shown.
func hidden(r rune) bool {
	switch {
	case r < 0x7F:
		return r < ' '
	case !unicode.IsGraphic(r): // control, format, private use, surrogates, unassigned
		return true
	case r == 0x34F, r == 0x115F, r == 0x1160, r == 0x17B4, r == 0x17B5, r == 0x2800, r == 0x3164, r == 0xFFA0: // fillers
		return true
	}
	return unicode.Is(unicode.Variation_Selector, r)
}

// code is a text from outside as Markdown inline code. Nothing in it is read
// as Markdown, HTML, a mention, a link or an emoji.
func code(s string, limit int) string {
	s = visible(s, limit)
	if s == "" {
		return "(empty)"
	}
	longest, run := 0, 0
	for i := range len(s) {
		if s[i] == '`' {
			run++
			longest = max(longest, run)
		} else {
			run = 0
		}
	}
	fence := strings.Repeat("`", longest+1)
	if longest > 0 {
		return fence + " " + s + " " + fence
	}
	return fence + s + fence
}

// prose is a sentence that may hold text from outside, as Markdown inline text:
// plain words stay as they are, and every word that could mean something to
// Markdown, HTML or GitHub (a path, a mention, a link, a number sign) is put as
// code.
func prose(s string, max int) string {
	words := strings.Split(visible(s, max), " ")
	for i, w := range words {
		switch {
		case w == "-" && i > 0: // a dash; at the start it would be a list
		case w == "":
		case i == 0 && w[0] >= '0' && w[0] <= '9': // "1." would be one as well
			words[i] = code(w, len(w))
		default:
			words[i] = word(w)
		}
	}
	return strings.Join(words, " ")
}

func word(w string) string {
	if plain(w) {
		return w
	}
	core := strings.TrimRight(w, ".,;:)")
	end := w[len(core):]
	open := ""
	if strings.HasPrefix(core, "(") && !strings.ContainsAny(core, ")") {
		open, core = "(", core[1:]
	}
	if plain(core) && end != "" && !strings.Contains(end, ":)") {
		return open + core + end
	}
	if quoted := strings.Trim(core, "`"); quoted != "" && !strings.Contains(quoted, "`") {
		core = quoted
	}
	if core == "" {
		return code(w, len(w))
	}
	return open + code(core, len(core)) + end
}

// plain reports whether a word means only itself: letters, with a hyphen or an
// apostrophe within; or a number. Longer hexadecimal words are commit ids to
// GitHub, and "GH-1" is an issue.
func plain(w string) bool {
	letters, digits := 0, 0
	for i, r := range w {
		within := i > 0 && i < len(w)-1
		switch {
		case unicode.IsLetter(r) || unicode.Is(unicode.M, r):
			letters++
		case r >= '0' && r <= '9':
			digits++
		case strings.ContainsRune("-'’", r):
			if !within {
				return false
			}
		case r == ':' && within && letters == 0: // a time of day
		case r == '%' && i == len(w)-1 && digits > 0:
		case strings.ContainsRune("…–—“”«»", r):
		default:
			return false
		}
	}
	return letters == 0 && digits <= 6 || digits == 0 && !commitLike(w)
}

func commitLike(w string) bool {
	if len(w) < 7 {
		return false
	}
	return strings.Trim(w, "abcdefABCDEF") == ""
}

// VisibleCode is a part of a line of a file in which everything can be seen, with its
// blanks as they are: tabs stay.
func VisibleCode(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return r != '\t' && hidden(r) || r == utf8.RuneError }) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02X`, s[i])
		case r != '\t' && hidden(r):
			fmt.Fprintf(&b, `\u{%X}`, r)
		default:
			b.WriteRune(r)
		}
		i += size
	}
	return b.String()
}
