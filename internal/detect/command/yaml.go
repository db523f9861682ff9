package command

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect/tree"
)

// treePieces are the values of keys that hold commands where lines alone do not
// show them as a runner reads them: over several lines, in a flow, with escapes,
// behind an anchor or a tag, under a key in quotes.
func (c cutter) treePieces(body string, have []piece) []piece {
	docs, err := tree.ParseYAML(body)
	if err != nil {
		return nil
	}
	known := map[string][]int{}
	for _, p := range have {
		text := plainText(p.text)
		known[text] = append(known[text], p.line)
	}
	var out []piece
	open := 0 // pieces of which the end is not known yet
	for _, doc := range docs {
		tree.Walk(doc, func(keys []string, n *tree.Node) bool {
			for ; open < len(out) && n.Line > out[open].line; open++ {
				out[open].end = n.Line - 1
			}
			if n.Kind != tree.Scalar || len(keys) == 0 || !commandKey(keys[len(keys)-1]) && !isTask(keys) || !c.worth(n.Text) {
				return true
			}
			text := plainText(n.Text)
			for _, line := range known[text] {
				if line-n.Line <= 1 && n.Line-line <= 1 {
					return true
				}
			}
			out = append(out, piece{text: n.Text, line: n.Line, end: n.Line})
			return true
		})
	}
	for last := strings.Count(body, "\n") + 1; open < len(out); open++ {
		out[open].end = last
	}
	return append(out, c.argvPieces(docs, append(have, out...))...)
}

// isTask tells whether a text stands under the name of a task.
func isTask(keys []string) bool {
	if len(keys) < 2 {
		return false
	}
	switch keys[len(keys)-2] {
	case "tasks", "scripts", "aliases", "processes":
		return true
	}
	return false
}

func plainText(text string) string { return strings.Join(strings.Fields(text), " ") }

// worth reports whether a text may hold a command that is known: a single line says
// its name, while a script may put it together.
func (c cutter) worth(text string) bool {
	return strings.Contains(strings.TrimSpace(text), "\n") || worth(c.words, text)
}
