package iac

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect/cloud"
	"github.com/gatehold/gatehold/internal/detect/construct"
	"github.com/gatehold/gatehold/internal/detect/tree"
)

// said takes over what a call says about constructs that were made: who may come
// in, what is allowed, what happens when they go.
func (r *programReader) said(c *construct.Call) {
	if r.uses&(cdk|pulumi) == 0 {
		return
	}
	name := folded(c)
	switch name {
	case "policystatement", "newpolicystatement":
		r.statement(c)
	case "fromawsmanagedpolicyname":
		r.part(c, "aws_iam_role", mapOf(c.Line, field("managed_policy_arns", managed(r.of(c.Arg(0))))))
	case "frommanagedpolicyarn":
		r.part(c, "aws_iam_role", mapOf(c.Line, field("managed_policy_arns", orUnknown(r.of(c.Arg(2)), plain("", c.Line)))))
	case "getpolicydocument", "getpolicydocumentoutput":
		r.document(c)
	case "applyremovalpolicy":
		r.sets(c, "deletion_policy", removal(orUnknown(r.of(c.Arg(0)), plain("", c.Line))))
	case "addpropertyoverride":
		if key := r.of(c.Arg(0)); key.Str() != "" && c.Arg(1) != nil {
			r.sets(c, cloud.Snake(strings.ReplaceAll(key.Text, ".", "_")), r.of(c.Arg(1)))
		}
	case "setdefaultremovalpolicy":
		r.setting(c, "deletion_policy", removal(orUnknown(r.of(c.Arg(0)), plain("", c.Line))))
	case "destroy", "retain":
		if c.On != nil && strings.HasSuffix(c.On.Name, "RemovalPolicies.of") {
			r.setting(c, "deletion_policy", removal(plain(name, c.Line)))
		}
	case "grantpublicaccess":
		r.part(c, "aws_s3_bucket_acl", mapOf(c.Line, field("acl", plain("public-read", c.Line))))
	case "addfunctionurl":
		if body := r.of(c.Arg(0)); body.IsMap() {
			r.part(c, "aws_lambda_function_url", body)
		} else if c.Set != nil {
			r.part(c, "aws_lambda_function_url", r.of(c.Set))
		}
	case "super":
		r.terminates(c)
	default:
		r.lets(c, name)
	}
}

// part adds what has no name of its own, at the address of what it is said of.
func (r *programReader) part(c *construct.Call, typ string, body *tree.Node) {
	address := c.Receiver()
	for in := c; in != nil && (address == "" || in == c && in.In != nil); in = in.In {
		address = in.Receiver()
		if in.In == nil && address == "" {
			address = in.Var
		}
	}
	if address == "" {
		address = c.Last()
	}
	r.parts = append(r.parts, &cloud.Resource{Address: address, Type: typ, Body: body, Line: c.Line})
}

// setting adds what is set for all that stands under something.
func (r *programReader) setting(c *construct.Call, key string, v *tree.Node) {
	r.parts = append(r.parts, &cloud.Resource{Address: c.Last(), Type: settings, Body: mapOf(c.Line, field(key, v)), Line: c.Line})
}

// sets changes a setting of the construct that a variable holds.
func (r *programReader) sets(c *construct.Call, key string, v *tree.Node) {
	if res := r.vars[r.holder(c)]; res != nil {
		put(res.Body, key, v)
		return
	}
	r.parts = append(r.parts, &cloud.Resource{Address: c.Receiver(), Type: settings, Body: mapOf(c.Line, field(key, v)), Line: c.Line})
}

// holder is the variable on which something is called.
func (r *programReader) holder(c *construct.Call) string {
	name := strings.TrimPrefix(strings.TrimPrefix(c.Receiver(), "this."), "self.")
	for _, inner := range []string{".connections", ".Connections", ".Connections()", ".node.defaultChild"} {
		name = strings.TrimSuffix(name, inner)
	}
	return name
}

// terminates takes over the protection that a stack gives itself.
func (r *programReader) terminates(c *construct.Call) {
	for _, n := range append([]*tree.Node{c.Set}, c.Args...) {
		if v := r.of(n); v.IsMap() && v.Has("termination_protection") {
			r.add(&cloud.Resource{Address: "stack", Type: "construct_stack", Line: c.Line,
				Body: mapOf(c.Line, field("termination_protection", v.Get("termination_protection")))}, "super")
		}
	}
}

