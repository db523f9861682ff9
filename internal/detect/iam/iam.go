// Package iam reads policies that are files of their own: who may do what, on
// AWS, Google Cloud and Azure, in JSON and YAML and in templates of them, beside
// Terraform or without it.
//
// A document is recognised by its shape, wherever it stands in a file: a list
// of statements with an effect and actions, bindings of roles to members, a role
// with the scopes that it can be given in. What a document says is compared with
// what it said, by the code that reads the same documents inside Terraform. What
// is inside a template of CloudFormation is that detector's.
package iam

import (
	"path"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/cloud"
	"github.com/gatehold/gatehold/internal/detect/place"
)

type detector struct{}

// New returns the detector of policies as files.
func New() detect.Detector { return detector{} }

func (detector) Name() string          { return "iam" }
func (detector) Kinds() []*detect.Kind { return shipped.All() }

// endings are those of documents and of templates that make one.
var endings = []string{".json", ".yaml", ".yml", ".tpl", ".tftpl", ".tmpl", ".j2", ".template", ".policy"}

// Wants takes what can hold a document by its name; Detect looks for the words
// that make it one.
func (detector) Wants(f *change.File) bool { return wanted(f.Path) }

func wanted(p string) bool {
	base := strings.ToLower(path.Base(p))
	for _, other := range []string{"package", "tsconfig", "composer.", "serverless.", "pulumi.", "sst.", "docker-compose", "compose."} {
		if strings.HasPrefix(base, other) {
			return false // what is in these has readers of its own, or none
		}
	}
	if strings.HasSuffix(base, ".tf.json") || strings.HasSuffix(base, ".tofu.json") || strings.Contains(base, "lock") ||
		strings.HasPrefix(p, ".github/") || strings.Contains("/"+p, "/node_modules/") {
		return false
	}
	for _, ending := range endings {
		if strings.HasSuffix(base, ending) {
			return true
		}
	}
	return false
}

// Closely: a text without the words of a document is none.
func (detector) Closely(f *change.File) int {
	if before, after := text(f.Before), text(f.After); speaks(after) || speaks(before) {
		return len(before) + len(after)
	}
	return 0
}

func (detector) Detect(f *change.File, r *detect.Report) {
	before, after := text(f.Before), text(f.After)
	if before == after || !speaks(after) && !speaks(before) {
		return
	}
	now, err := read(f.Path, after)
	if err != nil {
		if statements(after) {
			r.Add(detect.Unread(kinds.unreadable, err))
		}
		return
	}
	from := f.Path
	if f.PreviousPath != "" {
		from = f.PreviousPath
	}
	was, err := read(from, before)
	if err != nil {
		was = nil // then all that is there now counts as new
	}
	out := detect.NewReport(f.Path)
	compare(was, now, path.Base(f.Path), out)
	if now != nil {
		denied(was, now, path.Base(f.Path), out)
	}
	for _, o := range out.Observations() {
		if place.Aside(path.Dir(f.Path)) || inTests(f.Path) {
			o = detect.Observation{Kind: kinds.inTest, Line: o.Line, Removed: o.Removed, Object: o.Object, Detail: o.Detail}
		}
		if o.Kind == kinds.class[cloud.PolicyAdmin] && ofControls(f.Path) {
			continue // what an organisation lets its accounts do at most is everything to begin with
		}
		r.Add(o)
	}
	r.Hidden += out.Hidden
}

func text(t change.Text) string {
	if t.State != change.Loaded {
		return ""
	}
	return t.Body
}

func inTests(p string) bool {
	for part := range strings.SplitSeq(strings.ToLower(path.Dir(p)), "/") {
		switch part {
		case "test", "tests", "__tests__", "spec", "mocks", "e2e", "snapshots", "__snapshots__":
			return true
		}
	}
	return false
}

// ofControls says whether a path is that of policies which bound what others
// may grant.
func ofControls(p string) bool {
	for _, w := range strings.FieldsFunc(strings.ToLower(p), func(r rune) bool { return r < 'a' || r > 'z' }) {
		switch w {
		case "scp", "scps", "rcp", "rcps", "boundary", "boundaries":
			return true
		}
	}
	low := strings.ToLower(p)
	return strings.Contains(low, "service-control") || strings.Contains(low, "service_control")
}

// speaks says whether a text has the words that make a document.
func speaks(s string) bool {
	return statements(s) || strings.Contains(s, "bindings") && strings.Contains(s, "members") ||
		strings.Contains(s, "ssignableScopes") || strings.Contains(s, "includedPermissions") || strings.Contains(s, ":iam::aws:policy/")
}

func statements(s string) bool { return strings.Contains(s, "Effect") && strings.Contains(s, "Action") }

func compare(before, after *documents, object string, r *detect.Report) {
	if after == nil {
		return
	}
	for i, now := range after.resources(object) {
		var was *cloud.Resource
		if before != nil {
			was = before.resources(object)[i]
		}
		for _, f := range cloud.Compare(was, now) {
			if kind := kinds.class[f.Class]; kind != nil {
				r.Add(detect.Observation{Kind: kind, Line: f.Line, Removed: f.Removed, Object: f.Object, Detail: f.Detail})
			}
		}
	}
}
