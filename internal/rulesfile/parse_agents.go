package rulesfile

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/report"
)

// What `agents.owners` says of those who are registered as an agent's owner.
const (
	ownersMayApprove = "may_approve"
	OwnersExcluded   = "excluded"
)

// someoneElse refuses needs that only an excluded owner could meet: what their
// agent made could never be released.
func (p *fileParser) someoneElse(n *yaml.Node) {
	if p.file.Owners != OwnersExcluded {
		return
	}
	var owners []string
	for _, k := range p.file.Known {
		if k.Owner != "" {
			owners = append(owners, strings.ToLower(k.Owner))
		}
	}
	var needs []gate.Need
	for _, level := range AllLevels {
		if need := p.file.Needs[level].Need; need != nil {
			needs = append(needs, *need)
		}
	}
	for _, rule := range p.file.Rules {
		if rule.Need != nil {
			needs = append(needs, *rule.Need)
		}
	}
	for _, need := range needs {
		for _, owner := range owners {
			if onlyBy(need, owner) {
				p.fail(n, "unreachable",
					"%s is excluded as the owner of an agent, and a need takes nobody else (%s): what that agent makes "+
						"could never be released", owner, report.Need(&need))
				return
			}
		}
	}
}

// onlyBy reports whether a need cannot be met without one group.
func onlyBy(n gate.Need, group string) bool {
	switch {
	case len(n.Any) > 0:
		return !slices.ContainsFunc(n.Any, func(m gate.Need) bool { return !onlyBy(m, group) })
	case len(n.All) > 0:
		return slices.ContainsFunc(n.All, func(m gate.Need) bool { return onlyBy(m, group) })
	}
	return len(n.From) == 1 && n.From[0] == group
}

// glassApprovers are the people of `break_glass`. Code owners are not among
// them: who they are depends on the files of a change, and whoever releases at
// once answers for all of it.
func (p *fileParser) glassApprovers(n *yaml.Node) []string {
	out := p.approvers(n, "from")
	if slices.Contains(out, Owners) {
		p.fail(n, "bad_value",
			"break_glass names people, teams or roles: `codeowners` answer for single files, and whoever releases at once answers for all")
	}
	return out
}

// CarriesReason reports whether people can say why by a channel. The button of a
// check run sends nothing but itself.
func CarriesReason(via string) bool { return via != string(Button) }

// reasonCanBeGiven refuses what nobody could ever meet: a reason, by the button.
func (p *fileParser) reasonCanBeGiven(n *yaml.Node, what string, need gate.Need) bool {
	for _, part := range slices.Concat(need.All, need.Any) {
		if !p.reasonCanBeGiven(n, what, part) {
			return false
		}
	}
	if need.Reason && len(need.Via) > 0 && !slices.ContainsFunc(need.Via, CarriesReason) {
		p.fail(n, "unreachable",
			"%s asks for a reason and takes the button only, which carries none: add another channel to `via`, or drop "+
				"`reason: required`", what)
		return false
	}
	return true
}

// Need is the break glass as a verdict carries it; nil for nobody.
func (b *BreakGlass) Need() *gate.Need {
	if b == nil {
		return nil
	}
	return &gate.Need{Approvals: 1, From: b.From, Via: b.Via, Reason: b.Reason}
}
