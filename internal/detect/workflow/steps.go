package workflow

import (
	"slices"
	"strings"
)

// auditStep looks at one step.
func auditStep(f *file, j *job, s *step) []hit {
	var out []hit
	if s.uses.s != "" {
		out = append(out, auditUses(f, s.uses, "step")...)
		out = append(out, auditAppToken(j, s)...)
		out = append(out, auditTool(s)...)
		out = append(out, auditAgent(f, j, s)...)
	}
	out = append(out, auditInjection(f, j, s)...)
	out = append(out, auditIndirect(f, j, s)...)
	out = append(out, auditCommands(f, j, s)...)
	out = append(out, auditHidden(j, s)...)
	out = append(out, auditGates(j, s)...)
	out = append(out, auditDoors(j, s)...)
	out = append(out, auditLoaders(j.id, s.env)...)
	out = append(out, auditEnvFiles(f, s)...)
	out = append(out, auditIf(f, s.ifs, j.id)...)
	out = append(out, auditSecrets(j, s)...)
	return out
}

// auditSecrets reports how a step gets its secrets.
func auditSecrets(j *job, s *step) []hit {
	var out []hit
	look := func(t text, run bool) {
		for _, e := range expressions(t.s) {
			out = append(out, secretUse(j.id, e, t, run)...)
		}
	}
	look(s.run, true)
	for _, p := range s.env {
		look(p.value, false)
	}
	look(s.envExpr, false)
	for _, p := range s.with {
		look(p.value, p.key == "script" || p.key == "inlinescript")
	}
	return out
}

func secretUse(where string, e expression, t text, run bool) []hit {
	var out []hit
	for _, c := range contexts(e.body) {
		line := t.lineAt(e.off)
		name, one := strings.CutPrefix(c.path, "secrets.")
		switch {
		case c.path == "secrets" || name == "*":
			if c.in == "contains" {
				continue
			}
			out = append(out, hit{kind: kindAllSecrets, key: "secrets", line: line, object: where})
		case one && c.in == "fromjson":
			out = append(out, hit{kind: kindUnredacted, key: name, line: line, object: strings.ToUpper(name), detail: "in " + where})
		case one && run && c.flows && name != "github_token":
			out = append(out, hit{kind: kindSecretInScript, key: name, line: line, object: strings.ToUpper(name), detail: "in " + where})
		}
	}
	return out
}

// auditEnvSecrets reports how a job or a whole workflow gets its secrets.
func auditEnvSecrets(where string, expr text, groups ...[]pair) []hit {
	var out []hit
	for _, e := range expressions(expr.s) {
		out = append(out, secretUse(where, e, expr, false)...)
	}
	for _, group := range groups {
		for _, p := range group {
			for _, e := range expressions(p.value.s) {
				out = append(out, secretUse(where, e, p.value, false)...)
			}
		}
	}
	return out
}

// secretNames lists the secrets that a job names, the job's own token left
// out, with the first line of each.
func secretNames(f *file, j *job) (names []string, lines map[string]int) {
	lines = map[string]int{}
	look := func(t text) {
		for _, e := range expressions(t.s) {
			for _, c := range contexts(e.body) {
				name, ok := strings.CutPrefix(c.path, "secrets.")
				if !ok || name == "github_token" || strings.Contains(name, ".") || name == "*" {
					continue
				}
				if _, have := lines[name]; !have {
					lines[name] = t.lineAt(e.off)
					names = append(names, name)
				}
			}
		}
	}
	for _, group := range [][]pair{j.env, j.with, j.secrets} {
		for _, p := range group {
			look(p.value)
		}
	}
	for i := range j.images {
		look(j.images[i].password)
	}
	for i := range j.steps {
		s := &j.steps[i]
		look(s.run)
		look(s.ifs)
		for _, p := range slices.Concat(s.env, s.with) {
			look(p.value)
		}
	}
	return names, lines
}

// auditAppToken looks at tokens minted for a GitHub App: without a narrowing
// input they carry all that the App was ever given.
// https://github.com/actions/create-github-app-token
func auditAppToken(j *job, s *step) []hit {
	if s.action() != "actions/create-github-app-token" {
		return nil
	}
	at := func(detail string) hit {
		return hit{kind: kindAppToken, key: j.id + detail, line: s.line, object: j.id, detail: detail}
	}
	var out []hit
	narrowed := false
	for _, p := range s.with {
		narrowed = narrowed || strings.HasPrefix(p.key, "permission-")
	}
	if !narrowed {
		out = append(out, at("no permission- input narrows the token"))
	}
	if s.has("owner") && !s.has("repositories") {
		out = append(out, at("an owner without repositories: the token opens all of them"))
	}
	if v := s.input("skip-token-revoke"); !v.empty() && v.s != "false" {
		out = append(out, at("the token is not revoked when the job ends"))
	}
	return out
}

