package rulesfile

import (
	"cmp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/gatehold/gatehold/internal/agent"
	"github.com/gatehold/gatehold/internal/detect/catalog"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/rulesfile/glob"
	"github.com/gatehold/gatehold/internal/words"
)

// Parse reads one rules file. The error, where there is one, is Problems: all
// that was found, not only the first.
func Parse(s Source) (*File, error) {
	return ParseWith(s, catalog.Shipped(), PackRuleIDs)
}

// ParseWith reads a rules file, or, where it is given no rules to adjust, a pack:
// a pack sets rules and default needs, and may name detectors that are to come.
func ParseWith(s Source, r *catalog.Registry, adjustable func() []string) (*File, error) {
	p := &parser{name: s.Name}
	root := p.document(s.Text)
	if root == nil {
		return nil, p.err()
	}
	f := &File{Name: s.Name, Needs: map[gate.Level]LevelNeed{}}
	fp := &fileParser{parser: p, source: string(s.Text), file: f, registry: r, adjustable: adjustable, pack: adjustable == nil,
		ids: map[string]int{}}
	known := fp.keys()
	if !p.fields(root, "a rules file", known) {
		return nil, p.err()
	}
	if !fp.hasVersion {
		p.failAt(1, 1, "missing_key", "the file does not say `version: 1`: write it at the top")
	}
	fp.crossCheck()
	if err := p.err(); err != nil {
		return nil, err
	}
	sortFile(f)
	return f, nil
}

type fileParser struct {
	*parser
	source     string
	file       *File
	registry   *catalog.Registry
	pack       bool
	adjustable func() []string // full ids of the packs' rules
	hasVersion bool
	ids        map[string]int // rule ids and their lines
	later      []func()       // checks that need the whole file
}

func (p *fileParser) keys() map[string]field {
	f := p.file
	keys := map[string]field{
		"version": func(_, v *yaml.Node) {
			p.hasVersion = true
			if v.Kind != yaml.ScalarNode || v.Tag != "!!int" || v.Value != "1" {
				p.fail(v, "bad_value", "version must be 1, and this is %s", describe(v))
			}
		},
		"description": func(_, v *yaml.Node) { p.text(v, "description", 2000) },
		"extends":     func(_, v *yaml.Node) { p.extends(v) },
		"needs":       func(_, v *yaml.Node) { p.needs(v) },
		"rules":       func(_, v *yaml.Node) { p.rules(v) },
	}
	if p.pack {
		return keys
	}
	keys["mode"] = func(_, v *yaml.Node) { f.Mode = Mode(p.word(v, "mode", "enforce", "observe")) }
	keys["agents"] = func(_, v *yaml.Node) { p.agents(v) }
	keys["boundaries"] = func(_, v *yaml.Node) { p.boundaries(v) }
	keys["branches"] = func(_, v *yaml.Node) { p.branches(v) }
	keys["credentials"] = func(_, v *yaml.Node) { p.credentials(v) }
	keys["commands"] = func(_, v *yaml.Node) { p.commands(v) }
	keys["separate"] = func(_, v *yaml.Node) { p.separate(v) }
	keys["adjust"] = func(_, v *yaml.Node) { p.adjust(v) }
	keys["environments"] = func(_, v *yaml.Node) { p.environments(v) }
	keys["workflows"] = func(_, v *yaml.Node) { p.workflows(v) }
	keys["tell"] = func(_, v *yaml.Node) { p.tell(v) }
	keys["passkeys"] = func(_, v *yaml.Node) { p.passkeys(v) }
	keys["break_glass"] = func(_, v *yaml.Node) { p.breakGlass(v) }
	return keys
}

func (p *fileParser) crossCheck() {
	for _, check := range p.later {
		check()
	}
}

// sortFile puts what has no order of its own into one.
func sortFile(f *File) {
	slices.SortFunc(f.Boundaries, func(a, b Boundary) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(f.Environments, func(a, b Environment) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(f.Workflows, func(a, b Workflow) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(f.Credentials, func(a, b Credential) int { return strings.Compare(a.ID, b.ID) })
	slices.SortFunc(f.Adjust, func(a, b Adjustment) int { return strings.Compare(a.Rule, b.Rule) })
	slices.SortFunc(f.Known, func(a, b KnownAgent) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Login, b.Login),
			strings.Compare(a.Email, b.Email), cmp.Compare(a.ID, b.ID))
	})
}

func (p *fileParser) extends(n *yaml.Node) {
	p.file.HasExtends = true
	p.items(n, "extends", func(item *yaml.Node) {
		name := p.text(item, "an entry of extends", 64)
		if name == "" {
			return
		}
		if !slices.Contains(PackNames(), name) {
			p.fail(item, "unknown_pack", "there is no pack %q; the packs are %s%s", name, words.List(PackNames(), "and"),
				words.DidYouMean(name, PackNames()))
			return
		}
		if slices.Contains(p.file.Extends, name) {
			p.fail(item, "duplicate_key", "the pack %q is named twice: keep one", name)
			return
		}
		p.file.Extends = append(p.file.Extends, name)
	})
}

func (p *fileParser) agents(n *yaml.Node) {
	p.fields(n, "agents", map[string]field{
		"presume": func(_, v *yaml.Node) { p.file.Presume = p.word(v, "agents.presume", "agent", "human") },
		"owners": func(_, v *yaml.Node) {
			p.file.Owners = p.word(v, "agents.owners", ownersMayApprove, OwnersExcluded)
			p.later = append(p.later, func() { p.someoneElse(v) })
		},
		"helpers": func(_, v *yaml.Node) {
			p.file.HasHelpers = true
			p.items(v, "agents.helpers", func(item *yaml.Node) {
				if name := p.word(item, "an entry of agents.helpers", agent.HelperNames()...); name != "" &&
					!slices.Contains(p.file.Helpers, name) {
					p.file.Helpers = append(p.file.Helpers, name)
				}
			})
		},
		"known": func(_, v *yaml.Node) {
			p.items(v, "agents.known", func(item *yaml.Node) { p.knownAgent(item) })
		},
	})
}

