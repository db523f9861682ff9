package judge

import (
	"slices"
	"time"

	"github.com/gatehold/gatehold/internal/agent"
	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/policy"
)

// Bringing is what is known of the pull requests that a change brings along. The
// keeper proves by the history what they brought; whether it was released by what
// the rules in force here ask for is decided here.
type Bringing struct {
	Parts []Brought
	// Whole says that Parts brought every commit of the change. Where they did not,
	// Same are the paths whose content at the head is what Parts alone had left, and
	// nothing else can be left out.
	Whole bool
	Same  map[string]bool
}

// Brought is a pull request that went in before, with what released it.
type Brought struct {
	gate.BroughtPull // Counts is set where it cannot be left out, whatever the rules say
	MergedAt         time.Time
	Commits          []string // of the change, that it brought and none before it
	Paths            []string // of its files, by both names of those that were renamed
	Verdict          *gate.Verdict
	Choices          []gate.Choice // that stood when it was merged
}

// Bring is Change for a change that brings others along: what those alone have
// brought is left out of the score, where the rules that judge this change ask for
// nothing that they were not released by. Each is judged anew under these rules, by
// what is left of it here, so that what was let in by laxer rules counts in full.
// Whose the change is, and who had a part in it, follows from all of it.
func Bring(r *policy.Rules, c *change.Change, b *Bringing) gate.Verdict {
	if b == nil || len(b.Parts) == 0 {
		return Change(r, c)
	}
	w := &weighing{rules: r, change: c, given: b, parts: slices.Clone(b.Parts), owners: map[string][]int{}}
	w.decide()
	return without(r, c, w.left, w.crossed, &gate.Brings{Pulls: w.pulls()})
}

// InQueue is Bring for a merge group: what was left out of the score of the pull
// request that it merges is left out again, where the group makes the very same of
// it.
func InQueue(r *policy.Rules, c *change.Change, was *gate.Brings) gate.Verdict {
	if was == nil {
		return Change(r, c)
	}
	left := map[string]bool{}
	for i := range c.Files {
		if f := &c.Files[i]; known(f) && slices.Contains(was.Left, leftPrint(f)) {
			left[f.Path] = true
		}
	}
	return without(r, c, left, nil, &gate.Brings{Pulls: was.Pulls})
}

// weighing is the work on what can be left out of a score.
type weighing struct {
	rules   *policy.Rules
	change  *change.Change
	given   *Bringing
	parts   []Brought
	owners  map[string][]int // path: parts, by index
	left    map[string]bool
	crossed map[string]string // see crossing.first, of what is left out
}

func (w *weighing) decide() {
	for i := range w.parts {
		for _, path := range w.parts[i].Paths {
			w.owners[path] = append(w.owners[path], i)
		}
	}
	files := make([][]change.File, len(w.parts))
	for i := range w.change.Files {
		f := &w.change.Files[i]
		if by := w.broughtBy(f); w.may(f, by) {
			for _, part := range by {
				files[part] = append(files[part], *f)
			}
		}
	}
	w.crossed = map[string]string{}
	for i := range w.parts {
		if p := &w.parts[i]; p.Counts == "" && len(files[i]) > 0 {
			if crossed, ok := w.released(p, files[i]); !ok {
				p.Counts = gate.CountsMoreAsked
			} else {
				for name, path := range crossed {
					w.crossed[name] = path
				}
			}
		}
	}
	w.left = map[string]bool{}
	for i := range w.change.Files {
		f := &w.change.Files[i]
		by := w.broughtBy(f)
		if w.may(f, by) {
			w.left[f.Path] = true
			continue
		}
		for _, part := range by {
			if w.parts[part].Counts == "" {
				w.parts[part].Counts = gate.CountsMixed
			}
		}
	}
}

// broughtBy are the parts that brought a file: none, unless both of its names are
// known to be theirs.
func (w *weighing) broughtBy(f *change.File) []int {
	by := w.owners[f.Path]
	if f.PreviousPath == "" || f.PreviousPath == f.Path {
		return by
	}
	before := w.owners[f.PreviousPath]
	if len(by) == 0 || len(before) == 0 {
		return nil
	}
	both := slices.Concat(by, before)
	slices.Sort(both)
	return slices.Compact(both)
}

// may reports whether a file may be left out that some parts have brought. What the
// gate itself goes by never is.
func (w *weighing) may(f *change.File, by []int) bool {
	if len(by) == 0 || !known(f) || policy.IsRulesFile(f) || !w.given.Whole && (!w.given.Same[f.Path] || !plain(f)) {
		return false
	}
	return !slices.ContainsFunc(by, func(part int) bool {
		counts := w.parts[part].Counts
		return counts != "" && counts != gate.CountsMixed
	})
}

// known reports whether it is known what becomes of a file.
func known(f *change.File) bool { return f.Status == change.Removed || f.After.Blob != "" }

