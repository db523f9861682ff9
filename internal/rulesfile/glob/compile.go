package glob

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// onlyStars reports whether every segment is **.
func onlyStars(text string) bool {
	for segment := range strings.SplitSeq(text, "/") {
		if segment != "**" {
			return false
		}
	}
	return true
}

func plain(text string) bool {
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '*', '?', '[':
			return false
		case '\\':
			i++
		}
	}
	return true
}

func unescape(text string) string {
	if !strings.Contains(text, `\`) {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' && i+1 < len(text) {
			i++
		}
		b.WriteByte(text[i])
	}
	return b.String()
}

func compileGeneral(text string) (alternative, error) {
	var b strings.Builder
	b.WriteString(`^(?s:`)
	segments := strings.Split(text, "/")
	for i, segment := range segments {
		last := i == len(segments)-1
		if segment == "**" {
			switch {
			case i > 0 && segments[i-1] == "**":
			case last:
				b.WriteString(`(?:/.*)?`) // the slash before it was left out below
			default:
				b.WriteString(`(?:[^/]+/)*`)
			}
			continue
		}
		if err := writeSegment(&b, segment); err != nil {
			return alternative{}, err
		}
		if !last && !onlyStars(strings.Join(segments[i+1:], "/")) {
			b.WriteByte('/')
		}
	}
	b.WriteString(`)$`)
	re, err := regexp.Compile(b.String())
	if err != nil {
		return alternative{}, fmt.Errorf("the pattern cannot be compiled: %w", err)
	}
	return alternative{shape: general, re: re, first: leading(text), last: trailing(text)}, nil
}

func writeSegment(b *strings.Builder, segment string) error {
	for i := 0; i < len(segment); {
		switch c := segment[i]; c {
		case '*':
			for i < len(segment) && segment[i] == '*' {
				i++
			}
			b.WriteString(`[^/]*`)
		case '?':
			b.WriteString(`[^/]`)
			i++
		case '[':
			n := classEnd(segment[i:])
			if n < 0 {
				return fmt.Errorf("the pattern opens a class with [ and does not close it")
			}
			if err := writeClass(b, segment[i+1:i+n-1]); err != nil {
				return err
			}
			i += n
		default:
			if c == '\\' {
				i++
			}
			r, size := utf8.DecodeRuneInString(segment[i:])
			b.WriteString(regexp.QuoteMeta(string(r)))
			i += size
		}
	}
	return nil
}

func writeClass(b *strings.Builder, class string) error {
	b.WriteByte('[')
	negated := false
	if class != "" && (class[0] == '!' || class[0] == '^') {
		negated = true
		b.WriteString("^/") // a class never matches the separator
		class = class[1:]
	}
	next := func() rune {
		if class[0] == '\\' && len(class) > 1 {
			class = class[1:]
		}
		r, size := utf8.DecodeRuneInString(class)
		class = class[size:]
		return r
	}
	for class != "" {
		low := next()
		high := low
		if len(class) > 1 && class[0] == '-' {
			class = class[1:]
			high = next()
		}
		if high < low {
			return fmt.Errorf("the pattern's class holds the empty range %c-%c", low, high)
		}
		if !negated && low <= '/' && '/' <= high {
			// Split the range around the separator.
			if low < '/' {
				fmt.Fprintf(b, `\x{%x}-\x{%x}`, low, '/'-1)
			}
			if high > '/' {
				fmt.Fprintf(b, `\x{%x}-\x{%x}`, '/'+1, high)
			}
			continue
		}
		fmt.Fprintf(b, `\x{%x}-\x{%x}`, low, high)
	}
	b.WriteByte(']')
	return nil
}

// leading is the literal that every match of the pattern begins with.
func leading(text string) string {
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '*', '?', '[', '\\':
			// "a/**" may match "a": the slash is not certain.
			return strings.TrimSuffix(text[:i], "/")
		}
	}
	return text
}

// trailing is the literal that every match of the pattern ends with.
func trailing(text string) string {
	cut := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '*', '?':
			cut = i + 1
		case '[':
			if n := classEnd(text[i:]); n > 0 {
				i += n - 1
			}
			cut = i + 1
		case '\\':
			i++
			cut = i + 1
		}
	}
	if cut > 0 && cut < len(text) && text[cut] == '/' {
		cut++ // "**/a" may match "a" alone
	}
	return text[cut:]
}
