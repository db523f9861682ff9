package agent

import (
	"strings"
	"sync"

	"github.com/gatehold/gatehold/internal/gate"
)

// duty says what an account does.
type duty uint8

const (
	coder    duty = iota // a coding agent
	reviewer             // comments; its code comes in when a human applies a suggestion
	helper               // automation that writes no code of its own
)

// account is a GitHub account, or an e-mail address, that belongs to a bot.
type account struct {
	agent string
	login string // lower case
	id    int64  // 0: not known
	duty  duty
	known bool // registered by the rules
}

// accounts are matched by id first, by login second. What acts through
// github-actions[bot] may be any agent: it counts as automation whose commits
// and texts are looked at like anybody's.
var accounts = []account{
	{agent: "copilot", login: "copilot", id: 198982749},
	{agent: "copilot", login: "copilot-swe-agent", id: 198982749},
	{agent: "copilot", login: "copilot-swe-agent[bot]", id: 198982749},
	{agent: "copilot", login: "copilot-cli", id: 223556219},
	{agent: "copilot", login: "copilot-pull-request-reviewer", id: 175728472, duty: reviewer},
	{agent: "copilot", login: "copilot-pull-request-reviewer[bot]", id: 175728472, duty: reviewer},
	{agent: "copilot-autofix", login: "github-advanced-security[bot]", id: 62310815, duty: reviewer},
	{agent: "devin", login: "devin-ai-integration[bot]", id: 158243242},
	{agent: "claude-code", login: "claude[bot]", id: 209825114},
	{agent: "claude-code", login: "anthropic-code-agent[bot]"},
	{agent: "codex", login: "chatgpt-codex-connector[bot]", id: 199175422},
	{agent: "codex", login: "openai-code-agent[bot]", id: 242516109},
	{agent: "cursor", login: "cursor[bot]", id: 206951365},
	{agent: "cursor", login: "cursoragent"},
	{agent: "jules", login: "google-labs-jules[bot]", id: 161369871},
	{agent: "gemini", login: "gemini-cli[bot]", id: 218312386},
	{agent: "gemini", login: "gemini-code-assist[bot]", id: 176961590, duty: reviewer},
	{agent: "openhands", login: "openhands-agent"},
	{agent: "openhands", login: "openhands-ai[bot]"},
	{agent: "amazon-q", login: "amazon-q-developer[bot]", id: 208079219},
	{agent: "factory-droid", login: "factory-droid[bot]", id: 138933559},
	{agent: "lovable", login: "lovable-dev[bot]"},
	{agent: "lovable", login: "gpt-engineer-app[bot]"},
	{agent: "tembo", login: "tembo[bot]"},
	{agent: "tembo", login: "tembo-io"},
	{agent: "tembo", login: "tembo-io[bot]"},
	{agent: "codegen", login: "codegen-sh[bot]"},
	{agent: "kiro", login: "kiro-agent[bot]"},
	{agent: "junie", login: "junie-agent", id: 247260674},
	{agent: "junie", login: "jetbrains-junie[bot]"},
	{agent: "sweep", login: "sweep-ai[bot]", id: 128439645},
	{agent: "sweep", login: "sweep-nightly[bot]", id: 131841235},
	{agent: "sweep", login: "sweep-canary[bot]", id: 132422995},
	{agent: "gru", login: "gru-agent[bot]", id: 185149714},
	{agent: "ellipsis", login: "ellipsis-dev[bot]", id: 65095814},
	{agent: "tusk", login: "use-tusk[bot]"},
	{agent: "opencode", login: "opencode-agent[bot]"},

	{agent: "coderabbit", login: "coderabbitai[bot]", id: 136622811, duty: reviewer},
	{agent: "greptile", login: "greptile-apps[bot]", id: 165735046, duty: reviewer},
	{agent: "sourcery", login: "sourcery-ai[bot]", id: 58596630, duty: reviewer},
	{agent: "cubic", login: "cubic-dev-ai[bot]", id: 191113872, duty: reviewer},
	{agent: "graphite", login: "graphite-app[bot]", id: 96075541, duty: helper},

	{agent: "dependabot", login: "dependabot[bot]", id: 49699333, duty: helper},
	{agent: "dependabot", login: "dependabot-preview[bot]", id: 27856297, duty: helper},
	{agent: "renovate", login: "renovate[bot]", id: 29139614, duty: helper},
	{agent: "github-actions", login: "github-actions[bot]", id: 41898282, duty: helper},
	{agent: "allcontributors", login: "allcontributors[bot]", id: 46447321, duty: helper},
	{agent: "bors", login: "bors[bot]", id: 26634292, duty: helper},
	{agent: "pre-commit-ci", login: "pre-commit-ci[bot]", duty: helper},
	{agent: "autofix-ci", login: "autofix-ci[bot]", duty: helper},
	{agent: "release-please", login: "release-please[bot]", duty: helper},
}

