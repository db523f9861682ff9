package suggest

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// edit is one setting to be written into a rules file. The file's text is
// changed at that place only: comments, order, blank lines and the way the rest
// is written stay as they are. The nodes of the YAML library say where places
// are, and afterwards whether the text says just what it said before, and the
// setting.
type edit struct {
	section string // "rules", "adjust", or empty for the file's own keys
	rule    string // in a section: the rule's id
	key     string
	value   string // as YAML
	note    string // put beside a line that is new
}

// setting is the edit in the file's own words.
func (e edit) setting() string { return e.key + ": " + e.value }

var errByHand = errors.New("the file is written in a way in which it can only be changed by hand")

// apply returns the text with the setting. The text must be a rules file that
// parses, and the edit's value must be YAML.
func (e edit) apply(text string) (string, error) {
	root, err := load(text)
	if err != nil {
		return "", err
	}
	want, err := load(text)
	if err != nil {
		return "", err
	}
	if err := e.perform(want); err != nil {
		return "", err
	}
	w := &writer{text: text, newline: "\n"}
	if strings.Contains(text, "\r\n") {
		w.newline = "\r\n"
	}
	for line := range strings.Lines(text) {
		w.starts = append(w.starts, w.size)
		w.size += len(line)
	}
	for _, candidate := range e.candidates(w, root) {
		if got, err := load(candidate); err == nil && same(want, got) {
			return candidate, nil
		}
	}
	return "", errByHand
}

// load reads the mapping that a rules file is.
func load(text string) (*yaml.Node, error) {
	var root yaml.Node
	if err := yaml.Load([]byte(text), &root, yaml.WithV4Defaults()); err != nil {
		return nil, err
	}
	if root.Kind != yaml.DocumentNode || len(root.Content) != 1 || root.Content[0].Kind != yaml.MappingNode {
		return nil, errByHand
	}
	return root.Content[0], nil
}

// perform makes the edit on the nodes.
func (e edit) perform(root *yaml.Node) error {
	at := root
	switch e.section {
	case "rules":
		if at = ruleNode(root, e.rule); at == nil {
			return fmt.Errorf("the file has no rule %q", e.rule)
		}
	case "adjust":
		at = child(child(at, "adjust"), e.rule)
	}
	value, err := load("x: " + e.value)
	if err != nil {
		return err
	}
	put(at, e.key, value.Content[1])
	return nil
}

// child is the mapping under a key, made where there is none.
func child(m *yaml.Node, key string) *yaml.Node {
	if v := lookup(m, key); v != nil {
		return v
	}
	v := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	put(m, key, v)
	return v
}

func put(m *yaml.Node, key string, value *yaml.Node) {
	for i := 0; i+1 < len(m.Content); i += 2 {
		if m.Content[i].Value == key {
			m.Content[i+1] = value
			return
		}
	}
	m.Content = append(m.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: key}, value)
}

func lookup(m *yaml.Node, key string) *yaml.Node {
	if m == nil || m.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(m.Content); i += 2 {
		if m.Content[i].Value == key {
			return m.Content[i+1]
		}
	}
	return nil
}

func ruleNode(root *yaml.Node, id string) *yaml.Node {
	rules := lookup(root, "rules")
	if rules == nil {
		return nil
	}
	for _, r := range rules.Content {
		if v := lookup(r, "id"); v != nil && v.Value == id {
			return r
		}
	}
	return nil
}

// same compares what two nodes say: not how it is written, nor in which order
// keys come. Rules files are 16 levels deep at most.
func same(a, b *yaml.Node) bool {
	if a.Kind != b.Kind || a.Tag != b.Tag || a.Value != b.Value || len(a.Content) != len(b.Content) {
		return false
	}
	if a.Kind != yaml.MappingNode {
		return slices.EqualFunc(a.Content, b.Content, same)
	}
	for i := 0; i+1 < len(a.Content); i += 2 {
		v := lookup(b, a.Content[i].Value)
		if v == nil || !same(a.Content[i+1], v) {
			return false
		}
	}
	return true
}

// writer makes candidates of a new text.
type writer struct {
	text    string
	newline string
	starts  []int // of the lines
	size    int
}

// candidates are texts that may say what is wanted, the handsomest first.
func (e edit) candidates(w *writer, root *yaml.Node) []string {
	switch e.section {
	case "rules":
		return w.set(ruleNode(root, e.rule), e.key, e.value, e.note)
	case "":
		return w.set(root, e.key, e.value, e.note)
	}
	adjust := lookup(root, "adjust")
	if own := lookup(adjust, e.rule); own != nil {
		return w.set(own, e.key, e.value, e.note)
	}
	entry := "{ " + e.setting() + " }"
	if adjust != nil {
		return w.insert(adjust, quoted(e.rule), entry, e.note)
	}
	end := ""
	if !strings.HasSuffix(w.text, "\n") {
		end = w.newline
	}
	block := w.text + end + w.newline + "adjust:" + w.newline + "  " + quoted(e.rule) + ": " + entry + comment(e.note) + w.newline
	return append([]string{block}, w.insert(root, "adjust", "{ "+quoted(e.rule)+": "+entry+" }", "")...)
}

