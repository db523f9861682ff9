package rulesets

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// pretty is JSON with a line for each value, to be compared by people.
func pretty(text []byte) string {
	var b bytes.Buffer
	if json.Indent(&b, text, "", "  ") != nil {
		return printable(string(text))
	}
	return printable(b.String())
}

// printable replaces what shows nothing or steers a terminal.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && r != ' ' && !unicode.IsPrint(r) {
			return '\uFFFD'
		}
		return r
	}, text)
}

// Bounds of a difference: lines compared one by one, and lines shown around
// what differs.
const (
	maxCompared = 2000
	around      = 3
)

type line struct {
	mark byte // ' ', '-' or '+'
	text string
}

// diff shows what two texts differ in: "-" goes, "+" comes.
func diff(before, after string) string {
	lines := compare(split(before), split(after))
	var b strings.Builder
	shown := -1
	for i, l := range lines {
		if !near(lines, i) {
			continue
		}
		if i != shown+1 && (i > 0 || shown >= 0) {
			b.WriteString("  ...\n")
		}
		fmt.Fprintf(&b, "%c %s\n", l.mark, l.text)
		shown = i
	}
	return b.String()
}

func near(lines []line, i int) bool {
	for _, l := range lines[max(0, i-around):min(len(lines), i+around+1)] {
		if l.mark != ' ' {
			return true
		}
	}
	return false
}

func split(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(text, "\n"), "\n")
}

// compare keeps a longest common run of lines; what is the same at both ends
// is set aside first.
func compare(a, b []string) []line {
	var head, tail []line
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		head = append(head, line{' ', a[0]})
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		tail = append(tail, line{' ', a[len(a)-1]})
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	slices.Reverse(tail)
	return append(append(head, middle(a, b)...), tail...)
}

func middle(a, b []string) (out []line) {
	if len(a) > maxCompared || len(b) > maxCompared {
		for _, t := range a {
			out = append(out, line{'-', t})
		}
		for _, t := range b {
			out = append(out, line{'+', t})
		}
		return out
	}
	common := make([][]int32, len(a)+1) // [i][j]: lines that a[i:] and b[j:] share
	for i := range common {
		common[i] = make([]int32, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			out = append(out, line{' ', a[i]})
			i, j = i+1, j+1
		case i < len(a) && (j == len(b) || common[i+1][j] >= common[i][j+1]):
			out = append(out, line{'-', a[i]})
			i++
		default:
			out = append(out, line{'+', b[j]})
			j++
		}
	}
	return out
}
