package workflow

import (
	"strconv"
	"strings"
)

// gateName is what the check is called that a change must pass; those of other
// lanes have the lane behind a colon.
const gateName = "gatehold"

// imitates tells whether a name is that of the gate's own check.
func imitates(name string) bool {
	name = strings.ToLower(strings.TrimSpace(name))
	return name == gateName || strings.HasPrefix(name, gateName+":")
}

// auditNames finds a job that shows a check of the gate's own name: a rule that
// asks for the check by its name alone is content with it.
func auditNames(j *job) []hit {
	name := j.name
	if name == "" {
		name = j.id
	}
	given := []string{folded(name)}
	for _, t := range resolve(text{name, j.line}, j.matrix) {
		given = append(given, folded(t.s))
	}
	for _, g := range given {
		if imitates(g) {
			return []hit{{kind: kindGateImitated, key: j.id, line: j.line, object: j.id, detail: "its check is called " + g}}
		}
	}
	return nil
}

// folded is a value with what its expressions come to, as far as the text alone
// decides it.
func folded(s string) string {
	var b strings.Builder
	at := 0
	for _, e := range expressions(s) {
		b.WriteString(s[at:e.off])
		b.WriteString(constant(e.body))
		at = e.off + len(e.body) + 5
	}
	b.WriteString(s[at:])
	return b.String()
}

// constant is what an expression of literals comes to: one of them, the first
// that is not empty of several, or those that format puts together.
func constant(body string) string {
	toks := lex(body)
	if len(toks) == 0 || len(toks) > 200 {
		return ""
	}
	if toks[0].kind != 'f' || toks[0].text != "format" {
		for _, t := range toks {
			if t.kind == 's' && t.text != "" {
				return unquoted(t.text)
			}
		}
		return ""
	}
	var args []string
	for _, t := range toks[1:] {
		if t.kind == 's' {
			args = append(args, unquoted(t.text))
		} else if t.kind != 'o' {
			args = append(args, "")
		}
	}
	if len(args) == 0 {
		return ""
	}
	out := args[0]
	for i, a := range args[1:] {
		out = strings.ReplaceAll(out, "{"+strconv.Itoa(i)+"}", a)
		if len(out) > maxExpr {
			return ""
		}
	}
	return out
}

func unquoted(s string) string { return strings.ReplaceAll(s, "''", "'") }

// auditGates finds a step that makes a check or status of the gate's own name,
// or that goes round the gates of the repository.
func auditGates(j *job, s *step) []hit {
	var all strings.Builder
	all.WriteString(s.run.s)
	for _, p := range s.with {
		all.WriteString("\n" + p.key + ": " + p.value.s)
	}
	for _, p := range s.env {
		all.WriteString("\n" + p.value.s)
	}
	low := strings.ToLower(joined(all.String()))
	line := s.run.line
	if line == 0 {
		line = s.line
	}
	if strings.Contains(low, gateName) && makesCheck(low, s.action()) {
		return []hit{{kind: kindCheckForged, key: j.id, line: line, object: j.id, detail: "it makes a check called " + gateName}}
	}
	for _, way := range bypasses {
		if containsAll(low, way.parts) {
			return []hit{{kind: kindGateBypassed, key: way.parts[0], line: line, object: j.id, detail: way.says}}
		}
	}
	if s.ifs.empty() && j.ifs.empty() && containsAll(low, []string{"gh pr review", "--approve", "gh pr merge"}) {
		return []hit{{kind: kindGateBypassed, key: "approve", line: line, object: j.id, detail: "it approves and merges whatever comes"}}
	}
	return nil
}

func containsAll(s string, parts []string) bool {
	for _, p := range parts {
		if !strings.Contains(s, p) {
			return false
		}
	}
	return true
}

// makesCheck tells whether a step makes check runs or commit statuses.
func makesCheck(low, action string) bool {
	for _, w := range [...]string{"check-runs", "/statuses/", "checks.create", "createcommitstatus", "checks.update", "createcheckrun"} {
		if strings.Contains(low, w) {
			return true
		}
	}
	return statusActions[ownerRepo(action)]
}

var statusActions = map[string]bool{"louisbrunner/checks-action": true, "sibz/github-status-action": true,
	"guibranco/github-status-action-v2": true, "myrotvorets/set-commit-status-action": true, "ouzi-dev/commit-status-updater": true,
	"niteoweb/reportcheck": true, "hspaans/github-status-action": true, "athaikit/checks-action": true, "julienrbrt/status": true}

// bypasses are calls that open a gate from within a run, by what stands in them.
var bypasses = []struct {
	parts []string
	says  string
}{
	{[]string{"pending_deployments", "approved"}, "it approves a deployment that waits"},
	{[]string{"gh pr merge", "--admin"}, "it merges past the checks"},
	{[]string{"/protection", "-x delete"}, "it takes the protection of a branch away"},
	{[]string{"/protection", "--method delete"}, "it takes the protection of a branch away"},
	{[]string{"deletebranchprotection"}, "it takes the protection of a branch away"},
	{[]string{"/rulesets/", "-x delete"}, "it deletes a ruleset"},
	{[]string{"/rulesets/", "--method delete"}, "it deletes a ruleset"},
	{[]string{"/environments/", "-x delete"}, "it deletes an environment"},
	{[]string{"deployment_protection_rule", "approved"}, "it answers for a protection rule"},
	{[]string{"gh run", "approve"}, "it approves a run"},
	{[]string{"curl", ".github/workflows/", "git push"}, "it makes workflows of what it fetches"},
	{[]string{"wget", ".github/workflows/", "git push"}, "it makes workflows of what it fetches"},
}

// readsMemory finds the ways to the secrets that lie in the memory of the
// runner's own process.
// https://www.stepsecurity.io/blog/harden-runner-detection-tj-actions-changed-files-action-is-compromised
func readsMemory(j *job, s *step) []hit {
	text := s.run.s
	if text == "" {
		text = s.input("script").s
	}
	low := strings.ToLower(text)
	for _, w := range [...]string{`"issecret":true`, `issecret\":true`, `"issecret": true`, "runner.worker", "memdump"} {
		if i := strings.Index(low, w); i >= 0 {
			return []hit{{kind: kindMemoryRead, key: w, line: s.run.lineAt(i), object: j.id, detail: strings.Trim(w, `"\`)}}
		}
	}
	i := strings.Index(low, "/proc/")
	if i >= 0 && (strings.Contains(low[i:], "/mem") && !strings.HasPrefix(low[i:], "/proc/meminfo") || strings.Contains(low[i:],
		"/environ")) {
		return []hit{{kind: kindMemoryRead, key: "/proc", line: s.run.lineAt(i), object: j.id, detail: "/proc"}}
	}
	if s.runs("gcore", "procdump", "sudo gcore") {
		return []hit{{kind: kindMemoryRead, key: "gcore", line: s.run.line, object: j.id, detail: "gcore"}}
	}
	return nil
}
