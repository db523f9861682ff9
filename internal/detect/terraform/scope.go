package terraform

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/gatehold/gatehold/internal/detect/tree"
)

// The bounds of what names stand for. Names may stand for names, so that a
// small file can say much.
const (
	maxNamed    = 5_000   // nodes that one name stands for
	maxBrought  = 200_000 // nodes that all names of a file bring in
	maxChain    = 50      // names that stand for each other, one behind the next
	maxCostEach = 20_000  // of evaluating one expression
	maxCost     = 400_000 // and all of a file
)

// scope is what names stand for: defaults of variables, and locals. A name is
// read when it is first asked for.
type scope struct {
	names   map[string]*definition // "var.x", "local.y"
	depth   int
	brought int // nodes that names brought in so far
	cost    int // of the expressions evaluated so far
}

type definition struct {
	conv *converter
	expr hclsyntax.Expression
	node *tree.Node
	size int
	busy bool

	value *cty.Value // of node, where somebody asked
}

func newScope() *scope { return &scope{names: map[string]*definition{}} }

// define adds what variables and locals of a file stand for.
func (s *scope) define(conv *converter, body *hclsyntax.Body) {
	for _, b := range body.Blocks {
		switch {
		case b.Type == "variable" && len(b.Labels) == 1:
			if attr := b.Body.Attributes["default"]; attr != nil {
				s.names["var."+b.Labels[0]] = &definition{conv: conv, expr: attr.Expr}
			}
		case b.Type == "locals":
			for name, attr := range b.Body.Attributes {
				s.names["local."+name] = &definition{conv: conv, expr: attr.Expr}
			}
		}
	}
}

// set has a name stand for a value.
func (s *scope) set(name string, n *tree.Node) { s.names[name] = &definition{node: n, size: sizeOf(n)} }

// find is the definition of a name, read. Of a name that stands for itself,
// nothing is known.
func (s *scope) find(name string) *definition {
	d := s.names[name]
	if d == nil || d.busy || d.node == nil && s.depth >= maxChain {
		return nil
	}
	if d.node == nil {
		d.busy = true
		s.depth++
		d.node = d.conv.expr(d.expr, 0)
		s.depth--
		d.busy = false
		d.size = sizeOf(d.node)
	}
	if d.size > maxNamed {
		return nil
	}
	return d
}

// sizeOf counts nodes and, of long texts, what they take.
func sizeOf(n *tree.Node) int {
	size := 0
	tree.Walk(n, func(_ []string, n *tree.Node) bool {
		size += 1 + len(n.Text)/64
		return size <= maxNamed
	})
	return size
}

// lookup is what a traversal such as local.a.b or var.x["y"] stands for.
func (s *scope) lookup(t hcl.Traversal) *tree.Node {
	d, rest := s.rooted(t)
	if d == nil || s.brought+d.size > maxBrought {
		return nil
	}
	n := d.node
	for _, step := range rest {
		switch step := step.(type) {
		case hcl.TraverseAttr:
			n = n.Get(step.Name)
		case hcl.TraverseIndex:
			key, ok := keyText(step.Key)
			if !ok {
				return nil
			}
			n = n.Get(key)
		default:
			return nil
		}
	}
	if n != nil {
		s.brought += d.size
	}
	return n
}

// rooted is the definition that a traversal begins at, and the steps behind it.
func (s *scope) rooted(t hcl.Traversal) (*definition, hcl.Traversal) {
	if len(t) < 2 {
		return nil, nil
	}
	attr, ok := t[1].(hcl.TraverseAttr)
	if root := t.RootName(); !ok || root != "var" && root != "local" {
		return nil, nil
	}
	return s.find(t.RootName() + "." + attr.Name), t[2:]
}

func keyText(key cty.Value) (string, bool) {
	switch {
	case !key.IsKnown() || key.IsNull():
	case key.Type() == cty.String:
		return key.AsString(), true
	case key.Type() == cty.Number:
		return key.AsBigFloat().Text('f', -1), true
	}
	return "", false
}

// valueOf is what a definition stands for, for an evaluation.
func (d *definition) valueOf() cty.Value {
	if d.value == nil {
		v := toValue(d.node, 0)
		d.value = &v
	}
	return *d.value
}
