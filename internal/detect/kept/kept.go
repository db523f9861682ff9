// Package kept compares two trees of settings, whoever's they are, for what is no
// longer kept by them: copies that are made no more, for a shorter time or of less,
// data that goes with what held it, stores of which none is left.
//
// It knows no product. It reads the words of keys and of the values beside them
// (words.go): a number of days under "backup" that fell, a policy for deletion that
// said retain and says delete. Comparing is linear in the trees, and bounded.
package kept

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect/deed"
	"github.com/gatehold/gatehold/internal/detect/tree"
)

// Sort is what was lost.
type Sort uint8

// The sorts.
const (
	Off     Sort = iota + 1 // copies are made no more
	Shorter                 // they are kept for less time, or fewer of them
	Logs                    // the same of logs and measurements
	Less                    // they are made of less
	Checks                  // they are no longer checked
	Bound                   // data goes with what holds it
	Emptied                 // no instance of a store is left
	Entry                   // a store is no longer listed
)

// Loss is one thing that is kept no more.
type Loss struct {
	Sort    Sort
	Line    int
	Removed bool // Line counts in the text before
	Path    string
	Detail  string
}

// Of says what is known of the settings from elsewhere.
type Of struct {
	Copies bool // they are about copies: by their path, or the kind of object
	Store  bool // they are of a store of data
}

// The bounds of a comparison.
const (
	maxDepth = 14
	maxList  = 300
)

// Compare lists what the settings after keep no longer.
func Compare(before, after *tree.Node, of Of) []Loss {
	c := comparison{of: of}
	c.nodes(nil, before, after)
	return c.out
}

type comparison struct {
	of  Of
	out []Loss
}

// where is the words of the keys that lead to a value.
type where struct {
	above *where
	key   string
	words []string
	depth int
}

func (w *where) add(key string) *where {
	depth := 1
	if w != nil {
		depth = w.depth + 1
	}
	return &where{above: w, key: key, words: deed.Split(key), depth: depth}
}

// says reports whether a word of the key is one of some.
func (w *where) says(some map[string]bool) bool {
	if w == nil {
		return false
	}
	for _, one := range w.words {
		if some[one] {
			return true
		}
	}
	return false
}

// within reports whether a key on the way is of some words.
func (w *where) within(some map[string]bool) bool {
	for ; w != nil; w = w.above {
		if w.says(some) {
			return true
		}
	}
	return false
}

func (w *where) String() string {
	if w == nil {
		return ""
	}
	if w.above == nil || w.above.key == "spec" {
		return w.key
	}
	return w.above.String() + "." + w.key
}

// copies says that a place is about copies.
func (c *comparison) copies(w *where) bool { return c.of.Copies || w.within(copies) }

func (c *comparison) lost(sort Sort, w *where, n *tree.Node, removed bool, detail string) {
	c.out = append(c.out, Loss{Sort: sort, Line: n.At(), Removed: removed, Path: w.String(), Detail: detail})
}

func (c *comparison) nodes(w *where, b, a *tree.Node) {
	if b == nil || w != nil && w.depth > maxDepth || b == a {
		return
	}
	switch {
	case a == nil || a.Kind == tree.Null:
		c.gone(w, b)
	case b.Kind == tree.Map && a.Kind == tree.Map:
		c.maps(w, b, a)
	case b.Kind == tree.List && a.Kind == tree.List:
		c.lists(w, b, a)
	case b.Kind == tree.Scalar && a.Kind == tree.Scalar:
		c.values(w, b, a)
	case len(a.Fields)+len(a.Items) == 0 && a.Kind != tree.Scalar:
		c.gone(w, b)
	}
}

func (c *comparison) maps(w *where, b, a *tree.Node) {
	now := make(map[string]*tree.Node, len(a.Fields))
	for _, f := range a.Fields {
		now[f.Key] = f.Value
	}
	for _, f := range b.Fields {
		if !aside[f.Key] {
			c.nodes(w.add(f.Key), f.Value, now[f.Key])
		}
	}
	for _, f := range a.Fields { // a switch that was not there
		if b.Get(f.Key) == nil && f.Value.True() {
			if v := w.add(f.Key); c.stops(v) {
				c.lost(Off, v, f.Value, false, "true")
			}
		}
	}
}

// stops says that a switch has no copies be made by being on: paused, disable_backup.
func (c *comparison) stops(w *where) bool { return w.says(against) && c.copies(w) && !w.says(left) }

