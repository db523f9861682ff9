package terraform

import (
	"path"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/cloud"
	"github.com/gatehold/gatehold/internal/detect/place"
	"github.com/gatehold/gatehold/internal/detect/tree"
)

// DetectChange reports what the change as a whole takes away: resources that
// no file of their directory declares any more. What another file of it
// declares now is compared with what it was.
func (d detector) DetectChange(c *change.Change, r *detect.Report) {
	countLosses(c, r)
	dirs := map[string]*module{}
	homes := movedModules(c)
	for i := range c.Files {
		if f := &c.Files[i]; d.Wants(f) && !unchanged(f) && body(f.Before) != "" && f.After.State != change.Unreadable &&
			f.Status != change.Copied {
			losses(dirs, homes, f)
		}
	}
	removedBlocks(c, dirs, r)
	if len(dirs) == 0 {
		return
	}
	elsewhere := map[string][]string{} // by type and name, the files that declare it
	modules := movesIntoModules(c)
	for i := range c.Files {
		f := &c.Files[i]
		if !applied(f.Path) {
			continue
		}
		if m := dirs[path.Dir(f.Path)]; m != nil {
			m.keep(f)
		}
		if modules {
			declares(f, elsewhere)
		}
	}
	for _, dir := range sorted(dirs) {
		dirs[dir].dir, dirs[dir].elsewhere = dir, elsewhere
		dirs[dir].judge(r)
	}
}

// unchanged says that a file has the text and the place that it had.
func unchanged(f *change.File) bool {
	return same(f) && (f.PreviousPath == "" || f.PreviousPath == f.Path)
}

// applied says whether the programs read a file of that name as configuration.
// https://developer.hashicorp.com/terraform/language/files
func applied(p string) bool {
	base := path.Base(p)
	return wanted(p) && !strings.HasPrefix(base, ".") && !isValues(p)
}

// overrides says whether a file only amends what others declare.
// https://developer.hashicorp.com/terraform/language/files/override
func overrides(p string) bool {
	base, _, _ := strings.Cut(path.Base(p), ".")
	return base == "override" || strings.HasSuffix(base, "_override")
}

// onlyTofu says whether a file is read by OpenTofu and not by Terraform.
func onlyTofu(p string) bool {
	return strings.HasSuffix(strings.TrimSuffix(p, ".json"), ".tofu")
}

// movedModules gives directories that moved as a whole: a renamed file took
// their terraform block along, within one environment, and a file of the change
// calls the module where it is now. Of a directory that nobody calls it is not
// known that anybody applies it there.
func movedModules(c *change.Change) map[string]string {
	homes := map[string]string{}
	var called map[string]bool
	for i := range c.Files {
		f := &c.Files[i]
		from, to := path.Dir(previous(f)), path.Dir(f.Path)
		if f.Status == change.Copied || from == to || !wanted(previous(f)) || !applied(f.Path) || !place.SameEnvironment(from+"/", to+"/") {
			continue
		}
		if !hasTerraformBlock(body(f.Before)) || !hasTerraformBlock(body(f.After)) {
			continue
		}
		if called == nil {
			called = calledModules(c)
		}
		if known, ok := homes[from]; ok && known != to || !called[to] {
			to = "" // to two places at once, or out of use: to none
		}
		homes[from] = to
	}
	return homes
}

// calledModules are the directories that the change's files call as modules.
func calledModules(c *change.Change) map[string]bool {
	out := map[string]bool{}
	for i := range c.Files {
		f := &c.Files[i]
		if text := body(f.After); !applied(f.Path) || !strings.Contains(text, "module") || !strings.Contains(text, "source") {
			continue
		}
		now, err := parse(f.Path, body(f.After))
		if err != nil {
			continue // an unreadable file is reported by Detect
		}
		for _, call := range now.resources {
			source := call.Body.Get("source").Str()
			if call.Type == "module" && (strings.HasPrefix(source, "./") || strings.HasPrefix(source, "../")) {
				out[path.Join(path.Dir(f.Path), source)] = true
			}
		}
	}
	return out
}

func hasTerraformBlock(text string) bool {
	chunks, ok := split(text)
	for _, c := range chunks {
		if kind, _ := c.header(); ok && kind == "terraform" {
			return true
		}
	}
	return false
}

// move is one moved block. One says that it moves one instance of several.
type move struct {
	from, to string
	path     string // of the file that says so
	one      bool
}

// declared is a resource in a file, before or after the change.
type declared struct {
	*cloud.Resource
	path      string
	from      string // its path before, of a lost one
	instances string
	others    string // the text of the file on the other side
}

// placed is a block that is no resource in a file.
type placed struct {
	*block
	path string
}

// value is a variable or local in a file.
type value struct {
	tree.Field
	path string
}

