package iac

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect/cloud"
	"github.com/gatehold/gatehold/internal/detect/tree"
	"github.com/gatehold/gatehold/internal/pattern"
)

// readParameters reads the values that a Bicep template is given.
// https://learn.microsoft.com/azure/azure-resource-manager/bicep/parameter-files
func readParameters(_, text string) (*declared, error) {
	body, n := mapOf(1), 0
	for line := range strings.Lines(text) {
		n++
		if m := parameter().FindStringSubmatch(strings.TrimRight(line, "\r\n")); m != nil {
			body.Fields = append(body.Fields, tree.Field{Key: cloud.Snake(m[1]), Line: n, Value: valueOf(m[2], n)})
		}
	}
	return given(body), nil
}

var (
	parameter = pattern.Of(`^\s*param\s+(\w+)\s*=\s*(.+?)\s*$`)
	quoted    = pattern.Of(`'([^']*)'`)
)

// valueOf is a value on one line: a text, a list of texts, or a word.
func valueOf(says string, line int) *tree.Node {
	if strings.HasPrefix(says, "[") {
		list := &tree.Node{Kind: tree.List, Line: line}
		for _, m := range quoted().FindAllStringSubmatch(says, 200) {
			list.Items = append(list.Items, &tree.Node{Kind: tree.Scalar, Text: m[1], Quoted: true, Line: line})
		}
		return list
	}
	return &tree.Node{Kind: tree.Scalar, Text: strings.Trim(says, "'"), Quoted: strings.HasPrefix(says, "'"), Line: line}
}

// given is a resource of which only the names of its values are known.
func given(body *tree.Node) *declared {
	d := newDeclared()
	d.add(&cloud.Resource{Address: "parameters", Type: named, Body: body, Line: 1}, "parameters")
	return d
}

// readStackParameters reads the values that a stack of CloudFormation is given: a
// list of them, or a map as the tools of CodePipeline and SAM take it.
// https://docs.aws.amazon.com/cli/latest/reference/cloudformation/create-stack.html
func readStackParameters(text string) (*declared, error) {
	root, err := tree.ParseJSON(text)
	if err != nil {
		return nil, err
	}
	body := mapOf(1)
	list := root
	if p := root.Get("Parameters"); p != nil {
		list = p
	}
	for _, p := range list.Each() {
		if key := p.Get("ParameterKey").Str(); key != "" && p.Has("ParameterValue") {
			body.Fields = append(body.Fields, tree.Field{Key: cloud.Snake(key), Line: p.At(), Value: p.Get("ParameterValue")})
		}
	}
	return given(body), nil
}
