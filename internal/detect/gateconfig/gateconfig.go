// Package gateconfig reads what holds changes back: gatehold's own rules,
// CODEOWNERS, rulesets, branch protection and environments kept as code, an
// App's manifest, and bots that merge by themselves. It reports what a change
// takes away from them; making them stricter is quiet.
//
// What Terraform says about GitHub is for the detector of Terraform.
package gateconfig

import (
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/tree"
)

// Rules tells how gatehold's own rules files differ. What such a file means is
// known to one reader only, which enforces it; this room cannot reach it.
type Rules interface {
	// Weaker lists the ways in which what is in force under the text after is, or
	// may be, weaker than under the text before; none where it is as strict for
	// certain. Its error says why the text after cannot be used.
	Weaker(before, after string) ([]Weakening, error)
}

// Weakening is one way in which rules became weaker.
type Weakening struct {
	At     []string // the keys that lead to it from the top; an entry of a list by its id
	Detail string   // a clause: "1h to nothing"
}

type detector struct{ rules Rules }

// New returns the detector.
func New(rules Rules) detect.Detector { return detector{rules} }

// Under is this detector with another reader of rules files, and any other
// detector as it is.
func Under(d detect.Detector, rules Rules) detect.Detector {
	if _, is := d.(detector); is {
		return New(rules)
	}
	return d
}

func (detector) Name() string          { return "gateconfig" }
func (detector) Kinds() []*detect.Kind { return shipped.All() }
func (detector) Wants(f *change.File) bool {
	return classOf(f.Path) != other || f.PreviousPath != "" && classOf(f.PreviousPath) != other
}

// class is how a file is read.
type class uint8

const (
	other  class = iota
	rules        // gatehold's own
	owners       // CODEOWNERS
	protection
	manifest
	merger
)

// named are the files that their own name tells, in lower case.
var named = map[string]class{
	"codeowners":   owners,
	"gatehold.yml": rules, "gatehold.yaml": rules,
	"app.yml": manifest, "app.yaml": manifest, "app-manifest.json": manifest, "app_manifest.json": manifest,
	"dependabot.yml": merger, "dependabot.yaml": merger, ".mergify.yml": merger, ".bulldozer.yml": merger, ".policy.yml": merger,
	"safe-settings.yml": protection, "suborg.yml": protection,
}

func classOf(path string) class {
	low := strings.ToLower(path)
	base := low[strings.LastIndexByte(low, '/')+1:]
	if c, is := named[base]; is {
		return c
	}
	switch {
	case configuresMerger(low, base):
		return merger
	case data(base) && configuresProtection(low, base):
		return protection
	}
	return other
}

func configuresMerger(low, base string) bool {
	return strings.HasPrefix(base, "renovate.json") || strings.HasPrefix(base, ".renovaterc") || low == ".github/mergify.yml" ||
		base == "auto-merge.yml" && strings.HasPrefix(low, ".github/") && !strings.Contains(low, "/workflows/")
}

// protectionFolders begin the paths under which the settings of repositories
// and environments are kept.
var protectionFolders = []string{".github/repos/", ".github/suborgs/", ".github/environments"}

func configuresProtection(low, base string) bool {
	return low == ".github/settings.yml" || low == ".github/settings.yaml" ||
		slices.ContainsFunc(protectionFolders, func(folder string) bool { return strings.HasPrefix(low, folder) }) ||
		strings.Contains(low, "rulesets/") || strings.Contains(base, "ruleset") ||
		strings.Contains(low, "branch-protection/") ||
		strings.Contains(base, "branch-protection") || strings.Contains(base, "branch_protection")
}

func data(base string) bool {
	for _, ext := range []string{".yml", ".yaml", ".json", ".jsonc"} {
		if strings.HasSuffix(base, ext) {
			return true
		}
	}
	return false
}

func (d detector) Detect(f *change.File, r *detect.Report) {
	c, old := classOf(f.Path), f.Path
	if f.PreviousPath != "" {
		old = f.PreviousPath
	}
	was := classOf(old)
	after := f.After
	if was != other && (c != was || moved(was, old, f.Path)) {
		after, c = change.NoText(), was // what was renamed away works no more
	}
	if !concerns(c, f.Before, after) {
		return
	}
	if f.Before.State == change.Absent && c != owners && c != merger {
		return // nothing was there to be weakened
	}
	if after.State != change.Loaded && after.State != change.Absent || f.Before.State != change.Loaded && f.Before.State != change.Absent {
		r.Add(detect.Observation{Kind: unreadable, Object: f.Path, Detail: f.After.Reason + f.Before.Reason})
		return
	}
	if after.State == change.Absent && f.Before.State == change.Loaded {
		if c == merger || c == manifest {
			return
		}
		r.Add(detect.Observation{Kind: removed, Object: old})
		return
	}
	switch c {
	case owners:
		compareOwners(f.Before.Body, after.Body, r)
		return
	case rules:
		d.compareRules(f.Before.Body, after.Body, r)
		return
	}
	compareData(c, old, f.Before, after, r)
}

// concerns reports whether a file whose name others use as well is about what
// its name suggests.
func concerns(c class, texts ...change.Text) bool {
	var words []string
	switch c {
	case manifest:
		words = []string{"default_permissions"}
	case protection:
		words = []string{"enforcement", "protection", "required_", "environments", "reviewers", "bypass", "repository:"}
	default:
		return true
	}
	for _, t := range texts {
		if t.State != change.Loaded && t.State != change.Absent {
			return true
		}
		for _, word := range words {
			if strings.Contains(t.Body, word) {
				return true
			}
		}
	}
	return false
}

// moved reports whether a file went to where it has no effect.
func moved(c class, from, to string) bool {
	if from == to {
		return false
	}
	switch c {
	case owners:
		low := strings.ToLower(to)
		return low != "codeowners" && low != ".github/codeowners" && low != "docs/codeowners" && low != ".gitlab/codeowners"
	case rules:
		return to != ".github/gatehold.yml" // which is looked for as it is written
	}
	return false
}

func compareData(c class, path string, before, after change.Text, r *detect.Report) {
	old, err := parse(path, before)
	if err != nil {
		old = nil // it did nothing before: whatever comes is judged as new
	}
	now, err := parse(path, after)
	if err != nil {
		o := detect.Unread(unreadable, err)
		o.Object = path
		r.Add(o)
		return
	}
	if tooMany(old) || tooMany(now) {
		r.Add(detect.Observation{Kind: unreadable, Object: path, Detail: "it has more settings than are read", Bound: true})
		return
	}
	switch c {
	case protection:
		compareProtection(old, now, r)
	case manifest:
		compareManifest(old, now, r)
	case merger:
		compareMerger(path, old, now, r)
	}
}

func parse(path string, t change.Text) (*tree.Node, error) {
	if t.State != change.Loaded || strings.TrimSpace(t.Body) == "" {
		return nil, nil
	}
	low := strings.ToLower(path)
	if strings.HasSuffix(low, ".yml") || strings.HasSuffix(low, ".yaml") {
		docs, err := tree.ParseYAML(t.Body)
		if err != nil || len(docs) == 0 {
			return nil, err
		}
		return docs[0], nil
	}
	return tree.ParseJSON(t.Body)
}
