package rulesfile

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect/catalog"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/rulesfile/codeowners"
	"github.com/gatehold/gatehold/internal/words"
)

// ParseCases reads a file of policy tests. open reads a file beside it by a
// relative path, for texts that a case takes `from` there; its errors become
// problems. The error, where there is one, is Problems.
func ParseCases(s Source, open func(path string) ([]byte, error)) ([]Case, error) {
	p := &caseParser{parser: &parser{name: s.Name}, open: open}
	root := p.document(s.Text)
	if root == nil {
		for i := range p.problems { // the reader of nodes knows rules files only
			p.problems[i].Text = strings.ReplaceAll(p.problems[i].Text, "rules file", "test file")
		}
		return nil, p.err()
	}
	version := false
	p.fields(root, "a test file", map[string]field{
		"version": func(_, v *yaml.Node) {
			version = true
			if v.Kind != yaml.ScalarNode || v.Tag != "!!int" || v.Value != "1" {
				p.fail(v, "bad_value", "version must be 1, and this is %s", describe(v))
			}
		},
		"description": func(_, v *yaml.Node) { p.text(v, "description", 2000) },
		"cases":       func(_, v *yaml.Node) { p.items(v, "cases", p.oneCase) },
	})
	if root.Kind == yaml.MappingNode && !version {
		p.failAt(1, 1, "missing_key", "the file does not say `version: 1`: write it at the top")
	}
	if len(p.problems) == 0 && len(p.cases) == 0 {
		p.failAt(1, 1, "missing_key", "the file holds no cases: a test that tests nothing passes always")
	}
	if err := p.err(); err != nil {
		return nil, err
	}
	return p.cases, nil
}

type caseParser struct {
	*parser
	open  func(string) ([]byte, error)
	cases []Case
}

func (p *caseParser) oneCase(n *yaml.Node) {
	c := Case{File: p.name, Line: n.Line, Change: change.Change{BaseRef: "main", Vouched: true}}
	before, expected := len(p.problems), false
	ok := p.fields(n, "a case", map[string]field{
		"name":   func(_, v *yaml.Node) { c.Name = p.text(v, "name", 200) },
		"change": func(_, v *yaml.Node) { p.change(v, &c.Change) },
		"expect": func(_, v *yaml.Node) { expected = true; p.expect(v, &c.Expect) },
	})
	if !ok || len(p.problems) > before {
		return
	}
	switch {
	case c.Name == "":
		p.fail(n, "missing_key", "a case needs a `name`")
	case !expected:
		p.fail(n, "missing_key", "the case %q does not say what to `expect`", words.Clip(c.Name))
	case slices.ContainsFunc(p.cases, func(o Case) bool { return o.Name == c.Name }):
		p.fail(n, "duplicate_key", "the name %q stands here twice: give each case its own", words.Clip(c.Name))
	}
	p.cases = append(p.cases, c)
}

func (p *caseParser) change(n *yaml.Node, c *change.Change) {
	plain := func(to *string, what string, max int) field {
		return func(_, v *yaml.Node) { *to = p.text(v, what, max) }
	}
	p.fields(n, "a change", map[string]field{
		"repository":      plain(&c.Repository, "repository", 200),
		"head_repository": plain(&c.HeadRepository, "head_repository", 200),
		"head_ref":        plain(&c.HeadRef, "head_ref", 255),
		"base_ref":        plain(&c.BaseRef, "base_ref", 255),
		"title":           plain(&c.Title, "title", 1024),
		"body":            plain(&c.Body, "body", MaxFileSize),
		"via":             plain(&c.Via, "via", 100),
		"number":          func(_, v *yaml.Node) { c.Number = int(p.number(v, "number", 1, 1<<31)) },
		"codeowners": func(_, v *yaml.Node) {
			c.Owners = change.RulesFile{State: change.RulesFound, Name: codeowners.Places()[0],
				Text: []byte(p.text(v, "codeowners", MaxFileSize))}
		},
		"labels": func(_, v *yaml.Node) { c.Labels, _ = p.texts(v, "labels") },
		"draft":  func(_, v *yaml.Node) { c.Draft = p.truth(v, "draft") },
		"author": func(_, v *yaml.Node) { c.Author = p.actor(v, "author") },
		"pusher": func(_, v *yaml.Node) { c.Pusher = p.actor(v, "pusher") },
		"assignees": func(_, v *yaml.Node) {
			p.items(v, "assignees", func(item *yaml.Node) { c.Assignees = append(c.Assignees, p.actor(item, "an assignee")) })
		},
		"commits": func(_, v *yaml.Node) {
			p.items(v, "commits", func(item *yaml.Node) { c.Commits = append(c.Commits, p.commit(item, len(c.Commits))) })
		},
		"files": func(_, v *yaml.Node) {
			p.items(v, "files", func(item *yaml.Node) { p.file(item, c) })
		},
	})
}

func (p *caseParser) truth(n *yaml.Node, what string) bool {
	if n.Kind != yaml.ScalarNode || n.Tag != "!!bool" {
		p.fail(n, "wrong_type", "%s must be true or false, and this is %s", what, describe(n))
		return false
	}
	return strings.EqualFold(n.Value, "true")
}

