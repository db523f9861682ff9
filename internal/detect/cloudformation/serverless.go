package cloudformation

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect/cloud"
	"github.com/gatehold/gatehold/internal/detect/tree"
)

// isService says whether a text may be a service that gives its functions
// a role of their own.
func isService(body string) bool {
	if !strings.Contains(body, "service:") || !strings.Contains(body, "provider:") {
		return false
	}
	for _, word := range []string{"functions:", "iamRoleStatements", "statements:", "anagedPolicies"} {
		if strings.Contains(body, word) {
			return true
		}
	}
	return false
}

// isServiceOf says whether a document is one.
func isServiceOf(root *tree.Node) bool {
	return len(serviceOf(root)) > 0 || root.Has("service") && root.Has("provider")
}

// serviceOf are the templates in a service of the Serverless Framework: its
// resources, which may be a list of several.
// https://www.serverless.com/framework/docs/providers/aws/guide/resources
func serviceOf(root *tree.Node) []*tree.Node {
	var out []*tree.Node
	for _, part := range root.Get("resources").Each() {
		if part.Has("Resources") {
			out = append(out, part)
		}
	}
	return out
}

// functions adds who may call the functions of a service: what their events and
// their own addresses ask for.
// https://www.serverless.com/framework/docs/providers/aws/guide/functions
func functions(root *tree.Node, out map[string]*cloud.Resource) {
	for _, f := range root.Get("functions").Entries() {
		body := &tree.Node{Kind: tree.Map, Line: f.Line}
		if events := f.Value.Get("events"); events.IsList() {
			body.Fields = append(body.Fields, tree.Field{Key: "events", Line: events.Line, Value: tree.Rekeyed(events, cloud.Snake)})
		}
		if url := f.Value.Get("url"); url.True() || url.IsMap() && url.Get("authorizer") == nil {
			body.Fields = append(body.Fields, tree.Field{Key: "auth_type", Line: url.Line,
				Value: &tree.Node{Kind: tree.Scalar, Text: "NONE", Line: url.Line}})
		}
		if len(body.Fields) > 0 {
			out["functions."+f.Key] = &cloud.Resource{Address: "functions." + f.Key, Type: "AWS::Serverless::Function", Body: body, Line: f.Line}
		}
	}
}

// statements adds the role that all functions of a service run with, as the
// provider's settings write it: with its list of statements, in either of the
// two places where it may stand.
func statements(root *tree.Node, out map[string]*cloud.Resource) {
	provider := root.Get("provider")
	for _, where := range [][]string{{"iam", "role"}, {}} {
		role := provider.Get(where...)
		list, managed := role.Get("statements"), role.Get("managedPolicies")
		if len(where) == 0 {
			list, managed = role.Get("iamRoleStatements"), role.Get("iamManagedPolicies")
		}
		if list == nil && managed == nil {
			continue
		}
		body := &tree.Node{Kind: tree.Map, Line: provider.At()}
		put := func(key string, n *tree.Node) {
			if n != nil {
				body.Fields = append(body.Fields, tree.Field{Key: key, Line: n.Line, Value: n})
			}
		}
		if list.IsList() {
			put("policy_document", &tree.Node{Kind: tree.Map, Line: list.Line,
				Fields: []tree.Field{{Key: "Statement", Line: list.Line, Value: list}}})
		}
		put("managed_policy_arns", managed)
		out["provider"] = &cloud.Resource{Address: "provider", Type: "AWS::IAM::Role", Body: body, Line: provider.At()}
	}
}
