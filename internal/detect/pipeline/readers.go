package pipeline

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect/tree"
)

// maxJobs bounds what is read of one file.
const maxJobs = 2000

// gitlab reads .gitlab-ci.yml: a job waits where when: manual says so, of itself
// or in all rules that let it run.
// https://docs.gitlab.com/ci/yaml/#when
func gitlab(root *tree.Node) model {
	m := model{jobs: map[string]job{}}
	if !root.IsMap() {
		return m
	}
	for _, f := range root.Fields {
		if !f.Value.IsMap() || len(m.jobs) > maxJobs {
			continue
		}
		switch f.Key {
		case "variables", "default", "workflow", "include", "image", "cache", "spec", "pages:deploy":
			continue
		}
		j := job{line: f.Line, waits: f.Value.Get("when").Str() == "manual", ignored: f.Value.Get("allow_failure").True() &&
			f.Value.Get("when").Str() != "manual"}
		for _, rule := range f.Value.Get("rules").Each() {
			j.waits = j.waits || rule.Get("when").Str() == "manual"
		}
		m.jobs[f.Key] = j
	}
	return m
}

// circle reads .circleci: jobs of the type approval wait, and so does what
// requires one.
// https://circleci.com/docs/workflows/#holding-a-workflow-for-a-manual-approval
func circle(root *tree.Node) model {
	m := model{jobs: map[string]job{}}
	for _, flow := range fields(root.Get("workflows")) {
		approvals := map[string]bool{}
		for _, item := range flow.Value.Get("jobs").Each() {
			for _, f := range fields(item) {
				if f.Value.Get("type").Str() == "approval" {
					approvals[f.Key] = true
					m.waits = append(m.waits, wait{flow.Key + "/" + f.Key, f.Line})
				}
			}
		}
		for _, item := range flow.Value.Get("jobs").Each() {
			name := item.Str()
			j := job{line: item.At()}
			for _, f := range fields(item) {
				name, j.line = f.Key, f.Line
				for _, before := range f.Value.Get("requires").Strings() {
					j.waits = j.waits || approvals[before]
				}
			}
			if name != "" && !approvals[name] && len(m.jobs) <= maxJobs {
				m.jobs[flow.Key+"/"+name] = j
			}
		}
	}
	return m
}

// azure reads Azure Pipelines: a deployment waits for the checks of its
// environment, and a task may ask by itself.
// https://learn.microsoft.com/azure/devops/pipelines/process/approvals
func azure(root *tree.Node) model {
	m := model{jobs: map[string]job{}}
	tree.Walk(root, func(_ []string, n *tree.Node) bool {
		if !n.IsMap() || len(m.jobs) > maxJobs {
			return true
		}
		if t := n.Get("task").Str(); strings.HasPrefix(strings.ToLower(t),
			"manualvalidation@") || strings.HasPrefix(strings.ToLower(t), "manualintervention@") {
			m.waits = append(m.waits, wait{t, n.Get("task").At()})
		}
		name := n.Get("deployment").Str()
		waits := name != ""
		if name == "" {
			name = n.Get("job").Str()
		}
		if name == "" {
			return true
		}
		env := n.Get("environment")
		waits = waits && (env.Str() != "" || env.Get("name").Str() != "")
		m.jobs[name] = job{line: n.At(), waits: waits, ignored: n.Get("continueOnError").True()}
		return true
	})
	return m
}

// buildkite reads Buildkite: block and input steps wait.
// https://buildkite.com/docs/pipelines/configure/step-types/block-step
func buildkite(root *tree.Node) model {
	m := model{jobs: map[string]job{}}
	steps := root.Get("steps")
	if root.IsList() {
		steps = root
	}
	var read func(n *tree.Node, depth int)
	read = func(n *tree.Node, depth int) {
		for _, s := range n.Each() {
			if block := s.Get("block"); block != nil {
				m.waits = append(m.waits, wait{block.Str(), s.At()})
				continue
			}
			if s.Str() == "block" || s.Str() == "manual" || s.Get("type").Str() == "manual" || s.Get("manual") != nil {
				m.waits = append(m.waits, wait{"block", s.At()})
				continue
			}
			name := s.Get("key").Str()
			if name == "" {
				name = s.Get("label").Str()
			}
			if name == "" {
				name = s.Get("command").Str()
			}
			if name != "" && len(m.jobs) <= maxJobs {
				m.jobs[name] = job{line: s.At(), ignored: s.Get("soft_fail").True()}
			}
			if depth < 4 {
				read(s.Get("steps"), depth+1)
			}
		}
	}
	read(steps, 0)
	return m
}

// bitbucket reads Bitbucket: trigger: manual waits.
// https://support.atlassian.com/bitbucket-cloud/docs/step-options/#Trigger
func bitbucket(root *tree.Node) model {
	m := model{jobs: map[string]job{}}
	tree.Walk(root.Get("pipelines"), func(at []string, n *tree.Node) bool {
		s := n.Get("step")
		if s == nil {
			s = n.Get("stage")
		}
		if !s.IsMap() || len(m.jobs) > maxJobs {
			return true
		}
		name := s.Get("name").Str()
		if name == "" {
			name = s.Get("deployment").Str()
		}
		if name == "" {
			name = strings.Join(at, "/")
		}
		m.jobs[name] = job{line: n.At(), waits: s.Get("trigger").Str() == "manual"}
		return true
	})
	return m
}

func fields(n *tree.Node) []tree.Field {
	if !n.IsMap() {
		return nil
	}
	return n.Fields
}
