package fakehub

import "slices"

// The events of installations go to the App itself; nobody can switch them
// off.

// emitInstallation tells that an installation was created, deleted, suspended
// or unsuspended.
func (h *Hub) emitInstallation(in *Installation, action string) {
	payload := obj{"action", action, "installation", in.json(), "sender", in.account.json()}
	if action == "created" || action == "deleted" {
		payload = append(payload, "repositories", briefRepos(in.covered()), "requester", nil)
	}
	h.tellApp(in, "installation", action, payload)
}

// emitSelection tells which repositories an installation gained and lost.
func (h *Hub) emitSelection(in *Installation, before, after []*Repo) {
	without := func(list, other []*Repo) []*Repo {
		return slices.DeleteFunc(slices.Clone(list), func(r *Repo) bool { return slices.Contains(other, r) })
	}
	tell := func(action string, added, removed []*Repo) {
		if len(added)+len(removed) == 0 {
			return
		}
		h.tellApp(in, "installation_repositories", action,
			obj{"action", action, "installation", in.json(), "repository_selection", in.selection(),
				"repositories_added", briefRepos(added), "repositories_removed", briefRepos(removed), "requester", nil, "sender",
				in.account.json()})
	}
	tell("added", without(after, before), nil)
	tell("removed", nil, without(before, after))
}

// announce tells of a new repository whoever was given all of its owner's.
func (h *Hub) announce(r *Repo) {
	for _, app := range h.appList {
		for _, in := range app.installs {
			if in.all && in.covers(r) {
				h.emitSelection(in, nil, []*Repo{r})
			}
		}
	}
}

func (h *Hub) tellApp(in *Installation, event, action string, payload obj) {
	if in.app.hookURL == "" || in.suspended && action != "suspend" {
		return
	}
	if h.orgs[in.account.ID] != nil {
		payload = append(payload, "organization", in.account.orgJSON())
	}
	h.hooks.enqueue(&delivery{guid: h.random.guid(), app: in.app, event: event, action: action, installation: in.ID,
		payload: encode(payload)})
}

// briefRepos are repositories as these events name them.
func briefRepos(repos []*Repo) list {
	out := list{}
	for _, r := range repos {
		out = append(out, obj{"id", r.ID, "node_id", nodeID("R", r.ID), "name", r.Name, "full_name", r.fullName(), "private", r.private})
	}
	return out
}
