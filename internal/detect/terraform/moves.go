package terraform

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/cloud"
	"github.com/gatehold/gatehold/internal/detect/tree"
)

// judge reports what went away, and what came back elsewhere but worse.
func (m *module) judge(r *detect.Report) {
	for _, address := range sorted(m.lost) {
		for _, lost := range m.lost[address] {
			if lost.reads(m.forgotten[address]...) {
				continue // Terraform lets go of it and leaves it as it is
			}
			now, why := m.successors(address, lost)
			for _, a := range bounded(now, address, lost.path, r) {
				moved(lost, a, r)
			}
			if why != "" && !strings.HasPrefix(address, "data.") {
				gone(lost, why, r)
			}
		}
	}
	for _, name := range sorted(m.lostBlocks) {
		for _, b := range m.lostBlocks[name] {
			m.blockMoved(name, b, r)
		}
	}
	for _, name := range sorted(m.lostValues) {
		for _, from := range m.lostValues[name] {
			for _, to := range bounded(m.keptValues[name], name, from.path, r) {
				relocate(r, to.path, to.Line, func(one *detect.Report) { values(valuesOf(from), valuesOf(to), one) })
			}
		}
	}
}

// maxPairs is with how many declarations one that is lost is compared. More
// than one is an error in the language already.
const maxPairs = 20

// bounded keeps what is compared, and says where that is not all.
func bounded[T any](now []T, object, path string, r *detect.Report) []T {
	if len(now) <= maxPairs {
		return now
	}
	r.Add(detect.Observation{Kind: kinds.unreadable, Path: path, Object: object, Bound: true,
		Detail: fmt.Sprintf("declared again in %d places, more than the %d that it is compared with", len(now), maxPairs)})
	return now[:maxPairs]
}

// unexplained is why a resource counts as deleted where nothing is said of it.
const unexplained = "no file declares it"

// successors finds what stands for a lost resource after the change. Why is
// empty where that is certain, and otherwise says what speaks against it.
func (m *module) successors(address string, lost declared) (now []declared, why string) {
	if now = readWith(lost, m.kept[address]); len(now) > 0 {
		for _, a := range now {
			if a.Type != lost.Type || a.instances != lost.instances {
				why = "declared in " + a.path + " with another provider, count or for_each"
			}
		}
		return now, why
	}
	steps := m.lastSteps(address, lost)
	if len(steps) == 0 {
		return nil, unexplained
	}
	single := 0
	for _, s := range steps {
		targets := readWith(lost, m.kept[s.to])
		if len(targets) == 0 && !m.inModule(s.to, lost) {
			why = "moved to " + s.to + ", which no file of the change declares"
		}
		for _, a := range targets {
			if a.Type != lost.Type || !s.one && a.instances != lost.instances {
				why = "moved to " + s.to + " with another type, provider, count or for_each"
			}
		}
		if s.one {
			single++
		}
		now = append(now, targets...)
	}
	if single > 0 && single < instances(lost.Body) {
		why = "only some of its instances are moved"
	}
	return now, why
}

// instances counts what a resource stands for; where that is not known, it is
// more than any number of moved blocks.
func instances(body *tree.Node) int {
	count, each := body.Get("count"), body.Get("for_each")
	switch {
	case count == nil && each == nil:
		return 1
	case count != nil && count.Tag == "":
		if n, ok := count.Number(); ok {
			return int(n)
		}
	case each.IsMap():
		return len(each.Fields)
	case each.IsList():
		return len(each.Items)
	}
	return 1 << 30
}

// readWith leaves out declarations that not everybody reads who read the lost
// one: those of OpenTofu alone.
func readWith(lost declared, now []declared) []declared {
	return slices.DeleteFunc(slices.Clone(now), func(a declared) bool { return !lost.reads(a.path) })
}

// reads says whether whoever read what is lost reads one of the files.
func (lost declared) reads(paths ...string) bool {
	return slices.ContainsFunc(paths, func(p string) bool { return !onlyTofu(p) || onlyTofu(lost.from) })
}

// steps are the moved blocks that lead from an address.
func (m *module) steps(address string, lost declared) []move {
	return slices.DeleteFunc(slices.Clone(m.moves[address]), func(s move) bool { return !lost.reads(s.path) })
}

// lastSteps are the steps from an address at the end of their chain.
func (m *module) lastSteps(address string, lost declared) []move {
	steps := m.steps(address, lost)
	for range 16 { // a chain of moved blocks, which may be a ring
		if len(steps) != 1 || steps[0].one || len(m.kept[steps[0].to]) > 0 {
			break
		}
		next := m.steps(steps[0].to, lost)
		if len(next) == 0 {
			break
		}
		steps = next
	}
	return steps
}

