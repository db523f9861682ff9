package gate

import (
	"path"
	"slices"
	"strings"
)

// Lane is the branches among which a green check may count: what the check of a
// lane says is worth nothing in any other. The default branch is a lane of its
// own, the zero value. Any other is called by the pattern in the rules that its
// branches match, or by the one branch that it is.
type Lane string

// The lanes that no pattern names. No branch's name holds a space, so none can
// be called like NoLane, to which all branches belong that nothing protects.
const (
	DefaultLane Lane = ""
	NoLane      Lane = "no lane"
)

// CheckName is the name of the check run that is to be required on the default
// branch. Those of the other lanes, and of deployments, begin with it.
const CheckName = "gatehold"

// lanePrefix begins the names of the checks of the other lanes.
const lanePrefix = CheckName + ": "

// Check is the name of the check run that the lane's branches require, and that
// those of no other do. NoLane's is required nowhere.
func (l Lane) Check() string {
	switch {
	case l == DefaultLane:
		return CheckName
	case strings.EqualFold(lanePrefix+string(l), RunCheck): // a branch called like the check of a deploy
		return lanePrefix + "branch " + string(l)
	}
	return lanePrefix + string(l)
}

// LaneOfCheck is the lane whose check has a name; false where none's has.
func LaneOfCheck(name string) (Lane, bool) {
	called, other := strings.CutPrefix(name, lanePrefix)
	switch {
	case !other:
		return DefaultLane, name == CheckName
	case name == NoLane.Check():
		return NoLane, true
	}
	lane := Lane(strings.TrimPrefix(called, "branch "))
	return lane, IsLanePattern(string(lane)) && lane.Check() == name
}

// maxLaneName is the longest name of a branch that GitHub takes, in bytes.
const maxLaneName = 255

// IsLanePattern reports whether branches can be named so: by their name, or with
// * and ? within a part of it, and ** for any parts. All else that git or
// GitHub's rulesets read as something special is no part of it.
func IsLanePattern(pattern string) bool {
	if pattern == "" || len(pattern) > maxLaneName || strings.HasPrefix(pattern, "refs/") {
		return false
	}
	for part := range strings.SplitSeq(pattern, "/") {
		if part == "" || strings.HasPrefix(part, ".") || strings.Contains(part, "**") && part != "**" {
			return false
		}
	}
	return !strings.ContainsFunc(pattern, func(r rune) bool { return r <= ' ' || r == 0x7F || strings.ContainsRune(`[]{}\^~:!,"'`, r) })
}

// Lanes are what the branches of a repository belong to, as it is on record.
type Lanes struct {
	Default string `json:"default"` // the default branch; empty: not known
	// Named are the patterns of the rules: the organisation's, then the
	// repository's. Where two match, the first counts.
	Named []string `json:"named,omitempty"`
	// Protected are branches that no pattern names and that GitHub guards: each
	// is a lane by itself.
	Protected []string `json:"protected,omitempty"`
	// Own are those of Protected of which GitHub requires their very check: a
	// branch that its administrators have named, and that brings its own rules.
	Own []string `json:"own,omitempty"`
}

// OwnRules reports whether changes into a branch are judged under its own rules.
// Those of a branch that anybody may make count for nothing.
func (l *Lanes) OwnRules(branch string) bool {
	if l == nil || branch == l.Default || slices.Contains(l.Own, branch) {
		return true
	}
	return slices.ContainsFunc(l.Named, func(p string) bool { return matchesBranch(p, branch) })
}

// maxGuarded bounds the lanes that are no more than a branch.
const maxGuarded = 200

// WithGuarded are the lanes with the branches that GitHub guards, sorted: those
// that are named already are left out. Past a bound no more become lanes, so that
// nothing is green there.
func (l *Lanes) WithGuarded(protected, own []string) *Lanes {
	out := &Lanes{Default: l.Default, Named: l.Named}
	for _, branch := range slices.Compact(slices.Sorted(slices.Values(protected))) {
		if out.Of(branch) == NoLane && IsLanePattern(branch) && len(out.Protected) < maxGuarded {
			out.Protected = append(out.Protected, branch)
		}
	}
	for _, branch := range out.Protected {
		if slices.Contains(own, branch) {
			out.Own = append(out.Own, branch)
		}
	}
	return out
}

// Of is the lane of a branch. Where the default branch or the branch itself is
// not known, it is the default branch's: what is held counts there at least.
// GitHub knows checks by names without letter case, branches with it: patterns
// that differ in nothing else are one lane.
func (l *Lanes) Of(branch string) Lane {
	if l == nil || l.Default == "" || branch == "" || branch == l.Default {
		return DefaultLane
	}
	for _, pattern := range l.Named {
		if matchesBranch(pattern, branch) {
			return l.called(pattern)
		}
	}
	if slices.Contains(l.Protected, branch) {
		return l.called(branch)
	}
	return NoLane
}

