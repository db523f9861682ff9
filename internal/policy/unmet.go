package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/rulesfile"
)

// taken are the channels by which this version takes answers.
var taken = []string{string(rulesfile.Button), string(rulesfile.CLI)}

// Unmet says, a sentence each, which needs in force nobody can meet today: what
// waits for one of them waits until the rules are changed. It is no error: an
// organisation may write rules for a channel that is to come. Whether the people
// and teams that a need names exist, GitHub alone knows.
func (r *Rules) Unmet() []string {
	out := []string{}
	say := func(where string, n *gate.Need, channels []string) {
		if n == nil {
			return
		}
		if why := nobody(*n, channels); why != "" {
			out = append(out, fmt.Sprintf("%s: nobody can meet this need today: %s", where, why))
		}
	}
	for _, level := range rulesfile.AllLevels {
		say("needs."+string(level), r.Needs[level.Rank()], nil)
	}
	for _, rule := range r.Active {
		say("the rule "+rule.FullID, rule.Need, nil)
	}
	for _, e := range r.environments {
		say("environments."+e.Name, e.Need, e.Channels)
	}
	for _, w := range r.workflows {
		say("workflows."+w.Name, w.Need, nil)
	}
	say("break_glass", r.breakGlass.Need(), nil)
	return slices.Compact(out)
}

// nobody says why nobody can meet a need where only some channels are taken;
// empty where somebody may.
func nobody(n gate.Need, channels []string) string {
	if len(n.Any) > 0 {
		first := ""
		for _, part := range n.Any {
			why := nobody(part, channels)
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
		if why := nobody(part, channels); why != "" {
			return why
		}
	}
	if len(n.All) > 0 {
		return tooFew(n.All)
	}
	return cannotAnswer(n, channels)
}

func cannotAnswer(n gate.Need, channels []string) string {
	via := ChannelsBoth(n.Via, channels)
	if len(via) == 0 {
		via = []string{string(rulesfile.Button), string(rulesfile.Passkey)}
	}
	here := slices.DeleteFunc(slices.Clone(via), func(v string) bool { return !slices.Contains(taken, v) })
	switch {
	case len(here) == 0:
		return fmt.Sprintf("answers by %s are not taken yet: name `button` or `cli` in `via` as well", strings.Join(via, " and "))
	case n.Reason && !slices.ContainsFunc(here, rulesfile.CarriesReason):
		return "it asks for a reason, and only `cli` carries one today: name it in `via`, or drop `reason: required`"
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
