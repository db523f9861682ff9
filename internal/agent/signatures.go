package agent

import (
	"slices"
	"strings"
	"sync"

	"github.com/gatehold/gatehold/internal/gate"
)

// duty says what an account does.
type duty uint8

const (
	coder     duty = iota // a coding agent
	suggester             // comments; what a human takes of it carries its name, and counts
	reviewer              // comments; one suggestion that a human takes makes no agent's change
	helper                // automation that writes no code of its own
	transport             // GitHub itself: carries what people decide
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
	{agent: "copilot", login: "copilot-pull-request-reviewer", id: 175728472, duty: suggester},
	{agent: "copilot", login: "copilot-pull-request-reviewer[bot]", id: 175728472, duty: suggester},
	{agent: "copilot-autofix", login: "github-advanced-security[bot]", id: 62310815, duty: suggester},
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
	{agent: "fullsend", login: "fullsend-ai-coder[bot]", id: 278716306},
	{agent: "detail", login: "detail-app[bot]"},
	{agent: "stilla", login: "stilla[bot]"},
	{agent: "mintlify", login: "mintlify[bot]"},
	{agent: "seer", login: "sentry[bot]"},
	{agent: "seer", login: "seer-by-sentry[bot]"},
	{agent: "pullfrog", login: "pullfrog[bot]"},
	{agent: "linear", login: "linear-code[bot]"},
	{agent: "open-swe", login: "open-swe[bot]"},
	{agent: "codeflash", login: "codeflash-ai[bot]", id: 148906541},

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
	{agent: "pre-commit-ci", login: "pre-commit-ci[bot]", id: 66853113, duty: helper},
	{agent: "autofix-ci", login: "autofix-ci[bot]", id: 114827586, duty: helper},
	{agent: "release-please", login: "release-please[bot]", id: 55107282, duty: helper},
	{agent: "github", login: "github-merge-queue[bot]", id: 118344674, duty: transport},
	{agent: "github", login: "web-flow", id: 19864447, duty: transport},
}

// HelperNames are what known automation is called, in order: bots that write no
// code of their own, and whose accounts are known by id.
func HelperNames() []string {
	var out []string
	for _, a := range accounts {
		if a.duty == helper && a.id != 0 && !slices.Contains(out, a.agent) {
			out = append(out, a.agent)
		}
	}
	slices.Sort(out)
	return out
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
	{"openhands", "opendevin@opendevin.ai"},
	{"openhands", "bot@opendevin.com"},
	{"cosine", "agent@cosine.sh"},
	{"oh-my-opencode", "clio-agent@sisyphuslabs.ai"},
	{"fullsend", "fullsend-code@users.noreply.github.com"},
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
	{"stilla", "stilla@stilla.ai"},
	{"mistral-vibe", "vibe@mistral.ai"},
	{"pi", "pi@sim.ai"},
	{"oh-my-codex", "omx@oh-my-codex.dev"},
	{"agentloop", "agentloop@localhost"},
	{"antigravity", "noreply@google.com"},
	{"openclaw", "agent@openclaw.ai"},
	{"openclaw", "noreply@openclaw.ai"},
	{"openclaw", "agent@openclaw.dev"},
	{"blackbox", "code@blackbox.ai"},
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
	host          bool // the phrase begins with a host: "docs.cursor.com" is another
	strength      gate.Strength
}

