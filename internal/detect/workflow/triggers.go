package workflow

import (
	"strings"
)

// auditTriggers reports events that run in the base repository's context with
// code or text of outsiders in reach.
func auditTriggers(f *file) []hit {
	var out []hit
	for _, name := range [...]string{"pull_request_target", "workflow_run"} {
		e, ok := f.events[name]
		if !ok || name == "pull_request_target" && onlyLabels(f) {
			continue
		}
		out = append(out, hit{kind: kindPrivilegedTrigger, key: name, line: e.line, object: name})
	}
	return out
}

// onlyLabels tells whether all that a workflow does is to label pull requests
// with GitHub's own labeler, which is what pull_request_target was made for.
func onlyLabels(f *file) bool {
	for i := range f.jobs {
		if f.jobs[i].uses.s != "" {
			return false
		}
		for k := range f.jobs[i].steps {
			if f.jobs[i].steps[k].action() != "actions/labeler" {
				return false
			}
		}
	}
	return len(f.jobs) > 0
}

// headContexts name what a pull request's author wrote, as a place to check
// code out from.
func headContext(path string) bool {
	for _, p := range [...]string{"github.event.pull_request.head", "github.head_ref", "github.event.workflow_run",
		"github.event.pull_request.merge_commit_sha", "github.event.client_payload.pull_request.head",
		"github.event.merge_group.head"} {
		if path == p || strings.HasPrefix(path, p+".") {
			return path != "github.event.pull_request.head.repo.id"
		}
	}
	return false
}

// checksOutHead returns the step that fetches the code of outsiders.
func checksOutHead(j *job) (*step, bool) {
	for i := range j.steps {
		s := &j.steps[i]
		if s.action() == "actions/checkout" {
			for _, in := range [...]string{"ref", "repository"} {
				if v := s.input(in); headRef(v.s, s, j) {
					return s, true
				}
			}
		}
		if fetchesHead(s) {
			return s, true
		}
	}
	return nil, false
}

func headRef(v string, s *step, j *job) bool {
	if v == "" {
		return false
	}
	if strings.Contains(v, "refs/pull/") || strings.HasPrefix(v, "pull/") {
		return true
	}
	for _, e := range expressions(v) {
		for _, c := range contexts(e.body) {
			if headContext(c.path) {
				return true
			}
			if name, ok := strings.CutPrefix(c.path, "env."); ok && envIsHead(name, s.env, j.env) {
				return true
			}
			// A sha that another step or job looked up is named after what it is.
			if strings.HasPrefix(c.path, "steps.") || strings.HasPrefix(c.path, "needs.") {
				last := c.path[strings.LastIndexByte(c.path, '.')+1:]
				if strings.Contains(last, "head") || strings.Contains(last, "pr_sha") || strings.Contains(last, "pr-sha") ||
					strings.Contains(last, "pull") {
					return true
				}
			}
		}
	}
	return false
}

func envIsHead(name string, envs ...[]pair) bool {
	for _, env := range envs {
		for _, p := range env {
			if strings.EqualFold(p.key, name) {
				for _, e := range expressions(p.value.s) {
					for _, c := range contexts(e.body) {
						if headContext(c.path) {
							return true
						}
					}
				}
			}
		}
	}
	return false
}

// fetchesHead finds the shell's ways to a pull request's code.
func fetchesHead(s *step) bool {
	for _, line := range s.commands() {
		if !strings.Contains(line, "git") && !strings.Contains(line, "gh ") {
			continue
		}
		switch {
		case strings.Contains(line, "gh pr checkout"):
			return true
		case strings.Contains(line, "git fetch") && (strings.Contains(line, "pull/") || strings.Contains(line, "refs/pull")):
			return true
		case strings.Contains(line, "git clone"), strings.Contains(line, "git checkout"), strings.Contains(line, "git fetch"),
			strings.Contains(line, "git switch"), strings.Contains(line, "git pull"), strings.Contains(line, "git reset"):
			if strings.Contains(line, "GITHUB_HEAD_REF") {
				return true
			}
			for _, e := range expressions(line) {
				for _, c := range contexts(e.body) {
					if headContext(c.path) {
						return true
					}
				}
			}
			for _, p := range s.env {
				if strings.Contains(line, "$"+p.key) || strings.Contains(line, "${"+p.key) {
					if envIsHead(p.key, s.env) {
						return true
					}
				}
			}
		}
	}
	return false
}

// auditCheckout reports a privileged job that fetches the code of outsiders.
func auditCheckout(f *file, j *job) []hit {
	if !f.on("pull_request_target", "workflow_run", "issue_comment", "issues", "discussion_comment") {
		return nil
	}
	s, ok := checksOutHead(j)
	if !ok {
		return nil
	}
	e, _ := f.privileged()
	return []hit{{kind: kindUntrustedCheckout, key: j.id, line: s.line, object: j.id, detail: "started by " + e.name}}
}

// auditArtifact reports a run after another workflow that takes its artifacts
// and then executes something: what a fork's pull request built is run with
// this repository's rights.
func auditArtifact(f *file, j *job) []hit {
	if !f.on("workflow_run") {
		return nil
	}
	got := 0
	for i := range j.steps {
		s := &j.steps[i]
		switch {
		case got == 0 && downloads(s):
			got = s.line
		case got > 0 && (strings.TrimSpace(s.run.s) != "" || parseRef(s.uses.s).kind == local):
			return []hit{{kind: kindArtifactPoisoning, key: j.id, line: got, object: j.id}}
		}
	}
	return nil
}

func downloads(s *step) bool {
	switch s.action() {
	case "dawidd6/action-download-artifact", "aochmann/actions-download-artifact", "bettermarks/action-artifact-download",
		"levonet/action-download-last-artifact":
		return true
	case "actions/download-artifact":
		return s.has("run-id") || s.has("github-token")
	case "actions/github-script":
		return strings.Contains(s.input("script").s, "downloadArtifact")
	}
	return s.runs("gh run download") || strings.Contains(s.run.s, "/artifacts/") && strings.Contains(s.run.s, "/zip")
}
