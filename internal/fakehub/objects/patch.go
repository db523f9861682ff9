package objects

import (
	"bytes"
	"fmt"
	"strings"
)

const (
	contextLines = 3
	// maxEdits bounds the search for the shortest edit script; past it the
	// differing middle is shown as wholly replaced, which is true, only longer.
	maxEdits = 1024
	// sniff is how much git reads of a file to call it binary.
	sniff = 8000
)

// Stat is how many lines a delta adds and removes, and whether it is binary.
type Stat struct {
	Additions, Deletions int
	Binary               bool
}

// IsBinary is git's rule: a zero byte in the first 8,000.
func IsBinary(data []byte) bool {
	return bytes.IndexByte(data[:min(len(data), sniff)], 0) >= 0
}

// Patch compares two contents. The patch has hunks only, without file headers,
// as GitHub gives it; it is empty for binary content, and where its text would
// be longer than limit bytes.
func Patch(before, after []byte, limit int) (Stat, string) {
	if bytes.Equal(before, after) {
		return Stat{}, ""
	}
	if IsBinary(before) || IsBinary(after) {
		return Stat{Binary: true}, ""
	}
	a, b := splitLines(before), splitLines(after)
	edits := compare(a, b)
	var st Stat
	for _, e := range edits {
		st.Deletions += e.a1 - e.a0
		st.Additions += e.b1 - e.b0
	}
	return st, render(a, b, edits, limit)
}

// splitLines keeps the line ends.
func splitLines(data []byte) []string {
	if len(data) == 0 {
		return nil
	}
	lines := strings.SplitAfter(string(data), "\n")
	if lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}

// edit says that the lines a0..a1 of the old text became b0..b1 of the new.
type edit struct{ a0, a1, b0, b1 int }

func compare(a, b []string) []edit {
	start := 0
	for start < len(a) && start < len(b) && a[start] == b[start] {
		start++
	}
	endA, endB := len(a), len(b)
	for endA > start && endB > start && a[endA-1] == b[endB-1] {
		endA--
		endB--
	}
	if start == endA || start == endB {
		return []edit{{start, endA, start, endB}}
	}
	edits, ok := myers(a[start:endA], b[start:endB])
	if !ok {
		return []edit{{start, endA, start, endB}}
	}
	for i := range edits {
		e := &edits[i]
		e.a0, e.a1, e.b0, e.b1 = e.a0+start, e.a1+start, e.b0+start, e.b1+start
	}
	return edits
}

// myers finds the shortest edit script (Myers 1986, the greedy form), keeping
// the frontier of each round for the way back.
func myers(a, b []string) ([]edit, bool) {
	n, m := len(a), len(b)
	limit := min(n+m, maxEdits)
	frontier := make([]int, 2*limit+2)
	var rounds [][]int
	for d := 0; d <= limit; d++ {
		for k := -d; k <= d; k += 2 {
			var x int
			if k == -d || k != d && frontier[limit+k-1] < frontier[limit+k+1] {
				x = frontier[limit+k+1]
			} else {
				x = frontier[limit+k-1] + 1
			}
			y := x - k
			for x < n && y < m && a[x] == b[y] {
				x++
				y++
			}
			frontier[limit+k] = x
			if x >= n && y >= m {
				return walkBack(rounds, n, m), true
			}
		}
		rounds = append(rounds, append([]int(nil), frontier[limit-d:limit+d+1]...))
	}
	return nil, false
}

// walkBack follows the frontiers from the end and joins neighbouring edits.
// rounds[d][k+d] is how far diagonal k reached with d edits.
func walkBack(rounds [][]int, x, y int) []edit {
	var reversed []edit
	add := func(e edit) {
		if last := len(reversed) - 1; last >= 0 && reversed[last].a0 == e.a1 && reversed[last].b0 == e.b1 {
			reversed[last].a0, reversed[last].b0 = e.a0, e.b0
			return
		}
		reversed = append(reversed, e)
	}
	for d := len(rounds); d > 0; d-- {
		prev := rounds[d-1]
		at := func(k int) int {
			if i := k + d - 1; i >= 0 && i < len(prev) {
				return prev[i]
			}
			return -1
		}
		k := x - y
		down := k == -d || k != d && at(k-1) < at(k+1)
		if down {
			px := at(k + 1)
			py := px - (k + 1)
			add(edit{px, px, py, py + 1})
			x, y = px, py
		} else {
			px := at(k - 1)
			py := px - (k - 1)
			add(edit{px, px + 1, py, py})
			x, y = px, py
		}
	}
	edits := make([]edit, 0, len(reversed))
	for i := len(reversed) - 1; i >= 0; i-- {
		edits = append(edits, reversed[i])
	}
	return edits
}

func render(a, b []string, edits []edit, limit int) string {
	var out strings.Builder
	for i := 0; i < len(edits); {
		last := i
		for last+1 < len(edits) && edits[last+1].a0-edits[last].a1 <= 2*contextLines {
			last++
		}
		a0, a1 := max(edits[i].a0-contextLines, 0), min(edits[last].a1+contextLines, len(a))
		b0, b1 := max(edits[i].b0-contextLines, 0), min(edits[last].b1+contextLines, len(b))
		if out.Len() > 0 {
			out.WriteByte('\n')
		}
		fmt.Fprintf(&out, "@@ -%s +%s @@", span(a0, a1), span(b0, b1))
		at := a0
		for _, e := range edits[i : last+1] {
			writeLines(&out, ' ', a[at:e.a0])
			writeLines(&out, '-', a[e.a0:e.a1])
			writeLines(&out, '+', b[e.b0:e.b1])
			at = e.a1
			if out.Len() > limit {
				return ""
			}
		}
		writeLines(&out, ' ', a[at:a1])
		i = last + 1
	}
	if out.Len() > limit {
		return ""
	}
	return out.String()
}

// span is git's form of a range of lines: the count is left out where it is
// one, and an empty range names the line before it.
func span(from, to int) string {
	switch to - from {
	case 0:
		return fmt.Sprintf("%d,0", from)
	case 1:
		return fmt.Sprint(from + 1)
	}
	return fmt.Sprintf("%d,%d", from+1, to-from)
}

func writeLines(out *strings.Builder, mark byte, lines []string) {
	for _, l := range lines {
		out.WriteByte('\n')
		out.WriteByte(mark)
		text, ended := strings.CutSuffix(l, "\n")
		out.WriteString(text)
		if !ended {
			out.WriteString("\n\\ No newline at end of file")
		}
	}
}
