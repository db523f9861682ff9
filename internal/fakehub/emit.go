package fakehub

import (
	"fmt"
	"slices"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub/hooks"
	"github.com/gatehold/gatehold/internal/fakehub/wire"
)

// permissionOf is what an installation must have to hear of an event.
func permissionOf(event string) string {
	switch event {
	case "pull_request":
		return "pull_requests"
	case "check_run", "check_suite":
		return "checks"
	case "push":
		return "contents"
	case "merge_group":
		return "merge_queues"
	case "repository_ruleset":
		return "administration"
	case "workflow_run", "workflow_job":
		return "actions"
	case "deployment", "deployment_status", "deployment_protection_rule":
		return "deployments"
	}
	return "metadata"
}

// Listens says whether any App wants an event of a repository, so that nothing
// is built for nobody.
func (h *Hub) Listens(r *Repo, event string) bool {
	for _, app := range h.appList {
		if in := app.InstallationFor(r); in != nil && app.Hears(in, event) {
			return true
		}
	}
	return false
}

// Hears says whether the App wants an event of an installation.
func (a *App) Hears(in *Installation, event string) bool {
	return a.Hook.URL != "" && !in.Suspended && a.Events[event] && Allows(in.Permissions, permissionOf(event), "read")
}

// Emit sends an event of a repository to every App that listens, all with the
// same GUID, as GitHub does. The caller holds the lock State.
func (h *Hub) Emit(r *Repo, event, action string, payload wire.Object) {
	guid := h.Random.GUID()
	for _, app := range h.appList {
		if in := app.InstallationFor(r); in != nil && app.Hears(in, event) {
			h.EmitTo(app, in, r, event, action, payload, guid)
		}
	}
}

// EmitTo sends to one App and adds what is its own.
func (h *Hub) EmitTo(app *App, in *Installation, r *Repo, event, action string, payload wire.Object, guid string, omit ...string) {
	if app.Hook.URL == "" || in.Suspended {
		return
	}
	payload = append(payload[:len(payload):len(payload)], "installation", wire.Object{"id", in.ID, "node_id", wire.NodeID("MDI", in.ID)})
	if h.Orgs[in.Account.ID] != nil {
		payload = append(payload, "organization", in.Account.OrgJSON())
	}
	if len(omit) > 0 {
		payload = payload.Without(omit)
	}
	d := &hooks.Event{GUID: guid, Hook: &app.Hook, Name: event, Action: action, Installation: in.ID, Payload: wire.Encode(payload)}
	if r != nil {
		d.Repository = r.ID
	}
	h.Hooks.Enqueue(d)
}

// Redeliver sends an event again with its GUID, as the button on the App's
// page does.
func (h *Hub) Redeliver(id int64) error {
	h.State.RLock()
	defer h.State.RUnlock()
	a := h.delivered(id)
	if a == nil {
		return fmt.Errorf("there is no delivery %d", id)
	}
	h.Hooks.Requeue(a)
	return nil
}

// Replay sends the signed body of a delivery again under another GUID, as
// somebody does who has caught it: the GUID is not signed. GitHub's log knows
// nothing of it. It returns the GUID and the status of the answer.
func (h *Hub) Replay(id int64) (guid string, status int, err error) {
	h.State.RLock()
	a := h.delivered(id)
	h.State.RUnlock()
	if a == nil {
		return "", 0, fmt.Errorf("there is no delivery %d", id)
	}
	return h.Hooks.PostAgain(a)
}

// delivered finds what was sent to an App that is still there.
func (h *Hub) delivered(id int64) *hooks.Attempt {
	for _, app := range h.appList {
		if a := h.Hooks.Find(app.ID, id, time.Time{}); a != nil {
			return a
		}
	}
	return nil
}

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
