package hunk

import (
	"bufio"
	"bytes"
	"fmt"
	"strings"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/gatehold/gatehold/internal/change"
)

// row is a line of a file in the order of a diff.
type row struct {
	kind     Kind
	old, new int // from 1; 0: not on that side
}

// align puts the lines of two texts in the order of a diff. Of a file of which one
// side cannot be had, the other is there alone, as it is: nobody knows what is new.
func align(before, after change.Text) []row {
	has := func(t change.Text) bool { return t.State == change.Loaded }
	switch {
	case has(before) && has(after):
		return aligned(before.Body, after.Body)
	case has(after):
		return oneSided(after.Body, before.State, func(n int) row { return row{Added, 0, n} }, func(n int) row { return row{Both, 0, n} })
	case has(before):
		return oneSided(before.Body, after.State, func(n int) row { return row{Removed, n, 0} }, func(n int) row { return row{Both, n, 0} })
	}
	return nil
}

func oneSided(body string, other change.TextState, differs, alone func(n int) row) []row {
	of := alone
	if other == change.Absent {
		of = differs
	}
	rows := make([]row, 0, lineCount(body))
	for n := range lineCount(body) {
		rows = append(rows, of(n+1))
	}
	return rows
}

func lineCount(s string) int {
	n := strings.Count(s, "\n")
	if s != "" && !strings.HasSuffix(s, "\n") {
		n++
	}
	return n
}

// aligned reads the diff of two texts, and puts what it leaves out between.
func aligned(before, after string) []row {
	var rows []row
	old, now := 1, 1
	same := func(until int) {
		for ; old < until; old, now = old+1, now+1 {
			rows = append(rows, row{Both, old, now})
		}
	}
	lines := bufio.NewReader(bytes.NewReader(diff.Diff("a", []byte(before), "b", []byte(after))))
	for n := 0; ; n++ {
		line, err := lines.ReadString('\n')
		if err != nil {
			break
		}
		if n < 3 { // the names of the files
			continue
		}
		switch line[0] {
		case '@':
			var start, count int
			if _, err := fmt.Sscanf(line, "@@ -%d,%d", &start, &count); err != nil {
				return nil
			}
			if count == 0 {
				start++
			}
			same(start)
		case '+':
			rows = append(rows, row{Added, 0, now})
			now++
		case '-':
			rows = append(rows, row{Removed, old, 0})
			old++
		case ' ':
			same(old + 1)
		}
	}
	same(lineCount(before) + 1)
	return rows
}