// emails are whole addresses, never domains: people work at these companies.
var emails = []struct{ agent, email string }{
	{"claude-code", "noreply@anthropic.com"},
	{"claude-code", "no-reply@anthropic.com"},
	{"codex", "noreply@openai.com"},
	{"codex", "codex@openai.com"},
	{"cursor", "cursoragent@cursor.com"},
	{"openhands", "openhands@all-hands.dev"},
	{"openhands", "opendevin@all-hands.dev"},
	{"openhands", "openhands-claude@all-hands.dev"},
	{"aider", "aider@aider.chat"},
	{"aider", "noreply@aider.chat"},
	{"aider", "aider@aider.dev"},
	{"aider", "noreply@aider.dev"},
	{"windsurf", "windsurf@codeium.com"},
	{"windsurf", "noreply@codeium.com"},
	{"windsurf", "noreply@windsurf.com"},
	{"amp", "amp@ampcode.com"},
	{"opencode", "noreply@opencode.ai"},
	{"warp", "oz-agent@warp.dev"},
	{"warp", "agent@warp.dev"},
	{"junie", "junie@jetbrains.com"},
	{"crush", "crush@charm.land"},
	{"roo", "roomote@roocode.com"},
}

// branches are prefixes with their separator: a word alone ("gpt-5-codex",
// "sweep-issue-template") is what people call their own branches.
var branches = []struct {
	agent, prefix string
	then          func(rest string) bool // nil: any rest
}{
	{"copilot", "copilot/", nil},
	{"claude-code", "claude/", nil},
	{"codex", "codex/", nil},
	{"cursor", "cursor/", nil},
	{"cosine", "cosine/", nil},
	{"opencode", "opencode/", nil},
	{"sweep", "sweep/", nil},
	{"junie", "junie/", nil},
	{"devin", "devin/", func(rest string) bool { return digits(rest) >= 9 }},  // devin/<unix time>-slug
	{"jules", "jules-", func(rest string) bool { return digits(rest) >= 10 }}, // jules-<task id>-<hash>
	{"jules", "jules/", nil},
	{"lovable", "lovable-sync-", nil},
}

// footer is a phrase that an agent puts into a body or a message. It counts on
// a line that is neither quoted nor code; where start is set, only if the line
// begins with it, after any emoji and list marks.
type footer struct {
	agent, phrase string // lower case
	start         bool
	link          bool // only where the text has a link at all
	strength      gate.Strength
}

var footers = []footer{
	{"claude-code", "generated with [claude code](http", true, true, gate.Declared},
	{"claude-code", "generated with claude code", true, false, gate.Declared},
	{"claude-code", "https://claude.ai/code/session_", false, true, gate.Declared},
	{"copilot", "copilot-coding-agent-tips", false, false, gate.Declared},
	{"copilot", "<!-- start copilot coding agent", true, false, gate.Declared},
	{"devin", "link to devin run", true, false, gate.Declared},
	{"devin", "link to devin session", true, false, gate.Declared},
	{"devin", "https://app.devin.ai/sessions/", false, true, gate.Declared},
	{"codex", "https://chatgpt.com/codex/tasks/", false, true, gate.Declared},
	{"cursor", "cursor.com/background-agent?bcid=", false, false, gate.Declared},
	{"cursor", "cursor.com/agents?id=", false, false, gate.Declared},
	{"cursor", "cursor.com/background-agent", false, false, gate.Suspected},
	{"cursor", "cursor.com/agents", false, false, gate.Suspected},
	{"jules", "pr created automatically by jules for task", true, false, gate.Declared},
	{"jules", "https://jules.google.com/task/", false, true, gate.Declared},
	{"opencode", "generated with [opencode](http", true, true, gate.Declared},
	{"kiro", "https://app.kiro.dev/session/", false, true, gate.Declared},
	{"amp", "https://ampcode.com/threads/t-", false, true, gate.Declared},
	{"crush", "generated with crush", true, false, gate.Declared},
	{"crush", "generated with [crush](http", true, true, gate.Declared},
	{"gemini", "generated with [gemini cli](http", true, true, gate.Declared},
	{"codex", "generated with [codex](http", true, true, gate.Declared},
	{"factory-droid", "generated with [droid](http", true, true, gate.Declared},
}

