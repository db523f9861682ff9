package program

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect/tree"
)

// cells are the programs of a notebook as one text, and at which line of the file
// each of its lines stands. What is a shell's in them is for others.
func cells(body string) (string, func(int) int) {
	root, err := tree.ParseJSON(body)
	if err != nil || !root.Get("cells").IsList() {
		return "", func(line int) int { return line }
	}
	var b strings.Builder
	var lines []int
	for _, cell := range root.Get("cells").Items {
		code := cell.Get("source")
		if cell.Get("cell_type").Str() != "code" || code == nil {
			continue
		}
		items := code.Items
		if code.Kind == tree.Scalar {
			items = []*tree.Node{code}
		}
		for _, item := range items {
			for line := range strings.Lines(item.Text) {
				if t := strings.TrimSpace(line); !strings.HasPrefix(t, "!") && !strings.HasPrefix(t, "%") {
					b.WriteString(strings.TrimRight(line, "\r\n"))
				}
				b.WriteByte('\n')
				lines = append(lines, item.Line)
			}
		}
	}
	return b.String(), func(line int) int {
		if line < 1 || line > len(lines) {
			return 0
		}
		return lines[line-1]
	}
}
