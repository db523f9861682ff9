package agentconfig

import (
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/shell"
	"github.com/gatehold/gatehold/internal/detect/tree"
)

// settings reads a JSON, YAML or TOML file that says what agents may do.
func (v *view) settings(text, path string) {
	if strings.TrimSpace(text) == "" {
		return
	}
	roots, err := parse(text, path)
	if err != nil {
		o := detect.Unread(unreadable, err)
		v.seen = append(v.seen, sighting{kind: o.Kind, detail: o.Detail, bound: o.Bound})
		v.prose(text) // what a person would see in it all the same
		return
	}
	for _, root := range roots {
		tree.Walk(root, func(keys []string, n *tree.Node) bool {
			if len(keys) > 0 {
				v.setting(keys, n)
			}
			return true
		})
		v.servers(root)
	}
}

func parse(text, path string) ([]*tree.Node, error) {
	switch low := strings.ToLower(path); {
	case strings.HasSuffix(low, ".toml"):
		return []*tree.Node{parseTOML(text)}, nil
	case strings.HasSuffix(low, ".yml"), strings.HasSuffix(low, ".yaml"):
		return tree.ParseYAML(text)
	}
	n, err := tree.ParseJSON(text)
	return []*tree.Node{n}, err
}

// setting looks at one value.
func (v *view) setting(keys []string, n *tree.Node) {
	key := strings.ToLower(keys[len(keys)-1])
	parent := ""
	if len(keys) > 1 {
		parent = strings.ToLower(keys[len(keys)-2])
	}
	value := strings.ToLower(n.Str())
	if v.opened(keys, key, parent, value, n) {
		return
	}
	switch {
	case key == "extraknownmarketplaces":
		for _, e := range n.Entries() {
			v.add(foreignSkill, e.Value.At(), e.Key, "plugins are taken from it")
		}
	case n.Kind == tree.List:
		v.list(key, n)
	case n.Kind == tree.Scalar:
		v.value(keys, key, parent, n)
	}
}

// opened looks at a setting that by its name lets an agent do more, and reports
// whether it is one.
func (v *view) opened(keys []string, key, parent, value string, n *tree.Node) bool {
	switch {
	case n.Kind == tree.Scalar && bypasses(key, value):
		v.add(bypassed, n.Line, keys[len(keys)-1], value)
	case parent == "sandbox" && key == "enabled" && n.False():
		v.add(bypassed, n.Line, "sandbox", "enabled: false")
	case parent == "permission" && (key == "bash" || key == "edit" || key == "*") && value == "allow":
		v.add(bypassed, n.Line, "permission."+key, value)
	case n.Kind == tree.Scalar && n.True() && approving(parent):
		v.approved(keys[len(keys)-1], n.Line)
	case key == "trust_level" && value == "trusted" && (outside(parent) || parent == "/"):
		v.add(permission, n.Line, parent, "is trusted as a whole")
	default:
		return false
	}
	return true
}