// tools are actions that fetch a program and run it with secrets in reach,
// with the input that says which version: without it, whatever is the latest.
var tools = map[string]string{"aquasecurity/setup-trivy": "version", "1password/load-secrets-action": "version",
	"extractions/setup-just": "just-version", "extractions/setup-crate": "version"}

func auditTool(s *step) []hit {
	input, ok := tools[s.action()]
	if !ok {
		return nil
	}
	switch v := strings.TrimSpace(s.input(input).s); v {
	case "", "latest", "*":
		return []hit{{kind: kindUnpinnedTool, key: s.action(), line: s.line, object: s.action()}}
	}
	return nil
}

// agents are actions that let a language model act.
var agents = map[string]bool{
	"anthropics/claude-code-action": true, "anthropics/claude-code-base-action": true, "openai/codex-action": true,
	"google-github-actions/run-gemini-cli": true, "google-gemini/gemini-cli-action": true, "actions/ai-inference": true,
}

// auditAgent looks at steps that run an agent: who may start it, what text of
// outsiders reaches its prompt, what it may do.
func auditAgent(f *file, j *job, s *step) []hit {
	name := s.action()
	if !agents[name] {
		return nil
	}
	var out []hit
	at := func(line int, detail string) {
		out = append(out, hit{kind: kindAgentAction, key: name + detail, line: line, object: name, detail: detail})
	}
	for _, p := range s.with {
		v := strings.ToLower(p.value.s)
		switch p.key {
		case "allowed_non_write_users", "allowed_bots", "allow-users", "allow-bots":
			if strings.TrimSpace(v) == "*" {
				at(p.value.line, p.key+": '*' lets anybody start it")
			}
		case "sandbox":
			if strings.Contains(v, "danger-full-access") {
				at(p.value.line, "it runs without a sandbox")
			}
		case "safety-strategy":
			if strings.Contains(v, "unsafe") {
				at(p.value.line, "its safety strategy is off")
			}
		default:
			if unbound := looseAgent(v); unbound != "" {
				at(p.value.line, unbound)
			}
		}
		for _, e := range expressions(p.value.s) {
			for _, c := range contexts(e.body) {
				if c.flows && trustOf(c.path) == byAnybody {
					at(p.value.lineAt(e.off), "${{ "+c.path+" }} reaches its "+p.key)
				}
			}
		}
	}
	if e, ok := f.privileged(); ok || f.on("pull_request") {
		if !ok {
			e = f.events["pull_request"]
		}
		out = append(out, hit{kind: kindAgentTrigger, key: name + e.name, line: s.line, object: name, detail: "started by " + e.name})
	}
	if name == "google-github-actions/run-gemini-cli" && !strings.Contains(s.input("settings").s, "core") &&
		!strings.Contains(s.input("settings").s, "exclude") {
		at(s.line, "its tools are not restricted")
	}
	return out
}

// looseAgent finds the switches that take an agent's limits away.
func looseAgent(v string) string {
	for _, w := range [...]struct{ part, why string }{
		{"--dangerously-skip-permissions", "it asks for no permission"}, {"bypasspermissions", "it asks for no permission"},
		{"--yolo", "it asks for no permission"}, {"\"yolo\"", "it asks for no permission"},
		{"approval-mode yolo", "it asks for no permission"},
		{"dangerously-bypass-approvals", "it asks for no permission"}, {"\"sandbox\": false", "it runs without a sandbox"},
		{"\"sandbox\":false", "it runs without a sandbox"}, {"bash(*)", "it may run any command"}, {"bash(*:*)", "it may run any command"},
		{"run_shell_command\"", "it may run any command"}, {"run_shell_command(echo", "it may run commands that expand"},
		{"run_shell_command(cat", "it may run commands that expand"}, {"danger-full-access", "it runs without a sandbox"},
	} {
		if strings.Contains(v, w.part) {
			return w.why
		}
	}
	if i := strings.Index(v, "allowedtools"); i >= 0 {
		rest := strings.Trim(v[i+len("allowedtools"):], " =:\"'\n")
		for tool := range strings.FieldsFuncSeq(rest,
			func(r rune) bool { return r == ',' || r == ' ' || r == '"' || r == '\'' || r == '\n' }) {
			if tool == "bash" {
				return "it may run any command"
			}
			if strings.HasPrefix(tool, "--") {
				break
			}
		}
	}
	return ""
}
