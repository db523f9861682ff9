package state

import (
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect/tree"
	"github.com/gatehold/gatehold/internal/pattern"
)

// setting is one value at the end of its keys, or a list of values.
type setting struct {
	keys  []string
	value string
	items []string // of a list
	list  bool
	line  int
}

func (s *setting) key() string {
	if len(s.keys) == 0 {
		return ""
	}
	return s.keys[len(s.keys)-1]
}

// name is the same for a setting before and after.
func (s *setting) name() string { return strings.Join(s.keys, "\x00") }

// settings reads a text. Where ok is false it is not what its name says.
func settings(f format, text string) (out []setting, ok bool) {
	switch f {
	case jsonText:
		root, err := tree.ParseJSON(text)
		if err != nil {
			return nil, false
		}
		return leaves(out, nil, root), true
	case frontText:
		rest, found := strings.CutPrefix(text, "---\n")
		end := strings.Index(rest, "\n---")
		if !found || end < 0 {
			return nil, true
		}
		return documents(rest[:end+1], 2)
	case yamlText:
		return documents(text, 1)
	}
	return lines(text), true
}

func documents(text string, first int) (out []setting, ok bool) {
	docs, err := tree.ParseYAMLFrom(text, first)
	if err != nil {
		return nil, false
	}
	for _, d := range docs {
		var at []string
		if len(docs) > 1 {
			at = []string{d.Get("kind").Str() + " " + d.Get("metadata", "name").Str()}
		}
		out = leaves(out, at, d)
	}
	return out, true
}

// naming are the keys whose value tells one entry of a list from another.
var naming = []string{"name", "id", "key", "type", "repo", "uses", "domain", "host", "from", "resource", "path",
	"title", "action", "toolName", "tool", "kind", "rule"}

// leaves appends what stands below n. An entry of a list goes by its name, where
// it has one, so that it is the same entry wherever it stands.
func leaves(out []setting, keys []string, n *tree.Node) []setting {
	if n == nil || len(keys) > 40 {
		return out
	}
	switch n.Kind {
	case tree.Scalar, tree.Null:
		return append(out, setting{keys: keys, value: n.Str(), line: n.Line})
	case tree.Map:
		for _, f := range n.Entries() {
			below := leaves(out, append(keys[:len(keys):len(keys)], f.Key), f.Value)
			for i := len(out); i < len(below); i++ {
				if below[i].line == 0 {
					below[i].line = f.Line
				}
			}
			out = below
		}
		if len(n.Fields) == 0 {
			out = append(out, setting{keys: keys, list: true, line: n.Line})
		}
		return out
	}
	plain := setting{keys: keys, list: true, line: n.Line}
	for _, item := range n.Items {
		if item != nil && item.Kind == tree.Scalar {
			plain.items = append(plain.items, item.Text)
			continue
		}
		name := ""
		for _, k := range naming {
			if name = item.Get(k).Str(); name != "" {
				break
			}
		}
		out = leaves(out, append(keys[:len(keys):len(keys)], "="+name), item)
	}
	if len(plain.items) == len(n.Items) {
		out = append(out, plain)
	}
	return out
}

// pair matches a key and what follows it: key = value, key: value, "key": value,
// key => value, <key>value, KEY value.
var pair = pattern.Of(`^\s*(?:-\s+|export\s+|let\s+|var\s+|const\s+|default\s+|<)?["':]?([A-Za-z_][\w.\-]{0,90})["']?` +
	`\s*(?::=|=>|=|:|>)\s*(.*)$`)

// opens matches a line that begins a block with a name.
var opens = pattern.Of(`^\s*([\w.\-]+)((?:\s+["'][^"']*["'])*)\s*[=:]?\s*(?:\w+)?[({\[]\s*$`)

var section = pattern.Of(`^\s*\[+\s*([^\]]+?)\s*\]+\s*$`)

