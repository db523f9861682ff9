package terraform

import (
	"fmt"
	"regexp"
	"sort"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/tryfunc"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"

	"github.com/gatehold/gatehold/internal/detect/tree"
)

// functions are those of the language that depend on nothing but what they are
// given, and whose result is no larger than that.
// https://developer.hashicorp.com/terraform/language/functions
var functions = map[string]function.Function{
	"abs": stdlib.AbsoluteFunc, "ceil": stdlib.CeilFunc, "floor": stdlib.FloorFunc, "max": stdlib.MaxFunc, "min": stdlib.MinFunc,
	"parseint": stdlib.ParseIntFunc, "signum": stdlib.SignumFunc,
	"chomp": stdlib.ChompFunc, "format": unpadded(stdlib.FormatFunc), "join": stdlib.JoinFunc, "lower": stdlib.LowerFunc,
	"split": stdlib.SplitFunc, "strrev": stdlib.ReverseFunc, "substr": stdlib.SubstrFunc, "title": stdlib.TitleFunc,
	"trim": stdlib.TrimFunc, "trimprefix": stdlib.TrimPrefixFunc, "trimspace": stdlib.TrimSpaceFunc,
	"trimsuffix": stdlib.TrimSuffixFunc, "upper": stdlib.UpperFunc,
	"chunklist": stdlib.ChunklistFunc, "coalesce": stdlib.CoalesceFunc, "coalescelist": stdlib.CoalesceListFunc,
	"compact": stdlib.CompactFunc, "concat": stdlib.ConcatFunc, "contains": stdlib.ContainsFunc, "distinct": stdlib.DistinctFunc,
	"element": stdlib.ElementFunc, "flatten": stdlib.FlattenFunc, "keys": stdlib.KeysFunc, "length": stdlib.LengthFunc,
	"lookup": stdlib.LookupFunc, "merge": stdlib.MergeFunc, "reverse": stdlib.ReverseListFunc, "setunion": stdlib.SetUnionFunc,
	"setintersection": stdlib.SetIntersectionFunc, "setsubtract": stdlib.SetSubtractFunc, "slice": stdlib.SliceFunc,
	"sort": stdlib.SortFunc, "values": stdlib.ValuesFunc, "zipmap": stdlib.ZipmapFunc,
	"tobool": stdlib.MakeToFunc(cty.Bool), "tonumber": stdlib.MakeToFunc(cty.Number), "tostring": stdlib.MakeToFunc(cty.String),
	"tolist": stdlib.MakeToFunc(cty.List(cty.DynamicPseudoType)), "toset": stdlib.MakeToFunc(cty.Set(cty.DynamicPseudoType)),
	"tomap": stdlib.MakeToFunc(cty.Map(cty.DynamicPseudoType)),
	"try":   tryfunc.TryFunc, "can": tryfunc.CanFunc,
}

// wide finds a verb of a format that makes its result wider than what it is given.
var wide = regexp.MustCompile(`%[^%a-zA-Z]*[0-9]{3}|%[^%a-zA-Z]*\*`)

// unpadded refuses formats that pad.
func unpadded(f function.Function) function.Function {
	return function.New(&function.Spec{
		Params:   f.Params(),
		VarParam: f.VarParam(),
		Type:     func(args []cty.Value) (cty.Type, error) { return f.ReturnTypeForValues(args) },
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			if text := args[0]; text.IsKnown() && !text.IsNull() && wide.MatchString(text.AsString()) {
				return cty.NilVal, fmt.Errorf("it pads")
			}
			return f.Call(args)
		},
	})
}

// evaluate computes an expression whose names are all known; nil where that
// cannot be had at a fair price.
func (c *converter) evaluate(e hclsyntax.Expression) *tree.Node {
	r := e.Range()
	length := r.End.Byte - r.Start.Byte
	if length > maxCostEach || r.Start.Byte < 0 || r.End.Byte > len(c.text) || length <= 0 {
		return nil
	}
	text := string(c.text[r.Start.Byte:r.End.Byte])
	loops := strings.Count(text, "for") + strings.Count(text, "*")
	if loops > 2 {
		return nil
	}
	ctx, size, ok := c.context(e)
	cost := length + size
	for range loops {
		cost *= length/16 + size + 1
	}
	if !ok || cost > maxCostEach || c.scope.cost+cost > maxCost {
		return nil
	}
	c.scope.cost += cost
	v, diags := e.Value(ctx)
	if diags.HasErrors() || v == cty.NilVal || !v.IsWhollyKnown() || v.ContainsMarked() {
		return nil
	}
	return fromValue(v, r.Start.Line, 0)
}