// gone is a setting that is taken out.
func (c *comparison) gone(w *where, b *tree.Node) {
	if w == nil || b.Kind == tree.Null || w.says(against) || w.says(left) {
		return
	}
	block := len(b.Fields)+len(b.Items) > 0
	switch {
	case w.says(checks) && c.copies(w.above):
		c.lost(Checks, w, b, true, "taken out")
	case block && w.says(copies) && !b.Get("enabled").False(), w.says(copies) && w.says(timing) && b.Str() != "":
		c.lost(Off, w, b, true, "taken out")
	case block && c.of.Store && w.says(stores) && w.above != nil && w.above.key == "spec" && plural(w.key):
		c.lost(Entry, w, b, true, "taken out")
	}
}

func plural(key string) bool { return strings.HasSuffix(key, "s") }

// values compares two values of a setting.
func (c *comparison) values(w *where, b, a *tree.Node) {
	if w == nil || b.Text == a.Text || strings.Contains(a.Text, "${") || strings.Contains(a.Text, "{{") {
		return
	}
	was, is := flat(b.Text), flat(a.Text)
	detail := b.Text + " to " + a.Text
	switch {
	case w.says(fate) && w.says(policies) && keeps[was] && ends[is], w.lasts() && passing[is] && !passing[was]:
		c.lost(Bound, w, a, false, detail)
	case yes[was] == yes[is] && no[was] == no[is]:
		c.amounts(w, b, a, detail)
	case c.stops(w) && yes[is], !w.says(against) && c.switches(w) && yes[was] && no[is]:
		c.lost(Off, w, a, false, detail)
	default:
		c.amounts(w, b, a, detail)
	}
}

// lasts says that a setting is whether data outlives a process.
func (w *where) lasts() bool {
	return w.says(lasting) || w.above.says(lasting) && (w.says(state) || w.key == "type")
}

// amounts compares how long or how many are kept, and how many of a store there are.
func (c *comparison) amounts(w *where, b, a *tree.Node, detail string) {
	from, okB := amount(b.Text)
	to, okA := amount(a.Text)
	if !okA || !okB || from <= 0 || to < 0 || to >= from {
		return
	}
	spans := w.says(spans) || w.above.says(retained)
	switch {
	case spans && !w.says(against) && !w.says(retries):
		c.shorter(w, a, detail)
	case to == 0 && c.of.Store && counts[w.key]:
		c.lost(Emptied, w, a, false, detail)
	}
}

// switches says that a setting has copies be made by being on.
func (c *comparison) switches(w *where) bool {
	if w.says(copies) {
		return true
	}
	return w.says(state) && (w.above.within(copies) || c.of.Copies && w.depth <= 2)
}

// shorter is an amount of what is kept that fell.
func (c *comparison) shorter(w *where, a *tree.Node, detail string) {
	switch {
	case w.within(logs) && !w.within(audit) && !w.within(copies):
		c.lost(Logs, w, a, false, detail)
	case c.copies(w):
		c.lost(Shorter, w, a, false, detail)
	case w.within(retained):
		c.lost(Logs, w, a, false, detail)
	}
}

// lists compares two lists: of names, or of maps with names.
func (c *comparison) lists(w *where, b, a *tree.Node) {
	if len(b.Items) > maxList || len(a.Items) > maxList {
		return
	}
	now := map[string]*tree.Node{}
	for i, n := range a.Items {
		now[nameOf(n, i)] = n
	}
	for i, n := range b.Items {
		name := nameOf(n, i)
		is := now[name]
		switch {
		case is != nil:
			if n.Kind != tree.Scalar {
				c.nodes(w, n, is)
			}
		case name == "" || name[0] == '#' || w.says(left) || w.says(against) || w == nil:
		case c.of.Store && w.says(stores) && n.IsMap():
			c.lost(Entry, w, n, true, name)
		case c.copies(w) && w.says(covers):
			c.lost(Less, w, n, true, name)
		case w.says(copies) && n.IsMap() && len(a.Items) < len(b.Items):
			c.lost(Off, w, n, true, name)
		}
	}
}

// nameOf is what an entry of a list is told by: its name, or its place.
func nameOf(n *tree.Node, i int) string {
	if n.Kind == tree.Scalar {
		return n.Text
	}
	for _, key := range [...]string{"name", "id", "key", "path", "topic", "database", "bucket"} {
		if s := n.Get(key).Str(); s != "" {
			return s
		}
	}
	return "#" + string(rune('0'+i%10)) + string(rune('0'+i/10%10)) + string(rune('0'+i/100%10))
}

// flat is a value without case and signs.
func flat(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r == '_' || r == ' ' {
			return -1
		}
		return r
	}, strings.ToLower(s[:min(len(s), 60)]))
}
