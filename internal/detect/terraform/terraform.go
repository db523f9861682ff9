// Package terraform reads Terraform and OpenTofu configuration: what a change
// deletes, replaces, opens, grants or stops to protect.
//
// A file is compared with what it was before, resource by resource. A resource
// that is gone from its file may have moved to another: that is seen over the
// whole change, by DetectChange, so that a reorganisation of files is no
// deletion. Variables, locals and .tfvars files are read by their names where
// nothing else is known of them.
//
// What a module from elsewhere declares cannot be seen, nor values that come
// from outside of the file.
package terraform

import (
	"path"
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
func (detector) Kinds() []*detect.Kind { return kinds().all }

func (detector) Wants(f *change.File) bool {
	return wanted(f.Path) || f.PreviousPath != "" && wanted(f.PreviousPath)
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
	before, after, err := parsePair(f.Path, previous(f), body(f.Before), body(f.After))
	if err != nil || f.After.State == change.Unreadable {
		reason := f.After.Reason
		if err != nil {
			reason = err.Error()
		}
		r.Add(detect.Observation{Kind: kinds().unreadable, Detail: reason})
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
	report(cloud.CompareAll(old, after.resources), r)
	for _, address := range sorted(after.resources) {
		resource(old[address], after.resources[address], r)
	}
	blocks(before, after, r)
	values(before, after, r)
}

func report(found []cloud.Finding, r *detect.Report) {
	k := kinds()
	for _, f := range found {
		r.Add(detect.Observation{Kind: k.class[f.Class], Line: f.Line, Removed: f.Removed, Object: f.Object, Detail: f.Detail})
	}
}

// values compares variables, locals and tfvars by their names.
func values(before, after *file, r *detect.Report) {
	if len(before.values.Fields) == 0 || tree.Equal(before.values, after.values) {
		return
	}
	// A name that is not there any more has moved or is unused: no sign of harm.
	kept := &tree.Node{Kind: tree.Map}
	for _, e := range before.values.Fields {
		if after.values.Has(e.Key) {
			kept.Fields = append(kept.Fields, e)
		}
	}
	report(cloud.Compare(&cloud.Resource{Address: "values", Type: "tfvars", Body: kept}, &cloud.Resource{Address: "values", Type: "tfvars", Body: after.values}), r)
	for _, e := range after.values.Fields {
		scaled(e.Key, kept.Get(e.Key), e.Value, e.Key, r)
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

// DetectChange reports what the change as a whole takes away: resources that
// no file of their directory declares any more.
func (d detector) DetectChange(c *change.Change, r *detect.Report) {
	dirs := map[string]*module{}
	for i := range c.Files {
		if f := &c.Files[i]; d.Wants(f) && !same(f) && body(f.Before) != "" && f.After.State != change.Unreadable {
			losses(dirs, f)
		}
	}
	if len(dirs) == 0 {
		return
	}
	for i := range c.Files {
		if f := &c.Files[i]; d.Wants(f) && dirs[path.Dir(f.Path)] != nil {
			dirs[path.Dir(f.Path)].keep(f)
		}
	}
	for _, dir := range sorted(dirs) {
		dirs[dir].gone(r)
	}
}

// module is what the changed files of one directory lose, and what they
// declare after the change.
type module struct {
	lost      map[string]*cloud.Resource
	blocks    map[string]*block // state backends that are lost
	from      map[string]string // address to the file that declared it
	after     map[string]bool
	hasState  bool
	moved     map[string]string
	forgotten map[string]bool
}

// losses parses a file only where a block's first line is gone from it.
func losses(dirs map[string]*module, f *change.File) {
	if !strings.HasSuffix(f.Path, ".json") && !anyGone(body(f.Before), body(f.After)) {
		return
	}
	before, after, err := parsePair(f.Path, previous(f), body(f.Before), body(f.After))
	if err != nil {
		return // an unreadable file is reported by Detect
	}
	m := &module{lost: map[string]*cloud.Resource{}, blocks: map[string]*block{}, from: map[string]string{}, after: map[string]bool{}, moved: map[string]string{}, forgotten: map[string]bool{}}
	if known := dirs[path.Dir(f.Path)]; known != nil {
		m = known
	}
	for address, res := range before.resources {
		if after.resources[address] == nil {
			m.lost[address], m.from[address] = res, f.Path
		}
	}
	for name, b := range before.blocks {
		if after.blocks[name] == nil && len(stateOf(b)) > 0 {
			m.blocks[name], m.from[name] = b, f.Path
		}
	}
	if len(m.lost)+len(m.blocks) > 0 {
		dirs[path.Dir(f.Path)] = m
	}
}

// anyGone compares the first lines of blocks.
func anyGone(before, after string) bool {
	old, okB := split(before)
	now, okA := split(after)
	if !okA || !okB {
		return true
	}
	have := map[string]bool{}
	for _, c := range now {
		have[c.name()] = true
	}
	for _, c := range old {
		switch kind, _ := c.header(); kind {
		case "resource", "module", "terraform", "remote_state":
			if !have[c.name()] {
				return true
			}
		}
	}
	return false
}

// keep notes what a file of the directory declares after the change.
func (m *module) keep(f *change.File) {
	after, err := parse(f.Path, body(f.After))
	if err != nil {
		return
	}
	for address := range after.resources {
		m.after[address] = true
	}
	for _, b := range after.blocks {
		m.hasState = m.hasState || len(stateOf(b)) > 0
	}
	for from, to := range after.moved {
		m.moved[from] = to
	}
	for address := range after.forgotten {
		m.forgotten[address] = true
	}
}

// gone reports what went away, and what came back elsewhere but worse.
func (m *module) gone(r *detect.Report) {
	k := kinds()
	for _, address := range sorted(m.lost) {
		res := m.lost[address]
		if m.after[address] || m.moved[address] != "" || m.forgotten[address] || strings.HasPrefix(address, "data.") {
			continue
		}
		if res.Type == "module" {
			kind := k.moduleRemoved
			if keepsState(res) {
				kind = k.class[cloud.StatefulDeleted]
			}
			r.Add(detect.Observation{Kind: kind, Path: m.from[address], Line: res.Line, Removed: true, Object: address})
			continue
		}
		for _, f := range cloud.Compare(res, nil) {
			r.Add(detect.Observation{Kind: k.class[f.Class], Path: m.from[address], Line: f.Line, Removed: true, Object: f.Object, Detail: f.Detail})
		}
	}
	for _, name := range sorted(m.blocks) {
		b := m.blocks[name]
		for _, s := range stateOf(b) {
			if s != "" && !m.hasState {
				r.Add(detect.Observation{Kind: k.stateBackend, Path: m.from[name], Line: b.line, Removed: true, Object: s, Detail: "removed"})
			}
		}
	}
}

// keepsState guesses from a module's name and source what it makes.
func keepsState(res *cloud.Resource) bool {
	name := strings.TrimPrefix(res.Address, "module.")
	source := res.Body.Get("source").Str()
	if i := strings.IndexByte(source, '?'); i >= 0 {
		source = source[:i]
	}
	return cloud.Stateful(strings.ReplaceAll(name, "-", "_")) || cloud.Stateful(strings.NewReplacer("-", "_", "/", "_", ".", "_").Replace(path.Base(strings.TrimSuffix(source, "/aws"))))
}
