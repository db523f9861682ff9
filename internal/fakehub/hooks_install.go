package fakehub

import (
	"slices"

	"github.com/gatehold/gatehold/internal/fakehub/hooks"
	"github.com/gatehold/gatehold/internal/fakehub/wire"
)

// The events of installations go to the App itself; nobody can switch them
// off.

// emitInstallation tells that an installation was created, deleted, suspended
// or unsuspended.
func (h *Hub) emitInstallation(in *Installation, action string) {
	payload := wire.Object{"action", action, "installation", in.JSON(), "sender", in.Account.JSON()}
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
			wire.Object{"action", action, "installation", in.JSON(), "repository_selection", in.Selection(),
				"repositories_added", briefRepos(added), "repositories_removed", briefRepos(removed), "requester", nil, "sender",
				in.Account.JSON()})
	}
	tell("added", without(after, before), nil)
	tell("removed", nil, without(before, after))
}

// announce tells of a new repository whoever was given all of its owner's.
func (h *Hub) announce(r *Repo) {
	for _, app := range h.appList {
		for _, in := range app.Installs {
			if in.all && in.Covers(r) {
				h.emitSelection(in, nil, []*Repo{r})
			}
		}
	}
}

func (h *Hub) tellApp(in *Installation, event, action string, payload wire.Object) {
	if in.App.Hook.URL == "" || in.Suspended && action != "suspend" {
		return
	}
	if h.Orgs[in.Account.ID] != nil {
		payload = append(payload, "organization", in.Account.OrgJSON())
	}
	h.Hooks.Enqueue(&hooks.Event{GUID: h.Random.GUID(), Hook: &in.App.Hook, Name: event, Action: action, Installation: in.ID,
		Payload: wire.Encode(payload)})
}

// briefRepos are repositories as these events name them.
func briefRepos(repos []*Repo) wire.List {
	out := wire.List{}
	for _, r := range repos {
		out = append(out, wire.Object{"id", r.ID, "node_id", wire.NodeID("R", r.ID), "name", r.Name, "full_name",
			r.FullName(), "private", r.Private})
	}
	return out
}