// keys are trailers that only an agent writes, whatever their value.
var keys = []struct{ agent, key, value string }{
	{"copilot", "agent-logs-url", "https://github.com/"},
	{"copilot", "copilot-session-id", ""},
	{"claude-code", "claude-session", ""},
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

// names are what agents are called where a trailer names its tool. They count
// in trailers only: as a git author, a name is what a person is called.
var names = map[string]string{
	"claude code": "claude-code", "claude": "claude-code", "github copilot": "copilot", "copilot": "copilot",
	"copilot cli": "copilot", "copilot autofix powered by ai": "copilot-autofix",
	"cursor": "cursor", "cursor agent": "cursor", "codex": "codex", "openai codex": "codex", "codex cli": "codex", "chatgpt": "chatgpt",
	"devin ai": "devin", "gemini": "gemini", "gemini cli": "gemini", "gemini code assist": "gemini", "aider": "aider", "windsurf": "windsurf",
	"cascade": "windsurf", "openhands": "openhands", "opencode": "opencode", "amp": "amp", "crush": "crush", "charm crush": "crush",
	"junie": "junie", "warp": "warp", "oz": "warp", "kiro": "kiro", "cline": "cline", "roo code": "roo", "zed agent": "zed",
	"amazon q": "amazon-q", "amazon q developer": "amazon-q", "factory droid": "factory-droid", "google jules": "jules",
	"replit agent": "replit", "lovable": "lovable", "chatgpt codex": "codex", "qwen code": "qwen-code", "goose": "goose",
}

// ambiguous names are first names of people as well, or common words: where
// nothing else speaks, a co-author so called proves nothing.
var ambiguous = map[string]bool{
	"junie": true, "amp": true, "oz": true, "warp": true, "goose": true, "cline": true,
	"cascade": true, "gemini": true, "crush": true, "lovable": true, "kiro": true,
}

// models are the beginnings of model names, with what must not be missing
// after them: "claude" alone is a person's name.
var models = []struct{ agent, prefix string }{
	{"claude-code", "claude-"}, {"claude-code", "claude opus"}, {"claude-code", "claude sonnet"}, {"claude-code", "claude haiku"},
	{"claude-code", "claude fable"}, {"claude-code", "claude mythos"}, {"claude-code", "claude 3"}, {"claude-code", "claude 4"}, {"claude-code", "claude 5"},
	{"claude-code", "claude code"}, {"claude-code", "claude (opus"}, {"claude-code", "claude (sonnet"}, {"claude-code", "claude (haiku"}, {"claude-code", "claude:"},
	{"codex", "gpt-"}, {"codex", "codex-"}, {"codex", "codex:"}, {"codex", "openai/"}, {"chatgpt", "chatgpt"},
	{"gemini", "gemini-"}, {"gemini", "gemini 1"}, {"gemini", "gemini 2"}, {"gemini", "gemini 3"}, {"gemini", "gemini:"},
	{"copilot", "copilot-"}, {"copilot", "copilot:"}, {"copilot", "github copilot"}, {"aider", "aider ("}, {"cursor", "cursor ("},
	{"claude-code", "anthropic/claude"}, {"gemini", "google/gemini"},
}

// labels that people put on an agent's pull request. A label that merely names
// a product ("claude") says what a change is about, and is not here.
var agentLabels = map[string]string{
	"jules": "jules", "codex": "codex", "devin-ai": "devin", "copilot-swe-agent": "copilot", "openhands-pr": "openhands",
	"sweep": "sweep", "lovable": "lovable", "ai-agent": unnamed, "ai agent": unnamed, "agent-pr": unnamed,
	"ai-generated": unnamed, "ai generated": unnamed, "ai-assisted": unnamed, "ai assisted": unnamed, "ai-authored": unnamed,
}

// labelAgent reads "claude-code-assisted" and its like as well.
func labelAgent(label string) string {
	if agent := agentLabels[label]; agent != "" {
		return agent
	}
	for _, end := range []string{"-assisted", "-generated", "-authored", "-created"} {
		if product, ok := strings.CutSuffix(label, end); ok {
			return names[strings.ReplaceAll(product, "-", " ")]
		}
	}
	return ""
}

// table is the signatures, indexed; with the agents that rules register.
type table struct {
	byID    map[int64]*account
	byLogin map[string]*account
	byEmail map[string]*account
	more    *table // where this one knows nothing
	known   map[string]*account
}

// builtin is made once, when the first change is judged.
var builtin = sync.OnceValue(func() *table {
	t := &table{byID: map[int64]*account{}, byLogin: map[string]*account{}, byEmail: map[string]*account{}}
	for i := range accounts {
		a := &accounts[i]
		t.byLogin[a.login] = a
		if a.id != 0 && t.byID[a.id] == nil {
			t.byID[a.id] = a
		}
	}
	for _, e := range emails {
		t.byEmail[e.email] = &account{agent: e.agent}
	}
	return t
})

// tableOf adds what the rules register to the built-in signatures.
func tableOf(known []Known) *table {
	if len(known) == 0 {
		return builtin()
	}
	t := &table{byID: map[int64]*account{}, byLogin: map[string]*account{}, byEmail: map[string]*account{}, known: map[string]*account{}, more: builtin()}
	for _, k := range known {
		a := &account{agent: k.Name, login: strings.ToLower(k.Login), id: k.ID, known: true}
		if a.agent == "" {
			a.agent = k.Login
		}
		if k.ID != 0 {
			t.byID[k.ID] = a
		}
		if k.Login != "" {
			t.byLogin[a.login] = a
		}
		if k.Email != "" {
			t.byEmail[strings.ToLower(k.Email)] = a
		}
		if k.Name != "" {
			t.known[strings.ToLower(k.Name)] = a
		}
	}
	return t
}

func (t *table) id(id int64) *account {
	if id == 0 {
		return nil
	}
	if a := t.byID[id]; a != nil || t.more == nil {
		return a
	}
	return t.more.id(id)
}

func (t *table) login(lower string) *account {
	if lower == "" {
		return nil
	}
	if a := t.byLogin[lower]; a != nil || t.more == nil {
		return a
	}
	return t.more.login(lower)
}
