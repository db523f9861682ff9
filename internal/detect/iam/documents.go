package iam

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect/cloud"
	"github.com/gatehold/gatehold/internal/detect/tree"
)

// documents are what a file says of who may do what.
type documents struct {
	policies *tree.Node // of AWS: lists of statements
	trusts   *tree.Node // those that say who may take a role
	managed  *tree.Node // names of policies that AWS keeps
	bindings *tree.Node // of Google Cloud: roles to members
	included *tree.Node // what a role of Google Cloud may do
	roles    *tree.Node // of Azure: what a role may do
	scopes   *tree.Node // and where it can be given
}

// read finds the documents of a file; nil where there is none.
func read(p, text string) (*documents, error) {
	if strings.TrimSpace(text) == "" || strings.Contains(text, "AWSTemplateFormatVersion") ||
		strings.Contains(text, "Resources") && strings.Contains(text, "AWS::") {
		return nil, nil
	}
	roots, err := parse(p, text)
	if err != nil {
		return nil, err
	}
	list := func() *tree.Node { return &tree.Node{Kind: tree.List} }
	d := &documents{list(), list(), list(), list(), list(), list(), list()}
	for _, root := range roots {
		d.find(root, "")
	}
	return d, nil
}

// parse reads a file as what it is, or a template as what it makes.
func parse(p, text string) ([]*tree.Node, error) {
	low := strings.ToLower(p)
	trimmed := strings.TrimSpace(text)
	isJSON := strings.HasPrefix(trimmed, "{") || strings.HasPrefix(trimmed, "[")
	if !strings.HasSuffix(low, ".json") && !strings.HasSuffix(low, ".yaml") && !strings.HasSuffix(low, ".yml") ||
		strings.Contains(text, "${") || strings.Contains(text, "{{") {
		text = filled(text)
	}
	if !isJSON {
		return tree.ParseYAML(text)
	}
	root, err := tree.ParseJSON(text)
	if err != nil {
		if roots, yaml := tree.ParseYAML(text); yaml == nil { // trailing commas, comments
			return roots, nil
		}
		return nil, err
	}
	return []*tree.Node{root}, nil
}

