package cloud

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect/tree"
)

// outward is how far what a filter lets out goes.
type outward uint8

const (
	nowhere  outward = iota
	somewhat         // some ports of every place
	anything         // every port of every place
)

// letsOut reads how far the rules of a resource let traffic out.
func letsOut(r *Resource) outward {
	if !isFilter(normalType(r.Type)) {
		return nowhere
	}
	reach := nowhere
	var walk func(n *tree.Node, out bool, depth int)
	walk = func(n *tree.Node, out bool, depth int) {
		switch {
		case n == nil || depth > 12 || reach == anything || n.Kind == tree.Scalar:
		case n.Kind == tree.List:
			for _, item := range n.Items {
				walk(item, out, depth+1)
			}
		case n.Kind == tree.Map && !isPolicy(n):
			out = out || leaves(n)
			if out && !denies(n) {
				reach = max(reach, ruleOut(n))
			}
			for _, f := range n.Fields {
				if f.Value != nil && f.Value.Kind != tree.Scalar && !isTags(f.Key) {
					walk(f.Value, out || isOutward(f.Key), depth+1)
				}
			}
		}
	}
	walk(r.Body, strings.Contains(normalType(r.Type), "egress"), 0)
	return reach
}

// ruleOut reads one rule.
func ruleOut(n *tree.Node) outward {
	everywhere := false
	for _, f := range n.Fields {
		if f.Key != "source_address_prefix" && !strings.HasPrefix(f.Key, "source_") && (isSource(f.Key) || strings.HasPrefix(f.Key, "dest")) &&
			!strings.Contains(f.Key, "port") {
			for _, v := range f.Value.Each() {
				if !v.IsMap() && v.Str() != "" {
					everywhere = everywhere || world(v.Str())
				}
			}
		}
	}
	if !everywhere {
		return nowhere
	}
	for _, p := range portsOf(n) {
		if p.from <= 1 && p.to >= 65534 {
			return anything
		}
	}
	return somewhat
}

// outwardWidened reports a filter that held traffic back and lets all out now.
func (c *comparison) outwardWidened() {
	if letsOut(c.before) == somewhat && letsOut(c.after) == anything {
		c.report(IsolationWeakened, nil, c.after.Line, false, "lets everything out to every address")
	}
}
