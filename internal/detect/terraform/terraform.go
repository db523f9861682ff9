// Package terraform reads Terraform and OpenTofu configuration: what a change
// deletes, replaces, opens, grants or stops to protect.
//
// A file is compared with what it was before, resource by resource. A resource
// that is gone from its file may have moved to another: that is seen over the
// whole change, by DetectChange, so that a reorganisation of files is no
// deletion. What moved is compared as if it had stayed. A file that is added to
// a change takes nothing from what is reported, with one exception: a removal
// is reported no more once a file proves that it is none, by declaring the same
// address in the same directory, or by a moved or removed block.
//
// Variables, locals and .tfvars files are read by their names where nothing
// else is known of them.
//
// What a module from elsewhere declares cannot be seen, nor values that come
// from outside of the file.
package terraform

import (
	"errors"
	"sort"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/cloud"
	"github.com/gatehold/gatehold/internal/detect/tree"
)

type detector struct{}

// New returns the detector of Terraform and OpenTofu files.
func New() detect.Detector { return detector{} }

func (detector) Name() string          { return "terraform" }
func (detector) Kinds() []*detect.Kind { return shipped.All() }

func (detector) Wants(f *change.File) bool {
	return wanted(f.Path) || isState(previous(f)) || f.PreviousPath != "" && wanted(f.PreviousPath)
}

func wanted(p string) bool {
	for _, suffix := range []string{".tf", ".tofu", ".tf.json", ".tofu.json", ".tfvars", ".tfvars.json"} {
		if strings.HasSuffix(p, suffix) {
			return true
		}
	}
	return isTerragrunt(p)
}

// body is the text of one side, empty where it is not there.
func body(t change.Text) string {
	if t.State != change.Loaded {
		return ""
	}
	return t.Body
}

func same(f *change.File) bool {
	return f.Before.State == change.Loaded && f.After.State == change.Loaded && f.Before.Body == f.After.Body
}

func (d detector) Detect(f *change.File, r *detect.Report) {
	if same(f) {
		return
	}
	if isState(previous(f)) {
		stateFile(f, r)
		return
	}
	before, after, err := parsePair(f.Path, previous(f), body(f.Before), body(f.After))
	if err != nil || f.After.State == change.Unreadable {
		if err == nil {
			err = errors.New(f.After.Reason)
		}
		r.Add(detect.Unread(kinds.unreadable, err))
		return
	}
	compare(before, after, r)
}

func previous(f *change.File) string {
	if f.PreviousPath != "" {
		return f.PreviousPath
	}
	return f.Path
}

// compare reports what is worse after, for all that is declared after. What
// is gone is left to DetectChange.
func compare(before, after *file, r *detect.Report) {
	old := map[string]*cloud.Resource{}
	for address, res := range before.resources {
		if after.resources[address] != nil {
			old[address] = res
		}
	}
	for from, to := range after.moved {
		if res := before.resources[from]; res != nil && after.resources[to] != nil && before.resources[to] == nil {
			old[to] = res
		}
	}
	if after.amends { // what it amends is there, and has what it says from now on
		for address, res := range after.resources {
			if old[address] == nil {
				old[address] = &cloud.Resource{Address: address, Type: res.Type, Body: &tree.Node{Kind: tree.Map, Line: res.Line}}
			}
		}
	}
	report(cloud.CompareAll(old, after.resources), r)
	for _, address := range sorted(after.resources) {
		resource(old[address], after.resources[address], r)
	}
	blocks(before, after, r)
	values(before, after, r)
}

func report(found []cloud.Finding, r *detect.Report) {
	for _, f := range found {
		r.Add(detect.Observation{Kind: kinds.class[f.Class], Line: f.Line, Removed: f.Removed, Object: f.Object, Detail: f.Detail})
	}
}

func sorted[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}
