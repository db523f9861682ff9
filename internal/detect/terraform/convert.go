package terraform

import (
	"sort"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/gatehold/gatehold/internal/detect/tree"
)

// converter turns HCL into trees: blocks become lists of maps, expressions
// become values where they are known from this file alone, and scalars tagged
// "!expr" with their source where they are not.
type converter struct {
	text  []byte
	scope *scope
}

const maxDepth = 60

func (c *converter) attributes(body *hclsyntax.Body) *tree.Node {
	return c.body(&hclsyntax.Body{Attributes: body.Attributes}, 1, 0)
}

// instanceSettings say which and how many real things one resource stands for.
var instanceSettings = []string{"provider", "providers", "count", "for_each"}

// instances is what a block says of that, as it is written.
func (c *converter) instances(body *hclsyntax.Body) string {
	var out []string
	for _, name := range instanceSettings {
		if a := body.Attributes[name]; a != nil {
			out = append(out, name+"="+strings.Join(strings.Fields(c.source(a.Expr).Text), " "))
		}
	}
	return strings.Join(out, ";")
}

func (c *converter) body(body *hclsyntax.Body, line, depth int) *tree.Node {
	n := &tree.Node{Kind: tree.Map, Line: line}
	if depth > maxDepth {
		return n
	}
	attrs := make([]*hclsyntax.Attribute, 0, len(body.Attributes))
	for _, a := range body.Attributes {
		attrs = append(attrs, a)
	}
	sort.Slice(attrs, func(i, j int) bool { return attrs[i].SrcRange.Start.Byte < attrs[j].SrcRange.Start.Byte })
	for _, a := range attrs {
		value := c.expr(a.Expr, depth+1)
		if depth == 0 && (a.Name == "count" || a.Name == "for_each") {
			value = c.inProduction(a.Expr, value, 0)
		}
		n.Fields = append(n.Fields, tree.Field{Key: a.Name, Line: a.NameRange.Start.Line, Value: value})
	}
	at := map[string]int{}
	for _, b := range body.Blocks {
		key, inner := b.Type, b.Body
		if b.Type == "dynamic" && len(b.Labels) == 1 {
			key = b.Labels[0]
			for _, content := range b.Body.Blocks {
				if content.Type == "content" {
					inner = content.Body
				}
			}
		}
		child := c.body(inner, b.TypeRange.Start.Line, depth+1)
		if len(b.Labels) > 0 && b.Type != "dynamic" {
			child.Fields = append(child.Fields, tree.Field{Key: "_label", Line: child.Line, Value: scalar(b.Labels[0], child.Line)})
		}
		i, ok := at[key]
		if !ok {
			i = len(n.Fields)
			at[key] = i
			n.Fields = append(n.Fields, tree.Field{Key: key, Line: child.Line, Value: &tree.Node{Kind: tree.List, Line: child.Line}})
		}
		n.Fields[i].Value.Items = append(n.Fields[i].Value.Items, child)
	}
	return n
}

func scalar(text string, line int) *tree.Node {
	return &tree.Node{Kind: tree.Scalar, Text: text, Line: line}
}

// source is an expression as written.
func (c *converter) source(e hclsyntax.Expression) *tree.Node {
	r := e.Range()
	text := ""
	if r.Start.Byte >= 0 && r.End.Byte <= len(c.text) && r.Start.Byte < r.End.Byte {
		text = string(c.text[r.Start.Byte:r.End.Byte])
	}
	return &tree.Node{Kind: tree.Scalar, Text: text, Tag: "!expr", Line: r.Start.Line}
}