var footers = []footer{
	{agent: "claude-code", phrase: "generated with [claude code](http", start: true, link: true, strength: gate.Declared},
	{agent: "claude-code", phrase: "generated with claude code", start: true, strength: gate.Declared},
	{agent: "claude-code", phrase: "https://claude.ai/code/session_", link: true, strength: gate.Declared},
	{agent: "copilot", phrase: "copilot-coding-agent-tips", strength: gate.Declared},
	{agent: "copilot", phrase: "<!-- start copilot coding agent", start: true, strength: gate.Declared},
	{agent: "devin", phrase: "link to devin run", start: true, strength: gate.Declared},
	{agent: "devin", phrase: "link to devin session", start: true, strength: gate.Declared},
	{agent: "devin", phrase: "https://app.devin.ai/sessions/", link: true, strength: gate.Declared},
	{agent: "codex", phrase: "https://chatgpt.com/codex/tasks/", link: true, strength: gate.Declared},
	{agent: "cursor", phrase: "cursor.com/background-agent?bcid=", host: true, strength: gate.Declared},
	{agent: "cursor", phrase: "cursor.com/agents?id=", host: true, strength: gate.Declared},
	{agent: "cursor", phrase: "cursor.com/background-agent", host: true, strength: gate.Suspected},
	{agent: "cursor", phrase: "cursor.com/agents", host: true, strength: gate.Suspected},
	{agent: "jules", phrase: "pr created automatically by jules for task", start: true, strength: gate.Declared},
	{agent: "jules", phrase: "https://jules.google.com/task/", link: true, strength: gate.Declared},
	{agent: "opencode", phrase: "generated with [opencode](http", start: true, link: true, strength: gate.Declared},
	{agent: "kiro", phrase: "https://app.kiro.dev/session/", link: true, strength: gate.Declared},
	{agent: "amp", phrase: "https://ampcode.com/threads/t-", link: true, strength: gate.Declared},
	{agent: "crush", phrase: "generated with crush", start: true, strength: gate.Declared},
	{agent: "crush", phrase: "generated with [crush](http", start: true, link: true, strength: gate.Declared},
	{agent: "gemini", phrase: "generated with [gemini cli](http", start: true, link: true, strength: gate.Declared},
	{agent: "codex", phrase: "generated with [codex](http", start: true, link: true, strength: gate.Declared},
	{agent: "copilot", phrase: "https://github.com/copilot/tasks/", link: true, strength: gate.Declared},
	{agent: "openhands", phrase: "https://app.all-hands.dev/conversations/", link: true, strength: gate.Declared},
	{agent: "factory-droid", phrase: "generated with [droid](http", start: true, link: true, strength: gate.Declared},
}

// names are what agents are called where a trailer names its tool. They count
// in trailers only: as a git author, a name is what a person is called.
var names = map[string]string{
	"claude code": "claude-code", "claude": "claude-code", "github copilot": "copilot", "copilot": "copilot",
	"copilot cli": "copilot", "copilot autofix powered by ai": "copilot-autofix",
	"cursor": "cursor", "cursor agent": "cursor", "codex": "codex", "openai codex": "codex", "codex cli": "codex",
	"chatgpt":  "chatgpt",
	"devin ai": "devin", "gemini": "gemini", "gemini cli": "gemini", "gemini code assist": "gemini",
	"aider": "aider", "windsurf": "windsurf",
	"cascade": "windsurf", "openhands": "openhands", "opencode": "opencode", "amp": "amp", "crush": "crush", "charm crush": "crush",
	"junie": "junie", "warp": "warp", "oz": "warp", "kiro": "kiro", "cline": "cline", "roo code": "roo", "zed agent": "zed",
	"amazon q": "amazon-q", "amazon q developer": "amazon-q", "factory droid": "factory-droid", "google jules": "jules",
	"antigravity": "antigravity", "antigravity ai": "antigravity", "google antigravity": "antigravity",
	"mistral vibe": "mistral-vibe",
	"openclaw":     "openclaw", "kiloclaw": "openclaw", "kilo code": "kilo-code", "hermes agent": "hermes",
	"blackbox": "blackbox", "blackbox agent": "blackbox",
	"stilla": "stilla", "omx": "oh-my-codex", "oh-my-codex": "oh-my-codex", "pi agent": "pi", "grok": "grok",
	"grok code": "grok", "grok build": "grok",
	"opus": "claude-code", "sonnet": "claude-code", "haiku": "claude-code", "deepseek": "deepseek",
	"qwen": "qwen-code", "kimi": "kimi", "glm": "glm",
	"replit agent": "replit", "lovable": "lovable", "chatgpt codex": "codex", "qwen code": "qwen-code", "goose": "goose",
}

