package agent

// keys are trailers that only an agent writes, whatever their value.
var keys = []struct{ agent, key, value string }{
	{"copilot", "agent-logs-url", "https://github.com/"},
	{"copilot", "copilot-session-id", ""},
	{"copilot", "copilot-session", ""},
	{"claude-code", "claude-session", ""},
	{"claude-code", "claude-session-id", ""},
	{"claude-code", "claude-code-session", ""},
	{"codex", "codex-session", ""},
	{"codex", "codex-session-id", ""},
	{"cursor", "cursor-session", ""},
	{"cursor", "cursor-session-id", ""},
	{"devin", "devin-session", ""},
	{"gemini", "gemini-session", ""},
	{unnamed, "ai-assisted", "yes"},
	{unnamed, "ai-assisted", "true"},
	{unnamed, "ai-generated", "yes"},
	{unnamed, "ai-generated", "true"},
	{"claude-code", "claude-generated-by", ""},
	{"claude-code", "claude-permission-mode", ""},
	{"replit", "replit-commit-author", "agent"},
	{"replit", "replit-commit-author", "assistant"},
	{"replit", "replit-commit-session-id", ""},
	{"amp", "amp-thread-id", ""},
	{unnamed, "entire-session", ""},
	{unnamed, "entire-agent", ""},
	{unnamed, "agent-session", ""},
	{unnamed, "agent-conversation", ""},
}

// unnamed stands for an agent that left a sign, but not which one it is.
const unnamed = "unnamed agent"
