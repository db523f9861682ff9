package terraform

import (
	"path"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/cloud"
	"github.com/gatehold/gatehold/internal/detect/tree"
)

// isState says whether a file is what the programs know of what they made.
func isState(p string) bool { return strings.HasSuffix(p, ".tfstate") }

// stateFile reports a state that is gone, or is another: each apply writes the
// same lineage with a higher serial.
// https://developer.hashicorp.com/terraform/language/state
func stateFile(f *change.File, r *detect.Report) {
	if f.Before.State != change.Loaded || strings.TrimSpace(f.Before.Body) == "" {
		return
	}
	add := func(detail string) {
		r.Add(detect.Observation{Kind: kinds.stateBackend, Line: 1, Removed: f.After.State == change.Absent,
			Object: path.Base(f.Path), Detail: detail})
	}
	switch {
	case f.After.State == change.Absent:
		add("the state is deleted")
		return
	case f.After.State == change.Unreadable:
		r.Add(detect.Observation{Kind: kinds.unreadable, Detail: f.After.Reason})
		return
	case f.PreviousPath != "" && f.PreviousPath != f.Path:
		add("the state is moved away from " + f.PreviousPath)
		return
	}
	before, errB := tree.ParseJSON(f.Before.Body)
	after, err := tree.ParseJSON(f.After.Body)
	from, _ := before.Get("serial").Number()
	to, _ := after.Get("serial").Number()
	switch {
	case strings.TrimSpace(f.After.Body) == "":
		add("the state is emptied")
	case err != nil || errB != nil:
		r.Add(detect.Observation{Kind: kinds.unreadable, Detail: "the state is not JSON"})
	case before.Get("lineage").Str() != after.Get("lineage").Str():
		add("another lineage: it is the state of something else")
	case to < from:
		add("an older state: serial " + before.Get("serial").Str() + " to " + after.Get("serial").Str())
	default:
		forgotten(before, after, add)
	}
}

// forgotten reports resources with data that a state of one lineage does not
// know any more, though nothing counted up.
func forgotten(before, after *tree.Node, add func(string)) {
	if before.Get("serial").Str() != after.Get("serial").Str() {
		return
	}
	have := map[string]bool{}
	for _, res := range after.Get("resources").Each() {
		have[res.Get("type").Str()+"."+res.Get("name").Str()] = true
	}
	for _, res := range before.Get("resources").Each() {
		address := res.Get("type").Str() + "." + res.Get("name").Str()
		if !have[address] && cloud.Stateful(res.Get("type").Str()) {
			add(address + " is taken out by hand")
			return
		}
	}
}
