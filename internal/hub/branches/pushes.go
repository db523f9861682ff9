package branches

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/api"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

// activityPage is how many moves of a branch GitHub is asked for: the most that
// one page holds.
const activityPage = 100

// activity is one move of a branch, as GitHub keeps it.
// https://docs.github.com/en/rest/repos/repos#list-repository-activities
type activity struct {
	Before string        `json:"before"`
	After  string        `json:"after"`
	Type   string        `json:"activity_type"`
	At     time.Time     `json:"timestamp"`
	Actor  *wire.Account `json:"actor"`
}

// Pushes asks GitHub who moved a branch, or any where it names none: the newest
// page of it, oldest first. What GitHub keeps names no commits but the ends of
// each move.
func (bs *Branches) Pushes(ctx context.Context, branch gate.Subject) ([]gate.Push, error) {
	if err := api.CheckRepo(branch.Repo); err != nil {
		return nil, err
	}
	if branch.Kind != gate.Branch {
		return nil, api.Invalid("Pushes are read of branches.")
	}
	c, err := bs.gh.Of(ctx, branch.Repo)
	if err != nil {
		return nil, err
	}
	query := url.Values{"per_page": {fmt.Sprint(activityPage)}}
	if branch.Name != "" {
		query.Set("ref", "refs/heads/"+branch.Name)
	}
	var found []activity
	err = c.Get(ctx, api.Request{
		Route: activityRoute, URL: api.RepoPath(branch.Repo) + "/activity?" + query.Encode(), Doing: "read who pushed to " + branch.String(),
	}, api.Into(&found))
	if err != nil {
		return nil, err
	}
	out := make([]gate.Push, 0, len(found))
	for i := len(found) - 1; i >= 0; i-- {
		out = append(out, found[i].push())
	}
	return out, nil
}

func (a activity) push() gate.Push {
	p := gate.Push{Forced: a.Type == "force_push", At: a.At, Untold: true}
	if a.Before != wire.NoCommit && a.Type != "branch_creation" && wire.IsSHA(a.Before) {
		p.Before = a.Before
	}
	if a.After != wire.NoCommit && a.Type != "branch_deletion" && wire.IsSHA(a.After) {
		p.After = a.After
	}
	if a.Actor != nil {
		p.By = gate.Actor{Login: wire.Clip(a.Actor.Login, 200), ID: a.Actor.ID, Type: wire.Clip(a.Actor.Type, 40)}
	}
	return p
}
