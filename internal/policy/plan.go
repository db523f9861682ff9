package policy

import (
	"slices"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/policy/glob"
)

// plan is what a judgement needs to know of the rules and would otherwise have
// to find again for every change.
type plan struct {
	perChange []*activeRule // that look at the change alone
	perFile   []*activeRule // that look at each file
	byKind    map[string][]*activeRule
	asking    [][]*activeRule // per detector: the rules that ask for one of its kinds
	bounded   []bool          // per detector: a boundary in use asks for one of its kinds
	index     *glob.Index     // the path sets of the rules, by their index, then of the boundaries
}

func newPlan(r *Rules) plan {
	p := plan{byKind: map[string][]*activeRule{}, index: glob.NewIndex(pathSets(r))}
	for i, rule := range r.rules {
		rule.index = i
		switch {
		case rule.Detect != nil:
		case rule.Paths != nil || len(rule.Status) > 0 || rule.When != nil && rule.When.UsesFile:
			p.perFile = append(p.perFile, rule)
		default:
			p.perChange = append(p.perChange, rule)
		}
	}
	for _, k := range r.registry.Kinds {
		p.byKind[k.ID] = r.rulesFor(k.ID)
	}
	for _, d := range r.registry.Detectors {
		var asking []*activeRule
		bounded := false
		for _, k := range d.Kinds() {
			for _, rule := range p.byKind[k.ID] {
				if !slices.Contains(asking, rule) {
					asking = append(asking, rule)
				}
			}
			bounded = bounded || len(r.separate) > 0 && r.boundaryAsks(k.ID)
		}
		p.asking = append(p.asking, asking)
		p.bounded = append(p.bounded, bounded)
	}
	return p
}

// pathSets are the path patterns of all rules, and then of all boundaries.
func pathSets(r *Rules) []*glob.Set {
	var sets []*glob.Set
	for _, rule := range r.rules {
		sets = append(sets, rule.Paths)
	}
	for i := range r.boundaries {
		b := &r.boundaries[i]
		b.sets = b.sets[:0]
		for _, part := range b.parts {
			b.sets = append(b.sets, len(sets))
			sets = append(sets, part.Paths)
		}
	}
	return sets
}

func (r *Rules) rulesFor(kind string) []*activeRule {
	var out []*activeRule
	for _, rule := range r.rules {
		if rule.Detect.match(kind) {
			out = append(out, rule)
		}
	}
	return out
}

// Wants reports whether some detector in force needs the texts of this file.
// It looks at the path, status and mode of the file alone. The rules file
// itself is always read: see Propose.
func (r *Rules) Wants(f *change.File) bool {
	if isRulesFile(f) {
		return true
	}
	n := r.paths(f, make([]int, 0, 32))
	for i, d := range r.registry.Detectors {
		if (r.plan.bounded[i] || r.asks(i, n, nil)) && wants(d, f) {
			return true
		}
	}
	return false
}

// asks reports whether a rule asks for detector i on a file. applies may leave
// rules out; nil leaves none.
func (r *Rules) asks(i int, n paths, applies []bool) bool {
	for _, rule := range r.plan.asking[i] {
		if (applies == nil || applies[rule.index]) && rule.matchesFile(n) {
			return true
		}
	}
	return false
}

// paths are a file and the path sets that hold it.
type paths struct {
	file              *change.File
	folded, oldFolded string
	sets              []int // that hold the path, or the one before a rename
}

// paths looks a file up in the index. The sets are appended to buf.
func (r *Rules) paths(f *change.File, buf []int) paths {
	n := paths{file: f, folded: glob.Fold(f.Path)}
	n.sets = r.plan.index.Match(f.Path, n.folded, buf)
	if f.PreviousPath != "" && f.PreviousPath != f.Path {
		n.oldFolded = glob.Fold(f.PreviousPath)
		n.sets = r.plan.index.Match(f.PreviousPath, n.oldFolded, n.sets)
	}
	return n
}

// in reports whether the file lies in a set, or lay in it before a rename.
func (n paths) in(set int) bool { return slices.Contains(n.sets, set) }

func (a *activeRule) matchesFile(n paths) bool {
	return (len(a.Status) == 0 || hasStatus(a.Status, n.file)) && (a.Paths == nil || n.in(a.index))
}
