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
		if words := withArgs(n); words != nil && worth(c.words, strings.Join(words, " ")) {
			out = append(out, piece{text: quoted(words), line: n.Get("command").Line, end: lastLine(n.Get("args"))})
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

// withArgs are the words of a command whose arguments stand under a key of their own.
func withArgs(n *tree.Node) []string {
	if !n.IsMap() || !n.Get("args").IsList() || n.Get("command").Str() == "" {
		return nil
	}
	return append([]string{n.Get("command").Str()}, n.Get("args").Strings()...)
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
	for _, l := range tomlLines(body) {
		t := strings.TrimSpace(l.text)
		if strings.HasPrefix(t, "[") {
			t = strings.ToLower(t)
			tasks = strings.Contains(t, "task") || strings.Contains(t, "script") || strings.Contains(t, "process") ||
				strings.Contains(t, "alias") || strings.Contains(t, "hook")
			continue
		}
		key, value, ok := strings.Cut(t, "=")
		key = strings.ToLower(strings.Trim(strings.TrimSpace(key), `"`))
		if !ok || !tasks && !commandKey(key) || !c.worth(value) {
			continue
		}
		end := l.line + strings.Count(l.text, "\n")
		for _, text := range c.tomlTexts(strings.TrimSpace(value)) {
			out = append(out, piece{text: text, line: l.line, end: end})
		}
	}
	return out
}

// tomlLines are the lines of a text, with those together over which a string or a
// list goes.
func tomlLines(body string) (out []logical) {
	var b strings.Builder
	n, start, end := 0, 0, ""
	for text := range strings.Lines(body) {
		n++
		if b.Len() == 0 {
			start = n
		}
		b.WriteString(text)
		_, value, _ := strings.Cut(text, "=")
		value = strings.TrimSpace(value)
		switch {
		case end != "" && (strings.Contains(text, end) || b.Len() > maxLogical):
			end = ""
		case end != "":
		case strings.Count(value, `"""`) == 1:
			end = `"""`
		case strings.Count(value, "'''") == 1:
			end = "'''"
		case strings.HasPrefix(value, "[") && !strings.Contains(value, "]"):
			end = "]"
		}
		if end == "" {
			out = append(out, logical{strings.TrimRight(b.String(), "\r\n"), start})
			b.Reset()
		}
	}
	if b.Len() > 0 {
		out = append(out, logical{b.String(), start})
	}
	return out
}

// tomlTexts are the commands that a value is: a string, the words of a list, the
// strings of one that are each a command, or those of a table in a line.
func (c cutter) tomlTexts(value string) []string {
	for _, quote := range [...]string{`"""`, "'''"} {
		if text, ok := strings.CutPrefix(value, quote); ok {
			return []string{strings.TrimSuffix(strings.TrimSpace(text), quote)}
		}
	}
	switch {
	case strings.HasPrefix(value, "["):
		if words := literals(value); !c.isCommand(words) {
			return words
		}
		return []string{list(strings.Join(strings.Fields(value), " "))}
	case strings.HasPrefix(value, "{"):
		return literals(value)
	case strings.HasPrefix(value, "'"):
		return []string{strings.Trim(value, "'")}
	case strings.HasPrefix(value, `"`):
		if text, err := strconv.Unquote(value); err == nil {
			return []string{text}
		}
		return []string{strings.Trim(value, `"`)}
	}
	return nil
}