func (p *fileParser) boundaries(n *yaml.Node) {
	p.entries(n, "boundaries", func(key, value *yaml.Node) {
		b := Boundary{Name: key.Value}
		p.nameOf(key, "a boundary")
		ok := p.fields(value, "a boundary", map[string]field{
			"paths":        func(_, v *yaml.Node) { b.Paths = p.paths(v, "paths") },
			"detect":       func(_, v *yaml.Node) { b.Detect = p.detect(v) },
			"environments": func(_, v *yaml.Node) { b.Environments, _ = p.texts(v, "environments") },
		})
		if !ok {
			return
		}
		if b.Paths == nil && b.Detect == nil && len(b.Environments) == 0 {
			p.fail(value, "missing_key", "the boundary %q needs paths, detect or environments: nothing belongs to it", b.Name)
		}
		p.file.Boundaries = append(p.file.Boundaries, b)
	})
}

// nameOf checks a name that the file gives to something of its own.
func (p *fileParser) nameOf(n *yaml.Node, what string) {
	s := n.Value
	ok := s != "" && len(s) <= 100 && !strings.ContainsFunc(s, func(r rune) bool {
		return r <= ' ' || r == 0x7f || r == ',' || r == '`'
	})
	if !ok {
		p.fail(n, "bad_value", "the name of %s must be 1 to 100 characters without spaces, and this is %q", what, words.Clip(s))
	}
}

func (p *fileParser) separate(n *yaml.Node) {
	p.items(n, "separate", func(item *yaml.Node) {
		names, nodes := p.texts(item, "a group of separate")
		if len(names) == 1 {
			p.fail(item, "bad_value", "a group of separate needs two boundaries at least: one cannot be kept apart from itself")
		}
		for i, name := range names {
			if slices.Index(names, name) < i {
				p.fail(nodes[i], "duplicate_key", "the boundary %q stands twice in this group", name)
			}
			p.later = append(p.later, func() { p.knownBoundary(nodes[i], name) })
		}
		p.file.Separate = append(p.file.Separate, names)
	})
}

func (p *fileParser) knownBoundary(n *yaml.Node, name string) {
	var names []string
	for _, b := range p.file.Boundaries {
		names = append(names, b.Name)
	}
	if !slices.Contains(names, name) {
		p.fail(n, "unknown_boundary", "there is no boundary %q under `boundaries` of this file%s", name, words.DidYouMean(name, names))
	}
}

// paths reads a list of path patterns.
func (p *fileParser) paths(n *yaml.Node, what string) *glob.Set {
	written, nodes := p.texts(n, what)
	if len(written) == 0 {
		return nil
	}
	set, errs := glob.CompileSet(written)
	for i, err := range errs {
		if err != nil {
			p.fail(nodes[i], globCode(err), "%s: %s", words.Clip(written[i]), err)
		}
	}
	return set
}

func globCode(err error) string {
	if strings.Contains(err.Error(), "never match") || strings.Contains(err.Error(), "takes out of nothing") {
		return "unreachable"
	}
	return "bad_glob"
}

// workflows reads sets of workflow files: patterns alone, or with how they are
// held.
func (p *fileParser) workflows(n *yaml.Node) {
	p.entries(n, "workflows", func(key, value *yaml.Node) {
		p.nameOf(key, "a set of workflows")
		w := Workflow{Name: key.Value}
		var set *glob.Set
		if value.Kind != yaml.MappingNode {
			set = p.paths(value, "a set of workflows")
		} else {
			before := len(p.problems)
			p.fields(value, "a set of workflows", map[string]field{
				"paths": func(_, v *yaml.Node) { set = p.paths(v, "paths") },
				"hold":  func(_, v *yaml.Node) { w.Hold = p.word(v, "hold", HoldCancel, HoldCheck, HoldNever) },
				"need": func(_, v *yaml.Node) {
					w.Need = &Needed{}
					p.needOf(v, &w.Need.Need, &w.Need.Level)
				},
			})
			if set == nil && len(p.problems) == before {
				p.fail(value, "missing_key", "the set of workflows %q needs `paths`: which files it is about", words.Clip(w.Name))
			}
		}
		if set != nil {
			w.Paths = set.Patterns()
			p.file.Workflows = append(p.file.Workflows, w)
		}
	})
}

func (p *fileParser) breakGlass(n *yaml.Node) {
	b := &BreakGlass{}
	ok := p.fields(n, "break_glass", map[string]field{
		"from":   func(_, v *yaml.Node) { b.From = p.glassApprovers(v) },
		"via":    func(_, v *yaml.Node) { b.Via = p.channelsOf(v, "via", string(Button), string(CLI), string(Passkey)) },
		"reason": func(_, v *yaml.Node) { b.Reason = p.word(v, "reason", "optional", "required") == "required" },
	})
	if ok && len(b.From) == 0 {
		p.fail(n, "missing_key", "break_glass needs `from`: who may release at once")
	}
	if b.Reason && len(b.Via) > 0 {
		p.reasonCanBeGiven(n, "break_glass", *b.Need())
	}
	p.file.BreakGlass = b
}
