package cloudformation

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect/cloud"
	"github.com/gatehold/gatehold/internal/detect/tree"
)

// isService says whether a text may be a service that gives its functions
// a role of their own.
func isService(body string) bool {
	return strings.Contains(body, "service:") && strings.Contains(body, "provider:") &&
		(strings.Contains(body, "iamRoleStatements") || strings.Contains(body, "statements:") || strings.Contains(body, "anagedPolicies"))
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