// managed is the full name of a managed policy.
func managed(n *tree.Node) *tree.Node {
	if n.Str() == "" || n.Tag != "" || strings.HasPrefix(n.Text, "arn:") {
		return n
	}
	out := *n
	out.Text = "arn:aws:iam::aws:policy/" + n.Text
	return &out
}

// statementKeys are the settings of a statement as a document has them.
var statementKeys = map[string]string{"actions": "Action", "not_actions": "NotAction", "resources": "Resource",
	"not_resources": "NotResource", "conditions": "Condition", "effect": "Effect", "sid": "Sid"}

// statement takes over a statement of a policy.
func (r *programReader) statement(c *construct.Call) {
	from := c.Set
	if from == nil {
		from = c.Arg(0)
	}
	set := r.of(from)
	if !set.IsMap() {
		return
	}
	st := mapOf(c.Line)
	for _, f := range set.Fields {
		if key := statementKeys[f.Key]; key != "" {
			st.Fields = append(st.Fields, tree.Field{Key: key, Line: f.Line, Value: f.Value})
		}
	}
	if p := set.Get("principals"); p != nil {
		st.Fields = append(st.Fields, field("Principal", principals(p)))
	}
	doc := mapOf(c.Line, field("Statement", &tree.Node{Kind: tree.List, Line: c.Line, Items: []*tree.Node{st}}))
	r.part(c, "aws_iam_policy", mapOf(c.Line, field("policy", doc)))
}

// document takes over a policy that Pulumi makes of statements.
func (r *programReader) document(c *construct.Call) {
	from := c.Set
	if from == nil {
		from = orUnknown(c.Arg(0), mapOf(c.Line))
	}
	for _, arg := range c.Args { // Go's begin with the context
		if v := r.of(arg); v.Has("statements") {
			from = arg
		}
	}
	if list := r.of(from).Get("statements"); list != nil {
		r.part(c, "data.aws_iam_policy_document", mapOf(c.Line, field("statement", list)))
	}
}

// principals are who a statement or a role names.
func principals(n *tree.Node) *tree.Node {
	out := &tree.Node{Kind: tree.List, Line: n.At()}
	for _, item := range n.Each() {
		if who := principal(item.Str()); who != "" {
			out.Items = append(out.Items, plain(who, item.Line))
		}
	}
	return mapOf(n.At(), field("AWS", out))
}

// principal is who an expression names: new iam.AnyPrincipal(), AccountPrincipal("1").
func principal(expr string) string {
	name, rest, _ := strings.Cut(strings.TrimSuffix(strings.TrimSpace(expr), ")"), "(")
	name = name[strings.LastIndexAny(name, ". ")+1:]
	arg := strings.Trim(strings.TrimSpace(rest), `"'`)
	switch strings.TrimPrefix(name, "New") {
	case "AnyPrincipal", "StarPrincipal", "Anyone":
		return "*"
	case "ArnPrincipal":
		return arg
	case "AccountPrincipal":
		if len(arg) == 12 {
			return "arn:aws:iam::" + arg + ":root"
		}
	}
	return ""
}

// trust is the document of a role that all, or another account, may take.
func trust(v *tree.Node) *tree.Node {
	who := principals(v)
	if len(who.Get("AWS").Items) == 0 {
		return nil
	}
	st := mapOf(v.Line, field("Effect", plain("Allow", v.Line)), field("Action", plain("sts:AssumeRole", v.Line)), field("Principal", who))
	return mapOf(v.Line, field("Statement", &tree.Node{Kind: tree.List, Line: v.Line, Items: []*tree.Node{st}}))
}

// members takes over what is set on a construct by assignment.
func (r *programReader) members() {
	for _, m := range r.program.Members() {
		i := strings.LastIndexByte(m.Name, '.')
		holder, key := strings.TrimSuffix(strings.TrimSuffix(m.Name[:i], ".cfnOptions"), ".cfn_options"), cloud.Snake(m.Name[i+1:])
		v := r.of(m.Value)
		if v == nil || r.uses&cdk == 0 {
			continue
		}
		if res := r.vars[holder]; res != nil {
			put(res.Body, key, v)
		} else if key == "deletion_policy" || key == "update_replace_policy" || key == "deletion_protection" || key == "termination_protection" {
			r.parts = append(r.parts, &cloud.Resource{Address: holder, Type: settings, Body: mapOf(v.Line, field(key, v)), Line: v.Line})
		}
	}
}
