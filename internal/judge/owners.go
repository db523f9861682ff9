package judge

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect/redact"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/policy"
	"github.com/gatehold/gatehold/internal/rulesfile"
	"github.com/gatehold/gatehold/internal/rulesfile/codeowners"
	"github.com/gatehold/gatehold/internal/words"
)

// Who the code owners are is known once there is a change: a part of a need
// that asks for `codeowners` becomes one part for each set of owners that the
// changed files have, by CODEOWNERS at the tip of the base branch. What comes
// out names people, teams and roles only.
//
// A file more never makes the need easier. That leaves one answer to what a
// file without an owner asks for. Where no file has one, administrators stand
// in; if an owned file beside it took them away again, a change could choose its
// approver by touching a line of theirs. So each file without an owner that can
// answer is the administrators'.
const (
	standIn   = "role:admin"
	maxOwners = 12 // sets of owners that one part of a need asks for
)

// OwnersPlaces are where CODEOWNERS is looked for: the first that is there counts.
func OwnersPlaces() []string { return codeowners.Places() }

// UsesOwners reports whether some need in force asks for `codeowners`, or a
// rule for the spread over owners, so that Change.Owners has to be known before
// a change is judged.
func UsesOwners(r *policy.Rules) bool {
	if asksSpread(r) {
		return true
	}
	needs := append([]*gate.Need{r.Incomplete}, r.Needs[:]...)
	for _, rule := range r.Active {
		needs = append(needs, rule.Need)
	}
	for _, e := range r.Environments() {
		needs = append(needs, e.Need)
	}
	for _, w := range r.Workflows() {
		needs = append(needs, w.Need)
	}
	return slices.ContainsFunc(needs, func(n *gate.Need) bool { return n != nil && asksOwners(*n) })
}

func asksOwners(n gate.Need) bool {
	return slices.Contains(n.From, rulesfile.Owners) || slices.ContainsFunc(n.All, asksOwners) || slices.ContainsFunc(n.Any, asksOwners)
}

// ownership is who owns the files of a change.
type ownership struct {
	sets    [][]string // that can answer, each once, in an order that has no meaning
	files   int
	orphans int // files of which nobody is named who can answer
	absent  bool
	known   map[string]bool // contributors, as "@login": none of them can answer
}

// ownersOf reads CODEOWNERS for a change. The problem is not nil where nobody
// can say who the owners are; then all files are the administrators'.
func ownersOf(c *change.Change, v *gate.Verdict) (*ownership, *gate.Problem) {
	o := &ownership{known: map[string]bool{}}
	for _, who := range v.Contributors {
		o.known["@"+strings.ToLower(who.Login)] = true
	}
	var file *codeowners.File
	var problem *gate.Problem
	switch {
	case c.Owners.State == change.RulesFound && len(c.Owners.Text) > codeowners.MaxSize:
		o.absent = true // GitHub ignores it, and asks nobody
	case c.Owners.State == change.RulesFound:
		file = codeowners.Parse(string(c.Owners.Text))
	case c.Owners.State == change.RulesAbsent:
		o.absent = true
	default:
		problem = ownersUnreadable(c.Owners)
	}
	seen := map[string]bool{}
	add := func(path string) {
		o.files++
		set := o.resolve(file, path, c, v)
		if key := strings.Join(set, " "); !seen[key] {
			seen[key] = true
			o.sets = append(o.sets, set)
		}
	}
	for i := range c.Files {
		add(c.Files[i].Path)
		if f := &c.Files[i]; f.Status == change.Renamed && f.PreviousPath != "" {
			add(f.PreviousPath)
		}
	}
	if len(o.sets) == 0 {
		o.sets = [][]string{{standIn}}
	}
	return o, problem
}

func ownersUnreadable(f change.RulesFile) *gate.Problem {
	what := "could not be read"
	if f.State == change.RulesRefused {
		what = "is there and may not be used"
	}
	text := "The rules ask for code owners, and CODEOWNERS " + what
	if f.Name != "" {
		text += " (" + f.Name + ")"
	}
	if f.Reason != "" {
		text += ": " + strings.TrimSuffix(f.Reason, ".")
	}
	return &gate.Problem{Code: "owners_unreadable", Subject: fmt.Sprint(f.State),
		Text: redact.Quote(words.ClipTo(text, 1500)) + ". Administrators stand in; mend the file on the base branch."}
}

