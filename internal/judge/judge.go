// Package judge turns rules and a change into a verdict: Change for pull requests
// and merge groups, Deploy for deployments, Run for workflow runs.
//
// Everything here is pure and deterministic: the same rules and the same change
// give the same verdict byte for byte, in whatever order the change's files
// come.
//
// What fails, fails closed: a file that cannot be read, a detector that panics, a
// condition that errs, a change that is not complete, each is a Problem or a
// Finding in the verdict, never an absence of one.
package judge

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/agent"
	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/judged"
	"github.com/gatehold/gatehold/internal/detect/redact"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/policy"
	"github.com/gatehold/gatehold/internal/rulesfile"
	"github.com/gatehold/gatehold/internal/rulesfile/glob"
	"github.com/gatehold/gatehold/internal/rulesfile/when"
	"github.com/gatehold/gatehold/internal/words"
)

// Change turns a change into a verdict. It does not keep or alter c.
func Change(r *policy.Rules, c *change.Change) gate.Verdict {
	j := judge(r, c, attribute(c, r.Agents), false)
	j.judgeProposed()
	return j.verdict()
}

// judge asks all rules and detectors about a change that is whose a says. What is
// merged is a part of a branch.
func judge(r *policy.Rules, c *change.Change, a gate.Attribution, merged bool) *judgement {
	return judgeWithin(r, c, a, merged, maxWork)
}

// judgeWithin judges with a budget in bytes.
func judgeWithin(r *policy.Rules, c *change.Change, a gate.Attribution, merged bool, work int) *judgement {
	j := begin(r, c, a, merged, work)
	j.judgeAll()
	return j
}

// begin is a judgement before anything is looked at.
func begin(r *policy.Rules, c *change.Change, a gate.Attribution, merged bool, work int) *judgement {
	sorted := whole(c)
	j := &judgement{
		rules: r, change: sorted, merged: merged, budget: when.Budget, work: budget{most: work},
		attribution: a,
		risk:        make([]int, len(r.Active)),
		applies:     make([]bool, len(r.Active)),
		shown:       make([]int, len(r.Active)),
		outside:     map[string]bool{},
		crossing:    newCrossing(r),
		found:       findings{same: newSameness(sorted)},
	}
	for i, rule := range r.Active {
		j.applies[i] = j.ruleApplies(rule)
	}
	return j
}

// judgeAll asks all rules and detectors.
func (j *judgement) judgeAll() {
	j.readIssues() // first: what a human declared is named before what the change says of itself
	j.intents = append(j.intents, readIntents(j.change.Body)...)
	j.judgeChange()
	for i := range j.change.Files {
		j.judgeFile(&j.change.Files[i])
	}
	j.judgeWhole()
	j.judgeUnread()
	j.judgeBoundaries()
	j.judgeSpread()
}

// attribute guards against a fault in the reading of hostile commit data: what
// cannot be attributed counts as an agent's.
func attribute(c *change.Change, o agent.Options) gate.Attribution {
	return fenced(agent.Attribute, c, o)
}

// attributeCommits is attribute for what nobody proposed.
func attributeCommits(c *change.Change, o agent.Options) gate.Attribution {
	return fenced(agent.AttributeCommits, c, o)
}

func fenced(by func(*change.Change, agent.Options) gate.Attribution, c *change.Change, o agent.Options) (out gate.Attribution) {
	defer func() {
		if recover() != nil {
			out = gate.Attribution{Is: true, Strength: gate.None, Presumed: true}
		}
	}()
	o.Conceal = redact.Text
	return by(c, o)
}

// sortedFiles is a copy of files in an order that depends on nothing but them.
func sortedFiles(files []change.File) []change.File {
	byPath := func(a, b change.File) int {
		if c := strings.Compare(a.Path, b.Path); c != 0 {
			return c
		}
		return cmp.Or(strings.Compare(a.PreviousPath, b.PreviousPath),
			strings.Compare(string(a.Status), string(b.Status)), strings.Compare(a.Mode, b.Mode),
			strings.Compare(a.PreviousMode, b.PreviousMode), cmp.Compare(a.Additions, b.Additions),
			cmp.Compare(a.Deletions, b.Deletions), compareTexts(a.Before, b.Before), compareTexts(a.After, b.After))
	}
	if slices.IsSortedFunc(files, byPath) {
		return files
	}
	out := slices.Clone(files)
	slices.SortFunc(out, byPath)
	return out
}