// ambiguous names are first names of people as well, or common words: where
// nothing else speaks, a co-author so called proves nothing.
var ambiguous = map[string]bool{
	"junie": true, "amp": true, "oz": true, "warp": true, "goose": true, "cline": true,
	"cascade": true, "gemini": true, "crush": true, "lovable": true, "kiro": true,
	"stilla": true, "grok": true, "kimi": true, "blackbox": true, "antigravity": true, "omx": true, "opus": true,
	"sonnet": true, "haiku": true, "glm": true,
}

// personal names are what people are called: what follows them tells.
var personal = map[string]bool{"claude": true, "gemini": true, "junie": true, "kimi": true, "stilla": true}

// common names are words of the trade as well: "created with cursor" is about a
// database where it is not written as a name.
var common = map[string]bool{"cursor": true, "copilot": true, "codex": true, "aider": true, "windsurf": true}

// authorNames are agents' names that no person bears, where they stand as a
// commit's author over an address that no list has.
var authorNames = map[string]string{
	"claude code": "claude-code", "cursor agent": "cursor", "github copilot": "copilot", "copilot": "copilot",
	"codex": "codex", "openai codex": "codex",
	"codex cli": "codex", "gemini cli": "gemini", "google jules": "jules", "openhands": "openhands",
	"opencode": "opencode", "devin ai": "devin",
	"mistral vibe": "mistral-vibe", "hermes agent": "hermes", "openclaw": "openclaw", "kiloclaw": "openclaw",
	"blackbox agent": "blackbox", "pi agent": "pi",
	"replit agent": "replit", "factory droid": "factory-droid", "roo code": "roo", "zed agent": "zed",
	"qwen code": "qwen-code", "agentloop": "agentloop",
	"fullsend-code": "fullsend", "fullsend-fix": "fullsend", "ai assistant": unnamed, "ai agent": unnamed,
	"surebot": "surebot", "mintlify-agent": "mintlify", "chai bot": "chai-bot", "macroscopeapp": "macroscope",
	"langsmith-fleet": "langsmith-fleet",
	"aikido-autofix":  "aikido-autofix", "fix-it-felix-sentry": "seer", "seer by sentry": "seer",
	"corridor-security": "corridor", "sentry-junior": "seer",
}

// models are the beginnings of model names, with what must not be missing
// after them: "claude" alone is a person's name.
var models = []struct{ agent, prefix string }{
	{"claude-code", "claude-"}, {"claude-code", "claude opus"}, {"claude-code", "claude sonnet"}, {"claude-code", "claude haiku"},
	{"claude-code", "claude fable"}, {"claude-code", "claude mythos"}, {"claude-code", "claude 3"}, {"claude-code", "claude 4"},
	{"claude-code", "claude 5"},
	{"claude-code", "claude code"}, {"claude-code", "claude (opus"}, {"claude-code", "claude (sonnet"},
	{"claude-code", "claude (haiku"}, {"claude-code", "claude:"},
	{"codex", "gpt-"}, {"codex", "codex-"}, {"codex", "codex:"}, {"codex", "openai/"}, {"chatgpt", "chatgpt"},
	{"gemini", "gemini-"}, {"gemini", "gemini 1"}, {"gemini", "gemini 2"}, {"gemini", "gemini 3"}, {"gemini", "gemini:"},
	{"copilot", "copilot-"}, {"copilot", "copilot:"}, {"copilot", "github copilot"}, {"aider", "aider ("}, {"cursor", "cursor ("},
	{"claude-code", "opus 4"}, {"claude-code", "opus 5"}, {"claude-code", "sonnet 4"}, {"claude-code", "sonnet 5"},
	{"claude-code", "haiku 4"},
	{"grok", "grok-"}, {"grok", "grok 4"}, {"deepseek", "deepseek-"}, {"qwen-code", "qwen3"}, {"qwen-code", "qwen-"},
	{"kimi", "kimi-"}, {"kimi", "kimi k"}, {"glm", "glm-"},
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
	t := &table{byID: map[int64]*account{}, byLogin: map[string]*account{}, byEmail: map[string]*account{},
		known: map[string]*account{}, more: builtin()}
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