// resolve names the owners of a path that can answer. An address is nobody that
// GitHub could be asked about, teams are of the repository's organisation, and
// who is excluded by the rules can release nothing.
func (o *ownership) resolve(file *codeowners.File, path string, c *change.Change, v *gate.Verdict) []string {
	org, _, _ := strings.Cut(strings.ToLower(c.Repository), "/")
	var set []string
	if file != nil {
		for _, name := range file.Owners(path) {
			name = strings.ToLower(name)
			team, _, isTeam := strings.Cut(strings.TrimPrefix(name, "@"), "/")
			switch {
			case !rulesfile.UserName.MatchString(name) && !rulesfile.TeamName.MatchString(name):
			case isTeam && org != "" && team != org:
			case slices.ContainsFunc(v.Excluded, func(x gate.Exclusion) bool { return x.Group == name }):
			default:
				set = append(set, name)
			}
		}
	}
	if len(set) == 0 {
		o.orphans++
		return []string{standIn}
	}
	slices.Sort(set)
	return slices.Compact(set)
}

// name writes the owners into a need in the place of `codeowners`.
func (o *ownership) name(n gate.Need) gate.Need {
	if len(n.All)+len(n.Any) > 0 {
		n.All, n.Any = o.nameEach(n.All), o.nameEach(n.Any)
		return n
	}
	if !slices.Contains(n.From, rulesfile.Owners) {
		return n
	}
	var parts []gate.Need
	for _, from := range o.askedBeside(n) {
		part := n
		part.From = from
		parts = append(parts, part)
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return gate.Need{All: parts}
}

func (o *ownership) nameEach(parts []gate.Need) []gate.Need {
	var out []gate.Need
	for _, part := range parts {
		out = append(out, o.name(part))
	}
	return out
}

// askedBeside are the lists of those who may fill the parts that a leaf becomes:
// each set of owners with whom the leaf names beside them. A list that holds
// another is left out: whoever is of the smaller is of it too.
func (o *ownership) askedBeside(leaf gate.Need) [][]string {
	var lists [][]string
	for _, set := range o.sets {
		list := slices.Concat(set, leaf.From)
		list = slices.DeleteFunc(list, func(s string) bool { return s == rulesfile.Owners })
		if o.tooFew(list, leaf.Approvals) {
			list = append(list, standIn)
		}
		slices.Sort(list)
		lists = append(lists, slices.Compact(list))
	}
	slices.SortFunc(lists, func(a, b []string) int {
		if len(a) != len(b) {
			return len(a) - len(b)
		}
		return slices.Compare(a, b)
	})
	var kept [][]string
	for _, list := range lists {
		if !slices.ContainsFunc(kept, func(k []string) bool { return within(k, list) }) {
			kept = append(kept, list)
		}
	}
	if len(kept) <= maxOwners {
		return kept
	}
	return append(kept[:maxOwners:maxOwners], []string{standIn})
}

// tooFew reports whether a list names single people only, and not as many who
// had no part in the change as are asked for: nobody could ever fill it.
func (o *ownership) tooFew(list []string, approvals int) bool {
	able := 0
	for _, s := range list {
		if !rulesfile.UserName.MatchString(s) {
			return false
		}
		if !o.known[s] {
			able++
		}
	}
	return able < max(approvals, 1)
}

func within(small, large []string) bool {
	return !slices.ContainsFunc(small, func(s string) bool { return !slices.Contains(large, s) })
}

// say is a sentence about what is not plain from the need itself.
func (o *ownership) say() string {
	switch {
	case o.absent:
		return "Administrators stand in for code owners: the base branch has no CODEOWNERS that GitHub reads."
	case len(o.sets) > maxOwners:
		return fmt.Sprintf("The files have %d sets of code owners: %d are asked, and an administrator in addition for "+
			"the rest.", len(o.sets), maxOwners)
	case o.orphans > 0:
		return fmt.Sprintf("Administrators stand in where CODEOWNERS names nobody who could answer: for %d of the %s.",
			o.orphans, words.Plural(o.files, "changed path"))
	}
	return ""
}

// ownedNeed is a need with the owners of this change's files in the place of
// `codeowners`. Without a change, as when a record is weighed, it stays as it is.
func (j *judgement) ownedNeed(n *gate.Need, v *gate.Verdict) (*gate.Need, *gate.Problem) {
	if n == nil || j.change == nil || !asksOwners(*n) {
		return n, nil
	}
	o, problem := ownersOf(j.change, v)
	named := o.name(*n)
	j.owners = o
	return &named, problem
}