// actor reads a login alone, or a mapping.
func (p *caseParser) actor(n *yaml.Node, what string) change.Actor {
	var a change.Actor
	if n.Kind == yaml.ScalarNode {
		a.Login = p.text(n, what, 100)
	} else {
		p.fields(n, what, map[string]field{
			"login": func(_, v *yaml.Node) { a.Login = p.text(v, "login", 100) },
			"id":    func(_, v *yaml.Node) { a.ID = p.number(v, "id", 1, 1<<53) },
			"type": func(_, v *yaml.Node) {
				a.Type = change.ActorType(p.word(v, "type", string(change.User), string(change.Bot),
					string(change.Organization), string(change.Mannequin)))
			},
		})
	}
	a.Login = strings.TrimPrefix(a.Login, "@")
	if a.Type == "" && a.Login != "" {
		a.Type = change.User
		if strings.HasSuffix(a.Login, "[bot]") {
			a.Type = change.Bot
		}
	}
	return a
}

// commit reads a message alone, or a mapping.
func (p *caseParser) commit(n *yaml.Node, index int) change.Commit {
	c := change.Commit{SHA: fmt.Sprintf("%040x", index+1)}
	if n.Kind == yaml.ScalarNode {
		c.Message = p.text(n, "a commit's message", MaxFileSize)
		return c
	}
	p.fields(n, "a commit", map[string]field{
		"message":   func(_, v *yaml.Node) { c.Message = p.text(v, "message", MaxFileSize) },
		"author":    func(_, v *yaml.Node) { c.Author = p.person(v, "author") },
		"committer": func(_, v *yaml.Node) { c.Committer = p.person(v, "committer") },
		"verified":  func(_, v *yaml.Node) { c.Verified = p.truth(v, "verified") },
		"signed_by_github": func(_, v *yaml.Node) {
			c.SignedByGitHub = p.truth(v, "signed_by_github")
		},
	})
	return c
}

func (p *caseParser) person(n *yaml.Node, what string) change.Person {
	var out change.Person
	p.fields(n, what, map[string]field{
		"name":  func(_, v *yaml.Node) { out.Name = p.text(v, "name", 200) },
		"email": func(_, v *yaml.Node) { out.Email = p.text(v, "email", 254) },
		"login": func(_, v *yaml.Node) { out.Login = p.text(v, "login", 100) },
		"id":    func(_, v *yaml.Node) { out.ID = p.number(v, "id", 1, 1<<53) },
		"type": func(_, v *yaml.Node) {
			out.Type = change.ActorType(p.word(v, "type", string(change.User), string(change.Bot), string(change.Organization),
				string(change.Mannequin)))
		},
	})
	if out.Type == "" && out.Login != "" {
		out.Type = change.User
		if strings.HasSuffix(out.Login, "[bot]") {
			out.Type = change.Bot
		}
	}
	return out
}

func (p *caseParser) expect(n *yaml.Node, e *Expectation) {
	before := len(p.problems)
	truth := func(to **bool, what string) field {
		return func(_, v *yaml.Node) { b := p.truth(v, what); *to = &b }
	}
	ids := func(to *[]string, what string) field {
		return func(_, v *yaml.Node) { *to, _ = p.texts(v, what) }
	}
	ok := p.fields(n, "expect", map[string]field{
		"held":            truth(&e.Held, "held"),
		"would_hold":      truth(&e.WouldHold, "would_hold"),
		"level":           func(_, v *yaml.Node) { e.Level = gate.Level(p.word(v, "level", "low", "medium", "high", "critical")) },
		"score":           func(_, v *yaml.Node) { e.Score = p.score(v) },
		"needs":           func(_, v *yaml.Node) { e.Needs = p.text(v, "needs", 2000) },
		"rules":           ids(&e.Rules, "rules"),
		"no_rules":        ids(&e.NoRules, "no_rules"),
		"problems":        ids(&e.Problems, "problems"),
		"observations":    func(_, v *yaml.Node) { e.Observations = p.kinds(v, "observations") },
		"no_observations": func(_, v *yaml.Node) { e.NoObservations = p.kinds(v, "no_observations") },
		"agent": func(_, v *yaml.Node) {
			if v.Kind == yaml.ScalarNode {
				truth(&e.Agent, "agent")(nil, v)
				return
			}
			p.fields(v, "agent", map[string]field{
				"is": truth(&e.Agent, "is"),
				"strength": func(_, v *yaml.Node) {
					e.Strength = gate.Strength(p.word(v, "strength", "none", "suspected", "declared", "verified"))
				},
			})
		},
	})
	if ok && len(p.problems) == before && len(n.Content) == 0 {
		p.fail(n, "missing_key", "expect is empty: a case that expects nothing cannot fail")
	}
}

// score reads a number, or the ends of a range.
func (p *caseParser) score(n *yaml.Node) *Range {
	if n.Kind == yaml.ScalarNode {
		s := int(p.number(n, "score", 0, 100))
		return &Range{s, s}
	}
	r := &Range{0, 100}
	if p.fields(n, "score", map[string]field{
		"min": func(_, v *yaml.Node) { r.Min = int(p.number(v, "min", 0, 100)) },
		"max": func(_, v *yaml.Node) { r.Max = int(p.number(v, "max", 0, 100)) },
	}) && r.Min > r.Max {
		p.fail(n, "bad_value", "no score lies from %d to %d", r.Min, r.Max)
	}
	return r
}

// kinds reads ids of observations.
func (p *caseParser) kinds(n *yaml.Node, what string) []string {
	values, nodes := p.texts(n, what)
	for i, id := range values {
		if known := catalog.Shipped().IDs(); !slices.Contains(known, id) {
			p.fail(nodes[i], "unknown_observation", "there is no observation %q%s", words.Clip(id), words.DidYouMean(id, known))
		}
	}
	return values
}
