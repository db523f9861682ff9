// Package workflow reads GitHub Actions workflows and composite actions and
// reports what a change makes more dangerous: a token that may do more, code of
// outsiders that runs with secrets, an environment that no longer holds a
// deployment, a check that no longer checks, an action that its owner can
// replace under our feet.
//
// Each text is read into one syntax tree (bounded by internal/detect/tree) and
// audited by itself; what was so before the change is then taken away. What
// only a comparison can tell (a permission that grew, a job that went) is
// compared job by job. Comments never count: an agent can write them.
//
// A file that cannot be read is reported as workflow/unreadable.
package workflow

import (
	"errors"
	"path"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
)

type detector struct{}

// New returns the detector of GitHub Actions.
func New() detect.Detector { return detector{} }

func (detector) Name() string { return "workflow" }

func (detector) Kinds() []*detect.Kind { return shipped.All() }

// Wants takes .github/workflows/*.yml at any depth (a file in a subfolder does
// not run, one that is moved up does), every action.yml, and the programs of the
// repository's own actions.
func (detector) Wants(f *change.File) bool {
	return isWorkflow(f.Path) || isAction(f.Path) || isWorkflow(f.PreviousPath) || isAction(f.PreviousPath) || isProgram(f.Path)
}

func isYAML(p string) bool { return strings.HasSuffix(p, ".yml") || strings.HasSuffix(p, ".yaml") }

func isWorkflow(p string) bool {
	return isYAML(p) && strings.HasPrefix(p, ".github/workflows/") || isYAML(p) && strings.Contains(p, "/.github/workflows/")
}

func isAction(p string) bool {
	base := path.Base(p)
	return base == "action.yml" || base == "action.yaml"
}

// hit is an observation with the key that says when two are the same thing.
type hit struct {
	kind    *detect.Kind
	key     string
	line    int
	removed bool
	object  string
	detail  string
}

// Detect reports what is in the text after and was not in the text before.
func (detector) Detect(f *change.File, r *detect.Report) {
	if isProgram(f.Path) {
		add(r, programHits(f))
		return
	}
	old, now := f.Before, f.After
	if f.PreviousPath != "" {
		// A file that is moved in starts to run, one that is moved out stops.
		if !isWorkflow(f.PreviousPath) && !isAction(f.PreviousPath) {
			old = change.NoText()
		} else if !isWorkflow(f.Path) && !isAction(f.Path) {
			now = change.NoText()
		}
	}
	if old.State == change.Loaded && now.State == change.Loaded && old.Body == now.Body {
		return
	}
	before, beforeErr := side(f, old)
	after, afterErr := side(f, now)
	if afterErr != nil {
		r.Add(unreadable(f, afterErr))
		return
	}
	if after == nil {
		if before != nil {
			add(r, deleted(before, path.Base(f.Path)))
		} else if beforeErr != nil {
			o := unreadable(f, beforeErr)
			o.Removed = true
			r.Add(o)
		}
		return
	}
	var known []hit
	if before != nil {
		known = audit(before)
	}
	add(r, news(known, audit(after)))
	if before != nil {
		add(r, compare(before, after))
	} else {
		add(r, created(after))
	}
}

// side reads one text; nil without a reason means that it does not exist, or
// that it is not a workflow at all on this side of a rename.
func unreadable(f *change.File, err error) detect.Observation {
	o := detect.Unread(kindUnreadable, err)
	o.Object = path.Base(f.Path)
	return o
}

func side(f *change.File, t change.Text) (*file, error) {
	switch {
	case t.State == change.Absent:
		return nil, nil
	case t.State == change.NotLoaded:
		return nil, errors.New("its text was not loaded")
	case t.State == change.Unreadable:
		return nil, errors.New(t.Reason)
	case isAction(f.Path) && !isWorkflow(f.Path):
		return readAction(t.Body)
	}
	return read(t.Body)
}

// audit lists everything about one text that is dangerous by itself. What
// never runs is not; the change that lets it run shows it as new.
func audit(f *file) []hit {
	var out []hit
	out = append(out, auditTriggers(f)...)
	out = append(out, auditPermissions(f)...)
	out = append(out, auditEnvSecrets("workflow", f.envExpr, f.env)...)
	out = append(out, auditLoaders("workflow", f.env)...)
	for i := range f.jobs {
		j := &f.jobs[i]
		if never(j.ifs.s) {
			continue
		}
		out = append(out, auditJob(f, j)...)
		for k := range j.steps {
			if !never(j.steps[k].ifs.s) {
				out = append(out, auditStep(f, j, &j.steps[k])...)
			}
		}
	}
	return out
}

// news takes what was there before away: as many of a key as there were.
func news(before, after []hit) []hit {
	have := map[string]int{}
	for _, h := range before {
		have[h.kind.ID+"\x00"+h.key]++
	}
	var out []hit
	for _, h := range after {
		id := h.kind.ID + "\x00" + h.key
		if have[id] > 0 {
			have[id]--
			continue
		}
		out = append(out, h)
	}
	return out
}

func add(r *detect.Report, hits []hit) {
	for _, h := range hits {
		r.Add(detect.Observation{Kind: h.kind, Line: h.line, Removed: h.removed, Object: h.object, Detail: h.detail})
	}
}
