package policy

import (
	"cmp"
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/detect/redact"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/words"
)

// Owners are who answers for the agents that a change is put down to, as far as the
// rules register them.
func (r *Rules) Owners(a gate.Attribution) []gate.Owned {
	var out []gate.Owned
	for _, name := range a.Names {
		for _, k := range r.Agents.Known {
			if k.Owner != "" && strings.EqualFold(cmp.Or(k.Name, k.Login), name) {
				out = append(out, gate.Owned{Agent: name, Owner: redact.Quote(words.ClipTo(k.Owner, 100))})
				break
			}
		}
	}
	return out
}

// Excluded are the registered owners of the agents that a change is put down
// to, where the rules take them out. An agent whose name is not known could be
// any of those that are registered without one.
func (r *Rules) Excluded(a gate.Attribution) []gate.Exclusion {
	if !r.ownersOut || !a.Is {
		return nil
	}
	var out []gate.Exclusion
	for _, k := range r.Agents.Known {
		name := cmp.Or(k.Name, k.Login)
		named := func(n string) bool { return strings.EqualFold(n, name) }
		unnamed := func(e gate.Evidence) bool { return name == "" && e.Agent == "" }
		if k.Owner == "" || !slices.ContainsFunc(a.Names, named) && !slices.ContainsFunc(a.Evidence, unnamed) {
			continue
		}
		x := gate.Exclusion{Group: strings.ToLower(k.Owner), Role: "owns the agent " + redact.Quote(words.ClipTo(cmp.Or(name, k.Email), 100))}
		if !slices.ContainsFunc(out, func(o gate.Exclusion) bool { return o.Group == x.Group }) {
			out = append(out, x)
		}
	}
	return out
}
