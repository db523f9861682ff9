package agentconfig

import "strings"

// class is how a file is read.
type class uint8

const (
	other    class = iota
	prose          // Markdown or plain text that an agent reads as instructions
	settings       // JSON, YAML or TOML: permissions, hooks, servers
	script         // a shell script that an agent's hook runs
	code           // a hook in another language
	aside          // a shell script for agents that no hook runs: a skill's, or what sets a machine up
)

// instruction files, by their whole name in any folder.
var instructionNames = map[string]bool{
	"agents.md": true, "agent.md": true, "agents.override.md": true, "claude.md": true, "claude.local.md": true,
	"gemini.md": true, "codex.md": true,
	".cursorrules": true, ".windsurfrules": true, ".clinerules": true, ".roorules": true, ".goosehints": true, ".rules": true,
	"copilot-instructions.md": true, "skill.md": true, "warp.md": true, "qwen.md": true, "crush.md": true, "replit.md": true,
}

// settings files, by their whole name in any folder.
var settingsNames = map[string]bool{
	".mcp.json": true, "mcp.json": true, "mcp_config.json": true, "mcp_settings.json": true, "claude_desktop_config.json": true,
	"opencode.json": true, "opencode.jsonc": true, ".crush.json": true, "crush.json": true, "mcp.jsonc": true,
}

// folders whose files are for agents alone.
var agentFolders = []string{
	".claude", ".cursor", ".codex", ".gemini", ".windsurf", ".clinerules", ".roo", ".kiro", ".junie", ".opencode", ".agents", ".agent",
	".continue", ".amazonq", ".augment", ".trae", ".qwen", ".factory", ".devin", ".crush", ".openhands", ".goose", ".amp", ".zencoder",
	".config/goose", ".zed", ".kilocode", ".cline", ".aider", ".codebuddy", ".lingma", ".warp", ".void", ".tabnine", ".codeium",
}

func classOf(path string) class {
	path = strings.ToLower(path)
	base := path[strings.LastIndexByte(path, '/')+1:]
	switch {
	case strings.HasPrefix(base, "license"), strings.HasPrefix(base, "licence"), strings.HasPrefix(base, "notice"):
		return other
	case base == ".aider.conf.yml", base == ".aider.conf.yaml", base == ".goosehints.yaml", base == ".kilocodemodes", base == ".roomodes":
		return settings
	case instructionNames[base]:
		return prose
	case settingsNames[base]:
		return settings
	}
	for _, folder := range agentFolders {
		if under(path, folder) {
			return inFolder(path, base)
		}
	}
	switch {
	case under(path, ".github/instructions"), under(path, ".github/prompts"), under(path, ".github/chatmodes"),
		under(path, ".github/agents"), under(path, ".github/skills"):
		return inFolder(path, base)
	case under(path, ".vscode") && base == "settings.json":
		return settings
	case under(path, "skills") && (strings.HasSuffix(base, ".sh") || base == "skill.md"):
		return inFolder(path, base)
	}
	return other
}

func inFolder(path, base string) class {
	ext := base[strings.LastIndexByte(base, '.')+1:]
	if strings.HasPrefix(base, "dockerfile") || strings.HasPrefix(base, "makefile") || ext == "dockerfile" || base == "justfile" {
		return other // other detectors read them as what they are
	}
	if beside(path, base) {
		switch ext {
		case "sh", "bash", "zsh", "fish", "ksh":
			return aside
		case "js", "ts", "mjs", "cjs", "py", "rb", "pl", "php", "ps1":
			return other
		}
	}
	switch ext {
	case "md", "mdc", "mdx", "txt", "markdown", "prompt":
		return prose
	case "json", "jsonc", "json5", "toml", "yaml", "yml":
		return settings
	case "sh", "bash", "zsh", "fish", "ksh":
		return script
	case "js", "ts", "mjs", "cjs", "py", "rb", "pl", "php", "ps1":
		return code
	}
	if strings.Contains(path, "/hooks/") && !strings.Contains(base, ".") {
		return script
	}
	if !strings.Contains(base, ".") || base == ext {
		return prose
	}
	return other
}

// under reports whether a folder is a step of the path.
func under(path, folder string) bool {
	i := strings.Index(path, folder+"/")
	return i == 0 || i > 0 && path[i-1] == '/' || i > 0 && strings.Contains(path, "/"+folder+"/")
}

// beside reports whether a script stands in an agents' folder for use by a skill
// or by hand, rather than as a hook.
func beside(path, base string) bool {
	if strings.Contains(path, "/hooks/") {
		return false
	}
	name, _, _ := strings.Cut(base, ".")
	return under(path, "skills") || under(path, "scripts") || under(path, "tools") || under(path, "bin") || under(path, "lib") ||
		under(path, "tests") || under(path, "test") || name == "setup" || name == "install" || name == "bootstrap" || name == "environment"
}
