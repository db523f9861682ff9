// Package kubernetes reads Kubernetes manifests, kustomizations and Helm
// templates: what a change runs with more rights, lets in, grants, exposes or
// deletes.
//
// Objects are told apart by kind, namespace and name, and compared with what
// they were. One that is gone from its file may have moved to another: that
// is seen over the whole change, by DetectChange, and what moved is compared as
// if it had stayed. A file that is added to a change takes nothing from what is
// reported, with one exception: a removal is reported no more once a file that
// is certainly applied with the one it was in holds the same object.
//
// Templates are read with their directives taken out, as far as what is left
// is YAML; one that is not is passed over, because only a renderer could say
// what it means.
package kubernetes

import (
	"cmp"
	"path"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/tree"
)

type detector struct{}

// New returns the detector of Kubernetes manifests.
func New() detect.Detector { return detector{} }

func (detector) Name() string          { return "kubernetes" }
func (detector) Kinds() []*detect.Kind { return shipped.All() }

// Wants takes what can be a manifest by its name; Detect looks for the words
// that make it one.
func (detector) Wants(f *change.File) bool {
	return wanted(f.Path) || f.PreviousPath != "" && wanted(f.PreviousPath)
}

func wanted(p string) bool {
	for _, ext := range []string{".gotmpl", ".tmpl", ".j2"} {
		if bare, ok := strings.CutSuffix(p, ext); ok { // what a renderer makes of it has the name without
			p = bare
			break
		}
	}
	switch path.Ext(p) {
	case ".yaml", ".yml", ".tpl":
		return !strings.HasPrefix(p, ".github/")
	case ".json":
		base := path.Base(p)
		return !strings.HasPrefix(base, "package") && !strings.HasPrefix(base, "tsconfig") && !strings.HasSuffix(base, ".tf.json")
	}
	return false
}

func isManifest(t change.Text, p string) bool {
	return t.State == change.Loaded && (strings.Contains(t.Body, "apiVersion") && strings.Contains(t.Body, "kind") ||
		isKustomization(p) || mayPatch(t.Body))
}

func isKustomization(p string) bool {
	base := strings.TrimSuffix(strings.TrimSuffix(path.Base(p), ".yaml"), ".yml")
	return strings.EqualFold(base, "kustomization")
}

// object is one manifest.
type object struct {
	kind, group, namespace, name string
	body                         *tree.Node
	path                         string
}

func (o *object) id() string {
	kind := o.kind
	if kind == "ClusterRole" || kind == "ClusterRoleBinding" { // a role that grew is still the same one
		kind = strings.TrimPrefix(kind, "Cluster")
	}
	return kind + "/" + o.namespace + "/" + o.name
}

// label is how people name the object.
func (o *object) label() string {
	if o.namespace != "" && o.kind != "Namespace" {
		return o.kind + " " + o.namespace + "/" + o.name
	}
	return o.kind + " " + o.name
}

// Closely: a text without the words of a manifest is none.
func (detector) Closely(f *change.File) int {
	if isManifest(f.After, f.Path) || isManifest(f.Before, previous(f)) {
		return len(f.Before.Body) + len(f.After.Body)
	}
	return 0
}

func (d detector) Detect(f *change.File, r *detect.Report) {
	if f.Before.State == f.After.State && f.Before.Body == f.After.Body || !isManifest(f.After, f.Path) {
		return
	}
	before, after, err := changedObjects(f)
	if err != nil {
		r.Add(detect.Unread(kinds.unreadable, err))
		return
	}
	old := map[string]*object{}
	for _, o := range before {
		old[o.id()] = o
	}
	renamed := renames(before, after)
	for _, o := range after {
		if renamed[o.id()] {
			continue
		}
		if emptyPod(o) && !isTemplated(f.After.Body) && (old[o.id()] == nil || !emptyPod(old[o.id()])) {
			r.Add(detect.Observation{Kind: kinds.unreadable, Line: o.body.At(), Object: o.label(),
				Detail: "no containers where a Pod has them"})
		}
		if deletes(o) && (old[o.id()] == nil || !deletes(old[o.id()])) {
			r.Add(detect.Observation{Kind: cmp.Or(removalOf(o), kinds.patchDelete), Line: o.body.At(), Object: o.label(),
				Detail: "$patch: delete"})
			continue
		}
		compare(old[o.id()], o, r)
	}
}

// deletes says whether a manifest is a patch that deletes the object it names.
func deletes(o *object) bool { return o.body.Get("$patch").Str() == "delete" }

// emptyPod says that what must be a Pod cannot be read as one: what it runs is
// not said, or is not where it belongs.
func emptyPod(o *object) bool {
	return o.kind == "Pod" && o.body.Has("spec") && !hasContainer(o, "")
}

func previous(f *change.File) string {
	if f.PreviousPath != "" {
		return f.PreviousPath
	}
	return f.Path
}

