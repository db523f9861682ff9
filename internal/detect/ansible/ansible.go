// Package ansible reads playbooks and the tasks of roles: what their modules
// delete, format, switch off or leave open. Commands in tasks are package
// command's; what modules declare in a cloud is package iac's.
//
// What a module does is data (modules.go). A path that a task removes is judged
// as rm would be that removes it.
package ansible

import (
	"path"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/tree"
)

type detector struct{}

// New returns the detector of Ansible's playbooks and tasks.
func New() detect.Detector { return detector{} }

func (detector) Name() string          { return "ansible" }
func (detector) Kinds() []*detect.Kind { return shipped.All() }

// Wants takes YAML; Detect looks for tasks in it.
func (detector) Wants(f *change.File) bool {
	ext := strings.ToLower(path.Ext(f.Path))
	return (ext == ".yml" || ext == ".yaml") && !strings.HasPrefix(f.Path, ".github/") && f.Status != change.Removed
}

func (detector) Detect(f *change.File, r *detect.Report) {
	if f.Before.Body == f.After.Body && f.Before.State == f.After.State && f.After.State == change.Loaded {
		return
	}
	if f.After.State == change.Unreadable && inFolder(f.Path) {
		r.Add(detect.Observation{Kind: kinds.unreadable, Detail: f.After.Reason})
	}
	if f.After.State != change.Loaded {
		return
	}
	tasks, err := read(f.After.Body)
	if err != nil {
		if inFolder(f.Path) {
			r.Add(detect.Unread(kinds.unreadable, err))
		}
		return
	}
	had := map[effect]int{}
	if f.Before.State == change.Loaded {
		before, _ := read(f.Before.Body)
		for _, t := range before {
			for _, e := range t.effects() {
				e.line = 0
				had[e]++
			}
		}
	}
	for _, t := range tasks {
		for _, e := range t.effects() {
			line := e.line
			e.line = 0
			if had[e] > 0 {
				had[e]--
				continue
			}
			r.Add(detect.Observation{Kind: e.kind, Line: line, Object: e.object, Detail: e.detail})
		}
	}
}

// inFolder says whether a path lies where only Ansible's files do.
func inFolder(p string) bool {
	for _, dir := range strings.Split(strings.ToLower(path.Dir(p)), "/") {
		if dir == "ansible" || dir == "playbooks" || dir == "roles" {
			return true
		}
	}
	return false
}

func read(text string) ([]Task, error) {
	if !strings.Contains(text, ":") || !strings.HasPrefix(firstLine(text), "-") {
		return nil, nil
	}
	docs, err := tree.ParseYAML(text)
	if err != nil {
		return nil, err
	}
	return Tasks(docs), nil
}

// firstLine is the first line that says something: a playbook, and a file of
// tasks, is a list.
func firstLine(text string) string {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "#") && !strings.HasPrefix(line, "---") && !strings.HasPrefix(line, "%") {
			return line
		}
	}
	return ""
}