// inModule says whether an address in a module is one that the change shows:
// the module is called beside, from a folder in which a file of the change
// declares the resource. Who calls a module is not seen elsewhere.
func (m *module) inModule(address string, lost declared) bool {
	rest, ok := strings.CutPrefix(address, "module.")
	if !ok {
		return false
	}
	name, inside, _ := strings.Cut(rest, ".")
	name, _, _ = strings.Cut(name, "[")
	inside, _, _ = strings.Cut(inside, "[")
	for _, call := range readWith(lost, m.kept["module."+name]) {
		source := call.Body.Get("source").Str()
		if !strings.HasPrefix(source, "./") && !strings.HasPrefix(source, "../") {
			continue
		}
		for _, p := range m.elsewhere[inside] {
			if path.Dir(p) == path.Join(m.dir, source) && lost.reads(p) {
				return true
			}
		}
	}
	return false
}

// gone reports a resource that is deleted.
func gone(lost declared, why string, r *detect.Report) {
	if why == unexplained {
		why = ""
	}
	if isUnit(lost.from) && lost.path != lost.from {
		r.Add(detect.Observation{Kind: kinds.stateBackend, Path: lost.path, Line: lost.Line, Object: lost.Address,
			Detail: "moved to " + path.Dir(lost.path) + ", where it has no state"})
		return
	}
	if lost.Type == "module" {
		kind := kinds.moduleRemoved
		if keepsState(lost.Resource) {
			kind = kinds.class[cloud.StatefulDeleted]
		}
		r.Add(detect.Observation{Kind: kind, Path: lost.path, Line: lost.Line, Removed: true, Object: lost.Address, Detail: why})
		return
	}
	for _, f := range cloud.Compare(lost.Resource, nil) {
		if f.Detail == "" {
			f.Detail = why
		}
		r.Add(detect.Observation{Kind: kinds.class[f.Class], Path: lost.path, Line: f.Line, Removed: true, Object: f.Object,
			Detail: f.Detail})
	}
}

// moved compares a resource with what it is in the file that holds it now.
// What that file's own comparison reports of every new resource is left to it.
func moved(before, after declared, r *detect.Report) {
	news := map[detect.Observation]bool{}
	if name := after.Address[strings.LastIndexByte(after.Address, '.')+1:]; !strings.Contains(after.others, `"`+name+`"`) {
		fresh := detect.NewReport(after.path)
		report(cloud.Compare(nil, after.Resource), fresh)
		resource(nil, after.Resource, fresh)
		for _, o := range fresh.Observations() {
			news[o] = true
		}
	}
	one := detect.NewReport(after.path)
	report(cloud.Compare(before.Resource, after.Resource), one)
	resource(before.Resource, after.Resource, one)
	adopt(r, one, after.Line, news)
}

// relocate runs a comparison of two files, and files what it reports at path.
func relocate(r *detect.Report, path string, line int, compare func(one *detect.Report)) {
	one := detect.NewReport(path)
	compare(one)
	adopt(r, one, line, nil)
}

// adopt takes over what one reports, except for known. What is missing now has
// its line in another file: it is shown where it is missing.
func adopt(r, one *detect.Report, line int, known map[detect.Observation]bool) {
	for _, o := range one.Observations() {
		if known[o] {
			continue
		}
		if o.Removed {
			o.Removed, o.Line = false, line
		}
		r.Add(o)
	}
	r.Hidden += one.Hidden
}

// blockMoved compares a provider or terraform block with those that stand for
// it now. State that no file keeps any more is lost.
func (m *module) blockMoved(name string, lost placed, r *detect.Report) {
	kept := false
	for _, a := range bounded(m.keptBlocks[name], name, lost.path, r) {
		state := len(stateOf(a.block)) > 0
		kept = kept || state
		relocate(r, a.path, a.line, func(one *detect.Report) {
			if lost.kind == "provider" || state {
				blockChanged(lost.block, a.block, one)
			} else {
				providersChanged(lost.block, a.block, one)
			}
		})
	}
	for _, s := range stateOf(lost.block) {
		if s != "" && !kept {
			r.Add(detect.Observation{Kind: kinds.stateBackend, Path: lost.path, Line: lost.line, Removed: true, Object: s,
				Detail: "removed"})
		}
	}
}

func valuesOf(v value) *file {
	f := newFile()
	f.values.Fields = []tree.Field{v.Field}
	return f
}
