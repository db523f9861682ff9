package agentconfig

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect/tree"
)

// frontmatter reads the block at the head of an agent, command, skill or rule
// that says which tools it may use.
func (v *view) frontmatter(text string) {
	rest, ok := strings.CutPrefix(text, "---\n")
	if !ok {
		return
	}
	head, _, ok := strings.Cut(rest, "\n---")
	if !ok {
		return
	}
	docs, err := tree.ParseYAML(head)
	if err != nil || len(docs) == 0 {
		return // people write what YAML does not take there; the prose is read anyway
	}
	for _, key := range []string{"tools", "allowed-tools", "allowedTools", "allowed_tools"} {
		n := docs[0].Get(key)
		for _, item := range tools(n) {
			v.tool(item, n.At()+1)
		}
		v.beyond(tools(n), text, n.At()+1)
	}
	for _, key := range []string{"permissionMode", "permission-mode", "approval", "mode"} {
		if value := strings.ToLower(docs[0].Get(key).Str()); value == "bypasspermissions" || value == "dontask" ||
			value == "yolo" || value == "never" {
			v.add(bypassed, docs[0].Get(key).At()+1, key, value)
		}
	}
	for _, f := range docs[0].Get("hooks").Entries() {
		tree.Walk(f.Value, func(keys []string, n *tree.Node) bool {
			if len(keys) > 0 && n.Kind == tree.Scalar && command4(strings.ToLower(keys[len(keys)-1])) {
				v.add(hookAdded, n.Line+1, f.Key, bounded(n.Str()))
				v.script(n.Str(), n.Line+1)
			}
			return true
		})
	}
}

// tools lists the entries of a tools key: a list, or names between commas.
func tools(n *tree.Node) []string {
	if n.IsList() {
		return n.Strings()
	}
	var out []string
	for part := range strings.SplitSeq(n.Str(), ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

func (v *view) tool(entry string, line int) {
	name, arg, scoped := strings.Cut(entry, "(")
	arg = strings.TrimSuffix(arg, ")")
	switch strings.ToLower(name) {
	case "bash", "shell", "execute", "terminal", "runcommands", "run_in_terminal", "runinterminal", "powershell",
		"execute_command", "run_command", "runtasks":
		if !scoped || tooWide(arg, arg == "*" || arg == ":*") != "" {
			v.add(agentTools, line, entry, "")
		}
	case "*", "all":
		v.add(agentTools, line, entry, "")
	}
}
