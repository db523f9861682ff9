package state

import "strings"

// narrower is of whom something was said before that is less than everything:
// words of keys, by how deep they stand. Nil where nothing was there.
type narrower map[standing]bool

type standing struct {
	depth int
	word  string
}

// of says whether something was said of the same people or things as s speaks of.
func (n narrower) of(s *setting) bool {
	for _, w := range split(s.key()) {
		if words().who[w] && n[standing{len(s.keys), w}] {
			return true
		}
	}
	return wild(s.key()) && n[standing{len(s.keys), "*"}]
}

// index prepares what is asked of all settings, so that no question costs a pass
// over them.
func (c *comparison) index(before, after []setting) {
	c.starred, c.empty = map[string]bool{}, map[string]int{}
	if len(before) > 0 {
		c.had = narrower{}
	}
	for i := range before {
		b := &before[i]
		if strings.Contains(strings.Join(b.items, " ")+b.value, "*") {
			c.starred[b.name()] = true
		}
		if b.list || b.value == "" || wild(b.value) || !whose(b) {
			continue
		}
		c.had[standing{len(b.keys), "*"}] = true
		for _, w := range split(b.key()) {
			c.had[standing{len(b.keys), w}] = true
		}
	}
	for i := range after {
		if a := &after[i]; a.list && len(a.items) == 0 {
			c.empty[a.name()] = a.line
		}
	}
}
