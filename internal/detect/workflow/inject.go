package workflow

import (
	"strings"
)

// trust says who writes the value of a context.
type trust uint8

const (
	trusted   trust = iota
	byCaller        // whoever calls the workflow or action
	byPusher        // whoever may push a branch or tag: an agent, say
	byAnybody       // anybody on the internet
)

// trustOf tells who controls a context. Sources: GitHub Security Lab's list of
// untrusted inputs, https://securitylab.github.com/resources/github-actions-untrusted-input/
func trustOf(path string) trust {
	switch path {
	case "github.head_ref", "github.event":
		return byAnybody
	case "github.ref_name", "github.ref":
		return byPusher
	}
	if strings.HasPrefix(path, "inputs.") || strings.HasPrefix(path, "github.event.inputs.") {
		return byCaller
	}
	p, ok := strings.CutPrefix(path, "github.event.")
	if !ok {
		return trusted
	}
	object, rest, _ := strings.Cut(p, ".")
	switch object {
	case "issue", "discussion", "comment", "review", "review_comment":
		return oneOf(rest, "title", "body", "")
	case "pull_request":
		return oneOf(rest, "title", "body", "head.ref", "head.label", "head.repo.default_branch", "head.repo.description",
			"head.repo.homepage", "head")
	case "pages":
		return suffix(rest, "page_name")
	case "commits":
		return suffix(rest, "message", "author.name", "author.email", "committer.name", "committer.email", "")
	case "head_commit":
		return oneOf(rest, "message", "author.name", "author.email", "committer.name", "committer.email", "")
	case "workflow_run":
		if strings.HasSuffix(rest, "head.ref") {
			return byAnybody
		}
		return oneOf(rest, "head_branch", "display_title", "head_commit.message", "head_commit.author.name",
			"head_commit.author.email", "head_repository.description")
	case "changes":
		return suffix(rest, "from")
	case "client_payload":
		return byPusher
	}
	return trusted
}

func oneOf(s string, list ...string) trust {
	for _, l := range list {
		if s == l {
			return byAnybody
		}
	}
	return trusted
}

func suffix(s string, list ...string) trust {
	for _, l := range list {
		if l == "" && s == "" || l != "" && strings.HasSuffix(s, l) {
			return byAnybody
		}
	}
	return trusted
}

// sinks are action inputs that are run as code.
var sinks = map[string][]string{
	"actions/github-script": {"script"}, "amadevus/pwsh-script": {"script"}, "azure/cli": {"inlinescript"},
	"azure/powershell": {"inlinescript"}, "jannekem/run-python-script-action": {"script"},
	"cardinalby/js-eval-action": {"expression"}, "appleboy/ssh-action": {"script"}, "nick-fields/retry": {"command"},
	"nick-invision/retry": {"command"}, "addnab/docker-run-action": {"run"}, "mikefarah/yq": {"cmd"},
	"devcontainers/ci": {"runcmd"}, "reactivecircus/android-emulator-runner": {"script"},
	"gautamkrishnar/keepalive-workflow": {"commit_message"}, "roots/issue-closer-action": {"issue-close-message"},
	"cypress-io/github-action": {"command"}, "borales/actions-yarn": {"cmd"}, "docker/bake-action": {},
	"burrunan/gradle-cache-action": {"arguments"}, "gradle/gradle-build-action": {"arguments"},
}

// auditInjection finds text of outsiders that is pasted into code before the
// shell or interpreter sees it.
func auditInjection(f *file, j *job, s *step) []hit {
	var out []hit
	scan := func(t text, what string) {
		for _, e := range expressions(t.s) {
			if h, ok := injected(f, j, s, e); ok {
				h.line, h.object = t.lineAt(e.off), what
				out = append(out, h)
			}
		}
	}
	if !s.run.empty() {
		scan(s.run, "run")
	}
	if name := s.action(); name != "" {
		for _, in := range sinks[ownerRepo(name)] {
			if v := s.input(in); !v.empty() {
				scan(v, in)
			}
		}
	}
	return out
}