func compareTexts(a, b change.Text) int {
	return cmp.Or(cmp.Compare(a.State, b.State), strings.Compare(a.Body, b.Body), strings.Compare(a.Blob, b.Blob),
		strings.Compare(a.Reason, b.Reason))
}

// judgement is the work on one change.
type judgement struct {
	rules       *policy.Rules
	change      *change.Change
	attribution gate.Attribution
	merged      bool   // it is a part of a branch, and no proposal
	applies     []bool // per rule: it may match this change at all
	risk        []int  // per rule: the highest risk among its matches; 0: none
	shown       []int  // per rule: findings of paths that were kept
	found       findings
	sets        []int // of the file that is looked at: kept to spare allocations
	problems    []gate.Problem
	unreadRisk  int      // of what nobody could read and no rule asked about
	missing     []string // paths whose texts nobody fetched
	intents     []intent
	outside     map[string]bool // paths that were found to lie outside of one
	beyond      []gate.Outside  // the same, as it is told
	seen        map[string]bool // kinds that were observed, where there are intents
	notes       []string        // that hold nothing
	crossing    crossing
	proposed    *gate.Proposal // where the change touches the rules file
	owners      *ownership     // where the need asks for code owners
	whenVars    *when.Vars
	budget      uint64 // of conditions
	work        budget

	// Where files are left out of the score: the change with them, their paths, the
	// boundaries that they touch, and what is said of it.
	whole  *change.Change
	left   map[string]bool
	beside map[string]string
	brings *gate.Brings

	secrets     *redact.Secrets // of the file secretsIn
	secretsIn   string
	everySecret *redact.Secrets // of all files; nil before somebody asks
}

// ruleApplies looks at what does not depend on a file: whose change it is,
// where it goes, how it is labelled.
func (j *judgement) ruleApplies(rule *policy.ActiveRule) bool {
	c := j.change
	switch {
	case !rule.Everyone && !j.attribution.Is:
		return false
	case len(rule.Actors) > 0 && !j.anyActor(rule.Actors):
		return false
	case rule.Branches != nil && !rule.Branches.Match(c.BaseRef, glob.Fold(c.BaseRef)):
		return false
	case len(rule.Labels) > 0:
		return slices.ContainsFunc(c.Labels, func(l string) bool { return rulesfile.MatchName(rule.Labels, strings.ToLower(l)) })
	}
	return true
}

// anyActor reports whether one of those who made the change is meant: who opened
// it, pushed any of it or wrote a commit, and the agent. Who has no account is
// "unknown", which only `*` and "unknown" match: nobody is left out because his
// e-mail leads nowhere.
func (j *judgement) anyActor(globs []rulesfile.NameGlob) bool {
	c := j.change
	if anyOf(globs, j.attribution.Names) || anyOf(globs, knownAs(c, c.Author.Login, c.Author.ID)) {
		return true
	}
	pushed := slices.Clone(c.Pushers)
	if c.Pusher != (change.Actor{}) {
		pushed = append(pushed, c.Pusher)
	}
	return slices.ContainsFunc(pushed, func(a change.Actor) bool {
		return !a.IsTransport() && anyOf(globs, knownAs(c, a.Login, a.ID))
	}) || slices.ContainsFunc(c.Commits, func(one change.Commit) bool {
		return anyOf(globs, knownAs(c, one.Author.Login, one.Author.ID))
	})
}

