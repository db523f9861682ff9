package rulesfile

import (
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/gatehold/gatehold/internal/detect/catalog"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/rulesfile/when"
	"github.com/gatehold/gatehold/internal/words"
)

var (
	ruleID    = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`)
	controlID = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`)
)

func (p *fileParser) rules(n *yaml.Node) {
	if n.Kind == yaml.SequenceNode && len(n.Content) > MaxRules {
		p.fail(n, "too_many", "the file has %d rules and may have %d", len(n.Content), MaxRules)
		return
	}
	p.items(n, "rules", func(item *yaml.Node) { p.rule(item) })
}

// ruleParser reads one rule.
type ruleParser struct {
	*fileParser
	rule *Rule
	node *yaml.Node
	keys map[string]*yaml.Node // the keys that stand there
}

func (p *fileParser) rule(n *yaml.Node) {
	r := &ruleParser{fileParser: p, rule: &Rule{line: n.Line}, node: n, keys: map[string]*yaml.Node{}}
	if !p.fields(n, "a rule", r.fields()) {
		return
	}
	r.check()
	p.file.Rules = append(p.file.Rules, r.rule)
}

func (p *ruleParser) fields() map[string]field {
	r := p.rule
	keys := map[string]field{
		"id":       func(_, v *yaml.Node) { r.ID = p.id(v) },
		"title":    func(_, v *yaml.Node) { r.Title = p.text(v, "title", 200) },
		"message":  func(_, v *yaml.Node) { r.Message = p.text(v, "message", 500) },
		"why":      func(_, v *yaml.Node) { r.Why = p.text(v, "why", 1000) },
		"paths":    func(_, v *yaml.Node) { r.Paths = p.paths(v, "paths") },
		"status":   func(_, v *yaml.Node) { r.Status = p.status(v) },
		"actors":   func(_, v *yaml.Node) { r.Actors = p.names(v, "actors", true) },
		"branches": func(_, v *yaml.Node) { r.Branches = p.paths(v, "branches") },
		"labels":   func(_, v *yaml.Node) { r.Labels = p.names(v, "labels", false) },
		"detect":   func(_, v *yaml.Node) { r.Detect = p.detect(v) },
		"when":     func(_, v *yaml.Node) { r.When = p.when(v) },
		"for":      func(_, v *yaml.Node) { r.Everyone = p.word(v, "for", "agents", "everyone") == "everyone" },
		"risk":     func(_, v *yaml.Node) { r.Risk = int(p.number(v, "risk", 1, 100)) },
		"level":    func(_, v *yaml.Node) { r.Level = p.level(v, "level") },
		"mode":     func(_, v *yaml.Node) { r.Observe = p.word(v, "mode", "enforce", "observe") == "observe" },
		"controls": func(_, v *yaml.Node) { r.Controls = p.controls(v) },
		"need":     func(_, v *yaml.Node) { p.needOf(v, &r.Need, &r.NeedOf) },
	}
	for name, read := range keys {
		keys[name] = func(key, value *yaml.Node) {
			p.keys[name] = value
			read(key, value)
		}
	}
	return keys
}

// check looks at the rule as a whole.
func (p *ruleParser) check() {
	r, n := p.rule, p.node
	for _, needed := range []string{"id", "title"} {
		if p.keys[needed] == nil {
			p.fail(n, "missing_key", "the rule has no %s: findings and settings name it by its id, people read its title", needed)
		}
	}
	conditions := 0
	for _, name := range []string{"paths", "status", "actors", "branches", "labels", "detect", "when"} {
		if p.keys[name] != nil {
			conditions++
		}
	}
	if conditions == 0 {
		p.fail(n, "missing_key",
			"the rule has no condition (paths, status, actors, branches, labels, detect, when); for every change write "+
				"`branches: [\"**\"]`")
	}
	if p.keys["risk"] == nil && p.keys["detect"] == nil {
		p.fail(n, "missing_key",
			"the rule has no risk: give it one from 1 to 100; it may only be left out beside `detect`, where each observation has its own")
	}
	if r.When == nil {
		return
	}
	if r.When.UsesObservation && p.keys["detect"] == nil {
		p.fail(p.keys["when"], "bad_condition", "the condition asks for `observation`, and a rule without `detect` has none")
	}
}

