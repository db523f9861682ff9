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
	case "github.*":
		return byPusher // one of its names that only a run knows
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
	case "*": // an object that only a run knows
		return suffix("."+rest, ".title", ".body", ".message", ".ref", ".label", ".head_branch", ".name", ".email")
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
		path, who := c.path, f.trust(j, s, c, 0)
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

// Bounds on following a value to where it comes from: how far, and how often
// in one file.
const (
	maxFlow     = 6
	maxFollowed = 200000
)

// whole are contexts that hold text of outsiders somewhere below: written as
// JSON all of it comes along.
var whole = map[string]bool{"github": true, "github.event": true, "github.event.*": true, "github.event.pull_request": true,
	"github.event.pull_request.head": true, "github.event.issue": true, "github.event.comment": true, "github.event.review": true,
	"github.event.discussion": true, "github.event.head_commit": true, "github.event.commits": true, "github.event.commits.*": true,
	"github.event.workflow_run": true, "github.event.workflow_run.head_commit": true, "github.event.changes": true,
	"github.event.head_commit.author": true, "github.event.pages": true}

// trust tells who writes what a context comes to, following variables, the
// matrix and outputs to what the text gives them.
func (f *file) trust(j *job, s *step, c context, depth int) trust {
	if whole[c.path] {
		if c.in == "tojson" {
			return byAnybody
		}
		if c.path == "github.event" || c.path == "github" {
			return trusted // as a string it is "Object"
		}
	}
	scope, rest, _ := strings.Cut(c.path, ".")
	if f.followed++; f.followed > maxFollowed {
		return byAnybody // nobody writes what takes so long to follow
	}
	if depth >= maxFlow {
		return trusted
	}
	switch scope {
	case "env":
		return f.envTrust(j, s, rest, depth)
	case "matrix":
		return f.matrixTrust(j, s, rest, depth)
	case "steps":
		id, name, ok := strings.Cut(rest, ".outputs.")
		if !ok || j == nil {
			return trusted
		}
		return f.outputTrust(j, id, name, depth)
	case "needs":
		id, name, ok := strings.Cut(rest, ".outputs.")
		if !ok {
			return trusted
		}
		for i := range f.jobs {
			if b := &f.jobs[i]; b != j && strings.EqualFold(b.id, id) {
				return f.namedTrust(b, nil, b.outputs, name, depth)
			}
		}
		return trusted
	}
	return trustOf(c.path)
}

// valueTrust is the least trusted of what a value is made of.
func (f *file) valueTrust(j *job, s *step, value string, depth int) trust {
	worst := trusted
	for _, e := range expressions(value) {
		for _, c := range contexts(e.body) {
			if c.flows {
				worst = max(worst, f.trust(j, s, c, depth+1))
			}
		}
	}
	return worst
}

func (f *file) namedTrust(j *job, s *step, in []pair, name string, depth int) trust {
	if value, ok := f.defined(in, name); ok {
		return f.valueTrust(j, s, value, depth)
	}
	return trusted
}

// envTrust follows env.NAME to the nearest definition.
func (f *file) envTrust(j *job, s *step, name string, depth int) trust {
	groups := [][]pair{f.env}
	if j != nil {
		groups = [][]pair{j.env, f.env}
	}
	if s != nil {
		groups = append([][]pair{s.env}, groups...)
	}
	for _, env := range groups {
		if value, ok := f.defined(env, name); ok {
			return f.valueTrust(j, s, value, depth)
		}
	}
	return trusted
}

// matrixTrust follows matrix.NAME to the values that the matrix gives it. One
// that is made whole by an expression gives every name.
func (f *file) matrixTrust(j *job, s *step, name string, depth int) trust {
	if j == nil {
		return trusted
	}
	name = name[strings.LastIndexByte(name, '.')+1:]
	worst := trusted
	for _, m := range j.matrix {
		if m.key == name || m.key == "" || m.key == "include" {
			worst = max(worst, f.valueTrust(j, s, m.value.s, depth))
		}
	}
	return worst
}

// outputTrust follows an output to what its step writes there.
func (f *file) outputTrust(j *job, id, name string, depth int) trust {
	if s := j.stepOf(id); s != nil {
		if script := s.input("script").s; s.action() == "actions/github-script" && strings.Contains(strings.ToLower(script), name) {
			return payloadTrust(script)
		}
		worst := trusted
		for line := range strings.Lines(s.run.s) {
			if !writesOutput(line, name) {
				continue
			}
			worst = max(worst, f.valueTrust(j, s, line, depth))
			for _, v := range variables(line) {
				worst = max(worst, f.envTrust(j, s, v, depth))
			}
		}
		return worst
	}
	return trusted
}

// writesOutput tells whether a line of a script gives an output its value.
func writesOutput(line, name string) bool {
	low := strings.TrimSpace(strings.ToLower(line))
	if !strings.HasPrefix(low, "echo") && !strings.HasPrefix(low, "printf") && !strings.HasPrefix(low, "write-output") {
		return false // what another program makes of its arguments, nobody can tell
	}
	return (strings.Contains(low, "github_output") || strings.Contains(low, "::set-output")) && strings.Contains(low, name)
}

// variables lists the variables that a line of a script reads.
func variables(line string) []string {
	var out []string
	for at := 0; len(out) < 20; {
		i := strings.IndexByte(line[at:], '$')
		if i < 0 {
			return out
		}
		at += i + 1
		from := at
		for from < len(line) && line[from] == '{' {
			from++
		}
		end := from
		for end < len(line) && isIdent(line[end]) && line[end] != '-' {
			end++
		}
		if end > from {
			out = append(out, line[from:end])
		}
		at = end
	}
	return out
}

// payloadTrust tells who writes what a script of GitHub's API takes out of the
// event.
func payloadTrust(script string) trust {
	low := strings.ToLower(script)
	for at := 0; ; {
		i := strings.Index(low[at:], "payload.")
		if i < 0 {
			return trusted
		}
		at += i + len("payload.")
		end := at
		for end < len(low) && (isIdent(low[end]) || low[end] == '.' || low[end] == '?') {
			end++
		}
		path := strings.ReplaceAll(low[at:end], "?", "")
		if trustOf("github.event."+path) == byAnybody {
			return byAnybody
		}
	}
}
