package terraform

import (
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/gatehold/gatehold/internal/detect/place"
	"github.com/gatehold/gatehold/internal/detect/tree"
)

// maxBranches is how many conditions are followed, one behind the next.
const maxBranches = 10

// inProduction is what a count or for_each comes to where the environment is
// production: `var.env == "staging" ? 1 : 0` is none. A value that is known, or
// depends on something else, stays as it is.
func (c *converter) inProduction(e hclsyntax.Expression, value *tree.Node, depth int) *tree.Node {
	for range maxDepth {
		paren, ok := e.(*hclsyntax.ParenthesesExpr)
		if !ok {
			break
		}
		e = paren.Expression
	}
	cond, ok := e.(*hclsyntax.ConditionalExpr)
	if !ok || value.Tag != "!expr" || depth > maxBranches {
		return value
	}
	switch c.truth(cond.Condition, 0) {
	case yes:
		return c.inProduction(cond.TrueResult, c.expr(cond.TrueResult, 1), depth+1)
	case no:
		return c.inProduction(cond.FalseResult, c.expr(cond.FalseResult, 1), depth+1)
	}
	return value
}

// truth is what is known of a condition.
type truth uint8

const (
	unsure truth = iota
	yes
	no
)

func (t truth) not() truth { return [...]truth{unsure, no, yes}[t] }

// truth says whether a condition holds in production.
func (c *converter) truth(e hclsyntax.Expression, depth int) truth {
	if depth > maxDepth {
		return unsure
	}
	switch e := e.(type) {
	case *hclsyntax.ParenthesesExpr:
		return c.truth(e.Expression, depth+1)
	case *hclsyntax.UnaryOpExpr:
		if e.Op == hclsyntax.OpLogicalNot {
			return c.truth(e.Val, depth+1).not()
		}
	case *hclsyntax.BinaryOpExpr:
		return c.both(e, depth)
	case *hclsyntax.FunctionCallExpr:
		if e.Name == "contains" && len(e.Args) == 2 && aboutEnvironment(c.source(e.Args[1]).Text) {
			return anyOf(c.expr(e.Args[0], 0).Strings())
		}
	case *hclsyntax.ScopeTraversalExpr:
		if v := c.traversal(e); v.True() {
			return yes
		} else if v.False() {
			return no
		}
		return named(c.source(e).Text)
	}
	return unsure
}

// both is what two conditions come to, or a comparison.
func (c *converter) both(e *hclsyntax.BinaryOpExpr, depth int) truth {
	switch e.Op {
	case hclsyntax.OpLogicalAnd, hclsyntax.OpLogicalOr:
		decides := no
		if e.Op == hclsyntax.OpLogicalOr {
			decides = yes
		}
		a, b := c.truth(e.LHS, depth+1), c.truth(e.RHS, depth+1)
		switch {
		case a == decides || b == decides:
			return decides
		case a == unsure || b == unsure:
			return unsure
		}
		return decides.not()
	case hclsyntax.OpEqual, hclsyntax.OpNotEqual:
		for _, pair := range [2][2]hclsyntax.Expression{{e.LHS, e.RHS}, {e.RHS, e.LHS}} {
			t, ok := pair[1].(*hclsyntax.TemplateExpr)
			if !ok || !t.IsStringLiteral() || !aboutEnvironment(c.source(pair[0]).Text) {
				continue
			}
			is := anyOf([]string{literalText(t)})
			if e.Op == hclsyntax.OpNotEqual {
				return is.not()
			}
			return is
		}
	}
	return unsure
}

func literalText(t *hclsyntax.TemplateExpr) string {
	if v, diags := t.Value(nil); !diags.HasErrors() && v.Type() == cty.String {
		return v.AsString()
	}
	return ""
}

// anyOf says whether one of these is production's name; unsure where one of
// them is no environment's.
func anyOf(names []string) truth {
	out := unsure
	for _, name := range names {
		switch environments := place.Environments(name); {
		case len(environments) != 1 || name == "":
			return unsure
		case environments[0] == "production":
			return yes
		}
		out = no
	}
	return out
}

// aboutEnvironment says whether an expression is for the name of an environment.
func aboutEnvironment(text string) bool {
	low := strings.ToLower(text)
	for _, w := range []string{"env", "stage", "workspace", "tier", "account_name", "deployment"} {
		if strings.Contains(low, w) {
			return true
		}
	}
	return false
}

// named reads a switch by its name: is_production, local.is_staging.
func named(text string) truth {
	name := strings.ToLower(text[strings.LastIndexByte(text, '.')+1:])
	rest, ok := strings.CutPrefix(name, "is_")
	if !ok {
		return unsure
	}
	if inner, not := strings.CutPrefix(rest, "not_"); not {
		return anyOf([]string{inner}).not()
	}
	return anyOf([]string{rest})
}
