package judge

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/bound"
	"github.com/gatehold/gatehold/internal/detect/catalog"
	"github.com/gatehold/gatehold/internal/detect/gateconfig"
	"github.com/gatehold/gatehold/internal/detect/redact"
	"github.com/gatehold/gatehold/internal/detect/renamed"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/policy"
	"github.com/gatehold/gatehold/internal/rulesfile/when"
	"github.com/gatehold/gatehold/internal/words"
)

// run lets a detector look at one file. A detector that panics could not read
// it, and what nobody loaded nobody could read.
func (j *judgement) run(d detect.Detector, f *change.File) []detect.Observation {
	file := f
	if f.Before.State == change.NotLoaded || f.After.State == change.NotLoaded {
		file = j.notLoaded(f)
	}
	report := detect.NewReport(f.Path)
	d = j.rules.Under(gateconfig.Under(d, j.reader()))
	report.Conceal(func() *redact.Secrets { return j.secretsOf(f) })
	if d.Wants(file) {
		j.look(d, file, f.Path, report)
	}
	if fresh, ok := renamed.Anew(d, file); ok && j.paysMore(d, &fresh) {
		j.look(d, &fresh, f.Path, report)
	}
	if gone, ok := renamed.Withdrawn(d, file); ok && j.paysMore(d, &gone) {
		j.look(d, &gone, f.Path, report)
	}
	large := f.Before.Bytes() > largeText || f.After.Bytes() > largeText
	return graver(d, large, j.checked(report))
}

// look has a detector read one file, reported as the one at a path.
func (j *judgement) look(d detect.Detector, f *change.File, path string, report *detect.Report) {
	if why := guarded(func() { d.Detect(f, report) }); why != "" {
		report.Add(detect.Observation{Kind: unreadableKind(d), Path: path, Bound: true,
			Detail: "the detector " + d.Name() + " " + why})
	}
}

// paysMore takes what it costs to look at a renamed file once more.
func (j *judgement) paysMore(d detect.Detector, f *change.File) bool {
	if !j.work.pays(d, f) {
		j.work.leaves(f.Path)
		return false
	}
	return true
}

// runWhole lets a detector look at the change as a whole, and where files are left
// out of the score at the change with them too: what it finds in the others then is
// theirs.
func (j *judgement) runWhole(d detect.Whole) []detect.Observation {
	report := detect.NewReport("")
	report.Conceal(j.allSecrets)
	why := guarded(func() { d.DetectChange(j.change, report) })
	if j.whole != nil && why == "" {
		beside := detect.NewReport("")
		beside.Conceal(j.allSecrets)
		why = guarded(func() { d.DetectChange(j.whole, beside) })
		for _, o := range beside.Observations() {
			if !j.left[o.Path] {
				report.Add(o)
			}
		}
		report.Hidden += beside.Hidden
	}
	if why != "" {
		report.Add(detect.Observation{Kind: unreadableKind(d), Bound: true,
			Detail: "on the change as a whole the detector " + d.Name() + " " + why})
	}
	return graver(d, false, j.checked(report))
}

// secretsOf finds the secrets of the file that is looked at, once for all
// detectors.
func (j *judgement) secretsOf(f *change.File) *redact.Secrets {
	if j.secrets == nil || j.secretsIn != f.Path {
		j.work.looksForSecrets(f)
		j.secrets, j.secretsIn = redact.Of(f.Path, f.PreviousPath, f.Before.Body, f.After.Body), f.Path
	}
	return j.secrets
}

// allSecrets are those of all files, for who quotes one file in what it says of
// another.
func (j *judgement) allSecrets() *redact.Secrets {
	if j.everySecret == nil {
		files := j.change.Files
		if j.whole != nil {
			files = j.whole.Files
		}
		var texts []string
		for i := range files {
			f := &files[i]
			texts = append(texts, f.Path, f.PreviousPath, f.Before.Body, f.After.Body)
		}
		j.everySecret = redact.Of(texts...)
	}
	return j.everySecret
}