// context gives an expression the names that it uses. What is not known is
// unknown, which leaves some results known still.
func (c *converter) context(e hclsyntax.Expression) (ctx *hcl.EvalContext, size int, ok bool) {
	objects := map[string]map[string]cty.Value{"var": {}, "local": {}}
	ctx = &hcl.EvalContext{Variables: map[string]cty.Value{}, Functions: functions}
	for _, t := range e.Variables() {
		root := t.RootName()
		known := objects[root]
		if known == nil {
			ctx.Variables[root] = cty.DynamicVal
			continue
		}
		d, _ := c.scope.rooted(t)
		if len(t) < 2 {
			return nil, 0, false
		}
		attr, is := t[1].(hcl.TraverseAttr)
		if !is {
			return nil, 0, false
		}
		if _, done := known[attr.Name]; done {
			continue
		}
		known[attr.Name] = cty.DynamicVal
		if d != nil {
			if size += d.size; size > maxCostEach {
				return nil, 0, false
			}
			known[attr.Name] = d.valueOf()
		}
	}
	for root, known := range objects {
		if len(known) > 0 {
			ctx.Variables[root] = cty.ObjectVal(known)
		}
	}
	return ctx, size, true
}

// toValue makes a value of a tree. What the tree does not know is unknown.
func toValue(n *tree.Node, depth int) cty.Value {
	switch {
	case n == nil || n.Tag != "" || depth > maxDepth || n.Kind == tree.Scalar && strings.Contains(n.Text, "${"):
		return cty.DynamicVal
	case n.Kind == tree.Null:
		return cty.NullVal(cty.DynamicPseudoType)
	case n.Kind == tree.List:
		items := make([]cty.Value, len(n.Items))
		for i, item := range n.Items {
			items[i] = toValue(item, depth+1)
		}
		return cty.TupleVal(items)
	case n.Kind == tree.Map:
		fields := map[string]cty.Value{}
		for _, f := range n.Fields {
			fields[f.Key] = toValue(f.Value, depth+1)
		}
		return cty.ObjectVal(fields)
	case n.Quoted:
		return cty.StringVal(n.Text)
	case n.Text == "true" || n.Text == "false":
		return cty.BoolVal(n.Text == "true")
	}
	if v, err := cty.ParseNumberVal(n.Text); err == nil {
		return v
	}
	return cty.StringVal(n.Text)
}

// fromValue makes a tree of a value that is wholly known.
func fromValue(v cty.Value, line, depth int) *tree.Node {
	t := v.Type()
	switch {
	case v.IsNull() || depth > maxDepth:
		return &tree.Node{Kind: tree.Null, Line: line}
	case t == cty.Bool:
		return scalar(fmt.Sprint(v.True()), line)
	case t == cty.Number:
		return scalar(v.AsBigFloat().Text('g', 20), line)
	case t == cty.String:
		n := scalar(v.AsString(), line)
		n.Quoted = true
		return n
	case t.IsTupleType() || t.IsListType() || t.IsSetType():
		n := &tree.Node{Kind: tree.List, Line: line}
		for _, item := range v.AsValueSlice() {
			n.Items = append(n.Items, fromValue(item, line, depth+1))
		}
		return n
	case t.IsObjectType() || t.IsMapType():
		n := &tree.Node{Kind: tree.Map, Line: line}
		fields := v.AsValueMap()
		keys := make([]string, 0, len(fields))
		for k := range fields {
			keys = append(keys, k)
		}
		sort.Strings(keys)
		for _, k := range keys {
			n.Fields = append(n.Fields, tree.Field{Key: k, Line: line, Value: fromValue(fields[k], line, depth+1)})
		}
		return n
	}
	return nil
}
