package cloud

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect/tree"
)

// lists pairs the items of two lists: equal ones first, then those that name
// the same thing, then by order.
func (c *comparison) lists(path []string, b, a []*tree.Node, whole, wholeAfter *tree.Node) {
	b, a = dropEqual(b, a)
	var restB, restA []*tree.Node
	byName := map[string]*tree.Node{}
	for _, n := range a {
		if name := nameOf(n); name != "" && byName[name] == nil {
			byName[name] = n
		} else {
			restA = append(restA, n)
		}
	}
	for _, n := range b {
		if other := byName[nameOf(n)]; other != nil && nameOf(n) != "" {
			delete(byName, nameOf(n))
			c.nodes(path, n, other)
			continue
		}
		restB = append(restB, n)
	}
	for _, n := range a { // in order: what no name of before took
		if name := nameOf(n); name != "" && byName[name] == n {
			restA = append(restA, n)
		}
	}
	for i := 0; i < len(restB) || i < len(restA); i++ {
		switch {
		case i >= len(restB):
			c.appeared(path, restA[i])
		case i >= len(restA):
			if len(wholeAfter.Each()) == 0 {
				c.vanished(path, restB[i])
			}
		default:
			c.nodes(path, restB[i], restA[i])
		}
	}
}

// dropEqual removes the items that both lists hold. It compares texts first,
// so that long lists stay cheap.
func dropEqual(b, a []*tree.Node) ([]*tree.Node, []*tree.Node) {
	if len(b)*len(a) > 250_000 {
		n := min(len(b), len(a))
		return b[:min(n, 500)], a[:min(n, 500)]
	}
	used := make([]bool, len(a))
	var restB, restA []*tree.Node
outer:
	for _, x := range b {
		for i, y := range a {
			if !used[i] && tree.Equal(x, y) {
				used[i] = true
				continue outer
			}
		}
		restB = append(restB, x)
	}
	for i, y := range a {
		if !used[i] {
			restA = append(restA, y)
		}
	}
	return restB, restA
}

// nameOf is what tells an item of a list of maps from its neighbours.
func nameOf(n *tree.Node) string {
	if !n.IsMap() {
		return ""
	}
	for _, key := range []string{"name", "id", "sid", "device_name", "key", "rule_no", "priority", "log_type", "volume_name",
		"path_pattern"} {
		if s := n.Get(key).Str(); s != "" {
			return key + "=" + s
		}
	}
	return ""
}

func listOfScalars(n *tree.Node) bool {
	if !n.IsList() {
		return n != nil && n.Kind == tree.Scalar
	}
	for _, item := range n.Items {
		if item == nil || item.Kind != tree.Scalar {
			return false
		}
	}
	return true
}

// valueLists compares lists of plain values: a guard that lists what it does
// is weaker with an item less.
func (c *comparison) valueLists(path []string, b, a *tree.Node) {
	m := meaningOf(c.after.Type, path)
	if ch, ok := choiceOf(c.after.Type, leafOf(path)); ok {
		c.choiceLists(ch, path, b, a)
		return
	}
	if m.sense != guard || m.class == IsolationWeakened && len(a.Each()) > 0 {
		return
	}
	have := map[string]bool{}
	for _, s := range a.Strings() {
		have[strings.ToLower(s)] = true
	}
	if m.class == LoggingWeakened && have["audit"] && !contains(b.Strings(), "audit") {
		return // the log that counts was added
	}
	for _, s := range b.Strings() {
		if have[strings.ToLower(s)] || m.class != LoggingWeakened && len(have) > 0 {
			continue
		}
		// One log exchanged for another is a choice, unless it is the audit's.
		if len(a.Each()) < len(b.Each()) || strings.Contains(strings.ToLower(s), "audit") {
			c.report(m.class, path, a.At(), false, "%s no longer has %s", leafOf(path), clip(s))
			return
		}
	}
}

func (c *comparison) choiceLists(ch choice, path []string, b, a *tree.Node) {
	worst := func(n *tree.Node) string {
		for _, s := range n.Strings() {
			if contains(ch.bad, strings.ToLower(s)) {
				return s
			}
		}
		return strings.Join(n.Strings(), ",")
	}
	if from, to := worst(b), worst(a); ch.worse(from, to) {
		c.report(ch.class, path, a.At(), false, "%s %s", leafOf(path), change(from, to))
	}
}
