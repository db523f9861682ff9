package policy

import (
	"slices"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect/renamed"
	"github.com/gatehold/gatehold/internal/rulesfile"
	"github.com/gatehold/gatehold/internal/rulesfile/glob"
)

// plan is what a judgement needs to know of the rules and would otherwise have
// to find again for every change.
type plan struct {
	PerChange []*ActiveRule // that look at the change alone
	PerFile   []*ActiveRule // that look at each file
	ByKind    map[string][]*ActiveRule
	Asking    [][]*ActiveRule // per detector: the rules that ask for one of its kinds
	Logins    []string        // that rules name, as actors or in a condition, in small letters
	Bounded   []bool          // per detector: a boundary in use asks for one of its kinds
	index     *glob.Index     // the path sets of the rules, by their index, then of the boundaries
}

func newPlan(r *Rules) plan {
	p := plan{ByKind: map[string][]*ActiveRule{}, index: glob.NewIndex(pathSets(r))}
	for i, rule := range r.Active {
		rule.Index = i
		switch {
		case rule.Detect != nil:
		case rule.Paths != nil || len(rule.Status) > 0 || rule.When != nil && rule.When.UsesFile:
			p.PerFile = append(p.PerFile, rule)
		default:
			p.PerChange = append(p.PerChange, rule)
		}
	}
	for _, rule := range r.Active {
		for _, login := range namedBy(rule) {
			if login != "" && login != "unknown" && !slices.Contains(p.Logins, login) {
				p.Logins = append(p.Logins, login)
			}
		}
	}
	for _, k := range r.Registry.Kinds {
		p.ByKind[k.ID] = r.RulesFor(k.ID)
	}
	for _, d := range r.Registry.Detectors {
		var asking []*ActiveRule
		bounded := false
		for _, k := range d.Kinds() {
			for _, rule := range p.ByKind[k.ID] {
				if !slices.Contains(asking, rule) {
					asking = append(asking, rule)
				}
			}
			bounded = bounded || len(r.Separate) > 0 && r.boundaryAsks(k.ID)
		}
		p.Asking = append(p.Asking, asking)
		p.Bounded = append(p.Bounded, bounded)
	}
	return p
}

// namedBy are the logins that a rule's actors and its condition name.
func namedBy(rule *ActiveRule) (logins []string) {
	for _, g := range rule.Actors {
		logins = append(logins, g.Login())
	}
	if rule.When != nil {
		logins = append(logins, rule.When.Logins...)
	}
	return logins
}

// pathSets are the path patterns of all rules, and then of all boundaries.
func pathSets(r *Rules) []*glob.Set {
	var sets []*glob.Set
	for _, rule := range r.Active {
		sets = append(sets, rule.Paths)
	}
	for i := range r.Boundaries {
		b := &r.Boundaries[i]
		b.sets = b.sets[:0]
		for _, part := range b.parts {
			b.sets = append(b.sets, len(sets))
			sets = append(sets, part.Paths)
		}
	}
	return sets
}

func (r *Rules) RulesFor(kind string) []*ActiveRule {
	var out []*ActiveRule
	for _, rule := range r.Active {
		if rule.Detect.Match(kind) {
			out = append(out, rule)
		}
	}
	return out
}

// Wants reports whether some detector in force needs the texts of this file.
// It looks at the path, status and mode of the file alone. The rules file
// itself is always read: see Propose.
func (r *Rules) Wants(f *change.File) bool {
	if IsRulesFile(f) {
		return true
	}
	n := r.Paths(f, make([]int, 0, 32))
	for i, d := range r.Registry.Detectors {
		if (r.Plan.Bounded[i] || r.Asks(i, n, nil)) && renamed.Wants(d, f) {
			return true
		}
	}
	return false
}

// Asks reports whether a rule asks for detector i on a file. applies may leave
// rules out; nil leaves none.
func (r *Rules) Asks(i int, n Paths, applies []bool) bool {
	for _, rule := range r.Plan.Asking[i] {
		if (applies == nil || applies[rule.Index]) && rule.MatchesFile(n) {
			return true
		}
	}
	return false
}

// Paths are a file and the path sets that hold it.
type Paths struct {
	File              *change.File
	Folded, OldFolded string
	Sets              []int // that hold the path, or the one before a rename
}

// Paths looks a file up in the index. The sets are appended to buf.
func (r *Rules) Paths(f *change.File, buf []int) Paths {
	n := Paths{File: f, Folded: glob.Fold(f.Path)}
	n.Sets = r.Plan.index.Match(f.Path, n.Folded, buf)
	if f.PreviousPath != "" && f.PreviousPath != f.Path {
		n.OldFolded = glob.Fold(f.PreviousPath)
		n.Sets = r.Plan.index.Match(f.PreviousPath, n.OldFolded, n.Sets)
	}
	return n
}

// in reports whether the file lies in a set, or lay in it before a rename.
func (n Paths) in(set int) bool { return slices.Contains(n.Sets, set) }

func (a *ActiveRule) MatchesFile(n Paths) bool {
	return (len(a.Status) == 0 || rulesfile.HasStatus(a.Status, n.File)) && (a.Paths == nil || n.in(a.Index))
}

// IsRulesFile reports whether a change of f changes the rules file of its
// repository. In an organisation's .github repository that is the
// organisation's too.
func IsRulesFile(f *change.File) bool {
	return f.Path == FileName || f.PreviousPath == FileName && f.Status == change.Renamed
}
