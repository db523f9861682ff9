package state

import (
	"strconv"
	"strings"

	"github.com/gatehold/gatehold/internal/detect"
)

// listed compares a list; was is nil where it is new.
func (c *comparison) listed(was, is *setting) {
	if was == nil && named(is) && !c.program() && c.file.Before.Body != "" {
		c.add(kindWidened, is, "*")
		return
	}
	had := map[string]bool{}
	for _, item := range entries(was) {
		had[item] = true
	}
	items := entries(is)
	now, come := map[string]bool{}, 0
	for _, item := range items {
		now[item] = true
		if !had[item] {
			come++
			if was != nil && c.granted(is, item) {
				return
			}
		}
	}
	gone := 0
	for i := range had {
		if !now[i] {
			gone++
			if c.flag(is, i, now) {
				return
			}
		}
	}
	if was != nil && gone > come {
		s := *is
		c.lost(&s, gone, len(items) == 0)
	}
}

// entries are those of a list, or the one value that stands for a list.
func entries(s *setting) []string {
	if s != nil && !s.list && s.value != "" {
		return []string{s.value}
	}
	if s == nil {
		return nil
	}
	return s.items
}

// granted reports an entry that lets everybody, or an agent anything.
func (c *comparison) granted(s *setting, item string) bool {
	about := c.about(s)
	v := words()
	if c.program() || c.where.declared {
		return false
	}
	if named(s) {
		return false
	}
	if whose(s) && (wild(item) || strings.Contains(item, "*") && about.identity && !about.agents && !c.starred[s.name()]) ||
		live(item) && about.agents && v.where.any(split(s.key())) {
		c.add(kindWidened, s, item)
		return true
	}
	name, scope, scoped := strings.Cut(item, "(")
	if scoped && !wild(strings.TrimSuffix(scope, ")")) {
		return false
	}
	near := split(s.key())
	if about.agents && v.unasked.any(near) && v.doing.any(split(name)) && !strings.Contains(strings.TrimSpace(name), " ") {
		c.add(kindTools, s, item)
		return true
	}
	return false
}

func live(item string) bool {
	switch strings.ToLower(item) {
	case "production", "prod", "live", "prd":
		return true
	}
	return false
}

// flag reports an argument by which a server of an agent guarded, and that is
// not given any more.
func (c *comparison) flag(s *setting, item string, now map[string]bool) bool {
	about := c.about(s)
	if !strings.HasPrefix(item, "-") || !about.agents || !c.where.agents && c.program() {
		return false
	}
	w := split(item)
	if pointing(w) <= 0 {
		return false
	}
	for i := range now {
		if strings.HasPrefix(i, strings.SplitN(item, "=", 2)[0]) {
			return false
		}
	}
	c.add(kindOff, s, item+" is not given any more")
	return true
}

// asked looks at what an address of an agent's server asks for: ?read_only=true.
func asked(was, is string) bool {
	_, from, ok := strings.Cut(was, "?")
	if !ok {
		return false
	}
	for p := range strings.SplitSeq(from, "&") {
		name, value, _ := strings.Cut(p, "=")
		if pointing(split(name)) > 0 && isOn(plainly(value)) && !strings.Contains(is, p) {
			return true
		}
	}
	return false
}

// lost reports a list of guards that has fewer entries.
func (c *comparison) lost(s *setting, gone int, all bool) {
	v := words()
	near := split(s.key())
	about := c.about(s)
	admits := v.admitting.any(near) && about.identity && !c.program()
	if !v.listed.any(near) && !admits || v.plain.any(near) || v.thing.any(near) {
		return
	}
	valued := v.grave.any(near) || (about.agents || about.identity) && !c.program()
	kind := kindFewer
	switch {
	case c.program() && !v.grave.any(near):
		return
	case all && valued:
		kind = kindEmptied
	case admits, c.where.declared:
		return
	}
	detail := strconv.Itoa(gone) + " fewer"
	if all {
		detail = "none is left"
	}
	c.report.Add(detect.Observation{Kind: kind, Line: s.line, Object: shown(s.keys), Detail: detail})
}
