package state

import (
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
)

// context is what a file is about by its path.
type context struct {
	agents, identity bool
	declared         bool // infrastructure that other packages know by its types
}

func contextOf(p string) context {
	w := split(p)
	return context{agents: words().agents.any(w), identity: words().identity.any(w), declared: strings.HasSuffix(p, ".tf")}
}

// comparison is one file, before against after.
type comparison struct {
	file       *change.File
	format     format
	report     *detect.Report
	where      context
	come, gone map[int]bool // numbers of the lines that differ
	had        narrower
	starred    map[string]bool // lists and values with a star before, by name
	empty      map[string]int  // lists that have no entry now, by name, with their lines
}

// compare pairs the settings of both sides by their keys.
func (c *comparison) compare(before, after []setting) {
	c.index(before, after)
	was := map[string][]*setting{}
	for i := range before {
		s := &before[i]
		if len(was[s.name()]) < 50 {
			was[s.name()] = append(was[s.name()], s)
		}
	}
	blocks := map[string]bool{}
	for i := range after {
		s := &after[i]
		blocks[strings.Join(s.keys[:max(len(s.keys)-1, 0)], "\x00")] = true
		old := was[s.name()]
		if len(old) > 0 {
			was[s.name()] = old[1:]
			if same(old[0], s) {
				continue
			}
			c.changed(old[0], s)
			continue
		}
		if c.come[s.line] || s.list {
			c.added(s)
		}
	}
	if len(after) == 0 && c.format != program {
		return
	}
	for i := range before {
		s := &before[i]
		if left := was[s.name()]; len(left) == 0 || left[0] != s || !c.gone[s.line] {
			continue
		}
		was[s.name()] = was[s.name()][1:]
		stands := blocks[strings.Join(s.keys[:max(len(s.keys)-1, 0)], "\x00")]
		if c.format == program && len(c.gone) <= 5 || c.format != program && (stands || c.where.agents || c.within(s)) {
			c.removed(s)
		}
	}
}

func same(a, b *setting) bool {
	if a.value != b.value || a.list != b.list || len(a.items) != len(b.items) {
		return false
	}
	for i := range a.items {
		if a.items[i] != b.items[i] {
			return false
		}
	}
	return true
}

// add reports a setting.
func (c *comparison) add(k *detect.Kind, s *setting, detail string) {
	c.report.Add(detect.Observation{Kind: k, Line: s.line, Object: shown(s.keys), Detail: detail})
}

// shown is the end of the keys that lead to a setting.
func shown(keys []string) string {
	var parts []string
	for _, k := range keys[max(len(keys)-3, 0):] {
		if k = strings.TrimPrefix(k, "="); k != "" {
			parts = append(parts, k)
		}
	}
	return strings.Join(parts, ".")
}

// subject are the words that say what a setting is about: those of its key and,
// where that says nothing by itself, of what it stands in.
func subject(s *setting) []string {
	out := split(s.key())
	for i := len(s.keys) - 2; i >= 0 && i >= len(s.keys)-3; i-- {
		if !says(out) {
			out = append(out, split(s.keys[i])...)
		}
	}
	return out
}

func says(list []string) bool {
	for _, w := range list {
		if !general[w] {
			return true
		}
	}
	return false
}

// about says what a setting is about by its file and by all its keys.
func (c *comparison) about(s *setting) context {
	out := c.where
	for _, k := range s.keys {
		w := split(k)
		out.agents = out.agents || words().agents.any(w)
		out.identity = out.identity || words().identity.any(w)
	}
	return out
}

// changed looks at a setting that is another now.
func (c *comparison) changed(was, is *setting) {
	if is.list || was.list {
		c.listed(was, is)
		return
	}
	if !c.come[is.line] && c.format != yamlText && c.format != jsonText && c.format != frontText {
		return
	}
	detail := was.value + " to " + is.value
	switch {
	case c.program() && len(is.key()) < 5:
	case c.off(was, is), c.where.agents && asked(was.value, is.value):
		c.add(kindOff, is, detail)
	case c.wider(was, is):
		c.add(kindWidened, is, detail)
	case c.limit(was, is, detail):
	case c.looser(was, is):
		c.add(kindLooser, is, detail)
	case !c.program() && c.elsewhere(was, is):
		c.add(kindForked, is, "another host")
	}
}

func (c *comparison) program() bool { return c.format == program }

// off says whether what is valued most is guarded no more.
func (c *comparison) off(was, is *setting) bool {
	from, to := plainly(was.value), plainly(is.value)
	stateful := words().stateful.any(subject(is))
	if words().boundless[to] && !words().boundless[from] && stateful {
		return true
	}
	sense, grave := c.sense(is)
	if sense != 0 && grave && c.fell(rank(was.value, sense), rank(is.value, sense), sense > 0 && isOff(to)) {
		return true
	}
	about := c.about(is)
	if about.identity && !c.program() && stateful && letsIn(from, to) {
		return true
	}
	return c.points(was, is) && (about.agents || about.identity || grave)
}

// fell says whether a value protects no more. Of one that says neither it is
// known only where it is off now, and where a program does not compute it.
func (c *comparison) fell(from, to int, off bool) bool {
	return to == 0 && (from == 2 || from == 1 && off && !c.program())
}

// letsIn says whether a decision of who may come in is none any more.
func letsIn(from, to string) bool {
	return to != "" && from != "" && words().nobody[to] && !words().nobody[from] && !isOff(from)
}

