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
func (f *File) AddedLines() []Line {
	if f.lines == nil {
		return onlyIn(f.After, f.Before)
	}
	if !f.lines.addedKnown {
		f.lines.added, f.lines.addedKnown = onlyIn(f.After, f.Before), true
	}
	return f.lines.added
}

// RemovedLines returns the lines of Before that After does not hold, in order.
func (f *File) RemovedLines() []Line {
	if f.lines == nil {
		return onlyIn(f.Before, f.After)
	}
	if !f.lines.removedKnown {
		f.lines.removed, f.lines.removedKnown = onlyIn(f.Before, f.After), true
	}
	return f.lines.removed
}

// Differing is how many bytes the lines have that one side holds and the other
// does not.
func (f *File) Differing() int {
	n := 0
	for _, side := range [...][]Line{f.AddedLines(), f.RemovedLines()} {
		for _, l := range side {
			n += len(l.Text) + 1
		}
	}
	return n
}

// lines are the differing lines of a file, once they were asked for.
type lines struct {
	added, removed           []Line
	addedKnown, removedKnown bool
}

// Caching returns a copy of f that compares its texts at most once, however
// many detectors ask. The copy's texts must not change after, its lines must
// not be written to, and it is for one goroutine.
func (f File) Caching() File {
	f.lines = &lines{}
	return f
}

func onlyIn(these, others Text) []Line {
	if these.State != Loaded || these.Body == "" {
		return nil
	}
	body, other, n := these.Body, "", 0
	if others.State == Loaded {
		body, other, n = differing(these.Body, others.Body)
	}
	have := make(map[string]int, strings.Count(other, "\n")+1)
	for line := range strings.Lines(other) {
		have[strings.TrimRight(line, "\r\n")]++
	}
	var out []Line
	for line := range strings.Lines(body) {
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

// differing leaves out the whole lines that two texts begin and end with, which
// is most of them in most changes, and counts those left out at the beginning.
func differing(a, b string) (inA, inB string, before int) {
	start := commonPrefix(a, b)
	start = strings.LastIndexByte(a[:start], '\n') + 1
	before = strings.Count(a[:start], "\n")
	a, b = a[start:], b[start:]
	end := commonSuffix(a, b)
	if i := strings.IndexByte(a[len(a)-end:], '\n'); i >= 0 && end < max(len(a), len(b)) {
		end -= i + 1 // a line that is only partly the same differs
	} else if i < 0 && end < max(len(a), len(b)) {
		end = 0
	}
	return a[:len(a)-end], b[:len(b)-end], before
}

func commonPrefix(a, b string) int {
	n := min(len(a), len(b))
	i := 0
	for i+64 <= n && a[i:i+64] == b[i:i+64] {
		i += 64
	}
	for i < n && a[i] == b[i] {
		i++
	}
	return i
}

func commonSuffix(a, b string) int {
	n := min(len(a), len(b))
	i := 0
	for i+64 <= n && a[len(a)-i-64:len(a)-i] == b[len(b)-i-64:len(b)-i] {
		i += 64
	}
	for i < n && a[len(a)-1-i] == b[len(b)-1-i] {
		i++
	}
	return i
}