// judgeWhole runs the detectors that look at the change as a whole.
func (j *judgement) judgeWhole() {
	byPath := map[string]*change.File{}
	for i, d := range j.rules.Registry.Detectors {
		whole, ok := d.(detect.Whole)
		if !ok || !j.bounds(i) && !slices.ContainsFunc(j.rules.Plan.Asking[i], func(r *policy.ActiveRule) bool { return j.applies[r.Index] }) {
			continue
		}
		if len(byPath) == 0 {
			for k := range j.change.Files {
				byPath[j.change.Files[k].Path] = &j.change.Files[k]
			}
		}
		if !j.paysWhole(d) {
			continue
		}
		for _, o := range j.runWhole(whole) {
			var n *policy.Paths
			if f := byPath[o.Path]; f != nil {
				found := j.rules.Paths(f, nil)
				n = &found
			}
			j.observe(o, n)
			j.saw(o.Kind.ID)
			if beyond, ok := j.outsideKinds(o.Path, []string{o.Kind.ID}); ok && !j.outside[o.Path] {
				j.lies(beyond)
				j.observe(beyond, n)
			}
		}
	}
}

// checked drops what says nothing and what says the same twice.
func (j *judgement) checked(report *detect.Report) []detect.Observation {
	j.found.hidden += report.Hidden
	j.work.saw(len(report.Observations()))
	seen := report.Observations()
	if len(seen) < 2 {
		return slices.DeleteFunc(slices.Clone(seen), func(o detect.Observation) bool { return o.Kind == nil })
	}
	type place struct {
		kind, path, object, detail string
		line                       int
		removed                    bool
	}
	known := make(map[place]bool, len(seen))
	out := make([]detect.Observation, 0, len(seen))
	for _, o := range seen {
		if o.Kind == nil {
			continue
		}
		p := place{o.Kind.ID, o.Path, o.Object, o.Detail, o.Line, o.Removed}
		if !known[p] {
			known[p] = true
			out = append(out, o)
		}
	}
	return out
}

// guarded runs f and says why it did not come to its end: it failed, or was
// stopped at a bound. It is empty where it did.
func guarded(f func()) (why string) {
	defer func() {
		switch e := recover().(type) {
		case nil:
		case bound.Exceeded:
			why = "gave up: " + e.Error()
		default:
			why = "failed on it"
		}
	}()
	f()
	return ""
}

func unreadableKind(d detect.Detector) *detect.Kind {
	id := d.Name() + "/unreadable"
	for _, k := range d.Kinds() {
		if k.ID == id {
			return k
		}
	}
	return &detect.Kind{
		ID: id, Risk: 40, Title: "could not be read",
		Why:      "What cannot be read cannot be judged: anything might stand in it.",
		Controls: []string{detect.Measure27},
	}
}

// notLoaded turns sides that nobody fetched into sides that could not be read,
// and says so as a problem: it is a fault of ours, not of the change.
func (j *judgement) notLoaded(f *change.File) *change.File {
	out := *f
	for _, side := range []*change.Text{&out.Before, &out.After} {
		if side.State == change.NotLoaded {
			*side = change.Text{State: change.Unreadable, Blob: side.Blob, Reason: "its text was not fetched"}
		}
	}
	j.missing = append(j.missing, f.Path)
	return &out
}

// vars are the values of a condition.
func (j *judgement) vars(f *change.File, o *detect.Observation) when.Vars {
	if j.whenVars == nil {
		j.whenVars = &when.Vars{Change: whenChange(j.change), Agent: whenAgent(j.attribution)}
	}
	v := *j.whenVars
	if f == nil {
		f = &change.File{}
	}
	v.File = &when.File{
		Path: f.Path, PreviousPath: f.PreviousPath, Name: path.Base(f.Path), Ext: strings.ToLower(path.Ext(f.Path)),
		Status: string(f.Status), Mode: f.Mode, PreviousMode: f.PreviousMode,
		Additions: int64(f.Additions), Deletions: int64(f.Deletions),
	}
	if dir := path.Dir(f.Path); dir != "." {
		v.File.Dir = dir
	}
	if o != nil {
		v.Observation = &when.Observation{
			ID: o.Kind.ID, Detector: catalog.Namespace(o.Kind.ID), Path: o.Path, Line: int64(o.Line), Removed: o.Removed,
			Object: o.Object, Detail: o.Detail, Risk: int64(o.Kind.Risk),
		}
	}
	return v
}