// filled puts something in the place of what a template fills in: a word where
// a value is expected, and nothing for what only steers. In strings it stays.
func filled(text string) string {
	var b strings.Builder
	quoted := false
	for i := 0; i < len(text); {
		rest := text[i:]
		open, close := "", ""
		switch {
		case strings.HasPrefix(rest, "${"), strings.HasPrefix(rest, "%{"):
			open, close = rest[:2], "}"
		case strings.HasPrefix(rest, "{{"):
			open, close = "{{", "}}"
		case strings.HasPrefix(rest, "{%"):
			open, close = "{%", "%}"
		}
		end := -1
		if open != "" {
			line, _, _ := strings.Cut(rest, "\n")
			end = strings.Index(line, close)
		}
		if end < 0 {
			switch text[i] {
			case '\\':
				if quoted && i+1 < len(text) {
					b.WriteByte(text[i])
					i++
				}
			case '"':
				quoted = !quoted
			case '\n':
				quoted = false
			}
			b.WriteByte(text[i])
			i++
			continue
		}
		whole := rest[:end+len(close)]
		switch {
		case quoted:
			b.WriteString(strings.NewReplacer(`"`, "'", `\`, "/").Replace(whole))
		case open == "${" || open == "{{":
			b.WriteString(`"` + strings.NewReplacer(`"`, "'", `\`, "/").Replace(whole) + `"`)
		}
		i += len(whole)
	}
	return b.String()
}

// find looks for documents in a node and below.
func (d *documents) find(n *tree.Node, key string) {
	switch {
	case n == nil:
	case n.Kind == tree.Scalar:
		d.inText(n, key)
	case isPolicy(n):
		d.policy(n, key)
	case n.Kind == tree.List:
		if isStatements(n) {
			d.policy(&tree.Node{Kind: tree.Map, Line: n.Line, Fields: []tree.Field{{Key: "Statement", Line: n.Line, Value: n}}}, key)
			return
		}
		for _, item := range n.Items {
			d.find(item, key)
		}
	case n.Kind == tree.Map:
		if d.role(n) {
			return
		}
		for _, f := range n.Fields {
			d.find(f.Value, f.Key)
		}
	}
}

// inText reads a document that is written as a text, or one of its names.
func (d *documents) inText(n *tree.Node, key string) {
	if strings.Contains(n.Text, ":iam::aws:policy/") && strings.Contains(strings.ToLower(key), "polic") {
		d.managed.Items = append(d.managed.Items, n)
		return
	}
	if text := strings.TrimSpace(n.Text); strings.HasPrefix(text, "{") && statements(text) {
		if doc, err := tree.ParseJSON(text); err == nil && isPolicy(doc) {
			tree.Walk(doc, func(_ []string, inner *tree.Node) bool { inner.Line = n.Line; return true })
			d.policy(doc, key)
		}
	}
}

// policy files a document of AWS by what it is for.
func (d *documents) policy(n *tree.Node, key string) {
	to := d.policies
	if strings.Contains(strings.ToLower(key), "assume") || takes(n) {
		to = d.trusts
	}
	to.Items = append(to.Items, n)
}

// takes says whether all that a document allows is to take a role.
func takes(n *tree.Node) bool {
	any := false
	for _, st := range n.GetFold("Statement").Each() {
		for _, a := range st.GetFold("Action").Strings() {
			low := strings.ToLower(a)
			if !strings.HasPrefix(low, "sts:assumerole") && low != "sts:tagsession" && low != "sts:setsourceidentity" {
				return false
			}
			any = true
		}
	}
	return any
}

// isPolicy recognises a policy of AWS: a map whose statements have effects.
func isPolicy(n *tree.Node) bool {
	return n.IsMap() && isStatements(n.GetFold("Statement"))
}

// isStatements recognises the statements of one: what is allowed or denied.
func isStatements(n *tree.Node) bool {
	found := false
	for _, st := range n.Each() {
		if st == nil || st.Kind == tree.Scalar && strings.Contains(st.Text, "{") {
			continue // what a template fills in
		}
		effect := st.GetFold("Effect").Str()
		if !st.IsMap() || !strings.EqualFold(effect, "allow") && !strings.EqualFold(effect, "deny") {
			return false
		}
		if st.GetFold("Action") == nil && st.GetFold("NotAction") == nil {
			return false
		}
		found = true
	}
	return found
}

// role reads roles and bindings of Google Cloud and Azure.
func (d *documents) role(n *tree.Node) bool {
	if list := n.Get("bindings"); list.IsList() && list.Get("0").Has("role") && list.Get("0").Has("members") {
		d.bindings.Items = append(d.bindings.Items, list.Items...)
		return true
	}
	if list := n.Get("includedPermissions"); list.IsList() {
		d.included.Items = append(d.included.Items, list.Items...)
		return true
	}
	inner := n
	if props := n.GetFold("properties"); props.GetFold("assignableScopes") != nil {
		inner = props
	}
	scopes := inner.GetFold("assignableScopes")
	if scopes == nil {
		return false
	}
	d.scopes.Items = append(d.scopes.Items, scopes.Each()...)
	for _, p := range append(inner.GetFold("permissions").Each(), inner) {
		if actions := p.GetFold("actions"); actions != nil {
			d.roles.Items = append(d.roles.Items, &tree.Node{Kind: tree.Map, Line: actions.Line,
				Fields: []tree.Field{{Key: "actions", Line: actions.Line, Value: actions}}})
		}
	}
	return true
}

// resources are the documents as the resources that they are in Terraform, one
// for each cloud.
func (d *documents) resources(object string) []*cloud.Resource {
	made := func(typ string, fields ...tree.Field) *cloud.Resource {
		return &cloud.Resource{Address: object, Type: typ, Line: 1, Body: &tree.Node{Kind: tree.Map, Line: 1, Fields: fields}}
	}
	return []*cloud.Resource{
		made("aws_iam_policy", tree.Field{Key: "policy", Value: d.policies}, tree.Field{Key: "assume_role_policy", Value: d.trusts},
			tree.Field{Key: "managed_policy_arns", Value: d.managed}),
		made("data.google_iam_policy", tree.Field{Key: "binding", Value: d.bindings}),
		made("azurerm_role_definition", tree.Field{Key: "permissions", Value: d.roles}, tree.Field{Key: "assignable_scopes", Value: d.scopes}),
		made("google_project_iam_custom_role", tree.Field{Key: "permissions", Value: d.included}),
	}
}
