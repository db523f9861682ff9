package fakehub

import (
	"fmt"
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
	case "deployment", "deployment_status", ProtectionEvent:
		return "deployments"
	}
	return "metadata"
}

// listens says whether any App wants an event of a repository, so that nothing
// is built for nobody.
func (h *Hub) listens(r *Repo, event string) bool {
	for _, app := range h.appList {
		if in := app.InstallationFor(r); in != nil && app.hears(in, event) {
			return true
		}
	}
	return false
}

func (a *App) hears(in *Installation, event string) bool {
	return a.Hook.URL != "" && !in.Suspended && a.Events[event] && Allows(in.Permissions, permissionOf(event), "read")
}

// emit sends an event of a repository to every App that listens, all with the
// same GUID, as GitHub does. The caller holds h.mu.
func (h *Hub) emit(r *Repo, event, action string, payload wire.Object) {
	guid := h.Random.GUID()
	for _, app := range h.appList {
		if in := app.InstallationFor(r); in != nil && app.hears(in, event) {
			h.EmitTo(app, in, r, event, action, payload, guid)
		}
	}
}

// EmitTo sends to one App and adds what is its own.
func (h *Hub) EmitTo(app *App, in *Installation, r *Repo, event, action string, payload wire.Object, guid string) {
	if app.Hook.URL == "" || in.Suspended {
		return
	}
	payload = append(payload[:len(payload):len(payload)], "installation", wire.Object{"id", in.ID, "node_id", wire.NodeID("MDI", in.ID)})
	if h.Orgs[in.Account.ID] != nil {
		payload = append(payload, "organization", in.Account.OrgJSON())
	}
	if event == ProtectionEvent {
		payload = payload.Without(h.asking.Omit)
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
