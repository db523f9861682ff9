package fakehub

import (
	"fmt"

	"github.com/gatehold/gatehold/internal/fakehub/wire"
)

// Brief is a ruleset in a list: what it is, and not what it holds.
func (rs *Ruleset) Brief() wire.Object {
	kind, source := rs.source()
	var api, html string
	if rs.Repo != nil {
		api, html = rs.Repo.API(), rs.Repo.HTML()+"/rules/"
	} else {
		url := rs.Org.hub.URL()
		api, html = url+"/orgs/"+rs.Org.Login, url+"/organizations/"+rs.Org.Login+"/settings/rules/"
	}
	return wire.Object{"id", rs.ID, "name", rs.name, "target", rs.target, "source_type", kind, "source", source, "enforcement", rs.enforcement,
		"node_id", wire.NodeID("RRS", rs.ID), "_links", wire.Object{"self", wire.Object{"href", fmt.Sprintf("%s/rulesets/%d", api, rs.ID)},
			"html", wire.Object{"href", fmt.Sprintf("%s%d", html, rs.ID)}}, "created_at", rs.created, "updated_at", rs.Updated}
}

// EmitRuleset tells the Apps that hear of rulesets, which needs
// administration: read. Those of an organisation are told to nobody here.
func (h *Hub) EmitRuleset(rs *Ruleset, action string, by *Account) {
	if rs.Repo == nil || !h.listens(rs.Repo, "repository_ruleset") {
		return
	}
	shown := append(rs.Brief(), "rules", append([]wire.Raw{}, rs.Rules...))
	if len(rs.Conditions) > 0 {
		shown = append(shown, "conditions", rs.Conditions)
	}
	h.emit(rs.Repo, "repository_ruleset", action,
		wire.Object{"action", action, "repository_ruleset", shown, "repository", rs.Repo.JSON(), "sender", by.JSON()})
}

func (rs *Ruleset) source() (kind, name string) {
	if rs.Repo != nil {
		return "Repository", rs.Repo.FullName()
	}
	return "Organization", rs.Org.Login
}
