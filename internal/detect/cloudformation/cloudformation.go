// Package cloudformation reads AWS CloudFormation and SAM templates, in YAML
// and JSON, and those that a Serverless Framework service carries: what a change
// deletes, replaces, opens, grants or stops to protect.
//
// A template is one stack: a resource that leaves it is deleted, unless its
// DeletionPolicy keeps it. Parameters stand for their defaults; other
// functions are values that cannot be known.
package cloudformation

import (
	"path"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/cloud"
	"github.com/gatehold/gatehold/internal/detect/tree"
)

type detector struct{}

// New returns the detector of CloudFormation templates.
func New() detect.Detector { return detector{} }

func (detector) Name() string          { return "cloudformation" }
func (detector) Kinds() []*detect.Kind { return shipped.All() }

// Wants takes what can be a template by its name; Detect looks for the words
// that make it one.
func (detector) Wants(f *change.File) bool {
	switch path.Ext(f.Path) {
	case ".yaml", ".yml", ".template", ".cfn", ".cform", ".tmpl", ".tpl", ".txt", ".j2", ".sam":
		return !strings.HasPrefix(f.Path, ".github/")
	case ".json":
		base := path.Base(f.Path)
		return !strings.HasPrefix(base, "package") && !strings.HasPrefix(base, "tsconfig") && base != "composer.lock" &&
			!strings.HasSuffix(base, ".tf.json")
	}
	return false
}

func isTemplate(t change.Text) bool {
	return t.State == change.Loaded && (strings.Contains(t.Body, "AWSTemplateFormatVersion") ||
		strings.Contains(t.Body, "Resources") && strings.Contains(t.Body, "AWS::") || isService(t.Body))
}

// Closely: a text without the words of a template is none.
func (detector) Closely(f *change.File) int {
	if !isTemplate(f.Before) && !isTemplate(f.After) {
		return 0
	}
	return len(f.Before.Body) + len(f.After.Body)
}

func (detector) Detect(f *change.File, r *detect.Report) {
	if !isTemplate(f.Before) && !isTemplate(f.After) || f.Before.Body == f.After.Body && f.Before.State == f.After.State {
		return
	}
	after, err := resources(f.After)
	if err != nil {
		r.Add(detect.Unread(unreadable, err))
		return
	}
	before, err := resources(f.Before)
	if err != nil {
		before = nil // then all that is there now counts as new
	}
	for _, found := range cloud.CompareAll(before, after) {
		r.Add(detect.Observation{Kind: classes[found.Class], Line: found.Line, Removed: found.Removed, Object: found.Object,
			Detail: found.Detail})
	}
}

// resources reads the resources of one side. A side that is no template has none.
func resources(t change.Text) (map[string]*cloud.Resource, error) {
	if !isTemplate(t) {
		return nil, nil
	}
	root, err := parse(t.Body)
	if err != nil {
		return nil, err
	}
	return Declared(root), nil
}

// parse reads a template in either notation.
func parse(body string) (*tree.Node, error) {
	if strings.HasPrefix(strings.TrimSpace(body), "{") {
		return tree.ParseJSON(body)
	}
	docs, err := tree.ParseYAML(body)
	for _, d := range docs {
		if d.Has("Resources") || isServiceOf(d) {
			return d, err
		}
	}
	return nil, err
}

// Declared are the resources that a template declares, by their logical ids.
func Declared(root *tree.Node) map[string]*cloud.Resource {
	out := map[string]*cloud.Resource{}
	declare(root, out)
	for _, part := range serviceOf(root) {
		declare(part, out)
	}
	if isServiceOf(root) {
		statements(root, out)
		functions(root, out)
	}
	return out
}

// declare adds the resources of one template.
func declare(root *tree.Node, out map[string]*cloud.Resource) {
	tr := translator{defaults: map[string]*tree.Node{}}
	for _, p := range root.Get("Parameters").Entries() {
		if def := p.Value.Get("Default"); def != nil {
			tr.defaults[p.Key] = def
		}
	}
	for _, e := range root.Get("Resources").Entries() {
		typ := e.Value.Get("Type").Str()
		if typ == "" || !e.Value.IsMap() {
			continue
		}
		out[e.Key] = &cloud.Resource{Address: e.Key, Type: typ, Body: tr.resource(e.Value), Line: e.Line}
	}
}

// translator rewrites a resource the way package cloud reads it.
type translator struct{ defaults map[string]*tree.Node }

// resource is the properties in snake case, with the policies beside them.
func (tr translator) resource(n *tree.Node) *tree.Node {
	body := &tree.Node{Kind: tree.Map, Line: n.Line}
	for _, e := range n.Get("Properties").Entries() {
		body.Fields = append(body.Fields, tree.Field{Key: cloud.Snake(e.Key), Line: e.Line, Value: tr.value(e.Value, 0)})
	}
	for _, key := range []string{"DeletionPolicy", "UpdateReplacePolicy"} {
		if v := n.Get(key); v != nil {
			body.Fields = append(body.Fields, tree.Field{Key: cloud.Snake(key), Line: v.Line, Value: v})
		}
	}
	return body
}

func (tr translator) value(n *tree.Node, depth int) *tree.Node {
	if n == nil || depth > tree.MaxDepth {
		return n
	}
	out := &tree.Node{Kind: n.Kind, Text: n.Text, Quoted: n.Quoted, Line: n.Line}
	switch n.Kind {
	case tree.Scalar:
		return tr.scalar(n)
	case tree.List:
		if n.Tag != "" && n.Tag != "!If" {
			return unknown(n)
		}
		for i, item := range n.Items {
			if n.Tag == "!If" && i == 0 {
				continue // the condition; what is left is what it may be
			}
			out.Items = append(out.Items, tr.value(item, depth+1))
		}
	case tree.Map:
		if len(n.Fields) == 1 && (n.Fields[0].Key == "Ref" || strings.HasPrefix(n.Fields[0].Key, "Fn::")) {
			return tr.function(n.Fields[0])
		}
		if n.Has("Statement") { // a policy document keeps its own keys
			return n
		}
		for _, e := range n.Fields {
			out.Fields = append(out.Fields, tree.Field{Key: cloud.Snake(e.Key), Line: e.Line, Value: tr.value(e.Value, depth+1)})
		}
	}
	return out
}

func (tr translator) scalar(n *tree.Node) *tree.Node {
	switch n.Tag {
	case "":
		return n
	case "!Ref":
		return tr.ref(n)
	case "!Sub": // partly known, as written
		return &tree.Node{Kind: tree.Scalar, Text: n.Text, Quoted: true, Line: n.Line}
	}
	return unknown(n)
}

func (tr translator) ref(n *tree.Node) *tree.Node {
	if def := tr.defaults[n.Text]; def != nil && def.Kind == tree.Scalar {
		resolved := *def
		resolved.Line, resolved.Tag = n.Line, ""
		return &resolved
	}
	return unknown(n)
}

func (tr translator) function(e tree.Field) *tree.Node {
	switch {
	case e.Key == "Ref":
		return tr.ref(e.Value)
	case e.Key == "Fn::Sub" && e.Value.Str() != "":
		return &tree.Node{Kind: tree.Scalar, Text: e.Value.Text, Quoted: true, Line: e.Line}
	}
	return unknown(e.Value)
}

// unknown is a value that only the stack knows; its text tells two of them apart.
func unknown(n *tree.Node) *tree.Node {
	return &tree.Node{Kind: tree.Scalar, Tag: "!expr", Text: n.Tag + " " + n.Str() + strings.Join(n.Strings(), "."), Line: n.Line}
}