// plain reports whether nothing but its content can have become other than the
// parts left it: comparisons show no modes.
func plain(f *change.File) bool {
	switch {
	case f.Status == change.Changed:
		return false
	case f.Status == change.Removed || f.Mode == change.ModeFile:
		return f.PreviousMode == "" || f.Status == change.Removed || f.PreviousMode == change.ModeFile
	}
	return f.Mode == f.PreviousMode // of one that no rule reads neither is known
}

// released reports whether what released a part is enough for what is left of it
// here, by the rules that judge the change, and which boundaries that touches.
func (w *weighing) released(p *Brought, files []change.File) (crossed map[string]string, ok bool) {
	if p.Verdict == nil || p.MergedAt.IsZero() {
		return nil, false
	}
	c := w.alone(p, files)
	j := judgeWithin(w.rules, c, w.whose(p, c), false, maxWork/len(w.parts))
	v := j.verdict()
	switch {
	case len(v.Problems) > 0:
		return nil, false
	case v.Needs == nil:
		return j.crossing.first, true
	}
	for _, x := range v.Excluded {
		if !slices.ContainsFunc(p.Verdict.Excluded, func(o gate.Exclusion) bool { return o.Group == x.Group }) {
			return nil, false // nobody was asked whether they are of it
		}
	}
	// Who had a part is known from what was released: a commit that GitHub made of it
	// names who merged it. GitHub tells seconds: what was said within the last one may
	// have come before.
	by := slices.DeleteFunc(slices.Clone(p.Choices), func(c gate.Choice) bool {
		return !c.At.Before(p.MergedAt.Add(time.Second)) || hadPart(p.Verdict, c.By)
	})
	return j.crossing.first, v.Needs.Progress(by, p.MergedAt).Met
}

func hadPart(v *gate.Verdict, who gate.Actor) bool {
	return slices.ContainsFunc(v.Contributors, func(c gate.Contributor) bool { return c.Is(who) })
}

// alone is a part as a change of its own, into where the whole goes. What it said of
// itself was read when it was judged.
func (w *weighing) alone(p *Brought, files []change.File) *change.Change {
	c := *w.change
	c.Number, c.Files, c.Gaps, c.Title, c.Body, c.Issues = p.Number, files, nil, "", "", nil
	c.Author, c.Pusher, c.Pushers, c.Assignees, c.Commits = change.Actor{}, change.Actor{}, nil, nil, nil
	for _, who := range p.Verdict.Contributors {
		a := change.Actor{Login: who.Login, ID: who.ID}
		switch who.Role {
		case roleOpened:
			c.Author = a
		case rolePushed, rolePushedHead:
			c.Pushers = append(c.Pushers, a)
		}
	}
	for i := range w.change.Commits {
		if slices.Contains(p.Commits, w.change.Commits[i].SHA) {
			c.Commits = append(c.Commits, w.change.Commits[i])
		}
	}
	return &c
}

// whose says whose a part is: as was decided when all of it was known, and as its
// commits say to the rules in force here. Rules that ask for proof of a person
// believe no others that did not.
func (w *weighing) whose(p *Brought, c *change.Change) gate.Attribution {
	agents := w.rules.Agents
	by := joined(p.Verdict.Agent, attributeCommits(c, agent.Options{Known: agents.Known, Helpers: agents.Helpers}))
	if agents.PresumeAgent && !p.Verdict.Rules.Same(w.rules.Ref()) {
		by.Is, by.Presumed = true, by.Presumed || !by.Is
	}
	return by
}

func (w *weighing) pulls() []gate.BroughtPull {
	out := make([]gate.BroughtPull, 0, len(w.parts))
	for i := range w.parts {
		out = append(out, w.parts[i].BroughtPull)
	}
	slices.SortFunc(out, func(a, b gate.BroughtPull) int { return a.Number - b.Number })
	return out
}

func leftPrint(f *change.File) string { return gate.LeftPrint(f.Path, f.After.Blob) }

// without judges a change without some of its files. Detectors that look at the
// change as a whole are shown it whole too, for what they find in the others. Where
// those reach into a boundary, what is left out is on the other side of it.
func without(r *policy.Rules, c *change.Change, left map[string]bool, crossed map[string]string, brings *gate.Brings) gate.Verdict {
	kept := *c
	kept.Files = nil
	brings.Left = []string{}
	for i := range c.Files {
		if f := &c.Files[i]; left[f.Path] {
			brings.Left = append(brings.Left, leftPrint(f))
		} else {
			kept.Files = append(kept.Files, *f)
		}
	}
	slices.Sort(brings.Left)
	brings.New = len(kept.Files)
	j := begin(r, &kept, attribute(c, r.Agents), false, maxWork)
	j.whole, j.left, j.beside = whole(c), left, crossed
	j.judgeAll()
	j.judgeProposed()
	j.brings = brings
	return j.verdict()
}

// whole is a change as it is judged: its files sorted, and readable.
func whole(c *change.Change) *change.Change {
	sorted := *c
	sorted.Files = readable(sortedFiles(c.Files))
	return &sorted
}
