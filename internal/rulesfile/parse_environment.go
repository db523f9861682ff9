package rulesfile

import (
	"errors"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/gatehold/gatehold/internal/words"
)

func (p *fileParser) environments(n *yaml.Node) {
	seen := map[string]string{}
	p.entries(n, "environments", func(key, value *yaml.Node) {
		e := Environment{Name: key.Value}
		if len(e.Name) > 255 {
			p.fail(key, "bad_value", "the name of an environment has at most 255 characters")
		}
		// GitHub compares environments' names without letter case.
		if other, ok := seen[strings.ToLower(e.Name)]; ok {
			p.fail(key, "duplicate_key", "the environment %q stands here twice: GitHub takes it for the same as %q",
				words.Clip(e.Name), words.Clip(other))
		}
		seen[strings.ToLower(e.Name)] = e.Name
		if p.fields(value, "an environment", p.environmentKeys(&e)) {
			p.file.Environments = append(p.file.Environments, e)
		}
	})
}

func (p *fileParser) environmentKeys(e *Environment) map[string]field {
	return map[string]field{
		"hold": func(_, v *yaml.Node) { e.Hold = p.word(v, "hold", "agent_changes", "always", "never") },
		"need": func(_, v *yaml.Node) {
			e.Need = &Needed{}
			p.needOf(v, &e.Need.Need, &e.Need.Level)
		},
		"channels": func(_, v *yaml.Node) { e.Channels = p.channels(v, "channels") },
		"wait":     func(_, v *yaml.Node) { e.Wait = p.duration(v, "wait") },
		"freeze": func(_, v *yaml.Node) {
			p.items(v, "freeze", func(item *yaml.Node) { p.freeze(item, e) })
		},
		"from_branches": func(_, v *yaml.Node) {
			if set := p.paths(v, "from_branches"); set != nil {
				e.FromBranches = set.Patterns()
			}
		},
		"after": func(_, v *yaml.Node) {
			e.After = p.text(v, "after", 255)
			p.later = append(p.later, func() { p.notCircular(v, e.Name) })
		},
		"healthy":    func(_, v *yaml.Node) { e.Healthy = p.duration(v, "healthy") },
		"concurrent": func(_, v *yaml.Node) { e.Concurrent = int(p.number(v, "concurrent", 1, 100)) },
		"inherit":    func(_, v *yaml.Node) { e.Inherit = p.word(v, "inherit", "approved", "none") },
		"rollback": func(_, v *yaml.Node) {
			e.Rollback = p.word(v, "rollback", RollbackAllow, RollbackAlways, RollbackNever)
		},
	}
}

// notCircular refuses environments that wait for one another.
func (p *fileParser) notCircular(n *yaml.Node, name string) {
	after := map[string]string{}
	for _, e := range p.file.Environments {
		after[strings.ToLower(e.Name)] = strings.ToLower(e.After)
	}
	start := strings.ToLower(name)
	for at, steps := after[start], 0; at != "" && steps <= len(after); at, steps = after[at], steps+1 {
		if at == start {
			p.fail(n, "unreachable", "%q waits for itself through `after`: nothing could ever be deployed to it", words.Clip(name))
			return
		}
	}
}

func (p *fileParser) freeze(n *yaml.Node, e *Environment) {
	var f Freeze
	before := len(p.problems)
	ok := p.fields(n, "a freeze", map[string]field{
		"from":   func(_, v *yaml.Node) { f.From = p.instant(v, "from") },
		"until":  func(_, v *yaml.Node) { f.Until = p.instant(v, "until") },
		"cron":   func(_, v *yaml.Node) { f.Cron = p.cron(v) },
		"lasts":  func(_, v *yaml.Node) { f.Lasts = p.duration(v, "lasts") },
		"zone":   func(_, v *yaml.Node) { f.Zone = p.zone(v) },
		"except": func(_, v *yaml.Node) { f.Except = p.approvers(v, "except") },
		"reason": func(_, v *yaml.Node) { f.Reason = p.text(v, "reason", 200) },
	})
	if !ok || len(p.problems) > before {
		return
	}
	switch {
	case f.Cron != "" && f.Lasts == "":
		p.fail(n, "missing_key", "a freeze with `cron` needs `lasts`: how long it is frozen from then")
	case f.Cron == "" && (f.From == "" || f.Until == ""):
		p.fail(n, "missing_key", "a freeze needs `from` and `until`, or `cron` and `lasts`")
	case f.Cron != "" && f.From+f.Until != "":
		p.fail(n, "bad_value", "a freeze has either `from` and `until` or `cron` and `lasts`")
	case f.Cron == "" && f.Lasts != "":
		p.fail(n, "bad_value", "`lasts` counts from `cron`, and this freeze has `until`")
	case f.From != "" && f.Until <= f.From:
		p.fail(n, "unreachable", "the freeze ends before it begins")
	}
	e.Freeze = append(e.Freeze, f)
}

// instant reads a date, or a date and time with its zone, and writes it in UTC.
func (p *fileParser) instant(n *yaml.Node, what string) string {
	if n.Kind == yaml.ScalarNode && (n.Tag == "!!timestamp" || n.Tag == "!!str") {
		for _, layout := range []string{time.RFC3339, "2006-01-02"} {
			if t, err := time.Parse(layout, n.Value); err == nil {
				return t.UTC().Format(time.RFC3339)
			}
		}
	}
	p.fail(n, "bad_value", "%s must be a date such as 2026-12-20 or 2026-12-20T18:00:00Z, and this is %s", what, describe(n))
	return ""
}

// cron reads five fields of numbers, ranges, lists and steps.
func (p *fileParser) cron(n *yaml.Node) string {
	s := p.text(n, "cron", 100)
	if s == "" {
		return ""
	}
	if _, err := parseCron(s); err != nil {
		code := "bad_value"
		if errors.Is(err, errNever) {
			code = "unreachable"
		}
		p.fail(n, code, "cron: %s", err)
		return ""
	}
	return strings.Join(strings.Fields(s), " ")
}

// zone reads the name of a zone, which everybody has to read alike: "Local" is
// the machine's.
func (p *fileParser) zone(n *yaml.Node) string {
	s := p.text(n, "zone", 64)
	if s == "" {
		return ""
	}
	if _, err := time.LoadLocation(s); err != nil || s == "Local" {
		p.fail(n, "unknown_zone", "zone must be the name of a time zone such as Europe/Vienna or UTC, and this is %q", words.Clip(s))
		return ""
	}
	return s
}
