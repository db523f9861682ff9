package command

import (
	"strconv"
	"strings"

	"github.com/gatehold/gatehold/internal/detect/shell"
	"github.com/gatehold/gatehold/internal/detect/tree"
)

// prose are keys of JSON whose texts are for people.
var prose = map[string]bool{"description": true, "keywords": true, "name": true, "title": true, "label": true, "detail": true}

// jsonPieces are the strings of a JSON file that may be commands; lists of words
// are one. What is no JSON is read line by line.
func (c cutter) jsonPieces(body string) []piece {
	root, err := tree.ParseJSON(body)
	if err != nil {
		return c.linePieces(packageJSON, body)
	}
	var out []piece
	tree.Walk(root, func(keys []string, n *tree.Node) bool {
		if forPeople(keys) {
			return false
		}
		switch {
		case n.Kind == tree.List && c.isCommand(n.Strings()):
			out = append(out, piece{text: quoted(n.Strings()), line: n.Line, end: lastLine(n)})
			return false
		case n.Kind == tree.Scalar && n.Quoted && worth(c.words, n.Text):
			out = append(out, piece{text: n.Text, line: n.Line, end: n.Line})
		}
		return true
	})
	return out
}

// forPeople reports whether what stands under these keys is no command: a script
// may be called "name".
func forPeople(keys []string) bool {
	n := len(keys)
	if n == 0 || !prose[strings.ToLower(keys[n-1])] {
		return false
	}
	return n == 1 || keys[n-2] != "scripts" && keys[n-2] != "tasks"
}

// isCommand tells whether a list is the words of one command.
func (c cutter) isCommand(words []string) bool {
	if len(words) < 2 || strings.Contains(words[0], " ") {
		return false
	}
	first := shell.Base(words[0])
	return c.table.Knows(first) || runners[first]
}

func lastLine(n *tree.Node) int {
	last := n.Line
	for _, item := range n.Items {
		last = max(last, item.Line)
	}
	return last
}

// quoted is a command of these words.
func quoted(words []string) string {
	var b strings.Builder
	for _, w := range words {
		b.WriteString("'" + strings.ReplaceAll(w, "'", `'\''`) + "' ")
	}
	return b.String()
}

// tomlPieces are the values of keys that hold commands, and of tables of tasks.
func (c cutter) tomlPieces(body string) []piece {
	var out []piece
	tasks := false
	for _, l := range logicals(body) {
		t := strings.TrimSpace(l.text)
		if strings.HasPrefix(t, "[") {
			t = strings.ToLower(t)
			tasks = strings.Contains(t, "task") || strings.Contains(t, "script") || strings.Contains(t, "process") ||
				strings.Contains(t, "alias") || strings.Contains(t, "hook")
			continue
		}
		key, value, ok := strings.Cut(t, "=")
		key = strings.ToLower(strings.Trim(strings.TrimSpace(key), `"`))
		if !ok || !tasks && !commandKeys[key] || !worth(c.words, value) {
			continue
		}
		if text := tomlText(strings.TrimSpace(value)); text != "" {
			out = append(out, piece{text: text, line: l.line, end: l.line})
		}
	}
	return out
}

// tomlText is the command that a value is: a string, or a list of words.
func tomlText(value string) string {
	switch {
	case strings.HasPrefix(value, "["):
		return list(value)
	case strings.HasPrefix(value, "'"):
		return strings.Trim(value, "'")
	case strings.HasPrefix(value, `"`):
		if text, err := strconv.Unquote(value); err == nil {
			return text
		}
		return strings.Trim(value, `"`)
	}
	return ""
}
