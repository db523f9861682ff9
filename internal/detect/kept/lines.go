package kept

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect/tree"
)

// The bounds of a text of lines.
const (
	maxLines = 5000
	maxLine  = 400
)

// Lines reads the settings that stand one on a line under headings, whatever the
// dialect: KEY=value, key: value, key value, [heading]. What is none is passed over.
func Lines(text string) *tree.Node {
	root := &tree.Node{Kind: tree.Map, Line: 1}
	at, line := root, 0
	named := map[string]*tree.Node{}
	seen := map[*tree.Node]map[string]int{}
	for l := range strings.Lines(text) {
		if line++; line > maxLines {
			break
		}
		t := strings.TrimSpace(l)
		if t == "" || len(t) > maxLine || strings.ContainsRune("#;/", rune(t[0])) {
			continue
		}
		if name, is := heading(t, l); is {
			if named[name] == nil {
				named[name] = &tree.Node{Kind: tree.Map, Line: line}
				root.Fields = append(root.Fields, tree.Field{Key: name, Line: line, Value: named[name]})
			}
			at = named[name]
			continue
		}
		key, value, ok := pair(t)
		if !ok {
			continue
		}
		if seen[at] == nil {
			seen[at] = map[string]int{}
		}
		if seen[at][key]++; seen[at][key] > 1 {
			continue // the first of several, on both sides
		}
		at.Fields = append(at.Fields, tree.Field{Key: key, Line: line, Value: &tree.Node{Kind: tree.Scalar, Text: value, Line: line}})
	}
	return root
}

// heading reads [name], and Proxmox's "kind: name" whose settings are indented below.
func heading(t, line string) (string, bool) {
	if t[0] == '[' && t[len(t)-1] == ']' {
		return strings.Trim(t, "[] \t"), true
	}
	kind, name, ok := strings.Cut(t, ": ")
	return kind + " " + name, ok && line[0] == t[0] && kind == "vzdump"
}

// pair reads a key and its value.
func pair(t string) (key, value string, ok bool) {
	t = strings.TrimPrefix(t, "export ")
	i := strings.IndexByte(t, '=')
	if i < 0 || strings.Count(t[:i], " ") > 3 {
		i = strings.IndexAny(t, "=: \t")
	}
	if i <= 0 {
		return "", "", false
	}
	key = strings.ReplaceAll(strings.TrimRight(t[:i], " \t"), " ", "_") // Volume Retention = 30 days
	if strings.Trim(strings.ToLower(key), "abcdefghijklmnopqrstuvwxyz0123456789_.-") != "" {
		return "", "", false
	}
	value = strings.TrimLeft(t[i:], "=: \t")
	if i := strings.Index(value, " #"); i >= 0 {
		value = value[:i]
	}
	value = strings.Trim(value, "\"' \t,")
	return key, value, value != "" && !strings.ContainsAny(value, "(){}")
}