// holds runs a condition, for each name by which the rules know the author and the
// pusher: who has a login that another had when they named it first is not whom they
// mean, and whom they mean may be called otherwise by now.
func (j *judgement) holds(c *when.Condition, v when.Vars) (bool, error) {
	if !c.UsesLogin {
		return c.Eval(v, &j.budget)
	}
	for _, author := range namesOf(j.change, j.change.Author) {
		for _, pusher := range namesOf(j.change, j.change.Pusher) {
			named := *v.Change
			named.Author.Login, named.Pusher.Login = author, pusher
			v.Change = &named
			if yes, err := c.Eval(v, &j.budget); yes || err != nil {
				return yes, err
			}
		}
	}
	return false, nil
}

// namesOf are the logins by which rules know an account: the first one is its own, as
// it is written.
func namesOf(c *change.Change, a change.Actor) []string {
	return append([]string{a.Login}, knownAs(c, a.Login, a.ID)[1:]...)
}

func whenChange(c *change.Change) *when.Change {
	out := &when.Change{
		Repository: c.Repository, Number: int64(c.Number), BaseRef: c.BaseRef, HeadRef: c.HeadRef,
		HeadRepository: c.HeadRepository, Fork: c.HeadRepository != "" && c.HeadRepository != c.Repository,
		Title: c.Title, Body: c.Body, Labels: c.Labels, Draft: c.Draft,
		Author: whenActor(c.Author), Pusher: whenActor(c.Pusher), Via: c.Via,
		Commits: int64(len(c.Commits)), Files: int64(len(c.Files)),
	}
	for i := range c.Files {
		out.Additions += int64(c.Files[i].Additions)
		out.Deletions += int64(c.Files[i].Deletions)
		out.Paths = append(out.Paths, c.Files[i].Path)
	}
	return out
}

func whenActor(a change.Actor) when.Actor {
	return when.Actor{Login: a.Login, ID: a.ID, Type: string(a.Type)}
}

func whenAgent(a gate.Attribution) *when.Agent {
	return &when.Agent{
		Is: a.Is, Strength: string(a.Strength), Presumed: a.Presumed, Names: a.Names,
		Instigators: a.Instigators, Automation: a.Automation,
	}
}

// incomplete says what of the change could not be read.
func (j *judgement) incomplete() []gate.Problem {
	var out []gate.Problem
	if gaps := j.change.Gaps; len(gaps) > 0 {
		said := make([]string, 0, 5)
		for _, g := range gaps[:min(len(gaps), 5)] {
			said = append(said, redact.Quote(words.ClipTo(g, 300)))
		}
		text := "The change could not be read whole: " + strings.Join(said, "; ")
		if len(gaps) > 5 {
			text += fmt.Sprintf("; and %d more", len(gaps)-5)
		}
		out = append(out, gate.Problem{Code: "change_incomplete", Subject: fmt.Sprint(len(gaps)),
			Text: strings.TrimSuffix(text, ".") +
				". What is not read is not judged harmless: " + j.restIsLookedAt() + "."})
	}
	if n := len(j.missing); n > 0 {
		out = append(out, gate.Problem{Code: "change_incomplete", Subject: fmt.Sprintf("%d texts, %s", n,
			redact.Text(j.missing[0])),
			Text: fmt.Sprintf("The texts of %s that the rules ask for were not fetched, %s first; it is judged again "+
				"once they are.", words.Plural(n, "file"), redact.Quote(words.ClipTo(j.missing[0], 200)))})
	}
	return out
}