// approved looks at one entry of a map of what runs unasked: a command, or a
// pattern of commands between slashes.
func (v *view) approved(entry string, line int) {
	if pattern, ok := strings.CutPrefix(entry, "/"); ok {
		pattern, _, _ = strings.Cut(pattern, "/")
		pattern = strings.Trim(pattern, "^$")
		if pattern == "" || pattern == ".*" || pattern == ".+" || pattern == "." || strings.HasPrefix(pattern, ".*") {
			v.add(bypassed, line, entry, "any command")
			return
		}
		entry = strings.NewReplacer(`\b`, "", `\s+`, " ", `\s`, " ", ".*", "*", `\`, "").Replace(pattern)
	}
	if why := tooWide(entry, entry == "*"); why != "" {
		v.add(permission, line, entry, why)
	}
}

// list looks at one list, by what its name says that its entries are.
func (v *view) list(key string, n *tree.Node) {
	switch {
	case approving(key) && slices.ContainsFunc(n.Items, func(i *tree.Node) bool { return i.Str() == "*" }):
		v.add(bypassed, n.Line, key, "*")
	case allows(key):
		for _, item := range n.Items {
			v.permission(item.Str(), item.Line)
		}
	case denies(key):
		for _, item := range n.Items {
			v.guard(item.Line, item.Str(), "no longer in "+key)
		}
	case key == "additionaldirectories" || key == "writable_roots":
		for _, item := range n.Items {
			if outside(item.Str()) {
				v.add(permission, item.Line, item.Str(), "reaches outside the repository")
			}
		}
	}
}

func denies(key string) bool {
	switch key {
	case "deny", "ask", "disallowedtools", "excludetools", "disabledmcpjsonservers":
		return true
	}
	return false
}

func allows(key string) bool {
	switch key {
	case "allow", "allowed", "allowedtools", "allowed_tools", "allowed-tools", "coretools", "trustedcommands", "tools",
		"whitelist", "allowlist", "commandallowlist", "enabledmcpjsonservers", "allowedcommands", "allowed_commands",
		"alwaysallowcommands", "autoapprovecommands", "roo-cline.allowedcommands", "kilo-code.allowedcommands", "kiroagent.trustedcommands":
		return true
	}
	return false
}

// value looks at one text among the settings.
func (v *view) value(keys []string, key, parent string, n *tree.Node) {
	switch {
	case command4(key) && slices.ContainsFunc(keys, func(k string) bool { return strings.EqualFold(k, "hooks") }):
		v.hook(keys, n)
	case key == "apikeyhelper" || key == "awsauthrefresh" || key == "awscredentialexport" || key == "otelheadershelper" ||
		parent == "statusline" && key == "command":
		v.add(hookAdded, n.Line, keys[len(keys)-1], bounded(n.Str()))
		v.script(n.Str(), n.Line)
	case parent == "env" || parent == "environment" || strings.HasSuffix(key, "_base_url"):
		v.environment("settings", keys[len(keys)-1], n)
	case strings.Count(n.Str(), " ") >= 3 && !strings.HasPrefix(strings.ToLower(keys[0]), "hooks"):
		v.said(n.Str(), n.Line)
	}
}

func command4(key string) bool {
	switch key {
	case "hook", "command", "cmd", "run", "script", "exec", "bash":
		return true
	}
	return false
}

// hook looks at a command that runs by itself when an agent does something.
func (v *view) hook(keys []string, n *tree.Node) {
	event := ""
	for i, k := range keys {
		if strings.EqualFold(k, "hooks") && i+1 < len(keys) {
			event = keys[i+1]
			break
		}
	}
	v.add(hookAdded, n.Line, event, bounded(n.Str()))
	v.script(n.Str(), n.Line)
	for _, input := range []string{"${file}", "${command}", "${content}", "${prompt}", "${tool_input", "$TOOL_INPUT",
		"{{file}}", "{{command}}"} {
		if strings.Contains(n.Str(), input) {
			v.add(hookCode, n.Line, input, "what an agent was made to write becomes part of a command")
			break
		}
	}
	if strings.EqualFold(event, "PreToolUse") || strings.EqualFold(event, "beforeShellExecution") ||
		strings.EqualFold(event, "BeforeTool") {
		v.guard(n.Line, bounded(n.Str()), "the hook ran before tools")
	}
}

// permission looks at one entry of what an agent may do unasked.
func (v *view) permission(entry string, line int) {
	entry = strings.TrimSpace(entry)
	tool, arg, scoped := strings.Cut(entry, "(")
	arg = strings.TrimSuffix(arg, ")")
	low := strings.ToLower(tool)
	all := !scoped || arg == "*" || arg == ":*" || arg == "**" || arg == ""
	switch low {
	case "*", "all", "mcp__*":
		v.add(permission, line, entry, "everything")
	case "bash", "shell", "execute", "terminal", "run_shell_command", "runcommands", "powershell", "exec", "run_command",
		"execute_command", "run_terminal_cmd", "shelltool":
		if why := tooWide(arg, all); why != "" {
			v.add(permission, line, entry, why)
		}
	case "write", "edit", "multiedit", "notebookedit":
		if scoped && (all || outside(arg)) {
			v.add(permission, line, entry, "writes any file")
		}
	case "read":
		if scoped && (all || outside(arg)) {
			v.add(permission, line, entry, "reads any file")
		}
	case "webfetch", "fetch":
		if scoped && (all || arg == "domain:*") {
			v.add(permission, line, entry, "any address")
		}
	}
}

// outside reports whether a path leaves the repository.
func outside(path string) bool {
	return strings.HasPrefix(path, "/") && !strings.HasPrefix(path, "/tmp") || strings.HasPrefix(path, "~") ||
		strings.HasPrefix(path, "..") || strings.HasPrefix(path, "$HOME")
}

// tooWide says why a shell permission goes too far, or nothing.
func tooWide(arg string, all bool) string {
	arg = strings.TrimSpace(arg)
	wild := strings.HasSuffix(arg, "*")
	if arg = strings.TrimRight(strings.TrimSuffix(arg, "*"), ": "); all || arg == "" {
		return "any command"
	}
	read := shell.Read(arg, 1).Commands
	for i, c := range read {
		if len(c.Words) == 0 || c.Opened && passing[c.Name()] {
			continue
		}
		c.Words = append([]shell.Word(nil), c.Words...)
		c.Words[0].Text = strings.TrimSuffix(c.Words[0].Text, ":")
		if wild && i == len(read)-1 {
			c.Words = append(c.Words, shell.Word{Text: "<any>"})
		}
		if found := permissions().Match(&c); len(found) > 0 {
			return found[0].Detail
		}
	}
	return ""
}
