package rulesfile

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/words"
)

var (
	UserName = regexp.MustCompile(`^@[A-Za-z0-9](?:[A-Za-z0-9_-]{0,98}[A-Za-z0-9])?$`)
	TeamName = regexp.MustCompile(`^@[A-Za-z0-9](?:[A-Za-z0-9_-]{0,98}[A-Za-z0-9])?/[A-Za-z0-9._-]{1,100}$`)
	roleName = regexp.MustCompile(`^role:(write|maintain|admin)$`)
	bareName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]*(?:/[A-Za-z0-9._-]+)?$`)
)

// Bounds on needs.
const (
	maxApprovals = 10
	maxGroups    = 10 // in one all or any
	MaxNesting   = 3
)

func (p *fileParser) needs(n *yaml.Node) {
	keys := map[string]field{}
	for _, level := range []gate.Level{gate.Low, gate.Medium, gate.High, gate.Critical} {
		keys[string(level)] = func(key, v *yaml.Node) {
			if v.Kind == yaml.ScalarNode {
				if p.word(v, "a need written as a word", "none") != "" {
					p.file.Needs[level] = LevelNeed{}
					p.later = append(p.later, func() { p.notHeldBelow(key, level) })
				}
				return
			}
			p.file.Needs[level] = LevelNeed{p.need(v)}
		}
	}
	p.fields(n, "needs", keys)
}

// notHeldBelow refuses `none` at a level above one that holds.
func (p *fileParser) notHeldBelow(key *yaml.Node, level gate.Level) {
	for other, need := range p.file.Needs {
		if need.Need != nil && other.Rank() < level.Rank() {
			p.fail(key, "unreachable", "%s is not held while %s is: a higher level is never released more easily", level, other)
			return
		}
	}
}

// need reads one need.
func (p *fileParser) need(n *yaml.Node) *gate.Need {
	need, ok := p.needAt(n, 0)
	if !ok || !p.reasonCanBeGiven(n, "the need", need) {
		return nil
	}
	return &need
}

func (p *fileParser) needAt(n *yaml.Node, depth int) (gate.Need, bool) {
	var need gate.Need
	if depth >= MaxNesting {
		p.fail(n, "too_deep", "needs nest more than %d deep", MaxNesting)
		return need, false
	}
	given := map[string]bool{}
	keys := map[string]field{
		"approvals": func(_, v *yaml.Node) { need.Approvals = int(p.number(v, "approvals", 1, maxApprovals)) },
		"from":      func(_, v *yaml.Node) { need.From = p.approvers(v, "from") },
		"via":       func(_, v *yaml.Node) { need.Via = p.channels(v, "via") },
		"expires":   func(_, v *yaml.Node) { need.Expires = p.duration(v, "expires") },
		"reason":    func(_, v *yaml.Node) { need.Reason = p.word(v, "reason", "optional", "required") == "required" },
		"keep":      func(_, v *yaml.Node) { need.Keep = p.word(v, "keep", "same_findings") },
		"all":       func(_, v *yaml.Node) { need.All = p.groups(v, "all", depth) },
		"any":       func(_, v *yaml.Node) { need.Any = p.groups(v, "any", depth) },
	}
	for name, read := range keys {
		keys[name] = func(key, value *yaml.Node) {
			given[name] = true
			read(key, value)
		}
	}
	if !p.fields(n, "a need", keys) {
		return need, false
	}
	switch {
	case given["all"] && given["any"]:
		p.fail(n, "bad_value", "a need has either `all` or `any`: put one inside the other")
		return need, false
	case given["all"] || given["any"]:
		if given["approvals"] || given["from"] {
			p.fail(n, "bad_value", "beside `all` or `any` there is no `approvals` and no `from`: write them into the groups")
			return need, false
		}
		return spread(need), true
	case !given["approvals"]:
		p.fail(n, "missing_key", "the need does not say how many `approvals`")
		return need, false
	}
	return need, true
}

func (p *fileParser) groups(n *yaml.Node, what string, depth int) []gate.Need {
	if n.Kind == yaml.SequenceNode && (len(n.Content) == 0 || len(n.Content) > maxGroups) {
		p.fail(n, "bad_value", "%s holds %d needs and must hold 1 to %d", what, len(n.Content), maxGroups)
		return nil
	}
	var out []gate.Need
	p.items(n, what, func(item *yaml.Node) {
		if need, ok := p.needAt(item, depth+1); ok {
			out = append(out, need)
		}
	})
	return out
}

// spread moves what a group says beside its `all` or `any` into its members,
// where they do not say it themselves: {all: [A, B], via: [passkey]} asks for
// the passkey in A and in B.
func spread(n gate.Need) gate.Need {
	into := func(parts []gate.Need) {
		for i := range parts {
			m := &parts[i]
			if len(m.Via) == 0 {
				m.Via = n.Via
			}
			if m.Expires == "" {
				m.Expires = n.Expires
			}
			if m.Keep == "" {
				m.Keep = n.Keep
			}
			m.Reason = m.Reason || n.Reason
			if len(m.All)+len(m.Any) > 0 {
				*m = spread(*m)
			}
		}
	}
	into(n.All)
	into(n.Any)
	return gate.Need{All: n.All, Any: n.Any}
}

// needOf reads a need written out, or the name of a level whose need it is.
func (p *fileParser) needOf(n *yaml.Node, need **gate.Need, level *gate.Level) {
	if n.Kind == yaml.ScalarNode {
		*level = p.level(n, "need, where it is a word,")
		return
	}
	*need = p.need(n)
}

func (p *fileParser) approvers(n *yaml.Node, what string) []string {
	var out []string
	p.texts0(n, what, func(item *yaml.Node) {
		if s := p.approver(item, "an entry of "+what, true); s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	})
	slices.Sort(out)
	return out
}

// approver reads "@user", "@org/team", and with roles "role:maintain" and
// "codeowners". Logins are compared without letter case, so they are lowered.
func (p *fileParser) approver(n *yaml.Node, what string, roles bool) string {
	s := p.text(n, what, 256)
	switch {
	case s == "":
		return ""
	case UserName.MatchString(s), TeamName.MatchString(s):
		return strings.ToLower(s)
	case roles && (s == "codeowners" || roleName.MatchString(s)):
		return s
	}
	hint := ""
	if bareName.MatchString(s) {
		hint = ": did you mean \"@" + s + "\"?"
	}
	if roles {
		p.fail(n, "bad_value",
			"%s must be \"@user\", \"@org/team\", \"role:write\", \"role:maintain\", \"role:admin\" or \"codeowners\", and "+
				"this is %q%s", what, words.Clip(s), hint)
	} else {
		p.fail(n, "bad_value", "%s must be \"@user\" or \"@org/team\", and this is %q%s", what, words.Clip(s), hint)
	}
	return ""
}

func (p *fileParser) channels(n *yaml.Node, what string) []string {
	return p.channelsOf(n, what, string(Button), string(CLI), string(Passkey), string(Slack))
}

func (p *fileParser) channelsOf(n *yaml.Node, what string, known ...string) []string {
	var out []string
	p.texts0(n, what, func(item *yaml.Node) {
		if s := p.word(item, "an entry of "+what, known...); s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	})
	slices.Sort(out)
	return out
}

// duration reads a Go duration of a minute to a year, "24h" or "90m" say.
func (p *fileParser) duration(n *yaml.Node, what string) string {
	s := p.text(n, what, 32)
	if s == "" {
		return ""
	}
	d, err := time.ParseDuration(s)
	if err != nil {
		p.fail(n, "bad_value", "%s must be a duration such as 24h or 90m, and this is %q", what, words.Clip(s))
		return ""
	}
	if d < time.Minute || d > 366*24*time.Hour {
		p.fail(n, "out_of_range", "%s must lie between 1m and 8784h, and this is %s", what, s)
		return ""
	}
	return d.String()
}