// compare reports what is worse in one object. Before is nil for a new one.
func compare(before, after *object, r *detect.Report) {
	if before != nil && tree.Equal(before.body, after.body) {
		return
	}
	var had []issue
	if before != nil {
		had = issuesOf(before)
	}
	for _, i := range newIssues(had, issuesOf(after)) {
		if before == nil && i.changed {
			continue
		}
		r.Add(detect.Observation{Kind: i.kind, Line: i.line, Object: after.label(), Detail: i.detail})
	}
	if before == nil {
		return
	}
	still := map[string]bool{}
	for _, g := range guardsOf(after) {
		still[g.key] = true
	}
	for _, g := range guardsOf(before) {
		if !still[g.key] && (g.scope == nil || g.scope(after)) {
			r.Add(detect.Observation{Kind: g.kind, Line: g.line, Removed: true, Object: after.label(), Detail: g.detail})
		}
	}
	lowered(before, after, r)
	resourceWorse(before, after, r)
	keepsLess(before, after, r)
}

// changedObjects reads the objects of both sides whose documents are not word
// for word on the other side.
func changedObjects(f *change.File) (before, after []*object, err error) {
	var old, now []document
	if isManifest(f.Before, previous(f)) {
		old = documents(previous(f), f.Before.Body)
	}
	if isManifest(f.After, f.Path) {
		now = documents(f.Path, f.After.Body)
	}
	if after, err = objects(f.Path, changed(now, old)); err != nil {
		return nil, nil, err
	}
	if before, err = objects(previous(f), changed(old, now)); err != nil {
		before = nil // then all that is there now counts as new
	}
	return before, after, nil
}

// document is one of the documents of a file.
type document struct {
	text string
	line int // of its first line, counted from 1
}

// documents cuts a file at its separators, which costs nothing beside parsing.
func documents(p, text string) []document {
	if strings.HasSuffix(p, ".json") || strings.HasPrefix(text, "%") || len(text) > tree.MaxBytes {
		return []document{{text, 1}}
	}
	var out []document
	start, line, first := 0, 1, 1
	for at := 0; at < len(text); {
		end := len(text)
		if i := strings.IndexByte(text[at:], '\n'); i >= 0 {
			end = at + i + 1
		}
		if separator(text[at:end]) && at > start {
			out = append(out, document{text[start:at], first})
			start, first = at, line
		}
		at = end
		line++
	}
	return append(out, document{text[start:], first})
}

func separator(line string) bool {
	rest, ok := strings.CutPrefix(line, "---")
	return ok && (rest == "" || rest[0] == ' ' || rest[0] == '\n' || rest[0] == '\r')
}

// changed returns the documents that the other side does not have.
func changed(these, others []document) []document {
	have := make(map[string]int, len(others))
	for _, d := range others {
		have[strings.TrimSpace(strings.TrimPrefix(d.text, "---"))]++
	}
	var out []document
	for _, d := range these {
		if key := strings.TrimSpace(strings.TrimPrefix(d.text, "---")); have[key] > 0 {
			have[key]--
			continue
		}
		out = append(out, d)
	}
	return out
}

// objects reads the manifests in documents.
func objects(p string, docs []document) ([]*object, error) {
	var out []*object
	for _, d := range docs {
		nodes, err := parse(p, d)
		if err != nil {
			return nil, err
		}
		for _, n := range nodes {
			out = appendObjects(out, p, n, 0)
		}
	}
	return out, nil
}

func parse(p string, d document) ([]*tree.Node, error) {
	if strings.HasSuffix(p, ".json") {
		doc, err := tree.ParseJSON(d.text)
		if err != nil {
			return nil, err
		}
		return []*tree.Node{doc}, nil
	}
	if !isTemplated(d.text) {
		return tree.ParseYAMLFrom(d.text, d.line)
	}
	nodes, err := tree.ParseYAMLFrom(plain(d.text), d.line)
	if err != nil && len(d.text) <= tree.MaxBytes {
		return nil, nil
	}
	return nodes, err
}

func appendObjects(out []*object, p string, doc *tree.Node, depth int) []*object {
	if isPatch(doc) {
		return append(out, &object{kind: jsonPatch, name: path.Base(p), body: doc, path: p})
	}
	if !doc.IsMap() || depth > 3 {
		return out
	}
	if isKustomization(p) && doc.Get("kind").Str() != "Component" && !doc.Has("metadata", "name") {
		return append(out, &object{kind: "Kustomization", name: path.Dir(p), body: doc, path: p})
	}
	kind := doc.Get("kind").Str()
	if kind == "" || !doc.Has("apiVersion") {
		return out
	}
	if strings.HasSuffix(kind, "List") && doc.Get("items").IsList() {
		for _, item := range doc.Get("items").Items {
			out = appendObjects(out, p, item, depth+1)
		}
		return out
	}
	group, _, _ := strings.Cut(doc.Get("apiVersion").Str(), "/")
	meta := doc.Get("metadata")
	name := meta.Get("name").Str()
	if name == "" {
		name = meta.Get("generateName").Str()
	}
	return append(out, &object{kind: kind, group: group, namespace: meta.Get("namespace").Str(), name: name, body: doc, path: p})
}