func (c *converter) expr(e hclsyntax.Expression, depth int) *tree.Node {
	line := e.Range().Start.Line
	if depth > maxDepth {
		return c.source(e)
	}
	switch e := e.(type) {
	case *hclsyntax.LiteralValueExpr:
		return c.literal(e.Val, line, e)
	case *hclsyntax.TemplateExpr:
		return c.template(e, depth)
	case *hclsyntax.TemplateWrapExpr:
		return c.expr(e.Wrapped, depth+1)
	case *hclsyntax.ParenthesesExpr:
		return c.expr(e.Expression, depth+1)
	case *hclsyntax.TupleConsExpr:
		n := &tree.Node{Kind: tree.List, Line: line}
		for _, item := range e.Exprs {
			n.Items = append(n.Items, c.expr(item, depth+1))
		}
		return n
	case *hclsyntax.ObjectConsExpr:
		n := &tree.Node{Kind: tree.Map, Line: line}
		for _, item := range e.Items {
			n.Fields = append(n.Fields, tree.Field{Key: c.key(item.KeyExpr), Line: item.KeyExpr.Range().Start.Line,
				Value: c.expr(item.ValueExpr, depth+1)})
		}
		return n
	case *hclsyntax.ScopeTraversalExpr:
		return c.traversal(e)
	case *hclsyntax.FunctionCallExpr:
		return c.call(e, depth)
	}
	if n := c.evaluate(e); n != nil {
		return n
	}
	return c.source(e)
}

func (c *converter) literal(v cty.Value, line int, e hclsyntax.Expression) *tree.Node {
	switch {
	case v.IsNull():
		return &tree.Node{Kind: tree.Null, Line: line}
	case !v.IsKnown():
		return c.source(e)
	case v.Type() == cty.Bool:
		if v.True() {
			return scalar("true", line)
		}
		return scalar("false", line)
	case v.Type() == cty.Number:
		return scalar(v.AsBigFloat().Text('g', 20), line)
	case v.Type() == cty.String:
		n := scalar(v.AsString(), line)
		n.Quoted = true
		return n
	}
	return c.source(e)
}

// template joins the parts of a quoted string or heredoc; what is filled in and
// not known stays as written, between "${" and "}".
func (c *converter) template(e *hclsyntax.TemplateExpr, depth int) *tree.Node {
	var b strings.Builder
	for _, part := range e.Parts {
		lit, ok := part.(*hclsyntax.LiteralValueExpr)
		if ok && !lit.Val.IsNull() && lit.Val.Type() == cty.String {
			b.WriteString(lit.Val.AsString())
			continue
		}
		if n := c.expr(part, depth+1); n.Kind == tree.Scalar && n.Tag == "" {
			b.WriteString(n.Text)
			continue
		}
		b.WriteString("${" + c.source(part).Text + "}")
	}
	n := scalar(b.String(), e.Range().Start.Line)
	n.Quoted = true
	return n
}

func (c *converter) key(e hclsyntax.Expression) string {
	if wrap, ok := e.(*hclsyntax.ObjectConsKeyExpr); ok {
		if name := hcl.ExprAsKeyword(wrap); name != "" {
			return name
		}
		e = wrap.Wrapped
	}
	if t, ok := e.(*hclsyntax.TemplateExpr); ok {
		return c.template(t, 0).Text
	}
	return c.source(e).Text
}

func (c *converter) traversal(e *hclsyntax.ScopeTraversalExpr) *tree.Node {
	n := c.source(e)
	if len(e.Traversal) == 1 {
		switch name := strings.ToLower(e.Traversal.RootName()); name {
		case "true", "false": // "False" is no keyword, but what was meant is plain
			return scalar(name, n.Line)
		}
	}
	if v := c.scope.lookup(e.Traversal); v != nil {
		resolved := *v
		resolved.Line = n.Line
		return &resolved
	}
	return n
}

// call reads the functions that only wrap what they are given.
func (c *converter) call(e *hclsyntax.FunctionCallExpr, depth int) *tree.Node {
	switch e.Name {
	case "jsonencode", "yamlencode", "toset", "tolist", "tomap", "tostring", "tobool", "tonumber", "nonsensitive", "sensitive",
		"flatten", "distinct", "trimspace", "sort", "lower":
		if len(e.Args) == 1 {
			return c.expr(e.Args[0], depth+1)
		}
	case "concat", "compact", "setunion", "coalescelist":
		n := &tree.Node{Kind: tree.List, Line: e.Range().Start.Line}
		for _, arg := range e.Args {
			n.Items = append(n.Items, c.expr(arg, depth+1).Each()...)
		}
		return n
	case "merge":
		n := &tree.Node{Kind: tree.Map, Line: e.Range().Start.Line}
		for _, arg := range e.Args {
			n.Fields = append(n.Fields, c.expr(arg, depth+1).Entries()...)
		}
		return n
	}
	if n := c.evaluate(e); n != nil {
		return n
	}
	return c.source(e)
}
