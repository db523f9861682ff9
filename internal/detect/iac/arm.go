package iac

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect/cloud"
	"github.com/gatehold/gatehold/internal/detect/construct"
	"github.com/gatehold/gatehold/internal/detect/tree"
)

// readARM reads Azure's templates in JSON, and their files of parameters.
// https://learn.microsoft.com/azure/azure-resource-manager/templates/syntax
func readARM(_, text string) (*declared, error) {
	if strings.Contains(text, `"ParameterKey"`) {
		return readStackParameters(text)
	}
	template, parameters := speaksARM(text)
	if !template && !parameters {
		return nil, nil
	}
	root, err := tree.ParseJSON(text)
	if err != nil {
		return nil, err
	}
	d := newDeclared()
	if parameters {
		body := mapOf(1)
		for _, p := range root.Get("parameters").Entries() {
			if v := p.Value.Get("value"); v != nil {
				body.Fields = append(body.Fields, tree.Field{Key: cloud.Snake(p.Key), Line: p.Line, Value: v})
			}
		}
		return given(body), nil
	}
	a := arm{d: d, defaults: map[string]*tree.Node{}}
	for _, p := range root.Get("parameters").Entries() {
		a.defaults["[parameters('"+p.Key+"')]"] = p.Value.Get("defaultValue")
	}
	for _, p := range root.Get("variables").Entries() {
		a.defaults["[variables('"+p.Key+"')]"] = p.Value
	}
	a.resources(root.Get("resources"), "", 0)
	return d, nil
}

// speaksARM says what a text calls itself.
func speaksARM(text string) (template, parameters bool) {
	return strings.Contains(text, "eploymentTemplate.json#"), strings.Contains(text, "eploymentParameters.json#")
}

// arm is one template.
type arm struct {
	d        *declared
	defaults map[string]*tree.Node
}

// resources reads a list of resources, or a map of them by their symbols, with
// those that stand in them.
func (a *arm) resources(n *tree.Node, parent string, depth int) {
	if depth > 6 {
		return
	}
	list, symbols := n.Each(), []string(nil)
	if n.IsMap() {
		list = nil
		for _, f := range n.Fields {
			list, symbols = append(list, f.Value), append(symbols, f.Key)
		}
	}
	for i, res := range list {
		written := res.Get("type").Str()
		if written == "" || res.Get("existing").True() {
			continue
		}
		if parent != "" && !strings.HasPrefix(strings.ToLower(written), "microsoft.") {
			written = parent + "/" + written
		}
		typ := azureType(written)
		body := azureBody(typ, a.value(res, 0))
		symbol := res.Get("name").Str()
		if symbols != nil {
			symbol = symbols[i]
		}
		a.d.declare(symbol, typ, body, res.Line)
		a.resources(res.Get("resources"), written, depth+1)
		a.resources(res.Get("properties", "template", "resources"), "", depth+1)
	}
}

// value writes keys in snake case and parameters as their defaults.
func (a *arm) value(n *tree.Node, depth int) *tree.Node {
	if n == nil || depth > maxDeep {
		return n
	}
	out := &tree.Node{Kind: n.Kind, Text: n.Text, Quoted: n.Quoted, Line: n.Line}
	switch n.Kind {
	case tree.Scalar:
		if !strings.HasPrefix(n.Text, "[") || strings.HasPrefix(n.Text, "[[") || !strings.HasSuffix(n.Text, "]") {
			return n
		}
		if known := a.defaults[n.Text]; known != nil && !strings.HasPrefix(known.Str(), "[") {
			if known.Kind == tree.Scalar {
				return at(known, n.Line)
			}
		}
		out.Tag = construct.Unknown
	case tree.List:
		for _, item := range n.Items {
			out.Items = append(out.Items, a.value(item, depth+1))
		}
	case tree.Map:
		for _, f := range n.Fields {
			if f.Key == "resources" || f.Key == "template" {
				continue
			}
			out.Fields = append(out.Fields, tree.Field{Key: cloud.Snake(f.Key), Line: f.Line, Value: a.value(f.Value, depth+1)})
		}
	}
	return out
}