func (p *fileParser) id(n *yaml.Node) string {
	id := p.text(n, "id", 64)
	if id == "" {
		return ""
	}
	if !ruleID.MatchString(id) {
		p.fail(n, "bad_value",
			"the id %q must be small letters, digits, dots, dashes and underscores, beginning with a letter or digit", words.Clip(id))
		return id
	}
	if first, ok := p.ids[id]; ok {
		p.fail(n, "duplicate_rule", "the id %q is taken by the rule on line %d: ids are unique in a file", id, first)
		return id
	}
	p.ids[id] = n.Line
	return id
}

func (p *fileParser) status(n *yaml.Node) []string {
	var out []string
	p.texts0(n, "status", func(item *yaml.Node) {
		if w := p.word(item, "an entry of status", statusWords...); w != "" && !slices.Contains(out, w) {
			out = append(out, w)
		}
	})
	return out
}

// texts0 reads a list that must not be empty.
func (p *parser) texts0(n *yaml.Node, what string, each func(item *yaml.Node)) {
	if n.Kind == yaml.SequenceNode && len(n.Content) == 0 {
		p.fail(n, "bad_value", "%s is an empty list: name at least one, or remove the key", what)
		return
	}
	p.items(n, what, each)
}

// names reads logins or labels with `*`.
func (p *fileParser) names(n *yaml.Node, what string, negation bool) []NameGlob {
	written, nodes := p.texts(n, what)
	var out []NameGlob
	for i, w := range written {
		g := newNameGlob(w)
		switch {
		case g.negated && !negation:
			p.fail(nodes[i], "bad_value", "%s cannot be taken out with `!`: whoever may label could escape the rule", what)
		case g.negated && i == 0:
			p.fail(nodes[i], "unreachable", "%s begins with %q, which takes out of nothing: begin with \"*\"", what, words.Clip(w))
		case len(g.parts) == 1 && g.parts[0] == "":
			p.fail(nodes[i], "bad_value", "%q names nobody", words.Clip(w))
		case g.negated && len(g.parts) == 2 && g.parts[0]+g.parts[1] == "":
			p.fail(nodes[i], "unreachable", "%q takes everything out: the rule can never match", words.Clip(w))
		}
		out = append(out, g)
	}
	return out
}

// detect reads observation ids and globs, each of which must select something.
func (p *fileParser) detect(n *yaml.Node) *DetectSet {
	written, nodes := p.texts(n, "detect")
	if len(written) == 0 {
		return nil
	}
	for i, w := range written {
		if i == 0 && strings.HasPrefix(w, "!") {
			p.fail(nodes[i], "unreachable", "detect begins with %q, which takes out of nothing", words.Clip(w))
			continue
		}
		p.knownObservation(nodes[i], strings.TrimPrefix(w, "!"))
	}
	set := NewDetectSet(written)
	if !p.pack && len(written) > 1 && !set.matchAny(p.registry.IDs()) && p.allKnown(written) {
		p.fail(n, "unreachable", "detect takes out again all that it names: the rule can never match")
	}
	return set
}

// allKnown says whether there are detectors for everything that is named, so
// that naming nothing is the file's fault.
func (p *fileParser) allKnown(written []string) bool {
	for _, w := range written {
		if g := newNameGlob(strings.TrimPrefix(w, "!")); !slices.ContainsFunc(p.registry.IDs(), g.match) {
			return false
		}
	}
	return true
}

func (p *fileParser) knownObservation(n *yaml.Node, w string) {
	ids := p.registry.IDs()
	glob := newNameGlob(w)
	if slices.ContainsFunc(ids, glob.match) {
		return
	}
	space := catalog.Namespace(w)
	known := slices.Contains(catalog.Namespaces(), space)
	if known && (p.pack || w == space+"/*") {
		return
	}
	candidates := ids
	if !known {
		candidates = slices.Clone(catalog.Namespaces())
		w = space
	}
	hint := words.DidYouMean(w, candidates)
	if !known {
		p.fail(n, "unknown_detector", "there is no detector %q; a rule names observations as detector/kind or detector/*%s",
			words.Clip(space), hint)
		return
	}
	p.fail(n, "unknown_detector", "no detector reports %q%s", words.Clip(w), hint)
}