// quoted writes a rule's id so that it is read as a text.
func quoted(id string) string {
	words := []string{"true", "false", "null", "yes", "no", "on", "off", "y", "n"}
	if id == "" || id[0] < 'a' || id[0] > 'z' || slices.Contains(words, id) {
		return strconv.Quote(id)
	}
	return id
}

func comment(note string) string {
	if note == "" {
		return ""
	}
	return " # " + note
}

// set writes over a key's value, or adds the key.
func (w *writer) set(m *yaml.Node, key, value, note string) []string {
	old := lookup(m, key)
	if old == nil {
		return w.insert(m, key, value, note)
	}
	at, ok := w.offset(old)
	if !ok {
		return nil
	}
	n := w.length(old, at)
	if n < 0 {
		return nil
	}
	return []string{w.text[:at] + value + w.text[at+n:]}
}

// length is how long a scalar is written, in bytes; negative where that cannot
// be told.
func (w *writer) length(n *yaml.Node, at int) int {
	rest := w.text[at:]
	switch {
	case n.Kind != yaml.ScalarNode:
		return -1
	case n.Style&yaml.DoubleQuotedStyle != 0:
		for i := 1; i < len(rest); i++ {
			if rest[i] == '\\' {
				i++
			} else if rest[i] == '"' {
				return i + 1
			}
		}
		return -1
	case n.Style&yaml.SingleQuotedStyle != 0:
		for i := 1; i < len(rest); i++ {
			if rest[i] == '\'' && strings.HasPrefix(rest[i:], "''") {
				i++
			} else if rest[i] == '\'' {
				return i + 1
			}
		}
		return -1
	case strings.HasPrefix(rest, n.Value):
		return len(n.Value)
	}
	return -1
}

// insert adds a key to a mapping.
func (w *writer) insert(m *yaml.Node, key, value, note string) []string {
	if m == nil || m.Kind != yaml.MappingNode {
		return nil
	}
	if m.Style&yaml.FlowStyle != 0 || len(m.Content) == 0 {
		return w.insertFlow(m, key+": "+value)
	}
	var out []string
	indent := strings.Repeat(" ", max(m.Content[0].Column-1, 0))
	line := indent + key + ": " + value + comment(note)
	for i := len(m.Content) - 1; i > 0; i -= 2 {
		out = append(out, w.after(lastLine(m.Content[i]), line))
	}
	if at, ok := w.offset(m.Content[0]); ok {
		out = append(out, w.text[:at]+key+": "+value+comment(note)+w.newline+indent+w.text[at:])
	}
	return out
}

// insertFlow adds to `{ a: b }`, as the second key or the first.
func (w *writer) insertFlow(m *yaml.Node, pair string) []string {
	var out []string
	for _, i := range []int{2, 0} {
		if i < len(m.Content) {
			if at, ok := w.offset(m.Content[i]); ok {
				out = append(out, w.text[:at]+pair+", "+w.text[at:])
			}
		}
	}
	if at, ok := w.offset(m); ok && len(m.Content) == 0 && strings.HasPrefix(w.text[at:], "{") {
		out = append(out, w.text[:at+1]+" "+pair+" "+w.text[at+1:])
	}
	return out
}

// after puts a line behind another, counted from 1.
func (w *writer) after(line int, added string) string {
	at := len(w.text)
	if line < len(w.starts) {
		at = w.starts[line]
	}
	begin := w.text[:at]
	if begin != "" && !strings.HasSuffix(begin, "\n") {
		begin += w.newline
	}
	return begin + added + w.newline + w.text[at:]
}

// lastLine is the last line on which something of a node begins.
func lastLine(n *yaml.Node) int {
	last := n.Line
	for _, c := range n.Content {
		last = max(last, lastLine(c))
	}
	return last
}

// offset is where a node begins, in bytes. Columns count characters.
func (w *writer) offset(n *yaml.Node) (at int, ok bool) {
	if n.Line < 1 || n.Line > len(w.starts) {
		return 0, false
	}
	at = w.starts[n.Line-1]
	column := 1
	for i := range w.text[at:] {
		if column == n.Column {
			return at + i, true
		}
		column++
	}
	return 0, false
}
