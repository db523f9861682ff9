package fakehub

import (
	"fmt"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub/wire"
)

// Status is a commit status, by which services that are no Apps say how a commit did.
type Status struct {
	Context, State, Target string
	at                     time.Time
}

// SetStatus has somebody say how a commit did: "success", "failure", "error" or
// "pending". A newer one of the same context takes its place.
func (r *Repo) SetStatus(sha string, s Status) {
	r.hub.State.Lock()
	defer r.hub.State.Unlock()
	s.at = r.hub.Now()
	if r.Statuses == nil {
		r.Statuses = map[string][]Status{}
	}
	for i, old := range r.Statuses[sha] {
		if old.Context == s.Context {
			r.Statuses[sha][i] = s
			return
		}
	}
	r.Statuses[sha] = append(r.Statuses[sha], s)
}

// CombinedStatus is a page of the statuses of a commit, with what they come to.
func (r *Repo) CombinedStatus(sha string, from, to int) wire.Object {
	state := "success"
	all := r.Statuses[sha]
	if len(all) == 0 {
		state = "pending"
	}
	list := make([]wire.Object, 0, to-from)
	for i, s := range all {
		switch {
		case s.State == "failure" || s.State == "error":
			state = "failure"
		case s.State == "pending" && state == "success":
			state = "pending"
		}
		if i < from || i >= to {
			continue
		}
		id := int64(i + 1)
		list = append(list, wire.Object{"url", fmt.Sprintf("%s/statuses/%s", r.API(), sha), "avatar_url", nil, "id", id,
			"node_id", wire.NodeID("SC", id), "state", s.State, "description", nil, "target_url", wire.OrNull(s.Target),
			"context", s.Context, "created_at", s.at, "updated_at", s.at})
	}
	return wire.Object{"state", state, "statuses", list, "sha", sha, "total_count", len(all), "repository", r.JSON(),
		"commit_url", fmt.Sprintf("%s/commits/%s", r.API(), sha), "url", fmt.Sprintf("%s/commits/%s/status", r.API(), sha)}
}