func (p *fileParser) when(n *yaml.Node) *when.Condition {
	text := p.text(n, "when", when.MaxLength)
	if text == "" {
		return nil
	}
	c, errs := when.Compile(text)
	for _, e := range errs {
		// In a block (`when: |`) the text begins on the next line, without its
		// indentation; in a line it begins here.
		line, column := n.Line+e.Line-1, n.Column+e.Column-1
		if n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
			line, column = n.Line+e.Line, e.Column+p.indentation(n.Line+e.Line)
		} else if e.Line > 1 {
			column = e.Column
		} else if n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0 {
			column++
		}
		p.failAt(line, column, "bad_condition", "when: %s", e.Text)
	}
	if c != nil && strings.TrimSpace(c.Text) == "false" {
		p.fail(n, "unreachable", "the condition is never true: the rule can never match")
	}
	return c
}

// indentation counts the spaces that a line of the file begins with.
func (p *fileParser) indentation(line int) int {
	for text := range strings.Lines(p.source) {
		if line--; line == 0 {
			return len(text) - len(strings.TrimLeft(text, " "))
		}
	}
	return 0
}

func (p *fileParser) level(n *yaml.Node, what string) gate.Level {
	return gate.Level(p.word(n, what, "low", "medium", "high", "critical"))
}

func (p *fileParser) controls(n *yaml.Node) []string {
	written, nodes := p.texts(n, "controls")
	for i, w := range written {
		if !controlID.MatchString(w) {
			p.fail(nodes[i], "bad_value", "the control %q must be small letters, digits, dots and dashes, owasp-asi02 say", words.Clip(w))
		}
	}
	return written
}

// adjust reads settings for rules that come from a pack or from the
// organisation.
func (p *fileParser) adjust(n *yaml.Node) {
	p.entries(n, "adjust", func(key, value *yaml.Node) {
		a := Adjustment{Rule: key.Value, line: key.Line}
		ok := p.fields(value, "an adjustment", map[string]field{
			"mode":  func(_, v *yaml.Node) { a.Mode = Mode(p.word(v, "mode", "enforce", "observe")) },
			"risk":  func(_, v *yaml.Node) { a.Risk = int(p.number(v, "risk", 1, 100)) },
			"level": func(_, v *yaml.Node) { a.Level = p.level(v, "level") },
			"need":  func(_, v *yaml.Node) { a.Need = p.need(v) },
			"for":   func(_, v *yaml.Node) { a.For = p.word(v, "for", "everyone") },
		})
		if !ok {
			return
		}
		if a == (Adjustment{Rule: a.Rule, line: a.line}) {
			p.fail(value, "missing_key", "the adjustment of %q changes nothing: give mode, risk, level, need or for", words.Clip(a.Rule))
		}
		p.later = append(p.later, func() { p.knownRule(key) })
		p.file.Adjust = append(p.file.Adjust, a)
	})
}

// knownRule checks the rule that an adjustment names. A rule of a pack has a
// slash in its id and must exist; one without may be the organisation's, which
// this file does not show: Explain tells whether it was found.
func (p *fileParser) knownRule(n *yaml.Node) {
	id := n.Value
	if _, ok := p.ids[id]; ok {
		p.fail(n, "unknown_rule", "the rule %q is in this very file: change it there", words.Clip(id))
		return
	}
	if !strings.Contains(id, "/") {
		if !ruleID.MatchString(id) {
			p.fail(n, "unknown_rule", "%q is no rule's id", words.Clip(id))
		}
		return
	}
	if ids := p.adjustable(); !slices.Contains(ids, id) {
		p.fail(n, "unknown_rule", "no pack has a rule %q%s", words.Clip(id), words.DidYouMean(id, slices.Clone(ids)))
	}
}
