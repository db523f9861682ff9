package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/rulesfile"
)

// Unmet says, a sentence each, which needs in force nobody can meet today: what
// waits for one of them waits until the rules are changed. It is no error: people may
// be named one after the other. Whether the people and teams that a need names exist,
// GitHub alone knows; whether people can sign in, and so use a passkey, the server's
// doctor does.
func (r *Rules) Unmet() []string {
	out := []string{}
	say := func(where string, n *gate.Need) {
		if n == nil {
			return
		}
		if why := nobody(*n); why != "" {
			out = append(out, fmt.Sprintf("%s: nobody can meet this need today: %s", where, why))
		}
	}
	for _, level := range rulesfile.AllLevels {
		say("needs."+string(level), r.Needs[level.Rank()])
	}
	for _, rule := range r.Active {
		say("the rule "+rule.FullID, rule.Need)
	}
	for _, e := range r.environments {
		say("environments."+e.Name, e.Need)
	}
	for _, w := range r.workflows {
		say("workflows."+w.Name, w.Need)
	}
	say("break_glass", r.breakGlass.Need())
	return slices.Compact(out)
}

// nobody says why nobody can meet a need; empty where somebody may.
func nobody(n gate.Need) string {
	if len(n.Any) > 0 {
		first := ""
		for _, part := range n.Any {
			why := nobody(part)
			if why == "" {
				return ""
			}
			if first == "" {
				first = why
			}
		}
		return first
	}
	for _, part := range n.All {
		if why := nobody(part); why != "" {
			return why
		}
	}
	if len(n.All) > 0 {
		return tooFew(n.All)
	}
	return tooFew([]gate.Need{n})
}

// tooFew says whether needs that are met by different people name too few of them.
// A team or a role may be anybody.
func tooFew(parts []gate.Need) string {
	named, approvals := map[string]bool{}, 0
	for _, n := range parts {
		if len(n.All) > 0 || len(n.Any) > 0 || len(n.From) == 0 ||
			slices.ContainsFunc(n.From, func(who string) bool { return !strings.HasPrefix(who, "@") || strings.Contains(who, "/") }) {
			continue
		}
		for _, who := range n.From {
			named[strings.ToLower(who)] = true
		}
		approvals += n.Approvals
	}
	if approvals <= len(named) {
		return ""
	}
	return fmt.Sprintf("it asks for %d people and names %d", approvals, len(named))
}