// points says whether a value that names a state names one that permits now.
func (c *comparison) points(was, is *setting) bool {
	v := words()
	if c.program() && !v.grave.any(split(is.key())) {
		return false
	}
	from, to := state(was.value), state(is.value)
	return v.stateful.any(subject(is)) && points(from, v.strict, v.loose) && v.loose[to] && !v.strict[to]
}

// points says whether a value is of one class and not of another, by itself or
// by a word of a few: ask-user.
func points(v string, of, not class) bool {
	if of[v] || not[v] {
		return of[v] && !not[v]
	}
	parts := strings.Split(v, "-")
	return len(parts) <= 3 && of.any(parts) && !not.any(parts)
}

// state is a value without what some formats put before it: EFFECT_DENY.
func state(v string) string {
	p := plainly(v)
	for _, prefix := range [...]string{"effect-", "action-", "mode-", "policy-"} {
		p = strings.TrimPrefix(p, prefix)
	}
	return p
}

// looser says whether something guards less, of which it is not known how much
// it is worth.
func (c *comparison) looser(was, is *setting) bool {
	return !c.where.declared && !c.program() && c.points(was, is)
}

// wider says whether somebody may more, or everybody may.
func (c *comparison) wider(was, is *setting) bool {
	w, v := subject(is), words()
	from, to := plainly(was.value), plainly(is.value)
	if c.program() {
		return false
	}
	if v.little[from] && !v.much[from] && v.much[to] && !v.little[to] && (v.who.any(w) || v.stateful.any(w) || v.guard.any(w)) {
		return true
	}
	if was.value == "" || strings.Contains(was.value, "*") || wild(was.value) || !whose(is) {
		return false
	}
	about := c.about(is)
	return wild(is.value) || strings.Contains(is.value, "*") && about.identity && !about.agents
}

// whose says whether everything of a setting is everybody of somebody.
func whose(s *setting) bool {
	v := words()
	var name []string
	for _, k := range s.keys {
		if !wild(k) && !strings.HasPrefix(k, "=") {
			name = append(name, k)
		}
	}
	if len(name) == 0 {
		return false
	}
	near := split(name[len(name)-1])
	if v.plain.any(near) && !v.identity.any(near) {
		return false
	}
	if len(name) > 1 && v.plain.any(split(name[len(name)-2])) {
		return false
	}
	return v.who.any(near)
}

// added looks at a setting that is new.
func (c *comparison) added(s *setting) {
	if c.program() || c.where.declared {
		return
	}
	switch {
	case s.list:
		c.listed(nil, s)
	case words().boundless[plainly(s.value)] && words().stateful.any(subject(s)):
		c.add(kindOff, s, s.value)
	case c.outright(s):
		c.add(kindOpen, s, s.value)
	case c.had != nil && c.everybody(s):
		c.add(kindWidened, s, s.value)
	}
}

// outright says whether a setting says by its own name that it opens.
func (c *comparison) outright(s *setting) bool {
	w, v := subject(s), words()
	sense, grave := c.sense(s)
	return sense < 0 && isOn(plainly(s.value)) &&
		(v.outright.any(w) && v.opened.any(w) || grave && c.about(s).agents && v.hazard.any(w))
}

// everybody says whether a new setting is for everybody, where one was that was
// for some.
func (c *comparison) everybody(s *setting) bool {
	if named(s) {
		return true
	}
	about := c.about(s)
	return wild(s.value) && whose(s) && (about.identity || about.agents) && c.had.of(s)
}

// named says whether a block is of everything by its name: path "*".
func named(s *setting) bool {
	return len(s.keys) > 1 && strings.HasSuffix(s.keys[0], " *") && words().who.any(split(s.keys[0]))
}

// within reports what went with all that a list of guards held.
func (c *comparison) within(s *setting) bool {
	if c.program() || c.where.declared {
		return false
	}
	about := c.about(s)
	for i := len(s.keys) - 1; i > 0; i-- {
		line, ok := c.empty[strings.Join(s.keys[:i], "\x00")]
		if !ok {
			continue
		}
		w := split(s.keys[i-1])
		if words().listed.any(w) && !words().thing.any(w) && (about.agents || about.identity || words().grave.any(w)) {
			c.report.Add(detect.Observation{Kind: kindEmptied, Line: line, Object: shown(s.keys[:i]), Detail: "none is left"})
			return true
		}
	}
	return false
}

// removed looks at a setting that is there no more, where what it stood in is.
func (c *comparison) removed(s *setting) {
	w, v := split(s.key()), words()
	about := c.about(s)
	if c.within(s) {
		return
	}
	if s.list {
		if len(s.items) > 0 {
			c.lost(s, len(s.items), true)
		}
		return
	}
	if c.program() {
		return
	}
	sense, grave := c.sense(s)
	if about.agents && c.where.agents && v.running.any(w) && v.guarding.any(split(s.value)) {
		c.report.Add(detect.Observation{Kind: kindEmptied, Line: s.line, Removed: true, Object: shown(s.keys), Detail: s.value})
		return
	}
	for _, word := range w {
		if (word == "condition" || word == "conditions") && about.identity {
			c.report.Add(detect.Observation{Kind: kindEmptied, Line: s.line, Removed: true, Object: shown(s.keys)})
			return
		}
	}
	if sense > 0 && grave && v.guard.any(w) && rank(s.value, sense) == 2 && !c.where.declared {
		c.report.Add(detect.Observation{Kind: kindLooser, Line: s.line, Removed: true, Object: shown(s.keys), Detail: "is not set any more"})
	}
}