func injected(f *file, j *job, s *step, e expression) (hit, bool) {
	for _, c := range contexts(e.body) {
		if !c.flows {
			continue
		}
		path, who := c.path, trustOf(c.path)
		if c.in == "tojson" && path == "github.event" {
			who = byAnybody
		} else if path == "github.event" {
			who = trusted // prints "Object"
		}
		if name, ok := strings.CutPrefix(path, "env."); ok {
			who = envTrust(f, j, s, name)
		}
		switch {
		case who == byAnybody && startedByOutsiders(f):
			return hit{kind: kindInjection, key: path, detail: "${{ " + path + " }} is pasted in as code"}, true
		case who == byAnybody:
			return hit{kind: kindInjectionPush, key: path, detail: "${{ " + path + " }} is pasted in as code"}, true
		case who == byPusher:
			return hit{kind: kindInjectionRef, key: path, detail: "${{ " + path + " }} is pasted in as code"}, true
		case who == byCaller && callerText(f, path):
			return hit{kind: kindInjectionInput, key: path, detail: "${{ " + path + " }} is pasted in as code"}, true
		}
	}
	return hit{}, false
}

// envTrust follows env.NAME to the nearest definition.
func envTrust(f *file, j *job, s *step, name string) trust {
	for _, env := range [][]pair{s.env, j.env, f.env} {
		for _, p := range env {
			if !strings.EqualFold(p.key, name) {
				continue
			}
			worst := trusted
			for _, e := range expressions(p.value.s) {
				for _, c := range contexts(e.body) {
					if c.flows && c.path != "github.event" {
						worst = max(worst, trustOf(c.path))
					}
				}
			}
			return worst
		}
	}
	return trusted
}

// callerText tells whether an input is free text that somebody other than a
// maintainer hands in: composite actions and reusable workflows. Who may press
// "Run workflow" may also push.
func callerText(f *file, path string) bool {
	name := path[strings.LastIndexByte(path, '.')+1:]
	if f.action {
		return true
	}
	call, ok := f.events["workflow_call"]
	return ok && call.inputs[name] == "string"
}

// startedByOutsiders tells whether somebody without write access can cause a
// run. A file without triggers is an action: it runs wherever it is used.
func startedByOutsiders(f *file) bool {
	_, yes := f.privileged()
	return yes || f.action || f.on("pull_request", "fork", "watch", "gollum", "workflow_call")
}

// auditEnvFiles finds values of outsiders that reach GITHUB_ENV or GITHUB_PATH
// in a privileged run: every later step then runs what they chose.
func auditEnvFiles(f *file, s *step) []hit {
	if !f.on("pull_request_target", "workflow_run", "issue_comment", "issues", "discussion", "discussion_comment") || s.run.empty() {
		return nil
	}
	off := 0
	for line := range strings.Lines(s.run.s) {
		if name := envFile(line); name != "" && !constantWrite(line) {
			return []hit{{kind: kindEnvInjection, key: name + strings.TrimSpace(line), line: s.run.lineAt(off), object: name,
				detail: "written with a value that is not constant"}}
		}
		off += len(line)
	}
	return nil
}

func envFile(line string) string {
	for _, name := range [...]string{"GITHUB_ENV", "GITHUB_PATH"} {
		i := strings.Index(line, name)
		if i < 0 {
			continue
		}
		before := line[:i]
		if strings.Contains(before, ">") || strings.Contains(before, "tee ") || strings.Contains(before, "Out-File") ||
			strings.Contains(before, "Add-Content") || strings.Contains(strings.ToLower(before), "env:") {
			return name
		}
	}
	return ""
}

// constantWrite tells whether a line that writes an environment file writes
// the same whatever happens: an echo of plain text, or of the runner's own
// variables.
func constantWrite(line string) bool {
	value, _, _ := strings.Cut(strings.TrimSpace(line), ">>")
	value = strings.NewReplacer("$GITHUB_WORKSPACE", "", "${GITHUB_WORKSPACE}", "", "$HOME", "", "${HOME}", "",
		"$GITHUB_SHA", "", "$RUNNER_TEMP", "", "$PATH", "", "${{ github.workspace }}", "", "${{ github.sha }}", "",
		"${{ runner.temp }}", "").Replace(value)
	first, _, _ := strings.Cut(value, " ")
	return (first == "echo" || first == "printf") && !strings.ContainsAny(value, "$`") && !strings.Contains(value, "|")
}
