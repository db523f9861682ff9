package checks

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/api"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

const (
	maxOpen = 12
	// unaskedFor is how long statuses are not asked for where the App may not read
	// them: an organisation may accept the permission at any time.
	unaskedFor = time.Hour
)

var statusRoute = api.Route{Name: "GET /repos/{owner}/{repo}/commits/{ref}/status", Need: "statuses: read", Max: 2 << 20}

// noStatuses is said where the App may not read commit statuses, which it can do
// without.
const noStatuses = "Commit statuses are not among them: the App does not have the optional permission statuses: read here."

// CI counts what others say of a commit: the newest check run and the newest commit
// status of each name. To read statuses takes a permission that the App can do
// without, but for public repositories. Two requests.
// https://docs.github.com/en/rest/checks/runs#list-check-runs-for-a-git-reference
// https://docs.github.com/en/rest/commits/statuses#get-the-combined-status-for-a-specific-reference
func (cs *Checks) CI(ctx context.Context, repo gate.Repo, sha string) (change.CI, error) {
	if err := api.CheckRepo(repo); err != nil {
		return change.CI{}, err
	}
	if !wire.IsSHA(sha) {
		return change.CI{}, api.Invalid("A check run belongs to a commit's full SHA.")
	}
	c, err := cs.gh.Of(ctx, repo)
	if err != nil {
		return change.CI{}, err
	}
	out := change.CI{Known: true}
	if err := cs.runs(ctx, c, repo, sha, &out); err != nil {
		return change.CI{}, err
	}
	cs.statuses(ctx, c, repo, sha, &out)
	slices.SortStableFunc(out.Open, func(a, b change.CheckOf) int {
		if a.Failed != b.Failed {
			if a.Failed {
				return -1
			}
			return 1
		}
		return cmp.Compare(a.Name, b.Name)
	})
	out.Open = out.Open[:min(len(out.Open), maxOpen)]
	return out, nil
}

// runs counts check runs.
func (cs *Checks) runs(ctx context.Context, c *api.Client, repo gate.Repo, sha string, out *change.CI) error {
	var list struct {
		Total int `json:"total_count"`
		Runs  []struct {
			ID         int64  `json:"id"`
			Name       string `json:"name"`
			Status     string `json:"status"`
			Conclusion string `json:"conclusion"`
			App        struct {
				ID int64 `json:"id"`
			} `json:"app"`
		} `json:"check_runs"`
	}
	err := c.Get(ctx, api.Request{
		Route: listChecks, URL: api.RepoPath(repo) + "/commits/" + sha + "/check-runs?per_page=100",
		Doing: "look at the checks of " + repo.FullName() + "@" + sha,
	}, api.Into(&list))
	if err != nil {
		return err
	}
	out.Beyond = list.Total > len(list.Runs)
	for _, run := range list.Runs {
		if run.App.ID == cs.gh.AppID() {
			continue
		}
		passed := run.Conclusion == "success" || run.Conclusion == "neutral" || run.Conclusion == "skipped"
		count(out, change.CheckOf{Name: run.Name, Run: run.ID}, run.Status == "completed", passed)
	}
	return nil
}

// statuses counts commit statuses. Without them the rest is told.
func (cs *Checks) statuses(ctx context.Context, c *api.Client, repo gate.Repo, sha string, out *change.CI) {
	now := cs.gh.Now()
	cs.mu.Lock()
	until, refused := cs.refused.Get(repo.ID)
	cs.mu.Unlock()
	if refused && now.Before(until) {
		out.Unread = noStatuses
		return
	}
	var all struct {
		Total    int `json:"total_count"`
		Statuses []struct {
			Context string `json:"context"`
			State   string `json:"state"`
			Target  string `json:"target_url"`
		} `json:"statuses"`
	}
	err := c.Get(ctx, api.Request{
		Route: statusRoute, URL: api.RepoPath(repo) + "/commits/" + sha + "/status?per_page=100",
		Doing: "look at the statuses of " + repo.FullName() + "@" + sha,
	}, api.Into(&all))
	switch {
	case err != nil && gate.AsError(err).Code == "no_permission":
		out.Unread = noStatuses
		cs.mu.Lock()
		cs.refused.Put(repo.ID, now.Add(unaskedFor), 1)
		cs.mu.Unlock()
		return
	case err != nil:
		out.Unread = "Commit statuses are not among them: GitHub does not tell them now."
		return
	}
	out.Beyond = out.Beyond || all.Total > len(all.Statuses)
	for _, s := range all.Statuses {
		count(out, change.CheckOf{Name: s.Context, Address: s.Target}, s.State != "pending", s.State == "success")
	}
}

func count(out *change.CI, one change.CheckOf, done, passed bool) {
	switch {
	case !done:
		out.Running++
	case passed:
		out.Passed++
		return
	default:
		one.Failed = true
		out.Failed++
	}
	out.Open = append(out.Open, one)
}