// module is what the changed files of one directory lose, and what they
// declare after the change.
type module struct {
	lost, kept             map[string][]declared
	lostBlocks, keptBlocks map[string][]placed
	lostValues, keptValues map[string][]value
	moves                  map[string][]move
	forgotten              map[string][]string // by address, the files that say so
	dir                    string
	elsewhere              map[string][]string
}

func newModule() *module {
	return &module{lost: map[string][]declared{}, kept: map[string][]declared{}, lostBlocks: map[string][]placed{},
		keptBlocks: map[string][]placed{},
		lostValues: map[string][]value{}, keptValues: map[string][]value{}, moves: map[string][]move{}, forgotten: map[string][]string{}}
}

// losses files what is declared no more where it was. A file is parsed only
// where a block's first line is gone from it.
func losses(dirs map[string]*module, homes map[string]string, f *change.File) {
	if !applied(previous(f)) {
		return
	}
	dir := path.Dir(previous(f))
	if to := homes[dir]; to != "" {
		dir = to
	}
	after := body(f.After)
	if dir != path.Dir(f.Path) || !applied(f.Path) || overrides(f.Path) != overrides(previous(f)) ||
		onlyTofu(f.Path) != onlyTofu(previous(f)) {
		after = "" // what the file says now is said to somebody else
	}
	if !strings.HasSuffix(previous(f), ".json") && !(isUnit(previous(f)) && after == "") && !anyGone(body(f.Before), after) {
		return
	}
	old, now, err := parsePair(f.Path, previous(f), body(f.Before), after)
	if err != nil {
		return // an unreadable file is reported by Detect
	}
	m := dirs[dir]
	if m == nil {
		m = newModule()
	}
	if m.lose(f, old, now) {
		dirs[dir] = m
	}
}

func (m *module) lose(f *change.File, old, now *file) (any bool) {
	for address, res := range old.resources {
		if now.resources[address] != nil {
			continue
		}
		if to := now.moved[address]; now.resources[to] != nil && old.resources[to] == nil {
			continue // Detect has compared the two
		}
		m.lost[address] = append(m.lost[address],
			declared{Resource: res, path: f.Path, from: previous(f), instances: old.instances[address]})
		any = true
	}
	for name, b := range old.blocks {
		if now.blocks[name] == nil && (b.kind == "provider" || b.kind == "terraform" || b.kind == "remote_state") {
			m.lostBlocks[name] = append(m.lostBlocks[name], placed{b, f.Path})
			any = true
		}
	}
	for _, v := range old.values.Fields {
		if !now.values.Has(v.Key) && !isTerragrunt(f.Path) {
			m.lostValues[v.Key] = append(m.lostValues[v.Key], value{v, f.Path})
			any = true
		}
	}
	return any
}

// anyGone compares the first lines of blocks, and whole blocks of locals.
func anyGone(before, after string) bool {
	old, okB := split(before)
	now, okA := split(after)
	if !okA || !okB {
		return true
	}
	have := map[string]bool{}
	for _, c := range now {
		have[c.name()], have[c.text] = true, true
	}
	for _, c := range old {
		switch kind, _ := c.header(); kind {
		case "resource", "module", "terraform", "remote_state", "provider", "variable":
			if !have[c.name()] {
				return true
			}
		case "locals":
			if !have[c.text] {
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
	for name, b := range after.blocks {
		m.keptBlocks[name] = append(m.keptBlocks[name], placed{b, f.Path})
	}
	if overrides(f.Path) {
		return // it declares nothing of its own
	}
	for address, res := range after.resources {
		m.kept[address] = append(m.kept[address],
			declared{Resource: res, path: f.Path, instances: after.instances[address], others: body(f.Before)})
	}
	for _, v := range after.values.Fields {
		m.keptValues[v.Key] = append(m.keptValues[v.Key], value{v, f.Path})
	}
	for _, step := range after.moves {
		step.path = f.Path
		m.moves[step.from] = append(m.moves[step.from], step)
	}
	for address := range after.forgotten {
		m.forgotten[address] = append(m.forgotten[address], f.Path)
	}
}

// movesIntoModules says whether a moved block of the change may name a module.
func movesIntoModules(c *change.Change) bool {
	for i := range c.Files {
		if text := body(c.Files[i].After); applied(c.Files[i].Path) && strings.Contains(text, "moved") &&
			strings.Contains(text, "module.") {
			return true
		}
	}
	return false
}

// declares notes a file under the resources that it declares.
func declares(f *change.File, out map[string][]string) {
	chunks, ok := split(body(f.After))
	if !ok || overrides(f.Path) {
		return
	}
	for _, c := range chunks {
		if kind, labels := c.header(); kind == "resource" {
			address := strings.Join(labels, ".")
			out[address] = append(out[address], f.Path)
		}
	}
}
