package fakehub

import (
	"encoding/json"
)

// roleOf are the ids that GitHub gives its roles among the actors of a bypass.
var roleOf = map[int64]string{2: "maintain", 4: "write", 5: "admin"}

// BypassMode says how somebody can go past a ruleset of a repository.
func (rs *Ruleset) BypassMode(r *Repo, who *Account) string {
	best := "never"
	for _, item := range rs.Bypass {
		var actor struct {
			ID   int64  `json:"actor_id"`
			Type string `json:"actor_type"`
			Mode string `json:"bypass_mode"`
		}
		if json.Unmarshal(item, &actor) != nil || !r.actsAs(who, actor.Type, actor.ID) {
			continue
		}
		switch {
		case actor.Mode == "pull_request" && best == "never":
			best = "pull_requests_only"
		case actor.Mode == "exempt":
			best = "exempt"
		case actor.Mode != "pull_request" && best != "exempt":
			best = "always"
		}
	}
	return best
}

// actsAs says whether somebody is meant by an actor of a bypass.
func (r *Repo) actsAs(who *Account, kind string, id int64) bool {
	o := r.hub.Orgs[r.Owner.ID]
	switch kind {
	case "Integration":
		app := r.hub.appOf(who)
		return app != nil && app.ID == id
	case "User":
		return who.ID == id
	case "OrganizationAdmin":
		return o != nil && o.Members[who.ID] == "admin"
	case "RepositoryRole":
		return roleOf[id] != "" && RoleRank(r.Permission(who)) >= RoleRank(roleOf[id])
	case "Team":
		if o == nil {
			return false
		}
		for _, t := range o.Teams {
			if _, in := t.Role(who.ID, 0); t.ID == id && in {
				return true
			}
		}
	}
	return false
}

func (rs *Ruleset) bypassed(r *Repo, who *Account, merging bool) bool {
	switch rs.BypassMode(r, who) {
	case "always", "exempt":
		return true
	case "pull_requests_only":
		return merging
	}
	return false
}
