package change

import "strings"

// Line is one line of a text, counted from 1, without its line ending.
type Line struct {
	Number int
	Text   string
}

// AddedLines returns the lines of After that Before does not hold, in order.
// A line that only moved is not added: lines are compared as a multiset, which
// is linear in the size of both texts whatever they contain. Where Before is
// not loaded, every line counts as added.
func (f *File) AddedLines() []Line { return onlyIn(f.After, f.Before) }

// RemovedLines returns the lines of Before that After does not hold, in order.
func (f *File) RemovedLines() []Line { return onlyIn(f.Before, f.After) }

func onlyIn(these, others Text) []Line {
	if these.State != Loaded || these.Body == "" {
		return nil
	}
	var have map[string]int
	if others.State == Loaded && others.Body != "" {
		have = make(map[string]int, strings.Count(others.Body, "\n")+1)
		for line := range strings.Lines(others.Body) {
			have[strings.TrimRight(line, "\r\n")]++
		}
	}
	var out []Line
	n := 0
	for line := range strings.Lines(these.Body) {
		n++
		line = strings.TrimRight(line, "\r\n")
		if have[line] > 0 {
			have[line]--
			continue
		}
		out = append(out, Line{Number: n, Text: line})
	}
	return out
}
