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

// side reads one side of a file. A side that is not there declares nothing.
func side(p string, t change.Text) (*file, error) {
	if t.State != change.Loaded || strings.TrimSpace(t.Body) == "" {
		return newFile(), nil
	}
	return parse(p, t.Body)
}

func (d detector) Detect(f *change.File, r *detect.Report) {
	if f.Before.State == change.Loaded && f.After.State == change.Loaded && f.Before.Body == f.After.Body {
		return
	}
	after, err := side(f.Path, f.After)
	if err != nil || f.After.State == change.Unreadable {
		reason := f.After.Reason
		if err != nil {
			reason = err.Error()
		}
		r.Add(detect.Observation{Kind: kinds().unreadable, Detail: reason})
		return
	}
	before, err := side(previous(f), f.Before)
	if err != nil { // then all that is there now counts as new
		before = newFile()
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
		f := &c.Files[i]
		if !d.Wants(f) || f.Before.State == change.Loaded && f.After.State == change.Loaded && f.Before.Body == f.After.Body && f.PreviousPath == "" {
			continue
		}
		before, errBefore := side(previous(f), f.Before)
		after, errAfter := side(f.Path, f.After)
		if errBefore != nil || errAfter != nil || f.After.State == change.Unreadable {
			continue // an unreadable file is reported by Detect
		}
		collect(dirs, path.Dir(f.Path), f, before, after)
	}
	for _, dir := range sorted(dirs) {
		dirs[dir].gone(r)
	}
}

// module is what the changed files of one directory declare, before and after.
type module struct {
	before, after map[string]*cloud.Resource
	blocks        map[string]*block
	blocksAfter   map[string]*block
	from          map[string]string // address to the file that declared it
	moved         map[string]string
	forgotten     map[string]bool
}

func collect(dirs map[string]*module, dir string, f *change.File, before, after *file) {
	m := dirs[dir]
	if m == nil {
		m = &module{before: map[string]*cloud.Resource{}, after: map[string]*cloud.Resource{}, blocks: map[string]*block{}, blocksAfter: map[string]*block{},
			from: map[string]string{}, moved: map[string]string{}, forgotten: map[string]bool{}}
		dirs[dir] = m
	}
	for address, res := range before.resources {
		m.before[address] = res
		m.from[address] = f.Path
	}
	for address, res := range after.resources {
		m.after[address] = res
	}
	for name, b := range before.blocks {
		m.blocks[name] = b
		m.from[name] = f.Path
	}
	for name, b := range after.blocks {
		m.blocksAfter[name] = b
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
	for _, address := range sorted(m.before) {
		res := m.before[address]
		if m.after[address] != nil || m.moved[address] != "" || m.forgotten[address] || strings.HasPrefix(address, "data.") {
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
		if m.blocksAfter[name] != nil {
			continue
		}
		for _, s := range stateOf(b) {
			if s != "" && !hasState(m.blocksAfter) {
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
