package checks

import (
	"context"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/api"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

const maxFailing = 10

// CI counts the check runs of others on a commit, the newest of each name. What is
// told by commit statuses is not among them: the App does not ask to read those.
// https://docs.github.com/en/rest/checks/runs#list-check-runs-for-a-git-reference
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
	var list struct {
		Total int `json:"total_count"`
		Runs  []struct {
			Name       string `json:"name"`
			Status     string `json:"status"`
			Conclusion string `json:"conclusion"`
			App        struct {
				ID int64 `json:"id"`
			} `json:"app"`
		} `json:"check_runs"`
	}
	err = c.Get(ctx, api.Request{
		Route: listChecks, URL: api.RepoPath(repo) + "/commits/" + sha + "/check-runs?per_page=100",
		Doing: "look at the checks of " + repo.FullName() + "@" + sha,
	}, api.Into(&list))
	if err != nil {
		return change.CI{}, err
	}
	out := change.CI{Known: true, Beyond: list.Total > len(list.Runs)}
	for _, run := range list.Runs {
		switch {
		case run.App.ID == cs.gh.AppID():
		case run.Status != "completed":
			out.Running++
		case run.Conclusion == "success" || run.Conclusion == "neutral" || run.Conclusion == "skipped":
			out.Passed++
		default:
			if out.Failed++; len(out.Failing) < maxFailing {
				out.Failing = append(out.Failing, run.Name)
			}
		}
	}
	return out, nil
}