// lines reads keys and values that stand on lines, within sections and blocks.
func lines(text string) []setting {
	var out []setting
	var blocks []string
	head := ""
	open := -1 // the list that is not closed yet
	n := 0
	for line := range strings.Lines(text) {
		n++
		t := strings.TrimSpace(uncommented(line))
		if t == "" || len(t) > 2000 {
			continue
		}
		if open >= 0 {
			out[open].items = append(out[open].items, quotedIn(t)...)
			if strings.ContainsAny(t, "])}") {
				open = -1
			}
			continue
		}
		if m := section().FindStringSubmatch(t); m != nil && !strings.Contains(t, "=") {
			head, blocks = m[1], nil
			continue
		}
		if t[0] == '}' || t[0] == ')' || t[0] == ']' {
			if len(blocks) > 0 {
				blocks = blocks[:len(blocks)-1]
			}
			continue
		}
		m := pair().FindStringSubmatch(t)
		if m != nil && listOpens(m[2]) {
			out = append(out, setting{keys: within(head, blocks, m[1]), list: true, line: n, items: quotedIn(m[2])})
			open = len(out) - 1
			continue
		}
		if b := opens().FindStringSubmatch(t); b != nil {
			if len(blocks) < 40 {
				blocks = append(blocks, b[1]+strings.ReplaceAll(b[2], `"`, ""))
			}
			continue
		}
		if m != nil {
			out = append(out, valued(within(head, blocks, m[1]), m[2], n))
		}
	}
	return out
}

func listOpens(v string) bool {
	v = strings.TrimSpace(v)
	return strings.HasPrefix(v, "[") && !strings.Contains(v, "]")
}

func within(head string, blocks []string, key string) []string {
	out := make([]string, 0, len(blocks)+2)
	if head != "" {
		out = append(out, head)
	}
	return append(append(out, blocks...), key)
}

// valued reads what stands behind a key on its line.
func valued(keys []string, v string, line int) setting {
	v = strings.TrimRight(strings.TrimSpace(v), ",;")
	s := setting{keys: keys, line: line}
	switch {
	case strings.HasPrefix(v, "[") && strings.HasSuffix(v, "]"):
		s.list, s.items = true, quotedIn(v)
	case v == "":
	case v[0] == '"' || v[0] == '\'' || v[0] == '`':
		v = v[1:]
		if i := strings.IndexAny(v, "\"'`"); i >= 0 {
			v = v[:i]
		}
		s.value = v
	default:
		if i := strings.IndexAny(v, "<,)}"); i >= 0 {
			v = v[:i]
		}
		s.value = strings.TrimRight(strings.TrimSpace(v), " \t;")
	}
	return s
}

var quotedText = pattern.Of(`"([^"\n]{0,300})"|'([^'\n]{0,300})'`)

func quotedIn(s string) []string {
	var out []string
	for _, m := range quotedText().FindAllStringSubmatch(s, 500) {
		out = append(out, m[1]+m[2])
	}
	if inner := strings.Trim(s, "[] "); len(out) == 0 && inner != "" {
		for word := range strings.FieldsFuncSeq(inner, func(r rune) bool { return r == ',' || r == ' ' || r == '|' }) {
			out = append(out, word)
		}
	}
	return out
}

// uncommented is a line without a comment at its beginning or end.
func uncommented(line string) string {
	t := strings.TrimSpace(line)
	if strings.HasPrefix(t, "#") || strings.HasPrefix(t, "//") || strings.HasPrefix(t, ";") || strings.HasPrefix(t, "*") ||
		strings.HasPrefix(t, "<!--") || strings.HasPrefix(t, "/*") {
		return ""
	}
	for _, sign := range [...]string{" #", " //", "\t#"} {
		if i := strings.Index(t, sign); i >= 0 && strings.Count(t[:i], `"`)%2 == 0 && strings.Count(t[:i], `'`)%2 == 0 {
			t = t[:i]
		}
	}
	return t
}

// inline matches settings among others on a line of a program: arguments with
// names, entries of objects.
var inline = pattern.Of(`(?:^|[\s({,\[])["':]?([A-Za-z_]\w{2,60})["']?\]?\s*(?:=>|=|:)\s*` +
	`("[^"\n]{0,80}"|'[^'\n]{0,80}'|\[[^\]\n]{0,300}\]|:?[A-Za-z_][\w.]{0,60}|\d[\d_.]*)`)

// written reads what lines of a program set by name.
func written(lines []change.Line) []setting {
	var out []setting
	for _, l := range lines {
		t := uncommented(l.Text)
		if t == "" || len(t) > 1000 || strings.HasPrefix(t, "import ") || strings.HasPrefix(t, "from ") {
			continue
		}
		for _, m := range inline().FindAllStringSubmatch(t, 30) {
			out = append(out, valued([]string{m[1]}, strings.TrimPrefix(m[2], ":"), l.Number))
		}
	}
	return out
}