// called is the name of a lane as it is first listed.
func (l *Lanes) called(name string) Lane {
	for _, other := range slices.Concat(l.Named, l.Protected) {
		if strings.EqualFold(other, name) {
			return Lane(other)
		}
	}
	return Lane(name)
}

// Wide reports whether several branches can belong to a lane, so that what was
// said for one may be read for another.
func (l *Lanes) Wide(lane Lane) bool {
	if lane == DefaultLane || lane == NoLane {
		return false
	}
	if strings.ContainsAny(string(lane), "*?") {
		return true
	}
	alike := 0
	if l != nil {
		for _, other := range slices.Concat(l.Named, l.Protected) {
			if strings.EqualFold(other, string(lane)) {
				alike++
			}
		}
	}
	return alike > 1
}

// Stands reports whether what a lane's check said for a base branch may stay
// where no gate of the lane has the commit as its head any more: it was said for
// the one branch that the lane is, and no other can be meant.
func (l *Lanes) Stands(lane Lane, bases []string) bool {
	if lane == NoLane { // required nowhere
		return true
	}
	if l.Wide(lane) || len(bases) == 0 {
		return false
	}
	return !slices.ContainsFunc(bases, func(base string) bool { return base == "" || l.Of(base) != lane })
}

// Equal compares what branches belong to.
func (l *Lanes) Equal(other *Lanes) bool {
	if l == nil || other == nil {
		return l == other
	}
	return l.Default == other.Default && slices.Equal(l.Named, other.Named) &&
		slices.Equal(l.Protected, other.Protected) && slices.Equal(l.Own, other.Own)
}

// Keys are what a ruleset has to be about to hold each branch of a pattern:
// GitHub reads ** as any parts only before a slash.
func (l Lane) Keys() []string {
	pattern := string(l)
	if pattern == "**" || strings.HasSuffix(pattern, "/**") {
		return []string{pattern, pattern + "/*"}
	}
	return []string{pattern}
}

// matchesBranch matches a branch against a pattern, part by part: ** is any
// number of parts, at the end at least one.
func matchesBranch(pattern, branch string) bool {
	parts, names := strings.Split(pattern, "/"), strings.Split(branch, "/")
	reach := make([]bool, len(names)+1) // which numbers of names the parts so far can have used up
	reach[0] = true
	for i, part := range parts {
		next := make([]bool, len(names)+1)
		for n, ok := range reach {
			switch {
			case !ok:
			case part == "**":
				first := n
				if i == len(parts)-1 {
					first = n + 1
				}
				for k := first; k <= len(names); k++ {
					next[k] = true
				}
			case n < len(names):
				met, err := path.Match(part, names[n])
				next[n+1] = next[n+1] || met && err == nil
			}
		}
		reach = next
	}
	return reach[len(names)]
}

// WithDefault takes another default branch at an event's word: what was green
// for the one before must not count for it until that was looked at.
func (l *Lanes) WithDefault(branch string) *Lanes {
	if l == nil || branch == "" || branch == l.Default {
		return l
	}
	other := *l
	other.Default = branch
	return &other
}

// The actions of what is seen on the stream of a repository.
const (
	RulesChanged       = "rules_changed"       // on the branch BaseRef
	OrgRulesChanged    = "org_rules_changed"   // those of the organisation
	Installed          = "installed"           // the App may see the repository from now on
	EnforcementChanged = "enforcement_changed" // what makes GitHub wait
	WorkflowsChanged   = "workflows_changed"   // what can deploy, on the default branch
	BranchSeen         = "branch_seen"         // BaseRef is merged into, and it is not known what enforces it
	Renamed            = "renamed"             // the repository has another name, or is heard of for the first time
	Moved              = "moved"               // it has another owner, or the App another installation there
	Archived           = "archived"            // GitHub takes nothing there
	Unarchived         = "unarchived"          // it does again
	LanesChanged       = "lanes_changed"       // branches belong to other lanes than before, or may
	LanesUnsure        = "lanes_unsure"        // they may belong to others than is on record: only reading them tells
)

// Enforcement is what makes GitHub wait for a gate: the required check on a
// branch, or the protection rule on an environment.
type Enforcement struct {
	Branch      string `json:"branch,omitempty"` // one of the two is set
	Environment string `json:"environment,omitempty"`
	// Lane is that of the branch: by its check GitHub has to wait.
	Lane     Lane `json:"lane,omitempty"`
	Enforced bool `json:"enforced"`
	// Guarded says that GitHub guards the branch in some way, by a ruleset or by
	// branch protection, so that it is a lane.
	Guarded bool `json:"guarded,omitempty"`
	// Missing are sentences: what is not as it has to be, and what to do.
	Missing []string `json:"missing,omitempty"`
	// Bypass names who can pass by it, as far as GitHub tells.
	Bypass []string `json:"bypass,omitempty"`
	// Unknown says why it could not be told; then Enforced is false.
	Unknown string `json:"unknown,omitempty"`
}