// judgeChange asks the rules that look at the change alone.
func (j *judgement) judgeChange() {
	for _, rule := range j.rules.Plan.PerChange {
		if j.applies[rule.Index] && j.when(rule, nil, nil) {
			j.match(rule, gate.Finding{Risk: rule.Risk, Message: "The change as a whole: " +
				strings.TrimSuffix(cmp.Or(rule.Message, rule.Title), ".") + ".", Why: rule.Why})
		}
	}
	for _, o := range j.intentFaults() {
		j.observe(o, nil)
	}
}

// judgeFile asks the rules that look at files, and the detectors.
func (j *judgement) judgeFile(given *change.File) {
	own := given.Caching()
	f := &own
	n := j.rules.Paths(f, j.sets[:0])
	j.sets = n.Sets
	for _, rule := range j.rules.Plan.PerFile {
		if j.applies[rule.Index] && rule.MatchesFile(n) && j.when(rule, f, nil) {
			j.matchPath(rule, f)
		}
	}
	j.crossing.file(n)
	kinds, seen := []string{}, looked{}
	for i, d := range j.rules.Registry.Detectors {
		if !j.bounds(i) && !j.rules.Asks(i, n, j.applies) || !j.reads(d, f, &seen) {
			continue
		}
		for _, o := range j.run(d, f) {
			kinds = append(kinds, o.Kind.ID)
			j.observe(o, &n)
		}
	}
	j.saw(kinds...)
	if o, ok := j.outsideIntent(n, kinds); ok {
		j.lies(o)
		j.observe(o, &n)
	}
}

// asksFor reports whether a rule that may match this change names the kind.
func (j *judgement) asksFor(kind string) bool {
	return slices.ContainsFunc(j.rules.Plan.ByKind[kind], func(r *policy.ActiveRule) bool { return j.applies[r.Index] })
}

// bounds reports whether detector i says to which boundary a file belongs, for
// a rule that this change can break.
func (j *judgement) bounds(i int) bool {
	return j.rules.Plan.Bounded[i] && j.asksFor(judged.Crossed.ID)
}

// observe asks the rules that name this observation. What a detector could not
// read counts at its own risk even where no rule names it, or one only watches.
func (j *judgement) observe(o detect.Observation, n *policy.Paths) {
	j.crossing.observation(o)
	rules, known := j.rules.Plan.ByKind[o.Kind.ID]
	if !known {
		rules = j.rules.RulesFor(o.Kind.ID)
	}
	matched := false // in earnest
	for _, rule := range rules {
		if !j.applies[rule.Index] || !matchesPlace(rule, o, n) {
			continue
		}
		var f *change.File
		if n != nil {
			f = n.File
		}
		if j.when(rule, f, &o) {
			finding := observed(rule, o)
			matched = matched || !rule.Observe && finding.Risk >= o.Kind.Risk
			j.match(rule, finding)
		}
	}
	if !matched && unreadable(o.Kind.ID) {
		j.unreadable(o)
	}
}

// matchesPlace reports whether the rule's paths and status let o through.
func matchesPlace(a *policy.ActiveRule, o detect.Observation, n *policy.Paths) bool {
	if n != nil {
		return a.MatchesFile(*n)
	}
	if a.Paths == nil && len(a.Status) == 0 {
		return true
	}
	return len(a.Status) == 0 && o.Path != "" && a.Paths.Match(o.Path, glob.Fold(o.Path))
}

// when runs a rule's condition. One that fails counts as true, and is said.
func (j *judgement) when(rule *policy.ActiveRule, f *change.File, o *detect.Observation) bool {
	if rule.When == nil {
		return true
	}
	yes, err := j.holds(rule.When, j.vars(f, o))
	if err == nil {
		return yes
	}
	text := fmt.Sprintf("The condition of rule %s failed (%s), so the rule counts as matched; whoever owns the rules must "+
		"repair its `when`.", rule.FullID, firstLine(err.Error()))
	if !slices.ContainsFunc(j.problems, func(p gate.Problem) bool { return p.Text == text }) && len(j.problems) < 20 {
		j.problems = append(j.problems, gate.Problem{Code: "condition_failed", Subject: rule.FullID, Text: text})
	}
	return true
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return words.Clip(line)
}
