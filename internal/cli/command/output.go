package command

import (
	"encoding/json"
	"io"
	"strings"
	"unicode"
)

// WriteJSON prints v, indented.
func WriteJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// OneLine is a text that may be from outside, fit for a line of a terminal.
func OneLine(text string) string { return Shown(strings.Join(strings.Fields(text), " ")) }

// Shown replaces what steers a terminal or shows nothing; line ends stay.
func Shown(text string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && !unicode.IsPrint(r) {
			return unicode.ReplacementChar
		}
		return r
	}, text)
}

// FirstOf is the first text that is not blank, without blanks around it.
func FirstOf(texts ...string) string {
	for _, t := range texts {
		if t = strings.TrimSpace(t); t != "" {
			return t
		}
	}
	return ""
}
