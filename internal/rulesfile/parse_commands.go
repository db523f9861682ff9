package rulesfile

import (
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/detect/command"
	"github.com/gatehold/gatehold/internal/detect/tool"
	"github.com/gatehold/gatehold/internal/words"
	"go.yaml.in/yaml/v4"
)

// Bounds on `commands`.
const (
	maxTools   = 100 // in one file
	maxRows    = 50  // of one tool
	maxPattern = 200 // bytes
)

// commands reads what an organisation's own command line tools destroy.
func (p *fileParser) commands(n *yaml.Node) {
	p.items(n, "commands", func(item *yaml.Node) {
		if len(p.file.Commands) >= maxTools {
			p.fail(item, "too_many", "there may be at most %d tools", maxTools)
			return
		}
		t := &tool.Tool{}
		ok := p.fields(item, "a tool", map[string]field{
			"tool": func(_, v *yaml.Node) { t.Name = p.program(v) },
			"also": func(_, v *yaml.Node) {
				p.items(v, "also", func(i *yaml.Node) { t.Also = append(t.Also, p.program(i)) })
			},
			"global": func(_, v *yaml.Node) { t.Global = p.patterns(v, "global") },
			"rows":   func(_, v *yaml.Node) { p.items(v, "rows", func(i *yaml.Node) { p.row(i, t) }) },
		})
		switch {
		case !ok:
		case t.Name == "" && !p.has(item, "tool"):
			p.fail(item, "missing_key", "a tool needs its name: tool: acmectl")
		case len(t.Rows) == 0 && len(p.problems) == 0:
			p.fail(item, "missing_key", "the tool %q needs rows: what its commands destroy", words.Clip(t.Name))
		case len(t.Rows) > maxRows:
			p.fail(item, "too_many", "the tool %q has %d rows and may have %d", words.Clip(t.Name), len(t.Rows), maxRows)
		case len(p.problems) == 0:
			for _, problem := range tool.Check(t, command.Names()) {
				p.fail(item, "bad_example", "%s", problem)
			}
			p.file.Commands = append(p.file.Commands, t)
		}
	})
}

func (p *fileParser) has(n *yaml.Node, key string) bool {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return true
		}
	}
	return false
}

// program reads the name of a program.
func (p *fileParser) program(n *yaml.Node) string {
	name := p.text(n, "the name of a tool", 100)
	if strings.ContainsAny(name, " \t\n/*'\"$") {
		p.fail(n, "bad_value", "the name of a tool is that of its program, without folders or blanks, and this is %q", words.Clip(name))
		return ""
	}
	return name
}

// patterns reads texts of a bounded length.
func (p *fileParser) patterns(n *yaml.Node, what string) []string {
	values, nodes := p.texts(n, what)
	for i, v := range values {
		if len(v) > maxPattern {
			p.fail(nodes[i], "bad_value", "an entry of %s has %d bytes and may have %d", what, len(v), maxPattern)
		}
	}
	return values
}

// row reads one kind of command of a tool.
func (p *fileParser) row(n *yaml.Node, t *tool.Tool) {
	var r tool.Row
	list := func(into *[]string, what string) field {
		return func(_, v *yaml.Node) { *into = p.patterns(v, what) }
	}
	lower := func(into *[]string, what string) field {
		return func(_, v *yaml.Node) {
			for _, s := range p.patterns(v, what) {
				*into = append(*into, strings.ToLower(s))
			}
		}
	}
	ok := p.fields(n, "a row", map[string]field{
		"verbs":   func(_, v *yaml.Node) { r.Verbs = strings.ToLower(p.text(v, "verbs", maxPattern)) },
		"with":    list(&r.With, "with"),
		"without": list(&r.Without, "without"),
		"says":    lower(&r.Says, "says"),
		"unsaid":  lower(&r.Unsaid, "unsaid"),
		"kind":    func(_, v *yaml.Node) { r.Kind = p.commandKind(v) },
		"spare":   func(_, v *yaml.Node) { r.Spare = p.commandKind(v) },
		"lost":    func(_, v *yaml.Node) { r.Lost = p.text(v, "lost", 200) },
		"fires":   list(&r.Fires, "fires"),
		"quiet":   list(&r.Quiet, "quiet"),
	})
	for _, key := range []string{"kind", "fires", "quiet"} {
		if ok && !p.has(n, key) {
			p.fail(n, "missing_key", "a row needs %s", map[string]string{"kind": "a kind, as in command/cloud-delete-data",
				"fires": "fires: a command that it is about", "quiet": "quiet: one that is close, and harmless"}[key])
		}
	}
	if ok {
		t.Rows = append(t.Rows, r)
	}
}

// commandKind reads the id of a kind of the detector of commands.
func (p *fileParser) commandKind(n *yaml.Node) string {
	id := p.text(n, "kind", 100)
	name, ours := strings.CutPrefix(id, "command/")
	names := slices.DeleteFunc(command.Names(), func(name string) bool { return name == "in-test" || name == "unreadable" })
	if id != "" && (!ours || !slices.Contains(names, name)) {
		ids := make([]string, len(names))
		for i := range names {
			ids[i] = "command/" + names[i]
		}
		p.fail(n, "unknown_detector", "%q is no kind of command%s", words.Clip(id), words.DidYouMean(id, ids))
		return ""
	}
	return name
}
