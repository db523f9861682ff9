package agentconfig

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect/tree"
)

// parseTOML reads as much of TOML as agents' settings use: sections, and keys
// with texts, numbers, truth values and lists. What it cannot read is left out.
func parseTOML(text string) *tree.Node {
	root := &tree.Node{Kind: tree.Map, Line: 1}
	at := root
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimSpace(line)
		if name, ok := strings.CutPrefix(line, "["); ok {
			name, _, _ = strings.Cut(strings.TrimPrefix(name, "["), "]")
			at = root
			for key := range strings.SplitSeq(name, ".") {
				at = child(at, strings.Trim(strings.TrimSpace(key), `"'`), n)
			}
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		value = strings.TrimSpace(value)
		node := &tree.Node{Kind: tree.Scalar, Text: strings.Trim(value, `"' `), Line: n}
		if strings.HasPrefix(value, "[") || strings.HasPrefix(value, "{") {
			json := strings.ReplaceAll(value, "'", `"`)
			if strings.HasPrefix(value, "{") {
				json = strings.ReplaceAll(strings.ReplaceAll(strings.Replace(json, "{", `{"`, 1), " =", `":`), ", ", `, "`)
				json = strings.Replace(json, `{" `, `{"`, 1)
			}
			if parsed, err := tree.ParseJSON(json); err == nil {
				node = parsed
				node.Line = n
			}
		}
		at.Fields = append(at.Fields, tree.Field{Key: strings.Trim(strings.TrimSpace(key), `"'`), Line: n, Value: node})
	}
	return root
}

func child(n *tree.Node, key string, line int) *tree.Node {
	if found := n.Get(key); found.IsMap() {
		return found
	}
	made := &tree.Node{Kind: tree.Map, Line: line}
	n.Fields = append(n.Fields, tree.Field{Key: key, Line: line, Value: made})
	return made
}

// program looks at a hook written in a language other than the shell's: line
// by line, comments left out.
func (v *view) program(text string) {
	n, inComment := 0, false
	for line := range strings.Lines(text) {
		n++
		line, inComment = uncommented(line, inComment)
		low := strings.ToLower(line)
		for _, sign := range programSigns {
			if strings.Contains(low, sign.text) && !(sign.kind == hookNetwork && local(low)) {
				v.add(sign.kind, n, sign.text, bounded(line))
				break
			}
		}
		for word := range strings.FieldsFuncSeq(line, func(r rune) bool { return strings.ContainsRune(" \t\"'`(),;+[]{}", r) }) {
			if private(word) {
				v.add(hookSecrets, n, bounded(word), "")
				break
			}
		}
	}
}

func uncommented(line string, inComment bool) (string, bool) {
	trimmed := strings.TrimSpace(line)
	if inComment {
		_, after, ends := strings.Cut(trimmed, "*/")
		return after, !ends
	}
	switch {
	case strings.HasPrefix(trimmed, "//"), strings.HasPrefix(trimmed, "#"), strings.HasPrefix(trimmed, "*"):
		return "", false
	case strings.HasPrefix(trimmed, "/*"):
		_, after, ends := strings.Cut(trimmed[2:], "*/")
		return after, !ends
	}
	if i := strings.Index(trimmed, " // "); i >= 0 {
		trimmed = trimmed[:i]
	}
	return trimmed, false
}
